"""The judge of a challenge: faults that a reader has put on a figure by hand, handed in
as text, and verified by running them.
"""

import ast
import inspect
import itertools
from collections.abc import Callable
from typing import Any

from ftlib.checking import least, offers
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.figures.challenge import Challenge
from ftlib.figures.controls import NO_FAULTS, Faults, declared
from ftlib.simulation import Schedule, Trace

__all__ = ["judge_challenge"]

LONGEST = 5_000  # letters
ASKED = "Break the figure by hand, and hand in what Copy as Python copies."


def judge_challenge(figure: Any, text: Any, **settings: Any) -> Answer:
    """Judge faults that are to solve the challenge of a figure.

    Nothing in the text is executed: it is read as a call of the figure with plain
    values, or as a schedule. Refused are settings other than those asked for, more
    faults than the challenge allows, faults that nobody can put on the picture one
    after the other, and those with which the goal is not reached.

    Parameters
    ----------
    figure : callable
        A figure of `ftlib.figures` that has a challenge.
    text : str
        What *Copy as Python* copies, or the text of a `Schedule` alone.
    **settings
        What the figure's other controls are to be set to; what is not given is free,
        and of a schedule alone the figure's own default.

    Raises
    ------
    TypeError, ValueError
        If the figure is none, has no challenge, or cannot be set so: that is a slip of
        whoever asks, not of whoever hands in.

    Examples
    --------
    >>> from ftlib.figures.by_hand import break_transfer
    >>> lost = "Lose(message='Decision', sender='coordinator', receiver='p1')"
    >>> print(judge_challenge(break_transfer, f"Schedule([{lost}])"))
    Right. Solved in 1, the least there is.
    """
    asked = _asked(figure)
    _settings(figure, asked[0], settings)
    return _judged(figure, text, settings, *asked)


@judging
def _judged(
    figure: Any,
    text: Any,
    settings: dict[str, Any],
    name: str,
    control: Faults,
    challenge: Challenge,
) -> Answer:
    if text is None or (isinstance(text, str) and not text.strip()):
        return not_attempted(ASKED)
    given, faults = _read(figure, name, text)
    for key, wanted in settings.items():
        if given.setdefault(key, wanted) != wanted:
            raise Wrong(f"{key} is {given[key]!r} here, and is to be {wanted!r}.")
    if not faults:
        return not_attempted(ASKED)
    try:
        parameters = _settings(figure, name, given)
        control.dial(name, NO_FAULTS).value([repr(fault) for fault in faults])
    except ValueError as error:
        raise Wrong(f"{error}.") from error
    picture = figure(**parameters, **{name: faults})

    def run(schedule: Schedule) -> Trace:
        return challenge.run(**parameters, **{name: schedule}).trace

    number = len(faults)
    if number > challenge.faults:
        raise Wrong(
            f"these are {number} faults: asked is, {challenge}.", repr(faults), picture
        )
    if not _by_hand(run, faults, control):
        raise Wrong(
            "some of it cannot be put on this picture by hand, in whatever order.",
            repr(faults),
            picture,
        )
    if not challenge.broken(run(faults)):
        raise Wrong(f"with it this is not done: {challenge}.", repr(faults), picture)
    fewer = least(run, challenge.broken, number - 1, control.kinds, control.at)
    if fewer.schedule is None:
        return Answer("right", f"Solved in {number}, the least there is.")
    return Answer("right", f"Solved in {number}. It can be done in {fewer.most}.")


def _asked(figure: Any) -> tuple[str, Faults, Challenge]:
    for name, control in declared(figure).items():
        if isinstance(control, Faults) and control.challenge is not None:
            return name, control, control.challenge
    raise ValueError(f"{figure.__name__} has no challenge")


def _read(figure: Any, name: str, text: Any) -> tuple[dict[str, Any], Schedule]:
    """The settings and the faults in a text, of which nothing is executed."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Wrong(f"hand in a text of at most {LONGEST:,} letters.")
    try:
        tree = ast.parse(text.strip())
        compile(tree, "<handed in>", "exec")  # refuses more, a keyword twice among it
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Wrong("this is no Python.") from None
    match [each for each in tree.body if not isinstance(each, ast.ImportFrom)]:
        case [ast.Expr(ast.Call(ast.Name("Schedule")) as call)]:
            return {}, _schedule(call, text)
        case [ast.Expr(ast.Call(ast.Name(called), [], words))]:
            pass
        case _:
            raise Wrong("hand in one call of the figure, or one Schedule.")
    if called != figure.__name__:
        raise Wrong(f"this is a call of {called[:40]}, not of {figure.__name__}.")
    given: dict[str, Any] = {}
    faults = Schedule()
    for word in words:
        if word.arg == name:
            faults = _schedule(word.value, text)
            continue
        try:
            given[str(word.arg)] = ast.literal_eval(word.value)
        except (ValueError, TypeError, MemoryError, RecursionError):
            raise Wrong(f"{str(word.arg)[:40]} is no plain value.") from None
    return given, faults


def _schedule(tree: ast.expr, text: str) -> Schedule:
    try:
        return Schedule.from_text(ast.get_source_segment(text.strip(), tree) or "")
    except ValueError as error:
        raise Wrong(f"{error}.") from error


def _settings(figure: Any, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The figure's other parameters, each with one of the values of its control."""
    parameters = inspect.signature(figure).parameters
    settings = {key: each.default for key, each in parameters.items() if key != name}
    controls = declared(figure)
    for key, value in given.items():
        known: tuple[Any, ...] = ()
        if key in settings and key in controls:
            known = controls[key].dial(key, settings[key]).values
        if value not in known:
            raise ValueError(f"{figure.__name__} has no {key[:40]}={str(value)[:40]!r}")
        settings[key] = value
    return settings


def _by_hand(
    run: Callable[[Schedule], Trace], faults: Schedule, control: Faults
) -> bool:
    """Tell whether there is an order in which each is on offer after those before."""

    def offered(put: tuple[Any, ...]) -> list[Any]:
        found = offers(run(Schedule(put)), control.kinds, at=control.at)
        return [each.fault for each in found]

    return any(
        all(
            fault not in order[:n] and fault in offered(order[:n])
            for n, fault in enumerate(order)
        )
        for order in itertools.permutations(faults)
    )
