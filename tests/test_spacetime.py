"""Space-time diagrams: all that happened is drawn, told and stepped through, nothing
lies on anything, and it reads anywhere.
"""

import math
import re
import statistics
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.consensus import raft_servers
from ftlib.drawing.look import Label, Look, call_of, name_of, result_of
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.drawing.looks.transactions import COMMIT_LOOK
from ftlib.drawing.palette import HEX
from ftlib.drawing.shapes import shorten, width
from ftlib.drawing.spacetime import spacetime
from ftlib.drawing.spacetime.labels import ARROW, TIMER, Box, Shelf, Shot
from ftlib.drawing.spacetime.places import lay_out
from ftlib.drawing.spacetime.rows import Rows
from ftlib.drawing.spacetime.steps import arrows_of, disks_of, steps_of, waits_of
from ftlib.figures import background, every_figure
from ftlib.figures.background import CAUSES, one_question, view
from ftlib.services import Recovered
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Duplicate,
    Exponential,
    Heal,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Property,
    Recover,
    Skew,
    Slow,
    Trace,
    Uniform,
    judge,
)
from ftlib.transactions.atomic_commit import PROPERTIES, Decided, Voted
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import OwnVoteDecides

SVG = "{http://www.w3.org/2000/svg}"
INHERITED = (
    "data-step",
    "fill",
    "font-size",
    "font-weight",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-width",
    "text-anchor",
    "visibility",
)


@dataclass(frozen=True, slots=True)
class Word:
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    text: str


class Gossip(Node):
    """Says a word to all peers, itself included, passes on what it hears a few times,
    and starts anew after a while.
    """

    def __init__(self, peers, words=2):
        self.peers, self.words = tuple(peers), words

    def on_start(self):
        self.disk.write("up", True)
        self.disk.force()
        self.set_timer("again", (0.02, 0.2))
        self.say("hi")

    def say(self, text):
        for peer in self.peers:
            self.send(peer, Word(text))

    def on_message(self, sender, message):
        self.record(Heard(message.text))
        if self.words > 0 and message.text == "hi":
            self.words -= 1
            self.disk.write("heard", message.text)
            self.send(sender, Word("hello you"))

    def on_timer(self, name):
        self.say("still here")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The primary is up."""


@dataclass(frozen=True, slots=True)
class Write:
    value: int


@dataclass(frozen=True, slots=True)
class Copied:
    value: int


class Primary(Node):
    """Sends heartbeats all the time, and copies of what a client writes."""

    def __init__(self, replicas):
        self.replicas, self.open, self.acks = tuple(replicas), "", 0

    def on_start(self):
        self.on_timer("beat")

    def on_timer(self, name):
        for replica in self.replicas:
            self.send(replica, Heartbeat())
        self.set_timer("beat", 0.02)

    def on_message(self, sender, message):
        if isinstance(message, Copied):
            self.acks += 1
            if self.acks == len(self.replicas):
                self.send(self.open, message)
            return
        self.open, self.acks = sender, 0
        for replica in self.replicas:
            self.send(replica, message)


class Replica(Node):
    """Has a timer that every heartbeat sets again."""

    def on_start(self):
        self.set_timer("silence", 0.05)

    def on_message(self, sender, message):
        if isinstance(message, Heartbeat):
            self.set_timer("silence", 0.05)
        else:
            self.disk.write("x", message.value)
            self.disk.force()
            self.send(sender, Copied(message.value))


class Writer(Node):
    """Writes 1, 2, 3 and so on."""

    def __init__(self):
        self.value = 0

    def on_start(self):
        self.on_timer("next")

    def on_timer(self, name):
        self.value += 1
        self.call(("write", "x", self.value))
        self.send("primary", Write(self.value))

    def on_message(self, sender, message):
        self.returned(("write", "x", message.value), "ok")
        self.set_timer("next", 0.01)


def replicated(until=0.22, **options):
    nodes = {
        "client": Writer,
        "primary": partial(Primary, ("r1", "r2")),
        "r1": Replica,
        "r2": Replica,
    }
    return Cluster(nodes, **options).run(until=until)


def gossip(names, **options):
    return Cluster({name: partial(Gossip, names) for name in names}, **options)


@st.composite
def schedules(draw):
    """Runs of a few gossips over a bad network."""
    names = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    faults = []
    for name in names:
        start = 0.0
        for _ in range(draw(st.integers(0, 1))):
            start += draw(st.floats(0.001, 0.1))
            faults.append(Crash(name, at=round(start, 4)))
            start += draw(st.floats(0.001, 0.1))
            faults.append(
                Recover(
                    name,
                    at=round(start, 4),
                    disk=draw(st.sampled_from(["kept", "wiped"])),
                )
            )
    if draw(st.booleans()):
        faults += [Partition([names[:1]], at=0.01), Heal(at=0.05)]
    chance = draw(st.sampled_from([0.0, 0.25]))
    latency = draw(st.sampled_from([0.01, Uniform(0.001, 0.02), Exponential(0.02)]))
    network = Network(latency=latency, loss=chance, duplicate=chance)
    return gossip(
        names, faults=faults, network=network, seed=draw(st.integers(0, 10**6))
    ).run(until=draw(st.sampled_from([0.02, 0.1, 0.2])))


SHORT = Look(
    message=lambda message: message.text,
    state=lambda event: Label("✓ " + event.what.text, "green", "solid"),
)


def run(votes="yy", until=3.0, **options):
    return Cluster(bank(votes), **options).run(until=until)


def draw(trace, **options):
    return spacetime(trace, look=COMMIT_LOOK, **options)


def elements(picture, tag):
    return flat(ElementTree.fromstring(picture.svg), tag)


def flat(root, tag):
    """All elements of a kind, each with the attributes that it inherits."""
    found = []

    def visit(element, inherited):
        kept = {name: inherited[name] for name in inherited if name in INHERITED}
        element.attrib.update(kept | dict(element.attrib))
        if element.tag == SVG + tag:
            found.append(element)
        for child in element:
            visit(child, element.attrib)

    visit(root, {})
    return found


def texts(picture):
    return [
        "".join(
            part for part in (element.text, *(child.tail for child in element)) if part
        )
        for element in elements(picture, "text")
    ]


def numbers(picture):
    return {int(number) for number in re.findall(r'data-step="(\d+)"', picture.body)}


def words_box(element):
    """The box of a text, turned as it is."""
    size, words = float(element.get("font-size")), element.text or ""
    x, y, half = (
        float(element.get("x")),
        float(element.get("y")) - 0.36 * size,
        0.94 * width(words, size) / 2,
    )
    x += {"start": half, "middle": 0.0, "end": -half}[element.get("text-anchor")]
    turn = re.match(r"rotate\((\S+) (\S+) (\S+)\)", element.get("transform", ""))
    if not turn:
        return Box(x, y, half, 0.36 * size)
    angle = math.radians(float(turn[1]))
    return Box(
        float(turn[2]),
        float(turn[3]),
        half,
        0.36 * size,
        math.cos(angle),
        math.sin(angle),
    )


def collisions(picture):
    """Words on words, words on the frames of others, and words beyond the edge."""
    found = []
    boxes = [(words_box(element), element) for element in elements(picture, "text")]
    frames = [
        Box(left + wide / 2, top + high / 2, wide / 2, high / 2)
        for rect in elements(picture, "rect")
        if rect.get("rx") in ("10.5", "6")
        for left, top, wide, high in [
            [float(rect.get(name)) for name in ("x", "y", "width", "height")]
        ]
    ]
    for number, (box, element) in enumerate(boxes):
        left, top, right, bottom = box.bounds
        if not (
            left >= -3
            and right <= picture.width + 3
            and 0 <= top <= bottom <= picture.height
        ):
            found.append((element.text, "beyond the edge"))
        found += [
            (element.text, other.text)
            for place, other in boxes[number + 1 :]
            if box.meets(place)
        ]
        found += [
            (element.text, "a frame")
            for frame in frames
            if box.meets(frame)
            and not (
                abs(frame.x - box.x) <= frame.half - box.half + 9
                and abs(frame.y - box.y) < 3
            )
        ]
    for number, frame in enumerate(frames):
        found += [
            ("frame", (frame.x, frame.y), (other.x, other.y))
            for other in frames[number + 1 :]
            if frame != other  # the empty frame of a step that lies under a label
            and frame.meets(other)
        ]
    return found


def arrows(picture):
    """How many arrows begin, how many have a head, and how many crosses there are."""
    paths = elements(picture, "path")
    drawn = [
        re.match(r"M([^LC]+)[LC](?:.+ )?(\S+ [^M ]+)(M|$)", path.get("d"))
        for path in paths
        if path.get("stroke-width") == "1.7"
        and path.get("data-step")
        and path.get("stroke-dasharray") != "1.9 4"
    ]
    ends = {found[2] for found in drawn if found}
    begun = [found for found in drawn if found and found[1] not in ends]
    heads = [
        path
        for path in paths
        if path.get("d").endswith("z") and path.get("d").count("l") == 2
    ]
    crosses = [
        path
        for path in paths
        if path.get("stroke-width") == "2.4" and path.get("stroke-linecap") == "round"
    ]
    return len(begun), len(heads), len(crosses)


# All of it is there -------------------------------------------------------------------


def test_every_node_and_every_message_is_drawn():
    picture = draw(run("yy"))
    shown = texts(picture)
    assert {COORDINATOR, "p1", "p2"} <= set(shown)
    for words, count in {"Prepare": 2, "Vote yes": 2, "Commit": 2, "Ack": 2}.items():
        assert shown.count(words) == count
    assert arrows(picture) == (8, 8, 0)


def test_what_a_node_does_is_one_step_with_what_befell_it():
    trace = run("yn")
    steps = steps_of(trace, trace.nodes)
    assert [event.kind for event in steps[1].events] == [
        "deliver",
        "write",
        "force",
        "fact",
        "send",
    ]
    assert sorted(event.index for step in steps for event in step.events) == list(
        range(len(trace))
    )


def pieces(picture, **style):
    """The pieces of the nodes' lines that are drawn so: (x, top, end)."""
    return [
        tuple(map(float, found))
        for path in elements(picture, "path")
        if all(path.get(name.replace("_", "-")) == style[name] for name in style)
        for found in re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", path.get("d"))
    ]


