"""One style for the book's plots: a light card, labels with units, series told apart
without their colour, intervals shown.

`axes` begins a plot; `curve`, `bars` and `distribution` draw on it. matplotlib is
imported when the first plot begins, so that the rest of the library does without it,
and its global settings stay as they are. Printed in black and white a series still has
its own dash, marker or hatch.
"""

from collections.abc import Sequence
from typing import Any

from ftlib.drawing.palette import HEX

__all__ = [
    "DASHES",
    "HATCHES",
    "INKS",
    "MARKERS",
    "axes",
    "bars",
    "curve",
    "distribution",
]

INKS = tuple(
    HEX[name] for name in ("blue", "orange", "green", "purple", "red")
)  # Okabe and Ito's, as dark as text needs
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v")
HATCHES = ("", "///", "...", "xxx", "\\\\\\")

STYLE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": HEX["muted"],
    "axes.grid": True,
    "axes.labelcolor": HEX["ink"],
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.facecolor": HEX["paper"],
    "axes.facecolor": HEX["paper"],
    "font.size": 12,
    "grid.color": HEX["line"],
    "grid.linewidth": 0.6,
    "text.color": HEX["ink"],
    "xtick.color": HEX["ink"],
    "ytick.color": HEX["ink"],
}


def axes(x: str, y: str, *, width: float = 6.6, height: float = 3.6) -> Any:
    """Begin a plot in the book's style.

    Parameters
    ----------
    x, y : str
        The labels of the axes, with their units: ``"latency (ms)"``. Axes that only
        name things have a label too.
    width, height : float
        In inches. In a notebook the picture is stored at two pixels a point.

    Returns
    -------
    matplotlib.axes.Axes
        Whatever is drawn on it takes the book's inks, dashes and markers in turn.

    Raises
    ------
    ValueError
        If a label is empty.

    Examples
    --------
    >>> ax = axes("participants", "messages a transaction")
    >>> ax.get_xlabel()
    'participants'
    """
    if not x.strip() or not y.strip():
        raise ValueError(
            f"the axes are called {x!r} and {y!r}: say what each shows, and its unit"
        )
    import matplotlib.pyplot as plt
    from cycler import cycler

    if plt.get_backend().lower().endswith("inline"):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("retina")  # type: ignore[no-untyped-call]
    cycle = cycler(color=INKS) + cycler(linestyle=DASHES) + cycler(marker=MARKERS)
    with plt.rc_context({**STYLE, "axes.prop_cycle": cycle}):
        _, ax = plt.subplots(figsize=(width, height))
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    return ax


def curve(
    ax: Any,
    x: Sequence[float],
    y: Sequence[float],
    label: str = "",
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    markers: bool = True,
) -> None:
    """Draw a line, with the band of its intervals if they are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes`.
    x, y : sequences of float
        The points, as many of one as of the other.
    label : str
        For the legend, which appears with the first label.
    low, high : sequences of float, optional
        The ends of the interval at each point.
    markers : bool
        Whether to mark the points; not where a formula is drawn.

    Raises
    ------
    ValueError
        If the lengths differ, only one end is given, or an interval is upside down.

    Examples
    --------
    >>> ax = axes("nodes", "availability")
    >>> curve(
    ...     ax,
    ...     [1, 2, 3],
    ...     [0.90, 0.99, 0.999],
    ...     "measured",
    ...     low=[0.88, 0.98, 0.997],
    ...     high=[0.92, 0.995, 0.9999],
    ... )
    >>> (
    ...     len(ax.lines),
    ...     len(ax.collections),
    ... )  # the line and the edges of its band, the band
    (3, 1)
    """
    _lengths(x=x, y=y)
    ends = _ends(y, low, high)
    style = {} if markers else {"marker": ""}
    (line,) = ax.plot(x, y, label=label or None, linewidth=2, markersize=6, **style)
    if ends:
        ax.fill_between(x, *ends, color=line.get_color(), alpha=0.16, linewidth=0)
        for end in ends:  # the edge of the band, for paper without colour
            ax.plot(
                x,
                end,
                color=line.get_color(),
                linewidth=0.7,
                linestyle=line.get_linestyle(),
                marker="",
                scalex=False,
            )
    _legend(ax, label)


