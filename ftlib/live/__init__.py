"""One picture that answers the reader's hand: with a kernel as ipywidgets, in the built
book as plain HTML.

`Live` shows a figure, a pure function of `ftlib.figures` that turns parameters into a
`Picture`; the controls stand beside its parameters. See `ftlib.live.live`. `Predict`
asks the reader what he expects before he sees it; `difference` and `source` show him
the code.
"""

from ftlib.live.difference import difference
from ftlib.live.live import Live
from ftlib.live.predict import Predict
from ftlib.live.source import source

__all__ = ["Live", "Predict", "difference", "source"]
