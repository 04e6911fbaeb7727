"""What the notebook of the lab on consistent hashing calls: its visible checks, a floor
to look at, and a prediction to seal.
"""

from collections.abc import Iterable
from typing import Any

from ftlib.drawing import Picture
from ftlib.exercises.answer import Answer, Wrong, judging, not_attempted
from ftlib.labs.check import asked_of, own
from ftlib.labs.consistent_hashing import FORBIDDEN, Rules
from ftlib.labs.consistent_hashing.hand import Hand, homes
from ftlib.labs.consistent_hashing.whole import CHECKS
from ftlib.labs.consistent_hashing.worlds import LAYOUTS, Names, floor, keys
from ftlib.labs.prediction import seal

__all__ = ["check", "draw", "predicted"]

SEED = 7  # the public one
NAMES = Names(
    "gate",
    "asker",
    ("north", "south", "east", "west"),
    tuple(f"n{number}" for number in range(1, 11)),
    0,
)
MANY, HEAVY = 1000, "n4"  # of the prediction


def check(name: str, rules: Rules, door: Any = None) -> Answer:
    """Try what a student has written, in the student's own kernel, with the public
    seed.

    Parameters
    ----------
    name : str
        Of the check: "hears", "shares", "moves", "apart", "steady", "fills", "copies"
        or "returns".
    rules : Rules
    door : type
        The class.

    Raises
    ------
    ValueError
        If there is no such check.
    """
    return asked_of(CHECKS, name, lambda: Hand(_door(door), rules, SEED))


def _door(door: Any) -> Any:
    """Return the class, unless it asks for what differs from process to process."""
    given = own(door, "MyDoor", FORBIDDEN)
    for value in vars(door).values() if isinstance(door, type) else ():
        if "hash" in getattr(getattr(value, "__code__", None), "co_names", ()):
            raise Wrong(
                "MyDoor calls hash, which answers otherwise in another process: another"
                " door would send the same key elsewhere."
            )
    return given


def draw(
    rules: Rules, door: Any, key: str, dead: Iterable[str] = ()
) -> Picture | Answer:
    """Draw where a key is kept among eight servers in three halls.

    Parameters
    ----------
    rules : Rules
    door : type
        The class.
    key : str
    dead : iterable of str
        Servers that are dead, such as ["n4"].
    """
    dead = tuple(dead)
    servers = NAMES.servers_of(LAYOUTS["three halls"])
    hand = Hand(door, rules, SEED)
    living = [each.with_weight(0) if each.name in dead else each for each in servers]
    try:
        before = homes(hand, NAMES, servers, [key])[key]
        after = homes(hand, NAMES, living, [key])[key]
    except Wrong as wrong:
        return wrong.answer
    notes = {}
    for each in servers:
        was, now = (
            ("first", "second", "third")[found.index(each.name)]
            if each.name in found
            else ""
            for found in (before, after)
        )
        told = f"{now} home" if now else ""
        if was != now:
            told = f"{was or 'no'} home, then {now or 'no'} home"
        notes[each.name] = f"dead; {told}" if each.name in dead else told
    title = f"{key!r} is kept on {', '.join(before)}."
    if dead:
        title = f"{key!r} is kept on {', '.join(before)}, then on {', '.join(after)}."
    return floor(servers, notes, title, after)


@judging
def predicted(prediction: str, sealed: str, rules: Rules, door: Any) -> Answer:
    """Compare a sealed prediction with what it is about: how many of 1,000 keys move if
    the heaviest server dies.

    Refused are a prediction that is not sealed, and a seal of another one. The
    prediction itself may be wrong: what counts is that it was made.
    """
    if not prediction:
        return not_attempted("Write your prediction, as text, and seal it.")
    if sealed != seal(prediction, rules.code):
        raise Wrong("SEAL is not the seal of PREDICTION: seal it, and paste the seal.")
    servers = NAMES.servers_of(LAYOUTS["three halls"])
    living = [each.with_weight(0) if each.name == HEAVY else each for each in servers]
    hand, asked = Hand(door, rules, SEED), keys(NAMES, MANY)
    before, after = (homes(hand, NAMES, each, asked) for each in (servers, living))
    first = sum(before[key][0] != after[key][0] for key in asked)
    lose = sum(HEAVY in before[key] for key in asked)
    made = sum(len({*after[key]} - {*before[key]}) for key in asked)
    return Answer(
        "right",
        f"You predicted: {prediction}. Of {MANY:,} keys {first} have another first"
        f" home, {lose} lose a copy, and {made} copies are made.",
        "",
        floor(servers, {HEAVY: "dies"}, f"{HEAVY} dies.", [HEAVY]),
    )
