"""A schedule of faults as one value: it prints as a table, and reads back from its own
text.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ftlib.simulation.faults import FAULTS, Point

__all__ = ["Schedule"]


@dataclass(frozen=True, init=False, repr=False)
class Schedule:
    """Faults, or the steps of a script, in order.

    Printed, it is a table; its `repr` is Python that makes it again, and
    `Schedule.from_text` reads that back.

    Parameters
    ----------
    faults : iterable of faults or steps

    Raises
    ------
    TypeError
        If an item is neither.

    Examples
    --------
    >>> from ftlib.simulation import Crash, Recover
    >>> schedule = Schedule([Crash("p1", at=0.5), Recover("p1", at=2.0)])
    >>> print(schedule)
    1  Crash    node='p1'  at=0.5
    2  Recover  node='p1'  at=2.0
    >>> Schedule.from_text(repr(schedule)) == schedule
    True
    """

    faults: tuple[Any, ...]

    def __init__(self, faults: Iterable[Any] = ()) -> None:
        faults = tuple(faults)
        for fault in faults:
            if FAULTS.get(type(fault).__name__) is not type(fault) or isinstance(
                fault, Point
            ):
                raise TypeError(
                    f"{fault!r} is no fault: choose from"
                    f" {', '.join(name for name in FAULTS if name != 'Point')}"
                )
        object.__setattr__(self, "faults", faults)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.faults)

    def __len__(self) -> int:
        return len(self.faults)

    def __getitem__(self, index: int) -> Any:
        return self.faults[index]

    def __repr__(self) -> str:
        return f"Schedule([{', '.join(map(repr, self.faults))}])"

    def __str__(self) -> str:
        if not self.faults:
            return "no faults"
        names = [type(fault).__name__ for fault in self.faults]
        wide, numbers = max(map(len, names)), len(str(len(names)))
        rows = (
            (f"{name:<{wide}}", *fault.words())
            for name, fault in zip(names, self.faults, strict=True)
        )
        return "\n".join(
            "  ".join((f"{number:>{numbers}}", *row)).rstrip()
            for number, row in enumerate(rows, 1)
        )

    @classmethod
    def from_text(cls, text: str) -> "Schedule":
        """Read back what `repr` wrote, without running it as code.

        Raises
        ------
        ValueError
            If the text is anything but calls of the fault names with plain values.
        """
        said = text if len(text) <= 200 else f"{text[:100]}... ({len(text):,} letters)"
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            match tree:
                case ast.Call(ast.Name("Schedule"), [], []):
                    return cls()
                case ast.Call(
                    ast.Name("Schedule"), [ast.List(items) | ast.Tuple(items)], []
                ):
                    return cls(_build(item) for item in items)
        except (SyntaxError, TypeError, ValueError) as error:
            raise ValueError(f"cannot read {said!r} as a schedule: {error}") from error
        except (MemoryError, RecursionError) as error:  # of too many signs or brackets
            raise ValueError(f"cannot read {said!r} as a schedule: too deep") from error
        raise ValueError(f"cannot read {said!r} as a schedule: write Schedule([...])")


def _build(tree: ast.expr) -> Any:
    match tree:
        case ast.Call(ast.Name(name), arguments, words) if name in FAULTS:
            return FAULTS[name](
                *map(_build, arguments),
                **{word.arg or "**": _build(word.value) for word in words},
            )
        case ast.Call(called):
            raise ValueError(
                f"no fault is called {ast.unparse(called)!r}: choose from"
                f" {', '.join(FAULTS)}"
            )
        case ast.Tuple(items) | ast.List(items):
            return tuple(map(_build, items))
    return ast.literal_eval(tree)
