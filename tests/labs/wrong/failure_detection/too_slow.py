"""tuned: So many failed rounds that a crash is found too late."""

NUMBERS = (2, 5, 13)
