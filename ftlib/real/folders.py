"""Folders that go at the end, even if whoever should remove them is killed.

A keeper locks its folder. The lock is the operating system's (flock): it goes when the
keeper and the nodes that it has forked are dead. So what bears our name and is locked
by nobody is left over, and whoever starts next removes it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

__all__ = ["own_folder", "remove", "sweep"]

OURS = "ftlib-real-"  # so begins the name of a folder once it is locked


def own_folder() -> Path:
    """Make a folder, and lock it until this process and its forks have ended."""
    folder = Path(tempfile.mkdtemp(prefix="ftlib-"))
    with contextlib.suppress(OSError):  # not every disk has locks: nobody sweeps there
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder = folder.rename(folder.with_name(folder.name.replace("ftlib-", OURS, 1)))
    return folder


def sweep() -> None:
    """Remove folders that bear our name, belong to this user and are locked by nobody:
    their keepers were killed, and the kernels of these too.
    """
    for place in Path(tempfile.gettempdir()).glob(f"{OURS}*"):
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            # no file, and no link to a folder
            folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            opened.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(folder).st_uid == os.geteuid():
                remove(str(place))


def remove(folder: str) -> None:
    """Remove a folder in which somebody may just be writing."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(0.02)
