"""What the models of `ftlib.checking` say of their calls: which they know, and how a
stranger is refused.

A model lists its calls in `CALLS`, each name with the names of its arguments.
"""

from collections.abc import Iterable
from typing import Any

__all__ = ["Others", "Step", "known", "stranger"]

Step = tuple[bool, Any]
Others = Iterable[tuple[Any, Any]]  # calls and results


def stranger(model: Any, call: Any) -> ValueError:
    """Return the error for a call that a model does not know."""
    *most, last = (
        f"({name!r}, {arguments})" if arguments else f"({name!r},)"
        for name, arguments in model.CALLS.items()
    )
    return ValueError(
        f"{type(model).__name__} does not know the call {call!r}: it takes"
        f" {', '.join(most)} and {last}"
    )


def known(model: Any, call: Any) -> str:
    """Return the name of a call; raise unless the model knows it, with as many
    arguments.
    """
    match call:
        case (str(name), *arguments) if name in model.CALLS and len(arguments) == len(
            model.CALLS[name].split()
        ):
            return name
    raise stranger(model, call)
