"""The quizzes: each question is whole, leads to sections that exist, and is not
answered by its form; what is wrong with a file is said with its name and question.
"""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
import yaml

from tools import ROOT
from tools.quizzes import FOLDER, html, read, sections

QUIZZES = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yml"))}
NUMBER = re.compile(r"(?<![\w.])\d[\d,.]*(?<![,.])")


def chapter_of(see):
    return see.partition("#")[0]


def test_each_quiz_has_its_page_which_names_what_it_asks_about():
    assert [path.stem for path in sorted(FOLDER.glob("*.md"))] == list(QUIZZES)
    asked_about = []
    for name, questions in QUIZZES.items():
        page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
        named = re.findall(r"chapters/(\w+)\.ipynb", page)
        seen = {chapter_of(o.see) for question in questions for o in question.options}
        assert set(named) <= seen
        asked_about += named
    assert len(set(asked_about)) == len(asked_about) >= 19, "a chapter has one quiz"


@pytest.mark.parametrize("name", QUIZZES)
def test_the_form_of_a_quiz_does_not_answer_it(name):
    """No rule that looks at the options only is right for more than half of it."""
    questions = QUIZZES[name]
    lengths = [[len(option.say) for option in q.options] for q in questions]
    rules = {
        "the longest": [each.index(max(each)) for each in lengths],
        "the shortest": [each.index(min(each)) for each in lengths],
        **{f"number {at + 1}": [at] * len(questions) for at in range(3)},
        "the last": [len(each) - 1 for each in lengths],
    }
    right = [question.right for question in questions]
    hits = {rule: sum(map(int.__eq__, chosen, right)) for rule, chosen in rules.items()}
    assert max(hits.values()) <= len(questions) / 2, hits
    assert [q for q, n in Counter(q.ask for q in questions).items() if n > 1] == []


@pytest.mark.parametrize("name", QUIZZES)
def test_no_number_is_typed_that_the_chapters_do_not_have(name):
    for question in QUIZZES[name]:
        texts = [question.ask, *(o.say + " " + o.because for o in question.options)]
        typed = {number for text in texts for number in NUMBER.findall(text)}
        known = "".join(
            (ROOT / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8")
            for chapter in {chapter_of(o.see) for o in question.options if typed}
        )
        assert {number for number in typed if number not in known} == set()


def test_a_misconception_is_a_sentence():
    for questions in QUIZZES.values():
        beliefs = [o.believes for q in questions for o in q.options if o.believes]
        assert len({*beliefs}) == len(beliefs) >= 20
        for each in beliefs:
            assert each[0].isupper(), each
            assert each.endswith("."), each


def test_instructors_find_every_quiz():
    page = (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    listed = page.partition("```{misconceptions}\n")[2].partition("```")[0]
    assert sorted(line.split()[0] for line in listed.splitlines()) == list(QUIZZES)
    for name in QUIZZES:
        assert f"(quizzes/{name}.md)" in page


class Links(HTMLParser):
    """What stands in each fold: whether it is right, its text, where it leads."""

    def __init__(self, text):
        super().__init__()
        self.folds, self.leads, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "details":
            self.folds.append("data-right" in dict(attributes))
        if tag == "a":
            self.leads.append(dict(attributes)["href"])

    def handle_data(self, data):
        self.text += data


def test_a_question_is_a_prediction_whose_answers_lead_to_sections():
    question = QUIZZES["replication"][0]
    page = Links(html(question, 1, "book/quizzes/replication"))
    assert page.text.startswith(f"Question 1. {question.ask}")
    assert page.folds == [place == question.right for place in range(3)]
    for option, lead in zip(question.options, page.leads, strict=True):
        chapter, _, anchor = option.see.partition("#")
        assert lead == f"../../chapters/{chapter}.html#{anchor}"
        title, *_ = sections(chapter).values()
        heading = sections(chapter)[anchor]
        assert f"{option.because} See “{heading}” in {title}." in page.text
    assert "[" not in page.text


def right(**changed):
    return {
        "say": "It waits.",
        "because": "Nobody knows more.",
        "see": "3_1_replication#what-it-costs",
        **changed,
    }


def wrong(**changed):
    return right(say="It aborts.", believes="Silence means no.") | changed


def without(option, key):
    return {name: text for name, text in option.items() if name != key}


def asking(*options, **changed):
    return {"ask": "What does it do?", "options": list(options), **changed}


GOOD = asking(right(), wrong())


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("Why?", "the question is 'Why?': write a mapping"),
        (without(GOOD, "ask"), "the question lacks `ask`"),
        ({**GOOD, "answer": 1}, "the question has `answer`, which means nothing here"),
        ({**GOOD, "ask": "It waits."}, "'It waits.' does not end in a question mark"),
        ({**GOOD, "ask": 7}, "the question: `ask` is 7: write text"),
        ({**GOOD, "options": "two"}, "`options` is no list"),
        (asking(right()), "it has 1 options: write two to four"),
        (
            asking(right(), *(wrong(say=str(n)) for n in "abcd")),
            "it has 5 options: write two to four",
        ),
        (asking(wrong(), wrong(say="It waits.")), "0 options have no `believes`"),
        (asking(right(), right(say="It aborts.")), "2 options have no `believes`"),
        (asking(right(), wrong(say="It waits.")), "two options read alike"),
        (asking(right(), without(wrong(), "see")), "option 2 lacks `see`"),
        (asking(right(say=True), wrong()), "option 1: `say` is True: write text"),
        (asking(right(say=" "), wrong()), "option 1: `say` is ' ': write text"),
        (
            asking(right(), wrong(because="One. Two. Three.")),
            "option 2: `because` is to be one sentence or two",
        ),
        (
            asking(right(), wrong(because="no sentence")),
            "option 2: `because` is to be one sentence or two",
        ),
        (
            asking(right(), wrong(see="3_9_nothing#what-it-costs")),
            "option 2: `see` names '3_9_nothing', which is no chapter",
        ),
        (
            asking(right(), wrong(see="3_1_replication#what-it-gains")),
            "option 2: `see` names 'what-it-gains', which is no section of"
            " 3_1_replication",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_the_question(tmp_path, bad, said):
    path = tmp_path / "some.yml"
    path.write_text(yaml.safe_dump([GOOD] * 3 + [bad] + [GOOD] * 6), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"^some\.yml, question 4: {re.escape(said)}"):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "some.yml is no YAML: "),
        ("ask: Why?", "some.yml has no list of questions: write 10"),
        (yaml.safe_dump([GOOD] * 9), "some.yml has 9 questions: write 10"),
    ],
)
def test_a_file_that_is_no_quiz_is_named(tmp_path, text, said):
    path = tmp_path / "some.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        read(path)


def test_ten_good_questions_are_a_quiz(tmp_path):
    path = tmp_path / "some.yml"
    path.write_text(yaml.safe_dump([GOOD] * 10), encoding="utf-8")
    assert [question.right for question in read(path)] == [0] * 10
