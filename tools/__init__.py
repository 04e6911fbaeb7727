"""What keeps the course in order: the writer of notebooks, the book's build, the gate.
Run as `python -m tools.NAME`.
"""

from pathlib import Path

__all__ = ["BUILD", "ROOT"]

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the course."""
BUILD = ROOT / "_build"
"""What is made, and not committed."""
