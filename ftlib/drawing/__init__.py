"""From a trace, a history or a model to a picture; from numbers to a plot.

How a protocol looks is told by a `Look`: those of the library stand in
`ftlib.drawing.looks`, a module a room of protocols.
"""

from ftlib.drawing.history import history_picture
from ftlib.drawing.look import Label, Look
from ftlib.drawing.picture import Picture
from ftlib.drawing.plots import axes, bars, curve, distribution
from ftlib.drawing.situations import SituationLook, situation_table
from ftlib.drawing.spacetime import spacetime
from ftlib.drawing.states import GraphLook, state_graph

__all__ = [
    "GraphLook",
    "Label",
    "Look",
    "Picture",
    "SituationLook",
    "axes",
    "bars",
    "curve",
    "distribution",
    "history_picture",
    "looks",
    "situation_table",
    "spacetime",
    "state_graph",
]
