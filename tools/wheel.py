"""The wheel of ftlib: what the pages run in the browser, and what notebooks elsewhere
install.
"""

import os
from pathlib import Path

from flit_core import buildapi

import ftlib
from tools import ROOT

__all__ = ["NAME", "wheel"]

NAME = f"ftlib-{ftlib.__version__}-py3-none-any.whl"


def wheel(folder: Path) -> Path:
    """Write the wheel into a folder, and return its path.

    The same sources make the same bytes, wherever and whenever. No network is needed.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    before, epoch = Path.cwd(), os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = (
        "315532800"  # 1980, when the calendar of zip files begins
    )
    os.chdir(ROOT)  # where PEP 517 has a backend work
    try:
        return folder / buildapi.build_wheel(str(folder))
    finally:
        os.chdir(before)
        if epoch is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = epoch
