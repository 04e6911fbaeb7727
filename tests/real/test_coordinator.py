"""A coordinator between two PostgreSQL servers: killed, paused and woken at each point,
with the outcome that the simulator has.
"""

import os
import threading
import time
from contextlib import ExitStack

import pytest

from ftlib.figures.real_two_phase_commit import (
    DONE,
    KILLED,
    REFUSED,
    balances,
    in_doubt,
    outcome,
    played,
    twin,
)
from ftlib.real import RealBank, ServerError, coordinator
from ftlib.real.coordinator import POINTS, Log, Refused, Unfenced, connect
from ftlib.real.transfers import LOCKED
from ftlib.transactions import ABORT, COMMIT, Transaction, transfer

pytestmark = pytest.mark.slow

GID = "bank/1/t1"
BEFORE, AFTER = {"p1": 100, "p2": 100}, {"p1": 70, "p2": 130}
FORCED = POINTS.index("after the log's force")


@pytest.fixture(scope="module")
def servers():
    with RealBank(lock_timeout="200ms") as bank:
        yield bank


@pytest.fixture
def bank(servers):
    servers.reset()
    yield servers
    servers.kill()


def doubtful(bank):
    return [name for name, gids in bank.in_doubt().items() if gids]


# Killed -------------------------------------------------------------------------------


def test_points_are_those_of_the_simulated_twin():
    assert tuple(KILLED) == POINTS


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_point_it_ends_as_in_the_simulator(bank, point):
    bank.begin(point)
    assert bank.stopped
    bank.kill()
    assert doubtful(bank) == in_doubt(twin(point, back=0))
    seen = balances(twin(point, back=0))
    assert bank.balances() == seen, "before recovery"
    found = bank.recover()
    trace = twin(point)
    assert not doubtful(bank)
    assert bank.balances() == balances(trace)
    assert {end for *_, end in found.told} <= {outcome(trace)}
    assert not found.heuristic
    kinds = [each[0] for each in bank.log.read()]
    assert kinds.count("end") == kinds.count("commit") == (outcome(trace) == COMMIT)
    assert bank.recover() == coordinator.Recovered((), ())


def test_without_a_fault_it_commits_and_leaves_nothing(bank):
    bank.begin()
    assert not bank.up
    assert bank.balances() == AFTER
    assert not doubtful(bank)
    assert [each[0] for each in bank.log.read()] == ["epoch", "commit", "end"]


def test_a_second_transfer_has_another_name(bank):
    bank.begin()
    bank.begin("after both prepares")
    assert bank.in_doubt()["p1"] == ["bank/2/t1"]
    bank.kill()
    bank.recover()
    assert bank.balances() == AFTER


# Locks --------------------------------------------------------------------------------


def test_who_is_in_doubt_holds_its_locks_through_a_crash_of_its_own(bank):
    import psycopg

    bank.begin("after both prepares")
    bank.kill()
    p2 = bank.servers["p2"]
    for _ in range(2):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            p2.sql("update account set balance = 0")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            p2.sql("select * from account for update")
        assert p2.sql("select balance from account") == [(100,)], "a reader goes on"
        held = "select count(*) from pg_locks where pid is null and granted"
        assert p2.sql(held) != [(0,)]
        p2.kill()
        p2.start()
    bank.recover()
    p2.sql("update account set balance = 7")


# Votes --------------------------------------------------------------------------------


def test_a_no_aborts_at_once(bank):
    bank.begin(txn=Transaction("t9", (("p1", "a1", -101), ("p2", "a2", 101))))
    assert not bank.up
    assert bank.balances() == BEFORE
    assert not doubtful(bank)
    assert [each[0] for each in bank.log.read()] == ["epoch"]


def test_who_is_down_when_it_is_asked_counts_as_a_no(bank):
    bank.begin("between the prepares")
    bank.servers["p2"].kill()
    assert bank.resume() == ABORT
    bank.servers["p2"].start()
    assert not doubtful(bank)
    assert bank.balances() == BEFORE


def test_who_is_down_when_it_is_told_is_told_by_recovery(bank):
    bank.begin("after the log's force")
    bank.servers["p2"].kill()
    assert bank.resume() == COMMIT
    assert ["end", GID] not in bank.log.read()
    bank.servers["p2"].start()
    assert bank.recover().told == (("p2", GID, COMMIT),)
    assert bank.balances() == AFTER


