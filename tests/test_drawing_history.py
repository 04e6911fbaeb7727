"""Pictures of histories: every operation is there, points stand where they may, what
fits nowhere is crossed out.
"""

import re
import time
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest
from hypothesis import given, settings
from linearizable import histories, made

from ftlib.checking.history import History
from ftlib.checking.linearizability import check_linearizable
from ftlib.checking.models import KeyValue, Log, Register
from ftlib.checking.operation import Operation
from ftlib.drawing.blocks import Block, stand, tokens_of
from ftlib.drawing.history import history_picture
from ftlib.drawing.palette import HEX

SVG = "{http://www.w3.org/2000/svg}"


def op(process, call, result, invoked, returned):
    return Operation(process, call, result, invoked, returned)


GOOD = [
    op("a", ("write", 1), None, 0, 4),
    op("b", ("read",), None, 1, 2),
    op("b", ("read",), 1, 3, 5),
    op("c", ("write", 2), None, 4.5, None),
]
BAD = [*GOOD[:3], op("c", ("read",), None, 6, 7), op("b", ("read",), 1, 6, 8)]
KEYS = [
    op("alice", ("put", "x", "red"), None, 0, 2),
    op("bob", ("append", "y", "!"), None, 0, 3),
    op("alice", ("get", "y"), "!", 3, 5),
    op("bob", ("get", "x"), "red", 4, 6),
]


def drawn(history, model=Register, **options):
    return history_picture(history, check_linearizable(history, model, **options))


def elements(picture, tag):
    return list(ElementTree.fromstring(picture.svg).iter(SVG + tag))


def texts(picture):
    return [element.text for element in elements(picture, "text")]


def points(picture):
    """The places of the numbered points, in their order."""
    circles = [
        element
        for element in elements(picture, "circle")
        if "green" in element.get("fill")
    ]
    return [(float(circle.get("cx")), float(circle.get("cy"))) for circle in circles]


def test_a_linearizable_history():
    picture = drawn(GOOD)
    assert picture.title == "Linearizable: 4 operations have an order."
    assert (
        picture.description
        == "Each takes effect at its numbered point, between its call and its return."
        " One without an answer is left out."
    )
    assert picture.story == (
        "read → None by b takes effect: the register holds None.",
        "write 1 by a takes effect: the register holds 1.",
        "read → 1 by b takes effect: the register holds 1.",
    )
    assert {
        "a",
        "b",
        "c",
        "write 1",
        "read → None",
        "read → 1",
        "write 2",
        "pending",
        "1",
        "2",
        "3",
    } <= set(texts(picture))
    assert len(points(picture)) == 3
    ways = [
        path for path in elements(picture, "path") if "green" in path.get("stroke", "")
    ]
    assert len(ways) == 2
    assert any(
        path.get("stroke-dasharray") == "4 4" for path in elements(picture, "path")
    ), "the pending one"
    assert not any(
        "red" in part for part in re.findall(r'(?:stroke|fill)="([^"]+)"', picture.body)
    )


def test_a_history_that_is_not():
    picture = drawn(BAD)
    assert picture.title == "Not linearizable: read → None by c fits nowhere."
    assert (
        picture.description
        == "After the longest order found, 4 of 5 operations, the register holds 1;"
        " read → None by c does not fit."
    )
    assert picture.story[-1] == "read → None by c fits nowhere."
    assert picture.steps == 5
    assert len(points(picture)) == 4
    reds = [
        element
        for element in elements(picture, "circle")
        if "red" in element.get("fill")
    ]
    assert len(reds) == 1
    assert picture.reveal(4).svg.count("hidden") == 1, "the cross comes last"


def test_all_that_fits_nowhere_is_crossed_out():
    history = [
        op("a", ("write", 1), None, 0, 1),
        op("b", ("read",), 2, 2, 4),
        op("c", ("read",), 3, 2, 5),
    ]
    picture = drawn(history)
    assert (
        sum("red" in element.get("fill") for element in elements(picture, "circle"))
        == 2
    )
    assert picture.description.endswith(
        "read → 2 by b does not fit. Nor does anything else that could come next."
    )
    assert picture.story[-1] == "read → 2 by b and read → 3 by c fit nowhere."


def test_without_a_verdict():
    picture = history_picture(GOOD)
    assert (
        picture.title == "4 operations of 3 processes, one of them without an answer."
    )
    assert picture.steps == 0
    assert points(picture) == []
    assert picture.story[0] == "write 1 by a, from 0 to 4."
    assert picture.story[3] == "write 2 by c, called at 4.5, never answered."
    assert history_picture(GOOD[:1]).title == "1 operation of 1 process."
    assert history_picture([]).title == "0 operations of 0 processes."
    assert drawn([]).title == "Linearizable: 0 operations have an order."


