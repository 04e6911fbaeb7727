"""The writer of notebooks: what it makes normal, what it refuses, and that the text
form loses nothing.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebooks
from tools.notebooks import Size, from_text, normalise, problems, to_text

CHAPTER = """\
# %% [markdown]
# A title

*Time: about 5 minutes.*

# %%
print("hello")
6 * 7

# %% {"tags": ["raises-exception"]}
1 / 0
"""


@pytest.fixture(scope="module")
def chapter(tmp_path_factory) -> str:
    """The text of a good notebook, made of CHAPTER by the command line."""
    folder = tmp_path_factory.mktemp("chapters")
    path = folder / "good.cells.py"
    path.write_text(CHAPTER, encoding="utf-8")
    assert notebooks.main(["from-text", str(path)]) == 0
    return (folder / "good.ipynb").read_text(encoding="utf-8")


def changed(raw: str, change) -> str:
    notebook = json.loads(raw)
    change(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def test_a_good_notebook_has_no_problem(chapter):
    assert changed(chapter, lambda notebook: None) == chapter
    assert list(problems(chapter)) == []


def strip_all(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


def strip_outputs(notebook):
    notebook["cells"][1]["outputs"] = []


def forget_error(notebook):
    notebook["cells"][2]["outputs"] = []


def untagged_error(notebook):
    notebook["cells"][2]["metadata"] = {}


def stray_cell_metadata(notebook):
    notebook["cells"][1]["metadata"] = {"collapsed": True}


def wrong_kernel(notebook):
    notebook["metadata"]["kernelspec"]["name"] = "myenv"


def no_language(notebook):
    del notebook["metadata"]["language_info"]


def odd_count(notebook):
    notebook["cells"][1]["execution_count"] = 7


def stderr(notebook):
    notebook["cells"][1]["outputs"].append(
        {"name": "stderr", "output_type": "stream", "text": ["a warning\n"]}
    )


def address(notebook):
    notebook["cells"][1]["outputs"][1]["data"]["text/plain"] = [
        "<object at 0x7f3b2c1d>"
    ]


def path_in_html(notebook):
    notebook["cells"][1]["outputs"][1]["data"]["text/html"] = [
        "<p>/home/somebody/x</p>"
    ]


def path_in_error(notebook):
    notebook["cells"][2]["outputs"][0]["evalue"] = r"no such file: C:\Users\x"


def widget_view(notebook):
    notebook["cells"][1]["outputs"][1]["data"][notebooks.WIDGET_VIEW] = {
        "model_id": "0" * 32,
        "version_major": 2,
        "version_minor": 0,
    }


def figure(notebook):
    notebook["cells"][1]["outputs"].append(
        {"data": {"image/png": "AAAA"}, "metadata": {}, "output_type": "display_data"}
    )


def directive(notebook):
    notebook["cells"][0]["source"] = ["```{note}\n", "text\n", "```"]


def role(notebook):
    notebook["cells"][0]["source"] = ["see {ref}`x`"]


def interact(notebook):
    notebook["cells"][1]["source"] = ["interact(f, x=1)"]


def unchecked_by_a_comment(notebook):
    notebook["cells"][1]["source"].insert(0, "# NBVAL_IGNORE_OUTPUT\n")


def unchecked_by_a_tag(notebook):
    notebook["cells"][2]["metadata"]["tags"].append("nbval-skip")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (unchecked_by_a_comment, "'# NBVAL_IGNORE_OUTPUT': nbval runs"),
        (unchecked_by_a_tag, "'nbval-skip': nbval runs"),
        (figure, "without alt text"),
        (directive, "'```{note}' is MyST"),
        (role, "'{ref}`' is MyST"),
        (interact, "bare interact"),
        (strip_all, "execution counts are [None, None]"),
        (strip_outputs, "no output is stored"),
        (forget_error, "stores no error"),
        (untagged_error, "no tag raises-exception"),
        (stray_cell_metadata, "stray metadata collapsed"),
        (wrong_kernel, "its metadata are"),
        (no_language, "its metadata are"),
        (odd_count, "execution counts are [7, 2]"),
        (stderr, "wrote to stderr: 'a warning'"),
        (address, "0x7f3b2c1d"),
        (path_in_html, "/home/somebody"),
        (path_in_error, "Users"),
        (widget_view, "widget view"),
    ],
)
def test_check_refuses(chapter, change, message):
    assert any(message in problem for problem in problems(changed(chapter, change)))


def test_check_refuses_what_is_no_notebook():
    assert any("no notebook" in problem for problem in problems("{}x"))
    assert any(
        "no notebook" in problem
        for problem in problems(
            '{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        )
    )


def test_a_figure_with_alt_text_is_good(chapter):
    def described(notebook):
        figure(notebook)
        notebook["cells"][1]["metadata"] = {
            "mystnb": {"image": {"alt": "two lines that cross"}}
        }

    assert not any(
        "alt text" in problem for problem in problems(changed(chapter, described))
    )


def test_check_refuses_other_bytes(chapter):
    assert any(
        "not in normal form" in problem
        for problem in problems(chapter.replace("\n ", "\n  "))
    )


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("x = 1", False),
        ("x = 1\nx", True),
        ("values.append(1)", False),
        ("print(1)\nx = 2", True),
        ("Live(f)", True),
        ("x == 1;", False),
        ("None", False),
        ("assert x", False),
        ("def f():\n    print(1)", False),
        ("%matplotlib inline\nx, y", True),
    ],
)
def test_which_cells_must_have_an_output(source, shows):
    notebook = new_notebook(cells=[new_code_cell(source, execution_count=1)])
    found = list(problems(notebooks.dumps(normalise(notebook))))
    assert any("no output is stored" in problem for problem in found) == shows


def test_a_chapter_has_a_limit():
    cells = (
        [new_markdown_cell("word " * 3001)]
        + [new_code_cell("Live(f)") for _ in range(41)]
        + [new_code_cell("x = 1\n" * 31)]
    )
    found = "\n".join(
        problems(notebooks.dumps(normalise(new_notebook(cells=cells))), chapter=True)
    )
    for excess in (
        "3001 words",
        "42 code cells",
        "41 live figures",
        "31 lines in the longest",
    ):
        assert excess in found
    assert "time lines are []" in found
    assert "no cell has 'assert'" in found
    long_cells = [new_code_cell("x = 1\n" * 8)] * 3
    assert any(
        "8 lines in the median" in excess for excess in Size.of(long_cells).excesses()
    )


@pytest.mark.parametrize(
    ("words", "cells", "figures", "minutes"),
    [
        (0, 0, 0, 5),
        (1000, 5, 0, 10),
        (3000, 20, 2, 45),
        (500, 0, 0, 5),
        (1500, 0, 0, 10),
    ],
)
def test_time(words, cells, figures, minutes):
    assert Size(words, cells, figures, 1, 1).minutes == minutes


def test_words_are_those_of_the_prose():
    text = (
        "Two **words**, [a link](https://example.org/long/address) - $x +"
        " y$\n\n```python\nnot = this\n```\n<details>"
    )
    text += "\n\n$$\nz\n$$\n</details>"
    assert Size.of([new_markdown_cell(text)]).words == len(
        ["Two", "words", "a", "link"]
    )


def test_the_time_line_is_computed(chapter):
    assert "*Time: about 5 minutes.*" in chapter
    wrong = chapter.replace("about 5 minutes", "about 50 minutes")
    found = list(problems(wrong, chapter=True))
    assert any(
        "should have one: *Time: about 5 minutes.*" in problem for problem in found
    )


def test_normal_form_of_outputs():
    outputs = [
        new_output("stream", name="stdout", text="a\n"),
        new_output("stream", name="stdout", text="b\n"),
        new_output(
            "display_data",
            {notebooks.WIDGET_VIEW: {"model_id": "1"}, "text/html": "<p></p>"},
            metadata={"isolated": True},
        ),
        new_output("display_data", {notebooks.WIDGET_VIEW: {"model_id": "1"}}),
        new_output("error", ename="E", evalue="v", traceback=["/home/me", "line 2"]),
    ]
    cell = normalise(new_notebook(cells=[new_code_cell("f()", outputs=outputs)])).cells[
        0
    ]
    assert [output.output_type for output in cell.outputs] == [
        "stream",
        "display_data",
        "error",
    ]
    assert cell.outputs[0].text == "a\nb\n"
    assert cell.outputs[1] == {
        "output_type": "display_data",
        "data": {"text/html": "<p></p>"},
        "metadata": {},
    }
    assert cell.outputs[2].traceback == ["E: v"]


def test_what_is_checked_here_is_folded_and_counts_for_nothing():
    source = "# Checked here\nassert 1 + 1 == 2"
    cell = normalise(new_notebook(cells=[new_code_cell(source)])).cells[0]
    assert cell.metadata.tags == ["hide-input"]
    assert cell.metadata.mystnb.code_prompt_show == "Checked here"
    assert cell.metadata.jupyter.source_hidden
    assert Size.of([cell]) == Size(0, 0, 0, 0, 0)
    text = notebooks.to_text(normalise(new_notebook(cells=[cell])))
    assert text.startswith("# %%\n# Checked here\n")
    shows = normalise(new_notebook(cells=[new_code_cell(source + "\n1")]))
    assert any("nobody would see" in each for each in problems(notebooks.dumps(shows)))


def test_a_prediction_is_folded_because_its_code_names_the_answer():
    source = 'right = "a"\nPredict("Which?", {"a": "Yes.", "b": "No."}, right)'
    cell = normalise(new_notebook(cells=[new_code_cell(source)])).cells[0]
    assert cell.metadata.tags == ["hide-input"]
    assert cell.metadata.mystnb.code_prompt_show == "How the answer is computed"
    assert cell.metadata.jupyter.source_hidden
    assert notebooks.to_text(new_notebook(cells=[cell])).startswith('# %%\nright = "a"')


MEASURED = """\
# %% tags=["real-measurement"]
print("measured")

