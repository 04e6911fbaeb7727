"""Faults put by hand: every place on the figures that offer some, and what a link may
ask of them.
"""

import asyncio
import html
import itertools
import json
import random
import re
import sys
import typing
from dataclasses import replace

import pytest

from ftlib.figures import by_hand, every_figure
from ftlib.figures.availability import k_of_n
from ftlib.figures.by_hand import HANDS, break_transfer
from ftlib.figures.controls import LONGEST, NO_FAULTS, Faults
from ftlib.live import Live
from ftlib.live.challenges import Search, goals
from ftlib.live.spec import Spec, draw
from ftlib.live.table import LARGEST, Table
from ftlib.live.worker import answer
from ftlib.simulation import Lose, Schedule
from ftlib.simulation.faults import FAULTS
from ftlib.transactions.mutants import CommitsInDoubt, ForgetsItsVote


def asks(figure):
    """Whether a figure has a challenge; the museum, which has faults of its own, has
    tests of its own.
    """
    hints = typing.get_type_hints(figure, include_extras=True).values()
    return any(
        isinstance(control, Faults) and control.challenge is not None
        for hint in hints
        for control in getattr(hint, "__metadata__", ())
    )


FIGURES = {name: each for name, each in every_figure().items() if asks(each)}
SLOW = {  # 4,000 runs; 8 settings
    "ftlib.figures.replication_write.lose_a_write",
    "ftlib.figures.raft_forces.forces",
}
LEAST = {  # faults, setting by setting; 0 where nobody can
    "by_hand.break_transfer": (1, 0),
    "machine.one_write": (0, 2),
    "primary_replica.cancelled": (1, 0, 0),
    "primary_standby.two_at_once": (1, 0),
    "raft_forces.forces": (2, 2, 2, 0, 2, 0, 2, 0),
    "replicated_ring.joins": (1, 1, 1, 0, 0, 0),
    "replication_write.lose_a_write": (0, 1, 0, 2),
    "sagas.asked_twice": (1, 0),
    "two_phase_commit.crashes": (0, 2, 2, 2, 1),
}
SPEC = Live(break_transfer).spec
LOST = "Lose(message='Decision', sender='coordinator', receiver='p2')"
ACK = "Lose(message='Ack', sender='p1', receiver='coordinator')"


def with_faults(spec, *texts):
    return tuple(
        texts if dial.kind == "faults" else dial.default for dial in spec.dials
    )


@pytest.fixture(scope="module", params=sorted(FIGURES))
def named(request):
    return request.param


def test_every_place(named):
    """A fault put at it changes the picture, is told on it and not offered again; taken
    back, the picture is the one before, byte for byte.
    """
    figure = FIGURES[named]
    spec = Live(figure).spec
    before = draw(figure, spec.parameters(spec.defaults))
    assert before.hand.put == ()
    assert len(before.hand.offered) > 5
    table = Table({"": before._repr_html_()}, False, {})
    for offered in before.hand.offered:
        state = with_faults(spec, offered.text)
        after = draw(figure, spec.parameters(state))
        table.pictures[spec.key(state)] = after._repr_html_()
        assert (after.body, after.story) != (before.body, before.story), offered
        [put] = after.hand.put
        assert (put.text, put.words, put.idle) == (offered.text, offered.words, False)
        assert offered.text not in {other.text for other in after.hand.offered}
        again = draw(figure, spec.parameters(with_faults(spec)))
        assert again._repr_html_() == before._repr_html_()
    assert table.gzipped <= LARGEST, "or the page does not foresee the first fault"


def test_each_spot_is_on_the_picture_and_in_the_story():
    picture = break_transfer()
    spots = {offered.spot for offered in picture.hand.offered}
    there = re.findall(r'data-spot="([\d -]+)"', picture.body)
    assert sorted(" ".join(there).split()) == sorted(spots)
    assert "5 4" in there, "two steps of one node at one instant"
    lines = re.findall(r"<li><span>.*?</li>", picture._story_html)
    buttons = [re.search(r'data-spot="(\d+)"', line)[1] for line in lines]
    assert set(buttons) == {spot.split("-")[0] for spot in spots}
    for step, line in enumerate(picture.story, 1):
        for offered in picture.hand.offered:
            if offered.spot == str(step) and "crashes right after" in offered.words:
                assert line.split()[2] == offered.words.split()[0]


