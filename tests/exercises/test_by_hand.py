"""The judge of a challenge: what it accepts, what it refuses, and why."""

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_challenge
from ftlib.figures.availability import k_of_n
from ftlib.figures.by_hand import break_transfer

LOST = "Lose(message='Decision', sender='coordinator', receiver='p1')"
ACK = "Lose(message='Ack', sender='p2', receiver='coordinator')"
CRASH = "Crash(node='p1', at=Point(node='p1', event='send', what='Vote'))"
BACK = "Recover(node='p1', at=Point(node='p1', event='crash', later=0.2))"
TOLD = (
    "Crash(node='coordinator', at=Point(node='coordinator', event='send',"
    " what='Decision'))"
)
HEAD = """from ftlib.figures.by_hand import break_transfer
from ftlib.simulation import Lose, Schedule

"""


def call(faults, in_doubt='"gives up"'):
    return f"{HEAD}break_transfer(in_doubt={in_doubt}, faults=Schedule([{faults}]))"


def judged(text, **settings):
    return judge_challenge(break_transfer, text, **settings)


@pytest.mark.parametrize("untouched", [None, "", " \n", "Schedule([])", call("")])
def test_nothing_yet(untouched):
    assert judged(untouched).verdict == "not attempted"


@pytest.mark.parametrize(
    "text", [f"Schedule([{LOST}])", call(LOST), f" \n{call(TOLD)}\n"]
)
def test_the_least_there_is(text):
    answer = judged(text, in_doubt="gives up")
    assert answer, answer
    assert answer.reason == "Solved in 1, the least there is."


@pytest.mark.parametrize("two", [f"{LOST}, {ACK}", f"{ACK}, {LOST}"])
def test_more_than_the_least_is_right_and_says_so(two):
    assert judged(call(two)).reason == "Solved in 2. It can be done in 1."


WRONG = {
    f"Schedule([{ACK}])": "with it this is not done: Make the two branches disagree",
    f"Schedule([{BACK}, {ACK}])": "cannot be put on this picture by hand",
    f"Schedule([{LOST}, {LOST}])": "comes twice: put it once",
    "Schedule([Lose(message='Decision')])": "cannot be put on this picture by hand",
    f"Schedule([{LOST}, {ACK}, {CRASH}])": "these are 3 faults",
    "Schedule([Skew(node='p1', rate=9.0)])": "cannot be put here",
    call(LOST, '"asks"'): "in_doubt is 'asks' here, and is to be 'gives up'",
    call(LOST).replace("break_transfer(", "other("): "a call of other",
    f"{LOST}": "a call of Lose",
    f"Schedule([{LOST}]); Schedule([{LOST}])": "one call of the figure",
    f"print(1)\nSchedule([{LOST}])": "one call of the figure",
    f"import os\nSchedule([{LOST}])": "one call of the figure",
    call("__import__('os').system('true')"): "choose from",
    call(LOST, "__import__('os')"): "in_doubt is no plain value",
    call(LOST, "'" + 900 * "x" + "'"): "in_doubt is 'xxx",
    call(LOST).replace("in_doubt", "more"): "has no more='gives up'",
    call(LOST).replace("in_doubt=", "**"): "has no None=",
    "Schedule([" + 4_000 * "(": "no Python",
    5_001 * "x": "at most 5,000 letters",
    "\0": "no Python",
    "\ud800": "no Python",
    "lambda: 0": "one call of the figure",
    f"break_transfer(faults=Schedule([]), faults=Schedule([{LOST}]))": "no Python",
    "Schedule([Lose(message='Decision', message='Ack')])": "no Python",
    f"from __future__ import braces\nSchedule([{LOST}])": "no Python",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_refused(text):
    answer = judged(text, in_doubt="gives up")
    refused(answer, WRONG[text])
    assert "\n" not in answer.reason


@pytest.mark.parametrize("other", [7, b"Schedule([])", ["Schedule([])"]])
def test_what_is_no_text(other):
    refused(judged(other), "hand in a text")


def test_nobody_solves_the_other_one():
    refused(judged(call(LOST, '"asks"')), "this is not done")
    refused(judged(call(TOLD), in_doubt="asks"), "is to be 'asks'")


@pytest.mark.parametrize("text", [None, call(LOST), f"Schedule([{LOST}])"])
def test_a_slip_of_who_asks_is_not_the_answer_of_who_hands_in(text):
    with pytest.raises(ValueError, match="k_of_n has no challenge"):
        judge_challenge(k_of_n, text)
    for slip, words in (
        ({"xx": "1"}, "has no xx='1'"),
        ({"in_doubt": "give up"}, "has no in_doubt='give up'"),
        ({"faults": "Schedule([])"}, "has no faults="),
    ):
        with pytest.raises(ValueError, match=words):
            judged(text, **slip)
    with pytest.raises(TypeError, match="not a module, class, method, or function"):
        judge_challenge("break_transfer", text)
