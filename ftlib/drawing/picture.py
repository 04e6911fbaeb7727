"""A `Picture`: inline SVG that says in words what it shows.

Everything drawn in the book, but for matplotlib's plots, is a `Picture`. Its title is
the verdict ("Both participants commit"), its description one or two sentences, its
story the whole run as an ordered list: a reader who cannot see the drawing, or who
reads a page without JavaScript, loses nothing. The SVG is shown as text/html and never
as image/svg+xml: Jupyter Book would make an image file of the latter, and the page's
colours could not reach into it.

A picture brings its own ground and ink, ``var(--ft-paper, #fff)`` under ``var(--ft-ink,
#1b1f24)``. The book's style sheet redefines them for its dark theme; a host without
that style sheet (JupyterLab, VS Code, Colab) shows a light card, legible on any
background.
"""

import re
from dataclasses import dataclass, replace
from html import escape
from typing import Self
from xml.sax.saxutils import quoteattr

from ftlib.drawing.by_hand import ByHand
from ftlib.drawing.palette import colour

__all__ = ["Picture"]

# a drawing may shrink to this part of its size, so that 14-pixel letters keep 11
# pixels; then its box scrolls. One that scrolls on every phone keeps more, so that
# letters of 12 pixels do too
SHRINK, WIDE, WIDE_SHRINK = 0.79, 455, 0.92

