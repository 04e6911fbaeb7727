"""One picture that answers the reader's hand: with a kernel as ipywidgets, in the built book as plain HTML.

`Explore` shows an explorer, a pure function of `ftlib.explorers` that turns parameters into a `Picture`; the controls stand
beside its parameters. See `ftlib.live.explore`.
"""

from ftlib.live.controls import Choice, Range, Toggle, Toggles
from ftlib.live.explore import Explore

__all__ = ["Choice", "Explore", "Range", "Toggle", "Toggles"]
