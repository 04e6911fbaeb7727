"""The HTML of an `Live`: what a notebook stores, and what a built page holds.

Everything the reader can operate is written here as native, labelled elements;
``book/site/ft-live.js`` only connects them. They stay hidden until it has. An input
names what it moves: ``data-dial`` is the number of its dial, ``data-at`` the position.
"""

import hashlib
import traceback
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.figures.controls import Dial
from ftlib.live.spec import Spec

__all__ = [
    "MENU",
    "STATUS",
    "built",
    "challenge",
    "hint",
    "refused",
    "script",
    "stepped",
    "stored",
    "trouble",
]

LONGEST: Final = 40  # the most letters that fit side by side as buttons

STATUS: Final = '<p class="ft-status" role="status"></p>'
WAITING: Final = (
    '<div class="ft-waiting" hidden><progress max="1" aria-label="Progress"></progress>'
    '<button type="button">Cancel</button></div>'
    '<div class="ft-problem"></div>'
)

TOOLS: Final = (
    '<div class="ft-tools" role="group"><button type="button">Reset</button>'
    '<button type="button">Copy link</button>'
    '<button type="button">Save picture</button><span role="status"></span>'
    '<span class="ft-source"></span></div>'
)

COPY: Final = '<button type="button">Copy as Python</button>'
SEEK: Final = '<button type="button">Find the shortest</button>'
MENU: Final = (
    '<dialog class="ft-menu" aria-label="What can go wrong here"><p>What can go wrong'
    ' here</p><ul></ul><form method="dialog"><button>Close</button></form></dialog>'
)
HANDS: Final = (
    '<div class="ft-hands" role="group" aria-label="Faults"><button type="button">Undo'
    f'</button><button type="button">Redo</button>{COPY}<span role="status"></span>'
    f'<span class="ft-tried"></span></div>{MENU}'
)

ICONS: Final = {
    "First": "M4 4h2v12H4zM16 4v12l-9-6z",
    "Previous": "M14 4v12l-9-6z",
    "Play": "M5 3v14l12-7z",
    "Next": "M6 4v12l9-6z",
    "Last": "M14 4h2v12h-2zM4 4v12l9-6z",
}


def stored(spec: Spec, picture: Picture) -> str:
    """What a notebook stores: the picture with its story, and the specification.

    Parameters
    ----------
    spec : Spec
    picture : Picture
        The picture of the defaults.

    Returns
    -------
    str
    """
    inside = f"{_view(picture)}{_shown(spec)}{script('spec', spec.json())}"
    return f'<div class="ft-live">{inside}</div>'


def built(
    spec: Spec,
    picture: Picture,
    table: str,
    *,
    integrity: str,
    complete: bool,
    version: str,
    build: str,
    licence: str,
    goal: Mapping[str, Any] | None = None,
) -> str:
    """What a built page holds: the same with its controls, its step bar, its tools and
    where its table of pictures lies.

    Parameters
    ----------
    spec : Spec
    picture : Picture
        The picture of the defaults.
    table : str
        The address of the table's script; its fragment is the name under which the
        script hands the table over.
    integrity : str
        The digest of the script, as browsers check it: what another build has left
        under the same address is refused.
    complete : bool
        Whether every combination is in the table.
    build : str
        Which library drew the picture; Python in the page has to be the same.
    version, licence : str
        Of the pictures; written into those that readers save.
    goal : mapping, optional
        What the figure's challenge says at the defaults (`ftlib.live.challenges`).

    Returns
    -------
    str
    """
    controls = "".join(_control(dial, number) for number, dial in enumerate(spec.dials))
    hands = HANDS if any(dial.kind == "faults" for dial in spec.dials) else ""
    if goal:
        hands = hands.replace(COPY, f"{COPY}{SEEK}")
    return (
        '<div class="ft-live"'
        f' data-name="{spec.name}" data-table="{escape(table)}"'
        f' data-integrity="{integrity}"{" data-complete" if complete else ""}'
        f' data-build="{build}" data-version="{escape(version)}"'
        f' data-licence="{escape(licence)}">'
        + (challenge(goal["ask"], goal["why"]) if goal else "")
        + (
            '<div class="ft-controls" role="group"'
            f' aria-label="Controls">{controls}</div>'
            if controls
            else ""
        )
        + f'<div class="ft-stage">{STATUS}{WAITING}{_view(picture)}{hands}'
        f"{_bar(picture.steps)}</div>{_shown(spec)}{TOOLS}"
        f"{script('spec', spec.json())}</div>"
    )


def challenge(ask: str, why: str = "", how: str = "") -> str:
    """What the reader is to do, why nobody can, and how it went. In a page a script
    says that, and tells it anew for other settings.
    """
    return (
        f'<div class="ft-challenge"><p><b>Challenge.</b> <span>{escape(ask)}'
        f'</span> <strong role="status">{escape(how)}</strong></p>'
        f"<details{'' if why else ' hidden'}><summary>Why nobody can</summary><p>"
        f"{escape(why)}</p></details></div>"
    )


