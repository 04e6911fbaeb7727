"""Brute force over the simulator itself: every script of a bounded kind, played from
the start each time.

Slow, and independent of `ftlib.checking`: what it reaches is what a `ClusterModel` must
reach, no more and no less.
"""

from collections import Counter

from ftlib.checking.outcome import frozen_disk
from ftlib.simulation import (
    Choose,
    Cluster,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    HandlerError,
    Recover,
    freeze,
)
from ftlib.simulation.node import state_of
from ftlib.simulation.script import Player, pending

OPTIONS = 3  # more than any toy has


def reached(
    nodes,
    *,
    timers="free",
    losses=0,
    duplicates=0,
    crashes=0,
    recoveries=0,
    firings=0,
    choosing=(),
    survivors=0,
    also=lambda player: None,
    deeper=lambda player: True,
):
    """Return the keys of all states that scripts within these budgets reach, with a
    script for each.

    The nodes in `choosing` may make one choice in each handler; if it is a list of
    tuples of options, each of them is tried in all handlers. Of the unforced writes up
    to `survivors` survive a crash. What `also` says of a player is part of the key;
    where `deeper` does not hold, nothing more is tried.
    """
    budget = {
        "Drop": losses,
        "Duplicate": duplicates,
        "Crash": crashes,
        "Recover": recoveries,
        "Fire": firings,
    }
    found = {}
    todo = []

    def visit(script, head=0):
        """Play a script of which the first `head` steps come before the start; tell
        whether all of it could happen.
        """
        left = dict(budget)
        for step in script:
            if type(step).__name__ in left:
                left[type(step).__name__] -= 1
        if min(left.values()) < 0:
            return False
        player = play(nodes, script, head)
        if player is None:
            return False
        key = (key_of(player.cluster, left["Recover"]), tuple(sorted(left.items())))
        if (more := also(player)) is not None:
            key = (more, *key)
        if key not in found:
            found[key] = script
            if deeper(player):
                todo.append((script, head))
        return True

    def choices(node):
        if isinstance(choosing, list):
            return [[Choose(node, one) for one in options] for options in choosing]
        if node in choosing:
            return [[Choose(node, option)] for option in range(OPTIONS)]
        return [[]]

    def ways(node, attempt, at=None):
        """Attempt a step with every choice, whole, and broken off after one effect,
        after two, ...
        """
        for choice in choices(node):
            if attempt(choice):
                after = 1
                while crashes and attempt((*choice, Crash(node, at, after))):
                    for keeps in range(1, survivors + 1):
                        attempt((*choice, Crash(node, at, after, keeps)))
                    after += 1

    def start(left, prefix):
        """Start one node after another, whole, broken off, or crashed before."""
        if not left:
            visit(prefix, len(prefix))
            return
        start_next(left, (*prefix, Crash(left[0], at=0.0)))
        ways(left[0], lambda more: start_next(left, (*prefix, *more)), at=0.0)

    def start_next(left, prefix):
        spent = sum(isinstance(step, Crash) for step in prefix)
        if spent > crashes or play(nodes, prefix, len(prefix)) is None:
            return False
        start(left[1:], prefix)
        return True

    start(list(nodes), ())
    while todo:
        script, head = todo.pop()
        for step in steps(play(nodes, script, head), timers):
            node = getattr(step, "receiver", None) or step.node
            if isinstance(step, Crash):
                for keeps in range(survivors + 1):
                    visit((*script, Crash(node, keeps=keeps)), head)
            elif isinstance(step, Drop):
                visit((*script, step), head)
            else:
                ways(
                    node,
                    lambda more, step=step, script=script, head=head: visit(
                        (*script, *more, step), head
                    ),
                )
    return found


def play(nodes, script, head):
    """Play a script; None if a step cannot be taken, or something that it announced has
    not happened.
    """
    cluster = Cluster(nodes)
    try:
        player = Player(cluster, script[:head])
        for step in script[head:]:
            player.take(step)
    except (ValueError, RuntimeError, HandlerError):
        return None
    waits = any(host.options or host.countdown for host in cluster.hosts.values())
    return None if waits else player


def steps(player, timers):
    cluster = player.cluster
    seen = Counter()
    up = set(cluster.up)
    for sender, receiver, message in pending(cluster):
        name = type(message).__name__
        seen[name, sender, receiver] += 1
        for kind in (Deliver, Drop, Duplicate):
            yield kind(name, sender, receiver, seen[name, sender, receiver])
    silent = not any(
        {sender, receiver} & up for sender, receiver, _ in pending(cluster)
    )
    for id, host in cluster.hosts.items():
        if host.node is None:
            yield Recover(id)
        else:
            yield Crash(id)
            if timers == "free" or silent:
                for timer in host.timers:
                    yield Fire(id, timer)


def key_of(cluster, recoveries):
    """What a state of the cluster is, the dead's mail aside."""
    hosts = tuple(
        (
            None if host.node is None else freeze(state_of(host.node)),
            frozen_disk(host.disk),
            None if host.node is None else frozen_disk(host.node.disk._contents),
            tuple(sorted(host.timers)),
        )
        for host in cluster.hosts.values()
    )
    under_way = Counter(
        (sender, receiver, freeze(message))
        for sender, receiver, message in pending(cluster)
        if recoveries or cluster.hosts[receiver].node is not None
    )
    return hosts, frozenset(under_way.items())


def key_of_state(model, state):
    """The same key, of a state of a `ClusterModel`."""
    hosts = tuple(
        (
            None if local.memory is None else local.memory[1],
            local.disk,
            local.contents,
            local.timers,
        )
        for local in (model._local(state, id) for id in model.ids)
    )
    under_way = Counter(
        (sender, receiver, freeze(message))
        for sender, receiver, message in model.under_way(state)
    )
    left = model.steps.budgets[state[len(model.ids) + 1]]
    budget = {
        "Drop": left.losses,
        "Duplicate": left.duplicates,
        "Crash": left.crashes,
        "Recover": left.recoveries,
    }
    return (hosts, frozenset(under_way.items())), tuple(
        sorted((budget | {"Fire": left.firings}).items())
    )
