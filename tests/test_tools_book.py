"""The book's settings, its server, its formulas and the tasks around them."""

import re
import socket
import subprocess
import sys
import threading
import urllib.request
from types import SimpleNamespace

import pytest

from tools import ROOT, book, mathml, tasks


def test_without_environment_there_is_no_button():
    settings = book.config({"html": {"use_repository_button": False}}, "", "")
    assert "repository" not in settings
    assert settings["html"] == {"use_repository_button": False}


def test_environment_adds_what_it_says():
    base = {
        "html": {"use_repository_button": False},
        "sphinx": {"config": {"language": "en"}},
    }
    settings = book.config(base, "owner/name", "https://example.org/book")
    assert settings["repository"]["url"].endswith("owner/name")
    assert settings["html"] == {
        "use_repository_button": True,
        "use_issues_button": True,
        "baseurl": "https://example.org/book/",
    }
    assert settings["sphinx"]["config"]["language"] == "en"
    assert base == {
        "html": {"use_repository_button": False},
        "sphinx": {"config": {"language": "en"}},
    }


@pytest.mark.parametrize(
    "repository", ["name", "a/b/c", "/name", "https://github.com/a/b"]
)
def test_a_repository_must_be_owner_and_name(repository):
    with pytest.raises(ValueError, match="write owner/name"):
        book.config({}, repository, "")


def test_a_site_must_be_an_address():
    with pytest.raises(ValueError, match="begins with https"):
        book.config({}, "", "example.org")


def test_a_taken_port_is_said_before_building(monkeypatch, capsys):
    monkeypatch.setattr(book, "build", lambda strict: pytest.fail("built in vain"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert book.serve(port) == 1
    assert f"port {port} on 127.0.0.1" in capsys.readouterr().out


def test_the_server_answers_on_loopback_only(tmp_path):
    (tmp_path / "page.html").write_text("hello", encoding="utf-8")
    server = book.server(0, tmp_path)
    assert server.server_address[0] == "127.0.0.1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{server.server_address[1]}/page.html"
        ) as answer:
            assert answer.read() == b"hello"
            assert answer.headers["Cache-Control"] == "no-cache"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A course in a folder of its own; what is added to its pages is left out."""
    monkeypatch.setattr(book, "ROOT", tmp_path)
    monkeypatch.setattr(book, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(book, "_add", lambda *_, **__: True)
    monkeypatch.setattr(book.pyodide, "build", lambda: None)
    return tmp_path


def test_a_book_is_built_again_only_after_a_change(monkeypatch, elsewhere):
    built = []
    monkeypatch.setattr(
        book.subprocess,
        "run",
        lambda command, cwd: (
            built.append(1) or SimpleNamespace(returncode=len(built) == 3)
        ),
    )
    for name in ("_config.yml", "_toc.yml", "requirements.txt"):
        (elsewhere / name).write_text("title: T\n", encoding="utf-8")
    (elsewhere / "book").mkdir()

    def builds() -> int:
        before = len(built)
        book.build(strict=False)
        return len(built) - before

    assert [builds(), builds()] == [1, 0]
    (elsewhere / "book" / "page.md").write_text("# Page\n", encoding="utf-8")
    assert [builds(), builds()] == [1, 0]
    monkeypatch.setenv("REPOSITORY", "owner/name")
    assert [builds(), builds()] == [
        1,
        1,
    ], "the third build failed, so the fourth is needed"
    assert builds() == 0
    book.build(strict=True)
    assert len(built) == 5


def test_a_strict_build_makes_all_pages_and_takes_warnings_as_errors(
    monkeypatch, elsewhere
):
    seen = []
    monkeypatch.setattr(
        book.subprocess,
        "run",
        lambda command, cwd: seen.append(command) or SimpleNamespace(returncode=1),
    )
    (elsewhere / "_config.yml").write_text("title: T\n", encoding="utf-8")
    assert not book.build(strict=True)
    assert not book.build(strict=False)
    strict, quick = seen
    assert {"-W", "-n", "--keep-going", "--all"} <= set(strict)
    assert not {"-W", "--all"} & set(quick)


@pytest.mark.parametrize(
    "latex",
    [r"\begin{aligned} a &= b \end{aligned}", r"\foo", r"\frac{a}{b} + \nonsense{c}"],
)
def test_a_formula_that_is_not_understood_is_refused(latex):
    with pytest.raises(ValueError, match="does not know"):
        mathml.mathml(latex, block=False)


def test_every_step_is_taken_and_the_failed_ones_named(capfd):
    taken = []
    todo = [
        ("one", lambda: taken.append(1) or False),
        ("two", lambda: taken.append(2) or True),
        ("three", lambda: False),
    ]
    assert tasks.steps(todo) == 1
    assert taken == [1, 2]
    assert "Failed: one, three" in capfd.readouterr().out
    assert tasks.steps([("two", lambda: True)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fly"], "fly is no task"),
        ([], "nothing is no task"),
        (["serve", "80a"], "PORT is '80a'"),
    ],
)
def test_a_wrong_task_is_named(arguments, message, capsys):
    assert tasks.main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_sphinx_alone_builds_the_same_book(tmp_path):
    """The command jupyter-book is in maintenance: the book must not depend on it."""
    from jupyter_book.config import get_final_config

    assert book.build(strict=False)
    settings, _ = get_final_config(
        user_yaml=ROOT / "_build" / "config.yml",
        cli_config={"latex_individualpages": False},
        sourcedir=ROOT,
    )
    settings["html_static_path"] = [
        str(ROOT / folder) for folder in settings["html_static_path"]
    ]
    settings["templates_path"] = [
        str(ROOT / folder) for folder in settings["templates_path"]
    ]
    settings["html_favicon"] = str(ROOT / settings["html_favicon"])
    conf = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    (tmp_path / "conf.py").write_text(conf, encoding="utf-8")
    out = tmp_path / "html"
    command = ["sphinx", "-b", "html", "-q", "-W", "-n", "-c", tmp_path, ROOT, out]
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
    pages = [
        path.relative_to(out)
        for folder in ("book", "chapters")
        for path in (out / folder).glob("*.html")
    ]
    assert len(pages) > 10
    for page in pages:
        ours, theirs = (
            re.search(r"<article.*?</article>", text, re.DOTALL)[0]
            for text in (
                (folder / page).read_text(encoding="utf-8")
                for folder in (out, book.HTML)
            )
        )
        assert ours == theirs, page
