"""The table of pictures that lies beside a built page, so that its controls answer
without Python.

The law: every combination of the controls, up to 60 kB gzipped; beyond that each
control moved alone from the defaults. Where the reader puts faults by hand it is the
latter, with each fault that can come first, and then the combinations of the first two
controls, of the first three, and so on, while they fit; and for each setting what the
figure's challenge says. So that a build ends, at most a
thousand combinations are tried, and drawing stops where the bytes are spent. Pictures
of one figure share most of their elements, so a table stores each element once and a
picture as the list of its elements. A table is a script of its own, fetched when the
reader comes near: a page opened from disk may run a script, and nothing else from
beside it.
"""

import gzip
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ftlib.live.challenges import goals
from ftlib.live.spec import Figure, Setting, Spec, draw

__all__ = ["LARGEST", "MOST", "Table", "firsts"]

MOST = 1_000
"""The most combinations that are drawn, which bounds the time that it takes."""
LARGEST = 60_000
"""The most bytes of a full product, gzipped."""
FIRST = (
    25  # so many pictures are drawn before their bytes are counted, then twice as many
)

BETWEEN = re.compile(r"(?<=>)(?=<)")


@dataclass(frozen=True, slots=True)
class Table:
    """Precomputed pictures by the key of their state.

    Parameters
    ----------
    pictures : dict of str to str
        The HTML of each picture.
    complete : bool
        Whether every combination is there.
    goals : dict
        What the figure's challenge says in each setting (`ftlib.live.challenges`).
    """

    pictures: dict[str, str]
    complete: bool
    goals: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: Spec, figure: Figure) -> "Table":
        """Draw the pictures of a specification.

        Raises
        ------
        Exception
            Whatever the figure raises, with a note that holds the call.
        """
        drawn: dict[str, str] = {}
        asked = (
            goals(spec.json()) if any(d.kind == "faults" for d in spec.dials) else {}
        )

        def table(states: Iterable[Setting], complete: bool) -> Table:
            wanted = {spec.key(state): state for state in states}
            for key in wanted:
                if key in drawn:
                    continue
                drawn[key] = draw(figure, spec.parameters(wanted[key]))._repr_html_()
            return cls({key: drawn[key] for key in wanted}, complete, asked)

        if any(dial.kind == "faults" for dial in spec.dials):
            alone = list(spec.star())
            best = table(alone, complete=False)
            for more in (firsts(spec, figure), *_prefixes(spec)):
                wanted = [*alone, *more]
                part = table(wanted, complete=False)
                if part.gzipped <= LARGEST:
                    alone, best = wanted, part
            return best
        states = list(itertools.islice(spec.product(), MOST + 1))
        count = FIRST if len(states) <= MOST else 0
        while count:
            part = table(states[:count], complete=count >= len(states))
            if part.gzipped > LARGEST:
                break
            if part.complete:
                return part
            count *= 2
        return table(spec.star(), complete=False)

    def json(self) -> str:
        """The table as a JSON document."""
        numbers: dict[str, int] = {}
        pictures = {
            key: [
                numbers.setdefault(part, len(numbers)) for part in BETWEEN.split(html)
            ]
            for key, html in self.pictures.items()
        }
        content: dict[str, Any] = {"parts": list(numbers), "pictures": pictures}
        if self.goals:
            content["goals"] = self.goals
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def digest(self, spec: Spec) -> str:
        """A few letters that another specification, or other pictures, do not have."""
        content = f"{spec.json()}\n{self.json()}".encode()
        return hashlib.blake2b(content, digest_size=6).hexdigest()

    def script(self, name: str) -> str:
        """The script that hands the table to the page under a name."""
        return f"(globalThis.ftTables ??= {{}})[{json.dumps(name)}] = {self.json()};\n"

    @property
    def gzipped(self) -> int:
        """Its size in bytes as a server sends it."""
        return len(gzip.compress(self.json().encode(), 6, mtime=0))


def _prefixes(spec: Spec) -> Iterator[list[Setting]]:
    """The combinations of the first two controls, of the first three, and so on, with
    all others as they are at first.
    """
    states = list(itertools.islice(spec.product(), MOST))
    for count in range(2, len(spec.dials)):
        yield [each for each in states if each[count:] == spec.defaults[count:]]


def firsts(spec: Spec, figure: Figure) -> Iterator[Setting]:
    """The defaults with each of the faults that can be put on their picture by hand."""
    hand = draw(figure, spec.parameters(spec.defaults)).hand
    for offered in hand.offered if hand else ():
        yield tuple(
            (offered.text,) if dial.kind == "faults" else positions
            for dial, positions in zip(spec.dials, spec.defaults, strict=True)
        )
