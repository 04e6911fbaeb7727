"""Where CI is true nothing is skipped because a package is missing: nobody would notice
that there.
"""

import importlib.util
import os

import pytest

NEEDED = ("msgspec", "psutil", "psycopg", "redis")


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("CI") != "true", reason="this machine is not CI")
@pytest.mark.parametrize("name", NEEDED)
def test_it_is_there(name):
    assert importlib.util.find_spec(name), "pip install -r requirements/real.txt"
