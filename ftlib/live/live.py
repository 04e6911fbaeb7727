"""`Live`: one object, three lives.

In a notebook with a kernel it is real ipywidgets over the figure itself. In the built
book it is the picture with its story, native labelled inputs (added by
``book/site/ft-live.js``) and a table of precomputed pictures (added by
`ftlib.live.sphinx`). Without JavaScript it is the picture and its story. All three read
the same specification.
"""

import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ftlib.checking.fewest import Least
from ftlib.drawing.picture import Picture
from ftlib.figures.controls import Control, Dial, Toggles, declared
from ftlib.live.challenges import Search
from ftlib.live.page import stored
from ftlib.live.spec import Figure, Setting, Spec, draw, resolve
from ftlib.simulation import Schedule

__all__ = ["Live"]

VIEW = "application/vnd.jupyter.widget-view+json"


class Live:
    """Show a figure with its controls.

    Parameters
    ----------
    function : callable
        A module-level function of ``ftlib.figures.*`` from keyword parameters to a
        `Picture`. Every parameter has a default, which is where its control starts; a
        control stands in the parameter's annotation, ``Annotated[int, Range(range(1,
        6))]``.
    name : str, optional
        What links call the figure by; its function's name, unless another figure of the
        book is called so. Links in circulation name it, so it should stay.
    **parameters : control or value
        A control replaces the declared one; a plain value holds the parameter fixed and
        takes its control away. A parameter with neither keeps its default.

    Raises
    ------
    ValueError
        If the function is not in ``ftlib.figures.*``, there is no such parameter, a
        parameter has no default, a default is not among its control's values, or the
        name is no identifier.
    TypeError
        If a parameter takes any number of arguments, or a fixed value is none that can
        go through a page.

    Examples
    --------
    >>> from ftlib.figures.availability import k_of_n
    >>> print(str(Live(k_of_n))[:64])
    Up 97.2 % of the time: one node alone is down 3.6 times as long.

    Notes
    -----
    Explained in ``CONTRIBUTING.md``.
    """

    def __init__(self, function: Figure, name: str = "", **parameters: Any) -> None:
        module = getattr(function, "__module__", "?")
        full = f"{module}.{getattr(function, '__qualname__', repr(function))}"
        if resolve(full) is not function:
            raise ValueError(
                f"{full} is not the function found under that name: Live needs the"
                " module-level one"
            )
        if name and not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise ValueError(
                f"name={name!r}: links name the figure, so write small letters, digits"
                " and underscores, a letter first"
            )
        self.function = function
        self.spec = replace(_specification(full, function, parameters), given=name)
        self._put: tuple[str, ...] = ()
        self._views: list[Callable[[], None]] = []
        self._setting: Callable[[], Setting] | None = None  # of the latest widget

    @property
    def faults(self) -> Schedule:
        """The faults that stand on the widgets of this figure, put there by hand or by
        setting this.

        Raises
        ------
        ValueError
            If the figure has no `Faults`, or a fault cannot be put there.
        Exception
            Whatever the figure raises with them; those before stay.

        Examples
        --------
        >>> from ftlib.figures.by_hand import break_transfer
        >>> from ftlib.simulation import Lose
        >>> live = Live(break_transfer)
        >>> live.faults = Schedule([Lose("Decision", receiver="p2")])
        >>> live.faults
        Schedule([Lose(message='Decision', receiver='p2')])
        """
        schedule: Schedule = self._by_hand.value(self._put)
        return schedule

    @faults.setter
    def faults(self, schedule: Schedule) -> None:
        put = tuple(map(repr, schedule))
        dial = self._by_hand
        dial.value(put)
        setting = zip(self.spec.dials, self._setting_now(), strict=True)
        self.picture(tuple(put if each is dial else place for each, place in setting))
        self._put = put
        for show in self._views:
            show()

    @property
    def _by_hand(self) -> Dial:
        for dial in self.spec.dials:
            if dial.kind == "faults":
                return dial
        raise ValueError(
            f"no faults can be put by hand on {self.function.__name__}: none of its"
            " parameters has the control Faults"
        )

    def find_shortest(self) -> Least:
        """Search for the fewest faults that reach the goal of the figure's challenge,
        and put them there.

        Returns
        -------
        Least
            With its faults, or None where nothing that can be put here does it.

        Raises
        ------
        ValueError
            If the figure has no challenge.

        Examples
        --------
        >>> from ftlib.figures.by_hand import break_transfer
        >>> live = Live(break_transfer)
        >>> live.find_shortest().most
        1
        >>> len(live.faults)
        1
        """
        found = Search(self.spec, self._setting_now()).end()
        if found.schedule is not None:
            self.faults = found.schedule
        return found

    def _setting_now(self) -> Setting:
        return self._setting() if self._setting else self.spec.defaults

    def picture(self, state: Setting | None = None) -> Picture:
        """The picture of a state, by default of the defaults."""
        return draw(
            self.function,
            self.spec.parameters(self.spec.defaults if state is None else state),
        )

    def html(self) -> str:
        """What a notebook stores: the picture, its story and the specification, no
        table.
        """
        return stored(self.spec, self.picture())

    def widget(self) -> Any:
        """The kernel's view, an ``ipywidgets.VBox``.

        Raises
        ------
        ImportError
            If ipywidgets is missing: ``pip install "ftlib[notebook]"``.
        """
        from ftlib.live.widgets import (
            view,
        )  # ipywidgets is no dependency of the core, nor there in a worker

        return view(self)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, Any]:
        picture = self.picture()
        bundle: dict[str, Any] = {
            "text/plain": repr(picture),
            "text/html": stored(self.spec, picture),
        }
        try:
            widget = self.widget()
        except ImportError:
            return bundle
        # written out, because hosts such as Colab still have an ipywidgets 7, which
        # shows its widgets by another method
        return {
            VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id},
            **bundle,
        }

    def __repr__(self) -> str:
        return repr(self.picture())