def test_states_run_along_the_line_until_the_next():
    picture = draw(run("yn"))
    spans = pieces(picture, stroke_dasharray="3 4")
    assert len({x for x, *_ in spans}) == 1, "one lane, for p2 has voted no"
    assert all(
        end - 7 < start <= end for (*_, end), (_, start, _) in pairwise(spans)
    ), "piece after piece, each a stripe longer at most"
    labels = {
        element.text: float(element.get("y")) for element in elements(picture, "text")
    }
    assert spans[0][1] < labels["? in doubt"] < spans[-1][2]
    assert {"? in doubt", "✗ abort"} <= set(texts(picture))


def test_a_crash_breaks_the_line_and_a_recovery_mends_it():
    crash = Crash("p1", at=0.015)
    whole, down = draw(run()), draw(run(faults=[crash]))
    back = draw(run(faults=[crash, Recover("p1", at=0.5)]))
    wiped = draw(run(faults=[crash, Recover("p1", at=0.5, disk="wiped")]))

    def gone(picture):
        return sum(end - top for _, top, end in pieces(picture, stroke_width="12"))

    assert gone(whole) == 0
    assert gone(down) > gone(back) > 0, "it is drawn until the node is back"
    assert "crashes" in texts(down)
    assert "↻ back" in texts(back)
    assert "↻ back, wiped" in texts(wiped)


def test_forced_and_unforced_writes_have_their_signs():
    shown = texts(draw(run("yy")))
    assert "forces its writes to disk" in shown
    assert "writes without forcing" in shown, "the coordinator's last write is lazy"
    assert "forces its writes to disk" not in texts(
        spacetime(Cluster({"a": Node}, faults=[Crash("a", at=1.0)]).run())
    )


class Forcer(Node):
    """Forces an empty disk, writes, and forces in the handler after that."""

    def on_start(self):
        self.disk.force()
        self.set_timer("write", 0.01)

    def on_timer(self, name):
        if name == "write":
            self.disk.write("x", 1)
            self.set_timer("force", 0.01)
        else:
            self.disk.force()


def test_a_force_with_nothing_to_force_has_no_sign():
    trace = Cluster({"a": Forcer}).run()
    assert disks_of(steps_of(trace, ["a"])) == ["", "writes", "forces"]
    crashed = Cluster({"a": Forcer}, faults=[Crash("a", at=0.015)]).run()
    assert "writes without forcing" in texts(spacetime(crashed))
    assert "forces its writes to disk" not in texts(spacetime(crashed))


