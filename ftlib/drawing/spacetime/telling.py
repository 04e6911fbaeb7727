"""A run in words: one sentence a step."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ftlib.drawing.faults import fault_in_words
from ftlib.drawing.look import Look
from ftlib.drawing.spacetime.steps import Step
from ftlib.simulation import Event

__all__ = ["in_words", "tell"]


def tell(step: Step, look: Look, squeezed: str = "", broken: Sequence[str] = ()) -> str:
    """Say in one sentence what happens in a step, beginning with its time.

    Parameters
    ----------
    step : Step
    look : Look
    squeezed : str
        How much later than the step before it is, where the diagram does not draw that
        to scale.
    broken : sequence of str
        Which properties it is the first to violate: a sentence more.

    Returns
    -------
    str
    """
    later = f"{squeezed} later, " if squeezed else ""
    here = f" Violated here: {in_words(list(broken))}." if broken else ""
    return f"{step.first.time:.3f} s: {later}{_sentence(step, look)}.{here}"


def _sentence(step: Step, look: Look) -> str:
    name, cause = look.name(step.node), step.cause
    if cause is not None and cause.kind == "fault":
        return fault_in_words(cause.what, look)
    if cause is not None and cause.kind == "drop":
        return _dropped(step, cause, look)
    clauses = [*_befallen(step, look), *_done(step, look)] or [
        label.word for event in step.effects if (label := look.state(event))
    ]
    if step.resumed:
        return f"{name}'s disk is done: it {in_words(clauses)}"
    return f"{name} {in_words(clauses)}"


def _dropped(step: Step, cause: Event, look: Look) -> str:
    what = (
        f"{_message(step, cause, look)} from {look.name(cause.other)} to"
        f" {look.name(step.node)}"
    )
    match cause.reason:
        case "link is cut":
            return f"{what} does not get through, because the link is cut"
        case "receiver is down":
            return f"{what} reaches nobody, because {look.name(step.node)} is down"
        case "receiver crashed":
            return f"{what} was still waiting there when {look.name(step.node)} crashed"
    return f"{what} is lost on its way"


def _message(step: Step, cause: Event, look: Look) -> str:
    kind = "a second copy of " * step.copy + "an overtaken " * step.late
    return kind + look.message(cause.what)


def _befallen(step: Step, look: Look) -> Iterator[str]:
    cause = step.cause
    if cause is None:
        return
    match cause.kind:
        case "deliver":
            sender = "itself" if cause.other == step.node else look.name(cause.other)
            yield f"receives {_message(step, cause, look)} from {sender}"
        case "timer":
            yield (
                f"has waited {cause.time - cause.what:.3g} s"
                f" ({look.timer(str(cause.other))})"
            )
        case "crash":
            yield "crashes: its memory is gone"
        case "recover":
            yield "is back, with " + (
                "its disk" if cause.what == "kept" else "an empty disk"
            )


def _done(step: Step, look: Look) -> Iterator[str]:
    """What a node does, in order; what is sent alike to several is said once."""
    for (kind, words), events in groupby(_worded(step, look), key=lambda pair: pair[0]):
        if kind == "sends":
            yield (
                f"sends {words} to"
                f" {in_words([look.name(event.other) for _, event in events])}"
            )
        else:
            yield words


def _worded(step: Step, look: Look) -> Iterator[tuple[tuple[str, str], Event]]:
    written: list[str] = []
    for event in step.effects:
        if event.kind == "write":
            written.append(look.disk(event))
            continue
        if event.kind == "force":
            forced = in_words(_once(written))
            if not (step.resumed and event is step.first):
                yield (
                    (
                        "",
                        f"forces {forced} to disk" if forced else "forces its disk",
                    ),
                    event,
                )
            written = []
            continue
        if written:
            yield ("", _unforced(written)), event
            written = []
        match event.kind:
            case "send":
                yield ("sends", look.message(event.what)), event
            case "fact" if (words := look.tell(event)) is not None:
                yield (
                    (
                        "",
                        (
                            look.again.get(words, words)
                            if event.index in step.again
                            else words
                        ),
                    ),
                    event,
                )
            case "call":
                yield ("", f"calls {look.call(event.what)}"), event
            case "return":
                operation, result = event.what
                words = f"sees {look.call(operation)} return {look.result(result)}"
                yield ("", words), event
    if written:
        given = in_words(_once(written)) or "its writes"
        yield (
            (
                "",
                (
                    f"gives {given} to its disk and waits"
                    if step.waits
                    else _unforced(written)
                ),
            ),
            step.effects[-1],
        )


def _unforced(written: list[str]) -> str:
    return f"writes {in_words(_once(written)) or 'to its disk'} without forcing"


def _once(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def in_words(clauses: list[str]) -> str:
    """Join clauses as a sentence does.

    Examples
    --------
    >>> in_words(["p1", "p2", "p3"]), in_words(["p1", "p2"])
    ('p1, p2 and p3', 'p1 and p2')
    """
    return " and ".join(
        [", ".join(clauses[:-1]), clauses[-1]] if len(clauses) > 2 else clauses
    )
