"""The judges of the lab on failover, judged: right answers to several variants pass,
and every wrong one loses the check that names its mistake.
"""

import inspect
import re
import sys
from types import ModuleType

import pytest

from ftlib.labs.failover import Rules
from ftlib.labs.failover.hand import Hand
from ftlib.labs.failover.notebook import check, draw
from ftlib.labs.failover.whole import CHECKS
from ftlib.labs.failover.worlds import watch
from ftlib.replication import primary_standby
from ftlib.simulation import Cut
from tests.labs.answers import HERE, text, told, wrong
from tools.grade.extract import extract
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["failover"]
SECRET = 4
WRONG = wrong(LAB.name)
OTHER = text(HERE / "right" / LAB.name / "resumes.py")  # to the code "a"
VARIANTS = {
    path.stem: text(path)
    for path in sorted((HERE / "right" / LAB.name).glob("*.py"))
    if path.stem != "resumes"
}
NAMES = [each.name for each in CHECKS]
CODES = ("public", "a", "b", "d")


def solution():
    return extract(LAB.source, LAB.cells, LAB.module, LAB.forbidden).cells


def right(code):
    """A right answer to the rules of a code."""
    rules = Rules.drawn(code)
    base = Rules.drawn("a" if rules.resumes else "public")
    source = OTHER if rules.resumes else "\n".join(cell for _, cell in solution())
    names = dict(zip(base.names, rules.names, strict=True))
    source = re.sub(rf"\b({'|'.join(names)})\b", lambda found: names[found[1]], source)
    changes = {
        f", {watch(base):g})": f", {watch(rules)!r})",
        f", {base.term:g})": f", {rules.term:g})",
        f", {base.beat:g})": f", {rules.beat:g})",
    }
    for old, new in changes.items():
        assert old in source, old
        source = source.replace(old, new)
    if base.tells and not rules.tells:
        source = source.replace("elif self.seen and", "elif False and")
    if rules.tells and not base.tells:
        line = (
            f"            case {rules.names[3]}(ticket) if self.row.holder != self.id:"
        )
        answer = f"self.send(sender, {rules.names[5]}(ticket, self.row.holder))"
        before = f"            case {rules.names[7]}("
        assert before in source
        source = source.replace(before, f"{line}\n                {answer}\n{before}")
    return [("answer", source)]


def defined(cells, code="public"):
    """A module with what some cells define."""
    module = sys.modules["answer"] = ModuleType("answer")
    vars(module).update(Rules.drawn(code).words)
    for _, source in cells:
        exec(source, vars(module))
    return module


def answer_to(name, cells, code="public", seed=SECRET):
    """The answer of one check, without a process of its own."""
    hand = Hand(defined(cells, code).MyServer, Rules.drawn(code), seed)
    return next(each for each in CHECKS if each.name == name)(hand)


def with_mistake(name):
    return [*solution(), (name, text(WRONG[name]))]


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in CODES]
    assert len({(each.resumes, each.tells) for each in rules}) == 4
    assert len({each.drift for each in rules}) > 1


def test_how_long_to_watch_is_what_two_clocks_may_make_of_a_term():
    rules = Rules.drawn("public")
    longest, shortest = rules.term / (1 - rules.drift), watch(rules) / (1 + rules.drift)
    assert shortest == pytest.approx(longest)


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
    server = defined(solution()).MyServer
    faults = [Cut("oslo", "witness", at=0.5), Cut("witness", "oslo", at=0.5)]
    picture = draw(Rules.drawn("public"), server, faults, until=2.4)
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


def test_what_knows_the_visible_names_passes_with_the_visible_seed_only():
    assert answer_to("watches", with_mistake("hard_codes"), seed=7)


def test_two_that_act_at_one_time_are_found_by_clocks_that_differ():
    """The check of both together sees what was thought, and not how it was written."""
    answer = answer_to("survives", with_mistake("half_the_drift"))
    assert re.search("begins to act for epoch 2 while .* acts for epoch 1", str(answer))
    assert "Skew" in answer.evidence


def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    names = zip(Rules.drawn("a").names, Rules.drawn("public").names, strict=True)
    source = OTHER
    for theirs, own in names:
        source = re.sub(rf"\b{theirs}\b", own, source)
    for name in ("renews", "watches", "serves"):
        assert not answer_to(name, [("copied", source)]), name


PASTED = """
from typing import Any
from ftlib.detection import Detector
from ftlib.replication.fencing import Act
from ftlib.replication.lease import Tenure
from ftlib.replication.primary_standby import *
from ftlib.replication.shipping import Ack, Append
from ftlib.replication.witness import Ask as Wish, Denied, Lease, Release
from ftlib.services import *
from ftlib.services.epoch import grant, granted
from ftlib.simulation import Node
"""


def test_the_librarys_class_renamed_does_not_pass():
    """It asks for a lease, and this witness gives none."""
    source = inspect.getsource(primary_standby.Peer).replace(
        "class Peer", "class Theirs"
    )
    source = re.sub(r"    (MESSAGES|FACTS) = \(.*?\n    \)\n", "", source, flags=re.S)
    source = re.sub(r"    (MESSAGES|FACTS) = .*", "", source)
    source = re.sub(r"\bAsk\b", Rules.drawn("public").names[0], source)
    source += (
        "\nclass MyServer(Theirs):\n    def __init__(self, witness='', storage=''):\n"
        "        super().__init__('partner', witness, True, resource=storage)\n"
    )
    answers = [answer_to(name, [("pasted", PASTED + source)]) for name in NAMES]
    assert not any(answers)


def test_an_empty_answer_is_not_attempted():
    source = (
        "from ftlib.simulation import Node\n"
        "class MyServer(Node):\n    def __init__(self, witness='', storage=''): pass\n"
    )
    answers = [answer_to(name, [("answer", source)]) for name in NAMES]
    assert {each.verdict for each in answers} == {"not attempted"}


def test_in_the_students_own_kernel_a_borrowed_class_is_named():
    answer = check("takes", Rules.drawn("public"), primary_standby.Peer)
    assert "Peer of ftlib.replication.primary_standby" in str(answer)
    with pytest.raises(ValueError, match="there is no check 'take'"):
        check("take", Rules.drawn("public"))
