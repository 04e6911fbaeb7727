"""`Predict`: what a notebook stores of a question, and what is refused."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from ftlib.drawing.picture import Picture
from ftlib.live import Live, Predict
from ftlib.live.sphinx import _stepped

QUESTION = "What does p1 do when the coordinator crashes?"
OPTIONS = {
    "It commits.": "It has voted yes, and does not know how p2 voted.",
    "It waits.": "Both decisions are still possible, so it may take neither.",
    "It aborts.": "Another may have been told to commit.",
}
DOTS = Picture('<g data-step="1"/>', 10, 10, "It waits.", story=("One.",), steps=1)


def asked(question=QUESTION, options=OPTIONS, answer="It waits.", **more):
    return Predict(question, options, answer, **more)


class Folds(HTMLParser):
    """The folds of a question: what stands on each, and what in it."""

    def __init__(self, html):
        super().__init__()
        self.folds, self.open, self.where = [], [], None
        self.feed(html)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        if tag == "input":  # it has no end
            return
        self.open.append(tag)
        if tag == "details":
            self.folds.append({"right": "data-right" in dict(attributes), "in": ""})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "summary" in self.open:
            self.folds[-1]["on"] = data
        elif "details" in self.open:
            self.folds[-1]["in"] += data


def test_each_choice_is_a_fold_with_what_it_means():
    html = asked(then="p1 waits for ever.")._repr_html_()
    assert Folds(html).folds == [
        {
            "right": False,
            "on": "It commits.",
            "in": f"✗ Not so. {OPTIONS['It commits.']}",
        },
        {
            "right": True,
            "on": "It waits.",
            "in": f"✓ Right. {OPTIONS['It waits.']}p1 waits for ever.",
        },
        {
            "right": False,
            "on": "It aborts.",
            "in": f"✗ Not so. {OPTIONS['It aborts.']}",
        },
    ]
    before, _, _ = html.partition("<details")
    assert QUESTION in before
    assert "id=" not in html, "several stand on one page"


def test_the_words_of_a_cell_hide_the_answer():
    told = repr(asked(then=DOTS))
    assert told == (
        f"Predict. {QUESTION}\n  - It commits.\n  - It waits.\n  - It aborts."
    )
    assert told == repr(asked(answer="It aborts.")), "whichever is right"


def test_text_is_text():
    html = asked(
        "Is a < b & c?", {"<b>yes</b>": "a & b", "no": "<i>"}, "no", then="<p>"
    )._repr_html_()
    assert "Is a &lt; b &amp; c?" in html
    assert [fold["on"] for fold in Folds(html).folds] == ["<b>yes</b>", "no"]
    assert "<b>yes" not in html
    assert "<i>" not in html
    assert "&lt;p&gt;" in html


def test_what_follows_is_in_the_right_fold_only():
    html = asked(then=DOTS)._repr_html_()
    assert html.count(DOTS._repr_html_()) == 1
    right = re.search(r"<details data-right>.*?</p>(.*)</details><details>", html)[1]
    assert right.startswith('<div class="ft-then">')
    assert "ft-then" not in asked()._repr_html_(), "nothing follows"


def test_a_picture_that_follows_has_its_step_bar_in_the_book():
    html = asked(then=DOTS)._repr_html_()
    page = _stepped(html)
    assert page.count('class="ft-steps"') == 1
    assert page.index("ft-then") < page.index("ft-steps") < page.index("It aborts.")
    assert len(Folds(page).folds) == 4, "the story of the picture is the fourth"
    other = asked(then='<g data-step="1">')._repr_html_()
    assert _stepped(other) == other


def test_numbers_are_choices():
    three = Predict("How many?", {2: "Too few.", 3: "All.", 4: "Too many."}, 1 + 2)
    assert three.answer == "3"
    assert repr(three) == "Predict. How many?\n  - 2\n  - 3\n  - 4"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (
            {"answer": "It dies."},
            ValueError,
            "the answer is 'It dies.', which is none of the choices: It commits., It"
            " waits., It aborts.",
        ),
        ({"answer": None}, TypeError, "the answer is None: write it as text"),
        ({"answer": True}, TypeError, "the answer is True: write it as text"),
        ({"question": " "}, ValueError, "the question is ' ': write a sentence"),
        ({"question": 3}, ValueError, "the question is 3: write a sentence"),
        (
            {"options": {"It waits.": "So."}},
            ValueError,
            "has 1 choices: there must be at least two",
        ),
        (
            {"options": {"It waits.": "So.", "b": ""}},
            ValueError,
            "the choice 'b' means '': write the misconception",
        ),
        (
            {"options": {"1": "So.", 1: "So."}, "answer": 1},
            ValueError,
            "two choices read '1'",
        ),
        (
            {"options": {0.5: "So.", "It waits.": "So."}},
            TypeError,
            "a choice is 0.5: write it as text",
        ),
        ({"options": {"": "So.", "b": "So."}}, ValueError, "a choice is ''"),
        ({"then": 42}, TypeError, "then is a int: give text or a picture"),
    ],
)
def test_what_is_refused(change, error, words):
    with pytest.raises(error) as raised:
        asked(**change)
    assert words in str(raised.value)


def test_a_live_figure_does_not_follow():
    from ftlib.figures.availability import k_of_n

    with pytest.raises(TypeError, match=r"then is a Live: .* a cell of its own"):
        asked(then=Live(k_of_n))


def test_the_same_bytes_whatever_the_hash_seed():
    code = (
        "from ftlib.live import Predict;"
        "print(Predict('Why?', {'b': 'x', 'a': 'y', 'c': 'z'}, 'a')._repr_html_())"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
    assert b"<summary>b</summary>" in first