UNIT = re.compile(r"(?<=\d) (?=%|(?:[mµ]?s|min|h)\b)")  # before a unit, no line ends
PART = re.compile(r'data-step="(\d+)"')


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawing with its text alternative.

    Parameters
    ----------
    body : str
        What stands inside the ``<svg>`` element: no ``id`` attributes (several pictures
        share a page), colours from `ftlib.drawing.palette.colour`. Parts that appear at
        step k carry ``data-step="k"``, k from 1 to `steps`, and no ``visibility``
        attribute of their own.
    width, height : float
        The size of the drawing in its own units (CSS pixels at 100 %). On a narrow
        screen it shrinks to 79 %, and scrolls sideways in its box beyond that: one at
        most 455 wide does not scroll where the screen is 360 wide. A wider one shrinks
        to 92 %.
    title : str
        The verdict, a short sentence.
    description : str
        One or two sentences more.
    story : tuple of str
        The full story, one sentence an item, in order. If the picture can be stepped
        through, item k is what happens at step k + 1.
    steps : int
        How many steps there are; 0 when the picture is not to be stepped through.
        Otherwise equal to ``len(story)``.
    step : int, optional
        How far the picture is revealed, from 0 (nothing happened yet) to `steps`; None
        for all of it. See `reveal`.
    hand : ByHand, optional
        The faults that the reader can put on it by hand, and those that he has put.

    Raises
    ------
    ValueError
        If the title is empty, a stepped picture has not one story item a step, a part
        appears after the last step, or `step` is out of range.

    Examples
    --------
    >>> dot = Picture(
    ...     '<circle cx="5" cy="5" r="4"/>',
    ...     10,
    ...     10,
    ...     "One node is up.",
    ...     "A single dot.",
    ...     ("Node a starts.",),
    ... )
    >>> print(repr(dot))
    One node is up. A single dot.
      1. Node a starts.
    """

    body: str
    width: float
    height: float
    title: str
    description: str = ""
    story: tuple[str, ...] = ()
    steps: int = 0
    step: int | None = None
    hand: ByHand | None = None

    def __post_init__(self) -> None:
        if not self.title:
            raise ValueError(
                "a picture needs a title: the verdict in one short sentence"
            )
        if self.steps and len(self.story) != self.steps:
            raise ValueError(
                f"a picture of {self.steps} steps needs as many story items, not"
                f" {len(self.story)}"
            )
        last = max(map(int, PART.findall(self.body)), default=0)
        if last > self.steps:
            raise ValueError(
                f"a part appears at step {last}, but the picture has {self.steps} steps"
            )
        if self.step is not None and not 0 <= self.step <= self.steps:
            raise ValueError(
                f"step {self.step} of a picture of {self.steps} steps: choose 0 to"
                f" {self.steps}"
            )

    def reveal(self, step: int) -> Self:
        """Return the picture as it stands after a step: the parts of later steps
        hidden, the newest ones marked.

        Parameters
        ----------
        step : int
            From 0 (nothing happened yet) to `steps`.

        Returns
        -------
        Picture

        Raises
        ------
        ValueError
            If there is no such step.

        Examples
        --------
        >>> two = Picture(
        ...     '<g data-step="1"/><g data-step="2"/>',
        ...     10,
        ...     10,
        ...     "Done.",
        ...     story=("One.", "Two."),
        ...     steps=2,
        ... )
        >>> 'data-step="2" visibility="hidden"' in two.reveal(1).svg
        True

        Notes
        -----
        `ft-live.js` does the same to the same attributes in the built page.
        """
        return replace(self, step=step)

    def still(self) -> Self:
        """Return the picture as one that is not to be stepped through.

        Returns
        -------
        Picture

        Examples
        --------
        >>> Picture(
        ...     '<g data-step="1"/>', 10, 10, "Done.", story=("One.",), steps=1
        ... ).still().steps
        0
        """
        return replace(self, body=PART.sub("", self.body), steps=0, step=None)

    @property
    def svg(self) -> str:
        """The whole ``<svg>`` element, with a label for assistive technology.

        There is no ``<title>`` element: browsers show it as a tooltip that covers the
        drawing.
        """
        steps = f' data-steps="{self.steps}"' if self.steps else ""
        wide = self.width > WIDE
        least = (WIDE_SHRINK if wide else SHRINK) * self.width
        return (
            '<svg xmlns="http://www.w3.org/2000/svg"'
            f' class="ft-svg{" ft-wide" * wide}" role="img"'
            f' viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}"'
            f' style="display:block;margin:0 auto;min-width:{least:g}px;'
            'max-width:100%;height:auto;font-family:system-ui,sans-serif"'
            f" aria-label={quoteattr(self._label)}{steps}>{self._shown_body}</svg>"
        )

    @property
    def _shown_body(self) -> str:
        step = self.step
        if step is None:
            return self.body

        def mark(part: re.Match[str]) -> str:
            number = int(part[1])
            if number > step:
                return f'{part[0]} visibility="hidden"'
            return f'{part[0]} data-now=""' if number == step else part[0]

        return PART.sub(mark, self.body)

    @property
    def _label(self) -> str:
        return f"{self.title} {self.description}".strip()

    def _repr_html_(self) -> str:
        more = (
            " <span"
            f' style="display:block;font-weight:400">{escape(self.description)}</span>'
            if self.description
            else ""
        )
        card = (
            "margin:0;padding:12px;border-radius:8px;"
            f"background:{colour('paper')};color:{colour('ink')}"
        )
        verdict = (
            '<figcaption style="margin:0 0 10px;font-weight:600;line-height:1.4">'
            f"{escape(self.title)}{more}</figcaption>"
        )
        verdict = UNIT.sub("\N{NO-BREAK SPACE}", verdict)
        drawing = f'<div class="ft-scroll" style="overflow-x:auto">{self.svg}</div>'
        chips, menus = (self.hand.chips, self.hand.menus) if self.hand else ("", "")
        return (
            f'<figure class="ft-picture" style="{card}">{verdict}{drawing}{chips}'
            f"{self._story_html}{menus}</figure>"
        )

    @property
    def _story_html(self) -> str:
        if not self.story:
            return ""
        marks = "", ' aria-current="step" style="font-weight:600"'
        items = "".join(
            f"<li{marks[number == self.step]}>{self._line(number, item)}</li>"
            for number, item in enumerate(self.story, 1)
        )
        return (
            '<details class="ft-story"><summary>The story in'
            f" words</summary><ol>{items}</ol></details>"
        )

    def _line(self, number: int, item: str) -> str:
        button = self.hand.button(number) if self.hand else ""
        return f"<span>{escape(item)}</span>{button}" if button else escape(item)

    def __repr__(self) -> str:
        lines = [
            self._label,
            *(f"  {number}. {item}" for number, item in enumerate(self.story, 1)),
        ]
        return "\n".join(lines)
