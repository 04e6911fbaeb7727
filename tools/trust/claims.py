"""What the chapters claim with numbers: formula, measurement and literature of each,
and whether they agree.

A claim is a function that returns one or more `Claim`s, listed in `CLAIMS` under the
heading of the page that it stands below. A chapter that claims something new adds one
function. What was published is typed here, once, with its source; everything else is
computed.
"""

import math
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial

from ftlib.analysis.availability import (
    HOURS_A_YEAR,
    availability,
    availability_k_of_n,
    beta_factor,
    enumerate_k_of_n,
    majority,
    reliability,
    simulate_k_of_n,
)
from ftlib.analysis.commit import (
    CostRow,
    commit_costs,
    lock_times,
    message_delays,
    paxos_commit_costs,
)
from ftlib.analysis.contention import contended_calls
from ftlib.analysis.detection import (
    all_to_all_messages,
    detection_periods,
    swim_messages,
)
from ftlib.analysis.durability import (
    loss_within,
    mean_time_to_loss,
    simulate_loss_within,
)
from ftlib.analysis.elections import (
    first_leader,
    simulate_first_elections,
    split_vote,
)
from ftlib.analysis.epidemic import residue_of_traffic, spread_rumour
from ftlib.analysis.estimate import Estimate, Mean
from ftlib.analysis.latency import Pareto, all_within, hedged_beyond
from ftlib.analysis.movement import (
    any_lost,
    loads_spread,
    moved,
    permutation_copysets,
    shares_spread,
)
from ftlib.analysis.operations import replication_costs
from ftlib.analysis.repair import (
    availability_failover,
    availability_repaired,
    simulate_failover,
    simulate_repaired,
)
from ftlib.analysis.storage import count_stored, values_stored
from ftlib.checking import explore
from ftlib.consensus.paxos_specification import PaxosSpecified
from ftlib.detection import Doubts, PhiAccrual, swimmers, watching
from ftlib.hashing import HashRing, JumpHash, Modulo, Rendezvous
from ftlib.replication.quorum import registers
from ftlib.services import AtOnce, Doubling, FullJitter, HedgingClient, Server
from ftlib.services.retrying import Backoff
from ftlib.simulation import (
    Cluster,
    Crash,
    Exponential,
    Network,
    Node,
    Recover,
    Schedule,
    Trace,
)
from ftlib.simulation.chance import stream
from ftlib.transactions import three_phase
from ftlib.transactions.atomic_commit import Decided, Transaction
from ftlib.transactions.bank import COORDINATOR, bank
from ftlib.transactions.saga import trip
from ftlib.transactions.specification import TCommit, TwoPhase

__all__ = ["ARTICLE", "CLAIMS", "SEED", "Claim", "cost_sizes"]

