"""A sweep: the same table whoever does the work, whatever happens to the workers."""

import contextlib
import io
import math
import multiprocessing
import os
import re
import subprocess
import sys
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from types import SimpleNamespace

import pytest
from swept import both, dies, dies_once, interrupts, likely, refuses, wave

from ftlib.analysis import Estimate, Mean, Table, TaskError, sweep, tasks

HEIGHTS = {"height": [1, 2, 3]}
# threads of the test's own process: what dies here are processes of ours
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def seeds(grid, runs=1, **options):
    """What seeds a sweep gives, by parameters."""
    found = {}

    def note(*, seed, **parameters):
        found.setdefault(tuple(sorted(parameters.items())), []).append(seed)
        return True

    sweep(note, grid, runs, **options)
    return found


# --------------------------------------------------------------------------- the table


def test_a_line_is_what_a_loop_by_hand_gives():
    table = sweep(wave, HEIGHTS, 40, seed=5, confidence=0.9)
    for (point, given), row in zip(
        seeds(HEIGHTS, 40, seed=5).items(), table.rows, strict=True
    ):
        assert dict(point) == row.parameters
        by_hand = [wave(**row.parameters, seed=seed) for seed in given]
        assert row.estimate == Mean.of(by_hand, 0.9)
    assert table.missing == 0


def test_yes_and_no_make_a_probability():
    table = sweep(likely, {"chance": [0.0, 0.5, 1.0]}, 20)
    assert [row.estimate for row in table.rows][::2] == [
        Estimate.of(0, 20),
        Estimate.of(20, 20),
    ]
    assert 0 < table.at(chance=0.5).value < 1


def test_several_things_are_measured_in_one_run():
    table = sweep(both, {"chance": [0.2, 0.8]}, 30)
    assert [(row.parameters, row.what) for row in table.rows] == [
        ({"chance": chance}, what) for chance in (0.2, 0.8) for what in ("came", "at")
    ]
    assert isinstance(table.at("came", chance=0.2), Estimate)
    assert isinstance(table.at("at", chance=0.2), Mean)
    assert table.records()[1] == {
        "chance": 0.2,
        "what": "at",
        "value": table.at("at", chance=0.2).value,
        "low": table.at("at", chance=0.2).low,
        "high": table.at("at", chance=0.2).high,
        "runs": 30,
    }


def test_a_table_says_what_it_has():
    table = sweep(likely, {"chance": [0, 1]}, 4)
    assert str(table).splitlines() == [
        "chance  value     low    high  runs",
        "     0      0       0  0.4899     4",
        "     1      1  0.5101       1     4",
    ]
    with pytest.raises(KeyError, match="0 lines of the table are of chance=3"):
        table.at(chance=3)
    with pytest.raises(KeyError, match="2 lines"):
        table.at()


def test_a_grid_is_a_product_or_a_list():
    product = sweep(wave, {"height": [1, 2], "length": (1, 2)})
    listed = sweep(
        wave,
        (
            {"length": length, "height": height}
            for height in (1, 2)
            for length in (1, 2)
        ),
    )
    assert [row.estimate for row in product.rows] == [
        row.estimate for row in listed.rows
    ]


# ---------------------------------------------------------------------------- the seeds


def test_a_seed_is_of_the_task_alone():
    few, many = seeds({"a": [1], "b": ["x", "y"]}), seeds({"b": ["y"], "a": [0, 1]})
    assert few[("a", 1), ("b", "y")] == many[("a", 1), ("b", "y")]
    given = seeds({"a": [0, 1, 1.0, True, None]}, 10)
    assert len({seed for found in given.values() for seed in found}) == 50
    assert seeds({"a": [1]}, 3)[(("a", 1),)] == seeds({"a": [1]}, 5)[(("a", 1),)][:3]
    assert seeds({"a": [1]}) != seeds({"a": [1]}, seed=1)
    # by another program: b2sum -l 64 of (0, 'a=1', 0)
    assert seeds({"a": [1]}) == {(("a", 1),): [0x1CF63E4305389407]}


