"""Build the book into _build/html, and serve it.

What depends on where the book is published comes from the environment, and is left out
without it:

REPOSITORY  owner/name on GitHub: the links to the source and to its issues
SITE_URL    the address the HTML is published under: each page's canonical address
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yaml

import ftlib
from tools import BUILD, ROOT, copies, furniture, lite, offline, policy, pyodide
from tools.grade import site as labs
from tools.server import Handler, Server

__all__ = ["HTML", "build", "chapters", "config", "serve", "server", "serving"]

HTML = BUILD / "html"


def config(
    base: dict[str, Any], repository: str, site: str, *, live: bool = False
) -> dict[str, Any]:
    """Return the settings of `base`, the version for pages to name, and what
    `repository` and `site` add; either may be empty.

    `live` says whether the chapters can be opened in JupyterLite.

    Raises
    ------
    ValueError
        If the repository is no owner/name or the site no http address.

    Examples
    --------
    >>> config({"title": "T"}, "owner/name", "")["repository"]
    {'url': 'https://github.com/owner/name', 'branch': 'main'}
    >>> "repository" in config({"title": "T"}, "", "")
    False
    """
    settings = deepcopy(base)
    sphinx = settings.setdefault("sphinx", {}).setdefault("config", {})
    sphinx |= {
        "myst_substitutions": {"version": ftlib.__version__},
        "launch": {"live": live, "repository": repository},
    }
    html = settings.setdefault("html", {})
    if repository:
        if repository.count("/") != 1 or not all(repository.split("/")):
            raise ValueError(f"REPOSITORY is {repository!r}: write owner/name")
        settings["repository"] = {
            "url": f"https://github.com/{repository}",
            "branch": "main",
        }
    if site:
        if not site.startswith(("https://", "http://")):
            raise ValueError(
                f"SITE_URL is {site!r}: write an address that begins with https://"
            )
        html["baseurl"] = site.rstrip("/") + "/"
    return settings


def chapters() -> list[Path]:
    """The notebooks of the book."""
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def fingerprint() -> str:
    """A digest of all that the book is made of."""
    digest = blake2b(
        "\n".join(
            os.environ.get(name, "") for name in ("REPOSITORY", "SITE_URL")
        ).encode()
    )
    paths = [
        path
        for folder in ("book", "chapters", "ftlib", "labs", "tools")
        for path in (ROOT / folder).rglob("*")
    ]
    paths += [
        *(ROOT / "requirements").glob("*.txt"),
        *(ROOT / name for name in ("_config.yml", "_toc.yml", "requirements.txt")),
    ]
    for path in sorted(paths):
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(
            path.parts
        ):
            digest.update(
                path.relative_to(ROOT).as_posix().encode() + b"\n" + path.read_bytes()
            )
    return digest.hexdigest()


def build(*, strict: bool) -> bool:
    """Build the book; return whether that went well.

    A strict build makes every page anew and takes each warning as an error: Sphinx says
    what is wrong with a page only when it reads that page. Otherwise only what changed
    is made, and nothing if nothing did; warnings are shown.
    """
    built = BUILD / "built"
    state = fingerprint()
    if not strict and built.exists() and built.read_text(encoding="utf-8") == state:
        return True
    built.unlink(missing_ok=True)
    base = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository, site = os.environ.get("REPOSITORY", ""), os.environ.get("SITE_URL", "")
    live = pyodide.build() is not None
    settings = config(base, repository, site, live=live)
    written = BUILD / "config.yml"
    written.parent.mkdir(exist_ok=True)
    written.write_text(
        yaml.safe_dump(settings, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
        newline="\n",
    )
    jupyter_book = [
        sys.executable,
        "-c",
        "from jupyter_book.cli.main import main; main()",
    ]
    command = [
        *jupyter_book,
        "build",
        ".",
        "--config",
        str(written),
        "-n",
        "--keep-going",
        "-q",
    ]
    if strict:
        command += ["-W", "--all"]
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        return False
    if not _add(HTML, live=live, site=site, repository=repository, title=base["title"]):
        return False
    built.write_text(state, encoding="utf-8")
    return True


def _add(html: Path, *, live: bool, site: str, repository: str, title: str) -> bool:
    """Add to the pages what runs in them, and the copies of the chapters; return
    whether that went well.
    """
    pyodide.install(html)
    if live and not lite.add(html, chapters()):
        return False
    copies.add(html, chapters(), site=site, repository=repository)
    labs.add(html)
    if repository:
        copies.publish(chapters(), site=site, repository=repository, title=title)
    (
        html / ".nojekyll"
        # GitHub Pages would leave out every folder whose name begins with an underscore
    ).touch()
    furniture.add(html, site=f"{site.rstrip('/')}/" if site else "")
    offline.add(html)
    print(
        f"Content-Security-Policy ({policy.FILE} has it by path):", policy.write(html)
    )
    return True


def server(port: int, folder: Path = HTML, *, policed: bool = True) -> Server:
    """Return a server of `folder` on 127.0.0.1; port 0 takes any free one.

    `policed` says whether it sends the content security policy of the site. A tool that
    runs scripts of its own in the pages can do without.
    """
    handler = partial(Handler, directory=str(folder), policed=policed)
    return Server(("127.0.0.1", port), handler)


@contextmanager
def serving(folder: Path = HTML, *, policed: bool = False) -> Iterator[str]:
    """Serve a folder on a free port of 127.0.0.1 for a while; give its address."""
    with server(0, folder, policed=policed) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}/"
        finally:
            running.shutdown()
            thread.join()


def serve(port: int) -> int:
    """Build the book and serve it until interrupted. Return the exit code."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            print(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}): name"
                f" another, as in make serve PORT={port + 1}"
            )
            return 1
    if not build(strict=False) and not (HTML / "index.html").exists():
        print("the book was not built: see above")
        return 1
    with server(port) as running:
        print(
            f"The book is at http://127.0.0.1:{port}/ (press Ctrl-C to stop)",
            flush=True,
        )
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")
    return 0
