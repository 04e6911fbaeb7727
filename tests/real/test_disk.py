"""What a crash leaves of a log file, and what is made of it."""

import os

import pytest

from ftlib.real.disk import LogFile, cut, framed, records
from ftlib.real.wire import Wire
from ftlib.simulation.node import APPEND, DELETE, WRITE

pytestmark = pytest.mark.slow

WIRE = Wire([])
EFFECTS = [
    (WRITE, "x", 1),
    (APPEND, "list", "a"),
    (APPEND, "list", ("b", [2])),
    (WRITE, "y", {"k": None}),
    (DELETE, "x", None),
    (WRITE, "z", b"\0" * 40),
]
STATES = [  # what the disk holds after so many effects
    {},
    {"x": 1},
    {"x": 1, "list": ["a"]},
    {"x": 1, "list": ["a", ("b", [2])]},
    {"x": 1, "list": ["a", ("b", [2])], "y": {"k": None}},
    {"list": ["a", ("b", [2])], "y": {"k": None}},
    {"list": ["a", ("b", [2])], "y": {"k": None}, "z": b"\0" * 40},
]


def filled(folder, forced=6):
    log = LogFile(folder, WIRE)
    log.append(EFFECTS[:forced])
    log.force()
    log.append(EFFECTS[forced:])
    log.close()
    return log.path


def reopened(folder):
    log = LogFile(folder, WIRE)
    log.close()
    return log.contents


def test_what_was_written_is_read(tmp_path):
    filled(tmp_path)
    assert reopened(tmp_path) == STATES[-1]


def test_a_file_torn_at_any_byte_keeps_the_records_before(tmp_path):
    path = filled(tmp_path, 0)
    data, synced = path.read_bytes(), (tmp_path / "synced").read_bytes()
    seen = []
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        (tmp_path / "synced").write_bytes(synced)
        contents = reopened(tmp_path)
        assert contents in STATES
        seen.append(STATES.index(contents))
        assert path.stat().st_size <= size  # the torn tail is gone,
        log = LogFile(tmp_path, WIRE)  # and what comes next can be read
        log.append([(WRITE, "next", size)])
        log.close()
        assert reopened(tmp_path) == contents | {"next": size}
    assert seen == sorted(seen)
    assert set(seen) == set(range(len(STATES)))


@pytest.mark.parametrize("tail", [b"\0" * 64, b"\xff" * 64, framed(b"x")[:-1] + b"y"])
def test_a_tail_of_anything_is_dropped(tmp_path, tail):
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes() + tail)
    assert reopened(tmp_path) == STATES[-1]


@pytest.mark.parametrize("forced", [0, 3, len(EFFECTS)])
def test_a_byte_that_was_changed_stops_the_node_if_it_was_forced(tmp_path, forced):
    path = filled(tmp_path, forced)
    good, synced = path.read_bytes(), (tmp_path / "synced").read_bytes()
    for at in range(len(good)):
        changed = bytearray(good)
        changed[at] ^= 1
        path.write_bytes(changed)
        (tmp_path / "synced").write_bytes(synced)
        if at < int.from_bytes(synced, "little"):
            with pytest.raises(OSError, match=r"disk\.log is damaged at byte \d"):
                reopened(tmp_path)
            assert path.read_bytes() == changed
        else:
            assert reopened(tmp_path) in STATES[forced:-1]


@pytest.mark.parametrize("forced", range(len(EFFECTS) + 1))
def test_a_power_failure_takes_only_what_was_not_forced(tmp_path, forced):
    filled(tmp_path, forced)
    for survives in (1.0, 0.7, 0.3, 0.0):
        cut(tmp_path, survives)
        assert len(reopened_copy(tmp_path)) >= len(STATES[forced]) - 1
    assert reopened(tmp_path) == STATES[forced]


def reopened_copy(folder):
    """What a disk would hold, without opening it, which forces it."""
    contents = {}
    for content, _ in records((folder / "disk.log").read_bytes()):
        kind, key, value = WIRE.unpack(content)
        contents[key] = kind, value
    return contents


def test_killing_alone_takes_nothing(tmp_path):
    filled(tmp_path, 2)
    assert reopened(tmp_path) == STATES[-1]


def test_a_file_of_old_values_is_made_smaller_and_says_the_same(tmp_path):
    log = LogFile(tmp_path, WIRE)
    log.append([(WRITE, f"k{turn % 3}", turn) for turn in range(6_000)])
    log.append([(APPEND, "list", turn) for turn in range(20)])
    log.force()
    log.close()
    before = log.path.stat().st_size
    expected = {"k0": 5997, "k1": 5998, "k2": 5999, "list": list(range(20))}
    assert reopened(tmp_path) == expected
    assert log.path.stat().st_size < before / 100
    cut(tmp_path, 0.0)
    assert reopened(tmp_path) == expected
    assert not (tmp_path / "disk.new").exists()


def test_a_crash_while_it_is_made_smaller_loses_nothing(tmp_path, monkeypatch):
    log = LogFile(tmp_path, WIRE)
    log.append([(WRITE, "k", turn) for turn in range(6_000)])
    log.force()
    log.close()

    def crash(*_):
        raise KeyboardInterrupt

    for name in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, crash)
            with pytest.raises(KeyboardInterrupt):
                LogFile(tmp_path, WIRE)
    cut(tmp_path, 0.0)
    assert reopened(tmp_path) == {"k": 5_999}


def test_the_folder_is_forced_after_a_new_name(tmp_path, monkeypatch):
    forced = []
    real = os.fsync

    def fsync(descriptor):
        forced.append(os.path.isdir(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not say what a descriptor is")
    monkeypatch.setattr(os, "fsync", fsync)
    log = LogFile(tmp_path, WIRE)
    assert forced == [False, True]
    forced.clear()
    log.append([(WRITE, "k", turn) for turn in range(6_000)])
    log.close()
    LogFile(tmp_path, WIRE).close()
    assert forced == [False, True, False, True]  # the new file, its new name


def test_a_failed_fsync_is_not_survived(tmp_path, monkeypatch):
    log = LogFile(tmp_path, WIRE)

    def fails(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    log.append(EFFECTS)
    with pytest.raises(OSError, match="Input/output error"):
        log.force()
    cut(tmp_path, 0.0)
    log.close()
    monkeypatch.undo()
    assert reopened(tmp_path) == {}


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OSError, match="missing"):
        LogFile(tmp_path / "missing", WIRE)
