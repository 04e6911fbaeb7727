"""What stays open from cell to cell, and what stands in for what is not installed."""

from contextlib import contextmanager

import pytest

from ftlib.real import Opened


@contextmanager
def server(ends, name="one"):
    yield name
    ends.append(name)


def test_it_is_open_until_it_is_closed():
    ends, servers = [], Opened()
    assert servers.open(server, ends) == "one"
    assert servers.open(server, ends, name="two") == "two"
    assert ends == []
    servers.close()
    assert ends == ["two", "one"]


def test_what_a_cell_has_opened_is_closed_when_it_is_run_again():
    ends, servers = [], Opened()
    servers.open(server, ends)
    servers = Opened()
    servers.open(server, ends, name="two")
    assert ends == ["one"]


@pytest.mark.parametrize("error", [FileNotFoundError("no one"), ImportError("no two")])
def test_what_is_not_installed_is_told_at_each_use(error):
    def missing():
        raise error

    one = Opened().open(missing)
    other = one.primary
    for use in (one.start, other.sql, one.servers["p2"].kill):
        with pytest.raises(type(error)) as told:
            use("select 1", fast=True)
        assert told.value is error
        assert len(told.traceback) == 2  # of this use only


def test_another_error_is_raised_at_once():
    with pytest.raises(ZeroDivisionError):
        Opened().open(lambda: 1 / 0)