def test_the_faults_of_a_message_befall_the_arrow_that_is_drawn():
    picture = break_transfer(faults=Schedule.from_text(f"Schedule([{LOST}])"))
    assert "Broken" in picture.title
    by_arrow = {
        offered.text: offered.spot
        for offered in picture.hand.offered
        if offered.text.startswith("Lose")
    }
    sending = picture.story.index(
        next(line for line in picture.story if "sends Commit" in line)
    )
    assert by_arrow[
        "Lose(message='Decision', sender='coordinator', receiver='p1')"
    ] == (f"{sending + 1}-1")


def test_two_faults_in_either_order(named):
    figure = FIGURES[named]
    spec = Live(figure).spec
    texts = [
        each.text for each in draw(figure, spec.parameters(spec.defaults)).hand.offered
    ]
    pairs = list(itertools.combinations(texts, 2))
    for one, other in random.Random(1).sample(pairs, min(60, len(pairs))):
        pictures = [
            draw(figure, spec.parameters(with_faults(spec, *order)))
            for order in ((one, other), (other, one))
        ]
        assert pictures[0].story == pictures[1].story
        assert pictures[0].body == pictures[1].body
        assert {each.text for each in pictures[0].hand.put} == {one, other}


def test_a_fault_whose_moment_no_longer_comes_stays_and_says_so():
    lost = "Lose(message='Vote', sender='p1', receiver='coordinator')"
    late = (
        "Crash(node='coordinator', at=Point(node='coordinator', event='send',"
        " what='Decision', nth=2))"
    )
    never = "Crash(node='p1', at=Point(node='p1', event='deliver', what='Prepare'))"
    alone = draw(break_transfer, SPEC.parameters(with_faults(SPEC, late)))
    assert [put.idle for put in alone.hand.put] == [False]
    both = draw(break_transfer, SPEC.parameters(with_faults(SPEC, lost, never)))
    assert [put.idle for put in both.hand.put] == [True, False]
    assert both._repr_html_().count("it no longer comes to that") == 1


def test_no_more_than_the_most_are_offered():
    texts = [each.text for each in break_transfer().hand.offered[: HANDS.maximum]]
    full = draw(break_transfer, SPEC.parameters(with_faults(SPEC, *texts)))
    assert full.hand.offered == ()
    assert 'class="ft-menus"' not in full._repr_html_()


def test_the_page_foresees_the_first_fault():
    table = Table.of(SPEC, break_transfer)
    assert table.gzipped <= LARGEST
    assert not table.complete
    for offered in break_transfer().hand.offered:
        assert SPEC.key(with_faults(SPEC, offered.text)) in table.pictures
    assert SPEC.key(((1,), ())) in table.pictures


def test_a_state_is_the_texts_of_its_faults():
    state = ((0,), (LOST,))
    assert SPEC.parameters(state)["faults"] == Schedule(
        [Lose("Decision", "coordinator", "p2")]
    )
    assert SPEC.key(state) == f"0.{LOST}"
    assert SPEC.words(state).endswith("What goes wrong: 1 fault")
    assert SPEC.words(SPEC.defaults).endswith("What goes wrong: no faults")
    assert Spec.from_json(SPEC.json()) == SPEC


REFUSED = {
    "__import__('os').system('true')": "choose from",
    "Lose(message='Decision'), Lose(message='Vote')": "as it prints",
    " " + LOST: "as it prints",
    "Deliver(message='Vote')": "cannot be put here",
    "Skew(node='p1', rate=2.0)": "cannot be put here",
    "Lose(": "cannot read",
    "": "as it prints",
    "(" * 499: "cannot read",
    "x" * (LONGEST + 1): "at most 500 letters",
    "\ud800": "cannot read",
    "\0": "cannot read",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_is_no_fault_of_the_figure_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=REFUSED[text]):
        SPEC.parameters(with_faults(SPEC, text))
    told = json.loads(answer(SPEC.json(), json.dumps([[0], [text]])))
    assert list(told) == ["trouble"]
    assert "Traceback" not in told["trouble"]
    assert "\n" not in told["trouble"]


def test_too_many_faults_are_refused():
    with pytest.raises(ValueError, match="at most 3"):
        SPEC.parameters(with_faults(SPEC, *[LOST] * 4))
    with pytest.raises(ValueError, match="at most 500 letters"):
        SPEC.parameters(with_faults(SPEC, 7))
    with pytest.raises(ValueError, match="comes twice"):
        SPEC.parameters(with_faults(SPEC, LOST, LOST))


