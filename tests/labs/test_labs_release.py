"""What students get: by nbgrader, and nothing of the solution in it."""

import pytest

from tools.grade import release
from tools.grade.labs import LABS
from tools.grade.one import grade

pytest.importorskip("nbgrader", reason="requirements/labs.txt is not installed")


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_a_release_is_its_source_less_the_solution_and_earns_nothing(lab, tmp_path):
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
