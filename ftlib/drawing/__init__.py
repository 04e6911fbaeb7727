"""From a trace or a state to a picture; from numbers to a plot."""
