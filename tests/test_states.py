"""A state graph shows every state and every step, where it can be seen; a table of
situations counts what it is given.
"""

import re
import xml.etree.ElementTree as ET

import pytest

from ftlib.checking import ClusterModel, explore
from ftlib.drawing.layers import graph_of, spread
from ftlib.drawing.looks.transactions import COMMIT_SITUATIONS
from ftlib.drawing.palette import HEX
from ftlib.drawing.situations import situation_table
from ftlib.drawing.states import CELLS, GraphLook, cell, state_graph
from ftlib.figures.every_run import PROBLEM, SOLUTION
from ftlib.transactions.bank import bank
from ftlib.transactions.specification import TCommit, TwoPhase

MODELS = [
    (TCommit(1), PROBLEM),
    (TCommit(2), PROBLEM),
    (TwoPhase(1), SOLUTION),
    (TwoPhase(2), SOLUTION),
]
BOX = re.compile(
    r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="18" rx="4"'
    r' fill="var\(--ft-paper'
)


class Ring:
    """From 0 round to 0 again, with a step that leads nowhere."""

    def initial_states(self):
        return [0, 0]

    def successors(self, state):
        return [("on", (state + 1) % 4), ("stay", state)]


NUMBERS = GraphLook(lambda state: [CELLS[state]], str)


def boxes(picture, count):
    """The left and upper edges of the states' boxes; those of the legend come after
    them.
    """
    return [
        (float(x), float(y), float(wide))
        for x, y, wide in BOX.findall(picture.body)[:count]
    ]


@pytest.mark.parametrize(("model", "look"), MODELS)
def test_the_graph_is_what_exploration_counts(model, look):
    graph, found = graph_of(model), explore(model)
    states = [state for row in graph.rows for state in row]
    assert len(states) == len(set(states)) == found.states
    assert len(graph.rows) == found.depth
    steps = {
        (state, after)
        for state in states
        for _, after in model.successors(state)
        if after != state
    }
    assert set(graph.edges) == steps
    assert len(graph.edges) == len(steps)


def test_a_model_of_real_nodes_can_be_drawn():
    model = ClusterModel(bank("yy"), network="multiset", timers="synchronous")
    look = GraphLook(
        lambda state: ["empty"] * 3, lambda state: ", ".join(model.up(state))
    )
    picture = state_graph(model, look)
    assert picture.title == "17 states, 24 steps between them."
    assert len(boxes(picture, 17)) == 17


@pytest.mark.parametrize(("model", "look"), MODELS)
def test_boxes_stand_apart_inside_the_picture(model, look):
    picture, graph = state_graph(model, look), graph_of(model)
    count = sum(map(len, graph.rows))
    found = boxes(picture, count)
    assert len(found) == count
    assert picture.width == 430
    for x, y, wide in found:
        assert 0 <= x <= x + wide <= picture.width
        assert 0 <= y <= y + 18 <= picture.height
    by_row = {}
    for x, y, wide in sorted(found):
        assert x >= by_row.get(y, -100.0) + 4
        by_row[y] = x + wide
    assert len(by_row) == len(graph.rows)


def test_a_region_stands_together_from_left_to_right():
    graph = graph_of(TwoPhase(2))
    picture = state_graph(TwoPhase(2), SOLUTION)
    inks = re.findall(
        r'rx="4" fill="var\(--ft-paper, #ffffff\)" stroke="var\(--ft-(\w+)',
        picture.body,
    )[: sum(map(len, graph.rows))]
    assert {ink: inks.count(ink) for ink in set(inks)} == {
        "red": 36,
        "muted": 16,
        "green": 4,
    }
    xs = boxes(picture, 56)
    for y in {y for _, y, _ in xs}:
        row = [
            ink
            for _, ink in sorted(
                (x, ink) for (x, yy, _), ink in zip(xs, inks, strict=True) if yy == y
            )
        ]
        assert row == sorted(row, key=["red", "muted", "green"].index)


def test_grounds_differ_without_their_colours_too():
    picture = state_graph(TwoPhase(2), SOLUTION)
    dashes = re.findall(r'fill-opacity[^>]*dasharray="([^"]*)"', picture.body)
    assert len(dashes) == 6
    assert dashes[:3] == dashes[3:] == sorted(set(dashes), key=dashes.index)


