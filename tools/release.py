"""What a release carries, put together in _build/release: the site as one archive, the
wheel of ftlib, the print edition.

    python -m tools.release

It takes the site and the print edition that are there (`make book`, `make print`), and
says what is missing.
"""

import shutil
import sys
import zipfile
from pathlib import Path

import ftlib
from tools import BUILD
from tools.wheel import wheel

__all__ = ["FOLDER", "release"]

FOLDER = BUILD / "release"


def release(html: Path = BUILD / "html", print_edition: Path = BUILD / "print") -> bool:
    """Put a release together; return whether all parts were there."""
    missing = [
        f"no {name} in {path}"
        for name, path in (("book", html), ("print edition", print_edition))
        if not any(path.glob("*"))
    ]
    if missing:
        print("; ".join(missing), file=sys.stderr)
        return False
    shutil.rmtree(FOLDER, ignore_errors=True)
    wheel(FOLDER)
    _archive(html, f"ft-book-{ftlib.__version__}")
    _archive(print_edition, f"ft-book-{ftlib.__version__}-print")
    return True


def _archive(folder: Path, name: str) -> None:
    with zipfile.ZipFile(FOLDER / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}")


if __name__ == "__main__":
    sys.exit(not release())
