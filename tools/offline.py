"""What a reader needs who wants to keep the book: a service worker that fetches all of
it once, and a few words on how much that is.

Nothing is kept before the reader asks for it (`book/site/ft-site.js`). JupyterLite, and
what else there is of a chapter beside its page and its plain notebook, are left out:
they double the size, and there are other ways to keep them.
"""

import json
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from tools import ROOT

__all__ = ["SAID", "WORKER", "add"]

SAID = "offline.json"
WORKER = "offline.js"
LEFT_OUT = {"lite", "404.html", "_headers", "feed.xml", "sitemap.xml"}
LEFT_OUT |= {"objects.inv", SAID, WORKER}
COPIES = {".pdf", ".whl", ".zip"}


def add(html: Path) -> None:
    """Write the worker, and what is said of it, into a built site that is complete."""
    files, size, digest = [], 0, blake2b(digest_size=8)
    for path in sorted(html.rglob("*")):
        place = path.relative_to(html)
        if path.is_dir() or place.parts[0] in LEFT_OUT or place.name.startswith("."):
            continue
        if place.parent.name == "download" and place.suffix in COPIES:
            continue
        content = path.read_bytes()
        files.append(quote(place.as_posix()))
        size += len(content)
        digest.update(place.as_posix().encode() + b"\n" + content)
    version = digest.hexdigest()
    worker = (ROOT / "book" / "ft-offline.js").read_text(encoding="utf-8")
    head = f'const VERSION = "{version}", FILES = {json.dumps(files)};\n'
    (html / WORKER).write_text(head + worker, encoding="utf-8", newline="\n")
    said = {"version": version, "files": len(files), "bytes": size}
    (html / SAID).write_text(json.dumps(said) + "\n", encoding="utf-8", newline="\n")
