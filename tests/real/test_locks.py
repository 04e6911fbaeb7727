"""A lock of etcd's: its lease, its queue, and a holder that is paused."""

from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest

from ftlib.real import EtcdCluster, ServerError, locks
from ftlib.real.servers import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def member():
    try:
        made = EtcdCluster(1)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with made as cluster:
        yield cluster.leader()


@pytest.mark.parametrize(
    ("puts", "works", "said", "x"),
    [("unfenced", 0, "accepted", "old"), ("fenced", 3, "refused", "new")],
)
def test_a_holder_that_was_paused_writes_too_late(member, puts, works, said, x):
    with locks.Holder(member, puts, ttl=2, works=works) as holder:
        assert holder.up
        assert member.get("x") is None
        lock = locks.take(member.port, "lock", ttl=60)
        assert locks.put_if_held(lock, "x", "new")
        assert holder.go_on() == said
        assert not holder.up
    assert member.get("x") == x
    assert locks.holds(lock)


def test_a_holder_that_was_not_replaced_is_accepted(member):
    with locks.Holder(member, "fenced", ttl=60) as holder:
        assert holder.go_on() == "accepted"
    assert member.get("x") == "old"


def test_a_lease_that_ends_in_the_queue_gets_no_lock(member):
    first = locks.take(member.port, "lock", ttl=60)
    queue = {"key": locks.encoded("lock/"), "range_end": locks.encoded("lock0")}

    def stand(number):
        return len(member.ask("kv/range", **queue)["kvs"]) == number

    with ThreadPoolExecutor() as pool:
        waits = pool.submit(locks.take, member.port, "lock", 1)
        wait_for(lambda: stand(2), 10, "nobody waits")
        wait_for(lambda: stand(1), 10, "the lease goes on")
        assert not waits.done()
        member.ask("lease/revoke", ID=first.lease)
        with pytest.raises(HTTPError) as refused:
            waits.result()
    assert b"session is expired" in refused.value.read()
    assert not locks.holds(first)
    assert not locks.put_if_held(first, "x", "old")
    assert member.get("x") is None
    assert locks.take(member.port, "lock", 60).revision > first.revision


def test_what_is_wrong_is_said(member):
    with pytest.raises(ValueError, match="puts is 'half'"):
        locks.Holder(member, "half")
    with locks.Holder(member, "fenced", ttl=60) as holder:
        holder.kill()
        with pytest.raises(ServerError, match="has failed"):
            holder.go_on()
    member.kill()
    with (
        pytest.raises(ServerError, match=r"ended at once(?s:.*)refused"),
        locks.Holder(member, "fenced"),
    ):
        pass
