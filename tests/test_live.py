"""Live: controls, specification, errors, the table, and the widgets."""

import json
import re
import subprocess
import sys
import types
from typing import Annotated

import nbformat
import pytest
from nbclient import NotebookClient

from ftlib.drawing.picture import Picture
from ftlib.figures.availability import k_of_n
from ftlib.figures.controls import Choice, Range, Toggle, Toggles
from ftlib.live import Live
from ftlib.live import table as tables
from ftlib.live.page import built, stepped
from ftlib.live.spec import Spec, draw, resolve
from ftlib.live.table import Table
from ftlib.live.widgets import view

VOTES = Toggles(
    of="participants",
    maximum=4,
    states={"y": "yes", "n": "no", "s": "silent"},
    label="Votes",
    each="p{}",
)


def commit(
    participants: Annotated[int, Range(range(1, 5), "Participants")] = 2,
    votes: Annotated[str, VOTES] = "yyy",
    loss: Annotated[
        float, Range((0.0, 1e-05, 0.25), "Loss", unit="of all", style=".0%")
    ] = 0.0,
    crash: Annotated[
        str, Choice({"never": "never", "late": "after the votes"}, "Crash")
    ] = "never",
    recover: Annotated[bool, Toggle("It recovers")] = True,
    seed: int = 7,
) -> Picture:
    """Two steps a participant."""
    assert len(votes) >= participants
    if crash == "late" and not recover:
        raise RuntimeError("it blocks <for ever>")
    story = tuple(
        f"p{i + 1} votes {vote}." for i, vote in enumerate(votes[:participants])
    )
    parts = "".join(
        f'<g data-step="{i + 1}"><text>{vote}</text></g>'
        for i, vote in enumerate(votes[:participants])
    )
    title = f"{participants} {votes[:participants]} {loss} {crash} {recover} {seed}"
    return Picture(parts, 100, 100, title, "Toy.", story, participants)


@pytest.fixture
def toys(monkeypatch):
    """A module of figures that is only there for a test; returns what puts a function
    into it.
    """
    module = types.ModuleType("ftlib.figures.toys")
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def add(function):
        monkeypatch.setattr(function, "__module__", module.__name__)
        monkeypatch.setattr(function, "__qualname__", function.__name__)
        setattr(module, function.__name__, function)
        return function

    add(commit)
    return add


@pytest.fixture
def live(toys):
    return Live(commit)


# ------------------------------------------------------------------------ specification


def test_defaults_are_those_of_the_function(live):
    assert live.spec.parameters(live.spec.defaults) == {
        "participants": 2,
        "votes": "yy",
        "loss": 0.0,
        "crash": "never",
        "recover": True,
    }
    assert live.picture().title == "2 yy 0.0 never True 7"
    assert repr(live) == repr(commit())


def test_state_key_and_words(live):
    state = ((2,), (0, 1, 2, 1), (1,), (1,), (0,))
    assert live.spec.canonical(state) == ((2,), (0, 1, 2), (1,), (1,), (0,))
    assert live.spec.key(state) == "2.0-1-2.1.1.0"
    assert live.spec.parameters(state) == {
        "participants": 3,
        "votes": "yns",
        "loss": 1e-05,
        "crash": "late",
        "recover": False,
    }
    assert (
        live.spec.words(state)
        == "Participants: 3 · Votes: yes, no, silent · Loss: 0% of all · Crash: after"
        " the votes · It recovers: off"
    )


def test_surplus_makes_no_difference(live):
    one, other = (
        ((0,), (1, 0, 0, 0), (0,), (0,), (1,)),
        (
            (0,),
            (1, 2, 2, 2),
            (0,),
            (0,),
            (1,),
        ),
    )
    assert live.spec.key(one) == live.spec.key(other)
    assert live.spec.parameters(one) == live.spec.parameters(other)


