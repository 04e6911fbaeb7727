"""No solution of a lab stands in the built site."""

import json
import re
from html import unescape

from tests.labs.test_labs_release import telling, written
from tools.grade.labs import LABS

TEXTS = {".html", ".ipynb", ".js", ".json", ".md", ".py", ".svg", ".txt", ".xml"}


def test_no_solution_stands_in_the_built_site(site):
    """In no page, notebook or script; the zips of the labs and the wheel are looked
    through where they are made.
    """
    for lab in LABS.values():
        assert (site / "download" / "labs" / f"{lab.name}.zip").exists()
    told = [line for lab in LABS.values() for line in (telling(lab)[-1], *written(lab))]
    told += [json.dumps(line)[1:-1] for line in told]
    read = 0
    for path in site.rglob("*"):
        if path.suffix in TEXTS and "pyodide" not in path.parts:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".html":  # where code is coloured, word by word
                text += unescape(re.sub(r"<[^>]+>", "", text))
            read += 1
            assert [line for line in told if line in text] == [], path
    assert read > 40
