"""What a diagram leaves out, because it says nothing new: messages of some types,
nodes, kinds of events.

What is hidden takes no room and no step, and the picture says what is missing. A step
of which its look has neither a sign nor a word is left out, and nothing is missing.
"""

from collections.abc import Iterable

from ftlib.drawing.look import Look
from ftlib.drawing.spacetime.steps import Step
from ftlib.simulation import Event, Trace

__all__ = ["Hidden"]

MESSAGES = ("send", "deliver", "drop")
HIDEABLE = ("send", "timer", "write", "force", "fact", "call", "return", "fault")
TYPED = (*MESSAGES, "fact")


class Hidden:
    """What is left out of one diagram.

    Parameters
    ----------
    trace : Trace
    hide : iterable of str or type
        Nodes of the trace; types of messages and facts, or their names; names of
        timers; the kinds of events of which a diagram can do without, where "send"
        stands for messages altogether.
    look : Look
        Which facts say nothing.

    Attributes
    ----------
    nodes : set of str
        The nodes among them.
    words : str
        What is left out, for a reader.

    Raises
    ------
    ValueError
        If a name is none of these.
    """

    def __init__(self, trace: Trace, hide: Iterable[str | type], look: Look) -> None:
        self.look = look
        asked = (hide,) if isinstance(hide, str | type) else tuple(hide)
        self.names = {
            name if isinstance(name, str) else name.__name__ for name in asked
        }
        known = _names(trace, TYPED), _names(trace, ("timer",))
        for name in asked:
            if isinstance(name, str) and not any(
                name in accepted for accepted in (trace.nodes, HIDEABLE, *known)
            ):
                raise ValueError(
                    f"cannot hide {name!r}: it is no node ({_listed(trace.nodes)}), no"
                    f" type of message or fact ({_listed(known[0])}), no timer"
                    f" ({_listed(known[1])}) and no kind ({_listed(HIDEABLE)}) of this"
                    " trace"
                )
        self.nodes = self.names & set(trace.nodes)
        self.words = ", ".join(
            dict.fromkeys(
                name if isinstance(name, str) else name.__name__ for name in asked
            )
        )

    def __contains__(self, event: Event) -> bool:
        if event.kind in TYPED and type(event.what).__name__ in self.names:
            return True
        if event.kind == "timer" and event.other in self.names - self.nodes:
            return True
        return ("send" if event.kind in MESSAGES else event.kind) in (
            self.names - self.nodes
        )

    def _silent(self, event: Event) -> bool:
        return event.kind == "fact" and not (
            self.look.state(event) or self.look.tell(event)
        )

    def shown(self, steps: list[Step]) -> list[Step]:
        """Return the steps in which something is left to show, with that only.

        A timer that fires only in order to do what is hidden is hidden with it.
        """
        kept = []
        for step in steps:
            effects = [event for event in step.effects if event not in self]
            cause = step.cause if step.cause and step.cause not in self else None
            idle = cause is None or cause.kind == "timer"
            if cause is None and all(map(self._silent, effects)):
                continue
            if idle and not effects and step.effects:
                continue
            step.cause, step.effects = cause, effects
            kept.append(step)
            step.number = len(kept)
        return kept


def _names(trace: Trace, kinds: tuple[str, ...]) -> list[str]:
    """The names by which events of some kinds can be hidden, as they first occur."""
    return list(
        dict.fromkeys(
            str(event.other) if event.kind == "timer" else type(event.what).__name__
            for event in trace.where(kind=kinds)
        )
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
