"""What may be kept in a node's state, on its disk and in a message; how such a value is
copied, shown and frozen.

Allowed are None, bool, int, float, str, bytes, enumeration members, frozen dataclasses,
and dict, list, set, frozenset and tuple of these. A value of that kind can be compared,
copied, hashed, printed and sent to another process, whatever world the node runs in; a
file handle, a lock or a function cannot, and is refused with the path that leads to it.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any

__all__ = ["check_value", "copy_value", "freeze", "ordered", "show", "snapshot", "thaw"]

ATOMS = frozenset({type(None), bool, int, float, str, bytes})
ALLOWED = (
    "None, bool, int, float, str, bytes, an enum member, a frozen dataclass, or a dict,"
    " list, set or tuple of these"
)
LIST, SET, FROZENSET, DICT, DATA = "\0list", "\0set", "\0frozenset", "\0dict", "\0data"


def is_frozen_dataclass(kind: type) -> bool:
    """Tell whether the instances of a class are frozen dataclasses."""
    return is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def parts_of(value: Any) -> list[Any]:
    """Return the fields of a dataclass instance, in order."""
    return [getattr(value, field.name) for field in fields(value)]


def build(kind: type, parts: Iterable[Any]) -> Any:
    """Make a frozen dataclass with these fields as they are: `__init__` and
    `__post_init__` have seen them once already.
    """
    made: Any = object.__new__(kind)
    for field, part in zip(fields(kind), parts, strict=True):
        object.__setattr__(made, field.name, part)
    return made


def check_value(value: Any, where: str) -> None:
    """Raise unless `value` may be kept in a state, on a disk or in a message.

    Parameters
    ----------
    value : object
        What to look at, all the way down.
    where : str
        The name of the place it was found in, for the message.

    Raises
    ------
    TypeError
        Naming the path to the part that is not allowed, its type, and what would be.

    Examples
    --------
    >>> check_value({"votes": ["yes", "no"]}, "Coordinator.state")
    >>> check_value({"votes": [print]}, "Coordinator.state")
    Traceback (most recent call last):
        ...
    TypeError: Coordinator.state['votes'][0] is a builtin_function_or_method: \