@pytest.mark.parametrize(
    "text",
    [
        "Crash(node='p9', at=0.01)",
        "Crash(node='p1', at=1e308)",
        "Recover(node='p1', at=0.01)",
        "Lose(message='Nope')",
    ],
)
def test_what_nobody_can_put_there_is_refused_in_one_line_too(text, live):
    told = json.loads(answer(SPEC.json(), json.dumps([[0], [text]])))
    assert list(told) == ["trouble"]
    assert "Traceback" not in told["trouble"]
    live.faults = Schedule.from_text(f"Schedule([{LOST}])")
    with pytest.raises((ValueError, RuntimeError)):
        live.faults = Schedule.from_text(f"Schedule([{text}])")
    assert repr(live.faults) == f"Schedule([{LOST}])"


def test_fuzzed_texts_throw_nothing_but_the_one_error():
    """Real faults with letters changed, cut, doubled, and mixed with each other."""
    chance = random.Random(5)
    texts = [offered.text for offered in break_transfer().hand.offered]
    letters = "()[]{}'\",.=0123456789-+*/\\ \n\t\0#lambda:ePö" + "\U0001f4a5\ud800"
    pieces = [*FAULTS, "node=", "at=", "1e999", "9" * 450, "None", "**", "nth=0", "()"]
    read, longest = 0, ""
    for _ in range(2_000):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text) + 1)
            end = min(len(text), at + chance.choice((0, 0, 1, 2, 20)))
            new = chance.choice((chance.choice(letters), chance.choice(pieces), ""))
            text = text[:at] + new + text[end:]
        try:
            SPEC.parameters(with_faults(SPEC, text))
        except ValueError as error:
            longest = max(longest, str(error), key=len)
        else:
            read += 1
    assert 0 < read < 1_000
    assert len(longest) < 1_500


def test_what_a_control_of_faults_refuses():
    with pytest.raises(ValueError, match="choose some of lose"):
        Faults(["explode"])
    with pytest.raises(ValueError, match="each once"):
        Faults(["lose", "lose"])
    with pytest.raises(ValueError, match="at least 1"):
        Faults(maximum=0)
    with pytest.raises(ValueError, match="the reader puts"):
        Faults().dial("faults", Schedule([Lose("Vote")]))
    assert Faults().dial("faults", NO_FAULTS).default == ()


# ------------------------------------------------------------------------ the challenge


@pytest.mark.parametrize(
    "named",
    [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in sorted(FIGURES)],
)
def test_a_challenge_agrees_with_what_the_pictures_say(named):
    """In every setting: one fault is the least if one of the pictures with one reaches
    the goal; what is found does.
    """
    figure = FIGURES[named]
    spec = Live(figure).spec
    found = goals(spec.json())
    assert {bool(goal["solved"]) for goal in found.values()} == {True, False}
    numbers = [
        next((n for n, words in enumerate(goal["solved"], 1) if words), 0)
        for goal in found.values()
    ]
    assert tuple(numbers) == LEAST[named.removeprefix("ftlib.figures.")]
    for setting in spec.product():
        goal = found[spec.key(setting)]
        assert bool(goal["solved"]) != bool(goal["why"])
        put = ()
        if goal["solved"]:
            put = tuple(map(repr, Search(spec, setting).end().schedule))
        picture = draw(figure, spec.parameters(setting))
        assert not picture.hand.reached
        alone = [
            draw(figure, spec.parameters(placed(spec, setting, each.text))).hand.reached
            for each in picture.hand.offered
        ]
        assert any(alone) == (len(put) == 1)
        if not put:
            continue
        picture = draw(figure, spec.parameters(placed(spec, setting, *put)))
        assert picture.hand.reached
        assert " data-reached" in picture._repr_html_()
        words = goal["solved"]
        assert words[len(put) - 1] == f"Solved in {len(put)}, the least there is."
        assert set(words[: len(put) - 1]) <= {""}


def placed(spec, setting, *texts):
    return tuple(
        texts if dial.kind == "faults" else positions
        for dial, positions in zip(spec.dials, setting, strict=True)
    )


def test_a_planted_bug_changes_the_least_number(monkeypatch):
    """The very search that the page's words come from, around its memory."""
    fresh = goals.__wrapped__
    in_two = ("", "Solved in 2, the least there is.")
    monkeypatch.setattr(by_hand, "Participant", ForgetsItsVote)
    monkeypatch.setattr(by_hand, "AbortsInDoubt", CommitsInDoubt)
    found = fresh(SPEC.json())
    assert [goal["solved"] for goal in found.values()] == [in_two, in_two]


def test_what_a_challenge_refuses():
    with pytest.raises(ValueError, match="with 0 faults"):
        replace(HANDS.challenge, faults=0)
    with pytest.raises(ValueError, match="where 1 can be put"):
        replace(HANDS, maximum=1)
    with pytest.raises(ValueError, match="k_of_n has no challenge"):
        Live(k_of_n).find_shortest()
    assert goals(Live(k_of_n).spec.json()) == {}


