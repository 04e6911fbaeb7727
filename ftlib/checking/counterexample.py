"""A shortest way through a model to a state that was looked for: what exploration
found, to be read, replayed and drawn.
"""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Counterexample"]


@dataclass(frozen=True)
class Counterexample:
    """A shortest way from an initial state to one that was looked for.

    Attributes
    ----------
    states : tuple
        From an initial state to the last.
    actions : tuple
        The steps between them: one fewer.
    """

    states: tuple[Any, ...]
    actions: tuple[Any, ...]
    model: Any = field(repr=False, compare=False)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.actions)

    @property
    def script(self) -> Any:
        """The schedule that plays it in the simulator, of a `ClusterModel`.

        Raises
        ------
        TypeError
            If the model is none of real nodes.
        """
        return self._ask("script")(self)

    @property
    def trace(self) -> Any:
        """The trace of that script in the simulator, of a `ClusterModel`; raises as
        `script`.
        """
        return self._ask("replay")(self)

    def _ask(self, what: str) -> Any:
        if not hasattr(self.model, what):
            raise TypeError(
                f"{type(self.model).__name__} is a specification, it has no nodes to"
                " run: read states and actions"
            )
        return getattr(self.model, what)

    def __str__(self) -> str:
        if hasattr(self.model, "script"):
            return str(self.script)
        rows = [f"0  {self.states[0]}"]
        rows += [
            f"{number}  {action}: {state}"
            for number, (action, state) in enumerate(
                zip(self.actions, self.states[1:], strict=True), 1
            )
        ]
        return "\n".join(rows)
