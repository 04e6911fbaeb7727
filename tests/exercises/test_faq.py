"""The judges of the questions: what they accept, and what they refuse, and why."""

import pytest
from exercises.answers import refused

from ftlib.exercises import judge_takeover, judge_undo, judge_window
from ftlib.services import Reply, Server, Store
from ftlib.services.mutants import ExecutesAgain

# 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [356, 356.0])
def test_the_longest_takeover(seconds):
    assert judge_takeover(seconds), judge_takeover(seconds)


def test_no_seconds_yet():
    assert judge_takeover(None).verdict == "not attempted"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (360, ["both nodes are down"]),  # 0.0001 of 1,000 hours
        (357, ["both nodes are down"]),
        (355, ["one second more"]),
        (60, ["one second more"]),
        (0, ["one second more"]),
        (720, ["too little"]),
        (3600, ["too little"]),
        (0.1, ["whole seconds, not hours"]),
        (-1, ["0 or more"]),
        (float("nan"), ["0 or more"]),
        (float("inf"), ["finite"]),
        (True, ["a number"]),
        ("356", ["a number"]),
    ],
)
def test_seconds_are_refused(seconds, words):
    refused(judge_takeover(seconds), *words)


# 2 ------------------------------------------------------------------------------------


def with_a_store(backup, log, mistake):
    position, values = backup
    store = Store(values=dict(values))
    for number, operation in enumerate(log, 1):
        if number > position and number != mistake:
            store.do(operation)
    return store.values


def by_hand(backup, log, mistake):
    values = dict(backup[1])
    rest = [*log[backup[0] : mistake - 1], *log[mistake:]]
    for kind, key, *what in rest:
        if kind == "put":
            values[key] = what[0]
        elif kind == "append":
            values[key] = values.get(key, "") + what[0]
    return values


def from_the_beginning(backup, log, mistake):
    """The log has everything, so that the backup only saves time."""
    return with_a_store((0, {}), log, mistake)


@pytest.mark.parametrize("undo", [with_a_store, by_hand, from_the_beginning])
def test_a_mistake_is_undone(undo):
    assert judge_undo(undo), judge_undo(undo)


def test_no_values_yet():
    assert judge_undo(lambda backup, log, mistake: None).verdict == "not attempted"


def the_backup(backup, log, mistake):
    return dict(backup[1])


def until_the_mistake(backup, log, mistake):
    return with_a_store(backup, log[: mistake - 1], mistake)


def everything(backup, log, mistake):
    return with_a_store(backup, log, 0)


def on_top(backup, log, mistake):
    return with_a_store((0, backup[1]), log, mistake)


def one_too_many(backup, log, mistake):
    return with_a_store((backup[0] + 1, backup[1]), log, mistake)


def one_off(backup, log, mistake):
    return with_a_store(backup, log, mistake - 1)


def changes_the_backup(backup, log, mistake):
    position, values = backup
    store = Store(values=values)
    for operation in [*log[position : mistake - 1], *log[mistake:]]:
        store.do(operation)
    return dict(store.values)


def shortens_the_log(backup, log, mistake):
    del log[mistake - 1]
    return with_a_store(backup, log, 0)


def whatever_is_the_same(backup, log, mistake):
    """Leaves out every request that says what the mistake says."""
    same = [log[mistake - 1]]
    return with_a_store(
        (0, backup[1]), [o for o in log[backup[0] :] if o not in same], 0
    )


def the_first_that_is_the_same(backup, log, mistake):
    rest = list(log)
    rest.remove(log[mistake - 1])
    return with_a_store(backup, rest, 0)


def only_its_key(backup, log, mistake):
    """Takes all else from the store as it is."""
    key, right = log[mistake - 1][1], with_a_store(backup, log, mistake)
    values = everything(backup, log, mistake)
    return {**values, key: right[key]} if key in right else values


def no_new_keys(backup, log, mistake):
    values = dict(backup[1])
    for number, (kind, key, *what) in enumerate(log, 1):
        if number > backup[0] and number != mistake and what:
            values[key] = values[key] + what[0] if kind == "append" else what[0]
    return values


