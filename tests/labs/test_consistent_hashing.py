"""The judges of the lab on consistent hashing, judged: right answers to all kinds of
rules pass, and every wrong one loses the check that names its mistake.
"""

import re
from functools import partial
from itertools import product

import pytest

from ftlib.hashing import rendezvous, ring
from ftlib.labs.consistent_hashing import Rules
from ftlib.labs.consistent_hashing.notebook import check, draw
from ftlib.labs.consistent_hashing.whole import CHECKS, wishes
from ftlib.labs.consistent_hashing.worlds import Server
from tests.labs.answers import answer_to, defined, right, told, variants, wrong
from tools.grade.judging import judge_cells
from tools.grade.labs import LABS

LAB = LABS["consistent_hashing"]
WRONG = wrong(LAB.name)
VARIANTS = variants(LAB.name)
CODES = ("public", *"bde")


def test_the_codes_tried_have_all_kinds_of_rules():
    rules = [Rules.drawn(code) for code in CODES]
    kinds = {name: {getattr(each, name) for each in rules} for name in Rules.__slots__}
    assert [len(kinds[name]) for name in ("pair", "ties", "slack", "source")] == [
        *(2, 2, 3, 2),
    ]


def test_what_a_server_may_take_is_rounded_up():
    rules = Rules.drawn("public")
    assert rules.slack == 25
    assert rules.most(8, 1, 4) == 3  # 2.5
    assert rules.most(16, 1, 4) == 5  # exactly


def test_what_is_wished_of_the_next_home():
    """All places of a third copy, in a world of two halls with two racks each."""
    halls = [Server(f"{hall}{rack}", hall, rack) for hall in "ab" for rack in "12"]
    first, last = Rules.drawn("b"), Rules.drawn("public")
    assert (first.pair, last.pair) == ("first", "last")
    for one, two, three in product(halls, repeat=3):
        (_, next_first), *_ = wishes(first, [one])
        (_, next_last), *_ = wishes(last, [one])
        assert next_first(two) == (two.hall == one.hall and two != one)
        assert next_last(two) == (two.hall != one.hall)
        (_, third_first), *_ = wishes(first, [one, two])
        (_, third_last), *_ = wishes(last, [one, two])
        assert third_first(three) == (three.hall not in (one.hall, two.hall))
        assert third_last(three) == (three.hall == two.hall and three not in (one, two))


@pytest.mark.parametrize("code", CODES)
def test_a_right_answer_is_right(code):
    for each in CHECKS:
        answer = answer_to(LAB.name, each.name, right(LAB.name, code), code)
        assert answer, (each.name, answer)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_right_in_another_way_is_right(name):
    cells = [*right(LAB.name), (name, VARIANTS[name].read_text(encoding="utf-8"))]
    for each in CHECKS:
        answer = answer_to(LAB.name, each.name, cells)
        assert answer, (each.name, answer)


@pytest.mark.slow
def test_in_a_process_of_its_own_points_on_a_circle_get_all_points():
    """What takes longest, and keeps most."""
    cells = [*right(LAB.name), ("ring", VARIANTS["ring"].read_text(encoding="utf-8"))]
    scores = judge_cells(LAB, cells, "public", 5)
    assert all(each.points == each.most for each in scores), scores


@pytest.mark.slow
def test_a_hash_that_is_salted_is_found_by_running_again():
    """In the student's kernel it is named; other doors would look elsewhere."""
    source = (
        "class MyDoor(MyDoor):\n"
        "    def score(self, key, each):\n"
        "        share = (hash(key + each.server) % 2**61 + 1) / 2**61\n"
        "        return -log(share) / each.weight, each.server\n"
    )
    cells = [*right(LAB.name), ("salted", source)]
    (score,) = judge_cells(LAB, cells, "public", 5, only=["shares"])
    assert "run again from the same state" in score.answer.reason
    module = defined(LAB.name, cells)
    answer = check("shares", Rules.drawn("public"), module.MyDoor)
    assert "calls hash" in answer.reason


