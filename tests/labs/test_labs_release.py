"""What students get: by nbgrader, and nothing of the solution in it."""

import json

import pytest

from tools import ROOT
from tools.grade import release
from tools.grade.extract import extract
from tools.grade.labs import LABS
from tools.grade.one import grade


def test_no_solution_stands_where_the_site_or_the_library_is_made():
    """A line of each solution is looked for, and found where it belongs."""
    for lab in LABS.values():
        cells = extract(lab.source, lab.cells, lab.module, lab.forbidden).cells
        longest = max(
            (
                line.strip()
                for _, text in cells
                for line in text.split("\n")
                if "self." in line
            ),
            key=len,
        )
        assert json.dumps(longest)[1:-1] in lab.source.read_text(encoding="utf-8")
        for folder in ("ftlib", "chapters", "book", "tools"):
            for path in (ROOT / folder).rglob("*"):
                if path.suffix in (".py", ".ipynb", ".md"):
                    text = path.read_text(encoding="utf-8")
                    assert longest not in text, path
                    assert json.dumps(longest)[1:-1] not in text, path


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_a_release_is_its_source_less_the_solution_and_earns_nothing(lab, tmp_path):
    pytest.importorskip("nbgrader", reason="requirements/labs.txt is not installed")
    notebook = release.released(lab, tmp_path / lab.name)
    assert release.problems(lab, notebook) == []
    result = grade(lab, notebook, "", 4)
    assert {(points, verdict) for _, points, _, verdict, _ in result["scores"]} == {
        (0, "not attempted")
    }
    text = notebook.read_text(encoding="utf-8").replace("### END SOLUTION", "")
    planted = tmp_path / "planted.ipynb"
    planted.write_text(text.replace("pass  # your code here", "self.ask(1)", 1))
    assert release.problems(lab, planted)
