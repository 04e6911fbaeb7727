"""What a judge answers: not attempted, right, or wrong, because ..., the last with the
counterexample drawn and to be gone through step by step.

A judge is a plain function of what the learner has written. Inside it, whatever is
wrong is raised as `Wrong`, from however deep; `judging` makes an `Answer` of that, and
of whatever the learner's own code raises, so that no learner ever reads a traceback of
ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from html import escape
from pathlib import Path
from traceback import extract_tb
from typing import Final, Literal, ParamSpec

import ftlib
from ftlib.drawing import Picture
from ftlib.drawing.palette import colour
from ftlib.simulation import HandlerError

__all__ = ["Answer", "Endless", "Wrong", "judging", "not_attempted", "ours"]

Given = ParamSpec("Given")
Verdict = Literal["not attempted", "right", "wrong"]

# A slider that reveals the parts of the picture beside it, as `Picture.reveal` does. It
# stands in the attribute of an element, for JupyterLab runs no script of an output
# before the output is there.
STEP = (
    "const box=this.closest('.ft-answer'),k=+this.value;"
    "box.querySelectorAll('[data-step]').forEach(part=>"
    "part.setAttribute('visibility',+part.dataset.step>k?'hidden':'visible'));"
    "const told=box.querySelectorAll('.ft-story li');"
    "this.nextElementSibling.textContent=k?k+'. '+told[k-1].textContent:"
    "'Nothing has happened yet.'"
)
ROOT: Final = str(Path(ftlib.__file__ or ".").parent)
MARKS = {
    "not attempted": ("…", "muted"),
    "right": ("✓", "green"),
    "wrong": ("✗", "red"),
}


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The answer of a judge. It is true if what was handed in is right.

    Attributes
    ----------
    verdict : {"not attempted", "right", "wrong"}
    reason : str
        What is asked, if nothing was attempted; what was tried, if it is right; else
        what is wrong.
    evidence : str
        The run that shows it, as text: a schedule to paste into a cell, for example.
    picture : Picture or None
        The same, drawn; ``answer.picture.reveal(3)`` is what stands after three steps.

    Examples
    --------
    >>> answer = Answer("wrong", "p2 waits for good.", "[Lose('Vote')]")
    >>> print(answer)
    Wrong, because p2 waits for good.
    [Lose('Vote')]
    >>> bool(answer)
    False
    """

    verdict: Verdict
    reason: str
    evidence: str = ""
    picture: Picture | None = None

    def __bool__(self) -> bool:
        return self.verdict == "right"

    @property
    def sentence(self) -> str:
        """The verdict and its reason."""
        if self.verdict == "wrong":
            return f"Wrong, because {self.reason}"
        return f"{self.verdict.capitalize()}. {self.reason}"

    def __str__(self) -> str:
        return "\n".join(part for part in (self.sentence, self.evidence) if part)

    def __repr__(self) -> str:
        return "\n".join([str(self), *([repr(self.picture)] if self.picture else [])])

    def _repr_html_(self) -> str:
        mark, ink = MARKS[self.verdict]
        card = (
            f"padding:12px;border-left:4px solid {colour(ink)};"
            f"background:{colour('paper')};color:{colour('ink')}"
        )
        parts = [f"<p style='margin:0'><b>{mark}</b> {escape(self.sentence)}</p>"]
        if self.picture is not None:
            parts.append(self.picture._repr_html_())
            if self.picture.steps:
                parts.append(_slider(self.picture.steps))
        if self.evidence:
            parts.append(f"<pre style='overflow-x:auto'>{escape(self.evidence)}</pre>")
        return f'<div class="ft-answer" style="{card}">{"".join(parts)}</div>'


def _slider(steps: int) -> str:
    return (
        f'<label>Step <input type="range" min="0" max="{steps}" value="{steps}"'
        # JupyterLab, too, wants the arrow keys
        f' data-lm-suppress-shortcuts="true" oninput="{escape(STEP)}">'
        '<span role="status"></span></label>'
    )


class Wrong(Exception):  # noqa: N818 - it is an answer, not an accident
    """What was handed in is wrong: why, shown by what."""

    def __init__(
        self, reason: str, evidence: str = "", picture: Picture | None = None
    ) -> None:
        super().__init__(reason)
        self.answer = Answer("wrong", reason, evidence, picture)


class Endless(BaseException):
    """What the learner's code does has no end. No ``except Exception`` holds it up."""


def not_attempted(asked: str) -> Answer:
    """Answer that nothing was handed in yet; say what is asked."""
    return Answer("not attempted", asked)


def judging(judge: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Make a judge answer, whatever the learner's code does.

    Parameters
    ----------
    judge : callable
        Returns an `Answer`, or raises `Wrong`; what else it raises comes from what was
        handed in.

    Examples
    --------
    >>> @judging
    ... def judge_half(number):
    ...     return Answer("right", "") if number / 2 == 4 else Answer("wrong", "no")
    >>> print(judge_half("eight"))  # doctest: +ELLIPSIS
    Wrong, because it raises an error. TypeError: ...
    """

    @wraps(judge)
    def answering(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return judge(*args, **kwargs)
        except Wrong as wrong:
            return wrong.answer
        except Endless as endless:
            return Answer("wrong", str(endless))
        except SystemExit:
            return Answer("wrong", "it leaves Python: a handler only returns.")
        except RecursionError as error:
            return Answer("wrong", "it calls itself without end.", _place(error))
        except Exception as error:
            told = str(error) if isinstance(error, HandlerError) else _named(error)
            return Answer("wrong", f"it raises an error. {told}", _place(error))

    return answering


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _place(error: BaseException) -> str:
    """Say in which line of the learner's code an error arose, if in one of those."""
    while error.__cause__ is not None:
        error = error.__cause__
    for frame in reversed(extract_tb(error.__traceback__)):
        if not ours(frame.filename):
            return f"line {frame.lineno}, in {frame.name}: {frame.line}".rstrip(": ")
    return ""


def ours(filename: str) -> bool:
    """Tell whether a file is part of the library."""
    return filename.startswith(ROOT)
