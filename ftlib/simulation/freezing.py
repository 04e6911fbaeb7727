"""A value or a node's state as something hashable, and back.

What a handler could not tell apart freezes to equal results, so that a state that was
met before is known again.
"""

import enum
from collections.abc import Callable, Iterable
from typing import Any

from ftlib.simulation.values import ALLOWED, DATA, SETS, build, parts_of

__all__ = ["exact", "freeze", "thaw"]

SAME = frozenset({int, str, type(None), bytes})  # frozen as they are


def freeze(value: Any) -> Any:
    """Turn an allowed value, or a node's state, into a hashable one that `thaw` turns
    back.

    Two values freeze to equal results when a handler could not tell them apart: 1, True
    and 1.0 are different, so are 0.0 and -0.0, and two dicts that were filled in
    another order; NaN is the same as NaN.

    Parameters
    ----------
    value : object
        A value that `check_value` accepts, a part, or a set of such values.

    Returns
    -------
    object
        None, ints, strings and bytes as they are; the rest as tuples that begin with a
        type.

    Raises
    ------
    TypeError
        If some part is not allowed.

    Examples
    --------
    >>> state = {"votes": {"p2": "yes", "p1": "no"}, "peers": ["p1", "p2"]}
    >>> thaw(freeze(state)) == state
    True
    >>> freeze({1: 2, 3: 4}) == freeze({3: 4, 1: 2})
    False
    >>> freeze((1, 0.0)) == freeze((True, -0.0))
    False
    """
    return _freeze(value, _refused)


def exact(value: Any) -> Any:
    """Return a key that is equal for values of the same type that are equal all the way
    down, as `freeze` tells them apart; what is no allowed value is compared by its own
    ``==`` with others of its type.

    Examples
    --------
    >>> exact((1, "a")) == exact((1, "a")), exact((1, "a")) == exact((True, "a"))
    (True, False)
    """
    return _freeze(value, _typed)


def _refused(value: Any) -> Any:
    raise TypeError(f"cannot freeze a {type(value).__name__}: allowed are {ALLOWED}")


def _typed(value: Any) -> Any:
    if isinstance(value, tuple):
        return (type(value), *(exact(item) for item in value))
    return type(value), value


def _freeze(value: Any, other: Callable[[Any], Any]) -> Any:
    kind = type(value)
    if kind in SAME:
        return value
    if kind is bool:
        return bool, int(value)
    if kind is float:
        return float, repr(value)
    if kind is tuple:
        return tuple(_frozen(value, other))
    if kind is list:
        return (list, *_frozen(value, other))
    if kind is dict:
        keys, items = _frozen(value, other), _frozen(value.values(), other)
        return (dict, *zip(keys, items, strict=True))
    if kind in SETS:
        return kind, frozenset(_frozen(value, other))
    if isinstance(value, enum.Enum):
        return enum.Enum, kind, value
    if DATA[kind]:
        return (object, kind, *_frozen(parts_of(value), other))
    return other(value)


def _frozen(items: Iterable[Any], other: Callable[[Any], Any]) -> list[Any]:
    """Freeze each; most are the same afterwards."""
    return [item if type(item) in SAME else _freeze(item, other) for item in items]


def thaw(value: Any) -> Any:
    """Undo `freeze`: every call returns fresh containers.

    Examples
    --------
    >>> thaw(freeze([{1: 2}, ("a",)]))
    [{1: 2}, ('a',)]
    """
    if type(value) is not tuple:
        return value
    tag = value[0] if value else None
    if tag is list:
        return _thawed(value[1:])
    if tag is dict:
        return {thaw(key): thaw(item) for key, item in value[1:]}
    if tag is object:
        return build(value[1], _thawed(value[2:]))
    if tag is bool or tag is float:
        return tag(value[1])
    if tag is enum.Enum:
        return value[2]
    if tag is set or tag is frozenset:
        return tag(thaw(item) for item in value[1])
    return tuple(_thawed(value))


def _thawed(items: tuple[Any, ...]) -> list[Any]:
    return [item if type(item) is not tuple else thaw(item) for item in items]
