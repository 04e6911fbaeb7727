"""The labs in the site: a zip each, with the notebook less its solution and the picture
in it. Nothing there is drawn from a secret: its code is "public".
"""

import shutil
import tempfile
from pathlib import Path

import nbformat

from tools.grade.labs import LABS
from tools.grade.release import stripped, zipped

__all__ = ["add"]


def add(html: Path) -> None:
    """Write ``download/labs/``, a zip a lab."""
    folder = html / "download" / "labs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        for lab in LABS.values():
            place = Path(name) / lab.name
            place.mkdir()
            (place / lab.source.name).write_text(
                nbformat.writes(stripped(lab)) + "\n", encoding="utf-8", newline="\n"
            )
            for picture in sorted(lab.source.parent.glob("*.svg")):
                shutil.copy(picture, place)
            shutil.move(zipped(place), folder)
