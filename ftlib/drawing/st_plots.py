"""One style for the book's plots: a light card, legible labels with units, lines told apart without their colour.

matplotlib is imported when the first plot is drawn, so that the rest of the library does without it.
"""

from typing import Any

from ftlib.drawing.palette import HEX

__all__ = ["DASHES", "INKS", "axes"]

INKS = tuple(HEX[name] for name in ("blue", "orange", "green", "purple", "red"))
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
STYLE: Any = {
    "font.size": 12,
    "axes.edgecolor": HEX["muted"],
    "axes.labelcolor": HEX["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": HEX["line"],
    "grid.linewidth": 0.6,
    "lines.linewidth": 2.0,
    "lines.markersize": 7,
    "legend.frameon": False,
    "text.color": HEX["ink"],
    "xtick.color": HEX["ink"],
    "ytick.color": HEX["ink"],
    "figure.facecolor": "#ffffff",
    "figure.constrained_layout.use": True,
}


def axes(x: str, y: str, *, width: float = 6.6, height: float = 3.6) -> Any:
    """Begin a plot in the book's style.

    Parameters
    ----------
    x, y : str
        The labels of the axes, with their units.
    width, height : float
        In inches; the picture is stored at two pixels a point.

    Returns
    -------
    matplotlib.axes.Axes
        Its lines take the inks and dashes of the book in turn.

    Raises
    ------
    ValueError
        If a label is empty.

    Examples
    --------
    >>> ax = axes("participants", "messages")
    >>> ax.get_xlabel()
    'participants'
    """
    if not x or not y:
        raise ValueError(f"the axes are called {x!r} and {y!r}: say what each shows, and its unit")
    import matplotlib.pyplot as plt
    from cycler import cycler
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    if plt.get_backend().lower().endswith("inline"):
        set_matplotlib_formats("retina")  # type: ignore[no-untyped-call]
    cycle = cycler(color=INKS) + cycler(linestyle=DASHES) + cycler(marker=("o", "s", "^", "D", "v"))
    with plt.rc_context({**STYLE, "axes.prop_cycle": cycle}):
        _, ax = plt.subplots(figsize=(width, height))
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    return ax
