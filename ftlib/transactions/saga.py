"""Sagas: a long transaction as a sequence of short ones, each of which is committed at
once and can be compensated later.

A trip is booked: a flight, a hotel, a car, each with somebody else. No place is locked
until all have agreed; each step T1, T2, ... is a local transaction, and its effect is
there for all to see. If step k is refused, or its answer does not come, the *saga* is
turned back: the compensations C(k-1), ..., C1 are executed, last step first, until no
effect stands any more. Either all of T1 ... Tn stand in the end, or T1 ... Tk followed
by Ck ... C1 have been executed (Garcia-Molina and Salem 1987).

The *orchestrator* keeps a log and does what it says is next, after a crash as before
it. Messages may be lost, doubled, and late:

- It asks again when no answer comes, so every step and every compensation is
  *idempotent*: a participant remembers which steps it has executed, and does not
  execute one twice.
- After so many tries it gives a step up. But what has not been answered may have been
  executed, so that step is compensated too.
- A compensation may overtake its step. It then leaves a *tombstone*, and the step, when
  it comes, is refused.
- A compensation is never given up. It must not be refused; a participant that is down
  is asked until it is back.

What is promised, whatever is lost, doubled or late, whoever crashes and comes back, and
however long it takes (`PROPERTIES`): all or compensated, compensation in reverse order,
no step executed or compensated twice, and no compensation without need. `termination`
holds once all are up and messages arrive. What atomic commit has and a saga has not is
everything in between: others see the flight booked before the hotel is, and may see it
vanish again; a place taken and given back may have cost somebody else theirs. A saga is
not isolated, and to compensate is not to have done nothing. Two sagas are promised one
thing of each other: each step and each compensation takes effect alone, so that nobody
ever sells more places than there are (`within_places`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ftlib.simulation import Node
from ftlib.transactions.atomic_commit import ABORT, COMMIT
from ftlib.transactions.bank import VOTES
from ftlib.transactions.messages import Read, Value
from ftlib.transactions.saga_properties import (
    FACTS,
    Began,
    Compensated,
    Done,
    Ended,
    Holds,
    Refused,
)

__all__ = [
    "AGENCY",
    "MESSAGES",
    "Book",
    "Booked",
    "Cancel",
    "Cancelled",
    "Full",
    "Orchestrator",
    "Participant",
    "Progress",
    "Saga",
    "trip",
]

FORWARD = "forward"
BACKWARD = "backward"
AGENCY = "agency"
"""The node that orchestrates a trip."""
STOPS = ("flight", "hotel", "car", "museum", "dinner")


@dataclass(frozen=True, slots=True)
class Saga:
    """Steps, each at one participant: step k books one place at the k-th.

    Parameters
    ----------
    name : str
        Different for every saga.
    participants : tuple of str
        Whom to ask, in this order; one may be asked more than once.
    at : float
        When the orchestrator begins it, in seconds after its start.

    Raises
    ------
    ValueError
        If it has no step.
    """

    name: str
    participants: tuple[str, ...]
    at: float = 0.0

    def __post_init__(self) -> None:
        if not self.participants:
            raise ValueError(
                f"saga {self.name!r} has no step: name at least one participant"
            )


# Messages -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
    """To a participant: execute this step."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Booked:
    """It is executed, now or before."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Full:
    """It is refused, now or before, or has been cancelled."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """To a participant: compensate this step, or never execute it."""

    saga: str
    step: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Nothing of this step stands, nor ever will."""

    saga: str
    step: int


MESSAGES: tuple[type, ...] = (Book, Booked, Full, Cancel, Cancelled, Read, Value)
"""What the nodes of a saga may send."""


