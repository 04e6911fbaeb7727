"""A Sphinx extension: the map of the chapters, a picture on the landing page.

The directive ``map`` lists the chapters in the order in which they are best read, with
what one will have done in each, and draws beside the list what needs what. The order is
that of book/paths.yml, and the lines are the links under *Before you start*.
"""

import re
from dataclasses import dataclass
from html import escape

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

from ftlib.drawing.palette import colour
from tools import ROOT
from tools.paths import FILE, hours, minutes, read

__all__ = ["LINES", "Stop", "drawn", "needed", "needs", "plan", "route", "setup"]

BEFORE = re.compile(r"\*Before you start\*:(.*?)\n\n", re.DOTALL)

# A line on the map: its name, its colour, and how the names of its chapters begin.
# Neighbours on the map are those that need one another.
LINES = (
    ("Networks and scale", "sky", ("5_",)),
    ("Placement", "yellow", ("3_2", "4_2")),
    ("Replication", "green", ("3_1", "4_1")),
    ("Foundations", "blue", ("1_", "2_", "6_")),
    ("Transactions", "orange", ("3_3", "4_3")),
    ("Checking", "purple", ("7_1", "7_2")),
    ("Consensus", "red", ("7_3", "7_4", "7_5")),
)
LANE, ROW = 20, 48  # the picture is stretched to the height of the list
DOT, HOLE = 14, 9  # pixels, whatever the stretching
PLACE = "ft-map-place"


@dataclass(frozen=True, slots=True)
class Stop:
    """A chapter on the map: its page and title, what one will have done there, the
    place of its line in `LINES`, how many minutes it takes, whether the short way
    passes it, and the places in the order of what it needs.
    """

    page: str
    title: str
    done: str
    line: int
    minutes: int
    short: bool
    after: tuple[int, ...]


def needs(page: str) -> list[str]:
    """The chapters that a chapter lists under *Before you start*, as pages."""
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = BEFORE.search(text)
    if found is None:
        raise ValueError(f"{page} does not say what stands before it")
    names = re.findall(r"\((\w+)\.ipynb[^)]*\)", found[1])
    return [f"chapters/{name}" for name in names]


def needed(wants: dict[str, list[str]], page: str) -> set[str]:
    """All that a page needs, and what that needs in turn.

    Examples
    --------
    >>> sorted(needed({"c": ["b"], "b": ["a"], "a": []}, "c"))
    ['a', 'b']
    """
    direct = wants[page]
    return set(direct).union(*(needed(wants, each) for each in direct))


def plan(titles: dict[str, str], done: dict[str, str]) -> list[Stop]:
    """The chapters in the order of reading. Of what a chapter needs only that is kept
    which nothing else that it needs brings with it.

    Parameters
    ----------
    titles : dict
        The titles of pages by their names.
    done : dict
        What one will have done in a chapter, by its name without the folder.

    Raises
    ------
    ValueError
        If a chapter belongs to no line of the map, or what one will have done is told
        of other chapters than those of the full way.
    """
    ways = read()
    order = ways["Full"]
    if odd := {f"chapters/{name}" for name in done}.symmetric_difference(order):
        raise ValueError(f"the map needs one line a chapter: see {sorted(odd)}")
    wants = {page: needs(page) for page in order}
    made = []
    for page in order:
        own = [each for each in wants[page] if each in order]
        brought = set[str]().union(*(needed(wants, each) for each in own))
        name = page.removeprefix("chapters/")
        line = [n for n, (*_, heads) in enumerate(LINES) if name.startswith(heads)]
        if not line:
            raise ValueError(f"{page} is on no line of the map: name one in LINES")
        after = tuple(sorted(order.index(each) for each in set(own) - brought))
        short = page in ways["Short"]
        long = minutes(page)
        made.append(Stop(page, titles[page], done[name], line[0], long, short, after))
    return made


