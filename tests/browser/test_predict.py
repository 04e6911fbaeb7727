"""Predictions on a page of toys: by keyboard, mouse and finger, without a script, and
where the browser keeps nothing.
"""

import shutil
from pathlib import Path

import pytest

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.live import Predict
from ftlib.live.sphinx import _stepped
from tools import ROOT
from tools.book import serving
from tools.quizzes import FOLDER, html, read

from .conftest import PHONE

pytestmark = pytest.mark.browser

SITE = Path(__file__).resolve().parents[2] / "book" / "site"
RUN = Picture(
    f'<path data-step="1" d="M20 20V70" stroke="{colour("blue")}"/>'
    f'<path data-step="2" d="M60 20V70" stroke="{colour("orange")}"/>',
    300,
    90,
    "p1 waits.",
    "Toy.",
    ("p1 votes.", "p1 waits.", *("Nothing comes." for _ in range(10))),
    12,
)
CRASH = "What does p1 do when the coordinator crashes after the votes?"
FORCES = "How many forced writes does a commit of two participants take?"
QUESTIONS = (
    Predict(
        CRASH,
        {
            "It commits, because it voted yes.": "It does not know how p2 voted.",
            "It waits.": "Both decisions are still possible, so it may take neither.",
            "It aborts.": "p2 may have been told to commit.",
        },
        "It waits.",
        then=RUN,
    ),
    Predict(
        FORCES,
        {
            3: "The coordinator forces its decision too.",
            5: "Two participants force twice, the coordinator once.",
        },
        2 * 2 + 1,
    ),
)