def test_every_sign_has_its_words_in_the_key():
    trace = run("yy")
    broken = Property(
        "silent",
        lambda trace: "p1 spoke" if trace.where(kind="deliver") else None,
        kinds=("deliver",),
    )
    shown = texts(spacetime(trace, findings=judge(trace, [broken])))
    assert "violated here" in shown
    assert "an event" in shown
    assert {"an event", "violated here"}.isdisjoint(texts(draw(run("yy")[:0])))


def dots(picture):
    """Where steps without labels are drawn."""
    return [
        tuple(map(float, re.fullmatch(r"M(\S+) (\S+)h0", path.get("d")).groups()))
        for path in elements(picture, "path")
        if path.get("stroke-width") == "8" and path.get("d") != "M0 0h0"  # in the key
    ]


def hollows(picture):
    """How many steps without labels lie under a label of the same instant."""
    ink = f"var(--ft-muted, {HEX['muted']})"
    return sum(
        rect.get("stroke") == ink and rect.get("rx") == "10.5"
        for rect in elements(picture, "rect")
    )


def test_a_step_without_labels_is_a_dot_or_a_disk():
    picture = draw(run("yy"))
    assert len(dots(picture)) == 1, "the first ack"
    assert hollows(picture) == 1, "the first vote, under the decision"
    assert (
        sum(
            "a5 2.4 0 0 0 -10 0z" in path.get("d") for path in elements(picture, "path")
        )
        == 7 + 2
    ), "seven steps write; two signs"


def test_a_timer_is_drawn_from_where_it_was_set():
    trace = run("ys", faults=[Lose("Decision", receiver="p1")])
    picture = draw(trace)
    dotted = [
        path
        for path in elements(picture, "path")
        if path.get("stroke-dasharray") == "1.5 3"
    ]
    waits = waits_of(steps_of(trace, trace.nodes))
    assert len(dotted) == len(waits) + 1 > 2, "and one in the key"
    first = waits[0]
    assert first.set is not None
    assert first.set.number == 1
    assert dotted[0].get("data-step") == str(first.fired.number)
    assert "votes missing" in texts(picture)


def test_lost_late_and_doubled_messages_are_told_apart():
    class Two(Node):
        def on_start(self):
            if self.id == "a":
                self.send("b", Word("first"))
                self.set_timer("next", 0.001)

        def on_timer(self, name):
            self.send("b", Word("second"))
            self.send("b", Word("third"))

    faults = [
        Slow(("a", "b"), 0.1, until=0.0005),
        Duplicate("Word", nth=2, later=0.02),
        Lose("Word", nth=3),
    ]
    picture = spacetime(
        Cluster({"a": Two, "b": Two}, faults=faults).run(),
        look=Look(message=lambda message: message.text),
    )
    ink = {element.text: element.get("fill") for element in elements(picture, "text")}
    assert {"first (late)", "second", "second (copy)", "third"} <= set(ink)
    assert (
        len(
            {
                ink[words]
                for words in ("first (late)", "second", "second (copy)", "third")
            }
        )
        == 4
    )
    dashes = {
        path.get("stroke-dasharray")
        for path in elements(picture, "path")
        if path.get("stroke-width") == "1.7"
    }
    assert len(dashes) == 4, "without colour too"
    assert arrows(picture)[1:] == (
        3,
        2,
    ), "no head where it is lost; one cross in the key"
    told = "\n".join(picture.story)
    assert "receives a second copy of second" in told
    assert "receives an overtaken first" in told
    assert "third from a to b is lost on its way" in told


def test_a_message_is_lost_between_the_lanes_or_at_a_node_that_is_down():
    def cross(fault):
        picture = draw(run("y", until=0.1, faults=[fault]))
        lanes = {
            element.text: float(element.get("x"))
            for element in elements(picture, "text")
            if element.get("font-weight")
        }
        arms = next(
            path.get("d")
            for path in elements(picture, "path")
            if "l10 10m0 -10l-10 10" in path.get("d")
        )
        x = float(re.match(r"M(\S+)", arms)[1]) + 5
        return (x - lanes[COORDINATOR]) / (lanes["p1"] - lanes[COORDINATOR])

    assert 0.5 < cross(Lose("Prepare")) < 0.7
    assert 0.6 < cross(Cut(COORDINATOR, "p1", at=0.005)) < 0.8
    assert cross(Crash("p1", at=0.005)) == pytest.approx(1, abs=0.05)


def test_a_message_on_its_way_at_the_end_has_no_end():
    trace = run("y")
    cut = trace[: next(event.index for event in trace if event.kind == "send") + 1]
    picture = draw(cut)
    assert arrows(picture) == (1, 0, 0)
    assert any(
        path.get("stroke-dasharray") == "1.9 4" for path in elements(picture, "path")
    )


def test_a_message_to_oneself_is_a_loop():
    trace = gossip(["me"]).run(until=0.3)
    picture = spacetime(trace)
    assert "Word hi" in texts(picture)
    assert any("C" in path.get("d") for path in elements(picture, "path"))
    assert "me receives Word hi from itself" in "\n".join(picture.story)


@pytest.mark.parametrize(
    ("fault", "words", "walls"),
    [
        (
            Partition([[COORDINATOR, "p1"], ["p2"]], at=0.005),
            "the network splits: coordinator, p1 | p2",
            1,
        ),
        (
            Partition([[COORDINATOR], ["p1"], ["p2"]], at=0.005),
            "the network splits: coordinator | p1 | p2",
            2,
        ),
        (Heal(at=0.005), "the network heals", 0),
        (Cut("p1", COORDINATOR, at=0.005), "the link from p1 to coordinator is cut", 0),
        (Slow("p2", 0.1, at=0.005), "p2 is 0.1 s slower", 0),
        (Slow(("p1", "p2"), 0.1, at=0.005), "the link p1 to p2 is 0.1 s slower", 0),
        (
            Skew("p1", rate=2, offset=-1, at=0.005),
            "p1's clock runs 2 times as fast, 1 s behind",
            0,
        ),
    ],
)
def test_what_befalls_the_network_is_written_across(fault, words, walls):
    picture = draw(run(faults=[fault]))
    assert words in texts(picture)
    assert f"0.005 s: {words}." in picture.story
    assert (
        sum(
            path.get("stroke-width") == "2.4" and path.get("stroke-dasharray") == "6 5"
            for path in elements(picture, "path")
        )
        == walls
    )


# Steps and story ----------------------------------------------------------------------


