"""Space-time diagrams: everything that happened is drawn, told and stepped through, and nothing else."""

import re
import time
import xml.etree.ElementTree as ElementTree
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftlib.drawing.st_layout import lay_out
from ftlib.drawing.st_look import Look, State
from ftlib.drawing.st_looks import COMMIT_LOOK
from ftlib.drawing.palette import HEX
from ftlib.drawing.st_spacetime import spacetime
from ftlib.simulation import (
    Cluster,
    Crash,
    Cut,
    Duplicate,
    Lose,
    Network,
    Node,
    Partition,
    Point,
    Recover,
    Slow,
    Trace,
    Uniform,
    judge,
)
from ftlib.transactions.atomic_commit import PROPERTIES
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.mutants import OwnVoteDecides
from ftlib.transactions.two_phase import Vote


def parts(picture):
    """The texts of a picture's drawing, and all of its elements."""
    elements = list(ElementTree.fromstring(picture.svg).iter())
    return [element.text for element in elements if element.tag.endswith("text")], elements


def numbers(picture):
    return {int(number) for number in re.findall(r'data-step="(\d+)"', picture.body)}


def run(votes="yy", until=3.0, **options):
    return Cluster(bank(votes), **options).run(until=until)


def test_every_node_and_every_message_is_drawn():
    trace = run("yy")
    texts, _ = parts(spacetime(trace, look=COMMIT_LOOK))
    assert {COORDINATOR, "p1", "p2"} <= set(texts)
    for words, count in {"Prepare": 2, "Vote yes": 2, "Commit": 2, "Ack": 2}.items():
        assert texts.count(words) == count


def test_the_steps_are_numbered_without_a_hole_and_each_is_told():
    picture = spacetime(run("yns", network=Network(loss=0.2, duplicate=0.2)), look=COMMIT_LOOK)
    assert picture.steps == len(picture.story) > 5
    assert numbers(picture) == set(range(1, picture.steps + 1))


def test_a_story_tells_who_does_what():
    story = spacetime(run("yn"), look=COMMIT_LOOK).story
    assert story[0] == ("0.000 s: coordinator forces its writes to disk, begins t1 with p1, p2, and sends Prepare to p1 and p2.")
    assert story[2].endswith("p2 receives Prepare from coordinator, forces its writes to disk, votes no, decides abort for t1, "
                             "and sends Vote no to coordinator.")  # fmt: skip


def test_a_crash_breaks_the_line_and_a_recovery_mends_it():
    faults = [Crash("p1", at=0.015), Recover("p1", at=0.5, disk="wiped")]
    texts, _ = parts(spacetime(run(faults=faults), look=COMMIT_LOOK))
    assert "crashes" in texts
    assert "back, no disk" in texts


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ([Lose("Vote", sender="p1")], "the Vote yes to coordinator is lost"),
        ([Cut("p1", COORDINATOR, at=0.005)], "does not get Vote yes from p1: link is cut"),
        ([Partition([["p1"]], at=0.005)], "the network splits: p1"),
        ([Slow("p2", 0.1, at=0.001)], "p2 is 0.1 s slower"),
        ([Crash(COORDINATOR, at=0.015)], "does not get Vote yes from p1: receiver is down"),
        ([Lose("Vote", sender="p1")], "runs out of patience (timer votes t1)"),
    ],
)
def test_what_goes_wrong_is_told(faults, told):
    assert told in "\n".join(spacetime(run(faults=faults), look=COMMIT_LOOK).story)


def test_a_lost_message_ends_in_a_cross_and_no_arrowhead():
    whole = spacetime(run(), look=COMMIT_LOOK).body
    lost = spacetime(run(faults=[Lose("Vote", sender="p1")]), look=COMMIT_LOOK).body
    assert 'stroke-dasharray="7 4"' in lost
    assert 'stroke-dasharray="7 4"' not in whole


def test_a_second_copy_and_a_late_message_are_told_apart():
    class Two(Node):
        def on_start(self):
            if self.id == "a":
                self.send("b", Vote("first", "yes"))
                self.set_timer("next", 0.001)

        def on_timer(self, name):
            self.send("b", Vote("second", "yes"))

    slow = [Slow(("a", "b"), 0.1, at=0.0, until=0.0005), Duplicate("Vote", nth=2, later=0.02)]
    texts, _ = parts(spacetime(Cluster({"a": Two, "b": Two}, faults=slow).run()))
    assert "Vote first yes late" in texts
    assert "Vote second yes again" in texts


def test_the_first_red_cell_stands_at_the_violating_event():
    trace = Cluster(bank("yn", coordinator=OwnVoteDecides)).run()
    findings = judge(trace, PROPERTIES)
    layout = lay_out(trace, trace.nodes)
    violated = next(finding for finding in findings if finding.name == "agreement")
    step = next(step for step in layout.steps if violated.event in step.events)
    red = re.findall(
        r'data-step="(\d+)"><rect[^>]*width="11" height="11" fill="var\(--ft-red', spacetime(trace, findings=findings).body
    )
    assert red
    assert min(map(int, red)) == step.number
    assert "✗ agreement: violated" in "".join(parts(spacetime(trace, findings=findings))[0])


