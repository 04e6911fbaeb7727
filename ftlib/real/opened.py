"""Servers that stay up from one cell of a notebook to another."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NoReturn, TypeVar, cast

__all__ = ["Missing", "Opened"]

T = TypeVar("T")


class Opened(ExitStack):
    """What has been opened, until `close`, or until nobody knows this any more.

    Examples
    --------
    ::

        servers = Opened()
        pair = servers.open(PostgresPair, "synchronous")
        ...
        servers.close()
    """

    def open(
        self, kind: Callable[..., AbstractContextManager[T]], *given: Any, **named: Any
    ) -> T:
        """Make one and open it, as ``with kind(...)`` does; if what it needs is not
        installed, return a `Missing`, so that whoever uses it is told.
        """
        try:
            return self.enter_context(kind(*given, **named))
        except (FileNotFoundError, ImportError) as error:
            return cast(T, Missing(error))

    def __del__(self) -> None:
        self.close()  # the cell that made it is run again


class Missing:
    """Stands in for what could not be opened: to call anything of it raises why."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> "Missing":
        return self

    def __getitem__(self, key: object) -> "Missing":
        return self

    def __call__(self, *given: Any, **named: Any) -> NoReturn:
        """Raise why it is missing."""
        raise self._error.with_traceback(None)
