"""The judges of the lab on replication, judged: right answers to several variants pass,
and every wrong one loses the check that names its mistake.
"""

import inspect
import re
import sys
from types import ModuleType

import pytest

from ftlib.labs.replication import Rules
from ftlib.labs.replication.hand import Hand
from ftlib.labs.replication.notebook import check, draw
from ftlib.labs.replication.whole import CHECKS
from ftlib.replication import copied, primary_replica
from ftlib.simulation import Lose
from tests.labs.answers import HERE, text, told, wrong
from tools.grade.extract import extract
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["replication"]
SECRET = 4
WRONG = wrong(LAB.name)
OTHER = text(HERE / "right" / LAB.name / "three_racks.py")  # to the code "a"
VARIANTS = {
    path.stem: text(path)
    for path in sorted((HERE / "right" / LAB.name).glob("*.py"))
    if path.stem != "three_racks"
}
NAMES = [each.name for each in CHECKS]
CODES = ("public", "a", "c")


def solution():
    return extract(LAB.source, LAB.cells, LAB.module, LAB.forbidden).cells


def right(code):
    """A right answer to the rules of a code."""
    rules = Rules.drawn(code)
    base = Rules.drawn("public" if rules.waits else "a")
    source = "\n".join(cell for _, cell in solution()) if rules.waits else OTHER
    names = dict(zip(base.names, rules.names, strict=True))
    source = re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[1]], source)
    source = re.sub(rf"\b{base.lazy}\b", rules.lazy, source)
    changes = {
        f", {base.beat:g})": f", {rules.beat:g})",
        f"len(racks) >= {base.racks}": f"len(racks) >= {rules.racks}",
    }
    if base.own and not rules.own:
        changes["if name == self.id or self"] = "if name != self.id and self"
    if rules.own and not base.own:
        changes["for name in holders}"] = "for name in (*holders, self.id)}"
    for old, new in changes.items():
        assert old in source, old
        source = source.replace(old, new)
    return [("answer", source)]


def answer_to(name, cells, code="public", seed=SECRET):
    """The answer of one check, without a process of its own."""
    module = sys.modules["answer"] = ModuleType("answer")
    vars(module).update(Rules.drawn(code).words)
    for _, source in cells:
        exec(source, vars(module))
    hand = Hand(module.MyReplica, module.MyKeeper, Rules.drawn(code), seed)
    return next(each for each in CHECKS if each.name == name)(hand)


def with_mistake(name):
    return [*solution(), (name, text(WRONG[name]))]


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in CODES]
    assert {(each.racks, each.own) for each in rules} == {(2, 1), (3, 1), (2, 0)}
    assert {each.waits for each in rules} == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES[1:])  # the public one is tried below
def test_a_right_answer_is_right(code):
    """Every check of one code; of the others, those that take no second."""
    names = NAMES if code == "a" else [name for name in NAMES if name != "survives"]
    answers = [answer_to(name, right(code), code) for name in names]
    assert all(answers), answers


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_right_in_another_way_is_right(name):
    cells = [*solution(), (name, VARIANTS[name])]
    assert all(answer_to(each, cells) for each in NAMES)


@pytest.mark.slow
def test_the_solution_gets_all_points_in_a_process_of_its_own():
    scores = judge_cells(LAB, solution(), "public", SECRET)
    assert [each.points for each in scores] == [each.points for each in CHECKS]


def test_the_picture_of_what_done_looks_like_is_of_the_solution():
    """The file is written anew by hand: by what stands here."""
    module = sys.modules["answer"] = ModuleType("answer")
    rules = Rules.drawn("public")
    vars(module).update(rules.words)
    for _, source in solution():
        exec(source, vars(module))
    put, _, copy, _, get, _ = rules.messages
    picture = draw(
        rules,
        module.MyReplica,
        module.MyKeeper,
        [Lose(copy.__name__, receiver="red1")],
        asks=[(0.1, put("w1", "album 1", "sunset")), (0.3, get("r1", "album 1"))],
        places=["red1", "blue1", "blue2"],
    )
    assert picture.svg == text(LAB.source.parent / "done.svg")


def test_at_least_eight_mistakes_are_told_each_in_a_line():
    assert len(WRONG) >= 8
    for path in WRONG.values():
        name, words = told(path)
        assert name in NAMES, path
        assert words.endswith("."), path


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_the_check_that_names_its_mistake(name):
    losing, _ = told(WRONG[name])
    answer = answer_to(losing, with_mistake(name))
    assert answer.verdict == "wrong", answer
    assert answer.picture is not None


def test_what_knows_the_visible_places_passes_with_the_visible_seed_only():
    assert answer_to("counts", with_mistake("hard_codes"), seed=7)


def test_a_late_answer_from_before_a_crash_is_found():
    """Three mistakes of this kind were made while the right answer was written."""
    source = OTHER.replace("row.version >= self.floor.get(row.key, 0)", "True")
    assert source != OTHER
    answer = answer_to("survives", [("answer", source)], "a")
    assert "was done before it was asked" in answer.reason
    assert answer_to("reads", [("answer", source)], "a")


def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    names = zip(Rules.drawn("a").names, Rules.drawn("public").names, strict=True)
    source = OTHER
    for theirs, own in names:
        source = re.sub(rf"\b{theirs}\b", own, source)
    for name in ("places", "counts", "reads", "costs"):
        assert not answer_to(name, [("copied", source)]), name


PASTED = """
from dataclasses import dataclass, field
from typing import Any
from ftlib.replication.mode import Mode
from ftlib.replication.shipping import *
from ftlib.services import *
from ftlib.services.epoch import grant, granted
from ftlib.simulation import Node
"""


def test_the_librarys_classes_renamed_do_not_pass():
    """A replica that reads by itself what places it has, and takes the messages."""
    source = "\n".join(
        inspect.getsource(kind).replace("class Replica", "class Theirs")
        for kind in (copied.Copy, primary_replica.Replica)
    )
    source = re.sub(r"    (MESSAGES|FACTS) = .*", "", PASTED + source)
    theirs = ("Request", "Reply", "Append", "Ack")
    for name, own in zip(theirs, Rules.drawn("public").names, strict=False):
        source = re.sub(rf"\b{name}\b", own, source)
    source += (
        "\nclass MyReplica(Theirs):\n    def __init__(self):\n"
        "        super().__init__(('a', 'b', 'c'), Mode(1, 2))\n"
        "\nclass MyKeeper(Theirs):\n    def __init__(self, places=()):\n"
        "        names = tuple(name for name, _ in places)\n"
        "        super().__init__(names, Mode(2, len(names) - 1))\n"
    )
    assert not any(answer_to(name, [("pasted", source)]) for name in NAMES)


def test_an_empty_answer_is_not_attempted():
    source = (
        "from ftlib.simulation import Node\n"
        "class MyReplica(Node):\n    pass\n"
        "class MyKeeper(Node):\n    def __init__(self, places=()): pass\n"
    )
    answers = [answer_to(name, [("answer", source)]) for name in NAMES]
    assert {each.verdict for each in answers} == {"not attempted"}


def test_in_the_students_own_kernel_a_borrowed_class_is_named():
    answer = check("keeps", Rules.drawn("public"), primary_replica.Replica)
    assert "Replica of ftlib.replication.primary_replica" in str(answer)
    with pytest.raises(ValueError, match="there is no check 'keep'"):
        check("keep", Rules.drawn("public"))
