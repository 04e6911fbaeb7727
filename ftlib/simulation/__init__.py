"""The world: virtual time, nodes, messages, disks, what goes wrong, and the record of
what happened.
"""

from ftlib.simulation.chance import Constant, Exponential, LogNormal, Uniform, stream
from ftlib.simulation.cluster import Cluster
from ftlib.simulation.event import Event
from ftlib.simulation.faults import (
    Choose,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    Hold,
    Lose,
    Partition,
    Point,
    Recover,
    Skew,
    Slow,
)
from ftlib.simulation.freezing import freeze, thaw
from ftlib.simulation.injection import Misfit
from ftlib.simulation.network import Link, Network
from ftlib.simulation.node import HandlerError, Node, NotTimed
from ftlib.simulation.property import Broken, Finding, Property, Unknown, judge, monitor
from ftlib.simulation.schedule import Schedule
from ftlib.simulation.script import play
from ftlib.simulation.trace import Trace

__all__ = [
    "Broken",
    "Choose",
    "Cluster",
    "Constant",
    "Crash",
    "Cut",
    "Deliver",
    "Drop",
    "Duplicate",
    "Event",
    "Exponential",
    "Finding",
    "Fire",
    "HandlerError",
    "Heal",
    "Hold",
    "Link",
    "LogNormal",
    "Lose",
    "Misfit",
    "Network",
    "Node",
    "NotTimed",
    "Partition",
    "Point",
    "Property",
    "Recover",
    "Schedule",
    "Skew",
    "Slow",
    "Trace",
    "Uniform",
    "Unknown",
    "freeze",
    "judge",
    "monitor",
    "play",
    "stream",
    "thaw",
]