def bars(
    ax: Any,
    names: Sequence[str],
    values: Sequence[float],
    label: str = "",
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    place: int = 0,
    of: int = 1,
) -> None:
    """Draw one series of bars, with their intervals if they are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes`.
    names : sequence of str
        What each bar, or group of bars, stands for.
    values : sequence of float
    label : str
        For the legend.
    low, high : sequences of float, optional
        The ends of the interval of each value.
    place, of : int
        Which series this is, from 0, of how many that stand side by side.

    Raises
    ------
    ValueError
        As for `curve`, and if there is no such place.

    Examples
    --------
    >>> ax = axes("protocol", "messages a transaction")
    >>> bars(ax, ["2PC", "3PC"], [12, 20], "formula", place=0, of=2)
    >>> bars(
    ...     ax,
    ...     ["2PC", "3PC"],
    ...     [12, 20],
    ...     "measured",
    ...     low=[12, 19],
    ...     high=[12, 21],
    ...     place=1,
    ...     of=2,
    ... )
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['2PC', '3PC']
    """
    _lengths(names=names, values=values)
    if not 0 <= place < of:
        raise ValueError(f"place is {place} of {of}: count the series from 0")
    ends = _ends(values, low, high)
    wide = 0.8 / of
    at = [number + (place - (of - 1) / 2) * wide for number in range(len(names))]
    ink = INKS[place % len(INKS)]
    errors = None
    if ends:
        errors = [
            [value - end for value, end in zip(values, ends[0], strict=True)],
            [end - value for value, end in zip(values, ends[1], strict=True)],
        ]
    ax.bar(
        at,
        values,
        0.94 * wide,
        label=label or None,
        facecolor=f"{ink}33" if place else ink,
        edgecolor=ink,
        hatch=HATCHES[place % len(HATCHES)],
        linewidth=1.4,
        yerr=errors,
        error_kw={"ecolor": HEX["ink"], "elinewidth": 1.4, "capsize": 4},
    )
    ax.set_xticks(range(len(names)), names)
    ax.grid(axis="x", visible=False)
    _legend(ax, label, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=of)


def distribution(ax: Any, samples: Sequence[float], label: str = "") -> None:
    """Draw the share of samples that are at most x, a step for each.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `axes`; its y axis then goes from 0 to 1.
    samples : sequence of float
        In any order.
    label : str
        For the legend.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> ax = axes("latency (ms)", "share of messages")
    >>> distribution(ax, [3.0, 1.0, 2.0, 2.0], "uniform")
    >>> [float(y) for y in ax.lines[0].get_ydata()]
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not samples:
        raise ValueError("there are no samples: give at least one")
    x = sorted(samples)
    shares = [number / len(x) for number in range(len(x) + 1)]
    ax.plot(
        [x[0], *x],
        shares,
        label=label or None,
        drawstyle="steps-post",
        marker="",
        linewidth=2,
    )
    ax.set_ylim(0, 1.02)
    _legend(ax, label)


def _lengths(**given: Sequence[Any]) -> None:
    counts = {name: len(values) for name, values in given.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(
            "lengths differ: "
            + ", ".join(f"{name} has {count}" for name, count in counts.items())
        )


def _ends(
    values: Sequence[float], low: Sequence[float] | None, high: Sequence[float] | None
) -> tuple[Sequence[float], Sequence[float]] | None:
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise ValueError("an interval has two ends: give both low and high")
    _lengths(values=values, low=low, high=high)
    for start, value, end in zip(low, values, high, strict=True):
        if not start <= value <= end:
            raise ValueError(
                f"the interval from {start} to {end} does not hold its value {value}"
            )
    return low, high


def _legend(ax: Any, label: str, **where: Any) -> None:
    if label:
        ax.legend(frameon=False, **where)
