"""tuned: As many failed rounds as the window has: whoever fails now and then is never
found.
"""

NUMBERS = (2, 3, 3)
