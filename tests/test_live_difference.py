"""The difference between a step and the one before: handlers written out, docstrings
and equal lines aside.
"""

import pytest

from ftlib.live.difference import difference
from ftlib.simulation import Node
from ftlib.transactions.cooperative import CooperativeParticipant
from ftlib.transactions.mutants import AlwaysAborts


class First(Node):
    def on_start(self):
        """Begin."""
        self.begun = True

    def on_message(self, sender, message):
        match message:
            case 1:
                self.send(sender, 2)


class Second(First):
    def on_start(self):
        if not self.disk.read("x"):
            super().on_start()
        self.set_timer("again", 1)

    def on_message(self, sender, message):
        match message:
            case 3:
                self.send(sender, 4)
            case _:
                super().on_message(sender, message)


class Third(Second):
    def on_start(self):
        super().on_start()
        self.record("<begun>")

    def on_timer(self, name):
        super().on_timer(name)


def told(kind):
    return difference(kind).lines


def test_what_is_called_by_super_stands_in_its_place():
    assert told(Second) == (
        "  def on_start(self):",
        "-     self.begun = True",
        '+     if not self.disk.read("x"):',
        "+         self.begun = True",
        '+     self.set_timer("again", 1)',
        "",
        "  def on_message(self, sender, message):",
        "      match message:",
        "+         case 3:",
        "+             self.send(sender, 4)",
        "          case 1:",
        "              self.send(sender, 2)",
    )


def test_a_chain_of_steps_is_written_out():
    assert told(Third)[:6] == (
        "  def on_start(self):",
        '      if not self.disk.read("x"):',
        "          self.begun = True",
        '      self.set_timer("again", 1)',
        '+     self.record("<begun>")',
        "",
    )


def test_a_new_handler_is_all_new():
    assert told(Third)[6:] == ("+ def on_timer(self, name):",)
    assert all(line.startswith("+") for line in told(First) if line)
    assert not any('"""' in line for line in told(First))


def test_a_call_with_other_arguments_stays():
    assert told(AlwaysAborts)[-1] == "+     super().decide(txn, ABORT)"


def test_methods_of_the_library():
    lines = told(CooperativeParticipant)
    assert "+     for peer in self.log(txn).participants:" in lines
    assert not any(line.startswith("-") for line in lines)


def test_it_folds_away():
    html = difference(Third)._repr_html_()
    assert html.startswith("<details><summary>What Third changes in Second</summary>")
    assert "&lt;begun&gt;" in html
    assert "<ins" in html


def test_a_class_whose_source_nobody_has():
    with pytest.raises(OSError, match="source"):
        difference(type("Made", (Node,), {"on_start": eval("lambda self: None")}))