# Paused, and woken --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "point"),
    [("unfenced", 1), ("unfenced", 2), *(("fenced", point) for point in range(4))],
)
def test_a_paused_one_is_woken_and_ends_as_in_the_model(bank, log, point):
    bank.begin(POINTS[point], log)
    bank.recover()
    said = bank.resume()
    bank.recover()
    steps = point + (point == FORCED)  # in the model a look at the epoch comes before
    end = played({"fenced": "lock", "unfenced": "none"}[log], steps)[-1][2]
    assert end.old in (DONE, REFUSED)
    assert said.startswith("refused") == (end.old == REFUSED)
    assert not doubtful(bank)
    ends = dict(zip(("p1", "p2"), end.participants, strict=True))
    wanted = {n: (AFTER if end == COMMIT else BEFORE)[n] for n, end in ends.items()}
    assert bank.balances() == wanted
    assert any(each[0] == "commit" for each in bank.log.read()) == end.committed


def test_the_unfenced_one_makes_money_and_recovery_can_only_tell(bank):
    bank.begin("between the prepares", "unfenced")
    bank.recover()
    assert bank.resume() == COMMIT
    assert bank.balances() == {"p1": 100, "p2": 130}
    assert bank.recover().heuristic == (("p1", GID, ABORT),)


def test_what_a_refused_one_has_prepared_is_found_by_the_next_recovery(bank):
    bank.begin("between the prepares")
    assert bank.recover().told == (("p1", GID, ABORT),)
    assert bank.resume() == "refused: epoch 1 is over: epoch 2 has taken over"
    assert doubtful(bank) == ["p2"]
    assert bank.recover().told == (("p2", GID, ABORT),)


@pytest.mark.parametrize("point", POINTS)
def test_a_recovery_that_was_overtaken_leaves_the_later_one_alone(bank, point):
    with ExitStack() as opened:
        there = {
            name: opened.enter_context(connect(to))
            for name, to in bank.addresses.items()
        }
        paused = coordinator.Recovery(bank.log, bank.log.take_over(), there)
        bank.begin(point)
        before = bank.log.read()
        assert paused.run() == coordinator.Recovered((), ())
    assert bank.log.read() == before
    assert bank.resume() == COMMIT
    assert bank.balances() == AFTER


def test_nobody_takes_over_while_the_lock_is_held_by_one_that_is_only_paused(bank):
    bank.begin(LOCKED)
    with pytest.raises(TimeoutError, match=r"held the log's lock for 0\.2 s"):
        bank.recover(patience=0.2)
    assert doubtful(bank) == ["p1", "p2"], "and nothing was decided"
    bank.kill()
    assert {end for *_, end in bank.recover().told} == {ABORT}


# Decided by hand ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "name", "how", "end", "told"),
    [
        ("after the log's force", "p2", "rollback", ABORT, ("p1", GID, COMMIT)),
        ("after both prepares", "p1", "commit", COMMIT, ("p2", GID, ABORT)),
    ],
)
def test_a_decision_by_hand_is_found_and_named(bank, point, name, how, end, told):
    bank.begin(point)
    bank.kill()
    bank.servers[name].sql(f"{how} prepared '{GID}'")
    found = bank.recover()
    assert found.told == (told,)
    assert found.heuristic == ((name, GID, end),)
    assert ["heuristic", GID, [[name, GID, end]]] in bank.log.read()
    assert sum(bank.balances().values()) != 200
    assert bank.recover() == coordinator.Recovered((), ())


@pytest.mark.parametrize(
    ("point", "names"),
    [("between the prepares", ["p1"]), ("after both prepares", ["p1", "p2"])],
)
def test_a_commit_by_hand_is_missed_if_nobody_waits_and_no_log_names_it(
    bank, point, names
):
    bank.begin(point)
    bank.kill()
    for name in names:
        bank.servers[name].sql(f"commit prepared '{GID}'")
    assert bank.recover() == coordinator.Recovered((), ())
    assert bank.servers["p1"].sql("select gid from made") == [(GID,)]


def test_a_decision_by_hand_that_was_right_harms_nobody(bank):
    bank.begin("after the log's force")
    bank.kill()
    bank.servers["p2"].sql(f"commit prepared '{GID}'")
    assert not bank.recover().heuristic
    assert bank.balances() == AFTER


