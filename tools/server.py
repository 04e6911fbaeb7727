"""A server of files for one reader: the built book on this machine.

It answers what browsers ask of one: a part of a file (`Range`), the page of the site
for what is not there, and the policy that the site is published under.
"""

import io
import re
import sys
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tools import policy

__all__ = ["Handler", "Server"]


class Handler(SimpleHTTPRequestHandler):
    """Serves files without a line for each, and tells browsers to ask again: the next
    build may change any of them.

    The types are ours, not the machine's: a worker does not start from a script that is
    said to be plain text.
    """

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css",
        ".html": "text/html",
        ".ipynb": "application/x-ipynb+json",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".whl": "application/octet-stream",
        ".zip": "application/zip",
    }

    def __init__(self, *args: Any, policed: bool = False, **kwargs: Any) -> None:
        self.policed = policed  # the base class answers in its own `__init__`
        super().__init__(*args, **kwargs)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Send what goes with every answer, too."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Accept-Ranges", "bytes")
        asked = unquote(urlsplit(self.path).path) if hasattr(self, "path") else "/"
        if self.policed and (value := policy.header(Path(self.directory), asked)):
            self.send_header("Content-Security-Policy", value)
        super().end_headers()

    def send_head(self) -> Any:
        """Answer with a part of a file where one is asked for."""
        path = self.translate_path(self.path)
        if "\0" in path:  # no file is named so, and no file system may be asked
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        part = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if part is None or part[0] == "bytes=-" or not Path(path).is_file():
            return super().send_head()
        whole = Path(path).read_bytes()
        first, last = part[1], part[2]
        start = int(first) if first else max(0, len(whole) - int(last))
        end = min(int(last) + 1, len(whole)) if first and last else len(whole)
        if start >= end:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{len(whole)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(whole)}")
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        return io.BytesIO(whole[start:end])

    def list_directory(self, path: Any) -> Any:
        """Say that there is no such page: a folder is none."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Answer with the site's own page where it has one for what is not there."""
        page = Path(self.directory) / f"{int(code)}.html"
        if not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Many requests at a time."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away before it had the whole file."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
