"""The judges of the lab on failure detection, judged: right answers to all kinds of
rules pass, and every wrong one loses the check that names its mistake.
"""

import inspect
import re

import pytest

from ftlib.detection import swim
from ftlib.labs.failure_detection import Rules
from ftlib.labs.failure_detection.chances import chance, enough
from ftlib.labs.failure_detection.notebook import check, draw
from ftlib.labs.failure_detection.whole import CHECKS
from ftlib.simulation import Crash, Cut
from tests.labs.answers import answer_to, defined, right, told, variants, wrong
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["failure_detection"]
WRONG = wrong(LAB.name)
VARIANTS = variants(LAB.name)
CODES = ("public", *"adfjk")


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in CODES]
    for name in ("order", "suspects_helped", "late", "back", "least", "flaky"):
        assert len({getattr(each, name) for each in rules}) == 2, name
    assert len({enough(each)[0] for each in rules}) == 2


def test_every_code_asks_for_numbers_that_there_are():
    """And no code for none, or for helpers that nobody needs."""
    for number in range(300):
        rules = Rules.drawn(f"code {number}")
        helpers, limit, window = enough(rules)
        assert 1 <= helpers <= 2
        assert chance(rules.loss, (helpers - 1, limit, window)) > rules.mistakes


def test_the_chance_of_a_mistake_is_what_is_counted():
    """All ways in which the messages of two rounds can be lost, one helper."""
    lost, total = 0.25, 0.0
    for rounds in range(2**12):
        bits = [rounds >> place & 1 for place in range(12)]
        failed = [any(six[:2]) and any(six[2:]) for six in (bits[:6], bits[6:])]
        if sum(failed) >= 1:
            total += lost ** sum(bits) * (1 - lost) ** (12 - sum(bits))
    assert total == pytest.approx(chance(lost, (1, 1, 2)))


@pytest.mark.parametrize("code", CODES)
def test_a_right_answer_is_right(code):
    for each in CHECKS:
        answer = answer_to(LAB.name, each.name, right(LAB.name, code), code)
        assert answer, (each.name, answer)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_right_in_another_way_is_right(name):
    cells = [*right(LAB.name), (name, VARIANTS[name].read_text(encoding="utf-8"))]
    for each in CHECKS:
        assert answer_to(LAB.name, each.name, cells), each.name


@pytest.mark.slow
def test_in_a_process_of_its_own_a_right_answer_gets_all_points():
    scores = judge_cells(LAB, right(LAB.name, "d"), "d", 5)
    assert all(each.points == each.most for each in scores), scores


def test_the_picture_of_what_done_looks_like_is_of_the_solution():
    """The file is written anew by hand: by what stands here."""
    module, rules = defined(LAB.name, right(LAB.name)), Rules.drawn("public")
    faults = [Cut("tower", "oslo"), Crash("lima", at=0.5)]
    picture = draw(rules, module.MyMember, module.MyWatcher, faults)
    assert picture.title == "Suspected: lima."
    assert picture.svg == (LAB.source.parent / "done.svg").read_text(encoding="utf-8")


def test_each_check_is_lost_by_a_mistake_that_is_told_in_a_line():
    assert len(WRONG) >= 8
    named = [told(path) for path in WRONG.values()]
    assert {name for name, _ in named} == {each.name for each in CHECKS}
    assert all(words.endswith(".") for _, words in named)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_the_check_that_names_its_mistake(name):
    losing, _ = told(WRONG[name])
    cells = [*right(LAB.name), (name, WRONG[name].read_text(encoding="utf-8"))]
    answer = answer_to(LAB.name, losing, cells)
    assert answer.verdict == "wrong", answer
    assert answer.picture is not None


def test_what_knows_the_visible_names_passes_with_the_visible_seed_only():
    path = WRONG["hard_codes"]
    cells = [*right(LAB.name), ("hard", path.read_text(encoding="utf-8"))]
    assert answer_to(LAB.name, "window", cells, seed=7)


def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    source = "\n".join(source for _, source in right(LAB.name, "d"))
    others, mine = Rules.drawn("d"), Rules.drawn("public")
    for theirs, own in zip(others.names, mine.names, strict=True):
        source = re.sub(rf"\b{theirs}\b", own, source)
    lost = [
        each.name
        for each in CHECKS
        if not answer_to(LAB.name, each.name, [("copied", source)])
    ]
    assert set(lost) >= {"asks", "window", "late", "tuned"}
    assert "helps" not in lost  # which the rules leave alike


PASTED = """
import math
from dataclasses import dataclass, field
from enum import IntEnum
from ftlib.simulation import Node
Any = Protocol = Callable = Health = object
DEAD, MOST, WORST = "dead ", 6, 8
NUMBERS = (1, 2, 3)
"""


def test_the_librarys_class_renamed_does_not_pass():
    """The member of SWIM in the place of both, with what it needs."""
    kinds = (swim.Status, swim.Update, swim.Steady, swim.News, swim.Member)
    source = "\n".join(map(inspect.getsource, kinds))
    source = re.sub(r"    (MESSAGES|FACTS) = .*", "", source)
    source = source.replace("Callable[[], Health]", "object")
    for theirs, own in (
        ("PingRequest", "Please"),
        ("Ping", "Call"),
        ("Acknowledge", "Awake"),
        ("Suspects", "Suspected"),
        ("Trusts", "Trusted"),
    ):
        source = re.sub(rf"\b{theirs}\b", own, source)
    source = (
        PASTED
        + source
        + """

class MyWatcher(Member):
    def __init__(self, members=(), numbers=None):
        helpers, limit, window = numbers or NUMBERS
        super().__init__(members, 1.0, 0.25, helpers, limit, window)


class MyMember(MyWatcher):
    pass
"""
    )
    for each in CHECKS:
        answer = answer_to(LAB.name, each.name, [("pasted", source)])
        assert answer.verdict == "wrong", (each.name, answer)


def test_an_empty_answer_is_not_attempted():
    source = (
        "from ftlib.simulation import Node\n"
        "class MyMember(Node): pass\n"
        "class MyWatcher(Node):\n"
        "    def __init__(self, members=(), numbers=None): pass\n"
    )
    for each in CHECKS:
        found = answer_to(LAB.name, each.name, [("answer", source)])
        assert found.verdict == "not attempted"


def test_in_the_students_own_kernel_a_borrowed_class_is_named():
    answer = check("asks", Rules.drawn("public"), watcher=swim.Member)
    assert "Member of ftlib.detection.swim" in str(answer)