def test_the_story_says_who_does_what_in_the_order_in_which_it_is_done():
    story = draw(run("yn")).story
    assert (
        story[0]
        == "0.000 s: coordinator forces its disk, begins t1 with p1, p2 and sends"
        " Prepare to p1 and p2."
    )
    assert story[1].startswith(
        "0.010 s: p1 receives Prepare from coordinator, forces its promise to disk,"
        " votes yes"
    )
    assert story[1].endswith("and sends Vote yes to coordinator.")
    sends_first = Cluster(bank("yy", coordinator=OwnVoteDecides)).run()
    assert len(draw(sends_first).story) == len(steps_of(sends_first, sends_first.nodes))


def test_the_story_says_where_a_property_is_violated_first():
    silent, still = (
        Property(
            name,
            lambda trace: "p1 spoke" if trace.where(kind="deliver") else None,
            kinds=("deliver",),
        )
        for name in ("silent", "still")
    )
    trace = run("yy")
    for broken, names in (([silent], "silent"), ([silent, still], "silent and still")):
        findings = judge(trace, [*broken, *PROPERTIES])
        plain, told = draw(trace).story, spacetime(trace, findings=findings).story
        here = [line for line in told if "Violated here" in line]
        assert here == [told[1]]
        assert told[1].endswith(f". Violated here: {names}.")
        assert len(told) == len(plain)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (
            [Lose("Vote", sender="p1")],
            "Vote yes from p1 to coordinator is lost on its way",
        ),
        (
            [Cut("p1", COORDINATOR, at=0.005)],
            (
                "Vote yes from p1 to coordinator does not get through, because the link"
                " is cut"
            ),
        ),
        (
            [Crash(COORDINATOR, at=0.015)],
            (
                "Vote yes from p1 to coordinator reaches nobody, because coordinator is"
                " down"
            ),
        ),
        (
            [Crash(COORDINATOR, at=0.015)],
            "coordinator crashes: its memory is gone",
        ),
        (
            [Lose("Vote", sender="p1")],
            (
                "coordinator has waited 0.5 s (votes missing), decides abort for t1 and"
                " sends Abort to p1 and p2"
            ),
        ),
        (
            [Crash("p1", at=0.015), Recover("p1", at=0.1, disk="wiped")],
            "p1 is back, with an empty disk",
        ),
    ],
)
def test_what_goes_wrong_is_told(faults, told):
    assert told in "\n".join(draw(run(faults=faults)).story)


def test_a_node_that_has_waited_for_its_disk_goes_on():
    told = draw(run("y", disk_latency=0.003)).story
    assert (
        told[2]
        == "0.013 s: p1 receives Prepare from coordinator and gives its promise to its"
        " disk and waits."
    )
    assert told[3].startswith("0.016 s: p1's disk is done: it votes yes")


def test_a_fact_that_is_recorded_again_is_not_told_as_new():
    vote, back = "votes yes and is in doubt from now on", Recover("p1", at=0.1)
    told = draw(run(faults=[Crash("p1", at=0.015), back])).story
    assert [
        vote in words for words in told if words.split()[2] == "p1" and "yes" in words
    ] == [True]
    assert (
        "0.100 s: 60 ms later, p1 is back, with its disk, is in doubt again and"
        " sends Inquiry to coordinator." in told
    )
    unsaid = draw(
        run(faults=[Crash("p1", at=Point("p1", "deliver", "Prepare"), after=2), back])
    ).story
    assert any(f"p1 is back, with its disk, {vote}" in words for words in unsaid), (
        "it crashed before it could say so"
    )


def test_a_look_gives_the_words():
    look = Look(
        message=lambda message: "✉ " + name_of(message),
        state=lambda event: Label("★ here", "sky", "solid"),
        tell=lambda event: None,
        names={"p1": "the bank"},
        timer=lambda name: "beep",
        disk=lambda event: "a note",
    )
    picture = spacetime(run("ys"), look=look)
    assert {"★ here", "the bank", "beep"} <= set(texts(picture))
    assert "forces a note to disk" in "\n".join(picture.story)
    assert "records" not in "\n".join(picture.story)


# Properties ---------------------------------------------------------------------------


def red_cells(picture):
    """For each column of the strip, the steps at which it has a red cell."""
    columns = {}
    for path in elements(picture, "path"):
        if "h10v10h-10z" in path.get("d"):
            for x in re.findall(r"M([\d.]+)", path.get("d")):
                columns.setdefault(float(x), []).append(int(path.get("data-step")))
    return [steps for _, steps in sorted(columns.items())]


def test_the_first_red_cell_is_at_the_event_that_is_judged():
    trace = Cluster(
        bank("yyn", coordinator=OwnVoteDecides),
        network=Network(latency=Uniform(0.005, 0.02)),
        seed=3,
    ).run()
    findings = judge(trace, PROPERTIES)
    picture = draw(trace, findings=findings)
    steps = steps_of(trace, trace.nodes)
    wanted = [
        next(step.number for step in steps if finding.event in step.events)
        for finding in findings
        if finding.verdict == "violated"
    ]
    assert len(wanted) > 1
    assert [min(column) for column in red_cells(picture)] == wanted
    threads = [
        int(path.get("data-step"))
        for path in elements(picture, "path")
        if path.get("stroke-dasharray") == "2 3" and path.get("stroke-width") == "1.2"
    ]
    assert threads == wanted, "each is joined to its event"
    shown = texts(picture)
    assert any(words.startswith("1 ✗ agreement: violated at 0.0") for words in shown)
    assert any(re.match(r"\d ✓ ", words) for words in shown)
    assert picture.title == f"{findings[0].reason}."


def test_in_a_row_of_two_nodes_only_the_violating_step_turns_it_red():
    calm = Property(
        "calm", lambda trace: "b heard" if trace.facts(Heard, "b") else None
    )
    trace = gossip(["a", "b", "c"]).run(until=0.015)
    (finding,) = judge(trace, [calm])
    (cells,) = red_cells(spacetime(trace, findings=[finding]))
    step = next(
        step for step in steps_of(trace, trace.nodes) if finding.event in step.events
    )
    assert min(cells) == step.number


def test_what_holds_has_no_red_cell_and_what_is_unknown_says_so():
    from ftlib.simulation import Unknown

    trace = run("yy")
    picture = draw(
        trace,
        findings=judge(
            trace, [*PROPERTIES, Property("later", lambda trace: Unknown("too short"))]
        ),
    )
    assert red_cells(picture) == []
    assert f"{len(PROPERTIES) + 1} ? later: unknown" in texts(picture)
    assert picture.title == "No property is violated, as far as this run shows."
    assert (
        draw(trace, findings=judge(trace, PROPERTIES)).title == "Every property holds."
    )


