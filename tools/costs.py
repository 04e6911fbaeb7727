"""What the checks cost, and what they would cost with all chapters: the sum over the
table under "Time" in CONTRIBUTING.md.

A row of it is a chapter, the first one what is there without any; a column is a part of
`make test` or of `make test-all`. Its numbers are seconds of one core, which a busy
machine stretches less than the seconds on the wall.
"""

from dataclasses import dataclass
from pathlib import Path

from tools import ROOT

__all__ = ["Costs", "check"]

CHAPTERS = 26
CORES = 2
TEST = ("unit", "notebook", "book")
TEST_ALL = ("slow", "browser", "JupyterLab", "JupyterLite", "PDF")
BOUNDS = {"make test": 600, "make test-all": 3000, "a chapter in test-all": 90}
TABLE = ROOT / "CONTRIBUTING.md"


@dataclass(frozen=True, slots=True)
class Costs:
    """The table: what the rest costs, and each chapter, in seconds by part."""

    rest: dict[str, float]
    chapters: dict[str, dict[str, float]]

    @classmethod
    def read(cls, path: Path | None = None) -> "Costs":
        """Read the table under "Time".

        Raises
        ------
        ValueError
            If its columns are not the parts, or it has no row but the first.
        """
        path = path or TABLE
        _, _, section = path.read_text(encoding="utf-8").partition("\n## Time\n")
        lines = [line for line in section.split("\n## ")[0].split("\n") if "|" in line]
        cells = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines
        ]
        parts = TEST + TEST_ALL
        if len(cells) < 4 or tuple(cells[0][1:]) != parts:
            raise ValueError(
                f"{path.name} has no table under 'Time' with a column for each of"
                f" {', '.join(parts)}, a row for the rest and one for a chapter"
            )
        rows = {
            row[0]: dict(zip(parts, map(float, row[1:]), strict=True))
            for row in cells[2:]
        }
        first = next(iter(rows))
        return cls(rows.pop(first), rows)

    def seconds(self, parts: tuple[str, ...], chapters: int) -> float:
        """What some parts take on two cores with so many chapters.

        Examples
        --------
        >>> costs = Costs({"unit": 40}, {"a": {"unit": 4}, "b": {"unit": 6}})
        >>> costs.seconds(("unit",), 4)
        30.0
        """
        mean = sum(row[part] for row in self.chapters.values() for part in parts)
        mean /= len(self.chapters)
        return (sum(self.rest[part] for part in parts) + chapters * mean) / CORES


def check() -> bool:
    """Print what all chapters would cost, and what of it is more than allowed. That is
    no failure of today's tree, so it is never an error.
    """
    costs = Costs.read()
    alone = (costs.seconds(TEST_ALL, n) for n in (1, 0))
    found = {
        "make test": costs.seconds(TEST, CHAPTERS),
        "make test-all": costs.seconds(TEST_ALL, CHAPTERS),
        "a chapter in test-all": next(alone) - next(alone),
    }
    print(f"With {CHAPTERS} chapters on {CORES} cores, by the table in {TABLE.name}:")
    for what, bound in BOUNDS.items():
        over = found[what] - bound
        more = f": {over:.0f} too many" if over > 0 else ""
        print(f"{what} takes {found[what]:.0f} s, and {bound} are allowed{more}")
    return True
