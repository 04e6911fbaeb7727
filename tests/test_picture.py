import ast
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ftlib import drawing
from ftlib.drawing.palette import HEX, colour
from ftlib.drawing.picture import Picture

PARTS = (
    '<g data-step="1"><text>one</text></g><g data-step="2"/><g data-step="2"/><g'
    ' data-step="3"/><g/>'
)


def run(**changed):
    given = {
        "body": PARTS,
        "width": 100,
        "height": 50,
        "title": "It works.",
        "story": ("One.", "Two & two.", "Three."),
        "steps": 3,
    }
    return Picture(**{**given, **changed})


def test_words_reach_every_reader():
    picture = run(title='A <verdict> & "more"', description="Said at length.")
    assert (
        repr(picture)
        == 'A <verdict> & "more" Said at length.\n  1. One.\n  2. Two & two.\n  3.'
        " Three."
    )
    root = ET.fromstring(picture._repr_html_())
    svg = root.find(".//{http://www.w3.org/2000/svg}svg")
    assert svg.get("aria-label") == 'A <verdict> & "more" Said at length.'
    assert svg.get("role") == "img"
    assert svg.get("data-steps") == "3"
    assert (
        "".join(root.find("figcaption").itertext())
        == 'A <verdict> & "more" Said at length.'
    )
    assert [item.text for item in root.iter("li")] == ["One.", "Two & two.", "Three."]


def test_no_line_of_a_verdict_ends_between_a_number_and_its_unit():
    picture = run(title="It waits 24.0 ms.", description="1 % in 3 s, by 2 servers.")
    verdict = ET.fromstring(picture._repr_html_()).find("figcaption")
    assert "".join(verdict.itertext()) == (
        "It waits 24.0\xa0ms. 1\xa0% in 3\xa0s, by 2 servers."
    )
    assert repr(picture).startswith("It waits 24.0 ms."), "in text nothing is wrapped"


def test_a_picture_without_story_or_steps_is_bare():
    html = Picture("<g/>", 10, 10, "One dot.")._repr_html_()
    assert "<details" not in html
    assert "data-steps" not in html
    assert repr(Picture("<g/>", 10, 10, "One dot.")) == "One dot."


def test_a_tooltip_never_covers_the_drawing():
    assert "<title>" not in run()._repr_html_()


@pytest.mark.parametrize(
    ("step", "hidden", "newest"),
    [
        (0, ["1", "2", "2", "3"], []),
        (1, ["2", "2", "3"], ["1"]),
        (2, ["3"], ["2", "2"]),
        (3, [], ["3"]),
    ],
)
def test_reveal(step, hidden, newest):
    picture = run().reveal(step)
    parts = ET.fromstring(picture.svg).findall(".//*[@data-step]")
    assert [
        part.get("data-step") for part in parts if part.get("visibility") == "hidden"
    ] == hidden
    assert [
        part.get("data-step") for part in parts if part.get("data-now") is not None
    ] == newest
    current = ET.fromstring(picture._repr_html_()).findall(
        ".//li[@aria-current='step']"
    )
    assert [item.text for item in current] == list(
        picture.story[step - 1 : step] if step else []
    )
    assert repr(picture) == repr(run()), "the story is told whole"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "needs a title"),
        ({"steps": 2, "body": "<g/>"}, "as many story items, not 3"),
        ({"body": '<g data-step="4"/>'}, "appears at step 4, but the picture has 3"),
        ({"body": '<g data-step="1"/>', "steps": 0}, "has 0 steps"),
        ({"step": 4}, "choose 0 to 3"),
        ({"step": -1}, "choose 0 to 3"),
    ],
)
def test_what_cannot_be_drawn(wrong, words):
    with pytest.raises(ValueError, match=words):
        run(**wrong)


def test_colours_can_be_redefined_by_a_page():
    assert all(
        colour(name) == f"var(--ft-{name}, {value})" for name, value in HEX.items()
    )
    with pytest.raises(ValueError, match="no colour 'pink': choose one of ink, "):
        colour("pink")


def test_only_a_look_knows_a_protocol():
    general = ("simulation", "checking", "drawing")
    for path in Path(drawing.__file__).parent.rglob("*.py"):
        if path.parent.name == "looks":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                of_ftlib, *room = (node.module or "").split(".")
                assert of_ftlib != "ftlib" or room[0] in general, (
                    f"{path.name} imports {node.module}"
                )