def test_a_liveness_violation_has_no_event_and_no_red_cell():
    trace = run("yy")
    late = Property("ends", lambda trace: "it has not ended", liveness=True)
    picture = draw(trace, findings=judge(trace, [late]))
    assert red_cells(picture) == []
    assert "1 ✗ ends: violated" in texts(picture)
    assert picture.title == "It has not ended."


# Time ---------------------------------------------------------------------------------


def rows(picture):
    """The heights of the times at the left edge."""
    found = [
        element
        for element in elements(picture, "text")
        if element.get("text-anchor") == "start" and element.get("x") == "2"
    ]
    return [
        (float(element.text.split()[0]), float(element.get("y"))) for element in found
    ]


def test_time_runs_downward():
    found = rows(
        draw(run("yyn", network=Network(latency=Uniform(0.001, 0.05)), seed=3))
    )
    assert len(found) > 5
    for (before, above), (after, below) in pairwise(found):
        assert before < after
        assert above + 12 < below, "and no time lies on the next"


def test_a_step_shows_nothing_of_what_comes_later():
    trace = run("ys", faults=[Crash("p1", at=0.3)])
    picture = draw(trace)
    heights = dict(rows(picture))
    for step in steps_of(trace, trace.nodes):
        root = ElementTree.fromstring(picture.reveal(step.number).svg)
        shown = {
            tag: [part for part in flat(root, tag) if not part.get("visibility")]
            for tag in ("text", "path")
        }
        later = {
            height
            for time, height in heights.items()
            if time > 1000 * step.first.time + 0.5
        }
        times = {float(text.get("y")) for text in shown["text"] if text.get("x") == "2"}
        assert times == set(heights.values()) - later
        ends = [
            float(end)
            for path in shown["path"]
            if path.get("stroke-dasharray") == "3 4"
            for end in re.findall(r"V([\d.]+)", path.get("d"))
        ]
        assert not later or max(ends, default=0) <= min(later)


def test_nothing_stands_on_the_rule_of_a_fault():
    picture = draw(run("yyyy", faults=[Heal(at=0.0099), Heal(at=0.0199)]))
    rules = [
        float(re.fullmatch(r"M\S+ (\S+)H\S+", path.get("d"))[1])
        for path in elements(picture, "path")
        if path.get("stroke-dasharray") == "6 5" and path.get("stroke-width") == "1.4"
    ]
    stands = [
        float(rect.get("y")) + 10.5
        for rect in elements(picture, "rect")
        if rect.get("rx") == "10.5"
    ]
    stands += [y for _, y in dots(picture)]
    assert len(rules) == 2
    for rule in rules:
        own, nearest = sorted(abs(place - rule) for place in stands)[:2]
        assert own < 0.2
        assert nearest > 14


def test_an_arrow_goes_down_even_if_the_message_takes_no_time():
    trace = Cluster(bank("y"), network=Network(latency=0)).run()
    steps = steps_of(trace, trace.nodes)
    heights = [y for _, y in dots(draw(trace))]
    assert len({step.first.time for step in steps}) == 1
    for path in elements(draw(trace), "path"):
        if path.get("stroke-width") == "1.7" and path.get("data-step"):
            points = re.match(r"M\S+ (\S+)L\S+ ([\d.]+)", path.get("d"))
            assert float(points[2]) > float(points[1]) + 4
    assert heights == sorted(heights)


def test_what_takes_long_is_cut_and_the_cut_says_how_long():
    shown = texts(draw(run("ys")))
    assert "480 ms later" in shown
    height = draw(run("ys", until=1.0)).height
    assert height < 2.5 * draw(run("yy")).height, (
        "half a second takes no fifty times the room of ten milliseconds"
    )


def test_tall_pictures_name_the_nodes_again():
    faults = [
        Crash("a", at=0.03 * k) if k % 2 else Recover("a", at=0.03 * k)
        for k in range(1, 40)
    ]
    trace = gossip(
        ["a", "b"], network=Network(latency=Uniform(0.005, 0.05)), faults=faults
    ).run(until=2)
    shown = texts(spacetime(trace))
    assert shown.count("b") > 3
    assert texts(spacetime(trace[:6])).count("b") == 1


