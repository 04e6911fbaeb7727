"""Explorers: pure functions from plain keyword parameters to a `Picture`, one module a chapter.

A module lists its explorers in ``__all__``. Each parameter has a default and, if the reader may move it, its control as an
annotation, ``Annotated[int, Range(range(1, 6), "Nodes")]``; `ftlib.live.Explore` shows it. Twenty milliseconds at the defaults.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ftlib.drawing.picture import Picture

__all__ = ["every_explorer"]


def every_explorer() -> dict[str, Callable[..., Picture]]:
    """All explorers by their full names: what the ``__all__`` of every module of this package lists.

    Examples
    --------
    >>> "ftlib.explorers.availability.k_of_n" in every_explorer()
    True
    """
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {f"{module.__name__}.{name}": getattr(module, name) for module in modules for name in module.__all__}
