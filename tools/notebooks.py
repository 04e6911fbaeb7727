r"""The only writer of notebooks: run them, bring them to their normal form, check them,
edit them as plain text.

    python tools/notebooks.py run chapters/x.ipynb              run it again
    python tools/notebooks.py norm chapters/x.ipynb             write its normal form
    python tools/notebooks.py check chapters/x.ipynb            say what is wrong
    python tools/notebooks.py to-text chapters/x.ipynb          write x.cells.py
    python tools/notebooks.py from-text chapters/x.cells.py     run it, write x.ipynb

The text form, for an editor of your choice, is Jupytext's percent format; git ignores
it, and the notebook is the source:

    # %% [markdown]
    '''
    # A title

    A paragraph.
    '''

    # %%
    answer = 6 * 7
    answer

    # %% tags=["hide-input"]
    Live(commit.run)

A new chapter begins as such a text: write chapters/x.cells.py, then `from-text`. When a
cell raises, nothing is written.

A cell tagged `real-measurement` starts real servers or processes. It keeps its stored
output, whoever runs the rest, and is run where REAL=1 is in the environment; no other
cell uses what it defines.

The normal form: ids made from the text of the cell (an `nbgrader` cell has its
`grade_id`), counts 1..n, no metadata but `tags`, `mystnb`, `jupyter` and `nbgrader`,
neither widget state nor widget views, tracebacks cut to their last line, the line
`*Time: about N minutes.*` computed.
"""

import argparse
import ast
import json
import math
import os
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# nbformat ships no types: a notebook, a cell and an output are dicts whose keys are
# attributes too
Notebook = Any
Cell = Any
Output = Any

__all__ = [
    "Size",
    "check",
    "execute",
    "from_text",
    "main",
    "normalise",
    "problems",
    "to_text",
]

SUFFIX = ".cells.py"
FOLDED = {"hide-input", "hide-cell"}  # tags of cells that no reader has before them
KEPT_METADATA = ("jupyter", "mystnb", "nbgrader", "tags")
SHOWN = ("Live", "Predict")  # calls that show something
REAL = "real-measurement"
# what that tag brings: nbval leaves the cell alone, and Run All goes on without servers
OF_REAL = {REAL, "nbval-skip", "raises-exception"}
PREDICTS = re.compile(r"^Predict\(", re.MULTILINE)
CHECKED = "# Checked here"  # the first line of a cell of asserts, which is folded
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS_PER_CELL = 120

# A place on somebody's machine, or an object's address. A `~` or a relative path is
# fine.
LOCAL = re.compile(
    r"\b0x[0-9a-fA-F]{6,}|/(?:home|Users|root|tmp|private/var|var/folders)/|\b[A-Z]:\\+Users\\|ipykernel_\d+"
)
MYST = re.compile(r"^(?:```+|:::+|~~~+)\s*\{[^}\n]*\}|\{[a-z:-]+\}`", re.MULTILINE)
# what has nbval leave a cell alone
UNCHECKED = re.compile(r"# *(?:NBVAL_|PYTEST_VALIDATE_)\w+|\bnbval-[\w-]+")
TIME_LINE = re.compile(r"^\*Time: about \d+ minutes\.\*$", re.MULTILINE)


# ------------------------------------------------------------------------------ running


def execute(notebook: Notebook, folder: Path) -> Notebook:
    """Run every cell in a new kernel whose working folder is `folder`; those that
    measure the real thing only with REAL in the environment.

    A cell tagged `raises-exception` may raise; any other error ends the run with
    nbclient's `CellExecutionError`.

    Raises
    ------
    ValueError
        If a real measurement raised, or is not run and has no stored output.
    """
    real = bool(os.environ.get("REAL"))
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=[
            "--log-level=ERROR"
        ],  # ipykernel warns of its loopback sockets at every start
        resources={"metadata": {"path": str(folder)}},
        skip_cells_with_tag="" if real else REAL,
    )
    done = client.execute()
    for number, cell in enumerate(done.cells):
        if not is_real(cell):
            continue
        if not cell.outputs:
            raise ValueError(
                f"{_called(number, cell)}: a real measurement without output: run it"
                " with REAL=1"
            )
        for output in cell.outputs:
            if output["output_type"] == "error":
                raise ValueError(
                    "\n".join([_called(number, cell), *output["traceback"]])
                )
    return done