SEED = 7
ARTICLE = "the article"  # that this course re-tells: no heading in the references
HOUR = 3600  # seconds
Number = int | float
Sampled = Estimate | Mean
Figure = Number | Sampled


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, with every number there is for it.

    Parameters
    ----------
    what : str
        What is claimed.
    counted : str
        The counting rule, or the assumption.
    formula : str
        As text; empty where there is none.
    expected : int or float, optional
        What the formula gives.
    ours : mapping from str to int, float, Estimate or Mean
        How we came by a figure, and the figure.
    published : Decimal, optional
        With as many digits as its source gives.
    source : str
        The heading in book/references.md under which it stands.
    digits : int
        How many decimals are shown and compared.

    Examples
    --------
    >>> Claim("messages", "", "3N", 15, {"a run": 15}, Decimal(15)).verdict
    'agree'
    >>> Claim("messages", "", "3N", 15, {"a run": 15}, Decimal(16)).verdict
    'differs'
    """

    what: str
    counted: str
    formula: str
    expected: Number | None
    ours: Mapping[str, Figure]
    published: Decimal | None = None
    source: str = ""
    digits: int = 4

    @property
    def verdict(self) -> str:
        """Whether all numbers there are "agree" or it "differs"; "not measured" without
        a figure of ours.
        """
        if not self.ours:
            return "not measured"
        figures = [
            *self.ours.values(),
            *([] if self.expected is None else [self.expected]),
        ]
        exact = [figure for figure in figures if not isinstance(figure, Sampled)]
        estimates = [figure for figure in figures if isinstance(figure, Sampled)]
        same = all(math.isclose(figure, exact[0], rel_tol=1e-9) for figure in exact)
        same &= all(figure in estimate for figure in exact for estimate in estimates)
        same &= self.published is None or all(
            _rounds_to(figure, self.published) for figure in figures
        )
        return "agree" if same else "differs"

    def shown(self, figure: Figure) -> str:
        """Return a figure as text, an estimate with its interval."""
        if isinstance(figure, Sampled):
            low, high = (f"{end:.{self.digits}f}" for end in (figure.low, figure.high))
            return f"{figure.value:.{self.digits}f} ({low} to {high})"
        return f"{figure:,}" if isinstance(figure, int) else f"{figure:.{self.digits}f}"


def _rounds_to(figure: Figure, published: Decimal) -> bool:
    """Tell whether a figure is the published one, as far as that has digits; an
    interval must reach it.
    """
    if isinstance(figure, int):
        return figure == published
    half = 10.0 ** int(published.as_tuple().exponent) / 2
    low, high = (
        (figure.low, figure.high) if isinstance(figure, Sampled) else (figure, figure)
    )
    return low - half <= float(published) <= high + half


# How often a service is up ------------------------------------------------------------

BARLOW = "Barlow and Proschan 1975"


def outages(node: str, mttf: float, mttr: float, hours: float) -> Schedule:
    """Crashes and recoveries of a node at exponentially distributed times, both means
    in hours.
    """
    draw, faults, now = stream(SEED, "outages", node).random, [], 0.0
    while (now := now + Exponential(mttf).quantile(draw())) < hours:
        back = now + Exponential(mttr).quantile(draw())
        faults += [Crash(node, at=now * HOUR), Recover(node, at=back * HOUR)]
        now = back
    return Schedule(faults)


def changes(
    nodes: Iterable[str], mttf: float, mttr: float, hours: float
) -> dict[str, list[float]]:
    """Run nodes that crash and recover, and return the hours at which each of them
    changed from up to down or back.
    """
    names = list(nodes)
    schedule = Schedule(
        [fault for node in names for fault in outages(node, mttf, mttr, hours)]
    )
    trace = Cluster(dict.fromkeys(names, Node), faults=schedule).run()
    return {
        node: [
            event.time / HOUR
            for event in trace.where(kind=("crash", "recover"), node=node)
        ]
        for node in names
    }


def share(seen: list[bool]) -> Estimate:
    """Count, with Wilson's interval."""
    return Estimate.of(sum(seen), len(seen))


def one_node() -> list[Claim]:
    """A node that fails and is repaired: the part of the time that it is up, and the
    chance of a month without a failure.
    """
    mttf, mttr, hours, every, month = 1000, 1, 2_000_000, 100, 30 * 24
    (moments,) = changes(["server"], mttf, mttr, hours).values()
    up = share(
        [bisect(moments, hour) % 2 == 0 for hour in range(every, hours + 1, every)]
    )
    lives = [
        end - start
        for start, end in zip([0.0, *moments[1::2]], moments[::2], strict=False)
    ]
    means = f"MTTF {mttf:,} h, MTTR {mttr} h"
    return [
        Claim(
            "A node is up this part of the time",
            f"{means}; one repair after each failure",
            "A = MTTF / (MTTF + MTTR)",
            availability(mttf, mttr),
            {f"run of {hours:,} h": up},
            source=BARLOW,
            digits=5,
        ),
        Claim(
            f"A node runs for {month // 24} days without a failure",
            f"{means}; exponential times",
            "R(t) = exp(−t / MTTF)",
            reliability(month, mttf),
            {"the same run": share([life > month for life in lives])},
            source=BARLOW,
            digits=3,
        ),
    ]


def disks() -> list[Claim]:
    """Schroeder and Gibson: what a data sheet's MTTF promises for a year."""
    mttf, slots = 1_000_000, 100_000
    draw, year = stream(SEED, "disks").random, HOURS_A_YEAR
    failures = 0
    for _ in range(slots):
        hours = Exponential(mttf).quantile(draw())
        while hours < year:
            failures += 1
            hours += Exponential(mttf).quantile(draw())
    counted = Estimate.of(failures, slots)
    return [
        Claim(
            "Failures of a disk in a year, as a data sheet promises them",
            f"MTTF {mttf:,} h, exponential; a disk that fails is replaced at once",
            "a year / MTTF",
            year / mttf,
            {f"{slots:,} drawn disks": counted},
            Decimal("0.0088"),
            "Schroeder and Gibson 2007",
        )
    ]


def k_of_n() -> list[Claim]:
    """All, a majority, any of three servers."""
    mttf, mttr, hours, every, names = 9, 1, 40_000, 20, ("s1", "s2", "s3")
    p = availability(mttf, mttr)
    changed = changes(names, mttf, mttr, hours).values()
    up = [
        sum(bisect(times, hour) % 2 == 0 for times in changed)
        for hour in range(every, hours + 1, every)
    ]
    return [
        Claim(
            f"At least {k} of {len(names)} servers up",
            f"each {p:.0%} of the time, independently; a repair crew each",
            "binomial tail, k of n",
            availability_k_of_n(len(names), k, p),
            {
                "every pattern": enumerate_k_of_n(len(names), k, p),
                "random moments": simulate_k_of_n(len(names), k, p, seed=SEED),
                f"run of {hours:,} h": share([count >= k for count in up]),
            },
            source=BARLOW,
        )
        for k in (3, 2, 1)
    ]


