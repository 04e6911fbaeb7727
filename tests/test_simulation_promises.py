"""What every room of protocols says its promises with: who is down, when the last fault
was, what is owed; and how a mutant gets its role.
"""

import pytest

from ftlib.simulation import Node, Trace, Unknown, judge
from ftlib.simulation.promises import (
    casting,
    down,
    last_fault,
    responsive,
    somebody_down,
)


def trace(*events) -> Trace:
    """Make a trace with one event a second: (kind, node), or the reason of a drop."""
    records = []
    for second, event in enumerate(events):
        kind, node = event if isinstance(event, tuple) else ("drop", "a")
        what = ("hello", event) if kind == "drop" else None
        records.append((second * 1_000_000, kind, node, None, what, None))
    return Trace(records, ("a", "b"))


CRASH_A, BACK_A, CRASH_B = ("crash", "a"), ("recover", "a"), ("crash", "b")


def test_who_crashed_last_and_did_not_come_back_is_down():
    assert down(trace()) == ()
    assert down(trace(CRASH_B, CRASH_A)) == ("a", "b")
    assert down(trace(CRASH_A, BACK_A)) == ()
    assert down(trace(CRASH_A, BACK_A, CRASH_A)) == ("a",)
    assert somebody_down(trace(CRASH_A, BACK_A)) is None
    assert somebody_down(trace(CRASH_A)) == (
        "a is down at the end: nothing is promised then"
    )


def test_a_message_to_one_that_is_down_is_no_fault_of_its_own():
    assert last_fault(trace()) == 0
    assert last_fault(trace(CRASH_A, "lost")) == 1
    assert last_fault(trace(CRASH_A, "receiver is down", "receiver is down")) == 0
    assert last_fault(trace(CRASH_A, BACK_A)) == 1


@pytest.mark.parametrize(
    ("owed", "events", "verdict"),
    [
        ({}, (CRASH_A,), "holds"),
        ({"a: silent": 0.0}, (), "violated"),
        ({"a: silent": 8.0}, (), "violated"),
        ({"a: silent": 8.1}, (), "unknown"),
        ({"a: silent": 8.1, "b: silent": 0.0}, (), "violated"),
        ({"a: silent": 0.0}, (CRASH_A,), "unknown"),  # there is an excuse
        ({"a: silent": 0.0}, (CRASH_A, BACK_A), "violated"),
        ({"a: silent": 0.0}, ("lost",) * 9, "violated"),
        ({"a: silent": 0.0}, ("lost",) * 10, "unknown"),
        (Unknown("nobody asked"), (), "unknown"),
    ],
)
def test_what_is_owed_is_due_after_the_last_fault(owed, events, verdict):
    prop = responsive("answers", lambda _: owed, 2, until=10, excuse=somebody_down)
    assert prop.liveness
    assert judge(trace(*events), [prop])[0].verdict == verdict


def test_it_says_what_and_how_long():
    prop = responsive("answers", lambda _: {"a: silent": 1.0}, 2, until=10)
    found = [judge(trace(*events), [prop])[0].reason for events in ((), (CRASH_A,))]
    assert found == ["a: silent, though nothing has failed for 9 s"] * 2
    late = responsive("answers", lambda _: {"a: silent": 9.0}, 2, until=10)
    assert judge(trace(), [late])[0].reason == (
        "the run ended less than 2 s after the last fault or request"
    )


class Client(Node):
    """Asks."""


class Answerer(Node):
    """Answers."""


class Mute(Answerer):
    """Does not answer."""


def group(names="ab", *, client, server) -> dict:
    return {"client": client} | dict.fromkeys(names, server)


def test_a_mutant_takes_the_role_that_it_derives_from():
    mutated = casting(group, client=Client, server=Answerer)
    assert mutated(Mute) == {"client": Client, "a": Mute, "b": Mute}
    assert mutated(Client, "a") == {"client": Client, "a": Answerer}
    wrong = "Node is neither a Client nor an Answerer: give a subclass of one of them"
    with pytest.raises(TypeError, match=wrong):
        mutated(Node)
