"""Valkey and its sentinels: killed, paused, cut off, and nothing left."""

import psutil
import pytest

from ftlib.real import ValkeySentinels, writing
from ftlib.real.sentinels import PERIODS, ask
from ftlib.real.servers import wait_for

pytestmark = pytest.mark.slow
redis = pytest.importorskip("redis")


@pytest.fixture
def group():
    try:
        made = ValkeySentinels()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with made as opened:
        yield opened


def servers(group):
    return [group.primary, *group.replicas, *group.sentinels]


def put(group, value):
    with group.primary.client() as client:
        client.set("x", value)
        assert client.wait(2, 5_000) == 2


def get(server):
    with server.client() as client:
        return client.get("x")


def test_a_write_need_not_wait_for_a_replica_to_join(group):
    with group.primary.client() as client:
        client.set("x", 1)
        assert client.wait(2, 200) == 2


def test_a_replica_takes_over_from_a_primary_that_is_killed(group):
    assert group.named() is group.primary
    put(group, 1)
    first = group.sentinels[0]
    first.kill()
    first.start()
    assert first.knows(2, 2)  # from its file
    group.crash_primary()
    new = group.successor()
    assert new in group.replicas
    assert group.named() is new
    assert get(new) == "1"
    with new.client() as client:
        assert client.set("x", 2)


def test_a_primary_that_was_paused_is_demoted_and_gives_up_what_it_had(group):
    put(group, 1)
    group.primary.pause()
    new = group.successor()
    with new.client() as client:
        client.set("x", 2)
    group.primary.resume()
    group.demoted()
    assert ask(group.primary, "ROLE")[:3] == ["slave", "127.0.0.1", new.port]
    wait_for(lambda: get(group.primary) == "2", 10, "it has the old value")
    with group.primary.client() as client, pytest.raises(redis.ReadOnlyError):
        client.set("x", 3)


def test_a_planned_failover_loses_what_the_old_primary_takes_meanwhile(group):
    told, late, lost, seconds = writing.fail_over_while_writing(group)
    assert set(range(300)) <= {*told}
    assert lost
    assert lost.issuperset(late)
    assert min(lost) >= 300  # all was well until then
    assert seconds > 4 * PERIODS["publish-period"] / 1000  # it is told so late
    assert get(group.successor()) is None


def test_one_in_order_loses_nothing(group):
    told, late, lost, _ = writing.fail_over_while_writing(group, "COORDINATED")
    assert set(range(300)) <= {*told}
    assert not late
    assert not lost
    group.demoted()


def test_who_cannot_write_gives_no_order(group):
    group.primary.kill()
    with pytest.raises(redis.ConnectionError):
        writing.fail_over_while_writing(group)
    assert group.named() is group.primary


def test_without_a_majority_of_the_sentinels_nobody_takes_over(group):
    put(group, 1)
    for each in group.sentinels[1:]:
        each.kill()
    assert group.named() is None
    group.link.cut()
    with pytest.raises(TimeoutError, match="nobody takes over from v1"):
        group.successor(timeout=3)
    assert get(group.primary) == "1"  # for who stands beside it
    with pytest.raises(TimeoutError, match="v1 is not demoted"):
        group.demoted(timeout=0.1)


def test_it_listens_on_loopback_only_and_nothing_is_left():
    pytest.importorskip("psutil")
    with ValkeySentinels(replicas=1, sentinels=1, maxmemory="10mb") as group:
        processes = [psutil.Process(each._pid) for each in servers(group)]
        listening = {
            each.laddr.ip
            for process in processes
            for each in process.net_connections()
            if each.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        assert ask(group.replicas[0], "CONFIG", "GET", "maxmemory") == {
            "maxmemory": str(10 << 20)
        }
        folders = [each.folder for each in servers(group)]
        assert all(each.exists() for each in folders)
    assert not any(each.is_running() for each in processes)
    assert not any(each.exists() for each in folders)
