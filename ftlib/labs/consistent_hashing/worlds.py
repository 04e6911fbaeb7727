"""The worlds in which the lab on consistent hashing is tried: servers in racks in
halls, named from a seed, and how they are drawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftlib.drawing import Picture
from ftlib.drawing.shapes import box, shorten, text
from ftlib.labs.consistent_hashing import Rules
from ftlib.simulation import stream

__all__ = ["LAYOUTS", "Names", "Server", "floor", "keys"]

DOORS = ("gate", "porch", "lobby", "arch", "stile")
HALLS = ("north", "south", "east", "west", "upper", "lower")
RACKS = ("r1", "r2", "r3")

Layout = tuple[tuple[tuple[int, ...], ...], ...]
"""For each hall its racks, for each of those the weights of its servers."""
LAYOUTS: dict[str, Layout] = {
    "three halls": (((1, 2), (1,)), ((3,), (1,)), ((2,), (1, 1))),
    "two halls": (((1, 1), (2,)), ((2,), (1,))),
    "one hall": (((1, 2), (1,), (1,)),),
    "one rack": (((1, 1, 2, 1),),),
    "a hall with one rack": (((1, 1, 1),), ((1,), (1, 1))),
    "two servers": (((1,),), ((2,),)),
    "one server": (((1,),),),
}


@dataclass(frozen=True, slots=True)
class Server:
    """What is known of one server."""

    name: str
    hall: str
    rack: str
    weight: int = 1
    version: int = 1

    @property
    def at(self) -> tuple[str, str]:
        """Its rack: two racks of different halls may have one name."""
        return self.hall, self.rack

    def with_weight(self, weight: int) -> "Server":
        """Return what newer news say."""
        return replace(self, weight=weight, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Names:
    """What is called how in one world.

    Attributes
    ----------
    door, asker : str
    halls, servers : tuple of str
    seed : int
        Of the keys.
    """

    door: str
    asker: str
    halls: tuple[str, ...]
    servers: tuple[str, ...]
    seed: int

    @classmethod
    def drawn(cls, seed: int, rules: Rules, what: str) -> "Names":
        """Draw the names for one check.

        Examples
        --------
        >>> Names.drawn(7, Rules.drawn("public"), "cards").door
        'porch'
        """
        draw = stream(seed, "names", rules.code, what).random

        def some(names: Iterable[str], count: int) -> tuple[str, ...]:
            left = list(names)
            return tuple(left.pop(int(draw() * len(left))) for _ in range(count))

        return cls(
            some(DOORS, 1)[0],
            "asker",
            some(HALLS, 4),
            some((f"s{number}" for number in range(10, 100)), 10),
            int(draw() * 10**6),
        )

    def servers_of(self, layout: Layout) -> tuple[Server, ...]:
        """Return the servers of a layout."""
        places = [
            (self.halls[hall], RACKS[rack], weight)
            for hall, racks in enumerate(layout)
            for rack, weights in enumerate(racks)
            for weight in weights
        ]
        return tuple(
            Server(name, *place)
            for name, place in zip(self.servers, places, strict=False)
        )


def keys(names: Names, count: int, start: int = 0) -> tuple[str, ...]:
    """Return some keys of one world."""
    return tuple(f"key {names.seed + number}" for number in range(start, start + count))


def floor(
    servers: Iterable[Server],
    notes: Mapping[str, str],
    title: str,
    marked: Iterable[str] = (),
    description: str = "",
) -> Picture:
    """Draw the halls with their racks and servers, and a note at each server.

    Parameters
    ----------
    servers : iterable of Server
    notes : mapping from server to str
    title : str
    marked : iterable of str
        Servers to stress.
    description : str
    """
    marked, parts, story = set(marked), [], []
    halls: dict[str, dict[str, list[Server]]] = {}
    for server in servers:
        halls.setdefault(server.hall, {}).setdefault(server.rack, []).append(server)
    y = 8.0
    for hall, racks in halls.items():
        rows = sum(map(len, racks.values()))
        high = 26.0 + 26 * rows + 6 * len(racks)
        parts.append(box(215, y + high / 2, 418, high, "line", "paper", 6))
        parts.append(text(16, y + 19, f"hall {hall}", "muted", "start", 13))
        y += 28
        for rack, inside in racks.items():
            tall = 26.0 * len(inside)
            parts.append(text(16, y + tall / 2 + 5, rack, "muted", "start", 12))
            for server in inside:
                parts += _row(y, server, notes.get(server.name, ""), marked)
                told = notes.get(server.name, "")
                story.append(
                    f"{server.name}, hall {hall}, rack {rack}, weight"
                    f" {server.weight}{': ' if told else ''}{told}."
                )
                y += 26
            y += 6
        y += 6
    return Picture("".join(parts), 430, y + 6, title, description, tuple(story))


def _row(y: float, server: Server, note: str, marked: set[Any]) -> list[str]:
    ink = "blue" if server.name in marked else "line"
    name = f"{server.name} ×{server.weight}"
    return [
        box(100, y + 12, 84, 21, ink, "paper", 4, 2.5 if ink == "blue" else 1),
        text(100, y + 17, shorten(name, 78, 13), "ink", "middle", 13),
        text(152, y + 17, shorten(note, 268, 13), "ink", "start", 13),
    ]
