"""The widgets of faults that are put by hand: a kernel's view of what
``book/site/ft-faults.js`` shows in a page.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as widgets

from ftlib.drawing.by_hand import NO_MORE
from ftlib.drawing.picture import Picture
from ftlib.live.challenges import RUNS, Search, challenge_of, cleared

if TYPE_CHECKING:
    from ftlib.live.live import Live

__all__ = ["PLAIN", "WRAP", "Hands"]

PLAIN = {"description_width": "initial"}
WRAP = {"flex_flow": "row wrap", "align_items": "center"}
SEEK = "Find the shortest"


class Hands:
    """Faults put by hand, in words: where, what, and those that are there."""

    def __init__(self, live: "Live") -> None:
        self.live = live
        self.search: Search | None = None
        self.before: list[tuple[str, ...]] = []  # what an undo brings back
        self.picture: Picture | None = None
        wide = widgets.Layout(width="min(100%, 640px)")
        self.where = widgets.Dropdown(description="Where", style=PLAIN, layout=wide)
        self.what = widgets.Dropdown(description="What", style=PLAIN, layout=wide)
        self.where.observe(self._chosen, "value")
        add = widgets.Button(description="Add", icon="bolt")
        add.on_click(self._add)
        undo = widgets.Button(description="Undo", icon="rotate-left")
        undo.on_click(self._undo)
        self.there = widgets.Box(layout=widgets.Layout(**WRAP))
        self.seek = widgets.Button(
            description=SEEK, layout=widgets.Layout(width="auto")
        )
        self.seek.on_click(self._seek)
        self.told = widgets.HTML()
        challenge = challenge_of(live.spec)
        asked = [widgets.Label(f"{challenge}, or see that nobody can.")]
        row = [add, undo, *([self.seek, self.told] if challenge else [])]
        buttons = widgets.Box(row, layout=widgets.Layout(**WRAP))
        parts = [self.where, self.what, buttons, self.there]
        self.box = widgets.VBox([*(asked if challenge else []), *parts])

    def show(self, picture: Picture) -> None:
        """Offer what can be put on a picture, and tell what is on it."""
        if picture.hand is None or picture is self.picture:
            return
        self.picture, chosen = picture, self.where.value
        steps = dict.fromkeys(offer.step for offer in picture.hand.offered)
        self.where.options = [
            (f"{step}. {picture.story[step - 1]}", step) for step in sorted(steps)
        ]
        if steps:  # ipywidgets by itself chooses nothing
            self.where.value = chosen if chosen in steps else min(steps)
        self._chosen(None)
        number = len(picture.hand.put)
        self.told.value = f"Done, with {number}." if picture.hand.reached else ""
        chips = []
        for put in picture.hand.put:
            chip = widgets.Button(
                description=put.words + NO_MORE * put.idle,
                icon="times",
                tooltip="Take back",
                layout=widgets.Layout(width="auto"),
            )
            chip.on_click(partial(self._take_back, put.text))
            chips.append(chip)
        self.there.children = chips

    def _chosen(self, _: object) -> None:
        hand = self.picture.hand if self.picture else None
        self.what.options = [
            (offer.words, offer.text)
            for offer in (hand.offered if hand else ())
            if offer.step == self.where.value
        ]
        if self.what.options:
            self.what.index = 0

    def _add(self, _: object) -> None:
        if self.what.value:
            self._set((*self.live._put, self.what.value))

    def _take_back(self, text: str, _: object) -> None:
        self._set(tuple(other for other in self.live._put if other != text))

    def _set(self, put: tuple[str, ...]) -> None:
        self.before.append(self.live._put)
        self.live.faults = self.live._by_hand.value(put)

    def _seek(self, _: object) -> None:
        """Search while the kernel hears other things, of which one may be a second
        touch of the button, which cancels; where it can hear nothing, to the end.
        """
        if self.search is not None:
            self.search = None
            return
        self.search = Search(self.live.spec, self.live._setting_now())
        self.seek.description = "Cancel"
        try:
            going = asyncio.get_running_loop().create_task(self._searching(self.search))
        except RuntimeError:
            asyncio.run(self._searching(self.search))
        else:
            self.going = going  # or nobody keeps it

    async def _searching(self, search: Search) -> None:
        spec, more = self.live.spec, True
        begun = cleared(spec, self.live._setting_now())
        while more and search is self.search:
            more = search.go(RUNS)
            self.told.value = search.words
            await asyncio.sleep(0.001)
            if cleared(spec, self.live._setting_now()) != begun:
                self.search = None
        if search is self.search and search.found.schedule is not None:
            self._set(tuple(map(repr, search.found.schedule)))
        self.told.value = search.words if search is self.search else "Cancelled."
        self.seek.description = SEEK
        self.search = None

    def _undo(self, _: object) -> None:
        if self.before:
            self.live.faults = self.live._by_hand.value(self.before.pop())
