"""Hashing: which node a key belongs on, so that few keys move when the nodes change.

Each placement answers the same questions: `lookup`, `lookup_many`, `replicas`, and what
changes when a node is added or removed. Alone it tolerates nothing: who keeps a key's
copies, and how they get there, is for the rooms above it.
"""

from ftlib.hashing.bounded import bounded
from ftlib.hashing.jump_hash import JumpHash, jump
from ftlib.hashing.maglev import Maglev
from ftlib.hashing.modulo import Modulo
from ftlib.hashing.placement import Placement
from ftlib.hashing.rendezvous import Rendezvous
from ftlib.hashing.ring import HashRing

__all__ = [
    "HashRing",
    "JumpHash",
    "Maglev",
    "Modulo",
    "Placement",
    "Rendezvous",
    "bounded",
    "jump",
]
