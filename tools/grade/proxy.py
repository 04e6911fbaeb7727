"""Nodes that stand for a student's in the world of the grader: each handler call goes
to the process that runs the student's code.

What comes back is a state, which only that process reads, and a list of effects. They
are looked through here and then given to the world, which does with them what it does
with the effects of any node; so the simulator, exploration and the judges run here, and
know nothing of it.
"""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ftlib.simulation import Node
from ftlib.simulation.codec import decode, encode, vocabulary
from ftlib.simulation.node import (
    APPEND,
    CALL,
    CANCEL_TIMER,
    DELETE,
    FACT,
    FORCE,
    RETURN,
    SEND,
    SET_TIMER,
    WRITE,
)
from tools.grade.process import Child, Gone

__all__ = ["proxy"]

EFFECTS = 2000  # that one handler may have


class Proxy(Node):
    """A node whose handlers run elsewhere; `proxy` makes a class for one role.

    Its state is text: what the student's node keeps, as JSON.
    """

    child: Child
    types: Mapping[str, type]

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.state: str | None = None  # before it has started

    def on_start(self) -> None:
        """Make the student's node, and start it."""
        self._call("on_start")

    def on_message(self, sender: str, message: Any) -> None:
        """Let the student's node handle a message."""
        self._call("on_message", sender, message)

    def on_timer(self, name: str) -> None:
        """Let the student's node handle a timer."""
        self._call("on_timer", name)

    def _call(self, handler: str, *inputs: Any) -> None:
        choices: list[int] = []
        while True:
            answer = self.child.call(
                {
                    "role": type(self).__name__,
                    "args": encode(self.args),
                    "state": self.state,
                    "handler": handler,
                    "inputs": encode(inputs),
                    "id": self.id,
                    "disk": {key: self.disk.read(key) for key in self.disk.keys()},  # noqa: SIM118
                    "choices": choices,
                }
            )
            match answer:
                case {"choose": int(options)} if 0 < options < 1000:
                    choices = [*choices, self.choose(range(options))]
                case {"error": [str(kind), str(text)], **rest}:
                    where = f" ({rest['place']})" if rest.get("place") else ""
                    raise type(kind, (Exception,), {})(f"{text}{where}")
                case {"state": state, "effects": [*effects]}:
                    self.state = json.dumps(state)
                    self._apply(effects)
                    return
                case _:
                    raise Gone(
                        "the process that runs your code answers in a strange way."
                    )

    def _apply(self, effects: list[Any]) -> None:
        if len(effects) > EFFECTS:
            raise Gone(f"a handler has {len(effects):,} effects: that is too many.")
        for effect in effects:
            match effect:
                case [int(kind), str(to), message] if kind == SEND:
                    self.send(to, self._read(message, "sends"))
                case [int(kind), str(name), after] if kind == SET_TIMER:
                    self._timer(name, after)
                case [int(kind), str(name)] if kind == CANCEL_TIMER:
                    self.cancel_timer(name)
                case [int(kind), str(key), value] if kind == WRITE and _sealed(value):
                    self.disk.write(key, value)
                case [int(kind), str(key), str(value)] if kind == APPEND:
                    self.disk.append(key, value)
                case [int(kind), str(key), _] if kind == DELETE:
                    self.disk.delete(key)
                case [int(kind)] if kind == FORCE:
                    self.disk.force()
                case [int(kind), fact] if kind == FACT:
                    self.record(self._read(fact, "records"))
                case [int(kind), operation] if kind == CALL:
                    self.call(self._read(operation, "calls"))
                case [int(kind), operation, result] if kind == RETURN:
                    self.returned(
                        self._read(operation, "calls"), self._read(result, "returns")
                    )
                case _:
                    raise Gone("the process that runs your code has strange effects.")

    def _timer(self, name: str, after: Any) -> None:
        """Set a timer; its time comes in microseconds."""
        match after:
            case int(ticks) if 0 <= ticks < 10**12:
                self.set_timer(name, ticks / 10**6)
            case {"tuple": [int(low), int(high)]} if 0 <= low <= high < 10**12:
                self.set_timer(name, (low / 10**6, high / 10**6))
            case _:
                raise Gone("the process that runs your code sets a strange timer.")

    def _read(self, value: Any, does: str) -> Any:
        try:
            return decode(value, self.types)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            known = ", ".join(self.types)
            raise TypeError(
                f"{does} what is none of the lab's ({error}): there are {known}"
            ) from None


def _sealed(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )


def proxy(
    role: str, child: Child, messages: Iterable[type], facts: Iterable[type]
) -> type[Node]:
    """Return a class of nodes that stands for the student's class `role`."""
    messages, facts = tuple(messages), tuple(facts)
    body = {
        "child": child,
        "MESSAGES": messages,
        "FACTS": facts,
        # no dict: that would be shared by all its nodes
        "types": MappingProxyType(vocabulary([*messages, *facts])),
        "__module__": __name__,
    }
    return type(role, (Proxy,), body)
