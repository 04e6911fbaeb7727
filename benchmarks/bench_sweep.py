"""What a second process and a local cluster of Dask make of 10,000 short runs.

    python benchmarks/bench_sweep.py

The same sweep in this process, on two processes and, where requirements/dask.txt is
installed, on two workers of Dask. It fails when the tables differ; and, where two cores
are free, when two processes are not 1.3 times as fast as one, or Dask not 1.2 times
(1.7 and 1.5 are hoped for). The start of the pool counts, that of the cluster is said
apart. The last column is the work from which on it pays to start them.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import Process

from ftlib.analysis import Table, sweep
from ftlib.analysis.epidemic import simulate_push

GRID = {"sites": (200, 400, 600, 800, 1000)}
RUNS = 2_000
LEAST = {"2 processes": 1.3, "Dask": 1.2}


def timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def spin() -> None:
    sum(range(10_000_000))


def two_cores_are_free() -> bool:
    """Whether two processes do as much in the same time as one alone."""

    def side_by_side(count: int) -> None:
        workers = [Process(target=spin) for _ in range(count)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    return timed(lambda: side_by_side(2)) < 1.25 * timed(lambda: side_by_side(1))


@contextmanager
def cluster():
    from distributed import Client

    with Client(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as client:
        yield client.get_executor()


def run(executor: Executor | None) -> tuple[Table, float]:
    began = time.perf_counter()
    table = sweep(simulate_push, GRID, RUNS, executor=executor)
    return table, time.perf_counter() - began


def main() -> int:
    free = two_cores_are_free()
    table, alone = run(None)
    print(table)
    print(f"\n{len(GRID['sites']) * RUNS:,} runs in this process: {alone:.2f} s")
    print(f"{'':12}{'start':>8}{'sweep':>8}{'speed-up':>10}{'pays from':>11}")
    failed = False
    engines = {"2 processes": lambda: ProcessPoolExecutor(2)}
    if find_spec("distributed"):
        engines["Dask"] = cluster
    for name, engine in engines.items():
        began = time.perf_counter()
        with engine() as executor:
            start = time.perf_counter() - began
            found, took = run(executor)
        speed = alone / took
        pays = f"{start / (1 - 1 / speed):.1f} s" if speed > 1 else "never"
        print(f"{name:12}{start:>7.2f}s{took:>7.2f}s{speed:>10.2f}{pays:>11}")
        if found != table or str(found) != str(table):
            print(f"{name}: another table\n{found}")
            failed = True
        failed |= free and speed < LEAST[name]
    if "Dask" not in engines:
        print("Dask: not installed (requirements/dask.txt)")
    if not free:
        print("two cores are not free here: the speed-up is not judged")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