def test_other_processes_give_the_same_bytes():
    code = (
        "from swept import both; from ftlib.analysis import sweep\n"
        "print(sweep(both, {'chance': [0.1, 0.3]}, 30).records())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "tests"},
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert said == {f"{sweep(both, {'chance': [0.1, 0.3]}, 30).records()}\n"}


# ------------------------------------------------------------------------- the engines


class Clock:
    """Stands for `time`: goes on when a function says so."""

    now = 0.0

    def perf_counter(self):
        return self.now


class Noting(ThreadPoolExecutor):
    """Notes how many calls each batch takes along, and how many it does."""

    def __init__(self):
        super().__init__(1)
        self.batches = []

    def submit(self, do, /, *given, **named):
        def noted():
            values, *rest = do(*given, **named)
            self.batches.append((len(do.__self__.calls), len(values)))
            return values, *rest

        return super().submit(noted)


@pytest.fixture
def batches(monkeypatch):
    """From what each task takes to the batches of a sweep of 1,000."""
    clock = Clock()
    monkeypatch.setattr(tasks, "time", clock)

    def of(*seconds):
        def lasting(lasts, *, seed):
            clock.now += lasts
            return seed

        with Noting() as executor:
            sweep(lasting, {"lasts": seconds}, 1000, executor=executor)
        assert sum(done for _, done in executor.batches) == 1000 * len(seconds)
        return executor.batches

    return of


def test_short_tasks_go_in_batches(batches):
    found = [handed for handed, _ in batches(1 / 1024)]
    assert found[0] == 1
    assert {204} == set(found[6:-1]), "a fifth of a second"
    assert len(found) < 15


def test_long_tasks_go_one_by_one(batches):
    assert set(batches(30.0)) == {(1, 1)}


def test_what_a_worker_has_no_time_for_comes_back(batches):
    found = batches(0.001, 0.1)
    too_many = [done for handed, done in found if done < handed]
    assert too_many
    assert max(done for _, done in found[-300:]) <= 3, "0.3 s of work"


def test_no_more_than_needed_is_under_way():
    class Lazy(ThreadPoolExecutor):
        submitted, most = 0, 0

        def submit(self, *given, **named):
            future = super().submit(*given, **named)
            self.submitted += 1
            self.most = max(self.most, self._work_queue.qsize())
            return future

    with Lazy(2) as executor:
        assert sweep(wave, HEIGHTS, 500, executor=executor) == sweep(wave, HEIGHTS, 500)
    assert executor.most <= 4


def test_a_pool_of_processes_gives_the_same_bytes():
    grid = {"chance": [0.1, 0.3]}
    here = sweep(both, grid, 200)
    with ProcessPoolExecutor(2) as pool:
        there = sweep(both, grid, 200, executor=pool)
        assert sweep(both, grid, 200, executor=pool, seed=1) != here
    assert (there, str(there), repr(there)) == (here, str(here), repr(here))


def test_a_worker_that_dies_is_replaced(tmp_path):
    grid = {"height": [1, 2, 3], "mark": [str(tmp_path / "died")]}
    with ProcessPoolExecutor(2) as pool:
        with pytest.warns(RuntimeWarning, match=r"a worker died: \d+ tasks are done"):
            table = sweep(dies_once, grid, executor=pool)
        with pytest.warns(RuntimeWarning, match="a worker died"):
            again = sweep(dies_once, grid, executor=pool)  # it is still broken
    assert multiprocessing.active_children() == [], "the new pools are closed"
    assert table == again == sweep(dies_once, grid)


def test_a_task_that_kills_its_workers_is_given_up():
    with (
        ProcessPoolExecutor(1) as pool,
        pytest.warns(RuntimeWarning, match="a worker died") as warned,
        pytest.raises(TaskError, match="was under way 3 times when a worker") as failed,
    ):
        sweep(dies, HEIGHTS, 1, executor=pool)
    assert len(warned) <= 3
    assert len(failed.value.calls) <= 2, "one at work and one that waited"
    assert ({"height": 2}, *seeds({"height": [2]})[(("height", 2),)]) in (
        failed.value.calls
    )


def test_an_executor_may_break_that_we_cannot_replace():
    class Breaking(ThreadPoolExecutor):
        def submit(self, *given, **named):
            future = Future()
            future.set_exception(BrokenExecutor())
            return future

    with (
        Breaking(1) as executor,
        pytest.warns(RuntimeWarning, match="a worker died"),
        pytest.raises(TaskError, match="3 times"),
    ):
        sweep(wave, HEIGHTS, executor=executor)


def test_what_workers_of_a_cluster_die_of_is_found_one_by_one():
    """The cluster says only which batch it was."""
    deadly = seeds({"height": [1]}, 500)[(("height", 1),)][250]

    class KilledWorker(Exception):  # noqa: N818 - Dask's name
        pass

    class Killing(ThreadPoolExecutor):
        def submit(self, do, /, *given, **named):
            future = super().submit(do, *given, **named)
            if deadly in [seed for _, seed in do.__self__.calls]:
                future = Future()
                future.set_exception(KilledWorker())
            return future

    with (
        Killing(1) as executor,
        pytest.warns(RuntimeWarning, match=r"a worker died: \d+ tasks are done"),
        pytest.raises(TaskError, match="could not be done: KilledWorker") as failed,
    ):
        sweep(wave, {"height": [1]}, 500, executor=executor)
    assert failed.value.calls == (({"height": 1}, deadly),)


def test_what_cannot_be_done_is_said():
    with (
        ProcessPoolExecutor(1) as pool,
        pytest.raises(TaskError, match=r"could not be done: .*lambda"),
    ):
        sweep(lambda seed: 1, {}, executor=pool)

    class Closed(ThreadPoolExecutor):
        def submit(self, *given, **named):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with (
        Closed(1) as executor,
        pytest.raises(TaskError, match="could not be done") as failed,
    ):
        sweep(wave, HEIGHTS, executor=executor)
    assert isinstance(failed.value.__cause__, CancelledError)


# ----------------------------------------------------------------------- failing tasks


@pytest.mark.parametrize("make", [lambda: None, lambda: ThreadPoolExecutor(2)])
def test_a_task_that_fails_is_said_with_its_call(make):
    with pytest.raises(TaskError, match=r"^refuses\(limit=50, seed=\d+\) raised") as it:
        sweep(refuses, {"limit": [100, 50]}, 40, executor=make())
    ((parameters, seed),) = it.value.calls
    with pytest.raises(LookupError, match=f"^{seed} is too much"):
        refuses(**parameters, seed=seed)
    assert "in refuses" in it.value.__notes__[0], "where it was raised"


@pytest.mark.parametrize("given", [math.nan, math.inf, "1", None, {}, {"a": "b"}, 1j])
def test_what_is_no_number_is_said_with_its_call(given):
    with pytest.raises(TaskError, match=re.escape(f") returned {given!r}: a finite")):
        sweep(lambda seed: given, {})


def test_runs_must_give_the_same_things():
    with pytest.raises(TaskError, match=r"gives \['[ab]'\], and other runs \['"):
        sweep(lambda seed: {"ab"[seed % 2]: 1}, {})


def test_after_a_failure_the_rest_is_not_done():
    done = []

    def fails(seed):
        done.append(seed)
        raise ValueError("no")

    with pytest.raises(TaskError):
        sweep(fails, {}, 1000)
    assert len(done) <= 2


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"function": 3}, TypeError, "function=3: something to call"),
        (
            {"grid": {"hight": [1]}},
            TypeError,
            r"wave\(height.*hight=1, seed=0: ",
        ),
        ({"grid": {"height": 3}}, TypeError, "height=3: a list"),
        ({"grid": {"height": "ab"}}, TypeError, "height='ab': a list"),
        ({"grid": {"height": []}}, ValueError, "nothing to try"),
        ({"grid": []}, ValueError, "nothing to try"),
        ({"grid": {"height": [{1}]}}, TypeError, "height is a set"),
        ({"grid": {"height": [print]}}, TypeError, "height is a builtin_function"),
        ({"grid": {"height": [1, 2, 1]}}, ValueError, "height=1: twice"),
        ({"grid": {"height": [1], "seed": [1]}}, ValueError, "seed=1 in the grid"),
        ({"runs": 0}, ValueError, "runs=0"),
        ({"runs": 1.5}, ValueError, r"runs=1\.5"),
        ({"runs": 29}, ValueError, "runs=29: wave gives numbers"),
        ({"seed": "x"}, TypeError, "seed='x'"),
        ({"seed": True}, TypeError, "seed=True"),
        ({"executor": 2}, TypeError, r"executor=2: a concurrent\.futures"),
        ({"confidence": 95}, ValueError, "confidence=95"),
    ],
)
def test_bad_input_is_named(given, error, words):
    with pytest.raises(error, match=words):
        sweep(**({"function": wave, "grid": HEIGHTS} | given))


