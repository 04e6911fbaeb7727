"""The table that a sweep makes: a line for all runs with the same parameters."""

from dataclasses import dataclass
from typing import Any

from ftlib.analysis.estimate import Estimate, Mean
from ftlib.simulation.values import show

__all__ = ["Point", "Table", "TableRow", "worded"]

Point = dict[str, Any]
"""Parameters by name."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table.

    Attributes
    ----------
    parameters : dict
    what : str
        What was measured, if the function returns more than one thing.
    estimate : Estimate or Mean
        A probability, with its interval, if all runs gave True or False; else the mean.
    """

    parameters: Point
    what: str
    estimate: Estimate | Mean


@dataclass(frozen=True, slots=True)
class Table:
    """What a sweep found: a line for all runs with the same parameters.

    Attributes
    ----------
    rows : tuple of TableRow
        In the order of the grid.
    missing : int
        How many tasks an interrupt has left undone.
    """

    rows: tuple[TableRow, ...]
    missing: int = 0

    def at(self, what: str = "", /, **parameters: Any) -> Estimate | Mean:
        """Look up the one estimate that was made with these parameters.

        Raises
        ------
        KeyError
            If there is none, or more than one.
        """
        found = [
            row.estimate
            for row in self.rows
            if row.what == what and parameters.items() <= row.parameters.items()
        ]
        if len(found) != 1:
            asked = ", ".join([*filter(None, [what]), worded(parameters)])
            raise KeyError(f"{len(found)} lines of the table are of {asked}")
        return found[0]

    def records(self) -> list[dict[str, Any]]:
        """Return the lines as flat dicts, such as ``pandas.DataFrame`` takes."""
        return [
            row.parameters
            | ({"what": row.what} if row.what else {})
            | {
                "value": row.estimate.value,
                "low": row.estimate.low,
                "high": row.estimate.high,
                "runs": row.estimate.trials
                if isinstance(row.estimate, Estimate)
                else row.estimate.samples,
            }
            for row in self.rows
        ]

    def __str__(self) -> str:
        records = self.records()
        names = list(dict.fromkeys(name for each in records for name in each))
        cells = [names, *([_cell(r.get(name, "")) for name in names] for r in records)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) for cell, width in zip(line, widths, strict=True)
            )
            for line in cells
        ]
        if self.missing:
            lines.append(f"interrupted: {self.missing:,} runs are missing")
        return "\n".join(lines)


def worded(parameters: Point) -> str:
    """Write parameters as in a call."""
    return ", ".join(f"{name}={show(value)}" for name, value in parameters.items())


def _cell(value: Any) -> str:
    """A value in a table."""
    if isinstance(value, float):
        return f"{value:,.4g}"
    return value if isinstance(value, str) else show(value)
