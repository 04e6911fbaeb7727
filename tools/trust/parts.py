"""What is found of each protocol, apart from the others: its verdicts, where somebody
is blocked, how its mutants are caught, and how much work that was.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from ftlib.checking.blocking import Blocking
from ftlib.simulation.world import Protocol
from tools.trust.planted import (
    Catch,
    Effort,
    Mutant,
    caught,
    enough,
    mutants,
    verdict,
)
from tools.trust.verdicts import Chance, Verdict, blocks, modules, number, protocols

__all__ = ["Part", "computed", "named"]


@dataclass(frozen=True)
class Part:
    """What was found of one protocol."""

    protocol: Protocol
    verdicts: list[Verdict | Chance]
    blocked: list[Blocking]
    mutants: list[tuple[Mutant, Catch]]
    effort: Effort

    @property
    def as_expected(self) -> bool:
        """Whether every verdict is what it must be, and every mutant caught as it
        must.
        """
        return all(each.as_expected for each in self.verdicts) and all(
            enough(mutant, catch) for mutant, catch in self.mutants
        )


def named(name: str) -> Protocol:
    """Return the protocol of that name.

    Raises
    ------
    LookupError
        If there is none, or more than one.

    Examples
    --------
    >>> named("An election").module.__name__
    'ftlib.services.election'
    """
    names = [protocol.name for protocol in protocols()]
    if names.count(name) > 1:
        raise LookupError(f"{names.count(name)} protocols are called {name!r}")
    if name not in names:
        known = "".join(f"\n  {each}" for each in names)
        raise LookupError(f"no protocol is called {name!r}: choose one of{known}")
    return protocols()[names.index(name)]


@cache
def computed(name: str) -> Part:
    """Explore and search the worlds of a protocol, and plant its mutants, once."""
    protocol, effort = named(name), Effort()
    verdicts = []
    for world in protocol.worlds:
        with _shown(f"{name}, {world.case}") as say:
            verdicts.append(found := verdict(world))
            effort.add(found)
            say(
                f"{number(found.states, 'state')}, {found}"
                if isinstance(found, Verdict)
                else str(found)
            )
    blocked = []
    for asked in protocol.blocked:
        with _shown(f"{name}, blocked: {asked.case}") as say:
            blocked.append(counted := blocks(asked))
            effort.states += counted.states
            say(number(counted.states, "state"))
    catches = []
    for mutant in _mutants(protocol):
        with _shown(f"{name}, {mutant.kind.__name__}") as say:
            catches.append((mutant, catch := caught(mutant, effort)))
            say("caught" if enough(mutant, catch) else "not caught as it must be")
    return Part(protocol, verdicts, blocked, catches, effort)


def _mutants(protocol: Protocol) -> Iterator[Mutant]:
    """List the mutants of a protocol, module by module. A module that is only begun is
    no matter of this protocol: the whole page names it.
    """
    for module in modules("*mutants.py"):
        for mutant in mutants(module) if hasattr(module, "SHOWN_BY") else ():
            if mutant.is_of(protocol):
                yield mutant


@contextmanager
def _shown(what: str) -> Iterator[Callable[[str], None]]:
    """Tell a terminal, if there is one, what is being done and what came of it. A long
    exploration shows on the same line how far it is.
    """
    if not (sys.stderr is not None and sys.stderr.isatty()):
        yield lambda result: None
        return
    print(f"\r{what}\x1b[K", end="", file=sys.stderr, flush=True)
    yield lambda result: print(f"\r{what}: {result}\x1b[K", file=sys.stderr, flush=True)
