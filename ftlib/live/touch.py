"""The picture of a `Live` in a notebook, with spots to touch: what
``book/site/ft-faults.js`` shows in a page. `ftlib.live.widgets_by_hand` asks for it
where there is anywidget, and shows faults in words where there is none.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ftlib.drawing.palette import HEX
from ftlib.live.page import MENU, STATUS

__all__ = ["Touch"]

HERE = Path(__file__).parent
NAMES = "".join(f"--ft-{name}:{value};" for name, value in HEX.items())
RULES = (HERE / "touch.css").read_text(encoding="utf-8")


class Touch(anywidget.AnyWidget):
    """Shows HTML that comes from Python, and tells what is touched there.

    Parameters
    ----------
    told : callable
        Is given whatever a page sends. It may be anything, for a page is not ours.
    """

    _esm = HERE / "touch.js"
    _css = f".ft-touch {{{NAMES}}}\n{RULES}"

    value = traitlets.Unicode().tag(sync=True)
    frame = traitlets.Unicode(f'<div tabindex="-1"></div>{MENU}{STATUS}').tag(sync=True)

    def __init__(self, told: Callable[[Any], None]) -> None:
        super().__init__()
        self.on_msg(lambda _, content, buffers: told(content))