def _specification(name: str, function: Figure, given: dict[str, Any]) -> Spec:
    short = function.__name__
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        if parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
            parameter.POSITIONAL_ONLY,
        ):
            raise TypeError(
                f"{short} takes {parameter}: a figure takes plain keyword parameters"
            )
        if parameter.name == "name":
            raise ValueError(
                f"{short} has a parameter 'name', which Live takes for the figure's"
            )
        if parameter.default is parameter.empty:
            raise ValueError(
                f"{short}: the parameter {parameter.name!r} needs a default, where its"
                " control starts"
            )
    if unknown := given.keys() - parameters.keys():
        raise ValueError(
            f"{short} has no parameter {min(unknown)!r}; it has"
            f" {', '.join(parameters) or 'none'}"
        )

    chosen = {**declared(function), **given}
    controls = {
        name: chosen[name]
        for name in parameters
        if isinstance(chosen.get(name), Control)
    }
    fixed = {
        name: chosen[name]
        for name in parameters
        if name in chosen and name not in controls
    }
    for parameter_name, value in fixed.items():
        if value is not None and not isinstance(value, bool | int | float | str):
            raise TypeError(
                f"{short}: {parameter_name}={value!r} is neither a control (Range,"
                " Toggle, Choice, Toggles, Faults) nor a value that a page can keep"
                " (None, bool, int, float, str)"
            )

    dials = []
    for parameter_name, control in controls.items():
        if isinstance(control, Toggles):
            control = _bound(
                short, parameter_name, control, controls, fixed, parameters
            )
        try:
            dials.append(
                control.dial(parameter_name, parameters[parameter_name].default)
            )
        except ValueError as error:
            raise ValueError(f"{short}: {error}") from None
    return Spec(name, tuple(dials), fixed)


def _bound(
    short: str,
    name: str,
    toggles: Toggles,
    controls: dict[str, Control],
    fixed: dict[str, Any],
    parameters: typing.Mapping[str, inspect.Parameter],
) -> Toggles:
    """Check the parameter that a `Toggles` follows; if the reader cannot move it, the
    number of positions is settled here.
    """
    if toggles.of not in parameters:
        raise ValueError(
            f"{short}: {name} follows {toggles.of!r}, which is no parameter; it has"
            f" {', '.join(parameters)}"
        )
    default = parameters[toggles.of].default
    control = controls.get(toggles.of)
    counts: tuple[Any, ...] = (
        control.dial(toggles.of, default).values
        if control
        else (fixed.get(toggles.of, default),)
    )
    for count in counts:
        if not isinstance(count, int) or not 1 <= count <= toggles.maximum:
            raise ValueError(
                f"{short}: {name} has 1 to {toggles.maximum} positions, but"
                f" {toggles.of} can be {count!r}"
            )
    return toggles if control else replace(toggles, of="", maximum=counts[0])
