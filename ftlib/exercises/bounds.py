"""What a learner hands in is run within bounds: so many lines a call, so that a loop
without an end is an answer, and nothing that a node may not look at.

Lines are counted, not seconds, so that the answer is the same on every machine; and by
`sys.settrace`, for a page in a browser has neither threads nor signals. Only lines
outside ftlib count.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dis import get_instructions
from functools import cache
from types import CodeType, FrameType, FunctionType
from typing import Any

from ftlib.exercises.answer import Endless, Wrong, ours
from ftlib.simulation import Node

__all__ = ["LINES", "bounded", "role", "uncounted", "watched"]

LINES = 200_000  # that one call of the learner's code may take
CALLS = 20_000  # handlers that one run may call
HANDLERS = ("__init__", "on_start", "on_message", "on_timer")
INSIDES = ("_world", "_effects", "hosts", "gc", "inspect", "sys", "ctypes")


@contextmanager
def counted(what: str, most: int = LINES) -> Iterator[None]:
    """Raise `Endless` if what runs inside takes more than `most` lines of its own."""
    left = most

    def line(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Endless(f"{what} does not end within {most:,} lines.")
        return line

    def call(frame: FrameType, event: str, arg: Any) -> Any:
        if ours(frame.f_code.co_filename):
            return None
        frame.f_trace_opcodes = _stands_still(frame.f_code)
        return line(frame, event, arg)

    before = sys.gettrace()
    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(before)


@cache
def _stands_still(code: CodeType) -> bool:
    """Whether a jump leads to itself, as that of ``while True: pass`` in one line does:
    of such a line Python 3.11 tells once only.
    """
    return any(
        step.opname.startswith("JUMP") and step.argval == step.offset
        for step in get_instructions(code)
    )


@contextmanager
def uncounted() -> Iterator[None]:
    """Let the world run at full speed where the learner's code asks it to."""
    before = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(before)


def bounded(function: Callable[..., Any], *args: Any, lines: int = LINES) -> Any:
    """Call a function of the learner's within the bound.

    Examples
    --------
    >>> bounded(max, 3, 4)
    4
    """
    name = getattr(function, "__name__", repr(function))
    with counted(f"{name}(...)", lines):
        return function(*args)


def role(given: Any, name: str) -> type[Node]:
    """Return a class of nodes that was handed in, or raise `Wrong`: it must be one, and
    see nothing but its own messages, timers and disk.

    Parameters
    ----------
    given : object
    name : str
        What the learner calls it.
    """
    if not isinstance(given, type):
        raise Wrong(f"{name} is {given!r}: hand in a class, a subclass of Node.")
    if not issubclass(given, Node):
        raise Wrong(f"{name} is {given.__name__}, which is no subclass of Node.")
    for kind in given.__mro__:
        for value in [] if ours(_file(kind)) else vars(kind).values():
            function = getattr(value, "__func__", getattr(value, "fget", value))
            if isinstance(function, FunctionType):
                _look_into(name, function)
    return given


def _file(kind: type) -> str:
    module = sys.modules.get(kind.__module__)
    return getattr(module, "__file__", None) or ""


def _look_into(name: str, function: FunctionType) -> None:
    """Raise if a handler reads what a node may not see."""
    names = set(_names(function.__code__))
    for inside in INSIDES:
        if inside in names:
            raise Wrong(
                f"{name}.{function.__name__} uses {inside!r}: a node sees its own"
                " attributes, its disk and the messages it gets, and nothing else."
            )
    named = {
        each: cell.cell_contents
        for each, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        )
        if each != "__class__"
    }
    named |= {
        each: function.__globals__[each]
        for each in _globals(function.__code__)
        if each in function.__globals__
    }
    for each, value in named.items():
        if isinstance(value, list | dict | set):
            raise Wrong(
                f"{name}.{function.__name__} uses {each!r}, a {type(value).__name__}"
                " that all nodes share: nodes share nothing, they send messages."
            )


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _globals(code: CodeType) -> Iterator[str]:
    """Yield the globals that are used; an attribute may have the name of one."""
    for step in get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def watched(kind: type[Node], calls: int = CALLS) -> type[Node]:
    """Return the same class with its handlers run within the bounds.

    Parameters
    ----------
    kind : type
    calls : int
        How many handlers may be called in all.
    """
    left = calls

    def within(handler: str) -> Callable[..., None]:
        def run(self: Any, *args: Any, **kwargs: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Endless(
                    f"messages and timers of {kind.__name__} never come to an end:"
                    f" after {calls:,} of them there are still more."
                )
            with counted(f"{kind.__name__}.{handler}"):
                getattr(kind, handler)(self, *args, **kwargs)

        return run

    body = {handler: within(handler) for handler in HANDLERS} | {"__slots__": ()}
    return type(kind.__name__, (kind,), {**body, "__module__": kind.__module__})