def drops_what_is_empty(backup, log, mistake):
    values = with_a_store(backup, log, mistake)
    return {key: value for key, value in values.items() if value}


@pytest.mark.parametrize(
    ("undo", "words"),
    [
        (whatever_is_the_same, ["'abc'}, and not {'x': 'abca'}"]),
        (the_first_that_is_the_same, ["'aaca'}, and not"]),
        (only_its_key, ["the mistake has been done again"]),
        (no_new_keys, ["raises an error", "KeyError"]),
        (drops_what_is_empty, ["and not"]),
        (the_backup, ["after the backup is missing"]),
        (until_the_mistake, ["after the mistake is missing", "'abc'", "'abcd'"]),
        (everything, ["the mistake has been done again"]),
        (on_top, ["a second time"]),
        (one_too_many, ["it returns {'x': 'abd'}, and not"]),
        (one_off, ["and not"]),
        (changes_the_backup, ["changes the backup"]),
        (shortens_the_log, ["changes the backup or the log"]),
        (lambda backup, log, mistake: "abcd", ["a dict"]),
        (lambda backup: {}, ["raises an error"]),
        ({"x": "abcd"}, ["hand in a function"]),
    ],
)
def test_undoing_is_refused(undo, words):
    answer = judge_undo(undo)
    refused(answer, *words)


# 3 ------------------------------------------------------------------------------------


class InTheSessions(Server):
    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        done = dict(self.store.sessions.get(client, ()))
        if number not in done and number > max(done, default=0) - 3:
            done[number] = self.store.do(message.operation)
            self.store.sessions[client] = tuple(sorted(done.items())[-3:])
            self.save()
        if number in done:
            self.send(sender, Reply(number, done[number]))


class OnADiskOfItsOwn(Server):
    """The results by client and number, in one value with the store."""

    def on_start(self):
        values, self.results = self.disk.read("all", ({}, {}))
        self.store.values, self.results = dict(values), dict(self.results)

    def on_message(self, sender, message):
        key = f"{message.client} {message.sequence:06}"
        mine = [each for each in self.results if each.split()[0] == message.client]
        latest = max((int(each.split()[1]) for each in mine), default=0)
        if message.sequence <= latest - 3:
            return
        if key not in self.results:
            self.results[key] = self.store.do(message.operation)
            latest = max(latest, message.sequence)
            for each in mine:
                if int(each.split()[1]) <= latest - 3:
                    del self.results[each]
            self.disk.write("all", (dict(self.store.values), dict(self.results)))
            self.disk.force()
        self.send(sender, Reply(message.sequence, self.results[key]))


class ThreeSlots(Server):
    """What is three numbers older has been answered, and leaves its slot."""

    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        slots = list(self.store.sessions.get(client, ((0, None),) * 3))
        if number > slots[number % 3][0]:
            slots[number % 3] = number, self.store.do(message.operation)
            self.store.sessions[client] = tuple(slots)
            self.save()
        if number == slots[number % 3][0]:
            self.send(sender, Reply(*slots[number % 3]))


class OneAfterTheOther(Server):
    """Waits for a request that is missing: it will be sent again."""

    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        done = dict(self.store.sessions.get(client, ()))
        if number == max(done, default=0) + 1:
            done[number] = self.store.do(message.operation)
            self.store.sessions[client] = tuple(done.items())[-3:]
            self.save()
        if number in done:
            self.send(sender, Reply(number, done[number]))


@pytest.mark.parametrize(
    "window", [InTheSessions, OnADiskOfItsOwn, ThreeSlots, OneAfterTheOther]
)
def test_a_window(window):
    assert judge_window(window), judge_window(window)


class Nothing(Server):
    """No difference yet."""


def test_no_window_yet():
    for given in (None, Server, Nothing):
        assert judge_window(given).verdict == "not attempted"


class TheLastOnly(Server):
    """What the library has, which is right for clients with one request at a time."""

    def on_message(self, sender, message):
        super().on_message(sender, message)


class AnswersWhatIsOlder(Server):
    """Takes an older number for one that was executed."""

    def on_message(self, sender, message):
        if message.sequence <= self.store.sessions.get(message.client, (0,))[0]:
            self.send(sender, Reply(message.sequence, None))
        else:
            super().on_message(sender, message)


