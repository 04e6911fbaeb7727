"""What a judge answers, whatever it is handed; and the bounds that it keeps to."""

import sys

import pytest

import ftlib.exercises
from ftlib.exercises import Answer
from ftlib.exercises.answer import Wrong, judging, not_attempted
from ftlib.exercises.bounds import bounded, role, uncounted, watched
from ftlib.exercises.runs import drawn, every_run, run
from ftlib.figures.by_hand import break_transfer
from ftlib.simulation import Cluster, Node

JUDGES = [
    getattr(ftlib.exercises, name)
    for name in ftlib.exercises.__all__
    if name.startswith("judge_")
]
ASKED = {ftlib.exercises.judge_challenge: (break_transfer,)}
ANYTHING = [0, -1.5, "x", b"x", [[]], {"x": 1}, object(), Node, len, ..., Ellipsis]


@pytest.mark.parametrize("given", ANYTHING, ids=lambda given: type(given).__name__)
@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
def test_whatever_is_handed_in_gets_an_answer(judge, given):
    asked = ASKED.get(judge, ())  # these are not the learner's
    number = getattr(judge, "__wrapped__", judge).__code__.co_argcount - len(asked)
    answer = judge(*asked, *[given] * number)
    assert answer.verdict == "wrong", answer
    assert answer.reason
    assert answer._repr_html_()
    assert "ftlib/" not in str(answer)


def test_a_judge_says_what_it_refuses():
    assert len(JUDGES) >= 12
    for judge in JUDGES:
        assert "Refused" in judge.__doc__


def test_an_answer_says_what_it_is():
    asked = not_attempted("Write it.")
    assert str(asked) == "Not attempted. Write it."
    assert not asked
    right = Answer("right", "All of it.")
    assert right
    assert repr(right) == "Right. All of it."
    assert "&lt;b&gt;" in Answer("wrong", "<b>", "<b>")._repr_html_()
    assert "<b>x" not in Answer("wrong", "<b>x", "<b>x")._repr_html_()


def leaves():
    sys.exit(3)


def recurses(n=0):
    return recurses(n + 1)


def wrong():
    raise Wrong("it is so")


def fails():
    raise KeyError("deep")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (leaves, "leaves Python"),
        (recurses, "without end"),
        (wrong, "it is so"),
        (fails, "KeyError: 'deep'"),
    ],
)
def test_what_code_does_is_an_answer(code, words):
    answer = judging(lambda: bounded(code))()
    assert answer.verdict == "wrong"
    assert words in answer.reason


def test_the_line_that_failed_is_shown():
    assert 'raise KeyError("deep")' in judging(lambda: bounded(fails))().evidence


def test_the_reader_can_still_interrupt():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judging(interrupted)()


def spins(lines):
    while True:
        lines.append(None)


def test_lines_are_counted_and_nothing_is_left_behind():
    before, lines = sys.gettrace(), []
    answer = judging(lambda: bounded(spins, lines, lines=1000))()
    assert "spins(...) does not end within 1,000 lines." in answer.reason
    assert 400 < len(lines) <= 1000
    assert sys.gettrace() is before


def test_the_world_is_not_counted():
    def many():
        with uncounted():
            return sum(1 for _ in range(5000))

    assert bounded(many, lines=100) == 5000


class Pings(Node):
    def on_start(self):
        self.set_timer("ping", 0.001)

    def on_timer(self, name):
        self.set_timer("ping", 0.001)


def test_handlers_are_counted():
    answer = judging(lambda: run({"a": watched(Pings, 50)}, until=10))()
    assert "Pings never come to an end: after 50" in answer.reason
    assert len(run({"a": watched(Pings, 50)}, until=0.04)) == 40


def test_a_watched_class_is_as_it_was():
    nodes = {"a": watched(Pings)}
    assert Cluster(nodes).run(until=1) == Cluster({"a": Pings}).run(until=1)
    assert watched(Pings).__name__ == "Pings"


LIST, NUMBER = [], 3


def test_what_a_node_may_not_see():
    class Fair(Node):
        def on_start(self):
            self.LIST = NUMBER
            self.record(self.LIST)

    class Shares(Node):
        def on_timer(self, name):
            self.x = [each for each in LIST]  # noqa: C416

    mine = {}

    class Closes(Node):
        @property
        def seen(self):
            return mine

    class Looks(Node):
        @staticmethod
        def others(node):
            return (lambda: node._world)()

    assert role(Fair, "Fair") is Fair
    for kind, word in ((Shares, "LIST"), (Closes, "mine"), (Looks, "_world")):
        with pytest.raises(Wrong, match=word):
            role(kind, kind.__name__)


class Counter:
    """A model without an end."""

    def initial_states(self):
        return [0]

    def successors(self, state):
        return [("more", state + 1)]


def test_states_without_end_are_no_right_answer():
    with pytest.raises(Wrong, match="do not end: after 500"):
        every_run(Counter(), Wrong, invariants={}, can_reach={}, states=500)


def test_the_shortest_counterexample_is_shown():
    def shown(name, way):
        return Wrong(f"{name} after {len(way)}")

    invariants = {"late": lambda state: state < 9, "early": lambda state: state < 4}
    with pytest.raises(Wrong, match="early after 4"):
        every_run(Counter(), shown, invariants=invariants, can_reach={}, states=500)


def test_a_picture_is_gone_through_by_a_slider():
    picture = drawn(Cluster({"a": Pings}).run(until=0.003))
    page = Answer("wrong", "it is.", picture=picture)._repr_html_()
    assert f'max="{picture.steps}"' in page
    assert (
        'type="range"' not in Answer("wrong", "", picture=picture.still())._repr_html_()
    )
