"""The page 'Why trust this book', written from results: no number on it is typed.

    python -m tools.trust                write book/trust.md
    python -m tools.trust --check        say whether it is current
    python -m tools.trust "An election"  print what is found of one protocol; write
                                         nothing

The words (`tools.trust.words`) hold no number. Numbers come from the claims
(`tools.trust.claims`), the explorations (`tools.trust.verdicts`) and the planted
mistakes (`tools.trust.planted`). Seeds are fixed and nothing is timed, so that every
machine writes the same bytes. Each protocol is a part (`tools.trust.parts`) that can be
computed alone.
"""

import difflib
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ftlib.checking.blocking import Blocking
from ftlib.simulation.world import Specified, World
from tools.trust.claims import ARTICLE, CLAIMS, Claim, Sampled, cost_sizes
from tools.trust.met import MET, SYSTEMS, Met, version
from tools.trust.parts import Part, computed, named
from tools.trust.planted import (
    SEEDS,
    Catch,
    Explored,
    Mutant,
    Staged,
    enough,
    mutants,
)
from tools.trust.verdicts import Chance, Verdict, modules, number, protocols
from tools.trust.words import LEFT_OUT, PROSE

__all__ = ["PAGE", "Results", "main", "page", "results"]

PAGE = Path(__file__).resolve().parents[2] / "book" / "trust.md"
SHORT = 12  # characters: a formula that is not broken over two lines


# Words --------------------------------------------------------------------------------