def cuts(picture):
    """The heights at which time is squeezed, and the words there."""
    return [
        (float(element.get("y")), element.text)
        for element in elements(picture, "text")
        if element.get("font-style") == "italic"
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    latency=st.sampled_from([0.01, Uniform(0.001, 0.05), Exponential(0.02)]),
    seed=st.integers(0, 999),
)
def test_no_stretch_of_time_is_squeezed_without_a_mark(latency, seed):
    trace = run("yn", network=Network(latency=latency), seed=seed, until=0.8)
    sent = {event.ref: event.time for event in trace.where(kind="send")}
    flights = sorted(
        event.time - sent[event.ref] for event in trace.where(kind="deliver")
    )
    scale = 40 / flights[(len(flights) - 1) // 2] / 1000  # units a millisecond
    picture = draw(trace)
    marked = [y for y, _ in cuts(picture)]
    for (before, above), (after, below) in pairwise(rows(picture)):
        if not any(above < y < below for y in marked):
            assert below - above >= (after - before - 0.1) * scale - 1
    story = " ".join(picture.story)
    assert all(words in story for _, words in cuts(picture))
    assert ("time is squeezed" in texts(picture)) == bool(marked)


def test_what_happens_just_after_an_instant_of_two_rows_stands_below_both():
    picture = draw(run(faults=[Heal(at=0.01), Slow("p2", 0.0005)]))
    heights = [
        float(element.get("y"))
        for element in elements(picture, "text")
        if element.text == "? in doubt"
    ]
    assert heights[0] < heights[1], "10 ms and 10.5 ms"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(trace=schedules())
def test_what_happens_later_stands_lower_and_nothing_stands_on_anything(trace):
    steps = steps_of(trace, trace.nodes)
    arrows = arrows_of(steps)
    layout = lay_out(steps, arrows, trace.nodes, SHORT)
    Rows(layout, arrows, SHORT, 40.0).fill({})
    places = [place for place in layout.places if not place.step.in_the_air]
    assert sorted(place.number for row in layout.rows for place in row.places) == list(
        range(1, len(steps) + 1)
    )
    for one, other in combinations(places, 2):
        if one.step.first.time < other.step.first.time:
            assert one.y < other.y
            assert one.x != other.x or one.bottom < other.y - other.up
        elif other.number in (arrow.ended and arrow.ended.number for arrow in arrows):
            arrow = next(
                each for each in arrows if each.ended and each.ended is other.step
            )
            assert arrow.sent is not one.step or one.y < other.y
        if one.x == other.x and one.solid and other.solid:
            assert one.bottom < other.y - other.up


def test_a_slow_answer_is_not_drawn_as_a_quick_one():
    def slope(cause):
        picture = one_question(cause=cause)
        lines = [
            path.get("d")
            for path in elements(picture, "path")
            if path.get("stroke-width") == "1.7" and path.get("data-step")
        ]
        left, top, *_ = map(float, re.findall(r"[\d.]+", lines[0]))
        *_, right, end = map(float, re.findall(r"[\d.]+", lines[1].split("L")[1])[:2])
        return (end - top) / (right - left), len(cuts(picture))

    quick, whole = slope("nothing")
    slow, broken = slope("slow")
    assert slow > 2 * quick
    assert (whole, broken) == (0, 2), "50 ms and 60 ms of its 110 ms"


@pytest.mark.parametrize("votes", ["y", "yy", "yyy", "yyn"])
def test_what_happens_at_one_instant_is_one_row(votes):
    trace = run(votes)
    labels = [
        element.get("y")
        for element in elements(draw(trace), "text")
        if element.text in ("? in doubt", "✓ commit", "✗ abort")
    ]
    instants = {event.time for event in trace.facts((Voted, Decided))}
    assert len(set(labels)) == len(instants)
    assert "one instant" not in texts(draw(trace))


def test_an_instant_of_several_rows_has_a_bracket():
    picture = draw(run("y", faults=[Slow("p1", 0.1, at=0)]))
    assert "one instant" in texts(picture), "a rule across, and below it the first step"
    brackets = [
        path.get("d") for path in elements(picture, "path") if "h-4V" in path.get("d")
    ]
    assert len(brackets) == 2, "and one in the key"


def test_a_step_without_a_label_lies_under_one_that_has_one():
    """Two votes arrive at one instant, and the second decides: one row."""
    picture = draw(run("yy"))
    (decision,) = [
        rect
        for rect in elements(picture, "rect")
        if rect.get("rx") == "10.5" and rect.get("data-step") == "5"
    ]
    (hollow,) = [
        rect
        for rect in elements(picture, "rect")
        if rect.get("rx") == "10.5" and rect.get("data-step") == "4"
    ]
    for side in ("x", "y", "width", "height"):
        assert hollow.get(side) == decision.get(side)


# What is left out ---------------------------------------------------------------------


def test_what_is_hidden_takes_no_step_and_no_room():
    trace = replicated()
    whole, calm = spacetime(trace), spacetime(trace, hide=[Heartbeat])
    told = "\n".join(calm.story)
    assert "Heartbeat" in "\n".join(whole.story)
    assert "Heartbeat" not in told
    assert "beat)" not in told, "nor the timer that only sends them"
    assert "beat" not in texts(calm)
    assert not any(
        "Heartbeat" in words for words in texts(calm) if "shown" not in words
    )
    assert "not shown: Heartbeat" in texts(calm)
    assert calm.description == "Not shown: Heartbeat."
    assert calm.steps < whole.steps / 1.5
    assert calm.height < whole.height
    assert numbers(calm) == set(range(1, calm.steps + 1))
    assert [teller(words) for words in whole.story if "Copied" in words] == [
        teller(words) for words in calm.story if "Copied" in words
    ]


def test_what_is_done_because_of_something_hidden_is_still_shown():
    trace = run("yy")
    picture = draw(trace, hide=["Prepare", "Vote"])
    assert "0.010 s: p1 forces its promise to disk and votes yes" in "\n".join(
        picture.story
    )
    bare = draw(trace, hide=["Prepare", "write"])
    assert "p1 forces its disk, votes yes" in "\n".join(bare.story)
    assert texts(picture).count("? in doubt") == 2
    assert arrows(picture) == (4, 4, 0), "decisions and acks"


@pytest.mark.parametrize(
    ("hide", "gone"),
    [
        (["r2"], "r2"),
        (["timer"], "next"),
        (["next"], "next"),
        (["write", "force"], "forces its writes to disk"),
        (["call"], "calls write x=1"),
        (["return"], "returns ok"),
        (["send"], "Write 1"),
        ("Write", "Write 1"),
        (Write, "Write 1"),
    ],
)
def test_nodes_timers_and_kinds_can_be_hidden(hide, gone):
    trace = replicated()
    assert gone in texts(spacetime(trace))
    picture = spacetime(trace, hide=hide)
    assert gone not in texts(picture)
    assert numbers(picture) == set(range(1, picture.steps + 1))
    assert collisions(picture) == []


def test_a_step_of_which_the_look_says_nothing_is_left_out():
    """As when servers start, and record what their empty disks hold."""
    trace = Cluster(raft_servers()).run(until=0.2)
    picture = spacetime(trace, look=RAFT_LOOK)
    start = trace.facts(Recovered)
    assert [event.time for event in start] == [0.0] * 3
    assert not picture.story[0].startswith("0.000 s")
    assert picture.description == ""
    assert spacetime(trace).story[0].startswith("0.000 s: s1 records Recovered")
    silent = Look(state=lambda event: None, tell=lambda event: None)
    assert spacetime(trace[:3], look=silent).steps == 0
    known = Look(state=lambda event: Label("starts"), tell=lambda event: None)
    assert spacetime(trace[:3], look=known).story[0] == "0.000 s: s1 starts."


def test_a_name_that_cannot_be_hidden_is_told_with_those_that_can():
    with pytest.raises(
        ValueError,
        match=r"cannot hide 'Hearbeat': it is no node \(client, primary, r1, r2\), no"
        r" type of message or fact \(Write, Heartbeat, Copied\), no timer"
        r" \(beat, next\) and no kind \(send, timer,",
    ):
        spacetime(replicated(), hide=["Hearbeat"])
    assert spacetime(run("y"), hide=[Heartbeat]).steps == spacetime(run("y")).steps, (
        "a type may be absent from this run"
    )


def teller(sentence):
    """Whose step a sentence tells."""
    return re.match(r"\S+ s: (?:\S+ m?s later, )?(\w+)", sentence)[1]


def test_what_one_node_knows_is_its_own_steps_and_one_end_of_each_message():
    trace = run("yy", faults=[Lose("Vote", sender="p2"), Slow("p1", 0.1, at=0)])
    picture = draw(trace, known_to=COORDINATOR)
    assert {teller(words) for words in picture.story} == {COORDINATOR}
    sent = len(trace.where(kind="send", node=COORDINATOR))
    heard = len(trace.where(kind="deliver", node=COORDINATOR))
    assert arrows(picture) == (sent + heard, heard, 0)
    assert f"not known to {COORDINATOR}" in texts(picture)
    assert {"p1", "p2"} <= set(texts(picture)), "to whom and from whom"
    assert "lost" not in texts(picture)
    (lane,) = {x for x, *_ in pieces(picture, stroke_width="1.6")}
    assert all(x == lane for x, _ in dots(picture))


def test_nobody_knows_that_his_message_to_himself_was_lost():
    trace = gossip(["me"], faults=[Lose("Word", nth=1)]).run(until=0.3)
    assert "is lost" in "\n".join(spacetime(trace).story)
    assert "is lost" not in "\n".join(spacetime(trace, known_to="me").story)


def test_who_is_asked_what_he_knows_must_be_there():
    with pytest.raises(ValueError, match="no node 'p9' in this trace"):
        draw(run("y"), known_to="p9")


@pytest.mark.parametrize("wait", [0.015, 0.05, 0.1, 0.15, 0.5])
def test_what_the_client_knows_does_not_tell_apart_what_it_cannot(wait):
    """The drawing itself is the same, byte for byte, and has no event of the server."""
    pictures = {cause: one_question(cause, wait, blind=True) for cause in CAUSES}
    for cause, picture in pictures.items():
        assert {teller(words) for words in picture.story} == {"client"}
        for other, like in pictures.items():
            if view(background.run(cause, wait)) == view(background.run(other, wait)):
                assert picture.body == like.body


# Calls --------------------------------------------------------------------------------


def test_calls_and_returns_read_well():
    picture = spacetime(replicated(), hide=[Heartbeat])
    assert {"calls write x=1", "returns ok"} <= set(texts(picture))
    assert "sees write x=1 return ok" in "\n".join(picture.story)
    assert pieces(picture, stroke_width="10"), "an open call is seen at the line"


@pytest.mark.parametrize(
    ("operation", "result", "words", "told"),
    [
        (("read", "x"), None, "read x", "nothing"),
        (("cas", 1, 2), True, "cas 1 2", "True"),
        (("put", "k", "v"), "", "put k=v", "''"),
        (("append", "k", "v"), ("a", 1), "append k v", "('a', 1)"),
        (Write(3), Copied(3), "Write 3", "Copied 3"),
        ("sum", 2.5, "sum", "2.5"),
    ],
)
def test_operations_and_results_in_words(operation, result, words, told):
    assert (call_of(operation), result_of(result)) == (words, told)


def test_a_look_gives_words_to_calls():
    look = Look(call=lambda operation: "✎", result=lambda result: "✔")
    picture = spacetime(replicated(), look=look)
    assert {"calls ✎", "returns ✔"} <= set(texts(picture))


def test_a_long_picture_is_light():
    picture = spacetime(replicated(0.2))
    assert picture.steps >= 58
    assert len(picture._repr_html_()) < 31_600, "half of what it was without groups"
    assert len(list(ElementTree.fromstring(picture.svg).iter())) < 420


# Odd things ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trace", [Trace([]), Trace([], ["a"]), Cluster({"a": Node, "b": Node}).run()]
)
def test_nothing_to_draw_is_no_error(trace):
    picture = spacetime(trace)
    assert picture.steps == 0
    assert "Nothing happens." in texts(picture)
    assert collisions(picture) == []