def page_of(bodies, before=""):
    cells = "".join(
        '<div class="cell"><details class="hide"><summary>Code</summary><pre>answer ='
        f' {number}</pre></details><div class="cell_output"><div class="output'
        f' text_html">{body}</div></div></div>'
        for number, body in enumerate(bodies)
    )
    return (
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
        '<title>Toys</title><meta name="viewport" content="width=device-width,'
        ' initial-scale=1"><link rel="icon" href="data:,"><link rel="stylesheet"'
        ' href="ft.css"><link rel="stylesheet" media="print" href="ft-print.css">'
        '<script defer src="ft-python.js"></script><script defer src="ft-live.js">'
        '</script><script defer src="ft-predict.js"></script><body style="margin:16px;'
        "background:var(--ft-paper);color:var(--ft-ink);font-family:system-ui"
        '"><style>a { color: var(--ft-blue) }</style><main class="bd-main bd-content"><article class="bd-article"><section>'
        f"<h1>Toys</h1>{before}{cells}<p>The end.</p></section></article></main>"
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("predict")
    for path in SITE.glob("ft*"):
        shutil.copy(path, folder)
    bodies = [_stepped(question._repr_html_()) for question in QUESTIONS]
    quiz = [
        html(question, number, "book/quizzes/replication")
        for number, question in enumerate(read(FOLDER / "replication.yml")[:2], 1)
    ]
    (folder / "quiz.html").write_text(page_of(quiz), encoding="utf-8")
    pages = {"toys": bodies, "other": bodies[:1], "alike": [bodies[1], bodies[1]]}
    for name, those in pages.items():
        (folder / f"{name}.html").write_text(page_of(those), encoding="utf-8")
    (folder / "marked.html").write_text(
        page_of(bodies, '<div class="ft-predicted"></div>'), encoding="utf-8"
    )
    with serving(folder) as base:
        yield base


@pytest.fixture
def page(site, tab):
    return tab(site).goto("toys.html")


def question(page, number=0):
    return page.locator(".ft-predict").nth(number)


def predict(asked, choice):
    asked.get_by_role("radio", name=choice).check()
    asked.get_by_role("button", name="This is my prediction").click()


def verdict(asked):
    return asked.get_by_role("status").first.inner_text()


def marks(asked):
    return asked.locator("label b").all_inner_texts()


def follows(asked):
    return asked.locator(".ft-then").is_visible()


def end(page):
    return page.get_by_role("group", name="Your predictions").inner_text().split("\n")


def test_nothing_is_given_away_before_a_choice(page):
    asked = question(page)
    assert asked.get_by_role("group", name=f"Predict. {CRASH}").is_visible()
    for words in ("It does not know", "Both decisions", "p1 waits", "Right", "✓", "✗"):
        assert words not in page.locator("body").inner_text(), words
    assert not asked.get_by_role("button", name="Show the answer").is_visible()
    asked.get_by_role("button", name="This is my prediction").click()
    assert not follows(asked)
    assert verdict(asked) == ""
    assert asked.get_by_role("radio").first.evaluate(
        "radio => radio.validity.valueMissing"
    ), "the browser asks for a choice"


def test_wrong_then_right_with_the_mouse(page):
    asked = question(page)
    predict(asked, "It aborts.")
    assert verdict(asked) == "✗ Not so. p2 may have been told to commit."
    assert not follows(asked)
    assert marks(asked) == ["", "", "✗ not so"]
    predict(asked, "It waits.")
    assert verdict(asked) == (
        "✓ Right. Both decisions are still possible, so it may take neither."
    )
    assert follows(asked)
    assert marks(asked) == ["", "✓ right", "✗ not so"]
    assert asked.get_by_role("radio", disabled=True).count() == 3
    asked.get_by_role("button", name="First", exact=True).click()
    asked.get_by_role("button", name="Next", exact=True).click()
    assert asked.locator(".ft-event").inner_text() == "p1 votes."
    assert (
        not follows(question(page, 1))
        if question(page, 1).locator(".ft-then").count()
        else True
    )
    assert verdict(question(page, 1)) == "", "the other question is open still"


def test_the_answer_can_be_shown_after_a_choice(page):
    asked = question(page)
    predict(asked, "It aborts.")
    asked.get_by_role("button", name="Show the answer").click()
    assert verdict(asked) == (
        "The answer: It waits. Both decisions are still possible, so it may take"
        " neither."
    )
    assert follows(asked)
    assert asked.get_by_role("radio", name="It aborts.").is_checked()


def test_by_keyboard_alone(page):
    page.keyboard.press("Tab")  # the fold of the code
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    asked = question(page)
    assert verdict(asked) == "✗ Not so. It does not know how p2 voted."
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "This is my prediction"
    outline = focused.evaluate("button => getComputedStyle(button).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert follows(asked)
    assert page.evaluate("document.activeElement.className") == "ft-verdict", (
        "the button has gone, and the focus is where it goes on"
    )
    page.keyboard.press("Tab")
    assert asked.locator(".ft-then :focus").count() == 1


def test_the_end_says_how_it_went_and_a_reload_remembers(page):
    assert end(page)[0] == (
        "Your predictions. This page asks for 2 predictions, and you have made none"
        " of them yet."
    )
    predict(question(page), "It aborts.")
    predict(question(page), "It waits.")
    predict(question(page, 1), "5")
    told = [
        "Your predictions. You predicted 1 of 2 right at the first try.",
        f"Worth a second look: {CRASH}",
        "They are kept in this browser only.",
        "Forget my predictions",
    ]
    assert [line for line in end(page) if line] == told
    page.reload()
    assert [line for line in end(page) if line] == told
    asked = question(page)
    assert verdict(asked).startswith("✓ Right.")
    assert marks(asked) == ["", "✓ right", "✗ not so"]
    assert follows(asked)
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("link", name=CRASH).click()
    assert asked.evaluate("root => root.getBoundingClientRect().top") < 100

    page.get_by_role("button", name="Forget my predictions").click()
    assert end(page)[0].endswith("you have made none of them yet.")
    assert page.evaluate("localStorage.getItem('ft-predicted /toys.html')") is None
    assert not follows(asked)
    assert verdict(asked) == ""
    assert asked.get_by_role("radio", checked=True).count() == 0
    assert page.evaluate("document.activeElement.className") == "ft-predicted"
    predict(asked, "It waits.")
    assert end(page)[0].endswith("You predicted 1 of 1 right at the first try.")
    assert f"Not predicted yet: {FORCES}" in end(page)


def test_the_place_where_it_is_said_can_be_marked(page, site):
    said = "root => root.querySelector('.ft-predicted').compareDocumentPosition(root.querySelector('.ft-predict'))"
    assert page.locator("article").evaluate(said) == 2, "after the questions"
    page.goto(f"{site}marked.html")
    assert page.locator("article").evaluate(said) == 4, "before them"
    assert end(page)[0].startswith("Your predictions.")


def test_an_answer_that_was_shown_is_no_prediction_right(page):
    predict(question(page), "It aborts.")
    question(page).get_by_role("button", name="Show the answer").click()
    page.reload()
    assert end(page)[0].endswith("You predicted 0 of 1 right at the first try.")
    assert verdict(question(page)).startswith("The answer: It waits.")


def test_each_page_keeps_its_own(page):
    predict(question(page), "It waits.")
    page.goto(page.url.replace("toys", "other"))
    assert end(page)[0].endswith(
        "This page asks for one prediction, and you have not made it yet."
    )
    assert not follows(question(page))


def test_two_questions_of_the_same_words(site, tab):
    page = tab(site).goto("alike.html")
    predict(question(page), "3")
    predict(question(page, 1), "5")
    page.reload()
    assert verdict(question(page)).startswith("✗ Not so.")
    assert verdict(question(page, 1)).startswith("✓ Right.")


@pytest.mark.parametrize(
    "kept",
    [
        "nonsense",
        "null",
        "7",
        "[1]",
        f'{{"{CRASH}": "It waits."}}',
        f'{{"{CRASH}": [5, {{}}, "It was otherwise once."]}}',
    ],
)
def test_nonsense_in_the_store_is_nothing_predicted(page, kept):
    page.evaluate("kept => localStorage.setItem('ft-predicted /toys.html', kept)", kept)
    page.reload()
    assert end(page)[0].endswith("you have made none of them yet.")
    predict(question(page), "It waits.")
    assert follows(question(page))


def test_a_browser_that_keeps_nothing(site, tab):
    opened = tab(site)
    opened.context.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('refused', 'SecurityError') } })"
    )
    page = opened.goto("toys.html")
    predict(question(page), "It waits.")
    assert follows(question(page))
    assert end(page)[0].endswith("You predicted 1 of 1 right at the first try.")
    assert (
        "This browser keeps nothing of them, so they are forgotten when you leave the"
        " page." in end(page)
    )
    page.reload()
    assert end(page)[0].endswith("you have made none of them yet.")


