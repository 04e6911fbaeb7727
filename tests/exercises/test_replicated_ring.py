"""The judges of the chapter on a store on a ring."""

from bisect import bisect_left, bisect_right

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_lookup, judge_pages, judge_racks
from ftlib.replication.replicated_ring import Holder
from ftlib.replication.ring_rows import Have

# 1 ------------------------------------------------------------------------------------


def scans(points, number):
    return next((node for point, node in points if point >= number), points[0][1])


def searches(points, number):
    place = bisect_left([point for point, _ in points], number)
    return points[place % len(points)][1]


def searches_pairs(points, number):
    return points[bisect_left(points, (number, "")) % len(points)][1]


@pytest.mark.parametrize("lookup", [scans, searches, searches_pairs])
def test_a_lookup_that_is_right(lookup):
    answer = judge_lookup(lookup)
    assert answer, answer


def test_no_lookup_yet():
    def untouched(points, number):
        """Yours."""

    assert judge_lookup(untouched).verdict == "not attempted"


def no_wrap(points, number):
    return points[bisect_left([point for point, _ in points], number)][1]


def last_of_all(points, number):
    return next((node for point, node in points if point >= number), points[-1][1])


def behind_its_own(points, number):
    place = bisect_right([point for point, _ in points], number)
    return points[place % len(points)][1]


def nearest(points, number):
    return min(points, key=lambda each: abs(each[0] - number))[1]


def the_one_before(points, number):
    return points[bisect_right([point for point, _ in points], number) - 1][1]


def by_remainder(points, number):
    return points[number % len(points)][1]


def a_point(points, number):
    return points[bisect_left([p for p, _ in points], number) % len(points)]


@pytest.mark.parametrize(
    ("lookup", "words"),
    [
        (no_wrap, ["IndexError"]),
        (last_of_all, ["behind the last point", "belongs on 'b'"]),
        (behind_its_own, ["belongs on"]),
        (nearest, ["belongs on"]),
        (the_one_before, ["belongs on"]),
        (by_remainder, ["belongs on"]),
        (a_point, ["belongs on"]),
        (3, ["hand in a function"]),
    ],
)
def test_a_lookup_is_refused(lookup, words):
    refused(judge_lookup(lookup), *words)


# 2 ------------------------------------------------------------------------------------


def two_rounds(walk, racks, copies):
    chosen = []
    for node in walk:
        if racks[node] not in [racks[each] for each in chosen]:
            chosen.append(node)
    chosen += [node for node in dict.fromkeys(walk) if node not in chosen]
    return tuple(chosen[:copies])


def by_rank(walk, racks, copies):
    nodes = list(dict.fromkeys(walk))

    def rank(node):
        before = nodes[: nodes.index(node)]
        return racks[node] in [racks[each] for each in before], nodes.index(node)

    return sorted(nodes, key=rank)[:copies]


@pytest.mark.parametrize("choose", [two_rounds, by_rank])
def test_copies_in_other_racks(choose):
    answer = judge_racks(choose)
    assert answer, answer


def test_no_choice_yet():
    def untouched(walk, racks, copies):
        """Yours."""

    assert judge_racks(untouched).verdict == "not attempted"


def next_points(walk, racks, copies):
    return walk[:copies]


def next_nodes(walk, racks, copies):
    return tuple(dict.fromkeys(walk))[:copies]


def one_a_rack(walk, racks, copies):
    return tuple({racks[node]: node for node in walk[::-1]}.values())[:copies]


def racks_only(walk, racks, copies):
    chosen = {}
    for node in walk:
        chosen.setdefault(racks[node], node)
    return tuple(chosen.values())[:copies]


def by_name(walk, racks, copies):
    nodes = [walk[0], *sorted({*walk} - {walk[0]})]
    return two_rounds(nodes, racks, copies)


def not_its_own(walk, racks, copies):
    rest = [node for node in walk if racks[node] != racks[walk[0]]]
    return two_rounds([*rest, *walk], racks, copies)


@pytest.mark.parametrize(
    ("choose", "words"),
    [
        (next_points, ["racks would be possible"]),
        (lambda walk, *_: walk[:1] * 3, ["one node gets two copies"]),
        (next_nodes, ["racks would be possible"]),
        (one_a_rack, ["first copy belongs on"]),
        (racks_only, ["3 copies are asked for"]),
        (by_name, ["come earlier on the walk"]),
        (not_its_own, ["first copy belongs on"]),
        (lambda *_: 3, ["return a tuple"]),
        (lambda *_: ("h9",), ["is no node"]),
        (None, ["hand in a function"]),
    ],
)
def test_a_choice_is_refused(choose, words):
    refused(judge_racks(choose), *words)


# 3 ------------------------------------------------------------------------------------


class Cuts(Holder):
    def later(self, node, versions):
        return super().later(node, versions)[:2]


class AsksUntilEmpty(Cuts):
    """Right: it asks the same node again until there is nothing."""

    def on_message(self, sender, message):
        match message:
            case Have(epoch, rows) if self.goes_on(sender, epoch, rows):
                self.take(rows)
                self.ask()
            case _:
                super().on_message(sender, message)

    def goes_on(self, sender, epoch, rows):
        return rows and epoch == self.view.epoch and sender in self.asking[:1]


class AsksWhileFull(AsksUntilEmpty):
    """Right too: what is not full is the last."""

    def goes_on(self, sender, epoch, rows):
        return len(rows) == 2 and super().goes_on(sender, epoch, rows)


class AsksTooLate(Cuts):
    """It is ready by then."""

    def on_message(self, sender, message):
        super().on_message(sender, message)
        if isinstance(message, Have) and message.rows:
            self.asking = (sender, *self.asking)
            self.ask()


class NeverDone(AsksUntilEmpty):
    def goes_on(self, sender, epoch, rows):
        return epoch == self.view.epoch and sender in self.asking[:1]


class CountsWhatItSent(AsksUntilEmpty):
    """A message that is lost leaves a gap."""

    def __init__(self, *given):
        super().__init__(*given)
        self.sent = {}

    def enter(self, view):
        if view.epoch > self.view.epoch:
            self.sent = {}
        super().enter(view)

    def later(self, node, versions):
        rows = Holder.later(self, node, ())
        start = self.sent.get(node, 0)
        self.sent[node] = start + 2
        return rows[start : start + 2]


class SendsAll(Holder):
    def drop(self):
        super().drop()


class AsksNobody(Cuts):
    def collect(self):
        super().collect()
        self.asking = self.asking[:1]


@pytest.mark.parametrize("kind", [AsksUntilEmpty, AsksWhileFull])
def test_rows_that_move_in_pages(kind):
    answer = judge_pages(kind)
    assert answer, answer
    assert "9,746 states" in answer.reason or "7,480 states" in answer.reason


def test_no_pages_yet():
    class Untouched(Holder):
        pass

    assert judge_pages(Untouched).verdict == "not attempted"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Cuts, ["nothing fails, and", "is broken"]),
        (AsksTooLate, ["ready with its range is broken"]),
        (NeverDone, ["is never ready"]),
        (CountsWhatItSent, ["ready with its range is broken"]),
        (SendsAll, ["rows in one message: 2 are allowed"]),
        (AsksNobody, ["nothing fails, and", "is broken"]),
        (dict, ["no subclass of Node"]),
        ("Cuts", ["hand in a class"]),
    ],
)
def test_pages_are_refused(kind, words):
    refused(judge_pages(kind), *words)
