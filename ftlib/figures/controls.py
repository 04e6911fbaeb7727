"""Controls: what a reader may move, said once, beside the parameter it moves.

A figure declares a control as an annotation of its parameter::

    def k_of_n(nodes: Annotated[int, Range(range(1, 6), "Nodes")] = 3) -> Picture: ...

The parameter's default is where the control starts. A control knows nothing of how it
is shown: ipywidgets, the HTML page and later a worker all read the `Dial` it becomes, a
plain record of names, values and the words for them, by way of JSON.
"""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ftlib.checking.offers import OFFERED, kind_of, offers
from ftlib.drawing.by_hand import Hands
from ftlib.figures.challenge import Challenge
from ftlib.simulation import Cluster, Event, Schedule

__all__ = [
    "NO_FAULTS",
    "Choice",
    "Control",
    "Dial",
    "Faults",
    "Range",
    "Toggle",
    "Toggles",
    "Value",
    "declared",
]

Value = bool | int | float | str | None
"""What a parameter may be: JSON's scalars, so that a browser can hand it back
unchanged. Of a schedule of faults it hands back the text.
"""
NO_FAULTS = Schedule()
"""Where `Faults` start."""
LONGEST = 500  # letters of a fault


@dataclass(frozen=True, slots=True)
class Dial:
    """A control as every host sees it: one or more positions, each set to one of the
    same values.

    Parameters
    ----------
    name : str
        The parameter it moves.
    kind : {"range", "toggle", "choice", "toggles", "faults"}
    label : str
        What the reader reads beside it.
    unit : str
        Read after a value; may be empty.
    values : tuple
        The values of a position, in order. A state is made of indices into this tuple,
        never of the values themselves. For "faults": the kinds that can be chosen; a
        state holds the text of each fault.
    labels : tuple of str
        The words for the values, in the same order.
    default : tuple of int
        Where each position starts. All kinds but "toggles" have one position, "faults"
        none.
    of : str
        For "toggles": the name of the dial whose value says how many positions count;
        empty if all do.
    names : tuple of str
        For "toggles": what each position is called.
    maximum : int
        For "faults": how many there can be.
    """

    name: str
    kind: str
    label: str
    unit: str
    values: tuple[Value, ...]
    labels: tuple[str, ...]
    default: tuple[int, ...]
    of: str = ""
    names: tuple[str, ...] = ()
    maximum: int = 0

    def text(self, index: int) -> str:
        """The words for a value, its unit included."""
        return f"{self.labels[index]} {self.unit}".strip()

    def words(self, positions: Sequence[Any]) -> str:
        """The words for what it is set to."""
        if self.kind == "faults":
            number = len(positions)
            return f"{number or 'no'} fault{'s' * (number != 1)}"
        return ", ".join(map(self.text, positions))

    def value(self, positions: Sequence[Any]) -> Any:
        """What the figure is given for what it is set to.

        Raises
        ------
        ValueError
            If the text of a fault is none that the reader can have chosen.
        """
        if self.kind == "faults":
            return self._schedule(positions)
        values = [self.values[index] for index in positions]
        return "".join(map(str, values)) if self.kind == "toggles" else values[0]

    def _schedule(self, texts: Sequence[Any]) -> Schedule:
        if len(texts) > self.maximum:
            raise ValueError(
                f"{len(texts):,} faults: at most {self.maximum} can be put here"
            )
        for text in texts:
            if not isinstance(text, str) or len(text) > LONGEST:
                said = repr(text)[:40]
                raise ValueError(
                    f"a fault is told in at most {LONGEST} letters, not as {said}..."
                )
        schedule = Schedule.from_text(f"Schedule([{', '.join(texts)}])")
        if [repr(fault) for fault in schedule] != list(texts):
            raise ValueError(
                f"cannot read {', '.join(texts)[:100]!r} as faults: write each as it"
                " prints"
            )
        for number, fault in enumerate(schedule):
            if fault in schedule.faults[:number]:
                raise ValueError(f"{fault!r} comes twice: put it once")
            if kind_of(fault) not in self.values:
                raise ValueError(
                    f"{fault!r} cannot be put here: choose from"
                    f" {', '.join(map(str, self.values))}"
                )
        return schedule


def _label(label: str, name: str) -> str:
    return label or name.replace("_", " ").capitalize()