class _Done(Server):
    keeps, before, window = 3, False, 3

    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        done = dict(self.store.sessions.get(client, ()))
        if number not in done and number > max(done, default=0) - self.window:
            done[number] = self.store.do(message.operation)
            kept = tuple(sorted(done.items())[-self.keeps :])
            self.store.sessions[client] = kept
            if self.before:
                self.send(sender, Reply(number, done[number]))
            self.save()
        if number in done:
            self.send(sender, Reply(number, done[number]))


class RemembersAll(_Done):
    keeps, window = 1_000, 1_000


class RemembersTwo(_Done):
    keeps = 2


class TakesTheLateForNew(_Done):
    window = 1_000


class AnswersFirst(_Done):
    before = True


class RemembersInMemory(_Done):
    def save(self):
        position, values, _ = self.store.snapshot()
        self.disk.write("store", (position, values, ()))
        self.disk.force()


class InOrder(Server):
    """Executes the next number only, and answers None to what it has forgotten."""

    def on_message(self, sender, message):
        last, _ = self.store.sessions.get(message.client, (0, None))
        if message.sequence > last + 1:
            return
        if message.sequence == last + 1:
            self.store.execute(message)
            self.save()
        now, result = self.store.sessions[message.client]
        if message.sequence <= now:
            given = result if message.sequence == now else None
            self.send(sender, Reply(message.sequence, given))


class RemembersNumbers(_Done):
    """Of all requests, but the results of the last three only."""

    window = 1_000

    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        done = dict(self.store.sessions.get(client, ()))
        if number not in done:
            done[number] = self.store.do(message.operation)
            for old in done:
                if old <= max(done) - 3:
                    done[old] = None
            self.store.sessions[client] = tuple(done.items())
            self.save()
        self.send(sender, Reply(number, done[number]))


class RemembersTen(_Done):
    keeps = 10


class TheLastExecuted(Server):
    """The three that were executed last, and not the three highest."""

    def on_message(self, sender, message):
        client, number = message.client, message.sequence
        done = dict(self.store.sessions.get(client, ()))
        if number not in done and number > max(done, default=0) - 3:
            done[number] = self.store.do(message.operation)
            self.store.sessions[client] = tuple(done.items())[-3:]
            self.save()
        if number in done:
            self.send(sender, Reply(number, done[number]))


class WhoeverAsks(Server):
    """Takes a number for that of one client only."""

    def on_message(self, sender, message):
        number = message.sequence
        done = dict(self.store.sessions.get("all", ()))
        if number not in done and number > max(done, default=0) - 3:
            done[number] = self.store.do(message.operation)
            self.store.sessions["all"] = tuple(sorted(done.items())[-3:])
            self.save()
        if number in done:
            self.send(sender, Reply(number, done[number]))


class SavesTwice(_Done):
    def save(self):
        position, values, _ = self.store.snapshot()
        self.disk.write("store", (position, values, ()))
        self.disk.force()
        super().save()


class NoSubclass:
    """Of Server."""


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (TheLastOnly, ["never answered"]),
        (ExecutesAgain, ["2 times"]),
        (AnswersWhatIsOlder, ["answered"]),
        (RemembersAll, ["remembers 12 results"]),
        (RemembersTen, ["remembers 10 results", "can ask again for 3"]),
        (RemembersNumbers, ["remembers ever more"]),
        (TheLastExecuted, ["2 times"]),
        (WhoeverAsks, ["another client is never answered"]),
        (SavesTwice, ["2 times"]),
        (RemembersTwo, ["2 times"]),
        (TakesTheLateForNew, ["2 times"]),
        (AnswersFirst, ["reads z", "answered None"]),
        (RemembersInMemory, ["2 times"]),
        (InOrder, ["reads z", "answered None"]),
        (NoSubclass, ["no subclass of Node"]),
        (3, ["hand in a class"]),
    ],
)
def test_a_window_is_refused(window, words):
    answer = judge_window(window)
    refused(answer, *words)
    if window not in (RemembersAll, RemembersTen, RemembersNumbers, NoSubclass, 3):
        assert answer.picture
        assert answer.evidence.startswith("faults = [")
