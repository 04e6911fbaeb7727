"""One chapter in a browser, for `make test`: it loads, asks no other host, answers from
its table and from Python, and steps.
"""

import re

import pytest

from .test_book import DESKTOP, place, see, table_of
from .test_python import computed, drawn, incomplete, move_two, shows

pytestmark = pytest.mark.smoke


def test_a_chapter(book, tab):
    page = tab(book, viewport=DESKTOP, reduced_motion="reduce").goto(
        "chapters/4_3_2_crash_it_everywhere.html"
    )
    figure = incomplete(page)
    table_of(page, figure)
    start = place(figure)
    figure.locator("input[type=range][data-dial]").first.press("ArrowLeft")
    assert see(figure) != start
    figure.get_by_role("button", name="Reset").click()
    spec, state = move_two(figure)
    computed(figure)
    assert shows(figure, drawn(spec, state))
    figure.get_by_role("button", name="First", exact=True).click()
    figure.get_by_role("button", name="Next", exact=True).click()
    assert re.match(r"1 / \d+$", figure.locator(".ft-number").inner_text())
