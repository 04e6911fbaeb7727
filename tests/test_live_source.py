"""The source of what the library runs, in the colours of whoever shows it."""

import inspect

import pytest

from ftlib.live import source
from ftlib.transactions import Coordinator, Participant


def test_handlers_stand_one_below_the_other_and_are_not_indented():
    shown = source(Coordinator.decide, Participant.learn)
    assert repr(shown).startswith("def decide(self, txn: str, outcome: Outcome)")
    assert "\n\n\ndef learn(self, " in repr(shown)
    assert repr(shown).splitlines()[1] in inspect.getsource(Coordinator.decide)[4:]
    assert repr(source(Participant)).startswith("class Participant(")


def test_hosts_are_told_that_it_is_python():
    shown = source(Coordinator.decide)
    assert shown._repr_markdown_() == f"```python\n{shown!r}\n```"


def quoting():
    """Return ```."""


def test_what_is_shown_does_not_end_the_block():
    assert source(quoting)._repr_markdown_().startswith("````python\ndef quoting")
    assert source(quoting)._repr_markdown_().endswith("\n````")


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ((), "nothing to show: give a class"),
        (("decide",), "'decide' has no source: give a class, a function"),
        ((Coordinator.decide, 7), "7 has no source"),
    ],
)
def test_what_has_no_source_is_refused(things, words):
    with pytest.raises(TypeError, match=words):
        source(*things)
