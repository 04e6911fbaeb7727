"""tuned: Asks everybody for help, which is more than it takes."""

NUMBERS = (3, 3, 7)
