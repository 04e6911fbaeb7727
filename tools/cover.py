"""The README's picture, drawn by the library: `python -m tools.cover` writes
book/cover.svg; a test holds it to the code.
"""

import re

from ftlib.figures.landing import lost_transfer
from tools import ROOT

__all__ = ["COVER", "cover"]

COVER = ROOT / "book" / "cover.svg"


def cover() -> str:
    """Return the first page's picture as an SVG that stands alone: real colours, and a
    ground of its own.
    """
    picture = lost_transfer()
    ground = (
        f'<rect width="{picture.width:g}" height="{picture.height:g}" fill="#ffffff"/>'
    )
    alone = picture.svg.replace(picture.body, ground + picture.body)
    return re.sub(r"var\(--ft-\w+, (#\w{6})\)", r"\1", alone) + "\n"


if __name__ == "__main__":
    COVER.write_text(cover(), encoding="utf-8", newline="\n")
