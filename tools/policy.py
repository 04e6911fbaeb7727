"""The content security policy of the built site, for who publishes it.

It lets a page run the site's own scripts and those that stand in its pages now, named
by their hashes, and nothing else: no script that finds its way into a page by other
means, no handler in an attribute, no other host. The build writes it into ``_headers``,
which Netlify, Cloudflare Pages and our own server read; for others it is the text to
copy. JupyterLite checks its settings by functions that it makes from text, and fetches
numpy and matplotlib from another host, so it has a policy of its own.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

__all__ = ["FILE", "hashes", "header", "write"]

FILE = "_headers"
ELSEWHERE = "https://cdn.jsdelivr.net"
COMMON = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
    " object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
PAGES = f"{COMMON}; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'"
LITE = (
    f"{COMMON}; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'"
    f" data: blob: {ELSEWHERE}; script-src 'self' 'unsafe-eval' blob: {ELSEWHERE}"
)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^<>]*?\s(on[a-z]+)\s*=\s*[\"']", re.IGNORECASE)


def hashes(page: str) -> set[str]:
    """Return the hashes of the scripts that stand in a page.

    Raises
    ------
    ValueError
        If it has a handler in an attribute, which a policy cannot allow by its hash.

    Examples
    --------
    >>> hashes("<script>1</script>")
    {"'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"}
    >>> hashes(
    ...     '<script type="application/json">1</script> <script src="a.js"></script>'
    ... )
    set()
    >>> hashes('<a onclick="go()">')
    Traceback (most recent call last):
        ...
    ValueError: onclick in an attribute: add the handler in a script
    """
    found = set()
    for attributes, text in SCRIPT.findall(page):
        kind = re.search(r"type=[\"']?([^\"'\s]+)", attributes)
        runs = kind is None or kind[1] in ("module", "text/javascript")
        if runs and not re.search(r"\bsrc=", attributes):
            digest = hashlib.sha256(text.encode()).digest()
            found.add(f"'sha256-{base64.b64encode(digest).decode()}'")
    if handler := HANDLER.search(SCRIPT.sub("", page)):
        raise ValueError(
            f"{handler[1]} in an attribute: add the handler in a script"
        ) from None
    return found


def _all(pages: Iterable[Path]) -> str:
    found: set[str] = set()
    for page in pages:
        try:
            found |= hashes(page.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{page}: {error}") from None
    return " ".join(sorted(found))


def write(html: Path) -> str:
    """Write ``_headers`` into a built site. Return the policy of its pages."""
    lite = html / "lite"
    pages = [page for page in html.rglob("*.html") if lite not in page.parents]
    ours = f"{PAGES} {_all(pages)}".strip()
    theirs = f"{LITE} {_all(lite.rglob('*.html'))}".strip()
    # a host adds up what several patterns say, so each file is met by one only
    patterns = ["/"] + [
        f"/{each.name}/*" if each.is_dir() else f"/{each.name}"
        for each in sorted(html.iterdir())
        if not each.name.startswith(".") and each.name not in (FILE, lite.name)
    ]
    text = "".join(
        f"{pattern}\n  Content-Security-Policy: {value}\n"
        for pattern, value in [
            *((each, ours) for each in patterns),
            ("/lite/*", theirs),
        ]
    )
    (html / FILE).write_text(text, encoding="utf-8", newline="\n")
    return ours


def header(html: Path, path: str) -> str | None:
    """Return the policy that ``_headers`` has for a path of the site, if any."""
    try:
        lines = (html / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    for pattern, value in zip(lines[::2], lines[1::2], strict=True):
        if path == pattern or (pattern[-1] == "*" and path.startswith(pattern[:-1])):
            return value.partition(": ")[2]
    return None
