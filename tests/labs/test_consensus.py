"""The judges of the lab on consensus, judged: right answers to several rules pass, and
every wrong one loses the check that names its mistake.
"""

import inspect
import re

import pytest

from ftlib.consensus import raft
from ftlib.labs.consensus import Rules
from ftlib.labs.consensus.notebook import check, draw, predicted
from ftlib.labs.consensus.whole import CHECKS
from ftlib.labs.consensus.worlds import committing, electing
from ftlib.simulation import Crash, Cut
from tests.labs.answers import answer_to, defined, right, told, variants, wrong
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["consensus"]
WRONG = wrong(LAB.name)
VARIANTS = variants(LAB.name)
CODES = "public", "c", "e"


def answers(cells, code="public"):
    """The answers of all checks, without a process of their own."""
    return {each.name: answer_to(LAB.name, each.name, cells, code) for each in CHECKS}


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in CODES]
    assert len({each.share for each in rules}) == 3
    for name in ("copies", "blank", "eager"):
        assert len({getattr(each, name) for each in rules}) == 2


def test_what_elects_and_what_commits_share_a_node_and_no_more_than_that():
    for code in "abcdefgh":
        rules = Rules.drawn(code)
        for total in range(1, 30):
            need = electing(rules, total)
            assert total / 2 < need <= total
            assert need + committing(rules, total) == total + 1
            word, _, share = rules.share.rpartition(" ")
            over, under = map(int, share.split("/"))
            enough = [
                weight
                for weight in range(total + 1)
                if weight * under > total * over
                or (word == "at least" and weight * under == total * over)
            ]
            assert need == enough[0]


@pytest.mark.parametrize("code", CODES)
def test_a_right_answer_is_right(code):
    assert all((found := answers(right(LAB.name, code), code)).values()), found


@pytest.mark.slow
def test_the_grader_gives_a_right_answer_all_points():
    scores = judge_cells(LAB, right(LAB.name), "public", 4)
    assert [(each.name, each.points) for each in scores] == [
        (each.name, each.points) for each in CHECKS
    ], scores


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_right_in_another_way_is_right(name):
    cells = [*right(LAB.name), (name, VARIANTS[name].read_text(encoding="utf-8"))]
    assert all((found := answers(cells)).values()), found


def test_the_picture_of_what_done_looks_like_is_of_the_solution():
    """The file is written anew by hand: by what stands here."""
    module, rules = defined(LAB.name, right(LAB.name)), Rules.drawn("public")
    picture = draw(
        rules,
        module.MyServer,
        module.MyWitness,
        [Cut("oslo", "pune", at=0.73), Crash("oslo", at=0.775)],
        orders=[(0.735, "pay")],
        since=0.7,
        until=1.56,
        seed=4,
    )
    done = LAB.source.parent / "done.svg"
    assert picture.svg == done.read_text(encoding="utf-8")


def test_at_least_eight_mistakes_are_told_each_in_a_line():
    assert len(WRONG) >= 8
    for path in WRONG.values():
        name, words = told(path)
        assert name in {each.name for each in CHECKS}, path
        assert words.endswith("."), path
    assert {told(path)[0] for path in WRONG.values()} == {each.name for each in CHECKS}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_the_check_that_names_its_mistake(name):
    losing, _ = told(WRONG[name])
    cells = [*right(LAB.name), (name, WRONG[name].read_text(encoding="utf-8"))]
    answer = answer_to(LAB.name, losing, cells)
    assert answer.verdict == "wrong", answer
    assert "raises an error" not in answer.reason
    assert answer.picture is not None


def test_what_knows_the_visible_names_passes_with_the_visible_seed_only():
    path = WRONG["hard_codes"]
    cells = [*right(LAB.name), ("hard", path.read_text(encoding="utf-8"))]
    assert answer_to(LAB.name, "stands", cells, seed=7)


def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    others, mine = Rules.drawn("c"), Rules.drawn("public")
    cells = right(LAB.name, "c")
    for theirs, own in zip(others.names, mine.names, strict=True):
        cells = [(name, re.sub(rf"\b{theirs}\b", own, text)) for name, text in cells]
    found = answers(cells)
    assert found["witness"]  # which the rules leave alike
    assert not any(found[name] for name in ("stands", "commits"))


PASTED = """
from ftlib.consensus import raft
from ftlib.simulation import Node

globals().update(vars(raft))
{}

class MyServer(MyServer):
    def __init__(self, members=()):
        names = tuple(name for name, _, _ in members)
        super().__init__(names, HEARTBEAT, PATIENCE)

HEARTBEAT, PATIENCE = 0.15, (0.65, 0.95)

class MyWitness(MyServer):
    pass
"""


def test_the_librarys_class_renamed_does_not_pass():
    source = inspect.getsource(raft.Raft).replace("class Raft", "class MyServer")
    source = re.sub(r"    (MESSAGES|FACTS)(.*\n)*?    \)\n", "", source)
    theirs = (
        *("RequestVote", "RequestVoteReply", "AppendEntries", "AppendEntriesReply"),
        *("Request", "Elected"),
    )
    own = "Claim", "Reply", "Copy", "Stored", "Command", "Leads"
    for name, mine in zip(theirs, own, strict=True):
        source = re.sub(rf"\b{name}\b", mine, source)
    found = answers([("pasted", PASTED.replace("{}", source))])
    assert {each.verdict for each in found.values()} == {"wrong"}


def test_an_empty_answer_is_not_attempted():
    idle = (
        "from ftlib.simulation import Node\n"
        "class MyServer(Node):\n    def __init__(self, members=()): pass\n"
        "class MyWitness(Node):\n    def __init__(self): pass\n"
    )
    assert {each.verdict for each in answers([("", idle)]).values()} == {
        "not attempted"
    }


def test_in_the_students_own_kernel_a_borrowed_class_is_named():
    rules = Rules.drawn("public")
    assert "Raft of ftlib.consensus.raft" in str(check("stands", rules, raft.Raft))
    with pytest.raises(ValueError, match="there is no check 'vote'"):
        check("vote", rules)


def test_a_prediction_is_compared_with_a_run():
    module, rules = defined(LAB.name, right(LAB.name)), Rules.drawn("public")
    classes = module.MyServer, module.MyWitness
    said = predicted(module.PREDICTION, module.SEAL, rules, *classes)
    assert "takes, by message and forced writes by node: 2 Copy, 1 Stamp, 1 " in str(
        said
    )
    assert not predicted(module.PREDICTION + "!", module.SEAL, rules, *classes)
    assert predicted("", "", rules, *classes).verdict == "not attempted"