def test_a_client_of_dask_is_no_executor_but_has_one():
    class Client:
        def get_executor(self):
            return None

    with pytest.raises(TypeError, match=r"which its \.get_executor\(\) is"):
        sweep(wave, HEIGHTS, executor=Client())


def test_a_function_need_not_say_what_it_takes():
    assert sweep(dict, {"height": [1]}, 30).at("height").value == 1


# -------------------------------------------------------------------------- interrupted


class Interrupted(Executor):
    """The second batch takes for ever; at the sixth somebody presses Ctrl-C."""

    _max_workers = 2

    def __init__(self):
        self.futures = []

    def submit(self, do, /, *given, **named):
        self.futures.append(Future())
        match len(self.futures):
            case 2:
                pass
            case 6:
                raise KeyboardInterrupt
            case _:
                self.futures[-1].set_result(do(*given, **named))
        return self.futures[-1]


def test_an_interrupt_leaves_what_was_found():
    executor = Interrupted()
    with pytest.warns(RuntimeWarning, match="interrupted: 197 of 200 runs"):
        part = sweep(likely, {"chance": [0.5, 0.1]}, 100, executor=executor)
    assert executor.futures[1].cancelled()
    (run,) = seeds({"chance": [0.5]})[(("chance", 0.5),)]
    (row,) = part.rows
    assert row.parameters == {"chance": 0.5}
    assert row.estimate == Estimate.of(likely(0.5, seed=run), 1), "until the gap"
    assert part.missing == 197
    assert str(part).endswith("\ninterrupted: 197 runs are missing")


