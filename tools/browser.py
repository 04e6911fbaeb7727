"""The browser that the machine has: Chromium, Chrome or Edge. None is ever
downloaded.
"""

import os
import shutil

__all__ = ["ALONE", "OPTIONS", "program"]

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""An option more, with which no other host is found. Playwright's own blocking of
requests would switch the cache off.
"""


def program() -> str | None:
    """The path of a browser, or None."""
    found = [
        *(shutil.which(name) for name in NAMES),
        *(place for place in PLACES if os.path.exists(place)),
    ]
    return next(filter(None, found), None)