# %%
print("computed")
"""


def test_a_real_measurement_keeps_its_output_and_runs_only_when_asked(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.delenv("REAL", raising=False)
    text, made = tmp_path / "real.cells.py", tmp_path / "real.ipynb"
    text.write_text(MEASURED, encoding="utf-8")
    assert notebooks.main(["from-text", str(text)]) == 1
    assert "run it with REAL=1" in capsys.readouterr().err
    monkeypatch.setenv("REAL", "1")
    assert notebooks.main(["from-text", str(text)]) == 0
    raw = made.read_text(encoding="utf-8")
    assert list(problems(raw)) == []
    assert to_text(notebooks._read(made)).endswith(MEASURED)

    monkeypatch.delenv("REAL")
    old = raw.replace('"measured\\n"', '"long ago\\n"')
    made.write_text(old, encoding="utf-8")
    for command, path in (("run", made), ("from-text", text)):
        assert notebooks.main([command, str(path)]) == 0
        assert made.read_text(encoding="utf-8") == old
    text.write_text(MEASURED.replace('("measured', '("anew'), encoding="utf-8")
    assert notebooks.main(["from-text", str(text)]) == 1, "that is another measurement"
    assert made.read_text(encoding="utf-8") == old
    monkeypatch.setenv("REAL", "1")
    text.write_text(MEASURED.replace('print("measured")', "1 / 0"), encoding="utf-8")
    assert notebooks.main(["from-text", str(text)]) == 1, "it may raise, and not here"
    assert made.read_text(encoding="utf-8") == old


def test_ids_stay_when_a_cell_is_added_before():
    cells = [new_code_cell("x = 1"), new_code_cell("x = 1"), new_markdown_cell("x = 1")]
    before = [cell.id for cell in normalise(new_notebook(cells=cells)).cells]
    after = [
        cell.id
        for cell in normalise(
            new_notebook(cells=[new_markdown_cell("new"), *cells])
        ).cells
    ]
    assert len(set(before)) == 3
    assert after[1:] == before


def test_a_graded_cell_keeps_its_id():
    graded = new_code_cell(
        "x", id="task-1", metadata={"nbgrader": {"grade": True, "grade_id": "task-1"}}
    )
    notebook = normalise(new_notebook(cells=[graded]))
    assert notebook.cells[0].id == "task-1"
    assert from_text(to_text(notebook)).cells[0].id == "task-1"


LINES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])),
    st.sampled_from(["%%time", "# %time", "!ls", "\\", "", "  ", "x = 1"]),
)
SOURCES = (
    st.lists(LINES, max_size=4)
    .map("\n".join)
    .filter(lambda source: not any(sign in source for sign in ("# %%", '"""', "'''")))
)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(
            st.sampled_from(["hide-input", "ü }"]), min_size=1, unique=True
        ),
        "mystnb": st.just({"image": {"alt": "a } b"}}),
    },
)
CELLS = st.builds(
    lambda make, source, metadata: make(source, metadata=metadata),
    st.sampled_from([new_code_cell, new_markdown_cell]),
    SOURCES,
    METADATA,
)


