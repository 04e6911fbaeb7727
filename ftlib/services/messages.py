"""What clients and servers say to each other, whatever the service.

A request carries its client's name and a number, so that a server can tell a request
that was sent again from a new one (Ongaro and Ousterhout 2014, section 8).
"""

from dataclasses import dataclass
from typing import Any

__all__ = ["MESSAGES", "Redirect", "Reply", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """A client asks for an operation, such as ``("put", "x", 1)``; its requests are
    numbered 1, 2, ...
    """

    client: str
    sequence: int
    operation: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.sequence < 1:
            raise ValueError(f"sequence is {self.sequence!r}: give 1 or more")


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of the request of that number."""

    sequence: int
    result: Any


@dataclass(frozen=True, slots=True)
class Redirect:
    """Not here: ask `to` for the request of that number."""

    sequence: int
    to: str


MESSAGES = (Request, Reply, Redirect)
