"""What something costs: formula, measurement and literature of each cost in one row,
with the rule by which it was counted.
"""

from dataclasses import dataclass, fields
from html import escape

__all__ = ["CostRow", "CostTable"]


@dataclass(frozen=True, slots=True)
class CostRow:
    """Formula, measurement and literature for one cost, with what was counted.

    Attributes
    ----------
    cost : str
        "messages", "message delays" or "forced writes".
    rule : str
        The counting rule.
    formula : str
        Empty where only a number was published.
    expected, measured, published : int or None
        What the formula gives, what a run was measured to cost, what the source gives
        (by the same formula, or as a number); None where there is none.
    source : str
        Who published it.
    """

    cost: str
    rule: str
    formula: str
    expected: int | None
    measured: int | None
    published: int | None
    source: str

    @property
    def agree(self) -> bool | None:
        """Whether all numbers there are agree; None where there is only one."""
        numbers = [
            number
            for number in (self.expected, self.measured, self.published)
            if number is not None
        ]
        return len(set(numbers)) == 1 if len(numbers) > 1 else None

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, a dash for what there is not."""
        values = (getattr(self, field.name) for field in fields(self))
        verdict = {True: "yes", False: "NO", None: "–"}[self.agree]
        return (
            *("–" if value in (None, "") else str(value) for value in values),
            verdict,
        )


@dataclass(frozen=True, slots=True)
class CostTable:
    """Rows that print as a table, in text and in a notebook."""

    caption: str
    rows: tuple[CostRow, ...]

    HEAD = (
        "Cost",
        "What is counted",
        "Formula",
        "Formula gives",
        "Measured",
        "Published",
        "Source",
        "Agree?",
    )

    def __str__(self) -> str:
        table = [self.HEAD, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in table
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col">{escape(cell)}</th>'
            for cell in ("Counted", *self.HEAD[2:6], "Agree?")
        )
        body = []
        for cost in dict.fromkeys(row.cost for row in self.rows):
            body.append(
                '<tr><th scope="rowgroup"'
                f' colspan="6">{escape(cost.capitalize())}</th></tr>'
            )
            for _, rule, *numbers, source, agree in (
                row.cells() for row in self.rows if row.cost == cost
            ):
                told = rule if source == "–" else f"{rule} ({source})"
                cells = (told, *numbers, agree)
                body.append(
                    f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
                )
        caption = f"<caption>{escape(self.caption)}</caption>"
        rows = "".join(body)
        table = f"{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        return f"<table>{table}</table>"
