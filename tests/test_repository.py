"""The laws of the house that can be read off the files."""

import ast
import inspect
import itertools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import ftlib
from tools.library import FOLDER, home, parts, written

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = sorted((ROOT / "ftlib").rglob("*.py"))

# ground floor first: a room imports itself and the rooms before it
ROOMS = (
    "simulation",
    "services",
    "detection",
    "consensus",
    "hashing",
    "replication",
    "transactions",
    "checking",
    "analysis",
    "drawing",
    "figures",
    "exercises",
    "labs",
    "live",
    "real",
)
PROTOCOL_ROOMS = tuple(  # hashing has none: a placement is no node
    room for room in ROOMS[: ROOMS.index("transactions") + 1] if room != "hashing"
)
# modules outside the pure core: they may import what the extra [notebook] and the book
# bring
OUTSIDE_CORE = (
    *(
        "live/live",
        "live/sphinx",
        "live/touch",
        "live/widgets",
        "real",
        "drawing/plots",
    ),
    "analysis/sweep",  # its executors and its bar, where they are wanted
)
CORE_PACKAGES = sys.stdlib_module_names | {"ftlib"}
STATEMENTS_A_FILE = 185  # about 150; two roles of one paper in two_phase
STATEMENTS_OF_THE_WORLD = 2000
STATEMENTS_A_PROTOCOL = 300  # its share of its room, mutants and properties included
BYTES_A_FILE = 1_500_000


