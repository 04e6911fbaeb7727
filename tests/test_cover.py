"""The README's picture comes from the book itself."""

import xml.etree.ElementTree as ElementTree

from tools.cover import COVER, cover


def test_the_cover_is_what_the_library_draws():
    assert COVER.read_text(encoding="utf-8") == cover(), "run: python -m tools.cover"
    assert "var(" not in cover()
    assert ElementTree.fromstring(cover()).tag.endswith("svg")