allowed are None, bool, int, float, str, bytes, an enum member, a frozen dataclass, \
or a dict, list, set or tuple of these
    """
    kind = type(value)
    if kind in ATOMS or isinstance(value, enum.Enum):
        return
    if kind in (tuple, list):
        for index, item in enumerate(value):
            check_value(item, f"{where}[{index}]")
    elif kind in (set, frozenset):
        for item in value:
            check_value(item, f"an element of {where}")
    elif kind is dict:
        for key, item in value.items():
            check_value(key, f"a key of {where}")
            check_value(item, f"{where}[{key!r}]")
    elif is_frozen_dataclass(kind):
        for field in fields(value):
            check_value(getattr(value, field.name), f"{where}.{field.name}")
    elif is_dataclass(kind):
        raise TypeError(
            f"{where} is a {kind.__name__}, a dataclass that is not frozen: write"
            " @dataclass(frozen=True)"
        )
    else:
        raise TypeError(f"{where} is a {kind.__name__}: allowed are {ALLOWED}")


def copy_value(value: Any) -> Any:
    """Return a value that shares no mutable part with `value`, which has passed
    `check_value`.

    What has no mutable part is returned as it is.

    Examples
    --------
    >>> original = [1, {2}]
    >>> copy = copy_value(original)
    >>> original[1].add(3)
    >>> copy
    [1, {2}]
    """
    kind = type(value)
    if kind in ATOMS or kind is frozenset or isinstance(value, enum.Enum):
        return value
    if kind is dict:
        return {key: copy_value(item) for key, item in value.items()}
    if kind is list:
        return [copy_value(item) for item in value]
    if kind is set:
        return set(value)
    parts = value if kind is tuple else parts_of(value)
    copies = [copy_value(part) for part in parts]
    if all(copy is part for copy, part in zip(copies, parts, strict=True)):
        return value
    return tuple(copies) if kind is tuple else build(kind, copies)


def ordered(items: Iterable[Any]) -> list[Any]:
    """Sort the elements of a set or the keys of a dict, of whatever types, the same way
    on every run.

    Examples
    --------
    >>> ordered({"b", 10, 2, None, "a"})
    [None, 2, 10, 'a', 'b']
    """
    return sorted(items, key=_rank)


def _rank(item: Any) -> tuple[Any, ...]:
    if isinstance(item, enum.Enum):
        return ("enum", type(item).__name__, item.name)
    if item is None:
        return ("None",)
    if isinstance(item, (bool, int, float)):
        return ("a number", item)
    if isinstance(item, (str, bytes)):
        return ("text", type(item).__name__, item)
    if isinstance(item, tuple):
        return ("tuple", tuple(_rank(part) for part in item))
    if isinstance(item, (set, frozenset)):
        return ("set", tuple(_rank(part) for part in ordered(item)))
    return ("data", type(item).__name__, tuple(_rank(part) for part in parts_of(item)))


def show(value: Any) -> str:
    """Write a value as `repr` does, but a set always in the same order and a class
    always by its bare name.

    Examples
    --------
    >>> show({"b", "a"})
    "{'a', 'b'}"
    """
    kind = type(value)
    if isinstance(value, enum.Enum):
        return f"{kind.__name__}.{value.name}"
    if kind is list:
        return f"[{', '.join(map(show, value))}]"
    if kind is tuple:
        return f"({', '.join(map(show, value))}{',' if len(value) == 1 else ''})"
    if kind is set:
        return f"{{{', '.join(map(show, ordered(value)))}}}" if value else "set()"
    if kind is frozenset:
        return f"frozenset({show(set(value)) if value else ''})"
    if kind is dict:
        pairs = (f"{show(key)}: {show(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if is_dataclass(kind) and kind.__dataclass_params__.repr:  # type: ignore[attr-defined]
        shown = (
            f"{field.name}={show(getattr(value, field.name))}"
            for field in fields(kind)
            if field.repr
        )
        return f"{kind.__name__}({', '.join(shown)})"
    return repr(value)


def freeze(value: Any) -> Any:
    """Turn an allowed value into a hashable one that `thaw` turns back.

    Two values freeze to equal results when they are equal; sets and dicts are put in
    `ordered` order, so the result does not depend on how they were filled. As
    everywhere in Python, True equals 1 and 1.0 equals 1.

    Parameters
    ----------
    value : object
        A value that `check_value` accepts.

    Returns
    -------
    object
        Atoms, enumeration members and dataclasses without mutable parts are returned as
        they are; the rest become tagged tuples.

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
    True
    """
    kind = type(value)
    if kind in ATOMS or isinstance(value, enum.Enum):
        return value
    if kind is tuple:
        return tuple(freeze(item) for item in value)
    if kind is list:
        return (LIST, *(freeze(item) for item in value))
    if kind is set or kind is frozenset:
        return (
            SET if kind is set else FROZENSET,
            *(freeze(item) for item in ordered(value)),
        )
    if kind is dict:
        return (DICT, *((freeze(key), freeze(value[key])) for key in ordered(value)))
    if is_frozen_dataclass(kind):
        parts = parts_of(value)
        frozen = [freeze(part) for part in parts]
        return value if frozen == parts else (DATA, kind, *frozen)
    raise TypeError(f"cannot freeze a {kind.__name__}: allowed are {ALLOWED}")


def thaw(value: Any) -> Any:
    """Undo `freeze`: every call returns fresh containers.

    Examples
    --------
    >>> thaw(freeze([{1, 2}, ("a",)]))
    [{1, 2}, ('a',)]
    """
    if type(value) is not tuple:
        return value
    match value:
        case ("\0list", *items):
            return [thaw(item) for item in items]
        case ("\0set", *items):
            return {thaw(item) for item in items}
        case ("\0frozenset", *items):
            return frozenset(thaw(item) for item in items)
        case ("\0dict", *pairs):
            return {thaw(key): thaw(item) for key, item in pairs}
        case ("\0data", kind, *parts):
            return build(kind, [thaw(part) for part in parts])
    return tuple(thaw(item) for item in value)


MUTABLE: set[type] = (
    set()
)  # the types of which a message or fact was seen that holds a list, a set or a dict


class _Snapshots(dict[type, Callable[[Any], Any]]):
    """From the type of a message or fact to what takes its snapshot."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if not is_frozen_dataclass(kind):
            raise TypeError(
                f"a message or fact must be a frozen dataclass, not a {kind.__name__}"
            )
        self[kind] = _snapshooter(kind)
        return self[kind]


SNAPSHOTS = _Snapshots()


def snapshot(value: Any) -> Any:
    """Return a message or a fact as it is now, for whatever its maker does to its parts
    later.

    Raises
    ------
    TypeError
        If it is no frozen dataclass, or holds what no message may.

    Examples
    --------
    >>> snapshot(["hello"])
    Traceback (most recent call last):
        ...
    TypeError: a message or fact must be a frozen dataclass, not a list
    """
    return SNAPSHOTS[type(value)](value)


def _snapshooter(kind: type) -> Callable[[Any], Any]:
    """Build the snapshot of one type: where all fields are atoms, the common case, it
    costs one look at each.
    """
    names = [field.name for field in fields(kind)]

    def thorough(value: Any) -> Any:
        check_value(value, kind.__name__)
        copy = copy_value(value)
        if copy is not value:
            MUTABLE.add(kind)
        return copy

    if len(names) == 1:
        only = attrgetter(*names)
        return lambda value: value if type(only(value)) in ATOMS else thorough(value)

    def quick(value: Any) -> Any:
        for name in names:
            if type(getattr(value, name)) not in ATOMS:
                return thorough(value)
        return value

    return quick