def common_cause() -> list[Claim]:
    """Where independence ends."""
    n, p, common = 5, 0.9, 0.001
    few, often, beta = 3, 0.99, 0.1
    alone, together = beta_factor(often, beta)

    def checks(nodes: int, up: float, struck: float) -> dict[str, Figure]:
        return {
            "every pattern": enumerate_k_of_n(nodes, 1, up, struck),
            "random moments": simulate_k_of_n(nodes, 1, up, struck, seed=SEED),
        }

    return [
        Claim(
            f"At least 1 of {n} servers up, though one cause may take all of them",
            f"each {p:.0%} of the time; the common cause strikes {common:.1%} of it",
            "(1 − c) × binomial tail",
            availability_k_of_n(n, 1, p, common),
            checks(n, p, common),
            source=BARLOW,
            digits=5,
        ),
        Claim(
            f"At least 1 of {few} servers up, where some outages are common",
            f"each {often:.0%} of the time; {beta:.0%} of its outages strike all",
            "beta factor",
            availability_k_of_n(few, 1, alone, together),
            checks(few, alone, together),
            source="Fleming 1975",
            digits=5,
        ),
    ]


def all_of_them() -> list[Claim]:
    """A commit needs all of its nodes, a replicated value a majority."""
    p = 0.99
    return [
        Claim(
            what,
            f"each node up {p:.0%} of the time, independently",
            formula,
            closed,
            {
                "every pattern": enumerate_k_of_n(n, k, p),
                "random moments": simulate_k_of_n(n, k, p, seed=SEED),
            },
            source=BARLOW,
        )
        for what, n, k, formula, closed in (
            ("3 participants and a coordinator are all up", 4, 4, "p⁴", p**4),
            ("A majority of 3 copies is up", 3, 2, "3p² − 2p³", 3 * p**2 - 2 * p**3),
        )
    ]


def four_are_worse() -> list[Claim]:
    """A majority of four needs three, and so fails more often than one of three."""
    p = 0.99
    return [
        Claim(
            f"A majority of {n} nodes is up",
            f"each node up {p:.0%} of the time, independently",
            "binomial tail, k of n",
            availability_k_of_n(n, majority(n), p),
            {"every pattern": enumerate_k_of_n(n, majority(n), p)},
            digits=6,
        )
        for n in (3, 4)
    ]


def crews_and_takeovers() -> list[Claim]:
    """What the binomial leaves out."""
    n, k, mttf, mttr, wait = 3, 2, 9, 1, 0.5
    means = f"MTTF {mttf} h, MTTR {mttr} h"
    return [
        Claim(
            f"At least {k} of {n} servers up, repaired by one crew",
            f"{means}; first come, first served",
            "birth-death chain",
            availability_repaired(n, k, mttf, mttr, 1),
            {"a clock a server": simulate_repaired(n, k, mttf, mttr, 1, seed=SEED)},
            source=BARLOW,
        ),
        Claim(
            "A primary with one standby serves",
            f"{means}; takeover {wait} h after a crash; a crew each",
            "chain of states",
            availability_failover(2, mttf, mttr, wait),
            {"a clock a server": simulate_failover(2, mttf, mttr, wait, seed=SEED)},
        ),
    ]


# How long copies keep data ------------------------------------------------------------


def mirrored_disks() -> list[Claim]:
    """The level 1 of the first paper on RAID."""
    mttf, mttr, pairs, million = 30_000, 1, 100, 1e6
    return [
        Claim(
            f"Mean time to data loss of {pairs} mirrored disks, in millions of hours",
            f"MTTF {mttf:,} h, MTTR {mttr} h. Published: without the 3 MTTR",
            "(MTTF + 3 MTTR) × MTTF / (2 MTTR), by the pairs",
            (mttf + 3 * mttr) * mttf / (2 * mttr) / pairs / million,
            {"chain of states": mean_time_to_loss(2, mttf, mttr) / pairs / million},
            Decimal("4.5"),
            "Patterson, Gibson and Katz 1988",
            digits=5,
        )
    ]


