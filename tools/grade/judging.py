"""One submission judged: every check of a lab on what a notebook defines."""

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ftlib.exercises.answer import Answer
from tools.grade.labs import Lab
from tools.grade.process import Child, Gone
from tools.grade.proxy import proxy

__all__ = ["Scored", "judge_cells"]


@dataclass(frozen=True)
class Scored:
    """One line of the score."""

    name: str
    points: int
    most: int
    answer: Answer


def judge_cells(
    lab: Lab,
    cells: Sequence[tuple[str, str]],
    code: str,
    seed: int,
    *,
    only: Sequence[str] = (),
) -> list[Scored]:
    """Judge the classes that some cells define; a check that cannot be brought to its
    end is lost, and no other.

    Parameters
    ----------
    lab : Lab
    cells : sequence of (name, source)
    code : str
        From which the rules are drawn.
    seed : int
        From which the names and faults of the checks are drawn.
    only : sequence of str
        The checks to make; all by default.
    """
    rules = lab.rules(code)
    facts = import_module(lab.module).FACTS
    found: list[tuple[Any, Answer, set[str]]] = []
    with Child(list(cells), lab.module, code) as child:
        kinds = {
            role: proxy(name, child, rules.messages, facts)
            for role, name in lab.roles.items()
        }
        hand = lab.checks.Hand(**kinds, rules=rules, seed=seed)
        for check in lab.checks.CHECKS:
            if only and check.name not in only:
                continue
            child.used.clear()
            try:
                with redirect_stdout(None):  # how far it has got
                    answer = check(hand)
            except Gone as gone:
                answer = Answer("wrong", str(gone))
            found.append((check, answer, set(child.used)))
        twice = child.otherwise()
    scores = []
    for check, answer, used in found:
        for text, why in twice.items():
            if answer and text in used:
                answer = Answer("wrong", why)
        points = check.points if answer else 0
        scores.append(Scored(check.name, points, check.points, answer))
    return scores
