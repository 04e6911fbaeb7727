"""The process in which a student's code runs: it is given one handler call at a time
and says what the handler did.

    python -P -s -S -B child.py FOLDER_OF_FTLIB FD VOCABULARY CODE

It knows no checker, no seed and no verdict. A request comes on standard input and an
answer goes to FD, each as four bytes of length and then JSON; an answer repeats the
nonce of its request. All that is left of the outside when the first line of the
student's code runs is that channel: no environment, an empty folder, three closed
streams, bounds on time, memory, files and processes, and a hook that refuses to open
files, sockets and processes.

None of that is a sandbox: code that breaks out of Python has the rights of the user who
grades. Bubblewrap, where it is present, is what keeps it from anything of value.
"""

import ast
import importlib
import json
import os
import struct
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

__all__ = ["bound", "definitions", "main"]

MEMORY = 768 * 2**20  # bytes of address space
SECONDS = 120  # of the processor, in all
MOST = 2**17  # bytes of an answer

# what an answer may import is loaded before it runs: afterwards nothing is opened
LOADED = (
    *("abc", "bisect", "collections", "collections.abc", "copy", "dataclasses"),
    *("enum", "functools", "heapq", "itertools", "json", "math", "operator", "re"),
    *("string", "typing"),
)
REFUSED = {
    "open": "opens a file",
    "os.": "asks the operating system for something",
    "socket.": "opens a socket",
    "subprocess.": "starts a process",
    "pty.": "starts a process",
    "ctypes.": "reaches below Python",
    "shutil.": "touches files",
    "signal.": "sends a signal",
    "import": "imports a module while it runs",
}


def definitions(tree: ast.Module) -> tuple[ast.Module, list[int]]:
    """Keep what a cell defines, and say in which lines there was something else, which
    grading does not run.

    Examples
    --------
    >>> kept, dropped = definitions(ast.parse("A = (1, B)\\nprint(A)\\ndef f(): ..."))
    >>> ast.unparse(kept), dropped
    ('A = (1, B)\\n\\ndef f():\\n    ...', [2])
    """
    kept = [node for node in tree.body if _defines(node)]
    dropped = [
        node.lineno
        for node in tree.body
        if not _defines(node)
        and not isinstance(node, ast.Pass)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return ast.Module(kept, []), dropped


PLAIN = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Dict),
    *(ast.expr_context, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator),
    ast.Subscript,
)


