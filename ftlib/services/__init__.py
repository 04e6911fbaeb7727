"""What all servers share: requests and sessions, a key-value store, an ordered log,
granting an epoch once, counting a majority; how clients ask again, ask a second server,
and keep a full one down (the part `overload`).

Each is a small thing that a protocol owns and calls. Beside it stand a node around it,
in which it can be explored, what it promises, and mutants that break the promise.
"""

from ftlib.services.client import Client
from ftlib.services.election import Elector, electors
from ftlib.services.epoch import Elected, Granted, grant, granted
from ftlib.services.hedging import HedgingClient
from ftlib.services.keeper import Keeper, Ship, keeping
from ftlib.services.log import Entry, Log, Recovered, Snapshot, Stored, Truncated
from ftlib.services.messages import Redirect, Reply, Request
from ftlib.services.properties import PROPERTIES, responsive
from ftlib.services.quorum import Quorum, majority
from ftlib.services.retrying import AtOnce, Budget, Doubling, FullJitter
from ftlib.services.server import Server, service
from ftlib.services.store import Executed, Store

__all__ = [
    "PROPERTIES",
    "AtOnce",
    "Budget",
    "Client",
    "Doubling",
    "Elected",
    "Elector",
    "Entry",
    "Executed",
    "FullJitter",
    "Granted",
    "HedgingClient",
    "Keeper",
    "Log",
    "Quorum",
    "Recovered",
    "Redirect",
    "Reply",
    "Request",
    "Server",
    "Ship",
    "Snapshot",
    "Store",
    "Stored",
    "Truncated",
    "electors",
    "grant",
    "granted",
    "keeping",
    "majority",
    "overload",
    "responsive",
    "service",
]
