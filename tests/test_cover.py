"""The README's picture, and what the first page says of the book's length, come from
the book itself.
"""

import re
import xml.etree.ElementTree as ElementTree

from tools import ROOT
from tools.cover import COVER, cover
from tools.paths import hours, read


def test_the_cover_is_what_the_library_draws():
    assert COVER.read_text(encoding="utf-8") == cover(), "run: python -m tools.cover"
    assert "var(" not in cover()
    assert ElementTree.fromstring(cover()).tag.endswith("svg")


def test_the_hours_of_the_book_are_the_sum_of_its_chapters():
    (told,) = re.findall(
        r"take about (\d+(?:\.5)?) hours",
        (ROOT / "book" / "index.md").read_text(encoding="utf-8"),
    )
    assert float(told) == hours(read()["Full"])