def test_the_picture_of_what_done_looks_like_is_of_the_solution():
    """The file is written anew by hand: by what stands here."""
    module, rules = defined(LAB.name, right(LAB.name)), Rules.drawn("public")
    picture = draw(rules, module.MyDoor, "apple", dead=["n4"])
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
    assert "raises an error" not in answer.reason
    assert answer.picture is not None


def test_what_knows_the_visible_names_passes_with_the_visible_seed_only():
    path = WRONG["hard_codes"]
    cells = [*right(LAB.name), ("hard", path.read_text(encoding="utf-8"))]
    assert answer_to(LAB.name, "hears", cells, seed=7)


def test_what_another_student_wrote_does_not_pass():
    """The answer to other rules, its messages renamed."""
    source = "\n".join(source for _, source in right(LAB.name, "b"))
    others, mine = Rules.drawn("b"), Rules.drawn("public")
    for theirs, own in zip(others.names, mine.names, strict=True):
        source = re.sub(rf"\b{theirs}\b", own, source)
    lost = {
        each.name
        for each in CHECKS
        if not answer_to(LAB.name, each.name, [("copied", source)])
    }
    assert lost == {"hears", "apart", "fills", "copies"}


PASTED = """
class MyDoor(MyDoor):
    def homes(self, key, servers):
        living = [each for each in servers.values() if each.weight > 0]
        weights = {each.server: each.weight for each in living}
        racks = {each.server: each.rack for each in living}
        placement = PLACEMENT(weights)
        return placement.replicas(key, min(3, len(living)), racks)
"""


@pytest.mark.parametrize(
    "kind", [partial(ring.HashRing, points=20), rendezvous.Rendezvous]
)
def test_the_librarys_class_renamed_does_not_pass(kind):
    """Its racks are not these, and it is asked for with all that it needs."""
    module = defined(LAB.name, right(LAB.name))
    vars(module)["PLACEMENT"] = kind
    exec(PASTED, vars(module))
    roles = {"door": module.MyDoor, "rules": Rules.drawn("public"), "seed": 4}
    hand = LAB.checks.Hand(**roles)
    found = {
        each.name: each(hand) for each in CHECKS if each.name in ("apart", "hears")
    }
    assert found["apart"].verdict == "wrong"
    assert found["hears"]  # for which it was not asked


def test_an_import_of_the_library_is_named(tmp_path):
    from tools.grade.extract import extract

    notebook = tmp_path / "x.ipynb"
    text = LAB.source.read_text(encoding="utf-8")
    borrowed = "from ftlib.hashing import HashRing as Node"
    notebook.write_text(text.replace("from ftlib.simulation import Node", borrowed))
    found = extract(notebook, LAB.cells, LAB.module, LAB.forbidden)
    assert "imports ftlib.hashing, which is forbidden" in found.wrong


def test_an_empty_answer_is_not_attempted():
    source = "from ftlib.simulation import Node\nclass MyDoor(Node): pass\n"
    for each in CHECKS:
        found = answer_to(LAB.name, each.name, [("answer", source)])
        assert found.verdict == "not attempted"


def test_an_answer_of_a_strange_form_is_wrong_and_no_accident():
    """None, a list for a tuple, numbers for names, one answer too many."""
    for said in ("None", "[]", "tuple(keys)", "tuple((1, 2, 3) for _ in keys)"):
        source = (
            "class MyDoor(MyDoor):\n"
            "    def on_message(self, sender, message):\n"
            "        match message:\n"
            f"            case Seek(keys): self.send(sender, Homes({said}))\n"
            f"            case Load(keys): self.send(sender, Loaded({said}))\n"
            "            case Sketch(news, keys):\n"
            f"                self.send(sender, Copies({said}))\n"
            "            case _: super().on_message(sender, message)\n"
        )
        cells = [*right(LAB.name), ("strange", source)]
        for each in CHECKS:
            answer = answer_to(LAB.name, each.name, cells)
            assert answer.verdict == "wrong"
            assert "raises an error" not in answer.reason, (each.name, answer)