def route(stops: list[Stop], start: int, end: int) -> str:
    """The path of the line from one chapter to another. It changes lanes at once where
    its way down the new lane is free, and else at the end of its way down the old one.

    Raises
    ------
    ValueError
        If it would run through another chapter either way.
    """
    own, new = stops[start].line, stops[end].line
    taken = {stop.line for stop in stops[start + 1 : end]}
    x, to_x = LANE * (own + 0.5), LANE * (new + 0.5)
    y, to_y = ROW * (start + 0.5), ROW * (end + 0.5)
    if own == new and own in taken:  # beside the lane
        bend = f"C{x - LANE:g},{y + ROW:g} {x - LANE:g},{to_y - ROW:g}"
        return f"M{x:g},{y:g} {bend} {x:g},{to_y:g}"
    if own in taken and new in taken:
        raise ValueError(
            f"the line from {stops[start].page} to {stops[end].page} runs through "
            "another chapter: change the order of book/paths.yml, or of LINES"
        )
    top = y if new not in taken else to_y - ROW
    bend = f"C{x:g},{top + ROW / 2:g} {to_x:g},{top + ROW / 2:g} {to_x:g},{top + ROW:g}"
    return f"M{x:g},{y:g} V{top:g} {bend} V{to_y:g}"


def drawn(stops: list[Stop], here: str) -> str:
    """The map as HTML: lines and, beside them, the list of the chapters.

    Parameters
    ----------
    stops : list of Stop
        The chapters in the order of reading.
    here : str
        The page that the map stands on, for its links.
    """
    edges, dots, items = [], [], []
    for row, stop in enumerate(stops):
        line, tint, _ = LINES[stop.line]
        for start in stop.after:
            edges.append(_stroke(route(stops, start, row), tint))
        spot = f"M{LANE * (stop.line + 0.5):g},{ROW * (row + 0.5):g} h0"
        dots.append(_stroke(spot, tint, DOT))
        if not stop.short:
            dots.append(_stroke(spot, "paper", HOLE))
        link = relative_uri(f"{here}.html", f"{stop.page}.html")
        also = [f"after {stops[place].title}" for place in stop.after]
        also += ["on the short way"] * stop.short
        items.append(
            f'<li><p><a href="{link}">{escape(stop.title)}</a> <span>{line}, '
            f"{stop.minutes} minutes</span></p><p>{escape(stop.done)}"
            f'<i class="visually-hidden"> ({escape(", ".join(also))})</i></p></li>'
        )
    width, height = LANE * len(LINES), ROW * len(stops)
    return (
        f'<div class="ft-map"><svg viewBox="0 0 {width} {height}" aria-hidden="true" '
        f'preserveAspectRatio="none" style="width:{width / 16:g}rem" fill="none" '
        f'stroke-linecap="round">{"".join(edges + dots)}</svg>'
        f"<ol>{''.join(items)}</ol></div>"
    )


def _stroke(path: str, tint: str, width: float = 2.5) -> str:
    return (
        f'<path d="{path}" stroke="{colour(tint)}" stroke-width="{width}" '
        'vector-effect="non-scaling-stroke"/>'
    )


class Map(SphinxDirective):
    """Says how long the two ways take. The map is drawn when all titles are known.

    Its content is a line a chapter: its name, a colon, what one will have done there.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave a place for the map, below what its signs mean."""
        for file in (FILE, *(ROOT / f"{page}.ipynb" for page in read()["Full"])):
            self.env.note_dependency(str(file))
        took = {name: f"about {hours(pages):g} hours" for name, pages in read().items()}
        words = (
            f"The **full way** takes {took['Full']}, from top to bottom. The **short "
            f"way**, {took['Short']}, stops at the filled circles only. A line leads "
            "from a chapter down to one that needs it."
        )
        done = dict(line.split(": ", 1) for line in self.content if line)
        place = nodes.container(classes=[PLACE], done=done)
        return [*self.parse_text_to_nodes(words), place]


def _draw(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for place in [n for n in doctree.findall(nodes.container) if PLACE in n["classes"]]:
        titles = {name: title.astext() for name, title in app.env.titles.items()}
        html = drawn(plan(titles, place["done"]), page)
        place.replace_self(nodes.raw("", html, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_directive("map", Map)
    app.connect("doctree-resolved", _draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
