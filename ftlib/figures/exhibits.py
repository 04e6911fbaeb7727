"""The exhibits of the museum, chapter 7.5, as data: public incidents and bug reports,
and for each a small run of our protocols that goes wrong in the same way.

An exhibit is no copy of a system. It is the one mistake that the report blames, made in
a protocol of ours; the fewest faults that bring it out; and the promise that it breaks.
Mended, it is the protocol as the library has it, under the same faults.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ftlib.checking import KeyValue, linearizable
from ftlib.consensus import (
    raft_membership_mutants,
    raft_mutants,
    raft_pre_vote_mutants,
)
from ftlib.consensus.raft_membership_worlds import change
from ftlib.consensus.raft_messages import AppendEntries, AppendEntriesReply
from ftlib.consensus.raft_pre_vote_properties import steps_down, unwilling_while_led
from ftlib.consensus.raft_properties import election_safety, leader_completeness
from ftlib.consensus.raft_reads import Confirm
from ftlib.detection import accuracy, swim_mutants
from ftlib.drawing.look import Look
from ftlib.drawing.looks.detection import DETECTION_LOOK
from ftlib.drawing.looks.raft import RAFT_LOOK
from ftlib.drawing.looks.replication import PAIR_LOOK, QUORUM_LOOK, REPLICATION_LOOK
from ftlib.drawing.looks.ring import RING_LOOK
from ftlib.drawing.looks.transactions import COMMIT_LOOK, SAGA_LOOK
from ftlib.replication import (
    Mode,
    primary_replica_mutants,
    primary_replica_properties,
    primary_standby_mutants,
    primary_standby_properties,
    quorum_mutants,
    ring_mutants,
    ring_properties,
)
from ftlib.replication.shipping import Ack, Append
from ftlib.simulation import (
    Crash,
    Cut,
    Heal,
    Node,
    Partition,
    Property,
    Recover,
    Schedule,
    Slow,
)
from ftlib.transactions import (
    atomic_commit,
    bank_mutants,
    bank_properties,
    saga_mutants,
    saga_properties,
)
from ftlib.transactions import mutants as commit_mutants

__all__ = ["EXHIBITS", "HALLS", "Exhibit"]

Group = Mapping[str, Callable[[], Node]]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An incident, as a run that goes wrong.

    Parameters
    ----------
    hall : str
        Which of `HALLS` it stands in.
    label : str
        What it is, and when it was.
    sources : tuple of str
        Its headings in ``book/references.md``.
    broken, mended : type
        The node that makes the mistake, and the one that does not.
    cast : callable from a type to the factories of a cluster
        Puts one of the two in its place.
    schedule : Schedule
        What goes wrong. No fault of it can be left out.
    promise : Property
        What is broken.
    red, green : str
        What is seen, in words.
    lacks : str
        What the run leaves out of what happened.
    look : Look
        How the run is drawn.
    lanes, hide : tuple
        As for `ftlib.drawing.spacetime`; all lanes if none is named.
    since, until : float
        What is drawn of the run, which is `until` so many seconds.
    seed : int
        Of the cluster.
    """

    hall: str
    label: str
    sources: tuple[str, ...]
    broken: type[Node]
    mended: type[Node]
    cast: Callable[[type[Node]], Group]
    schedule: Schedule
    promise: Property
    red: str
    green: str
    lacks: str
    look: Look
    until: float
    since: float = 0.0
    lanes: tuple[str, ...] = ()
    hide: tuple[str | type, ...] = ("write", "force")
    seed: int = 0


def _shown(
    room: Any,
    name: str,
    *promises: Property,
    given: Any = None,
    schedule: Schedule | None = None,
) -> dict[str, Any]:
    """Take a mutant by its name, the class that it derives from, and the run that shows
    it; or what it is made with, and a schedule, where another run tells more.
    """
    broken = getattr(room, name)
    mended = next(k for k in broken.__mro__ if not k.__module__.endswith("mutants"))
    made_with, faults, breaks = room.SHOWN_BY[broken]
    return {
        "broken": broken,
        "mended": mended,
        "cast": partial(_cast, room.mutated, made_with if given is None else given),
        "schedule": faults if schedule is None else schedule,
        "promise": next(each for each in promises if each.name == breaks),
    }


