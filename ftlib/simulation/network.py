"""The network between the nodes: how long a message takes, and with what chance it is
lost or doubled.

Messages may overtake each other unless the links are FIFO. The model is the
asynchronous one with fair-lossy links (Cachin, Guerraoui and Rodrigues 2011, section
2.4): a message may be lost, doubled or late, but is never altered and never made up.
Bandwidth is not modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ftlib.simulation.chance import Constant, Distribution, as_distribution

__all__ = ["Link", "Network"]


@dataclass(frozen=True, slots=True)
class Link:
    """One direction between two nodes.

    Parameters
    ----------
    latency : Distribution or float
        Time from sending to arrival, in seconds.
    loss, duplicate : float
        Chance, from 0 to 1, that a message is lost, and that a second copy of it
        arrives, up to one latency after the first.

    Raises
    ------
    ValueError
        If a latency is negative or a chance lies outside 0..1.

    Examples
    --------
    >>> Link(latency=-1)
    Traceback (most recent call last):
        ...
    ValueError: latency is -1: give a time in seconds, 0 or more
    """

    latency: Distribution | float = 0.01
    loss: float = 0.0
    duplicate: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "latency", as_distribution(self.latency, "latency"))
        for name in ("loss", "duplicate"):
            chance = getattr(self, name)
            if not isinstance(chance, (int, float)) or not 0 <= chance <= 1:
                raise ValueError(
                    f"{name} is {chance!r}: give a probability from 0 to 1"
                )


@dataclass(frozen=True, slots=True)
class Network:
    """All links of a cluster.

    Parameters
    ----------
    latency, loss, duplicate
        As for `Link`: what holds for every link that `links` does not name.
    fifo : bool
        Whether messages of one sender to one receiver arrive in the order in which they
        were sent, second copies included.
    links : mapping of (sender, receiver) to Link or to a latency
        Exceptions, each for one direction.

    Raises
    ------
    ValueError
        As for `Link`, and if a key of `links` is no pair.

    Examples
    --------
    >>> from ftlib.simulation import Uniform
    >>> lan = Network(latency=Uniform(0.001, 0.003), loss=0.01, links={("a", "b"): 0.2})
    >>> lan.link("a", "b")
    Link(latency=Constant(seconds=0.2), loss=0.01, duplicate=0.0)
    >>> lan.link("b", "a").latency
    Uniform(low=0.001, high=0.003)
    """

    latency: Distribution | float = 0.01
    loss: float = 0.0
    duplicate: float = 0.0
    fifo: bool = False
    links: Mapping[tuple[str, str], Link | Distribution | float] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        Link(self.latency, self.loss, self.duplicate)  # says what is wrong with them
        for pair, link in self.links.items():
            if not (isinstance(pair, tuple) and len(pair) == 2):
                raise ValueError(
                    f"links has the key {pair!r}: give a pair (sender, receiver)"
                )
            if not isinstance(link, Link):
                as_distribution(link, f"the latency of link {pair}")

    def link(self, sender: str, receiver: str) -> Link:
        """Return the link from `sender` to `receiver`."""
        exception = self.links.get((sender, receiver))
        if isinstance(exception, Link):
            return exception
        return Link(
            self.latency if exception is None else exception, self.loss, self.duplicate
        )

    @property
    def unsafe(self) -> bool:
        """Whether some link may lose or double a message by chance."""
        return any(link.loss or link.duplicate for link in self._each())

    @property
    def varies(self) -> bool:
        """Whether on some link chance says how long a message takes."""
        return any(not isinstance(link.latency, Constant) for link in self._each())

    def _each(self) -> list[Link]:
        usual = Link(self.latency, self.loss, self.duplicate)
        return [usual, *(self.link(*pair) for pair in self.links)]