def imports(source: str) -> set[str]:
    """The modules that a source imports, wherever in it, with the names taken from
    packages of ftlib.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"a relative import in line {node.lineno}: write the full name"
            )
            found.add(node.module)
            if node.module == "ftlib":
                found |= {f"ftlib.{alias.name}" for alias in node.names}
    return found


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return (
        parts[1]
        if parts[0] == "ftlib" and len(parts) > 1 and parts[1] in ROOMS
        else None
    )


def statements(source: str) -> int:
    """Count statements, however they are laid out; docstrings are none."""
    return sum(
        isinstance(node, ast.stmt)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.walk(ast.parse(source))
    )


def order_problems(name: str, source: str) -> list[str]:
    """What a module of ftlib imports against the order of the rooms; `name` is like
    'drawing/plots.py'.
    """
    room = name.split("/")[0]
    if room not in ROOMS:
        return (
            []
            if name == "__init__.py"
            else [f"{name} stands in no room: choose one of {', '.join(ROOMS)}"]
        )
    found = []
    for module in imports(source):
        other = room_of(module)
        if other and ROOMS.index(other) > ROOMS.index(room):
            found.append(f"{name} imports {module}, which is built later")
        if other == "figures" and room not in ("figures", "exercises", "labs", "live"):
            found.append(
                f"{name} imports {module}: only live pages, chapters and tests may"
            )
    return found


def core_problems(name: str, source: str) -> list[str]:
    """What a module of the pure core imports that does not run in a browser."""
    if name.removesuffix(".py").startswith(OUTSIDE_CORE):
        return []
    foreign = {module.split(".")[0] for module in imports(source)} - CORE_PACKAGES
    return [
        f"{name} imports {module}, which is not in the standard library"
        for module in sorted(foreign)
    ]


@pytest.mark.parametrize(
    "path", LIBRARY, ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_a_module_of_the_library(path):
    name, source = (
        path.relative_to(ROOT / "ftlib").as_posix(),
        path.read_text(encoding="utf-8"),
    )
    assert order_problems(name, source) == []
    assert core_problems(name, source) == []
    size = statements(source)
    assert size <= STATEMENTS_A_FILE, "one file, one algorithm: divide it"
    if path.name != "__init__.py":
        assert re.search(r"^__all__ = ", source, re.MULTILINE), (
            "a module names what it offers in __all__"
        )


@pytest.mark.parametrize("room", PROTOCOL_ROOMS)
def test_the_protocols_stay_small(room):
    total = sum(
        statements(path.read_text(encoding="utf-8"))
        for path in (ROOT / "ftlib" / room).glob("*.py")
    )
    if room == "simulation":
        assert total <= STATEMENTS_OF_THE_WORLD
    elif total:
        listed = import_module(f"ftlib.{room}.worlds").PROTOCOLS
        assert total <= STATEMENTS_A_PROTOCOL * len(listed), "are all in its worlds.py?"


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        (
            "simulation/node.py",
            "from ftlib.transactions import two_phase",
            "built later",
        ),
        (
            "simulation/node.py",
            "def f():\n    from ftlib import drawing",
            "built later",
        ),
        ("real/server.py", "import ftlib.figures.commit", "only live pages"),
        ("helpers.py", "", "in no room"),
    ],
)
def test_order_of_rooms_is_seen(name, source, problem):
    assert any(problem in found for found in order_problems(name, source))
    assert (
        order_problems(
            "drawing/spacetime.py", "from ftlib.simulation.trace import Trace"
        )
        == []
    )


def test_foreign_imports_are_seen():
    assert core_problems("analysis/availability.py", "import numpy as np") != []
    assert core_problems("drawing/plots.py", "import matplotlib") == []
    with pytest.raises(AssertionError, match="relative import"):
        imports("from . import x")


def test_statements_are_counted():
    assert statements('"""Text."""\n# why\nx = [\n    1,\n]; y = 2\n') == 2
    assert statements('def f():\n    "doc"\n    return x\n') == 2


# ----------------------------------------------------------------------------- packages


def pins(path: Path) -> dict[str, str]:
    """The packages of a requirements file and their versions; a line that pins nothing
    exactly is an error.
    """
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text and not text.startswith(("-c ", "-e ")):
            match = re.fullmatch(
                r"([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==([A-Za-z0-9.]+)(?: *;.+)?(?:"
                r" --hash=sha256:[0-9a-f]{64})?",
                text,
            )
            assert match, (
                f"{path.name}: {text!r} is not pinned exactly: write name==version"
            )
            found[re.sub(r"[-_.]+", "-", match[1].lower())] = match[2]
    return found


def test_requirements_are_pinned_and_agree():
    constraints = pins(ROOT / "requirements" / "constraints.txt")
    browser, apart = (
        ROOT / "requirements" / "pyodide.txt",
        ROOT / "requirements" / "lite.txt",
    )  # neither is for this environment
    for path in {ROOT / "requirements.txt", *(ROOT / "requirements").glob("*.txt")} - {
        browser,
        apart,
    }:
        for name, version in pins(path).items():
            assert constraints.get(name) == version, (
                f"{path.name}: {name}=={version}, and constraints.txt has"
                f" {constraints.get(name)}"
            )
    assert pins(apart)
    for name in ("ipywidgets", "anywidget"):
        assert pins(browser)[name] == constraints[name], (
            "its scripts in the pages come with this version"
        )
    assert (
        (ROOT / "requirements.txt")
        .read_text(encoding="utf-8")
        .rstrip()
        .endswith("-e .[notebook]")
    )


def test_an_unpinned_requirement_is_seen(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("numpy>=2\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="not pinned"):
        pins(path)


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == ftlib.__version__
    assert (
        re.search(
            r"^## (\S+)",
            (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )[1]
        == ftlib.__version__
    )


def test_the_oldest_python_is_the_same_everywhere():
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]["requires-python"].removeprefix(">=")
    for name in (
        "README.md",
        "book/start.md",
        "Makefile",
        ".github/workflows/test.yml",
    ):
        assert oldest in (ROOT / name).read_text(encoding="utf-8"), (
            f"{name} does not speak of Python {oldest}"
        )


# -------------------------------------------------------------------------------- files


@cache
def files() -> list[Path]:
    """What is or would be committed."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ]
        names = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    left_out = {
        ".venv",
        "_build",
        "__pycache__",
        ".hypothesis",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".git",
    }
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not left_out & set(path.relative_to(ROOT).parts)
    ]


