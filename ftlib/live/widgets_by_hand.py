"""The widgets of faults that are put by hand: a kernel's view of what
``book/site/ft-faults.js`` shows in a page.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ftlib.drawing.by_hand import NO_MORE, ByHand
from ftlib.drawing.picture import Picture
from ftlib.figures.challenge import Goal
from ftlib.live.challenges import RUNS, Search, challenge_of, cleared
from ftlib.live.page import challenge, hint, refused
from ftlib.live.spec import Setting

if TYPE_CHECKING:
    from ftlib.live.live import Live

__all__ = ["PLAIN", "WRAP", "Hands"]

PLAIN = {"description_width": "initial"}
WRAP = {"flex_flow": "row wrap", "align_items": "center"}
SEEK = "Find the shortest"
FEW = 5  # runs that nobody waits for, between two things that somebody does


class Hands:
    """Faults put by hand: on the picture itself where there is anywidget, elsewhere in
    words, where, what, and those that are there.
    """

    def __init__(self, live: "Live", setting: Callable[[], Setting]) -> None:
        self.live, self.setting = live, setting
        self.search: Search | None = None
        self.now = live._put
        self.before: list[tuple[str, ...]] = []  # what an undo brings back
        self.after: list[tuple[str, ...]] = []
        self.picture: Picture | None = None
        self.goals: dict[Setting, Goal] = {}  # as far as known
        self.wondering: dict[Setting, asyncio.Task[None]] = {}
        self.best: dict[Setting, int] = {}  # with how many faults the reader did it
        self.given: tuple[str, ...] = ()  # what a machine or a cell has put
        wide = widgets.Layout(width="min(100%, 640px)")
        self.where = widgets.Dropdown(description="Where", style=PLAIN, layout=wide)
        self.what = widgets.Dropdown(description="What", style=PLAIN, layout=wide)
        self.where.observe(self._chosen, "value")
        add = widgets.Button(description="Add", icon="bolt")
        add.on_click(self._add)
        undo = widgets.Button(description="Undo", icon="rotate-left")
        undo.on_click(lambda _: self._back(self.before, self.after))
        redo = widgets.Button(description="Redo", icon="rotate-right")
        redo.on_click(lambda _: self._back(self.after, self.before))
        narrow = widgets.Layout(width="auto")
        copy = widgets.Button(description="Copy as Python", layout=narrow)
        copy.on_click(self._copy)
        self.there = widgets.Box(layout=widgets.Layout(**WRAP))
        self.seek = widgets.Button(description=SEEK, layout=narrow)
        self.seek.on_click(self._seek)
        self.told = widgets.HTML()
        self.asked = widgets.HTML()
        self.challenge = challenge_of(live.spec)
        self.touch = self._touch()
        row = [undo, redo, copy, *([self.seek] if self.challenge else []), self.told]
        if self.touch:
            parts = [widgets.HTML(hint(live._by_hand))]
        else:
            parts, row = [self.where, self.what], [add, *row]
        buttons = widgets.Box(row, layout=widgets.Layout(**WRAP))
        asked = [self.asked] if self.challenge else []
        self.box = widgets.VBox([*asked, *parts, buttons, self.there])

    def _touch(self) -> Any:
        """The picture that can be touched, where there is one."""
        if all(dial.kind != "faults" for dial in self.live.spec.dials):
            return None
        try:
            from ftlib.live.touch import Touch  # anywidget may be missing
        except ImportError:
            return None
        return Touch(self._heard)

    def _heard(self, content: Any) -> None:
        """What a page sends: the faults that a touch leaves, or how copying went."""
        match content:
            case {"copied": True}:
                self.told.value = "Copied."
            case {"copied": False}:
                self._tell_code()
            case {"faults": [*texts]}:
                try:
                    self._set(texts)
                except ValueError as error:
                    self.told.value = refused(error)

    def show(self, picture: Picture) -> None:
        """Offer what can be put on a picture, and tell what is on it."""
        if picture.hand is None or picture is self.picture:
            return
        first, self.picture = self.picture is None, picture
        if self.live._put != self.now:  # by a cell
            self._note(self.live._put)
            self.given = self.now
        self.told.value = ""
        if self.challenge:
            self._judge(picture.hand.reached)
            if not first:
                self._wonder()
        if not self.touch:
            self._offer(picture.hand, picture.story)

    def _offer(self, hand: ByHand, story: tuple[str, ...]) -> None:
        chosen = self.where.value
        steps = dict.fromkeys(offer.step for offer in hand.offered)
        self.where.options = [
            (f"{step}. {story[step - 1]}", step) for step in sorted(steps)
        ]
        if steps:  # ipywidgets by itself chooses nothing
            self.where.value = chosen if chosen in steps else min(steps)
        self._chosen(None)
        chips = []
        for put in hand.put:
            chip = widgets.Button(
                description=put.words + NO_MORE * put.idle,
                icon="times",
                tooltip="Take back",
                layout=widgets.Layout(width="auto"),
            )
            chip.on_click(partial(self._take_back, put.text))
            chips.append(chip)
        self.there.children = chips

    def _judge(self, reached: bool) -> None:
        """Say what is asked for in this setting, and how it went."""
        setting = cleared(self.live.spec, self.setting())
        if reached and self.now != self.given:
            number = len(self.now)
            self.best[setting] = min(number, self.best.get(setting, number))
        best, goal = self.best.get(setting, 0), self.goals.get(setting)
        how = f"Done, with {best}." if best else ""
        self.asked.value = (
            challenge(goal.ask, goal.why, goal.solved[best - 1] if best else "")
            if goal
            else challenge(f"{self.challenge}, or see that nobody can.", how=how)
        )

    def _wonder(self) -> None:
        """Find out beside everything else what can be done in this setting, once the
        reader has touched something; where the kernel does nothing beside, not at all.
        """
        setting = cleared(self.live.spec, self.setting())
        if setting in self.goals or setting in self.wondering:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self.wondering[setting] = loop.create_task(self._find_out(setting))

    async def _find_out(self, setting: Setting) -> None:
        search, more = Search(self.live.spec, setting), True
        try:
            while more and cleared(self.live.spec, self.setting()) == setting:
                more = search.go(FEW)
                await asyncio.sleep(0.001)
        finally:
            del self.wondering[setting]
        if not more:
            self._known(setting, search)

    def _known(self, setting: Setting, search: Search) -> None:
        self.goals[setting] = search.challenge.words(search.found)
        self._judge(reached=False)

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

    def _set(self, put: Sequence[Any]) -> None:
        schedule = self.live._by_hand.value(put)
        self._note(tuple(map(repr, schedule)))
        self.live.faults = schedule

    def _note(self, put: tuple[str, ...]) -> None:
        self.before.append(self.now)
        self.after.clear()
        self.now = put

    def _seek(self, _: object) -> None:
        """Search while the kernel hears other things, of which one may be a second
        touch of the button, which cancels; where it can hear nothing, to the end.
        """
        if self.search is not None:
            self.search = None
            return
        self.search = Search(self.live.spec, self.setting())
        self.seek.description = "Cancel"
        try:
            going = asyncio.get_running_loop().create_task(self._searching(self.search))
        except RuntimeError:
            asyncio.run(self._searching(self.search))
        else:
            self.going = going  # or nobody keeps it

    async def _searching(self, search: Search) -> None:
        spec, more = self.live.spec, True
        begun = cleared(spec, self.setting())
        while more and search is self.search:
            more = search.go(RUNS)
            self.told.value = search.words
            await asyncio.sleep(0.001)
            if cleared(spec, self.setting()) != begun:
                self.search = None
        if search is self.search:
            self._known(begun, search)
            if search.found.schedule is not None:
                self.given = tuple(map(repr, search.found.schedule))
                self._set(self.given)
        self.told.value = search.words if search is self.search else "Cancelled."
        self.seek.description = SEEK
        self.search = None

    def _back(
        self, source: list[tuple[str, ...]], other: list[tuple[str, ...]]
    ) -> None:
        if source:
            other.append(self.now)
            self.now = source.pop()
            self.live.faults = self.live._by_hand.value(self.now)

    def _copy(self, _: object) -> None:
        if self.touch:
            self.touch.send({"copy": self.live.spec.code(self.setting())})
        else:
            self._tell_code()

    def _tell_code(self) -> None:
        """The call, for the reader to copy where no script may."""
        code = escape(self.live.spec.code(self.setting()))
        self.told.value = f'<pre style="white-space:pre-wrap">{code}</pre>'