def test_without_a_script_each_choice_is_a_fold(site, tab):
    page = tab(site, java_script_enabled=False).page
    page.goto(f"{site}toys.html")
    asked = question(page)
    assert asked.get_by_role("radio").count() == 0
    assert asked.get_by_text("Choose one first").is_visible()
    assert not asked.get_by_text("Both decisions").is_visible()
    asked.get_by_text("It aborts.").click()
    assert asked.get_by_text("p2 may have been told to commit.").is_visible()
    assert not asked.locator(".ft-then").is_visible()
    asked.get_by_text("It waits.", exact=True).first.click()
    assert asked.locator(".ft-then").is_visible()


def test_by_finger_on_a_phone(site, tab):
    page = tab(site, viewport=PHONE, has_touch=True, is_mobile=True).goto("toys.html")
    asked = question(page)
    for target in asked.locator("label, button:visible").all():
        assert target.bounding_box()["height"] >= 44
    asked.locator("label", has_text="It aborts.").tap()
    asked.get_by_role("button", name="This is my prediction").tap()
    asked.get_by_role("button", name="Show the answer").tap()
    assert follows(asked)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    bar = asked.locator(".ft-steps")
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth"), (
        "the step bar of what follows fits"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_is_content(page, theme):
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    for choice in ("", "It aborts.", "It waits."):
        if choice:
            predict(question(page), choice)
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert [
            (each["id"], node["html"])
            for each in found.response["violations"]
            for node in each["nodes"]
        ] == []


def test_on_paper_the_answer_stands_at_the_end(page):
    page.emulate_media(media="print")
    page.evaluate(
        (ROOT / "tools" / "paper.js").read_text(encoding="utf-8"),
        {"name": "chapters/toys.html", "site": ""},
    )
    text, answers = (
        page.locator(".bd-article").inner_text().split("\nAnswers\n", maxsplit=1)
    )
    assert CRASH in text
    assert "It aborts." in text
    for words in ("Both decisions", "p2 may have", "answer = 0", "p1 waits."):
        assert words not in text, words
        assert words in answers, words
    assert "Answer 1, at the end of the chapter." in text
    assert answers.index(CRASH) < answers.index("Both decisions")
    assert answers.index("Both decisions") < answers.index("p2 may have")
    assert answers.index("answer = 0") < answers.index(FORCES)
    assert "This is my prediction" not in text
    assert "Your predictions" not in text + answers


def test_a_question_of_a_quiz_leads_to_the_section_that_explains_it(site, tab):
    """A form, by keyboard, without a script and on paper, as a prediction is."""
    question_of_a_quiz = read(FOLDER / "replication.yml")[0]
    page = tab(site).goto("quiz.html")
    asked = question(page)
    legend = f"Question 1. {question_of_a_quiz.ask}"
    assert asked.get_by_role("group", name=legend).is_visible()
    wrong = question_of_a_quiz.options[0]
    predict(asked, wrong.say)
    assert verdict(asked).startswith(f"✗ Not so. {wrong.because} See “")
    link = asked.get_by_role("status").get_by_role("link")
    chapter, _, anchor = wrong.see.partition("#")
    assert link.get_attribute("href") == f"../../chapters/{chapter}.html#{anchor}"
    page.keyboard.press("Tab")  # from the button on, the answer can be asked for,
    page.keyboard.press("Tab")  # and then the link comes
    assert link.evaluate("link => link === document.activeElement")

    plain = tab(site, java_script_enabled=False).page
    plain.goto(f"{site}quiz.html")
    fold = question(plain).locator("details").first
    fold.locator("summary").click()
    assert fold.get_by_role("link").is_visible()

    page.emulate_media(media="print")
    paper = (ROOT / "tools" / "paper.js").read_text(encoding="utf-8")
    page.evaluate(paper, {"name": "book/quizzes/replication.html", "site": ""})
    text = page.locator(".bd-article").inner_text()
    before, answers = text.split("\nAnswers\n", maxsplit=1)
    assert wrong.because not in before
    assert wrong.because in answers
    assert "Answer 2, at the end." in before