def test_no_two_states_look_alike():
    def seen(state):
        return (
            tuple(SOLUTION.cells(state)),
            tuple(SOLUTION.dots(state)),
            SOLUTION.region(state),
        )

    states = [state for row in graph_of(TwoPhase(2)).rows for state in row]
    assert len({seen(state) for state in states}) == 56


def test_a_way_appears_step_by_step():
    way = explore(
        TwoPhase(2), {"never": lambda state: set(state.managers) != {"committed"}}
    ).violations["never"]
    picture = state_graph(TwoPhase(2), SOLUTION, way=way)
    assert picture.steps == len(picture.story) == 7
    assert picture.story[0].startswith("p1 promises: p1 prepared, p2 working;")
    root = ET.fromstring(picture.reveal(3).svg)
    hidden = [part for part in root.iter() if part.get("visibility") == "hidden"]
    assert len(hidden) == 4
    assert "one run" in picture.body


def test_marked_states_have_a_ring_and_a_line_in_the_story():
    picture = state_graph(Ring(), NUMBERS, marked={1, 3}, mark="odd", ink="red")
    assert picture.body.count("stroke-dasharray") == 3, (
        "two rings, and the one that explains them"
    )
    assert picture.story == (
        "Depth 1: 1 state.",
        "Depth 2: 1 state; 1 of them: odd.",
        "Depth 3: 1 state.",
        "Depth 4: 1 state; 1 of them: odd.",
    )
    assert "odd" not in state_graph(Ring(), NUMBERS, mark="odd").body


def test_a_step_that_leads_up_is_drawn_too():
    assert state_graph(Ring(), NUMBERS).title == "4 states, 4 steps between them."
    assert state_graph(Ring(), NUMBERS).body.count("Q") == 1


def test_a_long_row_makes_the_picture_wider():
    class Wide:
        def initial_states(self):
            return range(40)

        def successors(self, state):
            return []

    picture = state_graph(Wide(), GraphLook(lambda state: ["empty", "empty"], str))
    assert picture.width > 430
    assert len({x for x, _, _ in boxes(picture, 40)}) == 40


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([0.0, 0.0], [-5.0, 5.0]),
        ([0.0, 100.0], [0.0, 100.0]),
        ([20.0, 10.0, 0.0], [0.0, 10.0, 20.0]),
        ([], []),
    ],
)
def test_points_are_spread_as_little_as_possible(wanted, found):
    assert spread(wanted, 10.0) == pytest.approx(found)


def test_every_cell_can_be_told_without_its_colour():
    shapes = {re.sub(r"var\(--ft-\w+, #\w+\)", "", cell(kind, 0, 0)) for kind in CELLS}
    assert len(shapes) == len(CELLS)
    with pytest.raises(KeyError):
        cell("polka dots", 0, 0)


def test_a_table_of_situations():
    counts = {
        ("down", "in doubt", "down"): (3, 3, 3),
        ("up", "in doubt", "working"): (2, 2, 0),
        ("up", "commit", "commit"): (7, 0, 0),
    }
    picture = situation_table(counts, COMMIT_SITUATIONS, "Title.", "More.")
    assert picture.width == 430
    assert picture.story == (
        "The coordinator is down, p1 is in doubt, p2 is down: somebody waits in vain.",
        (
            "The coordinator is up, p1 is in doubt, p2 has not voted: somebody waits,"
            " not in vain."
        ),
    )
    root = ET.fromstring(picture.svg)
    signs = [
        text.text
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if text.text in ("!", "…")
    ]
    assert signs == ["…", "!", "!", "…"], "the two situations, and two in the legend"
    assert not re.search(r">\d+<", picture.svg), "how many states it has says nothing"
    assert situation_table({}, COMMIT_SITUATIONS, "Nothing.").story == (
        "Nobody ever waits.",
    )
    signs = {status.sign for status in COMMIT_SITUATIONS.statuses.values()}
    assert signs == set(CELLS)
    assert set(HEX) >= {"red", "orange", "muted"}
