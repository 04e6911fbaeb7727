"""Values as MessagePack and back: what travels between processes, and what stands in
their files.

What comes from outside may be anything. A datagram becomes a message only if it names a
type that the protocol lists in its `MESSAGES`, with as many fields as that has, each of
what its annotation says; nothing in it can name a class to import or a function to
call. None, bool, int, float, str and bytes are written as MessagePack's own, everything
else as an array whose first item says what it is: the name of a dataclass, or a number.
"""

import enum
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ftlib.simulation import Node
from ftlib.simulation.values import ATOMS, NAMES, build, parts_of

__all__ = ["Refused", "Wire", "fits", "types_of"]

TUPLE, LIST, DICT, ENUM, BIG = range(5)  # what an array is, if no dataclass
PLAIN = (bool, int, float, str, bytes, NoneType)
DECIMAL = "-?[0-9]{19,4000}"
Make = Callable[[type, list[Any]], Any]
INT64 = range(-(2**63), 2**64)  # MessagePack has no others


class Refused(Exception):  # noqa: N818 - it names what is done with the datagram
    """What came is no message of the protocol; `reason` counts it."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(f"{reason}: {words}")
        self.reason = reason


def msgpack() -> Any:
    """Import the one package that this needs, which is not there by default.

    Raises
    ------
    ImportError
        In one line, with what to install.
    """
    try:
        import msgspec.msgpack
    except ImportError:
        raise ImportError(
            "nodes as processes need msgspec: pip install -r requirements/real.txt"
        ) from None
    return msgspec.msgpack


class Wire:
    """The types that may travel, by name.

    Parameters
    ----------
    messages : iterable of dataclasses
        What may come as a message: the `MESSAGES` of all nodes.
    inside : iterable of dataclasses and enumerations
        What else may stand in them, in facts and on disks.
    """

    def __init__(self, messages: Iterable[type], inside: Iterable[type] = ()) -> None:
        self._packer = msgpack()
        listed = tuple(messages)
        found = dict.fromkeys((*listed, *inside))
        names = [kind.__qualname__ for kind in found]
        self.names = {
            kind: name if names.count(name) == 1 else f"{kind.__module__}.{name}"
            for kind, name in zip(found, names, strict=True)
        }
        self.types = {name: kind for kind, name in self.names.items()}
        self.messages = {self.names[kind] for kind in listed}

    # Bytes ----------------------------------------------------------------------------

    def pack(self, value: Any) -> bytes:
        """Write a value.

        Raises
        ------
        TypeError
            If a type in it is not among those that may travel.
        """
        return self._packer.encode(self.plain(value))

    def encode(self, plain: Any) -> bytes:
        """Write what `plain` has returned."""
        return self._packer.encode(plain)

    def unpack(self, data: bytes) -> Any:
        """Read what `pack` has written.

        Raises
        ------
        Refused
            If it was something else.
        """
        return self.value(self.decode(data))

    def decode(self, data: bytes) -> Any:
        """Read bytes as nested lists, for `value` and `message`; raises `Refused`."""
        try:
            return self._packer.decode(data)
        except (ValueError, RecursionError, MemoryError) as error:
            # the errors of msgspec are ValueErrors
            raise Refused("no MessagePack", str(error)) from None

    # Values ---------------------------------------------------------------------------

    def plain(self, value: Any) -> Any:
        """Turn a value into what MessagePack can write; raises as `pack`."""
        kind = type(value)
        if kind is int and value not in INT64:
            return [BIG, str(value)]
        if kind in ATOMS:
            return value
        if kind is tuple:
            return [TUPLE, *map(self.plain, value)]
        if kind is list:
            return [LIST, *map(self.plain, value)]
        if kind is dict:
            return [
                DICT,
                *(self.plain(each) for pair in value.items() for each in pair),
            ]
        name = self.names.get(kind)
        if name is None:
            raise TypeError(
                f"{kind.__name__} cannot travel: list it in the MESSAGES or FACTS of a"
                " node, or define it in a module of one"
            )
        if isinstance(value, enum.Enum):
            return [ENUM, name, value.name]
        return [name, *map(self.plain, parts_of(value))]

    def pair(self, *plains: Any) -> Any:
        """Return the tuple of values that are plain already."""
        return [TUPLE, *plains]

    def value(self, plain: Any, make: Make = build) -> Any:
        """Undo `plain`, and let `make` make the dataclasses; raises `Refused`."""
        if type(plain) is not list:
            if isinstance(plain, PLAIN):
                return plain
            raise Refused("wrong field", f"a {type(plain).__name__} stands in it")
        match plain:
            case [str(name), *items]:
                return self._dataclass(name, items, make)
            case [int(tag), *items] if tag in (TUPLE, LIST):
                made = [self.value(item, make) for item in items]
                return tuple(made) if tag == TUPLE else made
            case [int(tag), *items] if tag == DICT and len(items) % 2 == 0:
                made = [self.value(item, make) for item in items]
                try:
                    return dict(zip(made[::2], made[1::2], strict=True))
                except TypeError:
                    raise Refused("wrong field", "a key cannot be hashed") from None
            case [int(tag), str(name), str(member)] if tag == ENUM:
                members = getattr(self.types.get(name), "__members__", {})
                if member in members:
                    return members[member]
                raise Refused("wrong field", f"there is no {name[:60]}.{member[:60]}")
            case [int(tag), str(text)] if tag == BIG and re.fullmatch(DECIMAL, text):
                return int(text)
        raise Refused("wrong field", "an array that does not say what it is")

    def message(self, plain: Any) -> Any:
        """Read a message that came from outside; raises `Refused`."""
        match plain:
            case [str(name), *items] if name in self.messages:
                try:
                    return self._dataclass(name, items, checked)
                except RecursionError:
                    raise Refused("wrong field", "nested too deep") from None
            case [str(name), *_]:
                raise Refused("unknown type", name[:60])
        raise Refused("unknown type", f"a {type(plain).__name__}")

    def _dataclass(self, name: str, items: list[Any], make: Make) -> Any:
        kind = self.types.get(name)
        if kind is None or not is_dataclass(kind):
            raise Refused("unknown type", name[:60])
        if len(items) != len(NAMES[kind]):
            wanted = len(NAMES[kind])
            raise Refused("wrong field", f"{name} has {wanted}, not {len(items)}")
        return make(kind, [self.value(item, make) for item in items])


# What a field may hold ----------------------------------------------------------------


def checked(kind: type, parts: list[Any]) -> Any:
    """Make a dataclass as its `__init__` does, if each field is what its annotation
    says; raises `Refused`.
    """
    made = dict(zip(NAMES[kind], parts, strict=True))
    for field, check in checks(kind):
        if not check(made[field]):
            what = type(made[field]).__name__
            raise Refused("wrong field", f"{kind.__name__}.{field} is a {what}")
    try:
        return kind(**made)
    except (TypeError, ValueError) as error:
        raise Refused("wrong field", f"{kind.__name__}: {error}") from None


@cache
def checks(kind: type) -> list[tuple[str, Callable[[Any], bool]]]:
    """For each field of a dataclass, what its annotation lets pass."""
    hints = get_type_hints(kind)
    return [(name, fits(hints[name])) for name in NAMES[kind]]


def fits(hint: Any) -> Callable[[Any], bool]:
    """Return what tells whether a value is of what an annotation says.

    Examples
    --------
    >>> check = fits(tuple[int, ...] | None)
    >>> check((1, 2)), check(None), check((1, "2")), check([1, 2])
    (True, True, False, False)
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        either = [fits(each) for each in inner]
        return lambda value: any(check(value) for check in either)
    if origin is Literal:
        return lambda value: any(
            type(value) is type(each) and value == each for each in inner
        )
    if origin is tuple and inner[-1:] != (...,):
        each = [fits(part) for part in inner]
        return lambda value: (
            type(value) is tuple
            and len(value) == len(each)
            and all(check(part) for check, part in zip(each, value, strict=True))
        )
    if origin in (tuple, list):
        item = fits(inner[0])
        return lambda value: type(value) is origin and all(map(item, value))
    if origin is dict:
        key, content = map(fits, inner)
        return lambda value: (
            type(value) is dict
            and all(map(key, value))
            and all(map(content, value.values()))
        )
    if hint is float:
        return lambda value: type(value) in (float, int)
    if hint is None or hint is NoneType:
        return lambda value: value is None
    if hint in (Any, object):
        return lambda value: True
    if hint in PLAIN:
        return lambda value: type(value) is hint  # a bool is no int
    if isinstance(hint, type):
        return lambda value: isinstance(value, hint)
    return lambda value: True


# Which types there are ----------------------------------------------------------------


def types_of(nodes: Iterable[Node]) -> Iterator[type]:
    """Iterate over the types that nodes may send, record, and keep on their disks: what
    they list, what stands in its fields, and what their modules define or import.
    """
    waiting: list[Any] = []
    for kind in dict.fromkeys(type(node) for node in nodes):
        waiting += [*kind.MESSAGES, *kind.FACTS]
        for base in kind.__mro__[: kind.__mro__.index(Node)]:
            waiting += vars(sys.modules[base.__module__]).values()
    seen: dict[int, Any] = {}  # by id, and kept, for else an id would be used again
    while waiting:
        kind = waiting.pop()
        if id(kind) in seen:
            continue
        seen[id(kind)] = kind
        if isinstance(kind, type) and is_dataclass(kind):
            with suppress(NameError):  # a name that only a type checker knows
                waiting += get_type_hints(kind).values()
            yield kind
        elif isinstance(kind, type) and issubclass(kind, enum.Enum):
            yield kind
        else:
            waiting += get_args(kind)