def _appends(letters: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(("append", "x", letter) for letter in letters)


def _cast(mutated: Callable[..., Group], given: Any, kind: type[Node]) -> Group:
    return mutated(kind, given)


HALLS = {
    "failover": "Who takes over",
    "agreement": "Who has agreed",
    "outcome": "What was done, and where",
}
"""The halls of the museum, each a figure."""

PAIR: dict[str, Any] = {"hall": "failover", "look": PAIR_LOOK}
COPIES: dict[str, Any] = {"hall": "failover", "look": REPLICATION_LOOK}
SERVERS: dict[str, Any] = {"hall": "agreement", "look": RAFT_LOOK}
COMMIT: dict[str, Any] = {"hall": "outcome", "look": COMMIT_LOOK}

PAIRED = primary_standby_properties
SURVIVES = (*PAIRED.PROPERTIES, PAIRED.one_at_a_time)
KEPT = primary_replica_properties.PROPERTIES

FORGETTING = Schedule(
    [
        Partition((("s2",),), at=0.5),
        Crash("s1", at=0.56),
        Recover("s1", at=0.57),
        Partition((("s3",),), at=0.56),
    ]
)
"""s2 lacks what follows; then s1 comes back, and the two elect a leader without s3."""

FAILOVER = {
    "github-2012": Exhibit(
        **PAIR,
        label="GitHub 2012: each takes over from the other",
        sources=("GitHub 2012",),
        **_shown(primary_standby_mutants, "TakesOverAlone", *SURVIVES),
        red="Broken: a and b both act for epoch 1.",
        green="Mended: b asks the witness, and cannot reach it.",
        lacks="In the incident each node of a pair also switched the other off.",
        lanes=("a", "b", "w", "r"),
        hide=("write", "force", Append, Ack),
        until=0.4,
    ),
    "github-2018": Exhibit(
        **PAIR,
        label="GitHub 2018: the standby lacks what was acknowledged",
        sources=("GitHub 2018",),
        **_shown(primary_standby_mutants, "AcknowledgesEarly", *SURVIVES),
        red="Broken: b leads without what a has acknowledged.",
        green="Mended: what b lacks has not been acknowledged.",
        lacks="The data centres were far apart, which is why nobody waited for a copy;"
        " then clients wrote to the other one, and neither had everything.",
        lanes=("a", "b", "w"),
        since=0.69,
        until=1.345,
    ),
    "gitlab-2026": Exhibit(
        **PAIR,
        label="GitLab 2026: the lock is lost, and the holder goes on",
        sources=("GitLab 2026",),
        **_shown(primary_standby_mutants, "HopesForItsLease", *SURVIVES),
        red="Broken: b acts for epoch 2, and a still does for 1.",
        green="Mended: a steps down when its lease ends, before b may begin.",
        lacks="There the lock was in another store, and a watchdog is to reset the"
        " machine that lost it; here the holder looks at its clock.",
        lanes=("a", "b", "w"),
        since=0.65,
        until=1.4,
    ),
    "lock-2016": Exhibit(
        **PAIR,
        label="A lock, 2016: a holder that was paused",
        sources=("Kleppmann 2016",),
        **_shown(
            primary_standby_mutants,
            "FencesItself",
            *SURVIVES,
            given=((_appends("abcd"),), True, True),
            schedule=Schedule([Slow("a", by=0.8, at=0.35, until=0.36)]),
        ),
        red="Broken: r does something for epoch 1, after epoch 2.",
        green="Mended: r has seen epoch 2, and refuses what comes from epoch 1.",
        lacks="A pause is one long delay at one place; a real one strikes between any"
        " two steps.",
        lanes=("a", "b", "w", "r"),
        since=0.33,
        until=1.19,
        seed=3,
    ),
    "elasticsearch-14671": Exhibit(
        **COPIES,
        label="Elasticsearch 14671: a stale copy becomes the primary",
        sources=("Elasticsearch 14671",),
        **_shown(
            primary_replica_mutants,
            "PromotesAny",
            *KEPT,
            given=((_appends("abc"),), Mode(1)),
            schedule=Schedule([Cut("r1", "r3"), Crash("r1", at=0.1)]),
        ),
        red="Broken: r3 leads with its own log, which lacks what was acknowledged.",
        green="Mended: r3 first takes over what it hears of.",
        lacks="There a master chose the copy, when the primary had left.",
        lanes=("r1", "r2", "r3"),
        hide=("write", "force", "beat"),
        until=0.435,
    ),
    "kip-101": Exhibit(
        **COPIES,
        label="Kafka, KIP-101: catching up by index",
        sources=("KIP-101",),
        **_shown(
            primary_replica_mutants,
            "CatchesUpByIndex",
            *KEPT,
            given=((_appends("ab"),), Mode(1)),
            schedule=Schedule([Partition((("r1", "c1"),), at=0.04), Heal(at=0.35)]),
        ),
        red="Broken: two logs agree at an entry, and not before it.",
        green="Mended: epochs are compared, and r1 deletes what differs.",
        lacks="Kafka cut its logs back to an index that a follower learns late; here"
        " they are not cut at all.",
        lanes=("r1", "r3"),
        hide=("write", "force", "beat"),
        until=0.361,
    ),
}

AGREEMENT = {
    "elasticsearch-2488": Exhibit(
        **SERVERS,
        label="Elasticsearch 2488: two masters, each with a majority",
        sources=("Elasticsearch 2488",),
        **_shown(
            raft_mutants,
            "VotesTwice",
            election_safety,
            given=(),
            schedule=Schedule([Cut("s3", "s1")]),
        ),
        red="Broken: s3 and s1 both lead in term 1; s2 has voted for both.",
        green="Mended: s2 has voted, and so s1 needs a later term.",
        lacks="There were no terms, so nobody could tell an old vote from a new one.",
        hide=("write", "force", "heartbeat"),
        until=0.285,
    ),
    "etcd-741": Exhibit(
        **SERVERS,
        label="etcd 741: a read from a leader that is none any more",
        sources=("Kingsbury 2014",),
        **_shown(raft_mutants, "AnswersUnconfirmed", linearizable(KeyValue)),
        red="Broken: c1 reads nothing, after c2 has written.",
        green="Mended: s3 answers no read that a majority has not confirmed.",
        lacks="It was found by a test that cut the network, before it cost anybody.",
        lanes=("s3", "c1", "s1", "c2"),
        since=0.68,
        until=0.77,
        hide=("write", "force", Confirm, AppendEntries),
    ),
    "kip-966": Exhibit(
        **SERVERS,
        label="Kafka, KIP-966: the last replica loses its tail",
        sources=("KIP-966",),
        **_shown(
            raft_mutants, "RepliesFromMemory", leader_completeness, schedule=FORGETTING
        ),
        red="Broken: s2 leads without an entry that was committed.",
        green="Mended: what s1 has said that it has, it still has.",
        lacks="Kafka does not force each write: who stands in for the disk are the"
        " other replicas, which had left.",
        since=0.49,
        until=0.69,
        lanes=("s1", "s2", "s3"),
    ),
    "rethinkdb-5289": Exhibit(
        **SERVERS,
        label="RethinkDB 5289: back under the old name, and empty",
        sources=("RethinkDB 5289",),
        **_shown(
            raft_mutants, "ReturnsEmpty", leader_completeness, schedule=FORGETTING
        ),
        red="Broken: s1 has forgotten, and helps s2, which lacks an entry, to lead.",
        green="Mended: s1 has its log, and s2 does not get its vote.",
        lacks="No crash did it: the server was told to leave, dropped its log, and a"
        " late message called it back.",
        since=0.49,
        until=0.69,
        lanes=("s1", "s2", "s3"),
    ),
    "raft-2015": Exhibit(
        **SERVERS,
        label="Raft 2015: two leaders remove each other",
        sources=("Ongaro 2015",),
        **_shown(
            raft_membership_mutants,
            "ChangesTooSoon",
            leader_completeness,
            given=(
                ((change("s1", "s3", "s4"),), (change("s2", "s3", "s4"),)),
                4,
            ),
            schedule=Schedule(
                [
                    Partition((("s1", "c1"),), at=0.333),
                    Partition((("s1", "s4", "c1"),), at=0.631),
                ]
            ),
        ),
        red="Broken: s1 leads without an entry that was committed.",
        green="Mended: s2 changes nothing before its own term has committed.",
        lacks="It was found by thought, and not in a system that failed.",
        lanes=("s1", "s4", "s2", "s3"),
        since=0.6305,
        until=0.866,
        hide=("write", "force", "heartbeat", AppendEntriesReply),
        seed=20,
    ),
    "cockroach-104042": Exhibit(
        **SERVERS,
        label="CockroachDB 104042: one broken link, and leaders take turns",
        sources=("CockroachDB 104042", "Cloudflare 2020"),
        **_shown(
            raft_pre_vote_mutants,
            "WillingWhileLed",
            unwilling_while_led,
            schedule=Schedule([Cut("s3", "s1", at=0.46)]),
        ),
        red="Broken: s2 hears from s3, the leader, and would vote for s1.",
        green="Mended: s2 hears from a leader, and would vote for nobody.",
        lacks="At Cloudflare a switch failed in part; the cut here is clean.",
        since=0.44,
        until=0.7,
    ),
    "kafka-15489": Exhibit(
        **SERVERS,
        label="KAFKA-15489: a leader that nobody hears stays the leader",
        sources=("KAFKA-15489",),
        **_shown(
            raft_pre_vote_mutants,
            "LeadsOn",
            steps_down,
            schedule=Schedule([Partition((("s3",),), at=0.47)]),
        ),
        red="Broken: s3 leads on, and has heard from no majority.",
        green="Mended: s3 looks who has answered, and steps down.",
        lacks="In Kafka's Raft the followers fetch what is new, so the leader must note"
        " who has asked.",
        since=0.46,
        until=0.65,
    ),
}

OUTCOME = {
    "pgdog-1175": Exhibit(
        **COMMIT,
        label="PgDog 1175: a coordinator that does not find its decision",
        sources=("PgDog 2026",),
        **_shown(commit_mutants, "KeepsNoLog", *atomic_commit.PROPERTIES),
        red="Broken: p1 has committed, and p2 aborts.",
        green="Mended: the decision is on disk before anybody hears of it.",
        lacks="There the log was kept, and asked by the wrong names: what is not found"
        " is as good as not kept.",
        until=1.4,
    ),
    "mysql-12161": Exhibit(
        **COMMIT,
        label="MySQL 12161: a promise that a disconnection undoes",
        sources=("MySQL 2005",),
        **_shown(commit_mutants, "ForgetsItsVote", *atomic_commit.PROPERTIES),
        red="Broken: p1 has voted yes, and forgets it; the others commit.",
        green="Mended: p1 finds its vote on disk, and asks for the outcome.",
        lacks="It was the client's connection that ended, and not the server.",
        until=1.2,
    ),
    "mysql-79940": Exhibit(
        **COMMIT,
        label="MySQL 79940: a promise without its locks",
        sources=("MySQL 2016",),
        **_shown(bank_mutants, "ForgetsItsLocks", *bank_properties.PROPERTIES),
        red="Broken: t1 changes a1 while t2 has it promised.",
        green="Mended: p1 takes the locks again, before it promises anything else.",
        lacks="There a table could be dropped; here an account is paid from twice.",
        until=0.1,
    ),
    "santander-2021": Exhibit(
        hall="outcome",
        look=SAGA_LOOK,
        label="Santander 2021: what is asked twice is done twice",
        sources=("Santander 2021",),
        **_shown(saga_mutants, "ExecutesTwice", *saga_properties.PROPERTIES),
        red="Broken: the flight is booked twice.",
        green="Mended: the step has a name, and the second copy changes nothing.",
        lacks="What doubled the payments was a schedule of jobs, and no message.",
        until=0.1,
    ),
    "cassandra-deletes": Exhibit(
        hall="outcome",
        look=QUORUM_LOOK,
        label="Cassandra: what was deleted comes back",
        sources=("Cassandra deletes",),
        **_shown(quorum_mutants, "DropsTheTombstone", linearizable(KeyValue)),
        red="Broken: c1 deletes x, and reads it again.",
        green="Mended: the deletion is a row too, and is newer.",
        lacks="Cassandra keeps its tombstones for ten days, and a node may be away for"
        " longer.",
        lanes=("c1", "n1", "n2"),
        since=0.04,
        until=0.12,
    ),
    "hydro-2018": Exhibit(
        hall="outcome",
        look=RING_LOOK,
        label="Hydro 2018: the ring is changed, and the rows are not there",
        sources=("Hydro 2018",),
        **_shown(ring_mutants, "AnswersTooSoon", *ring_properties.PROPERTIES),
        red="Broken: h3 answers for a, and has not received it.",
        green="Mended: h3 answers when it has its range.",
        lacks="There the client was told that the key does not exist.",
        lanes=("c1", "h1", "h3"),
        since=0.29,
        until=0.38,
    ),
    "lifeguard-2017": Exhibit(
        hall="outcome",
        look=DETECTION_LOOK,
        label="Lifeguard 2017: the healthy are declared dead",
        sources=("Dadgar et al. 2017",),
        **_shown(swim_mutants, "NoSuspicion", accuracy),
        red="Broken: one lost message, and m2 is dead to m1.",
        green="Mended: m2 hears that it is suspected, and denies it.",
        lacks="The paper's accuser is slow itself; what it adds to a suspicion makes"
        " such a node wait for longer.",
        until=0.65,
    ),
}

EXHIBITS: dict[str, Exhibit] = FAILOVER | AGREEMENT | OUTCOME
"""All of them, by the name that an address knows them by."""
