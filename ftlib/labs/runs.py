"""What the checks of all labs ask about a run."""

from ftlib.simulation import Event, Trace

__all__ = ["forced_before", "sent"]


def sent(trace: Trace, node: str, kind: type, to: str | None = None) -> list[Event]:
    """Return the messages of a type that a node has sent."""
    return [
        event
        for event in trace.where(kind="send", node=node, what=kind)
        if to is None or event.other == to
    ]


def forced_before(trace: Trace, node: str, event: Event, since: int = -1) -> bool:
    """Tell whether a node has forced its disk before an event, and after another."""
    return any(
        since < each.index < event.index
        for each in trace.where(kind="force", node=node)
    )
