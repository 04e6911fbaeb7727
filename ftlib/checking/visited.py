"""What a search for an order remembers: the places it has entered, in bounded
memory.
"""

from sys import getsizeof
from typing import Any

from ftlib.simulation.values import freeze

__all__ = ["Visited"]

ENTRY = 280  # bytes of a place that is remembered, without its state, on CPython


class Visited:
    """Where the searches have been: two generations, of which the older is forgotten
    when the younger is full.

    Parameters
    ----------
    size : int
        How many bytes it may take, roughly.
    """

    def __init__(self, size: int) -> None:
        self.young: dict[Any, Any] = {}
        self.old: dict[Any, Any] = {}
        self.size = self.room = size // 2

    def before(self, place: tuple[Any, ...], used: int) -> bool:
        """Tell whether a place was entered before with no others of the pending
        operations used; if not, note it.
        """
        try:
            known = self.young.get(place)
        except TypeError:  # a state that cannot be hashed, such as a list
            place = (*place[:-1], freeze(place[-1]))
            known = self.young.get(place)
        if known is None:
            known = self.old.get(place, ())
        if isinstance(known, int):
            known = (known,)
        for fewer in known:
            if fewer & used == fewer:
                return True
        self.young[place] = (
            (*(more for more in known if more & used != used), used) if known else used
        )
        self.room -= ENTRY + getsizeof(place[-1])
        if self.room < 0:
            self.young, self.old, self.room = {}, self.young, self.size
        return False
