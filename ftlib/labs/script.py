"""A node that plays a part by a script, so that one class can be tried by itself."""

from typing import Any

from ftlib.simulation import Node

__all__ = ["Script"]


class Script(Node):
    """A node that sends what it is told to at the times it is told.

    Parameters
    ----------
    lines : tuple of (seconds, receiver, message)
    """

    def __init__(self, lines: tuple[tuple[float, str, Any], ...] = ()) -> None:
        self.lines = lines

    def on_start(self) -> None:
        """Set a timer a line."""
        for number, (after, _, _) in enumerate(self.lines):
            self.set_timer(f"line {number}", after)

    def on_timer(self, name: str) -> None:
        """Say the line."""
        _, to, message = self.lines[int(name.removeprefix("line "))]
        self.send(to, message)