def losses() -> list[Claim]:
    """How likely a loss is within a time, which its mean does not say."""
    mttf, mttr, time = 100, 10, 365
    cases: tuple[tuple[str, int, int | None, float, str], ...] = (
        ("2 copies are both lost", 2, 1, 0.0, "one is made again at a time"),
        ("3 copies are all lost", 3, 1, 0.0, "one is made again at a time"),
        ("3 copies are all lost", 3, None, 0.0, "all are made again at once"),
        (
            "3 copies, some of whose losses are common, are all lost",
            *(3, 1, 0.1, "10 % of the losses strike all copies"),
        ),
    )
    return [
        Claim(
            f"{what} within {time} days",
            f"MTTF {mttf} d, MTTR {mttr} d; {rule}",
            "chain of states, exponential of its rates",
            loss_within(time, copies, mttf, mttr, crews, beta),
            {
                "a clock a copy": simulate_loss_within(
                    time, copies, mttf, mttr, crews, beta, samples=10_000, seed=SEED
                )
            },
            source="Fleming 1975" if beta else "",
        )
        for what, copies, crews, beta, rule in cases
    ]


def copies_stored() -> list[Claim]:
    """The article's K x N, where it is true: with a copy on every node."""
    values, nodes = 20, 3
    wanted = [("put", f"key {number}", number) for number in range(values)]
    trace = Cluster(registers(wanted, nodes=nodes), seed=SEED).run()
    return [
        Claim(
            "Values stored for K keys in R copies",
            f"K = {values}; a copy on each of N = {nodes} nodes, so R = N",
            "K × R",
            values_stored(values, nodes, nodes),
            {"a run": count_stored(trace, "row ")},
            Decimal(values * nodes),
            ARTICLE,
        )
    ]


def movement() -> list[Claim]:
    """What moves when one of N nodes leaves, and that a ring moves nothing else."""
    ten = [f"node {number}" for number in range(10)]
    rest, keys = ten[:-1], range(20_000)
    left = f"N = {len(ten)}; {len(keys):,} keys"
    modulo = moved(Modulo(ten), Modulo(rest), keys)
    jump = moved(JumpHash(ten), JumpHash(rest), keys)
    ring, rendezvous = (
        [
            moved(kind(ten), kind([node for node in ten if node != gone]), keys[:2000])
            for gone in ten
        ]
        for kind in (HashRing, Rendezvous)
    )
    needless = {
        "a ring, every node in turn": sum(each.needless for each in ring),
        "rendezvous hashing, the same": sum(each.needless for each in rendezvous),
        "jump hash, the last node": jump.needless,
    }
    return [
        Claim(
            "Keys that move when the last of N nodes leaves, by the remainder",
            left,
            "(N − 1) / N",
            0.9,
            {"counted": modulo.part},
            digits=3,
        ),
        Claim(
            "Keys that move when the last of N nodes leaves, by jump hash",
            left,
            "1 / N",
            0.1,
            {"counted": jump.part},
            digits=3,
        ),
        Claim(
            "Keys that move from one node that stays to another",
            f"when one of {len(ten)} nodes leaves",
            "none",
            0,
            needless,
        ),
    ]


def spread() -> list[Claim]:
    """How uneven the shares of a ring are, by the number of its points."""
    nodes, keys = 100, range(10_000)
    published = {1: "0.998", 10: "0.315"}
    return [
        Claim(
            "Standard deviation of the nodes' loads over their mean, on a ring",
            f"V = {points} points a node, N = {nodes}, K = {len(keys):,} keys. With "
            f"1,000 nodes Lamping and Veach measured {measured}; the formula without "
            f"its second term gives {shares_spread(1000, points):.3f} there",
            "√((N − 1)/(N V + 1) + (N − 1)/K)",
            shares_spread(nodes, points, len(keys)),
            {
                "thirty rings": Mean.of(
                    [
                        loads_spread(
                            HashRing([f"{ring} {n}" for n in range(nodes)], points),
                            keys,
                        )
                        for ring in range(30)
                    ]
                )
            },
            source="Lamping and Veach 2014",
            digits=3,
        )
        for points, measured in published.items()
    ]


def copysets() -> list[Claim]:
    """How rarely a loss strikes where few sets of nodes hold all copies of a key."""
    nodes, failed, copies = 5000, 50, 3
    draw, seen = stream(SEED, "copysets", "").random, []
    for _ in range(4000):
        gone = set[int]()
        while len(gone) < failed:
            gone.add(int(draw() * nodes))
        sets = Counter(
            node // copies for node in gone if node < nodes // copies * copies
        )
        seen.append(copies in sets.values())
    return [
        Claim(
            "Some key has lost all its copies",
            f"{failed} of {nodes:,} nodes gone at once, R = {copies}; the nodes are "
            "cut into sets of R, and a key has all copies in one set",
            "1 − (1 − C(f, R) / C(N, R))ˢ, of S sets",
            any_lost(nodes, failed, copies, permutation_copysets(nodes, copies, 2)),
            {"random failures": share(seen)},
            Decimal("0.0015"),
            "Cidon et al. 2013",
        )
    ]


