"""tuned: A window so long that failed rounds add up, and who lives is suspected."""

NUMBERS = (2, 3, 20)
