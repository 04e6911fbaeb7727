"""A client that writes to a primary until it dies or steps down, and what it was told
meanwhile.
"""

import threading
import time
from contextlib import suppress

from ftlib.real.postgres import Postgres, PostgresPair
from ftlib.real.sentinels import ValkeySentinels
from ftlib.real.servers import wait_for

__all__ = ["fail_over_while_writing", "kill_while_writing", "write"]

MOST = 100_000  # writes, if nobody takes over


def write(server: Postgres, told: list[int], every: float = 0.01) -> None:
    """Insert one number after the other into the table t until the server dies.

    Parameters
    ----------
    server : Postgres
        It has a table t with a column of integers.
    told : list of int
        Where each number is noted of which the server has said that it is stored.
    every : float
        How often an insert begins, in seconds, unless the last one still waits.
    """
    import psycopg

    with suppress(psycopg.OperationalError), server.connect() as client:
        began = time.monotonic()
        while True:
            client.execute("insert into t values (%s)", [len(told)])
            told.append(len(told))
            time.sleep(every - (time.monotonic() - began) % every)


def kill_while_writing(pair: PostgresPair, seconds: float = 0.4) -> tuple[int, int]:
    """Kill the primary while a client writes, count, and bring the primary back.

    Parameters
    ----------
    pair : PostgresPair
        With a table ``t (x int)``, which is emptied first.
    seconds : float
        How long the client writes.

    Returns
    -------
    tuple of int
        How many writes the client was told of, and how many of these the standby does
        not have.

    Notes
    -----
    Explained in ``chapters/7_4_1_real_replication``.
    """
    pair.primary.sql("truncate t")
    told: list[int] = []
    writer = threading.Thread(target=write, args=(pair.primary, told))
    writer.start()
    time.sleep(seconds)
    pair.crash_primary()
    writer.join()
    replayed = "select pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
    with suppress(TimeoutError):  # half a record may have come, which is not replayed
        wait_for(lambda: pair.standby.sql(replayed) == [(True,)], 2, "the replay")
    kept = {x for (x,) in pair.standby.sql("select x from t")}
    pair.restore()
    return len(told), len(set(told) - kept)


def fail_over_while_writing(
    group: ValkeySentinels, *how: str, first: int = 300
) -> tuple[list[int], list[int], set[int], float]:
    """Order a failover while a client writes as fast as it can, until the first primary
    refuses it.

    Parameters
    ----------
    group : ValkeySentinels
        A new one.
    *how : str
        As for `ValkeySentinels.fail_over`.
    first : int
        After how many writes.

    Returns
    -------
    tuple
        The numbers of the writes that were acknowledged before the sentinels named
        another primary; of those that were afterwards; and of those of both that the
        new primary does not have. Last, how many seconds after the order the first
        primary refused.

    Raises
    ------
    TimeoutError
        If nobody takes over.
    redis.RedisError
        If the first primary refuses a write before the order.
    OSError
        If the order is refused.

    Notes
    -----
    Explained in ``chapters/7_4_2_real_cache_ring``.
    """
    import redis

    told = [*range(first)]
    late: list[int] = []
    named = False
    with group.primary.client() as client:
        for number in told:
            client.set(number, "there")
        ordered = time.monotonic()
        group.fail_over(*how)
        with suppress(redis.RedisError):
            for number in range(first, MOST):
                client.set(number, "there")
                (late if named else told).append(number)
                if number % 10 == 0:
                    named = named or group.named() in group.replicas
    seconds = time.monotonic() - ordered
    numbers = told + late
    with group.successor().client() as client:
        found = client.mget(numbers)
    lost = {n for n, value in zip(numbers, found, strict=True) if not value}
    return told, late, lost, seconds