def test_an_interrupt_of_a_worker_is_one_of_all():
    grid = {"height": [1, 2], "at": [2]}
    whole = sweep(interrupts, {"height": [1], "at": [2]})
    for executor in (None, ThreadPoolExecutor(1)):
        with pytest.warns(RuntimeWarning, match="interrupted: "):
            part = sweep(interrupts, grid, executor=executor)
        assert part.missing >= 30
        assert part.rows in ((), whole.rows)
    with (
        pytest.warns(RuntimeWarning, match="90 of 90"),
        ProcessPoolExecutor(1) as pool,
    ):
        part = sweep(interrupts, {"height": [2, 1, 3], "at": [2]}, executor=pool)
    assert part == Table((), 90)


# ------------------------------------------------------------------------- the progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_shows_how_far_it_is(monkeypatch):
    for progress, shown in ((True, True), (None, False), (False, False)):
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        sweep(wave, HEIGHTS, progress=progress)
        assert ("90/90" in sys.stderr.getvalue()) is shown


def test_a_bar_comes_by_itself_on_a_terminal_only_and_late(monkeypatch):
    made = []

    def bar(**options):
        made.append(options)
        return contextlib.nullcontext(SimpleNamespace(update=int))

    monkeypatch.setattr("tqdm.auto.tqdm", bar)
    monkeypatch.setattr(sys, "stderr", Terminal())
    for progress in (None, True, False):
        sweep(wave, HEIGHTS, progress=progress)
    assert [options["delay"] for options in made] == [2, 0]
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert sweep(wave, HEIGHTS, progress=None) == sweep(wave, HEIGHTS)
    with pytest.raises(ImportError):
        sweep(wave, HEIGHTS, progress=True)


def test_the_core_needs_neither_processes_nor_a_bar():
    code = (
        "import sys\n"
        "for name in ('multiprocessing', 'tqdm', 'distributed', 'dask'):\n"
        "    sys.modules[name] = None\n"
        "from ftlib.analysis import sweep\n"
        "from ftlib.analysis.epidemic import simulate_push\n"
        "print(sweep(simulate_push, {'sites': [10]}).at(sites=10).samples)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout == "30\n"


# ----------------------------------------------------------------------- a real cluster


@pytest.mark.slow
def test_a_cluster_of_dask_gives_the_same_bytes(tmp_path):
    distributed = pytest.importorskip(
        "distributed", reason="requirements/dask.txt is not installed"
    )
    marked = {"height": [1, 2, 3], "mark": [str(tmp_path / "died")]}
    with distributed.Client(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as client:
        executor = client.get_executor()
        here = sweep(both, {"chance": [0.1, 0.3]}, 200)
        there = sweep(both, {"chance": [0.1, 0.3]}, 200, executor=executor)
        assert (there, str(there), repr(there)) == (here, str(here), repr(here))

        with pytest.raises(TaskError, match=r"^refuses\(limit=50, seed=") as it:
            sweep(refuses, {"limit": [50]}, 40, executor=executor)
        assert "in refuses" in it.value.__notes__[0]

        died = sweep(dies_once, marked, executor=executor)  # Dask tries again itself
        assert (tmp_path / "died").exists()
        assert died == sweep(dies_once, marked)

        client.cluster.scheduler.allowed_failures = 0
        with pytest.raises(TaskError, match=r"^dies\(height=2, seed=\d+\) could") as it:
            sweep(dies, {"height": [2]}, 1, executor=executor)  # it blames all it held
        assert isinstance(it.value.__cause__, distributed.KilledWorker)
