"""A disk as a log file: records with their length and checksum, and what a crash leaves
of them.

What a program writes is in the memory of the operating system until `os.fsync` returns.
If the *process* is killed, that memory stays, so kill -9 alone says nothing about
durability; if the *power* fails, it is gone, or all but the first part of it, and the
last record may be torn. `cut` makes such a file of one that a killed process left
behind, by what that process has noted of its last fsync. What was forced no crash takes
or tears, so a bad record there is damage, and `intact` refuses the file. A new name in
a folder is durable only when the folder was forced too (Pillai et al. 2014).
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from ftlib.real.wire import Wire
from ftlib.simulation.node import WRITE, write

__all__ = ["LogFile", "cut", "framed", "intact", "note", "records", "write_all"]

HEAD = struct.Struct("<II")  # length and checksum of what follows
SYNCED = struct.Struct("<Q")
LEAST = 64 * 1024  # bytes: a file below is not worth making smaller
MODE = 0o600


def framed(data: bytes) -> bytes:
    """Return a record: length, checksum, data.

    >>> list(records(framed(b"one") + framed(b"two")[:-1]))
    [(b'one', 11)]
    """
    return HEAD.pack(len(data), crc32(data)) + data


def records(data: bytes, start: int = 0) -> Iterator[tuple[bytes, int]]:
    """Iterate over the records that are whole, each with the place where it ends; a
    torn one ends it.
    """
    while start + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, start)
        end = start + HEAD.size + length
        content = data[start + HEAD.size : end]
        if not length or len(content) != length or crc32(content) != checksum:
            return  # no record is empty; blocks that were never written are zeros
        yield content, end
        start = end


def intact(path: Path) -> list[tuple[bytes, int]]:
    """Return the `records` of a log file. Behind them may stand what a crash has torn.

    Raises
    ------
    OSError
        If what follows them was forced, or the file cannot be read.
    """
    synced = forced(path.parent)  # first, for somebody may be writing
    data = path.read_bytes() if path.exists() else b""
    whole = list(records(data))
    end = whole[-1][1] if whole else 0
    if end < min(synced, len(data)):
        raise OSError(
            f"{path.name} is damaged at byte {end}, and {synced} bytes were forced:"
            " no crash does that, and what was acknowledged may be gone"
        )
    return whole


def forced(folder: Path) -> int:
    """Tell how many bytes of the log file in a folder were forced, as `note` says."""
    path = folder / "synced"
    noted = path.read_bytes() if path.exists() else b""
    return int(SYNCED.unpack(noted)[0]) if len(noted) == SYNCED.size else 0


def note(folder: Path, size: int) -> None:
    """Note how many bytes of the log file in a folder have just been forced."""
    (folder / "synced").write_bytes(SYNCED.pack(size))


def write_all(file: int, data: bytes) -> None:
    """Write to the end, or raise why not."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


class LogFile:
    """The disk of one node, in a folder of its own.

    Parameters
    ----------
    folder : Path
        Where the file is, or is made.
    wire : Wire
        How values are written.

    Attributes
    ----------
    contents : dict
        What was read from it.

    Raises
    ------
    OSError
        If the folder or the file cannot be written, or an fsync fails, or the file is
        damaged where it was forced. Whoever gets that must stop: what the system holds
        in memory after a failed fsync is unknown, and a second one may succeed without
        it (Rebello et al. 2020).
    """

    def __init__(self, folder: Path, wire: Wire) -> None:
        self.path = folder / "disk.log"
        self._wire = wire
        self.contents: dict[str, Any] = {}
        whole = intact(self.path)
        for content, _ in whole:
            write(self.contents, wire.unpack(content))
        end = whole[-1][1] if whole else 0
        if end > LEAST and len(whole) > 2 * self._size():
            self._rewrite(folder)
        elif self.path.exists():
            os.truncate(self.path, end)  # a torn tail
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
        self._synced = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT, MODE)
        self.force()
        force_folder(folder)

    def _size(self) -> int:
        return sum(
            len(value) if isinstance(value, list) else 1
            for value in self.contents.values()
        )

    def _rewrite(self, folder: Path) -> None:
        """Put what counts into a new file, and that in the place of the old one."""
        new = folder / "disk.new"
        with new.open("wb") as file:
            for key, value in self.contents.items():
                file.write(framed(self._wire.pack((WRITE, key, value))))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        force_folder(folder)

    def append(self, effects: list[tuple[Any, ...]]) -> None:
        """Write effects behind what is there."""
        packed = (framed(self._wire.pack(each)) for each in effects)
        write_all(self._file, b"".join(packed))

    def force(self) -> None:
        """Make all that was appended durable, and note how much that is."""
        os.fsync(self._file)
        os.pwrite(self._synced, SYNCED.pack(os.fstat(self._file).st_size), 0)

    def close(self) -> None:
        """Give the files back."""
        os.close(self._file)
        os.close(self._synced)


def force_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def cut(folder: Path, survives: float) -> None:
    """Leave of a dead process's file what a power failure leaves: all that was forced,
    and of the bytes behind it this fraction, which may end within a record.
    """
    path = folder / "disk.log"
    if not path.exists():
        return
    synced = forced(folder)
    behind = path.stat().st_size - synced
    if behind > 0:
        os.truncate(path, synced + int(behind * survives))
