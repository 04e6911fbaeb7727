"""A run in words: one sentence a step."""

from ftlib.drawing.st_layout import Step
from ftlib.drawing.st_look import Look
from ftlib.simulation import Cut, Event, Heal, Partition, Skew, Slow

__all__ = ["tell"]


def tell(step: Step, look: Look) -> str:
    """Say in one sentence what happens in a step, beginning with its time.

    Parameters
    ----------
    step : Step
    look : Look

    Returns
    -------
    str
    """
    name = look.names.get(step.node, step.node)
    time = f"{step.first.time:.3f} s"
    if not step.node:
        return f"{time}: {_fault(step.first)}."
    clauses = [_cause(step, look)] if step.cause else []
    forced = any(event.kind == "force" for event in step.effects)
    if forced:
        clauses.append("forces its writes to disk")
    elif any(event.kind == "write" for event in step.effects):
        clauses.append("writes to its disk without forcing")
    sent: dict[str, list[str]] = {}
    for event in step.effects:
        match event.kind:
            case "fact":
                clauses += [words] if (words := look.tell(event)) else []
            case "send":
                sent.setdefault(look.message(event.what), []).append(look.names.get(event.other or "", event.other or ""))
            case "call":
                clauses.append(f"calls {event.what!r}")
            case "return":
                clauses.append(f"has {event.what[1]!r} as the result of {event.what[0]!r}")
    clauses += [f"sends {words} to {' and '.join(them)}" for words, them in sent.items()]
    clauses += [
        f"the {look.message(event.what)} to {look.names.get(event.node, event.node)} is lost"
        for event in step.effects
        if event.kind == "drop"
    ]
    return f"{time}: {name} {_list(clauses or ['starts'])}."


def _cause(step: Step, look: Look) -> str:
    cause = step.cause
    assert cause is not None
    sender = look.names.get(cause.other or "", cause.other or "")
    match cause.kind:
        case "deliver":
            return f"receives {look.message(cause.what)} from {sender}"
        case "drop":
            return f"does not get {look.message(cause.what)} from {sender}: {cause.reason}"
        case "timer":
            return f"runs out of patience (timer {cause.other})"
        case "crash":
            return "crashes, and loses its memory"
    return "comes back, with an empty disk" if cause.what == "wiped" else "comes back, and reads its disk"


def _fault(event: Event) -> str:
    match event.what:
        case Partition(groups):
            return "the network splits: " + " | ".join(", ".join(group) for group in groups)
        case Heal():
            return "the network heals"
        case Cut(sender, receiver):
            return f"the link from {sender} to {receiver} is cut"
        case Slow(target, by):
            return f"{target if isinstance(target, str) else ' to '.join(target)} is {by:g} s slower"
        case Skew(node, rate, offset):
            return f"the clock of {node} runs {rate:g} times as fast, {offset:g} s ahead"
    return repr(event.what)


def _list(clauses: list[str]) -> str:
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