def suspicion() -> list[Claim]:
    """How suspect a node is after its silence, by the tail that is assumed."""
    claims = []
    for tail, formula, beyond in (
        ("normal", "−log₁₀(1 − Φ(z))", -math.log10(math.erfc(6 / math.sqrt(2)) / 2)),
        (
            "logistic",
            "log₁₀(1 + exp(1.5976 z + 0.070566 z³))",
            24.827856 / math.log(10),
        ),
    ):
        phi = PhiAccrual(prior=(1.0, 0.1), tail=tail)
        phi.heartbeat(0.0)
        claims.append(
            Claim(
                f"Phi after a silence of 1.6 s, by a {tail} tail",
                "one heartbeat; mean 1 s and deviation 0.1 s assumed, so that z = 6",
                formula,
                beyond,
                {"the detector": phi.phi(1.6)},
                digits=2,
            )
        )
    return claims


def group_watched() -> list[Claim]:
    """What SWIM sends, and how soon it first notices a crash."""
    members, before, first = 20, 4.999, []
    for seed in range(150):
        swim = Cluster(
            swimmers(members, 1.0, 0.2), seed=seed, faults=[Crash("m3", at=before)]
        )
        until = 7.0
        while not (doubts := swim.run(until).facts(Doubts)):
            until += 1
        first.append(round(doubts[0].time - before))
    quiet = Cluster(swimmers(members, 1.0, 0.2), trace=False)
    quiet.run(until=10.5)
    hearts = Cluster(watching(members - 1, every=1.0), trace=False)
    hearts.run(until=9.5)
    return [
        Claim(
            "Periods of SWIM until somebody pings a member that has crashed",
            f"n = {members}, all periods begin together, those after the crash count."
            " By the formula it is drawn in each period whom to ping; in turn, as here,"
            " small groups are a little faster. In the limit e/(e − 1) ="
            f" {detection_periods():.3f}",
            "1 / (1 − (1 − 1/(n − 1))ⁿ⁻¹)",
            detection_periods(members),
            {"150 crashes": Mean.of(first)},
            source="Das et al. 2002",
            digits=3,
        ),
        Claim(
            "Messages of SWIM in a period without a failure",
            f"n = {members}; pings and acknowledgements",
            "2n",
            swim_messages(members),
            {"run of 10 periods": quiet.sent // 10},
        ),
        Claim(
            "Heartbeats in a period if everybody sends one to everybody",
            f"n = {members}; n times what one is sent by the others",
            "n(n − 1)",
            all_to_all_messages(members),
            {"run of 10 periods": members * (hearts.sent // 10)},
        ),
    ]


DEAN = "Dean and Barroso 2013"
HEDGE = 0.010  # seconds
TAIL_SHAPE = math.log(0.02 / 1e-6) / math.log(1.8 / HEDGE)
TAIL = Pareto(HEDGE * 0.02 ** (1 / TAIL_SHAPE), TAIL_SHAPE)
"""Our guess of a read in BigTable, by two of its published numbers: 2 % take longer
than 10 ms, and the slowest of 1,000 longer than 1,800 ms once in a thousand times.
"""


def one_slow_server() -> list[Claim]:
    """How often one of many servers is slow."""
    servers, slow = 100, 0.01
    draw = stream(SEED, "slow servers", "").random
    seen = [any(draw() < slow for _ in range(servers)) for _ in range(4000)]
    return [
        Claim(
            "Some answer of many is slow",
            f"{servers} servers are asked, and each is slow for {slow:.0%} of its"
            " requests, independent of the others",
            "1 − (1 − p)ⁿ",
            1 - all_within(servers, 1 - slow),
            {"requests drawn": share(seen)},
            Decimal("0.63"),
            DEAN,
            digits=3,
        )
    ]


@cache
def slow_batches(hedged: bool, time: float, batches: int = 20_000) -> Estimate:
    """Count the batches of 1,000 reads of which one takes longer than `time`. A read
    within 10 ms needs no draw of its own: what is drawn is how many of them pass.
    """
    draw, slow = stream(SEED, "batches", str(hedged)).random, 0
    for _ in range(batches):
        passed, late = 0.0, False
        while (passed := passed + math.log1p(-draw()) / math.log(0.98)) < 1000:
            took = TAIL.quantile(0.98 + 0.02 * draw())
            if hedged:
                took = min(took, HEDGE + TAIL.quantile(draw()))
            late |= took > time
            passed = math.floor(passed) + 1
        slow += late
    return Estimate.of(slow, batches)


def hedging() -> list[Claim]:
    """What asking a second server costs, and what it is good for."""
    reads = (("get", "x"),) * 4000
    client = partial(HedgingClient, ("a", "b"), reads, 60.0, 60.0, hedge=HEDGE)
    links = {("a", "c"): TAIL, ("b", "c"): TAIL}
    nodes: dict[str, Callable[[], Node]] = {"c": client, "a": Server, "b": Server}
    run = Cluster(
        nodes,
        network=Network(latency=0.0, links=links),
        seed=SEED,
    ).run()
    added = run.counts()["Request"] - len(reads)
    fit = (
        "reads take Pareto distributed times, fitted to 2 % beyond 10 ms and to the"
        " published 1,800 ms, independent of each other"
    )
    claims = [
        Claim(
            "Requests that hedging adds",
            f"a second server is asked after {1000 * HEDGE:g} ms; {fit}",
            "P(T > 10 ms)",
            TAIL.beyond(HEDGE),
            {f"run of {len(reads):,} reads": Estimate.of(added, len(reads))},
            Decimal("0.02"),
            DEAN,
            digits=3,
        )
    ]
    for hedged, time, beyond in (
        (False, 1.8, TAIL.beyond(1.8)),
        (True, 0.074, hedged_beyond(TAIL, HEDGE, 0.074)),
    ):
        how = "hedged" if hedged else "without a hedge"
        theirs = ". Theirs need not be independent, nor Pareto distributed"
        claims.append(
            Claim(
                f"1,000 reads, {how}: the last takes longer than {1000 * time:,.0f} ms",
                fit + theirs * hedged,
                "1 − (1 − P(T > t))¹⁰⁰⁰",
                1 - all_within(1000, 1 - beyond),
                {"batches drawn": slow_batches(hedged, time)},
                Decimal("0.0010"),
                DEAN,
                digits=5,
            )
        )
    return claims


@cache
def calls(backoff: Backoff) -> Mean:
    """Average the calls of 100 writers."""
    return Mean.of([contended_calls(100, backoff, seed) for seed in range(30)])


def contention() -> list[Claim]:
    """How often writers try, by how long they wait after they were too late."""
    return [
        Claim(
            f"Writes until 100 clients have each written one row, {name}",
            "all begin at once; each reads, and writes if nobody has written since; a"
            " message takes 10 ms, with a deviation of 2 ms; waits of 10 ms at first,"
            " 2 s at most",
            "",
            None,
            {"30 runs": calls(backoff)},
            Decimal(published),
            "Brooker 2015",
            digits=0,
        )
        for name, backoff, published in (
            ("at once again", AtOnce(), 2426),
            ("exponential back-off", Doubling(0.010, 2.0), 1846),
            ("full jitter", FullJitter(0.010, 2.0), 796),
        )
    ]


def mode_costs() -> list[Claim]:
    """The rows of `replication_costs`."""
    nodes = 3
    return [
        Claim(
            f"{row.cost.capitalize()}: {row.rule}",
            f"N = {nodes} nodes, of which n = {nodes - 1} are replicas; no heartbeats",
            row.formula,
            row.expected,
            {} if row.measured is None else {"a run": row.measured},
        )
        for row in replication_costs(nodes).rows
        if "one server" not in row.rule
    ]


def rumours() -> list[Claim]:
    """How many never hear of a rumour, and what it costs, by when interest is lost."""
    claims = []
    for patience, residue, traffic in (
        (1, "0.18", "1.7"),
        (2, "0.037", "3.3"),
        (3, "0.011", "4.5"),
    ):
        went = [spread_rumour(1000, patience, seed) for seed in range(60)]
        rule = (
            f"1,000 sites push; one stops after k = {patience} contacts in a row with"
            " sites that had heard before the round"
        )
        sent = Mean.of([each.traffic for each in went])
        claims += [
            Claim(
                "The part of the sites that never hears of a rumour",
                rule,
                "e⁻ᵐ, m the messages a site",
                residue_of_traffic(sent.value),
                {"60 rumours": Mean.of([each.residue for each in went])},
                Decimal(residue),
                "Demers et al. 1987",
            ),
            Claim(
                "Messages a site until a rumour is dead",
                rule,
                "",
                None,
                {"60 rumours": sent},
                Decimal(traffic),
                "Demers et al. 1987",
                digits=2,
            ),
        ]
    return claims


def first_elections() -> list[Claim]:
    """How often votes are split, and how soon there is a leader, by the latency."""
    claims = []
    for latency, published in ((0.01, "0.0006"), (0.1, "0.052"), (0.2, "0.181")):
        split, leader = simulate_first_elections(5, 4, latency, range(300))
        rule = (
            "n = 5 servers, s = 4 of them up, which begin to wait at one moment;"
            f" a message takes l = {latency:g} of the range of the time-outs"
        )
        runs = "300 elections of Raft"
        claims += [
            Claim(
                "A first election is split",
                rule,
                "P(B ≥ s − ⌊n/2⌋), where B is binomial, of s trials by l",
                split_vote(5, 4, latency),
                {runs: split},
                Decimal(published),
                "Ongaro 2014",
            ),
            Claim(
                "Ranges from the shortest time-out to a leader, if it is not split",
                rule,
                "P(B′ < j) / ((s + 1) P(B < j)) + 2l; j = s − ⌊n/2⌋; B′: s + 1 trials",
                first_leader(5, 4, latency),
                {runs: leader},
                digits=3,
            ),
        ]
    return claims


# What a commit costs ------------------------------------------------------------------

PARTICIPANTS = 5
SOURCES = {
    "Bernstein et al. 1987": "Bernstein, Hadzilacos and Goodman 1987",
    "Gray & Lamport 2006": "Gray and Lamport 2006",
    "Mohan et al. 1986": "Mohan, Lindsay and Obermarck 1986",
}


@cache
def cost_rows(participants: int) -> tuple[CostRow, ...]:
    """The library's own table."""
    return commit_costs(participants).rows


def cost_sizes() -> list[int]:
    """The numbers of participants for which all rows of the library's table agree, as
    far as we looked.
    """
    return [
        n
        for n in range(2, 9)
        if all(row.agree for row in cost_rows(n) if row.measured is not None)
    ]


def two_phase_costs() -> list[Claim]:
    """The rows of `commit_costs`, and what was published beside them."""
    return [
        commit_claim(row, "two-phase commit", row.rule)
        for row in cost_rows(PARTICIPANTS)
    ]


def commit_claim(row: CostRow, protocol: str, rule: str) -> Claim:
    """Make a claim of a row of costs."""
    return Claim(
        f"{row.cost.capitalize()}, {protocol}",
        rule,
        row.formula,
        row.expected,
        {} if row.measured is None else {"a run": row.measured},
        None if row.published is None else Decimal(row.published),
        SOURCES[row.source],
    )


def paxos_commit_rows() -> list[Claim]:
    """The rows of `paxos_commit_costs`; 17 and 20 are printed for five."""
    return [
        commit_claim(row, *row.rule.split(", ", 1))
        for row in paxos_commit_costs(PARTICIPANTS).rows
    ]


def printed_example() -> list[Claim]:
    """The one number for two-phase commit that Gray and Lamport print beside those of
    Paxos Commit.
    """
    row = next(row for row in cost_rows(5) if row.formula == "3N - 3")
    assert row.expected is not None
    assert row.measured is not None
    return [
        Claim(
            "Messages, two-phase commit: the example beside Paxos Commit",
            row.rule,
            row.formula,
            row.expected,
            {"a run": row.measured},
            Decimal(12),
            "Gray and Lamport 2006",
        )
    ]


def refusal() -> list[Claim]:
    """One vote no: nobody acknowledges, and who refused need not be told."""
    n = PARTICIPANTS
    sent = len(Cluster(bank("y" * (n - 1) + "n"), seed=SEED).run().where(kind="send"))
    return [
        Claim(
            "Messages, two-phase commit, an abort",
            "one vote no; all messages",
            "3N - 1",
            3 * n - 1,
            {"a run": sent},
        )
    ]


def three_phase_costs() -> list[Claim]:
    """Three-phase commit, in the same counting."""
    n = PARTICIPANTS
    nodes = bank(
        "y" * n,
        coordinator=three_phase.Coordinator,
        participant=three_phase.Participant,
    )
    trace = Cluster(nodes, seed=SEED).run()
    forces = len(trace.where(kind="force")) - 1  # less the mark of a new disk
    name = "three-phase commit"
    return [
        Claim(
            f"Messages, {name}",
            "all messages",
            "5N",
            5 * n,
            {"a run": len(trace.where(kind="send"))},
        ),
        Claim(
            f"Message delays, {name}",
            "until all know",
            "5",
            5,
            {"a run": message_delays(trace)},
        ),
        Claim(
            f"Forced writes, {name}",
            "with participants' commit records",
            "2N + 2",
            2 * n + 2,
            {"a run": forces},
        ),
    ]


def saga_costs() -> list[Claim]:
    """A saga, done and turned back at its last step."""
    n = PARTICIPANTS

    def sent(answers: str) -> dict[str, Figure]:
        return {
            "a run": len(Cluster(trip(answers), seed=SEED).run().where(kind="send"))
        }

    return [
        Claim(
            "Messages, a saga of N steps", "all messages", "2N", 2 * n, sent("y" * n)
        ),
        Claim(
            "Messages, a saga refused at its last step",
            "all messages",
            "4N - 2",
            4 * n - 2,
            sent("y" * (n - 1) + "n"),
        ),
    ]


def locked() -> list[Claim]:
    """How long a commit keeps its locks."""
    latency, force = 0.010, 0.002
    trace = Cluster(
        bank("yy"), network=Network(latency=latency), disk_latency=force
    ).run()
    return [
        Claim(
            "Seconds for which accounts are locked, two-phase commit",
            f"message L = {latency:g} s, force F = {force:g} s; handling takes no time",
            "2L + 3F",
            2 * latency + 3 * force,
            {"a run": round(max(span.seconds for span in lock_times(trace)), 6)},
            digits=3,
        )
    ]


def storage() -> list[Claim]:
    """What the article says of storage, and what is on the disks."""
    accounts, branches = 120, PARTICIPANTS
    others = tuple((f"p{k % branches + 1}", f"b{k}", 1) for k in range(accounts - 1))
    spread = Transaction("t1", (("p1", "a1", 1 - accounts), *others))
    trace: Trace = Cluster(
        bank("y" * branches, (spread,), balance=accounts), seed=SEED
    ).run()
    assert {event.what.outcome for event in trace.facts(Decided, node=COORDINATOR)} == {
        "commit"
    }
    stored = len({(event.node, event.other) for event in trace.where(kind="write")})
    return [
        Claim(
            "Values stored for K accounts on N participants",
            f"K = {accounts}; all records on all disks. Published: K × N, a copy of"
            " everything everywhere",
            "K + N + 3",
            accounts + branches + 3,
            {"a run": stored},
            Decimal(accounts * branches),
            ARTICLE,
        )
    ]


# How many states there are ------------------------------------------------------------


def tlc() -> list[Claim]:
    """What TLC counts for Lamport's specifications with three resource managers."""
    published = {TCommit: (34, 94, 7), TwoPhase: (288, 1146, 11)}
    formulas: dict[type, tuple[str, Callable[[int], int]]] = {
        TCommit: ("3ⁿ + 2ⁿ − 1", lambda n: 3**n + 2**n - 1),
        TwoPhase: ("6ⁿ + 4ⁿ + 2ⁿ", lambda n: 6**n + 4**n + 2**n),
    }
    claims = []
    n = 3
    for specification, theirs in published.items():
        found = explore(specification(n))
        text, formula = formulas[specification]
        kinds: list[tuple[str, str, str, int | None, int]] = [
            ("distinct states", "", text, formula(n), found.states),
            (
                "states generated",
                ": the initial one, and every successor of every state",
                "",
                None,
                found.transitions + 1,
            ),
            ("depth", ", the initial state having depth 1", "", None, found.depth),
        ]
        for (kind, rule, words, expected, ours), number in zip(
            kinds, theirs, strict=True
        ):
            counted = f"n = {n} resource managers{rule}"
            what = f"{specification.__name__}: {kind}"
            claims.append(
                Claim(
                    what,
                    counted,
                    words,
                    expected,
                    {"explored": ours},
                    Decimal(number),
                    "TLA examples",
                )
            )
    return claims


def tlc_paxos() -> list[Claim]:
    """What TLC counts for Lamport's specification of Paxos."""
    found = explore(PaxosSpecified(3, 2))
    counted = "3 acceptors, 2 values, ballots 0 and 1"
    return [
        Claim(
            f"Paxos: {kind}",
            f"{counted}{rule}",
            "",
            None,
            {"explored": ours},
            theirs,
            "TLA examples",
        )
        for kind, rule, ours, theirs in (
            ("distinct states", "", found.states, Decimal(3921)),
            ("depth", "; the initial state has depth 1", found.depth, Decimal(17)),
        )
    ]


CLAIMS: dict[str, tuple[Callable[[], list[Claim]], ...]] = {
    "How often a service is up": (
        *(one_node, disks, k_of_n, common_cause, all_of_them),
        *(four_are_worse, crews_and_takeovers),
    ),
    "How long copies keep data": (mirrored_disks, losses, copysets, copies_stored),
    "What moves when a node leaves, and how evenly keys are spread": (movement, spread),
    "How a silent node is found out": (suspicion, group_watched),
    "How far a rumour gets": (rumours,),
    "How a leader is elected": (first_elections,),
    "What waiting and asking again cost": (one_slow_server, hedging, contention),
    "What a read and a write cost": (mode_costs,),
    "What a commit costs": (
        *(two_phase_costs, printed_example, refusal, three_phase_costs),
        *(paxos_commit_rows, saga_costs, locked, storage),
    ),
    "How many states there are": (tlc, tlc_paxos),
}