def is_real(cell: Cell) -> bool:
    """Tell whether a cell is a real measurement."""
    return REAL in cell["metadata"].get("tags", ())


# ---------------------------------------------------------------------- the normal form


def _plain(value: Any) -> Any:
    """A deep copy of JSON-like data without nbformat's own types."""
    return json.loads(json.dumps(value))


def _source(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _identifiers(cells: list[Cell]) -> list[str]:
    """Ids that stay the same when cells are added before: made of the cell's text,
    numbered where a text comes twice.
    """
    graded = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    used = set(graded)
    identifiers = []
    for cell, own in zip(cells, graded, strict=True):
        if own is not None:
            identifiers.append(own)
            continue
        base = blake2b(
            f"{cell['cell_type']}\n{cell['source']}".encode(), digest_size=4
        ).hexdigest()
        identifier, copy = base, 1
        while identifier in used:
            copy += 1
            identifier = f"{base}-{copy}"
        used.add(identifier)
        identifiers.append(identifier)
    return identifiers


def _outputs(outputs: list[Output], count: int | None) -> list[Output]:
    kept: list[Output] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "error":
            output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
        if kind in ("display_data", "execute_result"):
            output["data"].pop(WIDGET_VIEW, None)
            output["metadata"] = {}
            if not output["data"]:
                continue
        if kind == "execute_result":
            output["execution_count"] = count
        if (
            kind == "stream"
            and kept
            and kept[-1]["output_type"] == "stream"
            and kept[-1]["name"] == output["name"]
        ):
            kept[-1]["text"] += output["text"]
        else:
            kept.append(output)
    return kept


def normalise(notebook: Notebook) -> Notebook:
    """Return a new notebook, the normal form of `notebook`. The normal form of a normal
    form is itself.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cell = normalise(
    ...     new_notebook(cells=[new_code_cell("1 + 1  ", metadata={"collapsed": True})])
    ... ).cells[0]
    >>> cell.source, cell.metadata, cell.execution_count
    ('1 + 1', {}, 1)
    """
    count = 0
    cells = []
    for cell in _plain(notebook["cells"]):
        metadata = {
            key: cell["metadata"][key]
            for key in KEPT_METADATA
            if cell["metadata"].get(key)
        }
        if cell["cell_type"] == "code" and (words := _folded_as(cell)):
            metadata |= {
                "jupyter": {"source_hidden": True},
                "mystnb": {"code_prompt_show": words, "code_prompt_hide": words},
                "tags": ["hide-input"],
            }
        if is_real(cell):
            metadata["tags"] = sorted({*cell["metadata"]["tags"], *OF_REAL})
        normal = {
            "cell_type": cell["cell_type"],
            "id": cell.get("id", ""),
            "metadata": metadata,
            "source": _source(cell["source"]),
        }
        if cell["cell_type"] == "code":
            executed = bool(normal["source"])
            count += executed
            normal["execution_count"] = count if executed else None
            normal["outputs"] = (
                _outputs(cell["outputs"], normal["execution_count"]) if executed else []
            )
        cells.append(normal)
    line = f"*Time: about {Size.of(cells).minutes} minutes.*"
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = TIME_LINE.sub(line, cell["source"])
    for cell, identifier in zip(cells, _identifiers(cells), strict=True):
        cell["id"] = identifier
    return nbformat.from_dict(
        {
            "cells": cells,
            "metadata": _plain(NOTEBOOK_METADATA),
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def _folded_as(cell: Cell) -> str:
    """Return the words on the fold of a cell that is folded by what it holds; the code
    of a prediction names the answer.
    """
    if _is_checked(cell):
        return CHECKED.removeprefix("# ")
    return "How the answer is computed" if PREDICTS.search(cell["source"]) else ""


def _is_checked(cell: Cell) -> bool:
    """Tell whether a cell only keeps the prose true."""
    return bool(cell["source"].startswith(CHECKED + "\n"))


def dumps(notebook: Notebook) -> str:
    """The bytes of a notebook, as text."""
    return (
        str(nbformat.writes(notebook, version=nbformat.NO_CONVERT)).rstrip("\n") + "\n"
    )


# ------------------------------------------------------------------------ as plain text

TEXT = {"extension": ".py", "format_name": "percent", "cell_markers": '"""'}
# what Jupytext notes about the text itself
OF_THE_TEXT = {"cell_marker", "lines_to_next_cell"}


def to_text(notebook: Notebook) -> str:
    """Return the cells of a notebook as text: their sources and metadata, without
    outputs.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cells = [new_code_cell("1 + 1", metadata={"tags": ["hide-input"]})]
    >>> print(to_text(new_notebook(cells=cells)), end="")
    # %% tags=["hide-input"]
    1 + 1
    """
    bare = normalise(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code" and _folded_as(cell):
            cell.metadata = {}
        if is_real(cell):
            tags = [*sorted({*cell.metadata["tags"]} - OF_REAL), REAL]
            cell.metadata["tags"] = tags
    bare.metadata = {"jupytext": {"notebook_metadata_filter": "-all"}}
    return str(jupytext.writes(nbformat.from_dict(bare), fmt=TEXT))


def from_text(text: str) -> Notebook:
    r"""Return the notebook, not yet run, that a text describes.

    Raises
    ------
    ValueError
        If a cell has metadata that are not kept.

    Examples
    --------
    >>> [cell.source for cell in from_text("# %%\n1 + 1\n\n# %%\n2\n").cells]
    ['1 + 1', '2']
    """
    notebook = jupytext.reads(text, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        unknown = cell.metadata.keys() - {*KEPT_METADATA, *OF_THE_TEXT}
        if unknown:
            raise ValueError(
                f"{_called(number, cell)}: metadata {', '.join(sorted(unknown))}: only"
                f" {', '.join(KEPT_METADATA)} are kept"
            )
    return normalise(notebook)


# ----------------------------------------------------------------------------- the size


@dataclass(frozen=True, slots=True)
class Size:
    """What a reader of a notebook has before them. `limits` says what is too much."""

    words: int
    code_cells: int
    figures: int
    median_lines: float
    longest_cell: int

    @classmethod
    def of(cls, cells: list[Cell]) -> "Size":
        """Measure the cells. Words are those of the prose: no code blocks, tags,
        formulas or addresses of links; lines those of the cells that are not folded.
        What is *Checked here* is read by nobody who only reads, and counts as nothing.
        """
        words = sum(
            _words(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
        )
        sources = [
            cell["source"]
            for cell in cells
            if cell["cell_type"] == "code"
            and cell["source"].strip()
            and not _is_checked(cell)
        ]
        shown = [
            cell["source"]
            for cell in cells
            if cell["cell_type"] == "code"
            and cell["source"].strip()
            and not FOLDED & set(cell["metadata"].get("tags", ()))
        ]
        lines = [sum(map(bool, _source(source).split("\n"))) for source in shown]
        figures = sum(len(re.findall(r"\bLive\(", source)) for source in sources)
        return cls(
            words,
            len(sources),
            figures,
            statistics.median(lines) if lines else 0,
            max(lines, default=0),
        )

    @property
    def minutes(self) -> int:
        """Reading at 200 words a minute, 1 minute a code cell, 5 more a live figure,
        rounded to five minutes, at least five.
        """
        exact = self.words / 200 + self.code_cells + 5 * self.figures
        return max(5, 5 * math.floor(exact / 5 + 0.5))

    def excesses(self) -> Iterator[str]:
        """Yield what is more than one chapter should hold."""
        limits = (
            ("words", self.words, 3000),
            ("code cells", self.code_cells, 40),
            ("live figures", self.figures, 3),
            ("lines in the median code cell", self.median_lines, 7),
            ("lines in the longest code cell", self.longest_cell, 30),
        )
        for what, value, limit in limits:
            if value > limit:
                yield f"{value:g} {what}, and at most {limit} are allowed"


def _words(markdown: str) -> int:
    text = re.sub(
        r"```.*?```|~~~.*?~~~|\$\$.*?\$\$|<!--.*?-->", " ", markdown, flags=re.DOTALL
    )
    text = re.sub(r"\$[^$\n]+\$|<[^>\n]+>", " ", text)
    text = re.sub(r"\]\([^)\s]*\)", "]", text)
    return sum(any(character.isalnum() for character in word) for word in text.split())


# ---------------------------------------------------------------------------- the check


def _shows_something(source: str) -> bool:
    """Whether a cell surely has output: it prints at top level, or ends in an
    expression that is no call (or is a live figure).
    """
    try:
        body = ast.parse(re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE)).body
    except SyntaxError:
        return False
    calls = [
        node.value.func
        for node in body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    if any(isinstance(call, ast.Name) and call.id == "print" for call in calls):
        return True
    if (
        not body
        or source.rstrip().endswith(";")
        or not isinstance(last := body[-1], ast.Expr)
    ):
        return False
    if isinstance(last.value, ast.Call):
        return isinstance(last.value.func, ast.Name) and last.value.func.id in SHOWN
    return not (isinstance(last.value, ast.Constant) and last.value.value is None)


def _texts(output: Output) -> Iterator[str]:
    """Every text that an output holds, pictures in base64 aside."""
    yield output.get("text", "")
    yield output.get("evalue", "")
    yield from output.get("traceback", ())
    for mime, value in output.get("data", {}).items():
        if not mime.startswith("image/") or mime == "image/svg+xml":
            yield value if isinstance(value, str) else json.dumps(value)


def _called(number: int, cell: Cell) -> str:
    """How a message names a cell: by its place and its first words."""
    return (
        f"cell {number} ({cell['source'].strip().splitlines()[0][:50]!r})"
        if cell["source"].strip()
        else f"cell {number}"
    )


def _alternative(cell: Cell) -> str:
    """The text that stands for a cell's figure."""
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))


def _cell_problems(cell: Cell) -> Iterator[str]:
    stray = set(cell.metadata) - set(KEPT_METADATA)
    if stray:
        yield (
            f"stray metadata {', '.join(sorted(stray))}: only"
            f" {', '.join(KEPT_METADATA)} are kept"
        )
    if cell.cell_type != "code":
        if found := MYST.search(cell.source):
            yield (
                f"{found[0]!r} is MyST, which plain Jupyter does not render: write"
                " ordinary Markdown"
            )
        return
    if re.search(r"\binteract(?:ive|_manual)?\(|@interact", cell.source):
        yield "a bare interact leaves a hole in the book: show a live figure"
    if any(line.startswith("# %%") for line in cell.source.split("\n")):
        yield "a line of it begins a cell in the text form: write no '# %%'"
    if _is_checked(cell) and _shows_something(cell.source):
        yield f"it begins with {CHECKED!r} and shows something that nobody would see"
    tags = cell.metadata.get("tags", [])
    own = tags if not is_real(cell) else sorted(set(tags) - OF_REAL)
    for found in UNCHECKED.findall("\n".join([cell.source, *own])):
        yield f"{found!r}: nbval runs and compares every cell"
    raised = [output for output in cell.outputs if output.output_type == "error"]
    if raised and "raises-exception" not in own:
        yield f"it raised {raised[0].ename}, and it has no tag raises-exception"
    if "raises-exception" in own and not raised:
        yield (
            "it has the tag raises-exception, and stores no error: nbval would"
            " accept any"
        )
    if (
        not cell.outputs
        and "raises-exception" not in own
        and _shows_something(cell.source)
    ):
        yield "it shows something when it runs, and no output is stored"
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            yield f"it wrote to stderr: {output.text.strip().splitlines()[-1]!r}"
        if WIDGET_VIEW in output.get("data", {}):
            yield "a widget view is stored: show a live figure, and normalise"
        if any(
            mime.startswith("image/") for mime in output.get("data", {})
        ) and not _alternative(cell):
            yield (
                "a figure without alt text: add the metadata {'mystnb': {'image':"
                " {'alt': ...}}}"
            )
        for text in _texts(output):
            if found := LOCAL.search(text):
                around = text[max(0, found.start() - 20) : found.end() + 20]
                yield (
                    f"its output holds an address or a path of one machine: {around!r}"
                )


def problems(raw: str, *, chapter: bool = False) -> Iterator[str]:
    """Yield what keeps a notebook from being fit to commit. `raw` is the file's text;
    chapters have a size and a *Time* line.
    """
    try:
        notebook = nbformat.reads(raw, as_version=4)
        nbformat.validate(notebook)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        yield f"it is no notebook: {str(error).splitlines()[0]}"
        return
    normal = normalise(notebook)
    if dumps(normal) != raw:
        yield (
            "it is not in normal form: run 'make notebooks', or 'python"
            " tools/notebooks.py norm' on it"
        )
    counts = [
        cell.execution_count
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip()
    ]
    if counts != list(range(1, len(counts) + 1)):
        yield (
            f"its execution counts are {counts}, not 1 to {len(counts)}: nbval compares"
            " nothing where there is none"
        )
    if dict(notebook.metadata) != NOTEBOOK_METADATA:
        yield (
            f"its metadata are {json.dumps(notebook.metadata)}, not"
            f" {json.dumps(NOTEBOOK_METADATA)}"
        )
    for number, cell in enumerate(notebook.cells):
        for problem in _cell_problems(cell):
            yield f"{_called(number, cell)}: {problem}"
    if chapter:
        code = "\n".join(
            cell.source for cell in notebook.cells if cell.cell_type == "code"
        )
        for needed in ("assert ", "Live("):
            if needed not in code:
                yield (
                    f"no cell has {needed.strip()!r}: a chapter checks its claims and"
                    " gives the reader something to move"
                )
        yield from Size.of(notebook.cells).excesses()
        lines = [
            line
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for line in TIME_LINE.findall(cell.source)
        ]
        due = f"*Time: about {Size.of(notebook.cells).minutes} minutes.*"
        if lines != [due]:
            yield f"its time lines are {lines}, and it should have one: {due}"


# ------------------------------------------------------------------------- command line


def _read(path: Path) -> Notebook:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        print(f"{path}: unchanged")
        return
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path}: written")


def _run(path: Path) -> bool:
    _write(path, dumps(normalise(execute(_read(path), path.parent))))
    return True


def _norm(path: Path) -> bool:
    _write(path, dumps(normalise(_read(path))))
    return True


def check(path: Path) -> bool:
    """Print what is wrong with one file, and its size. Return whether nothing is."""
    raw = path.read_text(encoding="utf-8")
    found = list(problems(raw, chapter=path.absolute().parent.name == "chapters"))
    for problem in found:
        print(f"{path}: {problem}")
    try:
        size = Size.of(nbformat.reads(raw, as_version=4).cells)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError):
        return False
    print(
        f"{path}: {size.words} words, {size.code_cells} code cells (median"
        f" {size.median_lines:g} lines, longest {size.longest_cell}), {size.figures}"
        f" live figures, {size.minutes} minutes"
    )
    return not found


def _to_text(path: Path) -> bool:
    _write(path.with_suffix(SUFFIX), to_text(_read(path)))
    return True


def _from_text(path: Path) -> bool:
    if not path.name.endswith(SUFFIX):
        raise ValueError(f"{path}: the name of such a text ends in {SUFFIX}")
    target = path.with_name(path.name.removesuffix(SUFFIX) + ".ipynb")
    notebook = from_text(path.read_text(encoding="utf-8"))
    known = _read(target).cells if target.exists() else []
    measured = {cell.source: cell.outputs for cell in known if is_real(cell)}
    for cell in filter(is_real, notebook.cells):
        cell.outputs = measured.get(cell.source, [])
    _write(target, dumps(normalise(execute(notebook, path.parent))))
    return True


COMMANDS: dict[str, Callable[[Path], bool]] = {
    "run": _run,
    "norm": _norm,
    "check": check,
    "to-text": _to_text,
    "from-text": _from_text,
}


def main(arguments: list[str]) -> int:
    """Apply a command to each file. Return 1 if one was refused, 0 otherwise."""
    parser = argparse.ArgumentParser(
        prog="notebooks.py", usage="\n".join((__doc__ or "").split("\n")[3:8])
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    good = True
    for path in options.files:
        try:
            good &= COMMANDS[options.command](path)
        except CellExecutionError as error:
            print(
                f"{path}: not written, because a cell raised\n{error}", file=sys.stderr
            )
            good = False
        except (ValueError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
