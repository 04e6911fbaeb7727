"""What an instructor keeps to himself: a secret, and who was late.

    secret = "a long text that nobody guesses"

    [late]
    per_day = 0.1          # of the points, off for each day; nothing by default

    [late.two_phase_commit]
    alice = 2              # days

The file stands outside the repository, which is public. From the secret and a student's
name come the student's code, which chooses the rules, and the seed of the checks.
"""

import hmac
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import ROOT

__all__ = ["Course"]

DIGITS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


@dataclass(frozen=True)
class Course:
    """A course; without a file its secret is empty, and its seeds are no secret.

    Attributes
    ----------
    secret : str
    late : dict
    """

    secret: str = ""
    late: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Course":
        """Read a course.

        Raises
        ------
        ValueError
            If the file stands in the repository, or holds no secret.
        """
        if path.resolve().is_relative_to(ROOT):
            raise ValueError(
                f"{path} stands in the repository, which is public: keep it elsewhere"
            )
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        secret, late = given.get("secret"), given.get("late", {})
        if not isinstance(secret, str) or len(secret) < 16:
            raise ValueError(
                f'{path} needs a line secret = "...", with 16 characters or more'
            )
        if unknown := given.keys() - {"secret", "late"}:
            raise ValueError(
                f"{path} has {', '.join(sorted(unknown))}: known are secret and late"
            )
        return cls(secret, late)

    def _draw(self, *words: str) -> bytes:
        key, text = self.secret.encode(), "\n".join(words).encode()
        return hmac.digest(key or b"public", text, "sha256")

    def code(self, lab: str, student: str) -> str:
        """Return the code of a student.

        Examples
        --------
        >>> Course("0123456789abcdef").code("two_phase_commit", "alice")
        'pwuj4z7j'
        """
        drawn = self._draw("code", lab, student)
        return "".join(DIGITS[byte % len(DIGITS)] for byte in drawn[:8])

    def seed(self, lab: str, student: str) -> int:
        """Return the seed of the checks of a student."""
        return int.from_bytes(self._draw("seed", lab, student)[:6], "big")

    def fingerprint(self) -> str:
        """Return what tells one secret from another, and does not tell it."""
        return self._draw("fingerprint").hex()[:12]

    def days_late(self, lab: str, student: str) -> float:
        """Return how many days late a student was."""
        return float(self.late.get(lab, {}).get(student, 0))

    def kept(self, lab: str, student: str) -> float:
        """Return which share of the points is kept."""
        per_day = float(self.late.get("per_day", 0))
        return max(0.0, 1 - per_day * self.days_late(lab, student))
