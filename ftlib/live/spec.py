"""The specification: a figure and its dials as one JSON document, read alike by a
kernel, a web page and a worker.

A *state* is a tuple with one tuple of indices for each dial, in order: ``((2,), (0, 0,
1))`` is the third value of the first dial and the letters 1, 1 and 2 of the second.
Indices and never values: two languages that print a number differently could not agree
on a key. Of a dial of faults it holds their texts. In a *canonical* state the positions
that do not count (see `Toggles`) are cut off; its key, ``"2.0-0-1"``, names a picture
in the table of a page. `ft-live.js` holds the same few rules in its own language;
`tests/browser` checks that the two agree.
"""

import importlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self, cast

from ftlib.drawing.picture import Picture
from ftlib.figures.controls import Dial, Value

__all__ = ["VERSION", "Figure", "Setting", "Spec", "draw", "resolve"]

VERSION = 1
HOME = "ftlib.figures."
MAXIMUM = "maximum"  # of a dial, which only one of faults has

Figure = Callable[..., Picture]
Setting = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """Which function, which dials, and which parameters are held fixed.

    Parameters
    ----------
    function : str
        The figure's full name, ``ftlib.figures.<module>.<function>``.
    dials : tuple of Dial
    fixed : mapping of str to value
        Parameters that the reader cannot move and that differ from the function's own
        default.
    given : str, optional
        The name that links call the figure by, if it is not its function's.
    """

    function: str
    dials: tuple[Dial, ...]
    fixed: Mapping[str, Value]
    given: str = ""

    @property
    def name(self) -> str:
        """What links call the figure by; no other figure of the book has it."""
        return self.given or self.function.rpartition(".")[2]

    @property
    def defaults(self) -> Setting:
        """The canonical state in which the picture is first shown."""
        return self.canonical(tuple(dial.default for dial in self.dials))

    def count(self, state: Setting, dial: Dial) -> int:
        """How many positions of a dial count in a state."""
        if dial.kind == "faults":
            return len(state[self.dials.index(dial)])
        if not dial.of:
            return len(dial.default)
        other = next(
            index for index, known in enumerate(self.dials) if known.name == dial.of
        )
        return int(cast(int, self.dials[other].values[state[other][0]]))

    def canonical(self, state: Setting) -> Setting:
        """The state without the positions that do not count."""
        return tuple(
            indices[: self.count(state, dial)]
            for dial, indices in zip(self.dials, state, strict=True)
        )

    def key(self, state: Setting) -> str:
        """The name of a state's picture in a table.

        Examples
        --------
        >>> Spec(
        ...     "ftlib.figures.a.b",
        ...     (Dial("n", "range", "N", "", (1, 2), ("1", "2"), (0,)),),
        ...     {},
        ... ).key(((1,),))
        '1'
        """
        return ".".join(
            "-".join(map(str, indices)) for indices in self.canonical(state)
        )

    def parameters(self, state: Setting) -> dict[str, Any]:
        """The keyword arguments that a state stands for.

        Raises
        ------
        ValueError
            If a fault in it cannot be read.
        """
        given: dict[str, Any] = dict(self.fixed)
        for dial, positions in zip(self.dials, self.canonical(state), strict=True):
            given[dial.name] = dial.value(positions)
        return given

    def code(self, state: Setting) -> str:
        """The call that draws a state with faults, as Python for a cell.

        Examples
        --------
        >>> from ftlib.figures.by_hand import break_transfer
        >>> from ftlib.live import Live
        >>> spec = Live(break_transfer).spec
        >>> print(spec.code(((0,), ("Lose(message='Vote')",))))
        from ftlib.figures.by_hand import break_transfer
        from ftlib.simulation import Lose, Schedule
        <BLANKLINE>
        break_transfer(in_doubt="gives up", faults=Schedule([Lose(message='Vote')]))
        """
        module, _, figure = self.function.rpartition(".")
        given = ", ".join(
            f"{name}={json.dumps(value) if isinstance(value, str) else repr(value)}"
            for name, value in self.parameters(state).items()
        )
        names = ", ".join(sorted(set(re.findall(r"\b[A-Z]\w+(?=\()", given))))
        return (
            f"from {module} import {figure}\nfrom ftlib.simulation import {names}\n\n"
            f"{figure}({given})"
        )

    def words(self, state: Setting) -> str:
        """The state in the reader's words, such as ``Nodes: 3 · Votes: yes, no``."""
        return " · ".join(
            f"{dial.label}: {dial.words(positions)}"
            for dial, positions in zip(self.dials, self.canonical(state), strict=True)
        )

    def product(self) -> Iterator[Setting]:
        """Every canonical state without faults, the first dial slowest."""
        single = [
            (
                [dial.default]
                if dial.kind in ("toggles", "faults")
                else [(index,) for index in range(len(dial.values))]
            )
            for dial in self.dials
        ]
        for base in itertools.product(*single):
            positions = [
                (
                    itertools.product(
                        range(len(dial.values)), repeat=self.count(base, dial)
                    )
                    if dial.kind == "toggles"
                    else [indices]
                )
                for dial, indices in zip(self.dials, base, strict=True)
            ]
            yield from itertools.product(*positions)

    def star(self) -> Iterator[Setting]:
        """The defaults, then every state that differs from them in one position of one
        dial.
        """
        start: Setting = tuple(dial.default for dial in self.dials)
        yield self.defaults
        for place, dial in enumerate(self.dials):
            for position in range(self.count(start, dial)):
                for index in range(len(dial.values)):
                    if index != dial.default[position]:
                        moved = (
                            *dial.default[:position],
                            index,
                            *dial.default[position + 1 :],
                        )
                        yield self.canonical(
                            (*start[:place], moved, *start[place + 1 :])
                        )

    def json(self) -> str:
        """The specification as text, the same byte for byte wherever it is made."""
        content = {
            "version": VERSION,
            "function": self.function,
            **({"name": self.given} if self.given else {}),
            "fixed": dict(self.fixed),
            "controls": [
                {
                    key: part
                    for key, part in asdict(dial).items()
                    if part or key != MAXIMUM
                }
                for dial in self.dials
            ],
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a specification back.

        Raises
        ------
        ValueError
            If it is of another version.
        """
        content = json.loads(text)
        if content.get("version") != VERSION:
            raise ValueError(
                f"a specification of version {content.get('version')!r}; this ftlib"
                f" reads version {VERSION}"
            )
        dials = []
        for entry in content["controls"]:
            fields: dict[str, Any] = {
                key: tuple(part) if isinstance(part, list) else part
                for key, part in entry.items()
            }
            dials.append(Dial(**fields))
        return cls(
            content["function"],
            tuple(dials),
            content["fixed"],
            content.get("name", ""),
        )


def resolve(name: str) -> Figure:
    """Import a figure by its full name.

    Raises
    ------
    ValueError
        If it is not a module-level function of ``ftlib.figures.*``.
    """
    module, _, function = name.rpartition(".")
    if not module.startswith(HOME):
        raise ValueError(
            f"Live shows only functions of {HOME}*, which a built page can import as"
            f" well as a kernel; {name} is not one: move it to a module there"
        )
    found: Any = getattr(importlib.import_module(module), function, None)
    if not callable(found):
        raise ValueError(f"{module} has no function {function!r} at module level")
    return cast(Figure, found)


def draw(figure: Figure, parameters: Mapping[str, Any]) -> Picture:
    """Call a figure; what goes wrong is told together with the parameters that caused
    it.

    Raises
    ------
    TypeError
        If what it returns is not a `Picture`.
    Exception
        Whatever the figure raises, with a note that holds the call.
    """
    arguments = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
    call = f"{figure.__name__}({arguments})"
    try:
        picture = figure(**parameters)
    except Exception as error:
        error.add_note(f"raised by {call}")
        raise
    if not isinstance(picture, Picture):
        raise TypeError(
            f"{call} returned {type(picture).__name__}; a figure returns a"
            " ftlib.drawing.picture.Picture"
        )
    return picture
