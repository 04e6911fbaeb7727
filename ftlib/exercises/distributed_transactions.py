"""Judges of the exercises on distributed transactions: count the messages of an abort,
find who cannot tell, and measure how often one pair of accounts can take part.
"""

from math import isfinite
from time import monotonic
from typing import Any

from ftlib.analysis.commit import count_messages
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, uncounted
from ftlib.exercises.runs import pasted, run, say_how_far, schedule
from ftlib.exercises.two_phase_commit import down, show
from ftlib.simulation import Crash, Network, Point, Schedule, Skew, Slow, Trace
from ftlib.transactions.atomic_commit import COMMIT, Decided, Transaction, Voted, Waits
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.cooperative import CooperativeParticipant

__all__ = ["judge_highest_rate", "judge_messages", "judge_nobody_tells"]

PARTICIPANTS = 7

# 1: how many messages -----------------------------------------------------------------

MISTAKEN = {
    4: "a commit costs 4 for each participant. This one is an abort.",
    3: "p3 has aborted before it says no: nobody has to tell it.",
    2: "those who voted yes are in doubt, and wait to be told.",
}


@judging
def judge_messages(answer: Any) -> Answer:
    """Judge how many messages seven participants and their coordinator send when p3
    votes no.

    Refused is any other number, the usual ones with their mistake.

    Parameters
    ----------
    answer : int
    """
    if answer is None:
        return not_attempted("Set my_messages to a number.")
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        raise Wrong(f"my_messages is {answer!r}: give a number.")
    sent = count_messages(run(bank("yynyyyy"), until=60))
    if answer != sent:
        why = MISTAKEN.get(
            int(answer // PARTICIPANTS) if answer % PARTICIPANTS == 0 else 0,
            "an abort is not acknowledged."
            if answer > sent
            else "somebody is left out: count Prepare, Vote and Decision one by one.",
        )
        raise Wrong(
            f"{answer:g} is another number: {why}", picture=show(_three_with_a_no())
        )
    return Answer(
        "right",
        f"{sent} messages: each is asked, each votes, all but p3 are told.",
        picture=show(_three_with_a_no(), title="The same with three participants."),
    )


def _three_with_a_no() -> Trace:
    return run(bank("yny"), until=60)


# 2: whoever knows cannot tell ---------------------------------------------------------

GIVEN = Crash(COORDINATOR, at=Point(COORDINATOR, "send", "Decision"))
UNTIL, LATEST = 40.0, 20.0  # seconds


@judging
def judge_nobody_tells(faults: Any) -> Answer:
    """Judge faults after which p2 and p3 are in doubt for good though p1 has committed
    and all three ask one another.

    Refused are faults after which p1 has not committed, p2 or p3 is down or decides
    after all, be it late; faults that only delay; and a disk that is wiped.

    Parameters
    ----------
    faults : list of faults
        The coordinator's crash after it has told p1 stands at its head.
    """
    given = schedule([] if faults is None else faults, "my_faults")
    if given in (Schedule(), Schedule([GIVEN])):
        return not_attempted("Add a fault to the coordinator's crash.")
    for fault in given:
        if isinstance(fault, Slow | Skew):
            raise Wrong(f"{fault!r} only delays: in the end p2 and p3 hear of it.")
        if getattr(fault, "disk", "kept") == "wiped":
            raise Wrong(f"{fault!r} takes a disk away, and no commit survives that.")
    nodes = bank("yyy", participant=CooperativeParticipant)
    trace = run(nodes, given, until=UNTIL, used=True)
    why = _told_or_gone(trace)
    if why:
        raise Wrong(why, pasted(given), show(trace, title="Not as it was asked."))
    return Answer(
        "right",
        "p1 has committed, p2 and p3 may not abort, and nobody who can be asked knows"
        " the outcome.",
        pasted(given),
        show(trace, title="p2 and p3 are in doubt for good."),
    )


def _told_or_gone(trace: Trace) -> str:
    first = trace.facts(Decided, node="p1")
    if not first or first[0].what.outcome != COMMIT:
        return "p1 has not committed: let it hear the coordinator first."
    for node in ("p2", "p3"):
        decided = trace.facts(Decided, node=node)
        if decided:
            told, when = decided[0].what.outcome, decided[0].time
            return f"{node} is not in doubt for good: at {when:.3g} s it knows {told}."
        if not trace.facts(Voted, node=node):
            return f"{node} has not voted, so it is not in doubt."
        if node in down(trace):
            return f"{node} is down: wanted is that it is up, and in doubt."
    late = trace.where(kind=("crash", "recover", "fault"))[-1].time
    if late > LATEST:
        return f"at {late:g} s there is still a fault: what comes after it is not seen."
    return ""


# 3: the highest rate ------------------------------------------------------------------

TRANSFERS, RUNS, WITHIN = 20, 100, 0.05
WORLDS: tuple[dict[str, Any], ...] = (
    {"network": Network(latency=0.02), "disk_latency": 0.002},
    {"network": Network(latency=0.01), "disk_latency": 0.015},
    {
        "network": Network(latency=0.01, links={("p2", COORDINATOR): 0.05}),
        "disk_latency": 0.001,
    },
)


class _World:
    """What a learner measures in: it runs transfers, and says nothing of itself."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.world, self.start = world, monotonic()
        self.seen: list[tuple[int, bool]] = []  # how many transfers, did one wait

    def __call__(self, transfers: Any) -> Trace:
        """Run transfers between the accounts of p1 and p2, and return the trace."""
        transfers = list(transfers)
        if not transfers or not all(
            isinstance(each, Transaction) for each in transfers
        ):
            raise Wrong(f"run was given {transfers!r}: give a list of Transaction.")
        if len(self.seen) == RUNS or len(transfers) > 10 * TRANSFERS:
            raise Wrong(f"it needs more than {RUNS} runs, or very long ones.")
        with uncounted():
            trace = run(bank("yy", transfers), until=1e4, **self.world)
        say_how_far(f"{len(self.seen) + 1} runs", self.start)
        self.seen.append((len(transfers), bool(trace.facts(Waits))))
        return trace

    def at(self, rate: float, transfers: int = TRANSFERS) -> Trace:
        """Run so many transfers at this rate."""
        gap = 1 / rate
        moved = (("p1", "a1", -1), ("p2", "a2", 1))
        chain = [Transaction(f"t{k}", moved, gap * k) for k in range(transfers)]
        return run(bank("yy", chain), until=1e4, **self.world)


@judging
def judge_highest_rate(highest_rate: Any) -> Answer:
    """Judge a function that measures the highest rate at which none of 20 transfers
    between the same two accounts waits for a lock.

    It is tried in three worlds whose message times and disks it is not told: at a rate
    5 % lower nobody may wait, at one 5 % higher somebody must. Refused is what returns
    the formula, or 1 / (the time locked), which is the claim that is to be tested: it
    must have seen 20 transfers of which one waits, and 20 of which none does.

    Parameters
    ----------
    highest_rate : callable
        Takes a function ``run`` from a list of `Transaction` to the trace, and returns
        transfers a second.
    """
    if highest_rate is None:
        return not_attempted("Write highest_rate.")
    if not callable(highest_rate):
        raise Wrong(f"highest_rate is {highest_rate!r}: hand in a function.")
    rates = []
    for number, settings in enumerate(WORLDS, 1):
        world = _World(settings)
        rate = bounded(highest_rate, world)
        if rate is None and number == 1 and not world.seen:
            return not_attempted("Let highest_rate return transfers per second.")
        if not isinstance(rate, int | float) or isinstance(rate, bool):
            raise Wrong(f"highest_rate returns {rate!r}: return a number.")
        if not isfinite(rate) or not 1e-3 < rate < 1e5:
            raise Wrong(f"highest_rate returns {rate!r}, which is no rate to be tried.")
        _compare(world, rate, f"in world {number} of {len(WORLDS)}")
        _measured(world)
        rates.append(f"{rate:.1f}")
    return Answer(
        "right",
        f"Nobody waits at {', '.join(rates)} transfers a second, and somebody does at"
        " rates a little higher.",
    )


def _compare(world: _World, rate: float, where: str) -> None:
    low, high = rate * (1 - WITHIN), rate * (1 + WITHIN)
    if not world.at(low).facts(Waits) and world.at(high).facts(Waits):
        return
    if not world.at(low / rate**2).facts(Waits) and world.at(high / rate**2).facts(
        Waits
    ):
        raise Wrong(f"{where} it returns {rate:.3g}: that is the distance, 1 / rate.")
    if world.at(low).facts(Waits):
        raise Wrong(
            f"{where} it returns {rate:.3g} a second, and even at {low:.3g} one waits.",
            picture=show(world.at(low, 3), title="A transfer waits for a lock."),
        )
    raise Wrong(
        f"{where} it returns {rate:.3g} a second, and even at {high:.3g} nobody waits.",
        picture=show(world.at(high, 3), title="No transfer waits for a lock."),
    )


def _measured(world: _World) -> None:
    for waits, told in ((True, "one waits"), (False, "none waits")):
        if not any(many >= TRANSFERS and seen is waits for many, seen in world.seen):
            raise Wrong(
                f"it has not run {TRANSFERS} transfers of which {told}: the rate is"
                " right, and not measured. That it is 1 / (the time locked) is the"
                " claim that this is to test."
            )