def _defines(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(targets=targets, value=value):
            named = all(isinstance(target, ast.Name) for target in targets)
            return named and all(isinstance(part, PLAIN) for part in ast.walk(value))
        case ast.AnnAssign(target=ast.Name(), value=value) if value is not None:
            return all(isinstance(part, PLAIN) for part in ast.walk(value))
    return False


class Refused(Exception):  # noqa: N818 - it is an answer
    """What this process does not do."""


class Beyond(BaseException):
    """A choice was asked for that nobody has made yet: of so many options."""


class World:
    """What a node may ask: the choices made so far, and then no more."""

    def __init__(self, choices: list[int]) -> None:
        self.choices = iter(choices)

    def choose(self, options: Any) -> Any:
        """Answer `Node.choose`."""
        choice = next(self.choices, None)
        if choice is None:
            raise Beyond(len(options))
        return options[choice]


class Answers:
    """The student's definitions, and how one of their handlers is called."""

    def __init__(self, words: dict[str, type]) -> None:
        self.module = types.ModuleType("answer")
        sys.modules["answer"] = self.module
        self.words = words
        self.types: dict[str, type] = {}
        vars(self.module).update(words)

    def to(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request."""
        if "hello" in request:
            return {"ready": True}
        if "cells" in request:
            return self.load(request["cells"])
        return self.call(request)

    def load(self, cells: list[list[str]]) -> dict[str, Any]:
        """Run the definitions of some cells."""
        from ftlib.simulation.codec import vocabulary

        for name, source in cells:
            kept, _ = definitions(ast.parse(source))
            code = compile(ast.fix_missing_locations(kept), f"<{name}>", "exec")
            exec(code, vars(self.module))
        own = [
            value
            for value in vars(self.module).values()
            if getattr(value, "__module__", "") == "answer"
            and (
                hasattr(value, "__dataclass_fields__") or hasattr(value, "_member_map_")
            )
            and isinstance(value, type)
        ]
        self.types = vocabulary([*self.words.values(), *own])
        return {"loaded": True}

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call one handler, and say what it did."""
        from ftlib.simulation import node as nodes
        from ftlib.simulation.codec import decode, encode
        from ftlib.simulation.values import check_state

        kind = getattr(self.module, request["role"], None)
        if not (isinstance(kind, type) and issubclass(kind, nodes.Node)):
            raise TypeError(f"{request['role']} is no class of nodes")
        args, inputs = (
            decode(request[name], self.types) for name in ("args", "inputs")
        )
        contents = {
            key: [decode(json.loads(item), self.types) for item in value]
            if isinstance(value, list)
            else decode(json.loads(value), self.types)
            for key, value in request["disk"].items()
        }
        world = World(request["choices"])
        if request["state"] is None:
            node = nodes.make(lambda: kind(*args), request["id"], contents, world)
        else:
            node = kind.__new__(kind)
            nodes.attach(node, request["id"], contents, world)
            state = decode(json.loads(request["state"]), self.types)
            for name, value in state.items():
                setattr(node, name, value)
        try:
            getattr(node, request["handler"])(*inputs)
        except Beyond as beyond:
            return {"choose": beyond.args[0]}
        found = nodes.state_of(node)
        check_state(found, kind.__name__)
        effects = [
            [effect[0], *map(encode, effect[1:])]
            if effect[0] not in nodes.WRITES
            else [effect[0], effect[1], _sealed(effect[2], encode)]
            for effect in node._effects
        ]
        return {"state": encode(found), "effects": effects}


def _sealed(value: Any, encode: Callable[[Any], Any]) -> Any:
    """Write a value for a disk as text that only this side reads."""
    if isinstance(value, list):
        return [json.dumps(encode(item)) for item in value]
    return json.dumps(encode(value))


BOUNDS = {"CPU": SECONDS, "AS": MEMORY, "FSIZE": 0, "CORE": 0, "NPROC": 0}


def bound(bounds: dict[str, int]) -> None:
    """Bound what this process may take, as far as the system has such bounds."""
    try:
        import resource
    except ImportError:
        return
    for name, most in bounds.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        with suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(number, (most, most))


def _watch(told: list[str]) -> None:
    """Refuse, from now on, what a node has no need of, and note the first refusal."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        for prefix, what in REFUSED.items():
            if event == prefix or (prefix[-1] == "." and event.startswith(prefix)):
                if event == "import" and args[0] in sys.modules:
                    return
                told.append(f"{what} ({event} {args[0]!r})" if args else what)
                raise Refused(f"it {what}, and here nothing of that kind is done")

    sys.addaudithook(hook)


def _place(error: BaseException) -> str:
    """Name the line of a cell in which an error arose."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith("<") and name != "<string>" and "frozen" not in name:
            found = f"line {trace.tb_lineno} of the cell {name[1:-1]!r}"
        trace = trace.tb_next
    return found


def _failed(error: BaseException) -> dict[str, Any]:
    if isinstance(error, SystemExit | KeyboardInterrupt):
        kind, text = "SystemExit", "it leaves Python: a handler only returns"
    elif isinstance(error, RecursionError):
        kind, text = "RecursionError", "it calls itself without end"
    elif isinstance(error, MemoryError):
        kind, text = "MemoryError", "it takes more memory than there is"
    else:
        kind, text = type(error).__name__, str(error)[:2000]
    return {"error": [kind, text], "place": _place(error)}


def _requests(source: Any) -> Iterator[dict[str, Any]]:
    while len(head := source.read(4)) == 4:
        yield json.loads(source.read(struct.unpack(">I", head)[0]))


def main(arguments: list[str]) -> None:
    """Answer requests until there are no more."""
    root, fd, vocabulary, code = arguments
    sys.path.insert(0, root)
    for name in LOADED:
        importlib.import_module(name)
    importlib.import_module("ftlib.simulation.codec")
    answers = Answers(importlib.import_module(vocabulary).words(code))
    source = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    bound(BOUNDS)
    told: list[str] = []
    _watch(told)
    for request in _requests(source):
        told.clear()
        try:
            answer = answers.to(request)
            if told:
                answer = {"refused": told[0]}
        except BaseException as error:
            answer = {"refused": told[0]} if told else _failed(error)
        text = json.dumps(answer | {"nonce": request["nonce"]}).encode()
        if len(text) > MOST:
            text = json.dumps(
                {"nonce": request["nonce"], "error": ["Large", "it holds too much"]}
            ).encode()
        data = struct.pack(">I", len(text)) + text
        while data:
            data = data[os.write(int(fd), data) :]


if __name__ == "__main__":
    main(sys.argv[1:])