def test_states_come_from_the_look():
    look = Look(state=lambda event: State("★ here", "sky", "solid"))
    texts, _ = parts(spacetime(run(), look=look))
    assert "★ here" in texts
    with pytest.raises(ValueError, match="no colour 'pink'"):
        State("x", "pink")


def test_colours_go_by_name_and_nothing_has_an_id():
    picture = spacetime(run("yns"), look=COMMIT_LOOK, findings=judge(run("yns"), PROPERTIES))
    inks = re.findall(r'(?:fill|stroke)="([^"]+)"', picture.body)
    assert inks
    assert set(inks) <= {"none", *(f"var(--ft-{name}, {value})" for name, value in HEX.items())}
    assert not any("id" in element.attrib for element in parts(picture)[1])
    assert all(float(size) >= 12 for size in re.findall(r'font-size="([\d.]+)"', picture.body))


def test_the_same_run_gives_the_same_bytes():
    assert spacetime(run("yyn")).svg == spacetime(run("yyn")).svg


@pytest.mark.parametrize("trace", [Trace([]), Trace([], ["a"]), Cluster({"a": Node}).run()])
def test_little_to_draw_is_no_error(trace):
    assert ElementTree.fromstring(spacetime(trace).svg) is not None


def test_odd_names_are_cut_and_escaped():
    trace = Cluster({"<a & b>" + "x" * 30: Node, "节点": Node}).run()
    texts, _ = parts(spacetime(trace))
    assert "节点" in texts
    assert any(text.startswith("<a & b>") and text.endswith("…") for text in texts)


def test_a_stranger_is_named():
    with pytest.raises(ValueError, match="no node 'p9' in this trace: there are coordinator, p1"):
        spacetime(run("y"), nodes=["p9"])


def test_a_choice_of_lines_leaves_out_the_rest():
    texts, _ = parts(spacetime(run("yy"), nodes=[COORDINATOR, "p2"], look=COMMIT_LOOK))
    assert "p1" not in texts
    assert texts.count("Prepare") == 1


def test_nine_nodes_and_a_hundred_events_are_drawn_in_time():
    trace = run("y" * 8)
    assert len(trace.nodes) == 9
    assert len(trace) >= 100
    start = time.perf_counter()
    for _ in range(10):
        spacetime(trace, look=COMMIT_LOOK, findings=judge(trace, PROPERTIES))
    assert (time.perf_counter() - start) / 10 < 0.1  # 7 ms on the machine it was written on


def boxes(picture):
    """The boxes of all level texts, estimated from their length."""
    found = []
    for element in parts(picture)[1]:
        if element.tag.endswith("text") and "transform" not in element.attrib:
            size, anchor = float(element.get("font-size")), element.get("text-anchor")
            wide = 0.5 * size * len(element.text)
            x = float(element.get("x")) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
            found.append((x, float(element.get("y")) - 0.7 * size, wide, 0.7 * size, element.text))
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    votes=st.text("yns", min_size=1, max_size=5),
    seed=st.integers(0, 999),
    loss=st.sampled_from([0, 0.2]),
    crash=st.none() | st.integers(0, 30),
)
def test_labels_at_the_lines_do_not_lie_on_each_other(votes, seed, loss, crash):
    faults = (
        [] if crash is None else [Crash(COORDINATOR, at=Point(COORDINATOR, "send"), after=crash), Recover(COORDINATOR, at=1.0)]
    )
    if crash is not None and not any(event.kind == "crash" for event in run(votes, seed=seed, until=0.9, faults=faults[:1])):
        faults = []
    network = Network(latency=Uniform(0.005, 0.02), loss=loss, duplicate=loss)
    trace = run(votes, seed=seed, faults=faults, network=network, until=1.5)
    found = boxes(spacetime(trace, look=COMMIT_LOOK))
    for number, (x, y, wide, high, words) in enumerate(found):
        for other in found[number + 1 :]:
            apart = x + wide <= other[0] or other[0] + other[2] <= x or y + high <= other[1] or other[1] + other[3] <= y
            assert apart, (words, other[4])


def test_rows_keep_the_order_of_time():
    trace = run("yyn", network=Network(latency=Uniform(0.001, 0.05)), seed=3)
    layout = lay_out(trace, trace.nodes)
    heights = [step.y for step in layout.steps]
    assert heights == sorted(heights)
    places = {(step.node, step.y) for step in layout.steps}
    assert len(places) == len(layout.steps)  # no two steps of one node in one row


def test_partial_bank_is_drawn_too():
    trace = Cluster({"only": partial(Node)}, faults=[Crash("only", at=1.0)]).run()
    assert "crashes" in parts(spacetime(trace))[0]
