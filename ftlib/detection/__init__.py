"""Who is dead? Failure detectors: parts that a node owns and calls, and a node around
each.

No detector is sure. What a room above does with a suspicion must be right even if the
node that is suspected lives.
"""

from ftlib.detection.heartbeat import (
    Detector,
    Heart,
    Heartbeat,
    Monitor,
    Trusts,
    watching,
)
from ftlib.detection.properties import accuracy, completeness, eventual_accuracy
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
    "Answer",
    "Answered",
    "Answerer",
    "Ask",
    "Asker",
    "Detector",
    "Heart",
    "Heartbeat",
    "Monitor",
    "Suspects",
    "Trusts",
    "accuracy",
    "completeness",
    "eventual_accuracy",
    "question",
    "watching",
]
