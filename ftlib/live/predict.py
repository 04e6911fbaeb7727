"""`Predict`: the reader says what will happen before he sees it.

A cell that computes an answer shows a question with choices. Each wrong choice is
answered with the misconception behind it, the right one with its confirmation and with
what follows. A notebook shows every choice as a fold, which needs neither a kernel nor
a script: to choose is to open it. ``book/site/ft-predict.js`` makes a form of the folds
in the built book, remembers there what was predicted, and says at the end of the page
how it went. On paper the answer stands with the others at the end of the chapter.
"""

from collections.abc import Mapping
from html import escape
from typing import Final

from ftlib.drawing.palette import colour

__all__ = ["BEGINS", "THEN", "Predict"]

BEGINS: Final = '<div class="ft-predict"'
THEN: Final = ("<!--then-->", "<!--/then-->")  # what follows stands between these

STYLE: Final = (
    f"margin:0;padding:12px 16px;border:1px solid {colour('line')};"
    f"border-left:4px solid {colour('blue')};border-radius:8px;"
    f"background:{colour('paper')};color:{colour('ink')}"
)
HOW: Final = "Choose one first, then open it to see whether it is so."


class Predict:
    """Ask for a prediction.

    Parameters
    ----------
    question : str
        One sentence that ends in a question mark, in plain text.
    options : mapping of str or int to str
        The choices in the order shown. Each wrong one is mapped to its misconception,
        what somebody overlooks who thinks so; the right one to its confirmation. One or
        two sentences each, in plain text.
    answer : str or int
        The right choice, computed by the cell.
    then : str or object with ``_repr_html_``, optional
        What is shown only after a choice, such as the picture of the run.

    Raises
    ------
    ValueError
        If the question is empty, there are fewer than two choices, two of them read
        alike, one has no meaning, or the answer is none of them.
    TypeError
        If a choice or the answer is neither text nor an integer, or `then` cannot be
        shown within the cell.

    Examples
    --------
    >>> Predict(
    ...     "How many of 5 servers may crash while a majority is left?",
    ...     {
    ...         1: "A majority of 5 is 3, so 2 may be missing.",
    ...         2: "The other 3 are a majority.",
    ...         3: "The other 2 are no majority of 5: the crashed ones count.",
    ...     },
    ...     answer=(5 - 1) // 2,
    ... )
    Predict. How many of 5 servers may crash while a majority is left?
      - 1
      - 2
      - 3

    Notes
    -----
    Explained in ``CONTRIBUTING.md``.
    """

    def __init__(
        self,
        question: str,
        options: Mapping[str, str] | Mapping[int, str],
        answer: str | int,
        *,
        then: object = None,
    ) -> None:
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"the question is {question!r}: write a sentence")
        texts = [_text(choice, "a choice") for choice in options]
        if len(texts) < 2:
            raise ValueError(
                f"{question!r} has {len(texts)} choices: there must be at least two"
            )
        for text, meaning in zip(texts, options.values(), strict=True):
            if texts.count(text) > 1:
                raise ValueError(f"two choices read {text!r}: the reader sees one")
            if not isinstance(meaning, str) or not meaning.strip():
                raise ValueError(
                    f"the choice {text!r} means {meaning!r}: write the misconception"
                    " behind it or, for the right one, the confirmation"
                )
        right = _text(answer, "the answer")
        if right not in texts:
            raise ValueError(
                f"the answer is {answer!r}, which is none of the choices:"
                f" {', '.join(texts)}"
            )
        self.question = question
        self.options = dict(zip(texts, options.values(), strict=True))
        self.answer = right
        self.then = _shown(then)

    def _repr_html_(self) -> str:
        choices = "".join(
            self._choice(text, meaning) for text, meaning in self.options.items()
        )
        return (
            f'{BEGINS} style="{STYLE}"><p class="ft-question"><b>Predict.</b>'
            f' {escape(self.question)}</p><p class="ft-how">{HOW}</p>{choices}</div>'
        )

    def _choice(self, text: str, meaning: str) -> str:
        right = text == self.answer
        mark, verdict = (" data-right", "✓ Right.") if right else ("", "✗ Not so.")
        inside = f"<p><b>{verdict}</b> {escape(meaning)}</p>"
        if right and self.then:
            inside += f'<div class="ft-then">{THEN[0]}{self.then}{THEN[1]}</div>'
        return f"<details{mark}><summary>{escape(text)}</summary>{inside}</details>"

    def __repr__(self) -> str:
        choices = "".join(f"\n  - {text}" for text in self.options)
        return f"Predict. {self.question}{choices}"


def _text(choice: object, what: str) -> str:
    if isinstance(choice, bool) or not isinstance(choice, str | int):
        raise TypeError(
            f"{what} is {choice!r}: write it as text, or as an integer such as 3"
        )
    text = str(choice)
    if not text.strip():
        raise ValueError(f"{what} is {choice!r}: write what the reader is to choose")
    return text


def _shown(then: object) -> str:
    if then is None:
        return ""
    if isinstance(then, str):
        return f"<p>{escape(then)}</p>"
    html = getattr(then, "_repr_html_", None)
    if html is None:
        raise TypeError(
            f"then is a {type(then).__name__}: give text or a picture; a Live stands in"
            " a cell of its own"
        )
    return str(html())
