"""The labs: where each one is, which cells hold the answer, what is judged."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tools import ROOT

__all__ = ["LABS", "Lab"]


@dataclass(frozen=True)
class Lab:
    """One lab.

    Attributes
    ----------
    name : str
    roles : dict from role to class
        What the student's classes are called.
    cells : tuple of str
        The ids of the cells of code that are the answer.
    written : dict from id to points
        The cells that a person grades.
    sealed : tuple of str
        The names of the prediction and of its seal.
    """

    name: str
    roles: dict[str, str]
    cells: tuple[str, ...]
    written: dict[str, int]
    sealed: tuple[str, str]

    @property
    def module(self) -> str:
        """The vocabulary, which the process that runs an answer may import."""
        return f"ftlib.labs.{self.name}"

    @property
    def source(self) -> Path:
        """The notebook with its solution."""
        return ROOT / "labs" / self.name / f"{self.name}.ipynb"

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The modules that no answer may import."""
        return tuple(import_module(self.module).FORBIDDEN)

    @property
    def checks(self) -> Any:
        """The module with `CHECKS` and `Hand`."""
        return import_module(f"{self.module}.whole")

    def rules(self, code: str) -> Any:
        """Draw the rules of one student."""
        return import_module(self.module).Rules.drawn(code)


LABS = {
    lab.name: lab
    for lab in (
        Lab(
            "two_phase_commit",
            {"participant": "MyParticipant", "coordinator": "MyCoordinator"},
            ("participant", "coordinator", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
        Lab(
            "replication",
            {"replica": "MyReplica", "keeper": "MyKeeper"},
            ("replica", "keeper", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
        Lab(
            "failover",
            {"server": "MyServer"},
            ("server", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
        Lab(
            "consistent_hashing",
            {"door": "MyDoor"},
            ("door", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
        Lab(
            "failure_detection",
            {"member": "MyMember", "watcher": "MyWatcher"},
            ("member", "watcher", "numbers", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
        Lab(
            "consensus",
            {"server": "MyServer", "witness": "MyWitness"},
            ("witness", "server", "prediction"),
            {"explain": 3, "bounty": 3},
            ("PREDICTION", "SEAL"),
        ),
    )
}
"""The labs by name."""