def cell(text: str) -> str:
    """Make text safe for a cell of a table."""
    return re.sub(r"([|*_<>\[\]])", r"\\\1", text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def anchor(heading: str) -> str:
    """Return where a heading of book/references.md is linked."""
    return "references.md#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken_up(name: str) -> str:
    """Let a name in camel case break between its words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "<wbr>", name)


def library(module: str) -> str:
    """Return a link to the page of a module's room."""
    return f"[ftlib.{module}](library/{module.partition('.')[0]}.md)"


# Sections -----------------------------------------------------------------------------


def claim_row(claim: Claim) -> list[str]:
    """One claim as a row."""
    lines = []
    if claim.expected is not None:
        value = claim.shown(claim.expected)
        formula = (
            claim.formula.replace(" ", "\u00a0")
            if len(claim.formula) < SHORT
            else claim.formula
        )
        lines.append(
            f"formula: {cell(formula)}" + (f" = {value}" if value != formula else "")
        )
    lines += [f"{how}: {claim.shown(figure)}" for how, figure in claim.ours.items()]
    if claim.source:
        link = "article.md" if claim.source == ARTICLE else anchor(claim.source)
        published = "the formula" if claim.published is None else f"{claim.published:,}"
        lines.append(f"published: {published}, [{claim.source}]({link})")
    verdict = claim.verdict if claim.verdict == "agree" else f"**{claim.verdict}**"
    return [
        f"**{cell(claim.what)}**<br>{cell(claim.counted)}",
        "<br>".join(lines),
        verdict,
    ]


def claims_section(claims: dict[str, list[Claim]]) -> str:
    """The table of claims, a part for each chapter's subject."""
    estimates = [
        figure
        for part in claims.values()
        for claim in part
        for figure in claim.ours.values()
    ]
    (confidence,) = {
        figure.confidence for figure in estimates if isinstance(figure, Sampled)
    }
    parts = [
        PROSE["claims"].format(
            confidence=f"{confidence:.0%}", misses=round(1 / (1 - confidence))
        )
    ]
    sizes = cost_sizes()
    for title, part in claims.items():
        parts.append(f"### {title}\n")
        if title == "What a commit costs":
            size = (
                max(
                    claim.expected
                    for claim in part
                    if claim.formula == "N + 1" and claim.expected is not None
                )
                - 1
            )
            parts.append(
                PROSE["costs"].format(size=size, sizes=f"{sizes[0]} to {sizes[-1]}")
            )
        parts.append(
            table(
                ("Claim, and what is counted", "Numbers", "Verdict"),
                map(claim_row, part),
            )
        )
    return "\n".join(parts)


def verdict_row(found: Verdict | Chance) -> list[str]:
    """One exploration or search as a row."""
    words = cell(str(found))
    if not found.as_expected:
        words = f"**not as it must be**: {words}"
    bound = cell(found.bound)
    return [
        f"**{cell(found.world.case)}**" + (f"<br>{bound}" if bound else ""),
        f"{found.states:,}" if isinstance(found, Verdict) else "simulated",
        words,
    ]


def protocol_section(part: Part) -> str:
    """What was explored and searched of one protocol."""
    protocol = part.protocol
    promises = [prop.name for prop in protocol.promises]
    for world in protocol.worlds:
        if isinstance(world, Specified):
            promises += world.invariants
        elif isinstance(world, World) and world.linearizable:
            promises.append("linearizable")
    where = library(protocol.module.__name__.removeprefix("ftlib."))
    return (
        f"### {protocol.name}\n\n{where}. What must hold:"
        f" {', '.join(dict.fromkeys(promises))}.\n\n"
    ) + table(("World", "States", "Verdict"), map(verdict_row, part.verdicts))


def blocking_section(parts: Iterable[Part]) -> str:
    """In how many states somebody is blocked."""
    compared = [part for part in parts if part.blocked]
    rows: dict[str, list[str]] = {}
    for part in compared:
        for asked, found in zip(part.protocol.blocked, part.blocked, strict=True):
            rows.setdefault(asked.case, [asked.case]).append(blocked_cell(found))
    head = ("World", *(part.protocol.name for part in compared))
    return PROSE["blocking"] + "\n" + table(head, rows.values())


def blocked_cell(found: Blocking) -> str:
    """In how many of the states in which somebody waits somebody is blocked."""
    return f"{found.blocked or 'none'} of {found.waiting:,}"


def mutant_row(mutant: Mutant, catch: Catch) -> list[str]:
    """One planted mistake as a row."""
    found, searched = catch
    lines = []
    match found:
        case Explored(case, bound, steps):
            lines.append(f"explored: {number(steps, 'step')}; {cell(case)}; {bound}")
        case Staged(faults):
            lines.append(f"staged by hand: {number(faults, 'fault')}")
    if searched:
        lines.append(
            f"by chance: {number(searched.tried, 'seed')},"
            f" {number(searched.faults, 'fault')}"
            + (f"; {cell(searched.case)}" if searched.case else "")
        )
    else:
        lines.append("by chance: not found")
    if not (found or searched):
        lines = ["**not caught**"]
    elif not enough(mutant, catch):
        lines.append("**not caught as it must be**")
    name = broken_up(mutant.kind.__name__)
    return [
        f"**{name}** breaks *{cell(mutant.breaks)}*<br>{cell(mutant.mistake)}",
        "<br>".join(lines),
    ]


def mutants_section(module: ModuleType, parts: Iterable[Part]) -> str:
    """The planted mistakes of one module."""
    caught = {
        part.protocol.name: {mutant.kind: catch for mutant, catch in part.mutants}
        for part in parts
    }
    catches = [
        (mutant, caught[mutant.protocol.name][mutant.kind])
        for mutant in mutants(module)
    ]
    of_what = (module.__doc__ or "").partition(":")[0].removeprefix("Mutants of ")
    where = library(module.__name__.removeprefix("ftlib."))
    head = f"### Mistakes in {of_what}\n\n{where}.\n\n"
    return head + table(("Mistake", "Caught"), (mutant_row(*each) for each in catches))


def met_row(met: Met) -> list[str]:
    """One mechanism, met on a real system, as a row."""
    number = ".".join(re.findall(r"\d+", met.chapter))
    slug = re.sub(r"[^\w\- ]", "", met.section.lower()).replace(" ", "-")
    link = f"../chapters/{met.chapter}.ipynb#{slug}"
    return [
        f"**{cell(met.mechanism)}**",
        met.system,
        f"{number}, [{cell(met.section)}]({link})",
        cell(met.words),
    ]


def met_section() -> str:
    """The table of real systems."""
    packages = ", ".join(
        f"{system} in `{package}` {version(package)}"
        for system, package in SYSTEMS.items()
        if package
    )
    head = ("Mechanism", "System", "Where", "Asserted in every run")
    words = PROSE["real"].format(packages=packages)
    return words + "\n" + table(head, map(met_row, MET))


# The page -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Results:
    """All that the page tells."""

    claims: dict[str, list[Claim]]
    parts: list[Part]


def results() -> Results:
    """Compute everything."""
    return Results(
        {
            title: [claim for make in makers for claim in make()]
            for title, makers in CLAIMS.items()
        },
        [computed(protocol.name) for protocol in protocols()],
    )


def head_section(found: Results) -> str:
    """What it all comes to."""
    count = Counter(claim.verdict for part in found.claims.values() for claim in part)
    every = [verdict for part in found.parts for verdict in part.verdicts]
    explored = [verdict for verdict in every if isinstance(verdict, Verdict)]
    simulated = [verdict for verdict in every if isinstance(verdict, Chance)]
    surprises = sum(not verdict.as_expected for verdict in every)
    failing = sum(bool(verdict.failed) for verdict in explored)
    verdicts = f"{len(explored) - failing} hold, and {failing} fail, as they must."
    catches = [catch for part in found.parts for _, catch in part.mutants]
    missed = sum(not any(catch) for catch in catches)
    explorations = sum(isinstance(explored, Explored) for explored, _ in catches)
    by_chance = sum(searched is not None for _, searched in catches)
    return PROSE["head"].format(
        claims=count.total(),
        agree=", ".join(
            f"{number} {'differ' if verdict == 'differs' and number > 1 else verdict}"
            for verdict, number in sorted(count.items())
        ),
        worlds=len(explored),
        states=f"{sum(verdict.states for verdict in explored):,}",
        verdicts=(
            f"**{surprises} came out otherwise than they must.**"
            if surprises
            else verdicts
        )
        + (
            f" {len(simulated)} more {'was' if len(simulated) == 1 else 'were'}"
            f" searched by chance, {sum(each.tried for each in simulated):,} schedules"
            " in all."
            if simulated
            else ""
        ),
        mutants=len(catches),
        caught=f"**{missed} are not**" if missed else "all are",
        chance=(
            f"Exploration finds {explorations} of them, a search by chance {by_chance}."
        ),
    )


def page(found: Results) -> str:
    """Return the text of the page."""
    complete = all(
        each.complete
        for part in found.parts
        for verdict in part.verdicts
        if isinstance(verdict, Verdict)
        for each in verdict.found
    )
    parts = [
        head_section(found),
        claims_section(found.claims),
        PROSE["verdicts"].format(
            complete=(
                "Every reachable state was visited in every row that counts states."
                if complete
                else "**Not every row is complete.**"
            )
        ),
        *map(protocol_section, found.parts),
        blocking_section(found.parts),
        PROSE["mutants"].format(seeds=SEEDS),
        *(mutants_section(module, found.parts) for module in modules("*mutants.py")),
        met_section(),
        PROSE["left out"].format(
            rows="\n".join(
                f"| {what} | {meaning} |" for what, meaning in LEFT_OUT.items()
            )
        ),
        PROSE["yourself"],
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def plain(rows: Iterable[Iterable[str]]) -> str:
    """Return rows of a table as lines for a terminal."""
    text = "".join("  " + "<br>".join(row) + "\n" for row in rows)
    text = text.replace("<wbr>", "").replace("<br>", "\n    ").replace("**", "")
    return re.sub(r"\\([|*_<>\[\]])", r"\1", text) or "  none\n"


def told(found: Part) -> str:
    """Return what was found of one protocol, for a terminal."""
    protocol, effort = found.protocol, found.effort
    worlds = [
        [world, f"{size} states, {words}" if size[0].isdigit() else words]
        for world, size, words in map(verdict_row, found.verdicts)
    ]
    worlds += [
        [asked.case, f"blocked in {blocked_cell(counted)} states with somebody waiting"]
        for asked, counted in zip(protocol.blocked, found.blocked, strict=True)
    ]
    return (
        f"{protocol.name} ({protocol.module.__name__})\n\n"
        f"Worlds\n{plain(worlds)}\n"
        f"Mistakes\n{plain(mutant_row(*each) for each in found.mutants)}\n"
        f"{number(effort.states, 'state')} visited,"
        f" {number(effort.schedules, 'schedule')} tried in all\n"
    )


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say how it differs, or tell of one protocol.
    Return the exit code.
    """
    if arguments in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    if arguments in ([], ["--check"]):
        return write(page(results()), check=bool(arguments))
    name = " ".join(arguments)
    if any(each.startswith("-") for each in arguments):
        print(f"{name} is not understood.\n\n{__doc__}", file=sys.stderr)
        return 2
    try:
        named(name)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    found = computed(name)
    print(told(found), end="")
    return int(not found.as_expected)


def write(text: str, check: bool) -> int:
    """Write the text of the page, or say how the page differs from it. Return the exit
    code.
    """
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if check:
        sys.stdout.writelines(
            difflib.unified_diff(
                old.splitlines(True), text.splitlines(True), "book/trust.md", "computed"
            )
        )
        print(
            "book/trust.md is current"
            if old == text
            else "book/trust.md is not current: run python -m tools.trust"
        )
        return int(old != text)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(
        "book/trust.md has been written" if old != text else "book/trust.md was current"
    )
    return 0
