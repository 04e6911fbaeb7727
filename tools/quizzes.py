"""A Sphinx extension: the quizzes of book/quizzes, one file a part of the course.

A quiz is ten questions. Each is a `Predict`, as in the chapters, but its answer is
written down here, not computed: a quiz asks for what the chapters have shown. Every
option leads to the section that explains it, and every wrong one names the
misconception that it stands for. The directive ``quiz`` writes the questions on the
page beside the file, ``misconceptions`` lists what the wrong options of all quizzes
stand for.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from ftlib.live import Predict
from tools import ROOT

__all__ = [
    "FOLDER",
    "Misconceptions",
    "Option",
    "Question",
    "Quiz",
    "html",
    "read",
    "sections",
    "setup",
]

FOLDER = ROOT / "book" / "quizzes"
QUESTIONS = 10
OPTIONS = range(2, 5)
SENTENCES = 2
SENTENCE = re.compile(r"[.?!](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: its words, the misconception behind it (nothing if it is
    right), why it is so or not, and the section that shows it, ``chapter#heading``.
    """

    say: str
    because: str
    see: str
    believes: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its options, in the order shown."""

    ask: str
    options: tuple[Option, ...]

    @property
    def right(self) -> int:
        """The place of the right option, from 0."""
        return [option.believes for option in self.options].index("")


@cache
def sections(chapter: str) -> dict[str, str]:
    """The headings of a chapter by their anchors; the first is its title.

    Examples
    --------
    >>> sections("3_1_replication")["what-it-costs"]
    'What it costs'
    """
    path = ROOT / "chapters" / f"{chapter}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    told = "\n".join(
        "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
    )
    found = re.findall(r"^#{1,3} (.+)$", told, re.MULTILINE)
    return {nodes.make_id(heading): heading for heading in found}


def read(path: Path) -> list[Question]:
    """The questions of a quiz.

    Raises
    ------
    ValueError
        If something is wrong with it; names the file and the question.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML: {error}") from error
    if not isinstance(found, list) or len(found) != QUESTIONS:
        many = len(found) if isinstance(found, list) else "no list of"
        raise ValueError(f"{path.name} has {many} questions: write {QUESTIONS}")
    questions = []
    for number, each in enumerate(found, 1):
        try:
            questions.append(_question(each))
        except ValueError as error:
            raise ValueError(f"{path.name}, question {number}: {error}") from error
    return questions


def _question(found: Any) -> Question:
    _keys(found, "the question", {"ask", "options"})
    if not isinstance(found["options"], list):
        raise ValueError("`options` is no list")
    question = Question(
        found["ask"],
        tuple(
            _option(each, f"option {place}")
            for place, each in enumerate(found["options"], 1)
        ),
    )
    if not question.ask.endswith("?"):
        raise ValueError(f"{question.ask!r} does not end in a question mark")
    if len(question.options) not in OPTIONS:
        raise ValueError(f"it has {len(question.options)} options: write two to four")
    right = [option for option in question.options if not option.believes]
    if len(right) != 1:
        raise ValueError(
            f"{len(right)} options have no `believes`: exactly one is right, and each"
            " wrong one names a misconception"
        )
    if len({option.say for option in question.options}) < len(question.options):
        raise ValueError("two options read alike")
    return question


def _option(found: Any, what: str) -> Option:
    _keys(found, what, {"say", "because", "see"}, {"believes"})
    option = Option(**found)
    if len(SENTENCE.findall(option.because)) not in range(1, SENTENCES + 1):
        raise ValueError(f"{what}: `because` is to be one sentence or two")
    chapter, _, anchor = option.see.partition("#")
    if not (ROOT / "chapters" / f"{chapter}.ipynb").exists():
        raise ValueError(f"{what}: `see` names {chapter!r}, which is no chapter")
    if anchor not in sections(chapter):
        raise ValueError(
            f"{what}: `see` names {anchor!r}, which is no section of {chapter}; its"
            f" sections are {', '.join(sections(chapter))}"
        )
    return option


def _keys(
    found: Any, what: str, needed: set[str], more: set[str] | None = None
) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"{what} is {found!r}: write a mapping")
    if missing := sorted(needed - found.keys()):
        raise ValueError(f"{what} lacks `{missing[0]}`")
    if strange := sorted(found.keys() - needed - (more or set()), key=str):
        raise ValueError(f"{what} has `{strange[0]}`, which means nothing here")
    for key, text in found.items():
        if key != "options" and not (isinstance(text, str) and text.strip()):
            raise ValueError(f"{what}: `{key}` is {text!r}: write text")


def html(question: Question, number: int, page: str) -> str:
    """A question as the HTML of a `Predict`, with links that lead away from `page`."""
    right = question.options[question.right].say
    told = {each.say: f"{each.because} [{each.see}]" for each in question.options}
    written = Predict(question.ask, told, right)._repr_html_()
    for see in {option.see for option in question.options}:
        written = written.replace(f"[{see}]", _link(see, page))
    return written.replace("<b>Predict.</b>", f"<b>Question {number}.</b>", 1)


def _link(see: str, page: str) -> str:
    chapter, _, anchor = see.partition("#")
    title, heading = next(iter(sections(chapter).values())), sections(chapter)[anchor]
    address = relative_uri(f"{page}.html", f"chapters/{chapter}.html")
    return (
        f'See <a href="{escape(address)}#{anchor}">“{escape(heading)}” in'
        f" {escape(title)}</a>."
    )


class Quiz(SphinxDirective):
    """Writes the questions of the quiz whose file stands beside the page."""

    def run(self) -> list[nodes.Node]:
        """Write one form a question."""
        page = self.env.docname
        return [
            nodes.raw("", html(question, number, page), format="html")
            for number, question in enumerate(_known(self, Path(page).name), 1)
        ]


class Misconceptions(SphinxDirective):
    """Lists, a fold a quiz, what its wrong options stand for."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write a fold for each quiz named in the content, with its title."""
        made: list[nodes.Node] = []
        for line in self.content:
            name, _, title = line.partition(" ")
            items = "".join(
                f"<li>{escape(option.believes)}</li>"
                for question in _known(self, name)
                for option in question.options
                if option.believes
            )
            fold = f"<summary>{escape(title)}</summary><ul>{items}</ul>"
            made.append(nodes.raw("", f"<details>{fold}</details>", format="html"))
        return made


def _known(directive: SphinxDirective, name: str) -> list[Question]:
    path = FOLDER / f"{name}.yml"
    directive.env.note_dependency(str(path))
    try:
        return read(path)
    except (ValueError, OSError) as error:
        raise directive.error(str(error)) from error


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_directive("quiz", Quiz)
    app.add_directive("misconceptions", Misconceptions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
