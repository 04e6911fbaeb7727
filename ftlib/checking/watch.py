"""What a long exploration says of itself while it runs, and when its time is over."""

import sys
from collections.abc import Callable
from time import monotonic

__all__ = ["Progress", "Watch"]

Progress = Callable[[int, int, float], None]
"""Called with how many states there are, how deep, and after how many seconds."""
PATIENCE = 1.0  # seconds before anything is said
EVERY = 0.2


class Watch:
    """The clock of one exploration.

    Parameters
    ----------
    timeout : float or None
        Seconds.
    progress : callable, optional
        What is told how far it is, a few times a second once it has taken one. If left
        out, a line on the terminal, if there is one.
    """

    def __init__(self, timeout: float | None, progress: Progress | None) -> None:
        self.timeout = timeout
        self.progress = progress
        if progress is None and sys.stderr is not None and sys.stderr.isatty():
            self.progress = _line
        self.needed = timeout is not None or self.progress is not None
        self.start = monotonic()
        self.next = PATIENCE

    def over(self, states: int, depth: int) -> bool:
        """Tell whether the time is over; say how far it is if that is due."""
        seconds = monotonic() - self.start
        if self.progress is not None and seconds > self.next:
            self.next = seconds + EVERY
            self.progress(states, depth, seconds)
        return self.timeout is not None and seconds > self.timeout

    def end(self) -> None:
        """Take the line away."""
        if self.progress is _line and self.next > PATIENCE:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _line(states: int, depth: int, seconds: float) -> None:
    rate = states / seconds
    text = f"{states:,} states, depth {depth}, {rate:,.0f} a second"
    print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
