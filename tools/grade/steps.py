"""Steps of nbgrader in the folder of a course, all in one process, because each start
of nbgrader takes seconds.

    python -m tools.grade.steps FOLDER < [["autograde", "LAB", "STUDENT"], ...]
"""

import json
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

__all__ = ["main"]


def main(folder: Path, steps: Iterable[list[str]]) -> str:
    """Take steps, which are named as the methods of nbgrader's API are, until one
    fails; return what nbgrader says of that one.
    """
    os.chdir(folder)
    loader = import_module("traitlets.config.loader")
    config = loader.PyFileConfigLoader("nbgrader_config.py").load_config()
    config.CourseDirectory.root = str(folder)
    api = import_module("nbgrader.apps").NbGraderAPI(config=config)
    for name, *given in steps:
        found = getattr(api, name)(*given)
        if not found["success"]:
            said = f"{found.get('log') or ''}{found.get('error') or ''}"
            return f"{name} {' '.join(given)}: {said[-2000:]}"
    return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), json.load(sys.stdin)) or 0)