def test_a_search_of_the_page_goes_on_where_it_was():
    """And begins anew, where a worker knows nothing of it."""
    asked = SPEC.json(), "[[0], []]"

    def told(number):
        return json.loads(answer(*asked, number))["found"]

    assert told(71)["words"] == "25 runs tried; 34 left with one fault."
    assert told(72)["words"] == "25 runs tried; 34 left with one fault."
    found = told(72)
    assert found["done"]
    [fault] = found["faults"]
    put = Schedule.from_text(f"Schedule([{fault}])")
    assert break_transfer(faults=put).hand.reached
    hostile = json.loads(answer(SPEC.json(), "[[0], [7]]", 73))
    assert hostile["found"]["words"] == "25 runs tried; 34 left with one fault."


# ------------------------------------------------------------------------ with a kernel


@pytest.fixture
def live():
    return Live(break_transfer)


def widgets(box):
    found = [box]
    for widget in found:
        found += getattr(widget, "children", ())
    return found


def by_words(box, words):
    return next(
        widget
        for widget in widgets(box)
        if words == getattr(widget, "description", None)
    )


def shown(box):
    return box.children[1].value


@pytest.fixture
def in_words(monkeypatch):
    """As where there is no anywidget."""
    monkeypatch.setitem(sys.modules, "ftlib.live.touch", None)


def test_by_widgets_in_words(live, in_words):
    box = live.widget()
    where, what = by_words(box, "Where"), by_words(box, "What")
    assert where.options[4][0] == f"5. {break_transfer().story[4]}"
    where.value = 5
    what.value = LOST
    by_words(box, "Add").click()
    schedule = Schedule.from_text(f"Schedule([{LOST}])")
    assert live.faults == schedule
    assert shown(box) == break_transfer(faults=schedule)._repr_html_()
    assert where.value == 5, "the reader stays where he was"
    assert LOST not in dict(map(reversed, what.options))
    by_words(box, "coordinator's first Decision to p2 is lost").click()
    assert shown(box) == break_transfer()._repr_html_()
    by_words(box, "Undo").click()
    assert live.faults == schedule
    by_words(box, "Redo").click()
    assert live.faults == NO_FAULTS
    by_words(box, "Undo").click()
    by_words(box, "Copy as Python").click()
    assert repr(schedule) in html.unescape("".join(told(box)))
    by_words(box, "Reset").click()
    assert live.faults == NO_FAULTS
    assert shown(box) == break_transfer()._repr_html_()


def test_the_first_place_and_the_first_fault_there_are_chosen(live, in_words):
    """So that *Add* does something before anything is chosen, until no more fit."""
    box = live.widget()
    for number in range(1, HANDS.maximum + 1):
        by_words(box, "Add").click()
        assert len(live.faults) == number
    assert repr(live.faults[0]) == break_transfer().hand.offered[0].text
    assert by_words(box, "Where").value is by_words(box, "What").value is None
    by_words(box, "Add").click()
    assert len(live.faults) == HANDS.maximum
    by_words(box, "Undo").click()
    assert by_words(box, "What").value is not None


def test_the_faults_of_a_widget_are_read_and_set(live):
    lost = Schedule([Lose("Decision", receiver="p2")])
    live.faults = lost
    boxes = live.widget(), live.widget()
    live.faults = Schedule([*lost, Lose("Ack")])
    for box in boxes:
        assert shown(box) == break_transfer(faults=live.faults)._repr_html_()
    with pytest.raises(ValueError, match="at most 3"):
        live.faults = Schedule([*lost] * 4)
    assert len(live.faults) == 2
    assert live.html() == Live(break_transfer).html(), "what is stored has none"


def test_a_figure_without_the_control_has_no_faults():
    with pytest.raises(ValueError, match="no faults can be put by hand on k_of_n"):
        _ = Live(k_of_n).faults


def test_the_machine_finds_the_fewest(live):
    assert live.find_shortest().most == 1
    assert live.picture(((0,), tuple(map(repr, live.faults)))).hand.reached
    box = live.widget()
    by_words(box, "A branch in doubt").value = 1
    live.faults = NO_FAULTS
    found = live.find_shortest()
    assert (found.schedule, live.faults) == (None, NO_FAULTS), "in the widget's setting"
    by_words(box, "A branch in doubt").value = 0
    by_words(box, "Find the shortest").click()
    assert "One fault, and no fewer: 33 runs tried." in told(box)
    assert len(live.faults) == 1
    assert shown(box) == break_transfer(faults=live.faults)._repr_html_()
    by_words(box, "Undo").click()
    assert live.faults == NO_FAULTS


