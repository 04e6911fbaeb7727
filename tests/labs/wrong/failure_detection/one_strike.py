"""tuned: Suspects after one failed round: a pause is a crash."""

NUMBERS = (2, 1, 1)