def test_long_names_keep_what_tells_them_apart_and_are_given_in_full():
    names = [
        "payments & services in eu-west-1a",
        "payments & services in eu-west-1b",
        "<b & c>",
        "节点甲",
    ]
    picture = spacetime(gossip(names).run(until=0.015))
    heads = [
        element for element in elements(picture, "text") if element.get("font-weight")
    ]
    titles = [title.text for title in elements(picture, "title")]
    assert set(titles) == set(names[:2])
    shown = {
        "".join([element.text or "", *(child.tail or "" for child in element)])
        for element in heads
    }
    assert {"<b & c>", "节点甲"} <= shown
    assert len(shown) == 4
    assert names[0] in picture.story[0]


def test_a_stranger_is_named():
    with pytest.raises(
        ValueError, match="no node 'p9' in this trace: there are coordinator, p1"
    ):
        spacetime(run("y"), nodes=["p9"])


def test_a_choice_of_lanes_leaves_out_the_rest():
    trace = run("yy", faults=[Lose("Vote", sender="p1")])
    picture = draw(trace, nodes=["p2", COORDINATOR])
    shown = texts(picture)
    assert "p1" not in shown
    assert shown.count("Prepare") == 1
    assert numbers(picture) == set(range(1, picture.steps + 1)), (
        "no step without a drawing"
    )
    assert shown.index("p2") < shown.index(COORDINATOR)


def test_part_of_a_trace_can_be_drawn():
    trace = run("yy", faults=[Crash(COORDINATOR, at=0.015), Lose("Vote", sender="p1")])
    for start in range(0, len(trace), 3):
        picture = draw(trace[start:])
        assert numbers(picture) == set(range(1, picture.steps + 1))


# Whatever happens ---------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(trace=schedules())
def test_whatever_happens_it_is_all_there_and_nothing_lies_on_anything(trace):
    calm = Property(
        "calm",
        lambda trace: "it crashed" if trace.where(kind="crash") else None,
        kinds=("crash",),
    )
    picture = spacetime(trace, look=SHORT, findings=judge(trace, [calm]))
    ElementTree.fromstring(picture._repr_html_())
    assert collisions(picture) == []
    assert 'd=""' not in picture.body
    steps = steps_of(trace, trace.nodes)
    assert picture.steps == len(picture.story) == len(steps)
    assert numbers(picture) == set(range(1, picture.steps + 1))
    plainly = len(dots(picture)) + hollows(picture)
    disks = sum(" 0 0 0 -10 0z" in path.get("d") for path in elements(picture, "path"))
    labels = {
        float(rect.get("y"))
        for rect in elements(picture, "rect")
        if rect.get("rx") == "10.5"
    }
    plain = [
        step for step in steps if step.first.kind == "deliver" and not step.effects
    ]
    assert len(plain) <= plainly
    assert plainly + disks + len(labels) >= len(
        {step.first.time for step in steps if step.first.kind != "drop"}
    )
    every = arrows_of(steps)
    begun, heads, crosses = arrows(picture)
    assert begun == len(every) >= trace.counts()["Word"]
    assert (
        heads
        == sum(arrow.end == "handled" for arrow in every)
        == len(trace.where(kind="deliver"))
    )
    signs = ("lost" in texts(picture)) + sum(
        step.first.kind == "crash" for step in steps
    )
    assert crosses - signs == len(trace.where(kind="drop"))
    assert all(
        re.match(r"\d+\.\d{3} s: \S.*[^.]\.$", sentence) for sentence in picture.story
    )
    assert (
        spacetime(trace, look=SHORT, findings=judge(trace, [calm])).svg == picture.svg
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    votes=st.text("yns", min_size=1, max_size=5),
    seed=st.integers(0, 999),
    loss=st.sampled_from([0, 0.2]),
    crash=st.none() | st.integers(0, 30),
)
def test_two_phase_commit_reads_whatever_happens(votes, seed, loss, crash):
    faults = [
        Crash(COORDINATOR, at=Point(COORDINATOR, "send"), after=crash or 0),
        Recover(COORDINATOR, at=Point(COORDINATOR, "crash", later=0.4)),
    ]
    if crash is None:
        faults = []
    network = Network(latency=Uniform(0.005, 0.02), loss=loss, duplicate=loss)
    picture = draw(run(votes, seed=seed, faults=faults, network=network, until=1.5))
    assert collisions(picture) == []
    assert numbers(picture) == set(range(1, picture.steps + 1))


