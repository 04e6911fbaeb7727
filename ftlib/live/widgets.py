"""The kernel's life of an `Live`: ipywidgets whose picture the kernel recomputes.

`ftlib.live.live` imports this module only when a widget is asked for: ipywidgets is no
dependency of the library.
"""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ftlib.drawing.picture import Picture
from ftlib.figures.controls import NO_FAULTS, Dial
from ftlib.live.page import LONGEST, trouble
from ftlib.live.spec import Setting
from ftlib.live.widgets_by_hand import PLAIN, WRAP, Hands

if TYPE_CHECKING:
    from ftlib.live.live import Live

__all__ = ["view"]

BUTTONS = {"description_width": "initial", "button_width": "auto"}
PACE = 1200  # milliseconds a step stays when playing


def view(live: "Live") -> widgets.VBox:
    """Return the widgets of an `Live`: its controls, its picture and the bar to step
    through it.
    """
    return _View(live).box


class _View:
    """The widgets of one `Live` and what connects them."""

    def __init__(self, live: "Live") -> None:
        self.live = live
        self.hands = Hands(live, lambda: self.state)
        # until the reader steps, the whole picture is shown and nothing in it is marked
        # as new
        self.touched = False
        self.busy = False

        self.places: list[list[Any]] = [_places(dial) for dial in live.spec.dials]
        for place in (place for places in self.places for place in places):
            place.observe(self._moved, "value")
        narrow = widgets.Layout(width="auto")
        self.reset = widgets.Button(
            description="Reset",
            icon="undo",
            tooltip="Back to the first values",
            layout=narrow,
        )
        self.reset.on_click(self._reset)
        groups = [
            self.hands.box if dial.kind == "faults" else _group(dial, places)
            for dial, places in zip(live.spec.dials, self.places, strict=True)
        ]
        self.picture = live.picture(self.state)
        controls = widgets.Box(
            [*groups, self.reset] if groups else [],
            layout=widgets.Layout(**WRAP, grid_gap="4px 24px"),
        )

        self.html = self.hands.touch or widgets.HTML()
        self.event = widgets.HTML()
        self.slider = widgets.IntSlider(min=0, description="Step", style=PLAIN)
        self.play = widgets.Play(min=0, interval=PACE, show_repeat=False)
        widgets.link((self.play, "value"), (self.slider, "value"))
        self.slider.observe(self._stepped, "value")
        self.bar = widgets.VBox(
            [
                widgets.Box(
                    [
                        self._button("fast-backward", "First", lambda: 0),
                        self._button(
                            "step-backward", "Previous", lambda: self.slider.value - 1
                        ),
                        self.play,
                        self._button(
                            "step-forward", "Next", lambda: self.slider.value + 1
                        ),
                        self._button("fast-forward", "Last", lambda: self.slider.max),
                        self.slider,
                    ],
                    layout=widgets.Layout(**WRAP),
                ),
                self.event,
            ]
        )
        self._hide_surplus()
        self._fit_steps()
        self._show()
        live._views.append(lambda: self._moved(None))
        live._setting = lambda: self.state
        self.box = widgets.VBox([controls, self.html, self.bar])

    @property
    def state(self) -> Setting:
        """What the controls are set to."""
        return tuple(
            self.live._put
            if dial.kind == "faults"
            else tuple(int(place.value) for place in places)
            for dial, places in zip(self.live.spec.dials, self.places, strict=True)
        )

    def _button(
        self, icon: str, tooltip: str, step: Callable[[], int]
    ) -> widgets.Button:
        button = widgets.Button(
            icon=icon, tooltip=tooltip, layout=widgets.Layout(width="44px")
        )

        def go(_: object) -> None:
            self.slider.value = min(max(step(), 0), self.slider.max)

        button.on_click(go)
        return button

    def _moved(self, _: object) -> None:
        if self.busy:
            return
        self._hide_surplus()
        try:
            self.picture = self.live.picture(self.state)
        except Exception as error:
            self.html.value = trouble(error)
            return
        self._fit_steps()
        self._show()

    def _reset(self, _: object) -> None:
        self.busy = True
        for dial, places in zip(self.live.spec.dials, self.places, strict=True):
            for place, index in zip(places, dial.default, strict=True):
                place.value = type(place.value)(index)  # a checkbox holds a bool
        self.busy = self.touched = False
        self.slider.value = self.slider.max
        self.touched = False
        if self.live._put:
            self.live.faults = NO_FAULTS
        else:
            self._moved(None)

    def _stepped(self, _: object) -> None:
        if not self.busy:
            self.touched = True
            self._show()

    def _hide_surplus(self) -> None:
        spec, state = self.live.spec, self.state
        for dial, places in zip(spec.dials, self.places, strict=True):
            count = spec.count(state, dial)
            for number, place in enumerate(places):
                place.layout.display = None if number < count else "none"

    def _fit_steps(self) -> None:
        """A new picture has steps of its own; who stood at the end stays at the end."""
        steps = self.picture.steps
        at_end = not self.touched or self.slider.value == self.slider.max
        self.busy = True
        step = steps if at_end else min(self.slider.value, steps)
        self.slider.max = self.play.max = steps
        self.slider.value = step
        self.busy = False
        self.bar.layout.display = None if steps else "none"

    def _show(self) -> None:
        self.hands.show(self.picture)
        step = self.slider.value
        stepping = self.picture.steps and self.touched
        self.html.value = (
            self.picture.reveal(step) if stepping else self.picture
        )._repr_html_()
        self.event.value = (
            f"<b>{step}.</b> {escape(_event(self.picture, step))}" if stepping else ""
        )


def _event(picture: Picture, step: int) -> str:
    return picture.story[step - 1] if step else "Nothing has happened yet."


def _places(dial: Dial) -> list[Any]:
    """One widget for each position of a dial; its value is an index."""
    if dial.kind == "faults":
        return []
    options = [(dial.text(index), index) for index in range(len(dial.values))]
    if dial.kind == "range":
        wide = widgets.Layout(width="min(100%, 420px)")
        return [
            widgets.SelectionSlider(
                options=options,
                value=dial.default[0],
                description=dial.label,
                style=PLAIN,
                layout=wide,
            )
        ]
    if dial.kind == "toggle":
        return [
            widgets.Checkbox(
                value=bool(dial.default[0]),
                description=dial.label,
                indent=False,
                layout=widgets.Layout(width="auto"),
            )
        ]
    if dial.kind == "toggles":
        return [
            widgets.ToggleButtons(
                options=options, value=index, description=name, style=BUTTONS
            )
            for name, index in zip(dial.names, dial.default, strict=False)
        ]
    short = sum(len(label) for label in dial.labels) <= LONGEST
    kind, style = (
        (widgets.ToggleButtons, BUTTONS) if short else (widgets.Dropdown, PLAIN)
    )
    return [
        kind(
            options=options, value=dial.default[0], description=dial.label, style=style
        )
    ]


def _group(dial: Dial, places: list[Any]) -> Any:
    if dial.kind != "toggles":
        return places[0]
    return widgets.Box(
        [widgets.Label(dial.label), *places],
        layout=widgets.Layout(**WRAP, grid_gap="0 16px"),
    )
