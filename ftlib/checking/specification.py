"""What a specification of an object is, and how it is asked.

It is *sequential*: a model of an object that does one operation after another. Whoever
judges a service by it, after the run or during it, puts the operations in an order and
asks the model at each step whether the result may be so.

Values count as the same only if they are of the same type and equal all the way down:
1, True and 1.0 are three values, so are 0.0 and -0.0, and NaN is one.
"""

from collections.abc import Iterable
from inspect import ismethod
from typing import Any, Protocol

from ftlib.simulation.freezing import exact
from ftlib.simulation.values import show

__all__ = [
    "Answer",
    "Others",
    "SequentialModel",
    "ask",
    "ask_twice",
    "hint",
    "known",
    "made",
    "same",
    "sample",
    "stranger",
    "told",
    "unhashable",
]

Answer = tuple[bool, Any]
Others = Iterable[tuple[Any, Any]]  # calls and results
WIDE = 120  # letters of a state that is described


class SequentialModel(Protocol):
    """What `check_linearizable` needs of a model: see `ftlib.checking.models`.

    `step` must depend on its arguments alone and change none of them; that is looked at
    on a sample. States are compared by type and value.

    A model may have more. ``partition(history)`` is a list of histories to be judged
    apart. ``describe(state)`` says in a few words what the state is. Three methods make
    the search shorter, and are used where they are defined with `step` or below it:
    ``only_reads(call, result)`` says that wherever such an operation fits, it leaves
    the state as it is; ``could_fit(state, call, result, others)``, of an operation that
    does not fit in this state, is false if it never will, whatever of the others, pairs
    (call, result), come before it; ``narrowed(history)`` is a model with fewer states
    that judges this history alike.
    """

    @property
    def initial(self) -> Any:
        """The state before the first operation."""

    def step(self, state: Any, call: Any, result: Any) -> tuple[bool, Any]:
        """Return whether `call` may return `result` in `state`, and the state
        afterwards.
        """
        ...


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same: of one type, and equal all the way down.

    Examples
    --------
    >>> same(1, 1), same(1, True), same([0.0], [-0.0]), same(float("nan"), float("nan"))
    (True, False, False, True)
    """
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is int or kind is str:
        return bool(one == other)
    return one is other or bool(exact(one) == exact(other))


def made(model: Any) -> Any:
    """Return a model, of it or of its class; raise unless it is one."""
    model = model() if isinstance(model, type) else model
    for name in ("initial", "step"):
        if not hasattr(model, name):
            raise TypeError(
                f"{model!r} is no model, it has no {name}: it needs initial and"
                " step(state, call, result)"
            )
    if ismethod(model.initial):
        raise TypeError(
            f"initial of {type(model).__name__} is a method: make it the state itself,"
            " or a property"
        )
    return model


def ask(model: Any, state: Any, call: Any, result: Any) -> tuple[Any, Any]:
    """Ask a model whether a call may return a result in a state, and what the state is
    then.
    """
    try:
        answer = model.step(state, call, result)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise TypeError(
                f"{type(model).__name__}.step returned {show(answer)}: it returns (ok,"
                " state)"
            )
    except Exception as error:
        error.add_note(f"in step({show(state)}, {show(call)}, {show(result)})")
        raise
    fits, then = answer
    return fits, then


def ask_twice(model: Any, state: Any, call: Any, result: Any) -> tuple[Any, Any]:
    """Ask a model as `ask` does, and see whether it deserves to be believed.

    Raises
    ------
    ValueError
        If its step changes what it is given, or answers differently the second time.
    """
    given = state, call, result
    before = exact(given)
    first = ask(model, *given)
    answer = exact(first)
    again = ask(model, *given)
    name = type(model).__name__
    if exact(given) != before:
        raise ValueError(
            f"{name}.step changes what it is given: after it (state, call, result) is"
            f" {show(given)}; leave them as they are and return a new state"
        )
    if exact(again) != answer:
        raise ValueError(
            f"{name}.step answers differently when it is asked again: of {show(given)}"
            f" first {show(first)}, then {show(again)}; it must depend on its arguments"
            " alone, and states must be equal where they are alike"
        )
    return first


def sample(calls: Iterable[Any]) -> list[bool]:
    """Choose the calls of which to ask twice: the first, second, fourth, eighth ... of
    each name.
    """
    count: dict[str, int] = {}
    chosen = []
    for call in calls:
        name = call[0] if isinstance(call, (tuple, list)) and call else ""
        name = name if isinstance(name, str) else ""
        number = count[name] = count.get(name, 0) + 1
        chosen.append(not number & number - 1)
    return chosen


def hint(model: Any, name: str) -> Any:
    """Return a method that shortens the search; None if there is none, or it speaks of
    a step that a subclass has replaced.
    """
    if name in getattr(model, "__dict__", {}):
        return getattr(model, name)
    for kind in type(model).__mro__:
        if name in vars(kind):
            return getattr(model, name)
        if "step" in vars(kind):
            return None
    return None


def told(model: Any, state: Any) -> str:
    """Say in a few words what a state is, as far as the model has words for it."""
    words = (
        model.describe(state)
        if hasattr(model, "describe")
        else f"the state is {show(state)}"
    )
    if len(words) <= WIDE:
        return str(words)
    return f"{words[: WIDE // 2]} ... {words[-WIDE // 2 :]}"


def unhashable(state: Any) -> TypeError:
    """Return the error for a state that cannot be remembered."""
    return TypeError(
        f"{show(state)} cannot be hashed: make states of tuples, lists, dicts and the"
        " like, or give their class a __hash__"
    )


def stranger(model: Any, call: Any) -> ValueError:
    """Return the error for a call that a model does not know: it lists those that it
    knows in `CALLS`, each name with the names of its arguments.
    """
    *most, last = (
        f"({name!r}, {arguments})" if arguments else f"({name!r},)"
        for name, arguments in model.CALLS.items()
    )
    return ValueError(
        f"{type(model).__name__} does not know the call {call!r}: it takes"
        f" {', '.join(most)} and {last}"
    )


def known(model: Any, call: Any) -> str:
    """Return the name of a call; raise unless the model knows it, with as many
    arguments.
    """
    match call:
        case (str(name), *arguments) if name in model.CALLS and len(arguments) == len(
            model.CALLS[name].split()
        ):
            return name
    raise stranger(model, call)
