"""One seed, one run: the same bytes in every process and under every Python."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from toys import story

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "import sys, toys; sys.stdout.buffer.write(toys.story().encode())"


def told(python, hash_seed):
    """The story as another process tells it."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
    }
    done = subprocess.run(
        [python, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_every_hash_seed_gives_the_same_bytes():
    here = story().encode()
    assert len(here) > 20_000
    assert told(sys.executable, 1) == told(sys.executable, 2) == here


def test_every_platform_gives_the_same_bytes():
    # made on Linux with CPython 3.11; it changes only when runs that somebody may have
    # quoted change
    assert (
        sha256(story().encode()).hexdigest()
        == "bb21ba0822757c4d788702e0876166a7f4f1d8081e8ff935e67e115e3634705d"
    )


def pythons():
    """Other CPython versions, on the path or in pyenv's folder, that really start."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(11, 20):
        name = f"python3.{minor}"
        for python in (
            shutil.which(name),
            *sorted(pyenv.glob(f"3.{minor}.*/bin/{name}")),
        ):
            question = [
                python,
                "-c",
                "import sys; print(sys.implementation.name, sys.version_info.minor)",
            ]
            if python and minor != sys.version_info.minor:
                answer = subprocess.run(
                    question, capture_output=True, text=True, check=False, timeout=60
                )
                if answer.stdout.split() == ["cpython", str(minor)]:
                    yield python
                    break


def test_every_python_gives_the_same_bytes():
    others = list(pythons())
    if not others:
        pytest.skip("no other CPython from 3.11 on is found here")
    for python in others:
        assert told(python, 3) == story().encode(), python
