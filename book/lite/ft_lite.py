"""What a notebook's kernel in the browser does beside its own. tools/lite.py packs it,
so that the kernel loads it at its start.

Packages that the site does not carry (matplotlib, numpy) are fetched from where Pyodide
publishes them, by the first cell that imports one. If they cannot be had, that cell
says so in one line and shows what the chapter has stored for it, and the cells after it
run.
"""

import functools
import hashlib
import sys
import time
from importlib.util import find_spec

import pyodide_js
from ft_lite_stored import DIGESTS
from IPython.display import display
from js import AbortSignal
from pyodide.code import find_imports
from pyodide.http import pyfetch
from pyodide_kernel import kernel

PATIENCE = 8_000
"""How long to wait for the other host to answer at all, in milliseconds."""
PAUSE = 60
"""After it did not, how long to take it for unreachable without asking again, in
seconds.
"""

load_packages = kernel._load_packages_from_imports
asked_in_vain = -PAUSE
pictures = []
"""What the chapter has stored for the cell that runs, if a package of it is missing."""


def load_ipython_extension(shell):
    """Change a kernel's ways with packages; IPython calls this when the kernel
    starts.
    """
    shell.Completer.use_jedi = False  # not carried: it is large, and slow here
    shell.set_custom_exc((ModuleNotFoundError,), missing)
    kernel._load_packages_from_imports = load


@functools.cache
def elsewhere():
    """The addresses of the packages that the site does not carry, by what an import
    calls them.
    """
    packages = pyodide_js.lockfile.packages.to_py().values()
    return {
        name: each["file_name"]
        for each in packages
        if "://" in each["file_name"]
        for name in each["imports"]
    }


async def load(code):
    """Fetch the packages that a cell imports; those that cannot be had are left to fail
    at their import.
    """
    pictures.clear()
    wanted = [
        name
        for name in find_imports(code)
        if name in elsewhere() and find_spec(name) is None
    ]
    if wanted and not await answers(elsewhere()[wanted[0]]):
        pictures.extend(await stored(code))
        return
    try:
        await load_packages(code, errorCallback=lambda *_: None)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)


async def stored(code):
    """The pictures that the chapter has stored for a cell, if it is as it was."""
    digest = hashlib.blake2b(code.strip().encode(), digest_size=8).hexdigest()
    if digest not in DIGESTS:
        return []
    try:
        place = f"{pyodide_js.lockfileBaseUrl}stored/{digest}.json"
        return await (await pyfetch(place)).json()
    except OSError:
        return []


async def answers(address):
    """Whether something answers there, soon."""
    global asked_in_vain
    if time.monotonic() < asked_in_vain + PAUSE:
        return False
    try:
        response = await pyfetch(
            address, method="HEAD", signal=AbortSignal.timeout(PATIENCE)
        )
    except OSError:
        asked_in_vain = time.monotonic()
        return False
    return response.ok


def missing(shell, kind, error, traceback, tb_offset=None):
    """Tell of a package that could not be fetched in one line, and of every other
    missing module as usual.
    """
    name = (error.name or "").partition(".")[0]
    if name not in elsewhere():
        shell.showtraceback((kind, error, traceback), tb_offset)
        return
    host = elsewhere()[name].split("/")[2]
    print(
        f"This cell needs {name}, which could not be fetched from {host}. The other"
        " cells run without it."
        + (" The chapter has stored this:" if pictures else ""),
        file=sys.stderr,
    )
    for each in pictures:
        display(each, raw=True)
