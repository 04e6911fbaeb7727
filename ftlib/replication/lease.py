"""A lease, as its holder sees it: when it must stop.

The answer to a question says for how long a lease lasts, but not how long the answer
was under way. So the holder counts from when it *asked*: it sets a timer with every
question, and the lease that it holds ends with the timer of the last question that was
answered. Nobody reads a clock.
"""

from dataclasses import dataclass

from ftlib.simulation import Node

__all__ = ["Tenure"]

LEASE = "lease "  # a timer's name, before the number of the question


@dataclass
class Tenure:
    """A part: questions, those of which the lease still runs, and the one that counts.

    Attributes
    ----------
    lasts : float
        For how many seconds after a question an answer to it is good.
    life : int
        Of the node: a late answer to a question of an earlier one does not count.
    asked : int
        How many questions there were in this life.
    running : tuple of int
        Those whose time is not over.
    held : int
        The last one that was answered; 0 if none was, or its time is over.
    """

    lasts: float
    life: int = 0
    asked: int = 0
    running: tuple[int, ...] = ()
    held: int = 0

    def start(self, node: Node) -> None:
        """Begin a new life of the node."""
        self.life = node.disk.read("life", 0) + 1
        node.disk.write("life", self.life)
        node.disk.force()

    def ask(self, node: Node) -> tuple[int, int]:
        """Number a question, from the sending of which time is counted."""
        self.asked += 1
        self.running = (*self.running, self.asked)
        node.set_timer(f"{LEASE}{self.asked}", self.lasts)
        return self.life, self.asked

    def answered(self, node: Node, number: tuple[int, int]) -> bool:
        """Hold the lease of a question, and say whether it runs still."""
        life, question = number
        if life != self.life or question not in self.running:
            return False
        for each in self.running:
            if each < question:
                node.cancel_timer(f"{LEASE}{each}")
        self.running = tuple(each for each in self.running if each >= question)
        self.held = question
        return True

    def ended(self, timer: str) -> bool:
        """Take a timer, and say whether it is the one of the lease that is held."""
        if not timer.startswith(LEASE):
            return False
        question = int(timer.removeprefix(LEASE))
        self.running = tuple(each for each in self.running if each != question)
        if question != self.held:
            return False
        self.held = 0
        return True
