"""How much memory a run of a million events takes when its trace is kept: at most 400
MB, or it fails.

    python benchmarks/bench_memory.py

Measured in a process of its own, as the peak of what the operating system had given it;
where a process is not told that, as on Windows, nothing is measured.
"""

import subprocess
import sys

EVENTS = 1_000_000
LIMIT = 400  # MB

CHILD = f"""
import resource, sys
from workload import exchange
trace = exchange({EVENTS} // 2, 0, trace=True).trace
unit = 1 if sys.platform == "darwin" else 1024
print(len(trace), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def main() -> int:
    if sys.platform == "win32":
        print("skipped: this system does not tell a process its peak memory")
        return 0
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        cwd=sys.path[0],
        capture_output=True,
        text=True,
        check=True,
    )
    events, size = map(int, done.stdout.split())
    good = events >= EVENTS and size <= LIMIT * 1e6
    print(
        f"{'pass' if good else 'FAIL'}: {events:,} events and the run that made them"
        f" took {size / 1e6:.0f} MB; limit {LIMIT} MB"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