def told(box):
    values = [getattr(widget, "value", None) for widget in widgets(box)]
    return [value for value in values if isinstance(value, str)]


def touch(box, content):
    """What a page sends."""
    box.children[1]._handle_custom_msg(content, [])


def test_a_touch_on_the_picture(live):
    box = live.widget()
    touch(box, {"faults": [LOST]})
    schedule = Schedule.from_text(f"Schedule([{LOST}])")
    assert live.faults == schedule
    assert shown(box) == break_transfer(faults=schedule)._repr_html_()
    live.faults = NO_FAULTS
    assert shown(box) == break_transfer()._repr_html_()
    by_words(box, "Undo").click()
    assert live.faults == schedule, "and what a cell sets is undone like a touch"
    touch(box, {"faults": []})
    assert live.faults == NO_FAULTS
    words = {getattr(widget, "description", "") for widget in widgets(box)}
    assert not words & {"Where", "What", "Add"}, "there is no second way in words"


@pytest.mark.parametrize(
    "content",
    [
        {"faults": ["__import__('os').system('true')"]},
        {"faults": [LOST] * 4},
        {"faults": ["Lose(" * 2000]},
        {"faults": [{"<b>": 1}]},
        {"faults": ["Slow('p1')<img src=x onerror=alert(1)>"]},
    ],
)
def test_a_hostile_touch_is_refused_in_a_line(live, content):
    box = live.widget()
    touch(box, {"faults": [LOST]})
    touch(box, content)
    assert repr(live.faults) == f"Schedule([{LOST}])"
    [said] = [text for text in told(box) if 'role="alert"' in text]
    assert "\n" not in said
    assert "<img" not in said
    touch(box, {"faults": []})
    assert not [text for text in told(box) if 'role="alert"' in text]


@pytest.mark.parametrize("content", [None, 3, [], {}, {"faults": LOST}, {"copied": 2}])
def test_what_is_no_touch_is_not_heard(live, content):
    box = live.widget()
    before = told(box)
    touch(box, content)
    assert (live.faults, told(box)) == (NO_FAULTS, before)


def test_a_widget_tells_the_challenge_of_its_setting(live):
    """Once its reader has touched something and it is known what can be done."""
    spec, box = live.spec, live.widget()
    easy, hard = (goals(spec.json())[spec.key(each)] for each in spec.product())

    async def says(words):
        while not any(words in html.unescape(text) for text in told(box)):
            await asyncio.sleep(0.001)

    async def reading():
        await says("with at most two faults, or see that nobody can.")
        touch(box, {"faults": [ACK]})
        await says(easy["ask"])
        touch(box, {"faults": [ACK, LOST]})
        await says("Solved in 2. It can be done in 1.")
        touch(box, {"faults": [LOST]})
        await says("Solved in 1, the least there is.")
        by_words(box, "A branch in doubt").value = 1
        await says(hard["ask"])
        await says(hard["why"])
        by_words(box, "A branch in doubt").value = 0
        await says("Solved in 1, the least there is.")

    asyncio.run(asyncio.wait_for(reading(), 60))


def test_what_a_machine_has_put_is_no_solution_of_the_reader(live):
    box = live.widget()
    by_words(box, "Find the shortest").click()
    assert len(live.faults) == 1
    live.faults = NO_FAULTS
    live.faults = Schedule.from_text(f"Schedule([{LOST}])")
    assert "Solved" not in "".join(told(box)), "nor what a cell has"
    touch(box, {"faults": [LOST.replace("p2", "p1")]})
    assert "Solved in 1, the least there is." in "".join(told(box))


def test_what_is_copied_gives_the_same_picture(live):
    live.faults = Schedule.from_text(f"Schedule([{LOST}])")
    names = {}
    *imports, call = live.spec.code(((0,), (LOST,))).splitlines()
    exec("\n".join(imports), names)
    assert eval(call, names) == break_transfer(faults=live.faults)


def test_a_search_of_the_kernel_is_cancelled(live):
    """By its button, while the kernel searches; or by another setting."""
    box = live.widget()
    button, setting = (
        by_words(box, words) for words in ("Find the shortest", "A branch in doubt")
    )
    setting.value = 1

    async def searching(cancel):
        button.click()
        while not any("left with" in str(value) for value in told(box)):
            await asyncio.sleep(0)
        assert button.description == "Cancel"
        cancel()
        while button.description == "Cancel":
            await asyncio.sleep(0.001)

    for cancel in (button.click, lambda: setattr(setting, "value", 0)):
        asyncio.run(searching(cancel))
        assert live.faults == NO_FAULTS
        assert "Cancelled." in told(box)