def test_transactions_of_others_are_left_alone(bank):
    with bank.servers["p1"].connect() as connection:
        for words in ("begin", "create table theirs ()", "prepare transaction 'other'"):
            connection.execute(words)
    assert bank.recover().told == ()
    assert bank.in_doubt()["p1"] == ["other"]
    bank.servers["p1"].sql("rollback prepared 'other'")


def test_what_is_asked_for_must_be_there(bank):
    with pytest.raises(ValueError, match="no point 'never'"):
        bank.begin("never")
    with pytest.raises(ValueError, match="choose fenced or unfenced"):
        bank.begin(log="none")
    bank.begin("after both prepares")
    with pytest.raises(ServerError, match="is up"):
        bank.begin()
    bank.kill()
    with pytest.raises(ServerError, match="no coordinator is stopped"):
        bank.resume()
    bank.servers["p1"].kill()
    with pytest.raises(ServerError, match="last words"):
        bank.begin()
    bank.servers["p1"].start()
    bank.recover()


# The log ------------------------------------------------------------------------------


def test_who_was_replaced_is_refused_and_writes_nothing(tmp_path):
    log = Log(tmp_path)
    assert (log.take_over(), log.take_over()) == (1, 2)
    with pytest.raises(Refused, match="epoch 1 is over: epoch 2 has taken over"):
        log.append(1, "commit", "x", ["p1"])
    log.append(2, "commit", "x", ["p1"])
    assert log.read() == [["epoch", 1], ["epoch", 2], ["commit", "x", ["p1"]]]
    Unfenced(tmp_path).append(1, "end", "x")
    assert log.read()[-1] == ["end", "x"]


def test_a_torn_record_is_dropped_and_written_over(tmp_path):
    log = Log(tmp_path)
    log.take_over()
    whole = (tmp_path / "coordinator.log").read_bytes()
    synced = (tmp_path / "synced").read_bytes()
    log.append(1, "commit", "x", ["p1"])
    data = (tmp_path / "coordinator.log").read_bytes()
    for size in range(len(whole), len(data)):
        (tmp_path / "coordinator.log").write_bytes(data[:size])
        (tmp_path / "synced").write_bytes(synced)
        assert log.read() == [["epoch", 1]]
        log.append(1, "end", "y")
        assert log.read() == [["epoch", 1], ["end", "y"]]


def test_a_byte_that_was_changed_stops_whoever_reads(tmp_path):
    log = Log(tmp_path)
    log.take_over()
    log.append(1, "commit", "x", ["p1"])
    good = (tmp_path / "coordinator.log").read_bytes()
    for at in range(len(good)):
        changed = bytearray(good)
        changed[at] ^= 1
        (tmp_path / "coordinator.log").write_bytes(changed)
        for step in (log.read, log.take_over, lambda: log.append(1, "end", "x")):
            with pytest.raises(OSError, match=r"coordinator\.log is damaged at byte"):
                step()
        assert (tmp_path / "coordinator.log").read_bytes() == changed


def test_a_record_is_forced_before_anybody_hears_of_it(tmp_path, monkeypatch):
    log = Log(tmp_path)
    log.take_over()
    forced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: forced.append(real(file)))
    log.append(1, "commit", "x", ["p1"])
    assert len(forced) == 1

    def fails(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="Input/output"):
        log.append(1, "commit", "y", ["p1"])


def test_one_after_the_other_has_the_lock(tmp_path):
    def tries(record):
        with pytest.raises(TimeoutError):
            Log(tmp_path).take_over(patience=0.05)
        tried.append(record)

    tried = []
    Log(tmp_path).take_over()
    Log(tmp_path, tries).append(1, "commit", "x", ["p1"])
    assert tried == [["commit", "x", ["p1"]]]
    assert Log(tmp_path).take_over() == 2


def test_who_has_waited_for_the_lock_looks_only_then(tmp_path):
    def waits():
        try:
            Log(tmp_path).append(1, "commit", "x", ["p1"])
        except Refused as error:
            said.append(str(error))

    def starts(record):
        old.start()
        time.sleep(0.1)  # time enough for a look that comes too early

    said, old = [], threading.Thread(target=waits)
    Log(tmp_path).take_over()
    assert Log(tmp_path, starts).take_over() == 2
    old.join()
    assert said == ["epoch 1 is over: epoch 2 has taken over"]
    assert Log(tmp_path).read() == [["epoch", 1], ["epoch", 2]]


def test_the_transfer_is_that_of_the_simulator():
    assert transfer("t1", 2).changes == (("p1", "a1", -30), ("p2", "a2", 30))
