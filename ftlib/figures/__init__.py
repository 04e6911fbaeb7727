"""Figures: pure functions from plain keyword parameters to a `Picture`, one module a
chapter.

A module lists its figures in ``__all__``. Each parameter has a default and, if the
reader may move it, its control as an annotation, ``Annotated[int, Range(range(1, 6),
"Nodes")]``; `ftlib.live.Live` shows it. Twenty milliseconds at the defaults.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ftlib.drawing import Picture

__all__ = ["every_figure"]


def every_figure() -> dict[str, Callable[..., Picture]]:
    """All figures by their full names: what the ``__all__`` of every module of this
    package lists.

    Examples
    --------
    >>> "ftlib.figures.availability.k_of_n" in every_figure()
    True
    """
    names = [
        info.name for info in pkgutil.iter_modules(__path__) if info.name != "controls"
    ]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {
        f"{module.__name__}.{name}": getattr(module, name)
        for module in modules
        for name in module.__all__
    }
