"""Who is in the ring: one node that says so, view by view.

A *view* is an epoch and the nodes that share the keys in it. It is *installed* once
each of them has said that it is ready: that it has all that it must have. Until then
some row may be on other nodes than in the end. So these rules hold:

- The next view is begun when this one is installed, or when a member of it is suspected
  and might never be ready.
- With R copies of each row, a view lacks at most R - 1 of all that were members since
  the last installed one, that one included. What was acknowledged in between is on R of
  them, so one that has it is there.
- Where more are suspected the steward waits until one of them is heard: requests for
  their keys go unanswered, and nothing is lost.

It is one node, and while it is down no view begins: the ring goes on as it is. What it
has decided is on its disk. That several nodes decide together, and so outlive any of
them, is for consensus.

Views by which replicas are added and removed while requests go on are those of Birman
and Joseph (1987); that it takes a transfer of state before a member counts, too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ftlib.detection import Detector
from ftlib.simulation import Node

__all__ = [
    "Announced",
    "Beat",
    "Installed",
    "Join",
    "Leave",
    "Steward",
    "View",
]


@dataclass(frozen=True, slots=True)
class View:
    """Who shares the keys in this epoch, and whether all of them have what they must
    have.
    """

    epoch: int
    members: tuple[str, ...]
    installed: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """I am alive, this is the epoch that I know, and I am `ready` in it, or not."""

    epoch: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Join:
    """From an operator: let this node be a member."""

    node: str


@dataclass(frozen=True, slots=True)
class Leave:
    """From an operator: let this node be a member no more."""

    node: str


@dataclass(frozen=True, slots=True)
class Announced:
    """Fact: the view of this epoch has begun."""

    epoch: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """Fact: all members of this epoch are ready."""

    epoch: int
    members: tuple[str, ...]


class Steward(Node):
    """Decides who is a member.

    Parameters
    ----------
    nodes : tuple of str
        All that may be members, now or later.
    members : tuple of str
        Those of the first view.
    copies : int
        R: on how many nodes each row is.
    detector : callable from tuple of str to a detector
        Makes the part by which it suspects nodes, such as ``partial(Detector,
        wait=0.35)``.

    Raises
    ------
    ValueError
        If there are fewer than two copies, fewer members than copies, or a member is
        not among the nodes.

    Notes
    -----
    One forced write for each view that begins, and one when it is installed. A view
    goes to its members at once, and is told again to each that shows by a beat that it
    does not know it.
    """

    MESSAGES = (View,)
    FACTS = (Announced, Installed)

    def __init__(
        self,
        nodes: tuple[str, ...],
        members: tuple[str, ...],
        copies: int,
        detector: Callable[[tuple[str, ...]], Detector],
    ) -> None:
        if type(copies) is not int or copies < 2:
            raise ValueError(f"copies is {copies!r}: give a whole number, at least 2")
        if len({*members}) < copies or not {*members} <= {*nodes}:
            raise ValueError(
                f"the members are {members!r}: give at least {copies}, as many as there"
                f" are copies, out of {', '.join(nodes)}"
            )
        self.copies = copies
        self.detector = detector(nodes)
        self.view = View(0, (), installed=True)
        self.since: tuple[str, ...] = ()  # members since the last view was installed
        self.wished = tuple(sorted(members))
        self.ready: tuple[str, ...] = ()

    def on_start(self) -> None:
        kept = self.disk.read("steward")
        if kept:
            self.view, self.since, self.wished = kept
        self.detector.start(self)
        self.consider()

    def on_message(self, sender: str, message: object) -> None:
        match message:
            case Beat(epoch, ready):
                self.detector.heard(self, sender)
                if ready and epoch == self.view.epoch and not self.view.installed:
                    self.count(sender)
                elif epoch < self.view.epoch or self.view.installed:
                    self.tell(sender)
            case Join(node) if node in self.detector.watched:
                self.wish((*self.wished, node))
            case Leave(node):
                self.wish(tuple(each for each in self.wished if each != node))
        self.consider()

    def on_timer(self, name: str) -> None:
        if self.detector.silent(name):
            self.consider()

    def tell(self, node: str) -> None:
        """Tell a node the view, unless it will soon be a member again: it would drop
        what it is going to need.
        """
        if node in self.view.members or node not in self.wished:
            self.send(node, self.view)

    def wish(self, wished: tuple[str, ...]) -> None:
        """Take note of who shall be a member."""
        self.wished = tuple(sorted({*wished}))
        self.save()

    def count(self, member: str) -> None:
        """Take note of who is ready; when all are, the view is installed."""
        self.ready = tuple(
            each for each in self.view.members if each == member or each in self.ready
        )
        if self.ready == self.view.members:
            self.since = self.ready
            self.decide(View(self.view.epoch, self.ready, installed=True))
            self.record(Installed(self.view.epoch, self.ready))
            self.announce()

    def consider(self) -> None:
        """Begin the next view, if there may be one, and it would be another."""
        members = self.successors()
        if members not in (None, self.view.members):
            self.since = tuple(sorted({*self.since, *members}))
            self.ready = ()
            self.decide(View(self.view.epoch + 1, members))
            self.record(Announced(self.view.epoch, members))
            self.announce()

    def successors(self) -> tuple[str, ...] | None:
        """Name the members of the next view; None if there may be none."""
        suspected = self.detector.suspected
        if not (self.view.installed or {*suspected} & {*self.view.members}):
            return None
        gone = [each for each in self.since if each in suspected]
        may_go = self.copies - 1 - len(gone)
        leaving = [each for each in self.since if each not in (*gone, *self.wished)]
        there = [each for each in self.wished if each not in suspected]
        members = tuple(sorted([*there, *leaving[max(0, may_go) :]]))
        return members if may_go >= 0 and len(members) >= self.copies else None

    def decide(self, view: View) -> None:
        self.view = view
        self.save()

    def save(self) -> None:
        """Put on disk what was decided, all of it as one."""
        self.disk.write("steward", (self.view, self.since, self.wished))
        self.disk.force()

    def announce(self) -> None:
        for member in self.view.members:
            self.send(member, self.view)