def test_nearly_all_messages_have_their_words():
    drawn = shown = 0
    for seed in range(40):
        network = Network(latency=Uniform(0.005, 0.02), loss=0.05, duplicate=0.05)
        trace = run(
            "yyn"[: 1 + seed % 3],
            network=network,
            seed=seed,
            faults=[Crash("p1", at=0.02), Recover("p1", at=0.3)],
        )
        picture = draw(trace)
        words = [
            words
            for words in texts(picture)
            if re.match(r"(Prepare|Vote|Commit|Abort|Ack|Inquiry)\b", words)
        ]
        drawn += len(arrows_of(steps_of(trace, trace.nodes)))
        shown += len(words)
    assert drawn > 300
    assert shown > 0.98 * drawn


def test_few_words_lie_on_an_arrow_or_on_as_much_else(monkeypatch):
    diagram = sys.modules["ftlib.drawing.spacetime.diagram"]
    found = []
    drawn = diagram.words_drawn

    def seen(arrows, words, places):
        found.extend(place for place in places if place)
        return drawn(arrows, words, places)

    monkeypatch.setattr(diagram, "words_drawn", seen)
    for each in every_figure().values():
        each()
    struck = sum(cost >= ARROW for *_, cost in found)
    assert len(found) > 180
    assert struck < 0.05 * len(found)


def test_words_are_set_beside_a_timer_and_not_on_it():
    level, lanes, timer = Shot(0, 50, 300, 50), (0, 300), (150, 0, 90, TIMER)
    for uprights, x in (((), 150), ((timer,), 249)):
        shelf = Shelf((), (level,), lanes, uprights, -50, 350)
        place, cost = shelf.place("a word", level)
        assert cost == 0
        assert (place.x == 150) == (x == 150)


# On any screen ------------------------------------------------------------------------


def test_colours_go_by_name_and_nothing_has_an_id():
    trace = gossip(
        ["a", "b", "c"],
        network=Network(loss=0.2, duplicate=0.2),
        faults=[Partition([["a"]], at=0.01)],
    ).run(until=0.2)
    picture = spacetime(
        trace,
        findings=judge(
            trace, [Property("calm", lambda trace: "no" if trace.facts() else None)]
        ),
    )
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
    for shape in ("text", "rect", "circle", "path"):
        assert all(element.get("fill") for element in elements(picture, shape)), (
            "else it stays black on a dark page"
        )


@pytest.mark.parametrize("votes", ["y", "yy", "yn"])
def test_three_lanes_and_a_strip_fit_a_phone(votes):
    trace = run(votes, faults=[Crash("p1", at=0.015), Recover("p1", at=0.3)])
    assert draw(trace, findings=judge(trace, PROPERTIES)).width <= 430


def test_four_lanes_fit_a_phone_without_a_strip():
    assert draw(run("yyy")).width <= 430


def test_nine_nodes_and_a_hundred_events_are_drawn_in_time():
    trace = run("y" * 8)
    assert len(trace.nodes) == 9
    assert len(trace) >= 100
    findings = judge(trace, PROPERTIES)
    times = []
    for _ in range(7):
        start = time.process_time()
        draw(trace, findings=findings)
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.1  # about 0.01 on the machine it was written on


# Its parts ----------------------------------------------------------------------------


@settings(max_examples=200, derandomize=True)
@given(
    *[
        st.tuples(
            st.floats(-20, 20),
            st.floats(-20, 20),
            st.floats(1, 15),
            st.floats(1, 8),
            st.floats(-3.2, 3.2),
        )
    ]
    * 2
)
def test_boxes_meet_if_a_point_lies_in_both(one, other):
    first, second = (
        Box(x, y, half, high, math.cos(turn), math.sin(turn))
        for x, y, half, high, turn in (one, other)
    )

    def holds(box, x, y, less):
        dx, dy = x - box.x, y - box.y
        return (
            abs(dx * box.ux + dy * box.uy) < box.half - less
            and abs(dy * box.ux - dx * box.uy) < box.high - less
        )

    def point(a, b):
        along, across = a * first.half / 8, b * first.high / 8
        return (
            first.x + first.ux * along - first.uy * across,
            first.y + first.uy * along + first.ux * across,
        )

    grid = [point(a, b) for a in range(-8, 9) for b in range(-8, 9)]
    if any(holds(second, x, y, 0.001) for x, y in grid):
        assert first.meets(second)
        assert second.meets(first)
    if not first.meets(second):
        assert not any(holds(second, x, y, 0.001) for x, y in grid)
    for x, y in ((second.x, second.y), (second.x + 30, second.y + 7)):
        between = [
            (first.x + (x - first.x) * k / 50, first.y + (y - first.y) * k / 50)
            for k in range(51)
        ]
        if any(holds(second, px, py, 0.01) for px, py in between):
            assert second.crossed(first.x, first.y, x, y)


def test_names_are_cut_in_the_middle():
    assert shorten("short", 100) == "short"
    cut = shorten("payments-service-1a", 80)
    assert cut.startswith("pay")
    assert cut.endswith("1a")
    assert width(cut) <= 80
    assert shorten("x" * 50, 0) == "…"


def test_a_state_needs_a_colour_of_the_book():
    with pytest.raises(ValueError, match="no colour 'pink'"):
        Label("x", "pink")