def test_json_round_trip(live):
    text = live.spec.json()
    assert Spec.from_json(text) == live.spec
    content = json.loads(text)
    assert content["version"] == 1
    assert content["function"] == "ftlib.figures.toys.commit"
    assert [entry["name"] for entry in content["controls"]] == [
        "participants",
        "votes",
        "loss",
        "crash",
        "recover",
    ]
    assert content["controls"][1] == {
        "name": "votes",
        "kind": "toggles",
        "label": "Votes",
        "unit": "",
        "values": ["y", "n", "s"],
        "labels": ["yes", "no", "silent"],
        "default": [0, 0, 0, 0],
        "of": "participants",
        "names": ["p1", "p2", "p3", "p4"],
    }
    with pytest.raises(ValueError, match="version 2; this ftlib reads version 1"):
        Spec.from_json(text.replace('"version":1', '"version":2'))


def test_a_value_holds_a_parameter_fixed(toys):
    fixed = Live(commit, participants=3, seed=11, crash="late")
    assert [dial.name for dial in fixed.spec.dials] == ["votes", "loss", "recover"]
    assert len(fixed.spec.dials[0].names) == 3
    assert fixed.picture().title == "3 yyy 0.0 late True 11"
    assert Spec.from_json(fixed.spec.json()).fixed == {
        "participants": 3,
        "seed": 11,
        "crash": "late",
    }


def test_a_control_replaces_the_declared_one(toys):
    other = Live(commit, participants=Range((2, 4)), seed=Range((7, 8), "Seed"))
    assert other.spec.dials[0].values == (2, 4)
    assert other.spec.dials[0].label == "Participants"
    assert other.spec.dials[-1].label == "Seed"


def nothing() -> Picture:
    """No parameter, no control."""
    return Picture("", 1, 1, "Nothing.")


def test_a_figure_without_controls(toys):
    live = Live(toys(nothing))
    assert live.spec.defaults == ()
    assert list(live.spec.product()) == [()]
    assert Table.of(live.spec, nothing).pictures == {"": nothing()._repr_html_()}


# ------------------------------------------------------------------------------- errors


def in_a_cell(nodes: int = 3) -> Picture:
    return Picture("", 1, 1, "Nobody can import this.")


def no_default(nodes: int) -> Picture: ...


def anything(**given: int) -> Picture: ...


def wrong_default(nodes: Annotated[int, Range((1, 2))] = 3) -> Picture: ...


def one_and_true(flag: Annotated[bool, Range((0, 1))] = True) -> Picture: ...


def wrong_letters(
    nodes: Annotated[int, Range((1, 2))] = 2,
    votes: Annotated[str, Toggles("nodes", 2)] = "yx",
) -> Picture: ...


def too_many(
    nodes: Annotated[int, Range((1, 3))] = 1,
    votes: Annotated[str, Toggles("nodes", 2)] = "y",
) -> Picture: ...


def no_such(votes: Annotated[str, Toggles("nodes", 2)] = "y") -> Picture: ...


def no_picture(nodes: Annotated[int, Range((1, 2))] = 1) -> Picture:
    return "<svg/>"


def test_the_function_must_be_importable(toys):
    with pytest.raises(
        ValueError, match=r"in_a_cell is not one: move it to a module there"
    ):
        Live(in_a_cell)
    with pytest.raises(ValueError, match=r"only functions of ftlib\.figures"):
        Live(lambda: None)
    with pytest.raises(ValueError, match="no function 'gone' at module level"):
        resolve("ftlib.figures.availability.gone")
    toys(in_a_cell)
    sys.modules["ftlib.figures.toys"].in_a_cell = nothing
    with pytest.raises(ValueError, match="not the function found under that name"):
        Live(in_a_cell)


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (no_default, ValueError, "no_default: the parameter 'nodes' needs a default"),
        (anything, TypeError, r"anything takes \*\*given: int"),
        (
            wrong_default,
            ValueError,
            (
                "wrong_default: the default nodes=3 is not among the values of its"
                " control: 1, 2"
            ),
        ),
        (one_and_true, ValueError, "default flag=True is not among"),
        (wrong_letters, ValueError, "votes='yx' is not a string of the letters y, n"),
        (too_many, ValueError, "votes has 1 to 2 positions, but nodes can be 3"),
        (
            no_such,
            ValueError,
            "votes follows 'nodes', which is no parameter; it has votes",
        ),
    ],
)
def test_what_a_figure_cannot_be(toys, function, error, words):
    with pytest.raises(error, match=words):
        Live(toys(function))


