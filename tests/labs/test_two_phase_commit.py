"""The judges of the lab on atomic commit, judged: right answers to two variants pass,
and every wrong one loses the check that names its mistake.
"""

import inspect
import re

import pytest

from ftlib.labs.two_phase_commit import Rules
from ftlib.labs.two_phase_commit.notebook import check, draw
from ftlib.labs.two_phase_commit.whole import CHECKS
from ftlib.simulation import Crash, Point, Recover
from ftlib.transactions import two_phase
from ftlib.transactions.messages import Logged
from tests.labs.answers import (
    SECRET,
    answer_to,
    defined,
    right,
    told,
    variants,
    wrong,
)
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["two_phase_commit"]
WRONG = wrong(LAB.name)
VARIANTS = variants(LAB.name)


def points(cells, code="public", seed=SECRET, **given):
    """What the grader gives, and why."""
    scores = judge_cells(LAB, cells, code, seed, **given)
    return {each.name: each.points for each in scores}, {
        each.name: each.answer for each in scores
    }


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in "abcd"]
    assert len({(each.presumed, each.refusers_told) for each in rules}) == 4


@pytest.mark.slow
@pytest.mark.parametrize("code", ["public", *"abcd"])
def test_a_right_answer_gets_all_points(code):
    scores, answers = points(right(LAB.name, code), code)
    assert scores == {each.name: each.points for each in CHECKS}, answers


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_right_in_another_way_is_right(name):
    cells = [*right(LAB.name), (name, VARIANTS[name].read_text(encoding="utf-8"))]
    assert all(answer_to(LAB.name, each.name, cells) for each in CHECKS)


def test_the_picture_of_what_done_looks_like_is_of_the_solution():
    """The file is written anew by hand: by what stands here."""
    module, rules = defined(LAB.name, right(LAB.name)), Rules.drawn("public")
    faults = [Crash("hub", at=Point("hub", "send", "Ruling")), Recover("hub", at=0.4)]
    picture = draw(
        rules, module.MyParticipant, module.MyCoordinator, faults, reads=["lima"]
    )
    assert picture.svg == (LAB.source.parent / "done.svg").read_text(encoding="utf-8")


def test_at_least_eight_mistakes_are_told_each_in_a_line():
    assert len(WRONG) >= 8
    for path in WRONG.values():
        name, words = told(path)
        assert name in {each.name for each in CHECKS}, path
        assert words.endswith("."), path


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
    assert answer_to(LAB.name, "votes", cells, seed=7)


@pytest.mark.slow
def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    ((_, source),) = right(LAB.name, "a")
    others, mine = Rules.drawn("a"), Rules.drawn("public")
    for theirs, own in zip(others.names, mine.names, strict=True):
        source = re.sub(rf"\b{theirs}\b", own, source)
    scores, _ = points([("copied", source)])
    assert scores["votes"] == 3  # which the rules leave alike
    assert not any(scores[name] for name in ("learns", "recovers", "forgets", "costs"))


PASTED = """
from dataclasses import dataclass
from ftlib.simulation import Node
Transaction = Waits = Applied = Read = Value = Outcome = Ballot = Changes = str
COMMIT, ABORT = "commit", "abort"
Status = str
"""


def test_the_librarys_classes_renamed_do_not_pass():
    source = "\n".join(
        inspect.getsource(kind).replace(f"class {kind.__name__}", f"class {name}")
        for kind, name in (
            (Logged, "Logged"),
            (two_phase.Participant, "MyParticipant"),
            (two_phase.Coordinator, "MyCoordinator"),
        )
    )
    theirs = ("Prepare", "Vote", "Decision", "Ack", "Inquiry")
    for name, own in zip(theirs, Rules.drawn("public").names, strict=True):
        source = re.sub(rf"\b{name}\b", own, source)
    source = PASTED + re.sub(r"    (MESSAGES|FACTS) = .*", "", source)
    pasted = [("pasted", source)]
    assert not any(answer_to(LAB.name, each.name, pasted) for each in CHECKS)


def test_an_empty_answer_is_not_attempted():
    _, answers = points([("answer", "")])
    assert {each.verdict for each in answers.values()} <= {"not attempted", "wrong"}
    source = (
        "from ftlib.simulation import Node\n"
        "class MyParticipant(Node):\n    def __init__(self, willing=True): pass\n"
        "class MyCoordinator(Node):\n    def __init__(self, work=()): pass\n"
    )
    scores, answers = points([("answer", source)])
    assert {each.verdict for each in answers.values()} == {"not attempted"}
    assert sum(scores.values()) == 0


def test_in_the_students_own_kernel_a_borrowed_class_is_named():
    answer = check("votes", Rules.drawn("public"), two_phase.Participant)
    assert "Participant of ftlib.transactions.two_phase" in str(answer)
    with pytest.raises(ValueError, match="there is no check 'vote'"):
        check("vote", Rules.drawn("public"))


@pytest.mark.slow
def test_the_same_answer_gets_the_same_verdicts_twice():
    name = "forgets_at_the_first"
    cells = [*right(LAB.name), (name, WRONG[name].read_text(encoding="utf-8"))]
    first, second = (points(cells, only=["forgets"])[1] for _ in range(2))
    assert (
        repr(first)
        == repr(second)
        == repr({"forgets": answer_to(LAB.name, "forgets", cells)})
    )
