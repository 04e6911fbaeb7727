"""What may be kept in a node's state, on its disk and in a message; how such a value is
copied and shown.

Allowed are None, bool, int, float, str, bytes, enumeration members, frozen dataclasses,
and dict, list and tuple of these. A value of that kind can be compared, copied, hashed,
printed and sent to another process, whatever world the node runs in; a file handle, a
lock or a function cannot, and is refused with the path that leads to it. A set is
refused because the order of its elements differs from run to run, and a handler can see
it; a dict keeps the order in which it was filled, in every world.

A node may also keep *parts*: dataclasses that are not frozen, made of the same values,
such as a log or a detector. Nothing that can change may be reached by two ways from one
node, because a copy of the state would have two of it.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any

__all__ = [
    "check_state",
    "check_value",
    "copy_value",
    "ordered",
    "show",
    "unchanging",
]

ATOMS = frozenset({type(None), bool, int, float, str, bytes})
ALLOWED = (
    "None, bool, int, float, str, bytes, an enum member, a frozen dataclass, or a dict,"
    " list or tuple of these"
)
SETS = (set, frozenset)
UNORDERED = (
    "the order of its elements differs from run to run, so keep a dict of them"
    " (dict.fromkeys), a list or a sorted tuple"
)


class _Data(dict[type, bool]):
    """From a class to whether it is a dataclass."""

    def __missing__(self, kind: type) -> bool:
        self[kind] = is_dataclass(kind)
        return self[kind]


DATA = _Data()


def is_frozen_dataclass(kind: type) -> bool:
    """Tell whether the instances of a class are frozen dataclasses."""
    return DATA[kind] and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


class _Names(dict[type, tuple[str, ...]]):
    """From a dataclass to the names of its fields, in order."""

    def __missing__(self, kind: Any) -> tuple[str, ...]:
        self[kind] = tuple(field.name for field in fields(kind))
        return self[kind]


NAMES = _Names()


def parts_of(value: Any) -> list[Any]:
    """Return the fields of a dataclass instance, in order."""
    return [getattr(value, name) for name in NAMES[type(value)]]


def build(kind: type, parts: Iterable[Any]) -> Any:
    """Make a dataclass with these fields as they are: `__init__` and `__post_init__`
    have seen them once already.
    """
    made: Any = object.__new__(kind)
    for name, part in zip(NAMES[kind], parts, strict=True):
        object.__setattr__(made, name, part)
    return made


class _Getters(dict[type, Callable[[Any], Any] | None]):
    """From a class to what reads all fields of an instance; None if it is no frozen
    dataclass.
    """

    def __missing__(self, kind: type) -> Callable[[Any], Any] | None:
        names = NAMES[kind] if is_frozen_dataclass(kind) else None
        if names is None or len(names) > 1:
            self[kind] = attrgetter(*names) if names else None
        else:  # attrgetter of one name returns no tuple
            self[kind] = lambda value: [getattr(value, name) for name in names]
        return self[kind]


GETTERS = _Getters()

# what was found unchanging of late, by id: a request passes through many hands, and is
# looked through once; being kept here, it shares its id with nothing else
FOUND: dict[int, Any] = {}
MOST_FOUND = 10_000


def unchanging(value: Any) -> bool:
    """Tell whether a value is allowed and has no part that can change: the common case,
    and found out fast.

    Examples
    --------
    >>> unchanging((1, ("a", None))), unchanging((1, ["a"])), unchanging({1, 2})
    (True, False, False)
    """
    kind = type(value)
    if kind in ATOMS or FOUND.get(id(value)) is value:
        return True
    if kind is tuple:
        parts = value
    else:
        get = GETTERS[kind]
        if get is None:
            return isinstance(value, enum.Enum)
        parts = get(value)
    for part in parts:  # all() would take twice as long
        if (
            type(part) not in ATOMS
            and FOUND.get(id(part)) is not part
            and not unchanging(part)
        ):
            return False
    if len(FOUND) >= MOST_FOUND:
        FOUND.clear()
    FOUND[id(value)] = value
    return True


def check_value(value: Any, where: str, seen: dict[int, str] | None = None) -> None:
    """Raise unless `value` may be on a disk or in a message.

    Parameters
    ----------
    value : object
        What to look at, all the way down.
    where : str
        The name of the place it was found in, for the message.
    seen : dict, optional
        For the state of a node, as `check_state` says: what can change and was met
        before, by id, with the place.

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
or a dict, list or tuple of these
    """
    kind = type(value)
    if kind in ATOMS or isinstance(value, enum.Enum):
        return
    data = DATA[kind]
    soft = data and not is_frozen_dataclass(kind)
    if seen is not None and (kind in (list, dict) or soft):
        if seen.setdefault(id(value), where) != where:
            raise TypeError(
                f"{where} and {seen[id(value)]} are one and the same {kind.__name__}:"
                " a copy of the state would have two, so keep it in one place"
            )
    elif soft:
        raise TypeError(
            f"{where} is a {kind.__name__}, a dataclass that is not frozen: write"
            " @dataclass(frozen=True)"
        )
    if kind in (tuple, list):
        for index, item in enumerate(value):
            if not unchanging(item):
                check_value(item, f"{where}[{index}]", seen)
    elif kind is dict:
        for key, item in value.items():
            if not unchanging(key):
                check_value(key, f"a key of {where}", seen)
            if not unchanging(item):
                check_value(item, f"{where}[{key!r}]", seen)
    elif data:
        for name in NAMES[kind]:
            check_value(getattr(value, name), f"{where}.{name}", seen)
    elif kind in SETS:
        raise TypeError(f"{where} is a {kind.__name__}: {UNORDERED}")
    else:
        raise TypeError(f"{where} is a {kind.__name__}: allowed are {ALLOWED}")


def check_state(state: dict[str, Any], where: str) -> dict[int, str]:
    """Raise unless a node may keep this: values, and parts, each in one place. Return
    what in it can change, by id, with its place.

    Raises
    ------
    TypeError
        As `check_value`; and if something that can change is reached by two ways.

    Examples
    --------
    >>> votes = []
    >>> check_state({"mine": votes, "theirs": votes}, "Voter")
    Traceback (most recent call last):
        ...
    TypeError: Voter.theirs and Voter.mine are one and the same list: a copy of the \
