"""What is needed for processes: without it these tests are skipped."""

import importlib.util
import sys

missing = importlib.util.find_spec("msgspec") is None
collect_ignore_glob = ["test_*.py"] if missing or sys.platform == "win32" else []