def stepped(picture: str, *, version: str, licence: str) -> str:
    """The HTML of a picture that has steps but is no Live, with its step bar and its
    tools.

    It has no name of its own, so links call it by a digest of what it shows.
    """
    digest = hashlib.blake2b(picture.encode(), digest_size=4).hexdigest()
    stage = (
        f'<div class="ft-stage">{STATUS}{WAITING}<div'
        f' class="ft-view">{picture}</div>{_bar(1)}</div>'
    )
    return (
        f'<div class="ft-live ft-plain" data-name="picture_{digest}"'
        f' data-version="{escape(version)}" data-licence="{escape(licence)}">'
        f"{stage}{TOOLS}</div>"
    )


def trouble(error: Exception) -> str:
    """An error as the reader sees it: what, from which call, and the traceback folded
    away.
    """
    notes = "".join(
        f"<div>{escape(note)}</div>" for note in getattr(error, "__notes__", ())
    )
    lines = escape("".join(traceback.format_exception(error)))
    return _alert(
        f"<b>{escape(type(error).__name__)}: {escape(str(error))}</b>{notes}"
        f"<details><summary>Traceback</summary><pre>{lines}</pre></details>"
    )


def refused(error: Exception) -> str:
    """What is wrong with what a link asks for, in one line."""
    return _alert(f"<b>{escape(' '.join(str(error).split()))}</b>")


def _alert(inside: str) -> str:
    return (
        '<div class="ft-trouble" role="alert" style="padding:12px;border-left:4px'
        f" solid {colour('red')};"
        f'background:{colour("paper")};color:{colour("ink")}">{inside}</div>'
    )


def _view(picture: Picture) -> str:
    return f'<div class="ft-view">{picture._repr_html_()}</div>'


def _shown(spec: Spec) -> str:
    return (
        f'<p class="ft-shown">{escape(spec.words(spec.defaults))}</p>'
        if spec.dials
        else ""
    )


def script(name: str, json: str) -> str:
    """Data for the scripts of a page."""
    safe = json.replace("</", "<\\/").replace(
        "<!--", "<\\u0021--"
    )  # the two things that can end or derail a script element
    return f'<script type="application/json" class="ft-{name}">{safe}</script>'


def _bar(steps: int) -> str:
    buttons = "".join(
        f'<button type="button" title="{label}" aria-label="{label}"><svg viewBox="0 0'
        f' 20 20" width="20" aria-hidden="true"><path d="{icon}"'
        ' fill="currentColor"/></svg></button>'
        for label, icon in ICONS.items()
    )
    return (
        '<div class="ft-steps" role="group"'
        f' aria-label="Steps"{"" if steps else " hidden"}><p class="ft-event"'
        f' role="status"></p><div class="ft-buttons">{buttons}</div><input type="range"'
        ' min="0" aria-label="Step"><span class="ft-number"></span></div>'
    )


def hint(dial: Dial) -> str:
    """How faults are put on a picture."""
    arrows = {"lose", "double", "hold", "cut"}.intersection(dial.values)
    dots = {"crash", "recover", "wipe", "slow"}.intersection(dial.values)
    where = " or ".join(["an arrow"] * bool(arrows) + ["what a node does"] * bool(dots))
    return (
        f'<p class="ft-hint"><b>{escape(dial.label)}:</b> touch {where}, and choose.'
        f" Up to {dial.maximum} faults.</p>"
    )


def _control(dial: Dial, number: int) -> str:
    label = escape(dial.label)
    if dial.kind == "toggles":
        places = "".join(
            _segments(name, dial, number, at) for at, name in enumerate(dial.names)
        )
        return f'<fieldset class="ft-group"><legend>{label}</legend>{places}</fieldset>'
    if dial.kind == "faults":
        return hint(dial)
    if dial.kind == "toggle":
        return (
            '<label class="ft-control ft-tick"><input type="checkbox"'
            f' data-dial="{number}"><span>{label}</span></label>'
        )
    if dial.kind == "range":
        return (
            f'<label class="ft-control"><span>{label}</span><b'
            ' class="ft-value"></b><input type="range" min="0"'
            f' max="{len(dial.values) - 1}" data-dial="{number}"'
            f' aria-label="{label}"></label>'
        )
    if sum(map(len, dial.labels)) <= LONGEST:
        return _segments(dial.label, dial, number, 0)
    options = "".join(
        f'<option value="{index}">{escape(dial.text(index))}</option>'
        for index in range(len(dial.values))
    )
    select = f'<select data-dial="{number}" aria-label="{label}">{options}</select>'
    chosen = '<b class="ft-value" aria-hidden="true"></b>'  # the box would clip it
    return f'<label class="ft-control"><span>{label}</span>{select}{chosen}</label>'


def _segments(legend: str, dial: Dial, number: int, at: int) -> str:
    """Radio buttons side by side; the script gives those of one group a name of their
    own.
    """
    buttons = "".join(
        f'<label><input type="radio" value="{index}" data-dial="{number}"'
        f' data-at="{at}"><span>{escape(dial.text(index))}</span></label>'
        for index in range(len(dial.values))
    )
    return (
        f'<fieldset class="ft-control"><legend>{escape(legend)}</legend><div'
        f' class="ft-segments">{buttons}</div></fieldset>'
    )