def test_unknown_and_impossible_parameters(toys):
    with pytest.raises(
        ValueError, match="commit has no parameter 'nodes'; it has participants, votes"
    ):
        Live(commit, nodes=Range((1, 2)))
    with pytest.raises(TypeError, match=r"seed=\[1, 2\] is neither a control"):
        Live(commit, seed=[1, 2])


def test_only_pictures_are_shown(toys):
    with pytest.raises(TypeError, match=r"no_picture\(nodes=1\) returned str"):
        Live(toys(no_picture)).html()


def test_an_error_names_the_parameters(live):
    with pytest.raises(RuntimeError) as caught:
        live.picture(((1,), (0, 1, 0, 0), (0,), (1,), (0,)))
    assert caught.value.__notes__ == [
        "raised by commit(participants=2, votes='yn', loss=0.0, crash='late',"
        " recover=False)"
    ]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Range((1,)), "at least two values, not 1"),
        (lambda: Range((1, 2, 1)), "a value twice: 1, 2, 1"),
        (lambda: Range((1, (2,))), r"has the value \(2,\)"),
        (lambda: Choice({"a": "A"}), "at least two values"),
        (lambda: Toggles("n", 0), "maximum of at least 1, not 0"),
        (
            lambda: Toggles("n", 2, {"yes": "yes", "no": "no"}),
            "one letter each, not 'yes'",
        ),
    ],
)
def test_controls_that_make_no_sense(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()


def test_controls_are_values():
    assert Range(range(1, 3)) == Range([1, 2])
    assert (
        len(
            {
                Range((1, 2)),
                Range((1, 2)),
                Choice({1: "one", 2: "two"}),
                VOTES,
                Toggle(),
            }
        )
        == 4
    )


# -------------------------------------------------------------------------------- table


def test_full_product_when_it_is_small(toys):
    live = Live(commit, participants=2, crash="never", recover=True)
    table = Table.of(live.spec, commit)
    assert table.complete
    assert len(table.pictures) == 3 * 3 * 3
    assert table.pictures["1-2.1"] == commit(2, "ns", 1e-05)._repr_html_()


def test_the_product_counts_only_positions_that_count(live):
    states = list(live.spec.product())
    assert len(states) == (3 + 9 + 27 + 81) * 3 * 2 * 2
    assert len({live.spec.key(state) for state in states}) == len(states)


def test_each_control_alone_when_it_is_large(toys, monkeypatch):
    monkeypatch.setattr(tables, "MOST", 700)
    live = Live(commit, recover=True)
    table = Table.of(live.spec, commit)
    assert not table.complete
    star = {live.spec.key(state) for state in live.spec.star()}
    assert set(table.pictures) == star
    alone = {
        "1.0-0.0.0",
        "0.0.0.0",
        "2.0-0-0.0.0",
        "3.0-0-0-0.0.0",
        "1.1-0.0.0",
        "1.2-0.0.0",
        "1.0-1.0.0",
        "1.0-2.0.0",
    }
    assert star == alone | {"1.0-0.1.0", "1.0-0.2.0", "1.0-0.0.1"}


def test_a_product_too_large_to_send_becomes_a_star(toys, monkeypatch):
    live = Live(commit, participants=2, crash="never", recover=True)
    monkeypatch.setattr(tables, "LARGEST", 100)
    assert len(Table.of(live.spec, commit).pictures) == 1 + 2 + 2 + 2


def test_drawing_stops_where_the_bytes_are_spent(toys, monkeypatch):
    """Bytes decide, and no number of pictures does."""
    live, calls = Live(commit, participants=4, recover=True), []
    whole = Table.of(live.spec, commit)
    assert whole.complete
    assert len(whole.pictures) == 486

    def counted(**parameters):
        calls.append(parameters)
        return commit(**parameters)

    monkeypatch.setattr(tables, "LARGEST", whole.gzipped // 4)
    assert not Table.of(live.spec, counted).complete
    assert len(calls) < 486 / 2


def test_the_most_combinations_are_not_too_many(toys, monkeypatch):
    live = Live(commit, participants=2, crash="never", recover=True)
    monkeypatch.setattr(tables, "MOST", 27)
    assert Table.of(live.spec, commit).complete
    monkeypatch.setattr(tables, "MOST", 26)
    assert not Table.of(live.spec, commit).complete


def test_a_table_gives_the_pictures_back(toys):
    live = Live(commit, participants=2, crash="never", recover=True)
    table = Table.of(live.spec, commit)
    content = json.loads(table.json())
    assert table.complete
    joined = {
        key: "".join(content["parts"][part] for part in parts)
        for key, parts in content["pictures"].items()
    }
    assert joined == table.pictures
    assert (
        table.script('a/"b"-1')
        == f'(globalThis.ftTables ??= {{}})["a/\\"b\\"-1"] = {table.json()};\n'
    )


# --------------------------------------------------------------------------------- html


def scripts(html):
    return {
        name: json.loads(text)
        for name, text in re.findall(
            r'<script type="application/json" class="ft-(\w+)">(.*?)</script>',
            html,
            re.DOTALL,
        )
    }


def test_what_a_notebook_stores(live):
    bundle = live._repr_mimebundle_()
    assert bundle["text/plain"] == repr(commit())
    assert bundle["text/html"] == live.html()
    view = "application/vnd.jupyter.widget-view+json"
    like_ipywidgets = live.widget()._repr_mimebundle_()[view]
    assert {**bundle[view], "model_id": ""} == {**like_ipywidgets, "model_id": ""}
    assert bundle[view]["model_id"] != like_ipywidgets["model_id"], (
        "each time widgets of their own"
    )
    assert live.picture()._repr_html_() in bundle["text/html"]
    assert scripts(bundle["text/html"]) == {"spec": json.loads(live.spec.json())}, (
        "the table is not stored"
    )


def test_without_ipywidgets_the_html_remains(live, monkeypatch):
    monkeypatch.setitem(sys.modules, "ftlib.live.widgets", None)
    assert set(live._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_ftlib_live_needs_no_ipywidgets():
    code = (
        "import sys, ftlib.figures.availability, ftlib.live; sys.exit('ipywidgets' in"
        " sys.modules or 'sphinx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def hostile(
    text: Annotated[
        str, Choice({"</script><!--": "</script><b>", "b": 'say "b"'}, '<"label">')
    ] = "b",
) -> Picture:
    """Words that would break out of a page."""
    return Picture("", 1, 1, f"<i>{text}", story=("</script>",))


def test_no_word_breaks_out_of_the_page(toys):
    live = Live(toys(hostile))
    html = built(
        live.spec,
        live.picture(),
        'tables/"a".js#a',
        integrity="sha256-x",
        complete=True,
        version='"1',
        build="b",
        licence="<L>",
    )
    assert html.count("</script>") == 1
    assert (
        'data-name="hostile" data-table="tables/&quot;a&quot;.js#a"'
        ' data-integrity="sha256-x" data-complete data-build="b"'
        ' data-version="&quot;1" data-licence="&lt;L&gt;"' in html
    )
    assert "<!--" not in html
    assert "<i>" not in html
    assert '<"label">' not in html
    assert scripts(html)["spec"] == json.loads(live.spec.json())


def test_the_page_names_every_input(live):
    html = built(
        live.spec,
        live.picture(),
        "t.js#t",
        integrity="sha256-x",
        complete=False,
        version="1",
        build="b",
        licence="L",
    )
    assert (
        len(
            re.findall(
                r'<input type="range"[^>]* data-dial="[02]"'
                r' aria-label="(?:Participants|Loss)">',
                html,
            )
        )
        == 2
    )
    assert (
        len(
            re.findall(
                r'<input type="radio" value="[012]" data-dial="1"'
                r' data-at="[0-3]"><span>',
                html,
            )
        )
        == 12
    )
    assert re.findall(r"<legend>([^<]*)</legend>", html) == [
        "Votes",
        "p1",
        "p2",
        "p3",
        "p4",
        "Crash",
    ]
    assert '<input type="checkbox" data-dial="4"><span>It recovers</span>' in html
    assert re.findall(r'aria-label="(First|Previous|Play|Next|Last|Step)"', html) == [
        "First",
        "Previous",
        "Play",
        "Next",
        "Last",
        "Step",
    ]
    assert " id=" not in html


def test_a_long_choice_is_a_menu(toys):
    live = Live(
        commit,
        crash=Choice(
            {
                "never": "never",
                "late": "after all the votes have come in, before it decides",
            }
        ),
    )
    html = built(
        live.spec,
        live.picture(),
        "t.js#t",
        integrity="sha256-x",
        complete=False,
        version="1",
        build="b",
        licence="L",
    )
    assert (
        '<select data-dial="3" aria-label="Crash"><option value="0">never</option>'
        in html
    )


def test_a_plain_picture_with_steps_gets_a_bar(toys):
    made = {"version": "1", "licence": "L"}
    html = stepped(commit()._repr_html_(), **made)
    assert 'aria-label="Play"' in html
    assert "ft-plain" in html
    assert "Copy link" in html
    name = re.search(r' data-name="(picture_[0-9a-f]{8})" data-version="1"', html)[1]
    assert name in stepped(commit()._repr_html_(), **made), "links stay"
    assert name not in stepped(commit(3)._repr_html_(), **made)


def test_a_figure_has_a_name(toys):
    assert Live(commit).spec.name == "commit"
    assert '"name":"commit"' not in Live(commit).spec.json(), (
        "what a notebook has stays"
    )
    named = Live(commit, name="again").spec
    assert named.name == Spec.from_json(named.json()).name == "again"
    assert 'data-name="again"' in built(
        named,
        commit(),
        "t.js#t",
        integrity="",
        complete=True,
        version="1",
        build="b",
        licence="L",
    )
    for wrong in ("a b", "A", "1a", "a.b", "a-2", '"'):
        with pytest.raises(ValueError, match=f"name={re.escape(repr(wrong))}: links"):
            Live(commit, name=wrong)


def named(name: str = "x") -> Picture:
    """Draw what has a parameter of that name."""
    return Picture("", 1, 1, name)


def test_no_parameter_is_called_name(toys):
    with pytest.raises(ValueError, match="has a parameter 'name', which Live takes"):
        Live(toys(named))


def test_another_table_has_another_digest(toys):
    spec = Live(commit).spec
    table = Table({"a": "<i>", "b": "<b>"}, complete=False)
    digest = table.digest(spec)
    assert re.fullmatch("[0-9a-f]{12}", digest)
    assert Table({"a": "<b>", "b": "<i>"}, complete=False).digest(spec) != digest
    assert table.digest(Live(commit, name="again").spec) != digest


# ------------------------------------------------------------------------------ widgets


@pytest.fixture
def box(live):
    return view(live)


def by_name(widget, name):
    """The widgets below one whose description or tooltip is `name`."""
    found = (
        [widget]
        if name
        in (
            getattr(widget, "description", None),
            getattr(widget, "tooltip", None),
        )
        else []
    )
    return found + [
        hit for child in getattr(widget, "children", ()) for hit in by_name(child, name)
    ]


def shown(box):
    return box.children[1].value


def test_widgets_start_at_the_defaults(box):
    assert shown(box) == commit(2, "yy")._repr_html_()
    slider = by_name(box, "Participants")[0]
    assert slider._options_labels == ("1", "2", "3", "4")
    assert by_name(box, "Loss")[0]._options_labels[2] == "25% of all"
    assert by_name(box, "It recovers")[0].value is True


def test_every_widget_changes_the_picture(box):
    by_name(box, "Participants")[0].value = 2
    by_name(box, "p3")[0].value = 2
    by_name(box, "Loss")[0].value = 1
    by_name(box, "Crash")[0].value = 1
    assert shown(box) == commit(3, "yys", 1e-05, "late")._repr_html_()
    assert [by_name(box, name)[0].layout.display for name in ("p3", "p4")] == [
        None,
        "none",
    ]
    by_name(box, "Reset")[0].click()
    assert shown(box) == commit(2, "yy")._repr_html_()
    assert by_name(box, "p3")[0].layout.display == "none"


def test_an_error_is_shown_with_its_parameters(box):
    by_name(box, "Crash")[0].value = 1
    by_name(box, "It recovers")[0].value = False
    assert "RuntimeError: it blocks &lt;for ever&gt;" in shown(box)
    assert (
        "commit(participants=2, votes=&#x27;yy&#x27;, loss=0.0, crash=&#x27;late&#x27;,"
        " recover=False)" in shown(box)
    )
    assert "Traceback" in shown(box)
    by_name(box, "It recovers")[0].value = True
    assert shown(box) == commit(2, "yy", crash="late")._repr_html_()


def test_steps_in_the_kernel(box):
    slider, event = by_name(box, "Step")[0], box.children[2].children[1]
    assert (slider.value, slider.max, event.value) == (2, 2, "")
    by_name(box, "Previous")[0].click()
    assert shown(box) == commit(2, "yy").reveal(1)._repr_html_()
    assert event.value == "<b>1.</b> p1 votes y."
    by_name(box, "First")[0].click()
    by_name(box, "Previous")[0].click()
    assert slider.value == 0
    assert event.value.endswith("Nothing has happened yet.")
    by_name(box, "Next")[0].click()
    assert slider.value == 1
    by_name(box, "Last")[0].click()
    by_name(box, "Next")[0].click()
    assert shown(box) == commit(2, "yy").reveal(2)._repr_html_()


def test_a_new_picture_has_its_own_steps(box):
    slider, participants = by_name(box, "Step")[0], by_name(box, "Participants")[0]
    participants.value = 3
    assert (slider.value, slider.max) == (4, 4), "who stands at the end stays there"
    slider.value = 1
    participants.value = 2
    assert (slider.value, slider.max) == (1, 3), "who stands elsewhere stays there too"
    slider.value = 3
    participants.value = 0
    assert (slider.value, slider.max) == (1, 1)
    assert shown(box) == commit(1, "y").reveal(1)._repr_html_()


def test_without_steps_there_is_no_bar():
    assert view(Live(k_of_n)).children[2].layout.display == "none"


def test_in_a_kernel(tmp_path):
    cells = [
        "from ftlib.figures.availability import k_of_n\nfrom ftlib.live import Live",
        "Live(k_of_n)",
        (
            "box = Live(k_of_n).widget()\nbefore ="
            " box.children[1].value\nbox.children[0].children[0].value = 4\nbox"
        ),
        (
            "assert box.children[1].value != before\nassert box.children[1].value =="
            " k_of_n(nodes=5)._repr_html_()"
        ),
    ]
    metadata = {
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
    }
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=metadata
    )
    NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert [output.output_type for output in outputs] == ["execute_result"] * 2, (
        "a callback's error would stand here"
    )
    first = outputs[0].data
    assert first["text/html"] == Live(k_of_n).html()
    assert first["text/plain"] == repr(k_of_n())
    assert "application/vnd.jupyter.widget-view+json" in first


def test_draw_passes_the_picture_on():
    assert draw(k_of_n, {"nodes": 5}) == k_of_n(nodes=5)