def test_an_undecided_history():
    history = [op(n, ("append", n), None, 0, 9) for n in range(9)]
    picture = drawn(
        [*history, op("r", ("read",), (*range(8, -1, -1), 9), 10, 11)], Log, timeout=0
    )
    assert picture.title == "Not decided in time."
    assert picture.steps == len(points(picture)) == len(picture.story)


def test_keys_are_merged_into_one_order_or_the_failed_one_is_told():
    good = drawn(KEYS, KeyValue)
    assert len(points(good)) == 4
    assert [told.split(" by ")[0] for told in good.story] == [
        "put x red",
        "append y !",
        "get y → !",
        "get x → red",
    ]
    bad = [*KEYS[:3], op("bob", ("get", "x"), "blue", 4, 6)]
    picture = drawn(bad, KeyValue)
    assert len(points(picture)) == 1
    assert "append" not in " ".join(picture.story)
    ink = {element.text: element.get("fill") for element in elements(picture, "text")}
    assert "muted" in ink["append y !"]
    assert "ink" in ink["put x red"]


def test_another_verdict_is_refused():
    with pytest.raises(
        ValueError, match="is not in this history: give the history that was judged"
    ):
        history_picture(GOOD, check_linearizable(BAD, Register))
    again = [Operation(*(getattr(one, name) for name in one.__slots__)) for one in GOOD]
    assert (
        history_picture(again, check_linearizable(GOOD, Register)).svg
        == drawn(GOOD).svg
    )


def test_long_words_are_shortened():
    history = [op("a client with a long name", ("write", "x" * 100), None, 0, 1)] + [
        op(n, ("read",), "y", 0, None) for n in "bcde"
    ]
    picture = drawn(history)
    assert all(len(words) < 20 for words in texts(picture))
    assert picture.width <= 430


def test_numbered_processes_stand_in_their_order():
    shown = texts(
        history_picture([op(n, ("read",), None, 9 - n, 20) for n in range(4)])
    )
    assert shown[:4] == ["0", "1", "2", "3"]


@settings(max_examples=150)
@given(histories(most=12, processes=4))
def test_everything_stands_where_it_may(given_):
    model, history = given_
    verdict = check_linearizable(history, model)
    picture = history_picture(history, verdict)
    ElementTree.fromstring(picture._repr_html_())
    place = points(picture)
    assert picture.steps == len(picture.story) == len(place) + bool(verdict.blocked)
    assert {int(k) for k in re.findall(r'data-step="(\d+)"', picture.body)} == set(
        range(1, picture.steps + 1)
    )
    assert all(later[1] - one[1] >= 20 for one, later in pairwise(place)), (
        "the order can be seen"
    )
    for x, y in place:
        assert 10 <= x <= picture.width - 10
        assert 10 <= y <= picture.height - 10
    inks = re.findall(r'(?:fill|stroke)="([^"]+)"', picture.body)
    assert set(inks) <= {
        "none",
        *(f"var(--ft-{name}, {value})" for name, value in HEX.items()),
    }
    assert not any(
        "id" in element.attrib for element in ElementTree.fromstring(picture.svg).iter()
    )
    assert all(
        float(size) >= 12 for size in re.findall(r'font-size="([\d.]+)"', picture.body)
    )


@settings(max_examples=150)
@given(histories(most=12, processes=4))
def test_blocks_keep_time(given_):
    model, history = given_
    verdict = check_linearizable(history, model)
    parts = (
        [verdict.order]
        if isinstance(verdict.order, tuple)
        else list(verdict.order.values())
    )
    numbers = {
        id(one): number for part in parts[:1] for number, one in enumerate(part, 1)
    }
    blocks = [Block(one, 0, 50, ("words",), numbers.get(id(one), 0)) for one in history]
    end = stand(list(tokens_of(blocks)))
    for number, block in enumerate(blocks):
        one = block.operation
        if block.number:
            assert block.top + block.head < block.point
        if not one.pending:
            assert max(block.top + block.head, block.point) < block.bottom <= end
        for other in blocks[number + 1 :]:
            later = other.operation
            if one.returned is not None and one.returned < later.invoked:
                assert block.bottom < other.top
            instant = later.invoked == later.returned
            if (
                one.process == later.process
                and not instant
                and one.invoked != one.returned
            ):
                assert block.bottom <= other.top, "blocks of one process do not overlap"


@pytest.mark.parametrize("processes", range(1, 6))
def test_five_processes_fit_a_phone(processes):
    history = [op(n, ("cas", 1, 2), False, n, n + 5) for n in range(processes)]
    assert history_picture(history).width <= 430


def test_twenty_operations_are_drawn_in_time():
    model, history = next(
        (model, history)
        for model, history in (
            made(seed, most=20, processes=5, names=["cas register"])
            for seed in range(1000)
        )
        if len(history) == 20
    )
    verdict = check_linearizable(history, model)
    start = time.process_time()
    history_picture(History(history), verdict)
    assert (
        time.process_time() - start < 0.1
    )  # about 0.002 on the machine it was written on