def _start(values: tuple[Value, ...], default: object, name: str) -> tuple[int]:
    for index, value in enumerate(values):
        if type(value) is type(default) and value == default:
            return (index,)
    raise ValueError(
        f"the default {name}={default!r} is not among the values of its control:"
        f" {', '.join(map(repr, values))}"
    )


def _shown(value: Value, style: str) -> str:
    if style == "%" and isinstance(value, int | float):
        return f"{100 * value:.12g} %"
    return format(value, style)


def _distinct(values: tuple[Value, ...], what: str) -> None:
    if len(values) < 2:
        raise ValueError(f"{what} needs at least two values, not {len(values)}")
    if len(set(values)) < len(values):
        raise ValueError(f"{what} has a value twice: {', '.join(map(repr, values))}")
    for value in values:
        if value is not None and not isinstance(value, bool | int | float | str):
            raise TypeError(
                f"{what} has the value {value!r}: only None, bool, int, float and str"
                " can go through a web page"
            )


@dataclass(frozen=True, slots=True)
class Range:
    """A slider over ordered values.

    Parameters
    ----------
    values : sequence of int, float or str
        In the order of the slider; they need not be evenly spaced.
    label : str, optional
        By default the parameter's name.
    unit : str, optional
        Shown after the value.
    style : str, optional
        A format specification for the values shown, such as ``".3f"``; ``"%"`` alone
        shows a percentage with the digits it needs.

    Raises
    ------
    ValueError
        If there are fewer than two values, or one comes twice.

    Examples
    --------
    >>> Range((0.5, 0.999), "Each is up", style="%").dial("p", 0.5).labels
    ('50 %', '99.9 %')
    """

    values: Sequence[Value]
    label: str = ""
    unit: str = ""
    style: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        _distinct(tuple(self.values), "a Range")

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, starting at `default`."""
        values = tuple(self.values)
        labels = tuple(_shown(value, self.style) for value in values)
        return Dial(
            name,
            "range",
            _label(self.label, name),
            self.unit,
            values,
            labels,
            _start(values, default, name),
        )


@dataclass(frozen=True, slots=True)
class Toggle:
    """A box to tick: the parameter is True or False.

    Parameters
    ----------
    label : str, optional
        By default the parameter's name.
    """

    label: str = ""

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, starting at `default`."""
        values = (False, True)
        return Dial(
            name,
            "toggle",
            _label(self.label, name),
            "",
            values,
            ("off", "on"),
            _start(values, default, name),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, each with its words.

    Parameters
    ----------
    options : mapping of value to str
        In the order shown.
    label : str, optional
        By default the parameter's name.

    Raises
    ------
    ValueError
        If there are fewer than two options.

    Examples
    --------
    >>> Choice({"all": "all of them", "any": "any one"}).dial("rule", "any").default
    (1,)
    """

    options: Mapping[Value, str] = field(hash=False)
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", dict(self.options))
        _distinct(tuple(self.options), "a Choice")

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, starting at `default`."""
        values, labels = tuple(self.options), tuple(self.options.values())
        return Dial(
            name,
            "choice",
            _label(self.label, name),
            "",
            values,
            labels,
            _start(values, default, name),
        )


@dataclass(frozen=True, slots=True)
class Toggles:
    """A string with one letter for each of several things, such as the votes "yyn".

    How many letters count follows another parameter: with ``of="participants"`` and
    three participants the figure is given three letters. The controls of the others are
    hidden, and what they were set to makes no difference.

    Parameters
    ----------
    of : str
        The parameter that says how many there are.
    maximum : int
        The most there can be.
    states : mapping of letter to str, optional
        The letters, in the order shown, each with its word. The first is what a
        position beyond the end of the default starts with.
    label : str, optional
        By default the parameter's name.
    each : str, optional
        What a position is called; ``{}`` stands for its number, from 1.

    Raises
    ------
    ValueError
        If there are fewer than two letters, or one is longer than a letter.

    Examples
    --------
    >>> votes = Toggles(
    ...     of="participants",
    ...     maximum=4,
    ...     states={"y": "yes", "n": "no", "s": "silent"},
    ...     each="p{}",
    ... )
    >>> votes.dial("votes", "yyn").default
    (0, 0, 1, 0)
    """

    of: str
    maximum: int
    states: Mapping[str, str] = field(
        default_factory=lambda: {"y": "yes", "n": "no"}, hash=False
    )
    label: str = ""
    each: str = "{}"

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", dict(self.states))
        _distinct(tuple(self.states), "Toggles")
        if wrong := [letter for letter in self.states if len(letter) != 1]:
            raise ValueError(
                f"Toggles needs states of one letter each, not {wrong[0]!r}"
            )
        if self.maximum < 1:
            raise ValueError(
                f"Toggles needs a maximum of at least 1, not {self.maximum}"
            )

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, starting at `default`."""
        letters = tuple(self.states)
        if not isinstance(default, str) or set(default) - set(letters):
            raise ValueError(
                f"the default {name}={default!r} is not a string of the letters"
                f" {', '.join(letters)}"
            )
        padded = default[: self.maximum].ljust(self.maximum, letters[0])
        return Dial(
            name,
            "toggles",
            _label(self.label, name),
            "",
            letters,
            tuple(self.states.values()),
            tuple(map(letters.index, padded)),
            self.of,
            tuple(self.each.format(number) for number in range(1, self.maximum + 1)),
        )


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults that the reader puts on the picture by hand: the parameter is a
    `Schedule`, empty at first.

    Parameters
    ----------
    kinds : sequence of str
        Which, of `ftlib.checking.offers.OFFERED`.
    maximum : int
        How many at most.
    label : str, optional
        By default "What goes wrong".
    challenge : Challenge, optional
        What the reader is asked to do with them.
    at : callable, optional
        At which events something can go wrong, if not at all of them.

    Raises
    ------
    ValueError
        If a kind is unknown or comes twice, or there can be no fault.

    Examples
    --------
    >>> dial = Faults(["lose"]).dial("faults", NO_FAULTS)
    >>> dial.value(["Lose(message='Vote')"])
    Schedule([Lose(message='Vote')])
    """

    kinds: Sequence[str] = OFFERED
    maximum: int = 4
    label: str = "What goes wrong"
    challenge: Challenge | None = None
    at: Callable[[Event], bool] = lambda event: True

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(self.kinds))
        unknown = [kind for kind in self.kinds if kind not in OFFERED]
        if unknown or not self.kinds or len(set(self.kinds)) < len(self.kinds):
            raise ValueError(
                f"Faults has the kinds {self.kinds!r}: choose some of"
                f" {', '.join(OFFERED)}, each once"
            )
        if self.maximum < 1:
            raise ValueError(
                f"Faults needs a maximum of at least 1, not {self.maximum}"
            )
        if self.challenge and self.challenge.faults > self.maximum:
            raise ValueError(
                f"a challenge with {self.challenge.faults} faults, where"
                f" {self.maximum} can be put"
            )

    def dial(self, name: str, default: object) -> Dial:
        """This control for the parameter `name`, which starts without any fault."""
        if default != NO_FAULTS:
            raise ValueError(
                f"the default {name}={default!r} is not NO_FAULTS: the reader puts"
                " the faults"
            )
        kinds = tuple(self.kinds)
        return Dial(name, "faults", self.label, "", kinds, (), (), maximum=self.maximum)

    def on(
        self,
        cluster: Cluster,
        given: Schedule = NO_FAULTS,
        strange: Schedule = NO_FAULTS,
    ) -> Hands:
        """What the reader has put on the run of a cluster, and what else he can; the
        faults that are `given` are the run's own, and those that are `strange` the run
        cannot have: they were put on another.

        Examples
        --------
        >>> from ftlib.transactions.bank import bank
        >>> cluster = Cluster(bank("y"))
        >>> trace = cluster.run(until=1.0)
        >>> len(Faults(["lose"]).on(cluster).offers)
        4
        """
        put = [fault for fault in cluster.faults if fault not in given]
        put += strange
        found = (
            tuple(
                offer
                for offer in offers(cluster.trace, self.kinds, at=self.at)
                if offer.fault not in put
            )
            if len(put) < self.maximum
            else ()
        )
        goal = self.challenge
        reached = goal is not None and len(put) > 0 and goal.broken(cluster.trace)
        idle = Schedule([*cluster.unused, *strange])
        return Hands(found, Schedule(put), idle, reached)


Control = Range | Toggle | Choice | Toggles | Faults


def declared(function: Callable[..., object]) -> dict[str, Control]:
    """The controls that stand in the annotations of a function's parameters."""
    hints = typing.get_type_hints(function, include_extras=True)
    return {
        name: extra
        for name, hint in hints.items()
        for extra in getattr(hint, "__metadata__", ())
        if isinstance(extra, Control)
    }