def test_no_file_names_this_machine():
    places = {str(ROOT), f"{Path.home()}/"} - {"//"}
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for place in places:
            assert place not in text, f"{path.relative_to(ROOT)} names {place}"


def test_no_file_is_large():
    assert [path.name for path in files() if path.stat().st_size > BYTES_A_FILE] == []


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    sections = [each for chapter in chapters for each in chapter.get("sections", ())]
    listed = {toc["root"], *(each["file"] for each in chapters + sections)}
    pages = [
        *(ROOT / "chapters").glob("*.ipynb"),
        *(ROOT / "book").rglob("*.md"),
    ]
    assert {
        path.relative_to(ROOT).with_suffix("").as_posix() for path in pages
    } == listed


@pytest.mark.parametrize("name", ["glossary", "references"])
def test_headings_that_chapters_link_to(name):
    """A heading's anchor must be the same everywhere, and no other heading may take
    it.
    """
    headings = re.findall(
        r"^#{2,3} (.+)$",
        (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    for heading in headings:
        assert re.fullmatch(r"[A-Za-z0-9]+(?:[,.]?[ -][A-Za-z0-9]+)*\.?", heading), (
            f"{heading!r}: letters, digits, spaces, hyphens"
        )
    assert len({heading.lower() for heading in headings}) == len(headings)


# -------------------------------------------------------------------------------- faces


def faces(*modules: ModuleType) -> Iterator[ModuleType]:
    """The faces of rooms, and those of their parts."""
    for module in modules:
        yield module
        yield from faces(*parts(module))


@cache
def rooms() -> list[ModuleType]:
    """The rooms that have a face, ground floor first."""
    found = [
        import_module(f"ftlib.{room}")
        for room in ROOMS
        if (ROOT / "ftlib" / room).is_dir()
    ]
    return [room for room in found if hasattr(room, "__all__")]


@cache
def users() -> dict[Path, str]:
    """What chapters, pages, tools, tests and the files of the library say."""
    found = {
        path: path.read_text(encoding="utf-8")
        for folder in ("book", "tools", "tests", "benchmarks", "ftlib")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".md", ".py") and path.name != "__init__.py"
    }
    for path in (ROOT / "chapters").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[path] = "\n".join("".join(cell["source"]) for cell in cells)
    return found


def used(name: str, at_home: Path) -> bool:
    """Whether any file but its own says a name."""
    word = re.compile(rf"\b{name}\b")
    return any(word.search(text) for path, text in users().items() if path != at_home)


def documented(module: str, name: str) -> bool:
    """Whether a class or function has a docstring, or a string follows a value. What
    stands before a colon in the first line of that string would be shown as a type.
    """
    value = getattr(import_module(module), name)
    if inspect.isclass(value) or callable(value):
        return bool((value.__doc__ or "").strip())
    source = Path(import_module(module).__file__).read_text(encoding="utf-8")
    body = ast.parse(source).body
    for node, after in itertools.pairwise(body):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if name in {getattr(target, "id", None) for target in targets}:
            text = after.value if isinstance(after, ast.Expr) else None
            return (
                isinstance(text, ast.Constant)
                and ":" not in str(text.value).split("\n")[0]
            )
    return False


def face_problems(face: ModuleType) -> list[str]:
    """What is wrong with the names that a face offers."""
    found = [] if (face.__doc__ or "").strip() else [f"{face.__name__} says nothing"]
    is_package = hasattr(face, "__path__")
    modules = {part.__name__ for part in parts(face)}
    for name in face.__all__:
        full = f"{face.__name__}.{name}"
        if full in modules:
            continue
        if not hasattr(face, name):
            found.append(f"{full} is not there")
            continue
        written_in = home(face.__name__, name)
        if not documented(written_in, name):
            found.append(f"{full} is not documented")
        if is_package and not used(name, Path(import_module(written_in).__file__)):
            found.append(f"{full} is used by no chapter, page, tool, test or author")
        if is_package and find_spec(full) and not written_in.startswith(full):
            found.append(f"{full} hides a module that it does not come from")
    return found


def must_be_none(problems: Iterable[str]) -> None:
    """Say all of them at once, so that all can be mended at once."""
    found = list(problems)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("room", ROOMS)
def test_a_face_keeps_its_word(room):
    for each in rooms():
        if each.__name__ == f"ftlib.{room}":
            must_be_none(p for face in faces(each) for p in face_problems(face))


def test_a_name_stands_in_one_face():
    homes = [
        f"{home(face.__name__, name)}.{name}"
        for face in faces(*rooms())
        for name in face.__all__
        if f"{face.__name__}.{name}" not in {part.__name__ for part in parts(face)}
    ]
    must_be_none(sorted({each for each in homes if homes.count(each) > 1}))


def test_the_reference_has_every_face():
    names = {room.__name__.removeprefix("ftlib.") for room in rooms()}
    pages = list((ROOT / FOLDER).glob("*.md"))
    assert {page.stem for page in pages} == names
    for page in pages:
        assert page.read_text(encoding="utf-8") == f"# {page.stem}\n"
    text = written(import_module("ftlib.transactions"))
    assert text.startswith("```{eval-rst}\n.. automodule:: ftlib.transactions\n")
    assert ".. autofunction:: ftlib.transactions.bank.bank\n" in text
    assert ".. autodata:: ftlib.transactions.atomic_commit.COMMIT\n" in text
    assert ".. autoclass:: ftlib.transactions.two_phase.Participant\n" in text
    assert "\n## three_phase\n" in text
    assert ".. autoclass:: ftlib.transactions.three_phase.Participant\n" in text


def test_a_face_that_breaks_its_word_is_seen(tmp_path, monkeypatch):
    unused = "nowhere_" + "else"
    room = tmp_path / "toy_room"
    room.mkdir()
    (room / "__init__.py").write_text(
        "from toy_room.one import bank, judge, saga\n"
        '__all__ = ["bank", "judge", "nowhere", "one", "saga"]\n',
        encoding="utf-8",
    )
    (room / "one.py").write_text(
        'bank = 1\n"""Odd: said."""\nsaga = 2\n"""Said."""\ndef judge(): pass\n'
        f'__all__ = ["{unused}"]\n{unused} = 3\n"""Said, and used by nobody."""\n',
        encoding="utf-8",
    )
    (room / "saga.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    face, part = faces(import_module("toy_room"))
    assert face_problems(face) == [
        "toy_room says nothing",
        "toy_room.bank is not documented",
        "toy_room.judge is not documented",
        "toy_room.nowhere is not there",
        "toy_room.saga hides a module that it does not come from",
    ]
    assert face_problems(part) == ["toy_room.one says nothing"]
    with pytest.raises(pytest.fail.Exception, match=r"(?s)bank.*judge.*nowhere.*saga"):
        must_be_none(face_problems(face))
    assert used("saga", Path())
    assert not used(unused, Path())


LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_pages_outside_the_book(name):
    text = re.sub(
        r"```.*?```", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL
    )
    for target in LINK.findall(text):
        assert (ROOT / target).exists(), (
            f"{name} links to {target}, which does not exist"
        )


def test_contributors_learn_which_rooms_there_are():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    said = re.search(r"`ftlib` has rooms: (.*?) \(", text, re.DOTALL)[1].split()
    names = [each.strip(",") for each in said]
    assert [each.strip("*") for each in names] == list(ROOMS)
    assert [each.strip("*") for each in names if each.startswith("*")] == [
        room for room in ROOMS if not (ROOT / "ftlib" / room / "__init__.py").exists()
    ]


def test_make_explains_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()) - {
        "help"
    }
    assert set(re.findall(r'^\t@echo "make ([a-z-]+) ', text, re.MULTILINE)) == targets
    for target in targets:
        assert re.search(
            rf"^(?:[a-z-]+ )*{target}(?: [a-z-]+)*:", text, re.MULTILINE
        ), f"no rule for {target}"


@pytest.mark.skipif(sys.platform == "win32", reason="no bash on Windows")
def test_the_script_for_ci_can_be_read():
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
