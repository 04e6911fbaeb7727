"""What chapter 7.2 says of its figures holds for each of their settings."""

import re
from itertools import product

import pytest

from ftlib.checking import History, KeyValue, Register, check_linearizable
from ftlib.figures.linearizability import (
    CUT,
    LETTERS,
    MODES,
    N,
    failed_over,
    failover,
    lost,
    moved,
    overlapping,
    quorums,
    worst,
)
from ftlib.live import Live
from ftlib.replication.quorum import AtomicClient, RegularClient, registers
from ftlib.simulation import Cluster


def settings(figure):
    spec = Live(figure).spec
    return [spec.parameters(state) for state in spec.product()]


def test_which_end_of_the_read_decides():
    for given in settings(moved):
        since, lasts, result = given["since"], given["lasts"], given["result"]
        fits = since < 7 if result == 0 else since + lasts > 3
        assert bool(check_linearizable(overlapping(**given), Register(0))) == fits
        title = moved(**given).title
        assert title.startswith("Linearizable" if fits else "Not linearizable"), given


def test_the_columns_stay_where_they_are():
    for figure, names in ((moved, ["a", "b", "c"]), (failover, ["c1", "c2"])):
        for given in settings(figure):
            written = re.findall(r">([abc]\d?)</text>", figure(**given).body)
            assert written[: len(names)] == names, given


def test_only_who_guesses_loses_what_it_has_acknowledged():
    for given in settings(failover):
        history = failed_over(**given)
        verdict, gone = check_linearizable(history, KeyValue), lost(history)
        assert not any(each.pending for each in history)
        assert bool(gone) == (given["mode"] == "guess" and given["lasts"] > 0.25)
        assert bool(verdict) == (not gone)
        title = failover(**given).title
        if gone:
            assert len(gone) == 4
            assert title.startswith(f"4 of {len(LETTERS)} acknowledged writes are lost")
        else:
            end = CUT + given["lasts"]
            waits = max(
                (each for each in history if each.invoked < end),
                key=lambda each: each.returned - each.invoked,
            )
            assert waits.returned - waits.invoked >= 0.1, "somebody pays"
            assert "Nothing is lost" in title
            kind = {"asynchronous": "get", "guess": ""}.get(given["mode"], "append")
            assert not any(
                CUT + 0.02 < each.returned < end
                for each in history
                if each.call[0] == kind
            ), "who waits, waits until the cut is over"
        assert title.endswith(f"{verdict.outcome.capitalize()}.")


def test_the_promises_of_the_modes():
    assert [name for name, mode in MODES.items() if not mode.promises] == ["guess"]


@pytest.mark.parametrize(
    ("read", "write", "back"), list(product(range(1, 4), range(1, 4), (False, True)))
)
def test_what_it_takes(read, write, back):
    """All nodes heard, or quorums that meet and a write-back."""
    tried, history, verdict = worst(read, write, back)
    assert bool(verdict) == (read == N or (back and read + write > N))
    assert verdict.outcome in ("linearizable", "not linearizable")
    title = quorums(read, write, back).title
    meets = "more than" if read + write > N else "no more than"
    assert title.startswith(f"R + W is {meets} N. ")
    assert f"{'All ' if verdict else 'Run '}{tried} " in title
    assert check_linearizable(history, KeyValue) == verdict


def test_a_quiet_write_back_takes_two_delays_more():
    def reads(client):
        nodes = registers([("get", "x")], client=client)
        (history,) = History.from_trace(Cluster(nodes).run(until=1))
        return history.returned

    assert reads(RegularClient) == pytest.approx(0.02)
    assert reads(AtomicClient) == pytest.approx(0.04)