@given(st.lists(CELLS, max_size=5))
def test_the_text_form_loses_nothing(cells):
    notebook = normalise(new_notebook(cells=cells))
    assert normalise(notebook) == notebook
    text = to_text(notebook)
    again = from_text(text)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    for cell in again.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    assert again == notebook
    assert to_text(again) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('# %% name="a"\n1', "metadata name"),
        ("# %% [mark]\n1", "metadata title"),
    ],
)
def test_text_that_cannot_be_read(text, message):
    with pytest.raises(ValueError, match=r"only .* are kept") as caught:
        from_text(text)
    assert message in str(caught.value)


def test_a_cell_that_raises_leaves_the_notebook_alone(tmp_path, capsys):
    path = tmp_path / "bad.cells.py"
    path.write_text("# %%\n1 / 0\n", encoding="utf-8")
    assert notebooks.main(["from-text", str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not (tmp_path / "bad.ipynb").exists()


def test_commands_refuse_what_is_not_there(tmp_path, capsys):
    assert notebooks.main(["norm", str(tmp_path / "no.ipynb")]) == 1
    assert "no.ipynb" in capsys.readouterr().err
    wrong = Path(tmp_path / "x.md")
    wrong.write_text("# %%\n", encoding="utf-8")
    assert notebooks.main(["from-text", str(wrong)]) == 1
    assert ".cells.py" in capsys.readouterr().err
