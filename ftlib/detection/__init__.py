"""Who is dead? Failure detectors: parts that a node owns and calls, and a node around
each.

No detector is sure. What a room above does with a suspicion must be right even if the
node that is suspected lives.
"""

from ftlib.detection.adaptive import AdaptiveMonitor, Beat, NumberedHeart, adapting
from ftlib.detection.arrivals import AdaptiveTimeOut, FixedTimeOut
from ftlib.detection.heartbeat import (
    Detector,
    Heart,
    Heartbeat,
    Monitor,
    Trusts,
    watching,
)
from ftlib.detection.phi_accrual import PhiAccrual
from ftlib.detection.properties import accuracy, calm, completeness, eventual_accuracy
from ftlib.detection.streams import deadlines, jittered, suspicions, under_every
from ftlib.detection.swim import (
    Acknowledge,
    Doubts,
    LocalHealth,
    Member,
    Ping,
    PingRequest,
    Status,
    Steady,
    Update,
    swimmers,
)
from ftlib.detection.time_out import (
    Answer,
    Answered,
    Answerer,
    Ask,
    Asker,
    Suspects,
    question,
)

__all__ = [
    "Acknowledge",
    "AdaptiveMonitor",
    "AdaptiveTimeOut",
    "Answer",
    "Answered",
    "Answerer",
    "Ask",
    "Asker",
    "Beat",
    "Detector",
    "Doubts",
    "FixedTimeOut",
    "Heart",
    "Heartbeat",
    "LocalHealth",
    "Member",
    "Monitor",
    "NumberedHeart",
    "PhiAccrual",
    "Ping",
    "PingRequest",
    "Status",
    "Steady",
    "Suspects",
    "Trusts",
    "Update",
    "accuracy",
    "adapting",
    "calm",
    "completeness",
    "deadlines",
    "eventual_accuracy",
    "jittered",
    "question",
    "suspicions",
    "swimmers",
    "under_every",
    "watching",
]