state would have two, so keep it in one place
    """
    seen: dict[int, str] = {}
    for name, value in state.items():
        check_value(value, f"{where}.{name}", seen)
    return seen


def copy_value(value: Any) -> Any:
    """Return a value that shares no mutable part with `value`, which has passed
    `check_value`.

    What has no mutable part is returned as it is.

    Examples
    --------
    >>> original = [1, {"a": 2}]
    >>> copy = copy_value(original)
    >>> original[1]["a"] = 3
    >>> copy
    [1, {'a': 2}]
    """
    if unchanging(value):
        return value
    kind = type(value)
    if kind is dict:
        return {key: copy_value(item) for key, item in value.items()}
    parts = value if kind in (list, tuple) else parts_of(value)
    copies = [copy_value(part) for part in parts]
    return kind(copies) if kind in (list, tuple) else build(kind, copies)


def ordered(items: Iterable[Any]) -> list[Any]:
    """Sort the elements of a set, of whatever types, the same way on every run.

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
    if isinstance(item, SETS):
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


# the types of which a message or fact was seen that holds a list or a dict
MUTABLE: set[type] = set()


class _Snapshots(dict[type, Callable[[Any], Any]]):
    """From the type of a message or fact to what takes its snapshot: it returns the
    value as it is now, for whatever its maker does to its parts later, or raises a
    TypeError if it holds what no message may.
    """

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if not is_frozen_dataclass(kind):
            raise TypeError(
                f"a message or fact must be a frozen dataclass, not a {kind.__name__}"
            )
        self[kind] = _snapshooter(kind)
        return self[kind]


SNAPSHOTS = _Snapshots()


def _snapshooter(kind: type) -> Callable[[Any], Any]:
    """Build the snapshot of one type: where all fields are atoms, the common case, it
    costs one look at each.
    """
    names = [field.name for field in fields(kind)]

    def thorough(value: Any) -> Any:
        if unchanging(value):
            return value
        check_value(value, kind.__name__)
        MUTABLE.add(kind)
        return copy_value(value)

    if len(names) == 1:
        only = attrgetter(*names)
        return lambda value: value if type(only(value)) in ATOMS else thorough(value)
    get: Any = GETTERS[kind]

    def quick(value: Any) -> Any:
        for part in get(value):
            if type(part) not in ATOMS and FOUND.get(id(part)) is not part:
                return thorough(value)
        return value

    return quick
