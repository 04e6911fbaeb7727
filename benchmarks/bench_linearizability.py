"""How long it takes to judge histories: a compare-and-set register, a store of ten
keys, one key that is hard.

    python benchmarks/bench_linearizability.py

The histories are made by a simulated atomic object that every operation reaches at some
instant between its call and its return, so they are linearizable; in the illegal ones
one result is replaced afterwards. It fails if 100 histories of 90 operations on a
register, or 2,000 operations of 50 clients on 10 keys, take more than 10 seconds of
processor time, if a linearizable history is called anything else, or if an illegal key
is not found at once beside one that is hard.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from platform import python_version
from typing import Any

from ftlib.checking.history import History
from ftlib.checking.linearizability import Verdict, check_linearizable
from ftlib.checking.models import CasRegister, KeyValue
from ftlib.checking.operation import Operation

LIMIT = 10.0  # seconds of processor time for a row
GIVE_UP = 10.0  # seconds for the hard one


def simulate(
    seed: int,
    count: int,
    clients: int,
    call: Callable[[random.Random, int], tuple[Any, ...]],
    do: Callable[[dict[str, Any], tuple[Any, ...]], Any],
    lost: float = 0.0,
) -> list[Operation]:
    """Operations of clients that call again 0.1 after a return; after a time-out under
    a new name.
    """
    chance = random.Random(seed)
    free, names = [chance.random() for _ in range(clients)], list(range(clients))
    rows = []
    for number in range(count):
        client = min(range(clients), key=free.__getitem__)
        begin, lasts = free[client], chance.expovariate(1.0)
        pending = chance.random() < lost
        instant = (
            None
            if pending and chance.random() < 0.5
            else begin + lasts * chance.random()
        )
        rows.append(
            (
                names[client],
                call(chance, number),
                instant,
                begin,
                None if pending else begin + lasts,
            )
        )
        free[client] = begin + lasts + 0.1
        names[client] = clients + number if pending else names[client]
    object_: dict[str, Any] = {}
    results = {
        n: do(object_, rows[n][1])
        for n in sorted(
            (n for n in range(count) if rows[n][2]), key=lambda n: rows[n][2]
        )
    }
    return [
        Operation(who, what, results.get(n), begin, end)
        for n, (who, what, _, begin, end) in enumerate(rows)
    ]


def register_call(chance: random.Random, number: int) -> tuple[Any, ...]:
    kind, one, other = chance.random(), chance.randrange(5), chance.randrange(5)
    return (
        ("read",)
        if kind < 1 / 3
        else ("write", one)
        if kind < 2 / 3
        else ("cas", one, other)
    )


def register_do(register: dict[str, Any], call: tuple[Any, ...]) -> Any:
    held = register.get("value")
    if call[0] == "read":
        return held
    if call[0] == "write" or held == call[1]:
        register["value"] = call[-1]
    return held == call[1] if call[0] == "cas" else None


def store_call(keys: int) -> Callable[[random.Random, int], tuple[Any, ...]]:
    def call(chance: random.Random, number: int) -> tuple[Any, ...]:
        kind, key, text = chance.random(), chance.randrange(keys), f"x {number} y"
        return (
            ("get", key)
            if kind < 0.4
            else ("append", key, text)
            if kind < 0.9
            else ("put", key, text)
        )

    return call


def store_do(store: dict[Any, str], call: tuple[Any, ...]) -> str | None:
    if call[0] == "get":
        return store.get(call[1], "")
    store[call[1]] = (store.get(call[1], "") if call[0] == "append" else "") + call[2]
    return None


def spoil(
    history: list[Operation], seed: int, wrong: Callable[[Any], Any]
) -> list[Operation]:
    """Replace the result of one read in the second half."""
    chance = random.Random(seed)
    reads = [
        n
        for n, one in enumerate(history)
        if one.call[0] in ("read", "get") and one.result and not one.pending
    ]
    number = chance.choice(reads[len(reads) // 2 :])
    one = history[number]
    return [
        *history[:number],
        Operation(one.process, one.call, wrong(one.result), one.invoked, one.returned),
        *history[number + 1 :],
    ]


def row(
    name: str, histories: list[list[Operation]], model: Any
) -> tuple[float, Counter[str]]:
    ready = [History(history) for history in histories]
    start = time.process_time()
    verdicts: list[Verdict] = [check_linearizable(history, model) for history in ready]
    seconds = time.process_time() - start
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    places = max(verdict.places for verdict in verdicts)
    told = ", ".join(
        f"{count} {outcome}" for outcome, count in sorted(outcomes.items())
    )
    print(f"{name:<52}{seconds:>8.2f} s{places:>10,}   {told}", flush=True)
    return seconds, outcomes


def main() -> int:
    print(
        f"Python {python_version()}; processor time of a row, places in its longest"
        " search\n"
    )
    good = True
    for lost in (0.05, 0.2):
        registers = [
            simulate(seed, 90, 5, register_call, register_do, lost)
            for seed in range(100)
        ]
        spoilt = [
            spoil(history, seed, lambda value: (value + 1) % 5)
            for seed, history in enumerate(registers)
        ]
        seconds, outcomes = row(
            f"register, 100 of 90 operations, {lost:.0%} pending",
            registers,
            CasRegister,
        )
        good &= seconds < LIMIT and outcomes == {"linearizable": 100}
        seconds, outcomes = row("  one read of each replaced", spoilt, CasRegister)
        good &= (
            seconds < LIMIT and outcomes["not linearizable"] > 0 == outcomes["unknown"]
        )
    for lost in (0.0, 0.02):
        stores = [
            simulate(seed, 2000, 50, store_call(10), store_do, lost)
            for seed in range(5)
        ]
        spoilt = [
            spoil(history, seed, lambda text: text[:-3] + "? y")
            for seed, history in enumerate(stores)
        ]
        seconds, outcomes = row(
            f"10 keys, 5 of 2,000 by 50 clients, {lost:.0%} pending", stores, KeyValue
        )
        good &= seconds / 5 < LIMIT and outcomes == {"linearizable": 5}
        seconds, outcomes = row("  one get of each replaced", spoilt, KeyValue)
        good &= seconds / 5 < LIMIT and outcomes == {"not linearizable": 5}
    long = simulate(1, 50_000, 5, register_call, register_do)
    seconds, outcomes = row(
        "register, 50,000 operations by 5 clients", [long], CasRegister
    )
    good &= outcomes == {"linearizable": 1}

    hard = simulate(1, 1000, 50, store_call(1), store_do)
    start = time.monotonic()
    verdict = check_linearizable(hard, KeyValue, timeout=GIVE_UP)
    print(
        f"\none key, 1,000 operations by 50 clients, with a time-out:\n  {verdict},"
        f" {time.monotonic() - start:.1f} s"
    )
    good &= time.monotonic() - start < GIVE_UP + 2
    start = time.monotonic()
    verdict = check_linearizable(
        [*hard, Operation("late", ("get", "easy"), "never put", 0, 1)],
        KeyValue,
        timeout=GIVE_UP,
    )
    seconds = time.monotonic() - start
    print(
        f"  beside it a key that is illegal: {verdict.outcome}, key {verdict.key!r},"
        f" {seconds:.2f} s"
    )
    good &= verdict.key == "easy" and seconds < 2
    print(f"\n{'pass' if good else 'FAIL'}: limit {LIMIT:g} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
