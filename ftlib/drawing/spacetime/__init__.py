"""The space-time diagram of a run (Lamport 1978).

`steps` cuts the run into steps, and `hiding` leaves some out; `places` and `rows` say
where they stand, and `labels` finds room for the words; `lines`, `drawn`, `arrows` and
`strip` draw, `telling` tells the story, and `diagram` puts them together.
"""

from ftlib.drawing.spacetime.diagram import spacetime

__all__ = ["spacetime"]
