"""What a watcher ought to have said in a run: read from what it sent and what reached
it, round by round, and never from its attributes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ftlib.labs.failure_detection import Rules, Suspected, Trusted, Void
from ftlib.labs.failure_detection.chances import Numbers
from ftlib.simulation import Event, Trace

__all__ = ["Reading", "Round", "Slip", "read"]

INSTANT = 1e-6


@dataclass(frozen=True)
class Slip:
    """Where a watcher is wrong first.

    Attributes
    ----------
    reason : str
    index : int
        Of the event.
    member : str
        Whom it concerns; empty for all.
    """

    reason: str
    index: int
    member: str = ""


@dataclass
class Round:
    """One round of a watcher.

    Attributes
    ----------
    number : int
    start : float
    probes : list of str
        Who was probed.
    answered : dict from str to None
        Whose answer has come in time, by itself or through a helper.
    silent : tuple of str or None
        Who had not answered when helpers were due.
    suspects : tuple of str
        Who was suspected when it began.
    favours : list of (helper, number, member, time)
    end : float or None
    index : int
        Of the event that ended it.
    due : dict from fact to reason
        What was to be recorded then.
    why_not : dict from fact to reason
        Why another was not.
    facts : list of Event
        What was recorded.
    """

    number: int
    start: float
    suspects: tuple[str, ...]
    probes: list[str] = field(default_factory=list)
    answered: dict[str, None] = field(default_factory=dict)
    silent: tuple[str, ...] | None = None
    favours: list[tuple[str, int, str, float]] = field(default_factory=list)
    end: float | None = None
    index: int = -1
    due: dict[Any, str] = field(default_factory=dict)
    why_not: dict[Any, str] = field(default_factory=dict)
    facts: list[Event] = field(default_factory=list)

    def silent_of(self, members: tuple[str, ...]) -> None:
        """Note, once, who has not answered by now."""
        if self.silent is None:
            self.silent = tuple(each for each in members if each not in self.answered)


@dataclass
class Reading:
    """A run of one watcher, read.

    Attributes
    ----------
    watcher : str
    members : tuple of str
    rules : Rules
    numbers : (helpers, limit, window)
    """

    watcher: str
    members: tuple[str, ...]
    rules: Rules
    numbers: Numbers
    rounds: list[Round] = field(default_factory=list)
    used: dict[int, int] = field(default_factory=dict)  # numbers, and since which life
    life: int = 0
    odd: list[Slip] = field(default_factory=list)
    windows: dict[str, dict[int, bool]] = field(default_factory=dict)
    suspects: list[str] = field(default_factory=list)
    now: Round | None = None

    def slips(self) -> Iterator[Slip]:
        """Yield where it is wrong about members, or gives verdicts at a wrong time."""
        yield from self.odd
        for each in self.rounds:
            said = {event.what: event.index for event in each.facts}
            for fact, reason in each.due.items():
                if fact not in said:
                    yield Slip(
                        f"{self.watcher} does not record {fact!r}: {reason}.",
                        each.index,
                        getattr(fact, "member", ""),
                    )
            for fact, index in said.items():
                if fact not in each.due:
                    reason = each.why_not.get(fact, "nothing of that kind was due")
                    yield Slip(
                        f"{self.watcher} records {fact!r}: {reason}.",
                        index,
                        getattr(fact, "member", ""),
                    )
            if len(each.facts) > len(said):
                yield Slip(f"{self.watcher} says something twice.", each.index)

    def helpers(self, member: str, suspects: tuple[str, ...]) -> tuple[str, ...]:
        """Return whom to ask for a member."""
        at = self.members.index(member)
        circle = (*self.members[at + 1 :], *self.members[:at])
        if self.rules.order == "before":
            circle = circle[::-1]
        return tuple(each for each in circle if each not in suspects)[: self.numbers[0]]

    # What happened --------------------------------------------------------------------

    def take(self, event: Event) -> None:
        """Take note of the next event of the watcher."""
        probe, answer, favour, report = self.rules.messages
        now, what = self.now, event.what
        if event.kind in ("crash", "recover"):
            self.begin_life()
            return
        if now and event.time >= now.start + self.rules.wait - INSTANT:
            now.silent_of(self.members)
        kind, other = type(what), event.other or ""
        if event.kind == "send" and kind is probe:
            self._probed(event)
        elif event.kind == "send" and kind is favour and now:
            now.favours.append((other, what.number, what.member, event.time))
        elif event.kind == "deliver" and other in self.members:
            if kind is answer:
                self._heard(other, what.number)
            elif kind is report and what.member in self.members:
                self._heard(what.member, what.number)

    def begin_life(self) -> None:
        """Begin with nothing in memory."""
        self.now, self.suspects = None, []
        self.windows = {each: {} for each in self.members}
        self.life += 1

    def _probed(self, event: Event) -> None:
        number = event.what.number
        if type(number) is not int:
            self.odd.append(
                Slip(f"{self.watcher} probes with the number {number!r}.", event.index)
            )
        now = self.now
        if now is None or number != now.number:
            if number in self.used:
                before = "before its crash" if self.used[number] < self.life else "once"
                self.odd.append(
                    Slip(
                        f"{self.watcher} probes with the number {number}, and it has"
                        f" done so {before}: an old answer would pass for a new one.",
                        event.index,
                    )
                )
            self.used[number] = self.life
            if now is not None:
                self._close(now, event)
            now = self.now = Round(number, event.time, tuple(self.suspects))
            self.rounds.append(now)
        now.probes.append(event.other or "")

    def _heard(self, member: str, number: Any) -> None:
        if self.now is not None and number == self.now.number:
            self.now.answered[member] = None
        elif self.rules.late == "mends" and number in self.windows[member]:
            self.windows[member][number] = True

    def _close(self, now: Round, event: Event) -> None:
        """Give the verdicts at the end of a round."""
        _, limit, window = self.numbers
        now.end, now.index = event.time, event.index
        count, least = len(now.answered), self.rules.least
        if count < least:
            why = f"in round {now.number} {count or 'no'} member has answered"
            now.due[Void(now.number)] = why
            for each in self.members:
                now.why_not[Suspected(each)] = now.why_not[Trusted(each)] = (
                    f"{why}, so it says nothing"
                )
            return
        now.why_not[Void(now.number)] = f"in that round {count} members have answered"
        for each in self.members:
            last = self.windows[each]
            last[now.number] = each in now.answered
            for old in list(last)[:-window]:
                del last[old]
            self._verdict(now, each, limit)

    def _verdict(self, now: Round, member: str, limit: int) -> None:
        last = self.windows[member]
        failed = sum(not good for good in last.values())
        good = list(last.values())[-self.rules.back :]
        told = f"of its last {len(last)} rounds that count, {failed} have failed"
        if member not in self.suspects:
            if failed >= limit:
                now.due[Suspected(member)] = told
                self.suspects.append(member)
            now.why_not[Suspected(member)] = told
            now.why_not[Trusted(member)] = "it was not suspected"
            return
        now.why_not[Suspected(member)] = "it is suspected already"
        if len(good) == self.rules.back and all(good):
            now.due[Trusted(member)] = f"its last {len(good)} rounds were good"
            self.suspects.remove(member)
            last.clear()
        now.why_not[Trusted(member)] = (
            f"that takes {self.rules.back} good rounds in a row"
        )


def read(
    trace: Trace,
    watcher: str,
    members: tuple[str, ...],
    rules: Rules,
    numbers: Numbers,
) -> Reading:
    """Read a run of a watcher.

    Parameters
    ----------
    trace : Trace
    watcher : str
    members : tuple of str
        In the order in which the watcher has them.
    rules : Rules
    numbers : (helpers, limit, window)
    """
    found = Reading(watcher, members, rules, numbers)
    found.begin_life()
    events = trace.where(node=watcher)
    for event in events:
        found.take(event)
    crashes = {event.time for event in events if event.kind == "crash"}
    ends = {each.end: each for each in found.rounds if each.end is not None}
    for event in trace.facts((Suspected, Trusted, Void), node=watcher):
        _place(event, ends, crashes, found)
    for each in found.rounds:
        if each.end in crashes:  # in the middle of its verdicts
            each.due = {}
            each.facts = []
    return found


def _place(
    event: Event, ends: dict[float, Round], crashes: set[float], found: Reading
) -> None:
    """Put a fact where it belongs: at the end of a round."""
    if event.time in ends:
        ends[event.time].facts.append(event)
    elif event.time not in crashes:
        found.odd.append(
            Slip(
                f"{found.watcher} records {event.what!r} in the middle of a round:"
                " verdicts are given when a round ends.",
                event.index,
                getattr(event.what, "member", ""),
            )
        )
