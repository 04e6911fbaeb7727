"""Values as JSON and back: what a trace is kept in, and what travels between processes.

None, bool, str, int, finite floats and lists are written as JSON's own; everything else
as an object with one key that says what it is: ``{"tuple": [...]}``, ``{"data":
["Vote", "t1", "yes"]}``.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

from ftlib.simulation.faults import FAULTS, Written
from ftlib.simulation.values import build, ordered, parts_of

__all__ = ["decode", "encode", "vocabulary"]


def vocabulary(types: Iterable[type]) -> dict[str, type]:
    """Return the types by name, as `decode` needs them.

    Raises
    ------
    ValueError
        If two of them have the same name.
    """
    known: dict[str, type] = {}
    for kind in types:
        if known.setdefault(kind.__name__, kind) is not kind:
            raise ValueError(
                f"two types are called {kind.__name__!r}: every name must be different"
            )
    return known


def encode(value: Any) -> Any:
    """Turn an allowed value (`ftlib.simulation.values`) into what the json module
    writes.

    Examples
    --------
    >>> encode({"votes": ("yes", "no")})
    {'dict': [['votes', {'tuple': ['yes', 'no']}]]}
    """
    if isinstance(value, enum.Enum):
        return {"enum": [type(value).__name__, value.name]}
    if isinstance(value, float) and not isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {type(value).__name__: [encode(item) for item in ordered(value)]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if is_dataclass(value):
        return {
            "fault" if isinstance(value, Written) else "data": [
                type(value).__name__,
                *map(encode, parts_of(value)),
            ]
        }
    raise TypeError(f"cannot write a {type(value).__name__} as JSON")


def decode(value: Any, types: Mapping[str, type]) -> Any:
    """Undo `encode`.

    Raises
    ------
    ValueError
        If there is something in it that `encode` does not write, or a type that is not
        among `types`.

    Examples
    --------
    >>> decode({"tuple": ["yes", {"set": [1, 2]}]}, {})
    ('yes', {1, 2})
    """
    if isinstance(value, list):
        return [decode(item, types) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"data": [name, *parts]}:
            return _build(_named(name, types), parts, types)
        case {"fault": [name, *parts]}:
            return _build(_named(name, FAULTS), parts, types)
        case {"enum": [name, member]}:
            return _named(name, types)[member]  # type: ignore[index]
        case {"tuple": items}:
            return tuple(decode(item, types) for item in items)
        case {"set": items}:
            return {decode(item, types) for item in items}
        case {"frozenset": items}:
            return frozenset(decode(item, types) for item in items)
        case {"dict": items}:
            return {decode(key, types): decode(item, types) for key, item in items}
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"float": text}:
            return float(text)
    raise ValueError(
        f"cannot read {', '.join(map(repr, value)) or 'an empty object'}: this is not"
        " what `encode` writes"
    )


def _named(name: str, types: Mapping[str, type]) -> type:
    if name not in types:
        raise ValueError(
            f"{name} is not among the types given: {', '.join(sorted(types)) or 'none'}"
        )
    return types[name]


def _build(kind: type, parts: list[Any], types: Mapping[str, type]) -> Any:
    names = [field.name for field in fields(kind)]
    if len(names) != len(parts):
        raise ValueError(
            f"{kind.__name__} has the fields {', '.join(names) or 'none'}, and"
            f" {len(parts)} values were written"
        )
    return build(kind, [decode(part, types) for part in parts])