# The protocol -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """What the orchestrator's log says of a saga: its direction, and the step that is
    next.
    """

    direction: str  # "forward" or "backward"
    step: int  # from 1; past the last, or 0: it has ended


class Orchestrator(Node):
    """Runs sagas, one step after another.

    Parameters
    ----------
    sagas : tuple of Saga
        What is to be done, each begun at its time. One that has not begun before a
        crash is begun after it.
    patience : float
        How long to wait for an answer, in seconds.
    tries : int
        How often to ask for a step before giving it up.

    Raises
    ------
    ValueError
        If two sagas have the same name, or `tries` is not positive.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> trace = Cluster(trip("yyn")).run()
    >>> for event in trace.facts((Done, Refused, Compensated, Ended)):
    ...     print(event.node, type(event.what).__name__)
    flight Done
    hotel Done
    car Refused
    hotel Compensated
    flight Compensated
    agency Ended

    Notes
    -----
    For n steps, without faults: 2n messages, one after another, n + 1 forced writes
    here and n at the participants. If step k is refused: 4k - 2 messages, k + 1 forced
    writes here and 2k - 1 there.

    Explained in chapters/3_3_distributed_transactions.ipynb.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(
        self, sagas: tuple[Saga, ...] = (), patience: float = 0.1, tries: int = 2
    ) -> None:
        self.sagas = {saga.name: saga for saga in sagas}
        if len(self.sagas) < len(sagas):
            raise ValueError(
                "two of the sagas have the same name:"
                f" {', '.join(each.name for each in sagas)}"
            )
        if tries < 1:
            raise ValueError(f"tries is {tries!r}: give 1 or more")
        self.patience = patience
        self.tries = tries
        self.tried: dict[str, int] = {}  # how often it has asked for the step under way

    def on_start(self) -> None:
        for name, saga in self.sagas.items():
            if self.progress(name):
                self.record(Began(name, saga.participants))
                self.go_on(name)
            elif saga.at:
                self.set_timer(f"begin {name}", saga.at)
            else:
                self.begin(name)

    def begin(self, name: str) -> None:
        self.disk.write(f"saga {name}", Progress(FORWARD, 1))
        # before the first step: else nobody would know of it after a crash
        self.disk.force()
        self.record(Began(name, self.sagas[name].participants))
        self.go_on(name)

    def go_on(self, name: str) -> None:
        """Do what the log says is next."""
        match self.progress(name):
            case Progress("forward", step) if step <= len(
                self.sagas[name].participants
            ):
                self.tried[name] = self.tried.get(name, 0) + 1
                self.ask(Book(name, step))
            case Progress("backward", step) if step:
                self.ask(Cancel(name, step))
            case Progress(direction):
                self.cancel_timer(f"answer {name}")
                self.record(Ended(name, COMMIT if direction == FORWARD else ABORT))

    def ask(self, question: Book | Cancel) -> None:
        self.send(self.sagas[question.saga].participants[question.step - 1], question)
        self.set_timer(f"answer {question.saga}", self.patience)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Booked(name, step) if self.awaits(
                sender, name, Progress(FORWARD, step)
            ):
                self.advance(name, Progress(FORWARD, step + 1))
            case Full(name, step) if self.awaits(sender, name, Progress(FORWARD, step)):
                self.advance(name, Progress(BACKWARD, step - 1))
            case Cancelled(name, step) if self.awaits(
                sender, name, Progress(BACKWARD, step)
            ):
                self.retreat(name, Progress(BACKWARD, step - 1))

    def advance(self, name: str, progress: Progress) -> None:
        """Force the log before the next step is taken: what the log does not know of
        would not be compensated.
        """
        self.disk.write(f"saga {name}", progress)
        self.disk.force()
        self.tried.pop(name, None)
        self.go_on(name)

    def retreat(self, name: str, progress: Progress) -> None:
        """Take the next compensation; not forced, for a crash costs no more than
        cancelling again what is cancelled.
        """
        self.disk.write(f"saga {name}", progress)
        self.go_on(name)

    def on_timer(self, name: str) -> None:
        match name.split(" ", 1):
            case "begin", saga:
                self.begin(saga)
            case "answer", saga:
                self.silence(saga)

    def silence(self, name: str) -> None:
        match self.progress(name):
            case Progress("forward", step) if self.tried[name] >= self.tries:
                self.advance(
                    name, Progress(BACKWARD, step)
                )  # it may have been executed: compensate it too
            case _:
                self.go_on(name)

    def progress(self, name: str) -> Progress | None:
        return self.disk.read(f"saga {name}")

    def awaits(self, sender: str, name: str, progress: Progress) -> bool:
        """Tell whether this is the step under way, and its participant who answers."""
        if self.progress(name) != progress or not 1 <= progress.step <= len(
            self.sagas[name].participants
        ):
            return False
        return self.sagas[name].participants[progress.step - 1] == sender


