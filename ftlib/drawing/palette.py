"""The colours of the book: one name a meaning, legible to colour-blind readers, in
light and in dark.

The hexadecimal values are those of Okabe and Ito (2008, "Color Universal Design"),
darkened where text needs contrast. In a picture a colour is always written
`var(--ft-NAME, #hex)`: a page's style sheet may redefine the name (the book does, for
its dark theme), and a host without one, such as JupyterLab, VS Code or Colab, falls
back to the value here. Colour never carries a meaning alone: a dash, a sign or a word
says the same.
"""

__all__ = ["HEX", "colour"]

HEX = {
    "ink": "#1b1f24",  # text and lifelines
    "muted": "#5c6670",  # axes, captions, what is less important
    "line": "#c4cad0",  # rules and frames
    "paper": "#ffffff",  # the ground a picture stands on
    "shade": "#eef1f4",  # bands and boxes on the ground
    "blue": "#0067a5",  # a message, a first series
    "orange": "#b35900",  # late, waiting, in doubt
    "green": "#00735c",  # holds, up, commit
    "red": "#c0271a",  # violated, lost, crashed, abort by failure
    "purple": "#93428c",  # disk: writes and forces
    "sky": "#247cac",  # a second series, duplicates
    "yellow": "#8a7300",  # timers
}


def colour(name: str) -> str:
    """Return the CSS value of a named colour.

    Parameters
    ----------
    name : str
        One of the keys of `HEX`.

    Returns
    -------
    str
        ``var(--ft-NAME, #hex)``.

    Raises
    ------
    ValueError
        If there is no such colour.

    Examples
    --------
    >>> colour("blue")
    'var(--ft-blue, #0067a5)'
    """
    if name not in HEX:
        raise ValueError(f"no colour {name!r}: choose one of {', '.join(HEX)}")
    return f"var(--ft-{name}, {HEX[name]})"
