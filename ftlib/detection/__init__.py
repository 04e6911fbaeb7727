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
from ftlib.detection.properties import accuracy, completeness, eventual_accuracy
from ftlib.detection.streams import suspicions, under_every
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
    "AdaptiveMonitor",
    "AdaptiveTimeOut",
    "Answer",
    "Answered",
    "Answerer",
    "Ask",
    "Asker",
    "Beat",
    "Detector",
    "FixedTimeOut",
    "Heart",
    "Heartbeat",
    "Monitor",
    "NumberedHeart",
    "PhiAccrual",
    "Suspects",
    "Trusts",
    "accuracy",
    "adapting",
    "completeness",
    "eventual_accuracy",
    "question",
    "suspicions",
    "under_every",
    "watching",
]