class Participant(Node):
    """Somebody who sells places.

    Parameters
    ----------
    places : int
        How many are free at first.
    answer : {"yes", "no", "silent"}
        "yes": book as long as a place is free. "no": refuse everything. "silent": never
        answer a `Book`.

    Raises
    ------
    ValueError
        If `answer` is none of the three, or `places` is negative.

    Notes
    -----
    1 forced write a step executed or refused, 1 a compensation; and one more at its
    first start. A record is kept for ever, for nobody can tell when the last copy of a
    message has come.

    Explained in chapters/3_3_distributed_transactions.ipynb.
    """

    MESSAGES = MESSAGES
    FACTS = FACTS

    def __init__(self, places: int = 5, answer: str = "yes") -> None:
        if answer not in VOTES.values():
            raise ValueError(f"answer is {answer!r}: choose 'yes', 'no' or 'silent'")
        if places < 0:
            raise ValueError(f"places is {places!r}: give 0 or more")
        self.places = places
        self.answer = answer

    def on_start(self) -> None:
        if self.disk.read("free") is None:
            self.disk.write("free", self.places)
            self.disk.force()
        else:
            self.redo()
            self.record(Holds(self.standing()))

    def redo(self) -> None:
        """Make the number of free places what the steps say: of what was not forced, a
        crash may have left the step and taken its effect.
        """
        free = self.places - len(self.standing())
        if free != self.free():
            self.disk.write("free", free)

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Book(saga, step) if self.answer != "silent":
                if self.status(saga, step) == "unknown":
                    self.execute(saga, step)
                self.send(
                    sender,
                    (
                        Booked(saga, step)
                        if self.status(saga, step) == "done"
                        else Full(saga, step)
                    ),
                )
            case Cancel(saga, step):
                self.compensate(saga, step)
                self.send(sender, Cancelled(saga, step))
            case Read("places"):
                self.send(sender, Value("places", self.free()))

    def execute(self, saga: str, step: int) -> None:
        """Take a place, if there is one; else refuse, for good: a second copy of the
        question may find one free.
        """
        if self.answer == "yes" and self.free():
            self.write(saga, step, "done", self.free() - 1)
            self.record(Done(saga, step))
        else:
            self.write(saga, step, "refused", self.free())
            self.record(Refused(saga, step))

    def compensate(self, saga: str, step: int) -> None:
        """Give the place back; where there is none, leave a tombstone against a step
        that comes late.
        """
        match self.status(saga, step):
            case "done":
                self.write(saga, step, "cancelled", self.free() + 1)
                self.record(Compensated(saga, step))
            case "unknown":
                self.write(saga, step, "cancelled", self.free())

    # The store ------------------------------------------------------------------------

    def status(self, saga: str, step: int) -> str:
        return self.disk.read(f"step {saga} {step}", "unknown")

    def standing(self) -> tuple[tuple[str, int], ...]:
        done = (
            key.split(" ", 1)[1].rsplit(" ", 1)
            for key in self.disk.keys("step ")
            if self.disk.read(key) == "done"
        )
        return tuple((saga, int(step)) for saga, step in done)

    def free(self) -> int:
        return self.disk.read("free")

    def write(self, saga: str, step: int, status: str, free: int) -> None:
        """Record a step and then its effect; `redo` makes good what a crash parts."""
        self.disk.write(f"step {saga} {step}", status)
        self.disk.write("free", free)
        self.disk.force()


# The running example ------------------------------------------------------------------


def trip(
    answers: str = "yyy",
    sagas: Iterable[Saga] | None = None,
    *,
    orchestrator: Callable[..., Node] = Orchestrator,
    participant: Callable[..., Node] = Participant,
    places: int = 5,
) -> dict[str, Callable[[], Node]]:
    """Make the factories of a travel agency and of those with whom it books: a flight,
    a hotel, a car, a museum, a dinner.

    Parameters
    ----------
    answers : str
        One letter a participant, at most five: "y" books while a place is free, "n"
        refuses, "s" stays silent.
    sagas : iterable of Saga, optional
        By default one, s1, that books with each in this order.
    orchestrator, participant : callable
        The classes to use, such as a mutant; called as `Orchestrator` and `Participant`
        are.
    places : int
        How many are free with each at first.

    Returns
    -------
    dict from id to factory
        For `ftlib.simulation.Cluster`.

    Raises
    ------
    ValueError
        If `answers` is empty, too long, or holds another letter.

    Examples
    --------
    >>> from ftlib.simulation import Cluster
    >>> dict(Cluster(trip("yn")).run().counts())
    {'Book': 2, 'Booked': 1, 'Full': 1, 'Cancel': 1, 'Cancelled': 1}
    """
    if not 1 <= len(answers) <= len(STOPS) or set(answers) - set(VOTES):
        raise ValueError(
            f"answers is {answers!r}: give one to {len(STOPS)} of the letters"
            f" {', '.join(VOTES)}"
        )
    stops = STOPS[: len(answers)]
    chosen = (Saga("s1", stops),) if sagas is None else tuple(sagas)
    nodes: dict[str, Callable[[], Node]] = {AGENCY: partial(orchestrator, chosen)}
    return nodes | {
        stop: partial(participant, places, VOTES[letter])
        for stop, letter in zip(stops, answers, strict=True)
    }
