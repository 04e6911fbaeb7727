"""Answers to labs, right and wrong, as the cells of a notebook."""

import ast
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from ftlib.exercises.answer import Answer
from ftlib.labs.failure_detection.chances import enough
from tools.grade.extract import extract
from tools.grade.labs import LABS

HERE = Path(__file__).parent
CHEATING = sorted((HERE / "cheating").glob("*.py"))  # for every lab
SECRET = 4  # a seed that no notebook uses
OTHER = "presumed_abort"  # a right answer to the code "a"


def right(lab: str, code: str = "public") -> list[tuple[str, str]]:
    """A right answer: that of the lab's own notebook, or one to other rules."""
    found = LABS[lab]
    rules, before = found.rules(code), found.rules("public")
    if lab == "two_phase_commit" and rules.presumed != before.presumed:
        before = found.rules("a")
        cells = [("answer", text(HERE / "right" / lab / f"{OTHER}.py"))]
    else:
        cells = extract(found.source, found.cells, found.module, found.forbidden).cells
    if rules == before:
        return cells
    return [
        (name, ADAPTED[lab](renamed(cell, before, rules), before, rules))
        for name, cell in cells
    ]


def variants(lab: str) -> dict[str, Path]:
    """Other right answers: each is what it overrides in the lab's own."""
    found = sorted((HERE / "right" / lab).glob("*.py"))
    return {path.stem: path for path in found if path.stem != OTHER}


def renamed(source: str, before: Any, after: Any) -> str:
    """An answer with the messages of other rules."""
    names = dict(zip(before.names, after.names, strict=True))
    return re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[1]], source)


def committing(source: str, before: Any, after: Any) -> str:
    """An answer to rules of commitment made one to others that presume the same."""
    for name in ("waits", "resends", "patience"):
        old, new = (f", {getattr(rules, name):g})" for rules in (before, after))
        source = source.replace(old, new)
    if before.refusers_told == after.refusers_told:
        return source
    changes = {
        'votes.get(each, "yes") == "yes"': 'votes.get(each) != "read"',
        'if votes.get(name) != "read"': 'if votes.get(name) not in ("read", "no")',
    }
    for old, new in changes.items():
        source = source.replace(old, new)
    return source


def placing(source: str, before: Any, after: Any) -> str:
    """An answer to the public rules of placement made one to others."""
    changes = {"-(-125 *": f"-(-{100 + after.slack} *"}
    if after.pair == "first":
        changes["if len(found) == 2:"] = "if len(found) == 1:"
    if after.ties == "lighter":
        changes["return news.version, news.weight"] = (
            "return news.version, -news.weight"
        )
    if after.source == "first":
        changes["(near or alive)[0]"] = "alive[0]"
    for old, new in changes.items():
        source = source.replace(old, new)
    return source


def watching(source: str, before: Any, after: Any) -> str:
    """An answer to the public rules of detection made one to others."""
    changes = {
        '"silent", 0.25)': f'"silent", {after.wait})',
        '"round", 1.0)': f'"round", {after.period})',
        "len(self.answered) < 1": f"len(self.answered) < {after.least}",
        "rounds[-2:] == [True] * 2": f"rounds[-{after.back}:] == [True] * {after.back}",
        "NUMBERS = (2, 3, 7)": f"NUMBERS = {enough(after)}",
    }
    if after.late == "ignored":
        changes["elif number in self.rounds.get(member, {})"] = "elif False"
    if after.order == "after":
        changes["others = others[::-1]"] = "pass"
    if after.suspects_helped:
        changes["if member in self.answered or member in self.suspects"] = (
            "if member in self.answered"
        )
    for old, new in changes.items():
        source = source.replace(old, new)
    return source


def weighing(source: str, before: Any, after: Any) -> str:
    """An answer to the public rules of consensus made one to others."""
    for name in ("copies", "blank", "eager", "heartbeat", "patience"):
        line = f"{name.upper()} = {getattr(after, name)}"
        source = re.sub(rf"^{name.upper()} = .*", line, source, flags=re.MULTILINE)
    elect = {
        "more than 1/2": "total // 2 + 1",
        "more than 3/5": "3 * total // 5 + 1",
        "at least 2/3": "-(-2 * total // 3)",
        "at least 3/4": "-(-3 * total // 4)",
    }
    return source.replace(elect[before.share], elect[after.share])


ADAPTED = {
    "two_phase_commit": committing,
    "consistent_hashing": placing,
    "failure_detection": watching,
    "consensus": weighing,
}


def defined(lab: str, cells: list[tuple[str, str]], code: str = "public") -> ModuleType:
    """A module with what some cells define."""
    module = sys.modules["answer"] = ModuleType("answer")
    vars(module).update(LABS[lab].rules(code).words)
    for _, source in cells:
        exec(source, vars(module))
    return module


def answer_to(
    lab: str,
    check: str,
    cells: list[tuple[str, str]],
    code: str = "public",
    seed: int = SECRET,
) -> Answer:
    """The answer of one check, without a process of its own."""
    found, module = LABS[lab], defined(lab, cells, code)
    roles = {role: getattr(module, name) for role, name in found.roles.items()}
    hand = found.checks.Hand(**roles, rules=found.rules(code), seed=seed)
    return next(each for each in found.checks.CHECKS if each.name == check)(hand)


def wrong(lab: str) -> dict[str, Path]:
    """The wrong answers to a lab: each is what it overrides in the right one."""
    return {path.stem: path for path in sorted((HERE / "wrong" / lab).glob("*.py"))}


def told(path: Path) -> tuple[str, str]:
    """The check that names a mistake, and the mistake in words."""
    check, _, words = (ast.get_docstring(ast.parse(text(path))) or "").partition(": ")
    return check, words


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def notebook(path: Path, lab: str, before: str = "", **cells: str) -> Path:
    """Write the notebook of a lab with other answer cells: empty unless given."""
    found = json.loads(text(LABS[lab].source))
    for cell in found["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in LABS[lab].cells:
            cell["source"] = cells.get(name, "")
    if before:
        first = {"cell_type": "code", "metadata": {}, "source": before, "outputs": []}
        found["cells"].insert(0, first)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found), encoding="utf-8")
    return path
