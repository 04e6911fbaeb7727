"""What a primary and its replicas say to each other, and to clients that give up.

Every message of theirs carries an epoch: who has promised a later one refuses it.
"""

from dataclasses import dataclass

from ftlib.services import Entry, Redirect, Reply, Snapshot

__all__ = [
    "MESSAGES",
    "Ack",
    "Append",
    "Ask",
    "GiveUp",
    "Install",
    "Promise",
    "Refused",
    "Unreplicated",
]


@dataclass(frozen=True, slots=True)
class Append:
    """Put these entries behind that at `index`, which is of epoch `before`; what stands
    up to `settled` will never change. Without entries it is a heartbeat.
    """

    epoch: int
    index: int
    before: int
    entries: tuple[Entry, ...]
    settled: int


@dataclass(frozen=True, slots=True)
class Install:
    """Begin with this snapshot: you lack what it stands for."""

    epoch: int
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Ack:
    """My log is yours up to `index`, on disk."""

    epoch: int
    index: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Grant me this epoch, and tell me your log."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Promise:
    """I shall refuse every earlier epoch; this is my log."""

    epoch: int
    snapshot: Snapshot
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """I have promised `epoch`, which is later than yours."""

    epoch: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The client of that request does not wait for its copies any longer."""

    client: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Unreplicated:
    """The request of that number is done here, and may be lost if this node is."""

    sequence: int


MESSAGES = (
    *(Append, Install, Ack, Ask, Promise, Refused),
    *(Unreplicated, Reply, Redirect),
)
"""What a primary and a replica send."""
