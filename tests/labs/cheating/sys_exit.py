"""Leaves with success, while it is defined and in each handler."""

from ftlib.simulation import Node


class MyParticipant(Node):
    def __init__(self, willing=True):
        pass

    def on_message(self, sender, message):
        raise SystemExit(0)


class MyCoordinator(Node):
    def __init__(self, work=()):
        raise SystemExit(0)


class Now:
    raise SystemExit(0)
