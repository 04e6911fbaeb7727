"""Mutants of the saga: each takes one thing for granted, and each breaks one promise.

As in `ftlib.transactions.mutants`, every class overrides one handler, and `SHOWN_BY`
gives a small run that shows it. Exploring every run with free timers and a crash or two
finds all of them.
"""

from ftlib.simulation import (
    Crash,
    Duplicate,
    Lose,
    Node,
    Point,
    Recover,
    Schedule,
    Slow,
)
from ftlib.simulation.promises import casting
from ftlib.transactions.saga import (
    AGENCY,
    BACKWARD,
    FORWARD,
    Book,
    Booked,
    Cancel,
    Orchestrator,
    Participant,
    Progress,
    trip,
)
from ftlib.transactions.saga_properties import Compensated

__all__ = [
    "BREAKS",
    "SHOWN_BY",
    "AlwaysCompensates",
    "CompensatesAllAtOnce",
    "CompensatesTwice",
    "CompensatesWhatItKnows",
    "ExecutesTwice",
    "ForcesNoEffect",
    "ForgetsItsLog",
    "GivesUp",
    "LeavesNoTombstone",
    "LogsTooLate",
    "mutated",
]


class ForgetsItsLog(Orchestrator):
    """Does not read its log when it comes back: takes every saga for failed, one that
    had ended in commit too.
    """

    def on_start(self) -> None:
        for name, saga in self.sagas.items():
            if self.progress(name):
                self.disk.write(
                    f"saga {name}", Progress(BACKWARD, len(saga.participants))
                )
        super().on_start()


class LogsTooLate(Orchestrator):
    """Asks for the next step before the last one is on disk: after a crash it does not
    know what to compensate.

    That steps are idempotent seems to make up for it, since it would ask for them
    again. It does, until one gives no answer.
    """

    def advance(self, name: str, progress: Progress) -> None:
        self.disk.write(f"saga {name}", progress)
        self.tried.pop(name, None)
        self.go_on(name)


class CompensatesWhatItKnows(Orchestrator):
    """Takes a step that has not been answered for one that has not been executed."""

    def silence(self, name: str) -> None:
        match self.progress(name):
            case Progress("forward", step) if self.tried[name] >= self.tries:
                self.advance(name, Progress(BACKWARD, step - 1))
            case _:
                super().silence(name)


class CompensatesAllAtOnce(Orchestrator):
    """Sends all compensations together, first step first, and waits for the last
    only.
    """

    def ask(self, question: Book | Cancel) -> None:
        if isinstance(question, Cancel):
            for step in range(1, question.step):
                self.send(
                    self.sagas[question.saga].participants[step - 1],
                    Cancel(question.saga, step),
                )
        super().ask(question)


class GivesUp(Orchestrator):
    """Gives a compensation up that is not answered, and calls the saga ended."""

    def silence(self, name: str) -> None:
        match self.progress(name):
            case Progress("backward", step):
                self.retreat(name, Progress(BACKWARD, step - 1))
            case _:
                super().silence(name)


class AlwaysCompensates(Orchestrator):
    """Turns back when all is done: nothing half done ever stands, and nothing else
    either.
    """

    def advance(self, name: str, progress: Progress) -> None:
        steps = len(self.sagas[name].participants)
        super().advance(
            name,
            (
                Progress(BACKWARD, steps)
                if progress == Progress(FORWARD, steps + 1)
                else progress
            ),
        )


class ExecutesTwice(Participant):
    """Executes a step whenever it is asked to, though the question may be a copy."""

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Book(saga, step) if self.status(saga, step) == "done":
                self.execute(saga, step)
                self.send(sender, Booked(saga, step))
            case _:
                super().on_message(sender, message)


class CompensatesTwice(Participant):
    """Gives a place back whenever it is asked to, though the question may be a copy."""

    def compensate(self, saga: str, step: int) -> None:
        if self.status(saga, step) == "cancelled":
            self.write(saga, step, "cancelled", self.free() + 1)
            self.record(Compensated(saga, step))
        else:
            super().compensate(saga, step)


class LeavesNoTombstone(Participant):
    """Says that a step is cancelled which it has never seen, and executes it when it
    comes.
    """

    def compensate(self, saga: str, step: int) -> None:
        if self.status(saga, step) == "done":
            super().compensate(saga, step)


class ForcesNoEffect(Participant):
    """Says that a step is executed whose effect a crash can still take."""

    def write(self, saga: str, step: int, status: str, free: int) -> None:
        self.disk.write(f"step {saga} {step}", status)
        self.disk.write("free", free)


LATE = Slow(
    (AGENCY, "hotel"), by=0.35, until=0.2
)  # what is sent to the hotel before it is given up comes after that
SHOWN_BY: dict[type[Node], tuple[str, Schedule, str]] = {
    ForgetsItsLog: (
        "yy",
        Schedule([Crash(AGENCY, at=1.0), Recover(AGENCY, at=2.0)]),
        "all or compensated",
    ),
    LogsTooLate: (
        "yy",
        Schedule(
            [
                Crash(AGENCY, at=Point(AGENCY, "send", "Book", nth=2)),
                Recover(AGENCY, at=0.1),
                Lose("Book", receiver="flight", nth=2),
                Lose("Book", receiver="flight", nth=3),
            ]
        ),
        "reverse order",
    ),
    CompensatesWhatItKnows: ("yy", Schedule([LATE]), "all or compensated"),
    CompensatesAllAtOnce: ("yyn", Schedule(), "reverse order"),
    GivesUp: ("yn", Schedule([Crash("flight", at=0.025)]), "all or compensated"),
    AlwaysCompensates: ("yy", Schedule(), "non-triviality"),
    ExecutesTwice: ("yy", Schedule([Duplicate("Book")]), "at most once"),
    CompensatesTwice: ("yn", Schedule([Duplicate("Cancel")]), "at most once"),
    LeavesNoTombstone: ("yy", Schedule([LATE]), "all or compensated"),
    ForcesNoEffect: (
        "yy",
        Schedule([Crash("hotel", at=1.0), Recover("hotel", at=2.0)]),
        "all or compensated",
    ),
}
"""A small run that shows each mutant, as answers, faults and the property first
violated.
"""

BREAKS = {mutant: name for mutant, (_, _, name) in SHOWN_BY.items()}
"""The property that each mutant breaks."""

mutated = casting(trip, orchestrator=Orchestrator, participant=Participant)
