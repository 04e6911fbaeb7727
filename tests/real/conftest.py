"""What is needed for processes: without it these tests are skipped, but for those that
say so where CI is true.
"""

import importlib.util
import sys
from pathlib import Path

SAYS_SO = "test_needed.py"
missing = importlib.util.find_spec("msgspec") is None
collect_ignore = (
    sorted({path.name for path in Path(__file__).parent.glob("test_*.py")} - {SAYS_SO})
    if missing or sys.platform == "win32"
    else []
)
