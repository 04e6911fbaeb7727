"""The book's settings, its server, its formulas and the tasks around them."""

import http.client
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from tools import ROOT, book, mathml, policy, tasks


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
        "use_repository_button": False,
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


@pytest.fixture
def asked(tmp_path):
    """Ask the server of a small site; give status, headers and body of the answer."""
    (tmp_path / "page.html").write_text("hello", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "secret.txt").touch()
    with book.serving(tmp_path, policed=True) as base:
        address = urlsplit(base)

        def ask(path, **headers):
            line = http.client.HTTPConnection(address.hostname, address.port)
            line.request("GET", path, headers=headers)
            with closing(line), line.getresponse() as answer:
                return answer.status, answer.headers, answer.read()

        yield ask


def test_the_server_answers_on_loopback_only(asked):
    with book.server(0) as server:
        assert server.server_address[0] == "127.0.0.1"
    status, headers, body = asked("/page.html")
    assert (status, body) == (200, b"hello")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Security-Policy"] is None


@pytest.mark.parametrize("path", ["/folder/", "/no.html", "/%00", "/a%00b/", "/../x"])
def test_what_is_no_page_is_not_found(asked, tmp_path, path):
    status, _, body = asked(path)
    assert status == 404
    assert b"secret" not in body
    (tmp_path / "404.html").write_text("not here", encoding="utf-8")
    assert asked(path)[::2] == (404, b"not here")


@pytest.mark.parametrize(
    ("part", "status", "said", "body"),
    [
        ("bytes=1-3", 206, "bytes 1-3/5", b"ell"),
        ("bytes=3-", 206, "bytes 3-4/5", b"lo"),
        ("bytes=-2", 206, "bytes 3-4/5", b"lo"),
        ("bytes=0-99", 206, "bytes 0-4/5", b"hello"),
        ("bytes=5-", 416, "bytes */5", b""),
        ("bytes=3-1", 416, "bytes */5", b""),
        ("bytes=-", 200, None, b"hello"),
        ("lines=1-2", 200, None, b"hello"),
    ],
)
def test_a_part_of_a_file_is_served(asked, part, status, said, body):
    got, headers, sent = asked("/page.html", Range=part)
    assert (got, headers["Content-Range"], sent) == (status, said, body)
    assert headers["Accept-Ranges"] == "bytes"


def test_the_policy_of_the_site_is_served_with_it(asked, tmp_path):
    (tmp_path / "lite").mkdir()
    (tmp_path / "page.html").write_text("<script>1</script>", encoding="utf-8")
    ours = policy.write(tmp_path)
    assert policy.hashes("<script>1</script>") <= set(ours.split())
    assert asked("/page.html")[1]["Content-Security-Policy"] == ours
    assert "unsafe-eval" in asked("/lite/a.js")[1]["Content-Security-Policy"].split("'")
    (tmp_path / "folder" / "bad.html").write_text("<b onclick='go()'>", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.html: onclick in an attribute"):
        policy.write(tmp_path)


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
    settings["external_toc_path"] = str(ROOT / "_toc.yml")
    conf = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    (tmp_path / "conf.py").write_text(conf, encoding="utf-8")
    # every page is written, and a few are read: to read all takes as long as the book
    shutil.copytree(ROOT / "_build" / ".doctrees", tmp_path / "read")
    for page in ("book/glossary", "chapters/1_background"):
        (tmp_path / "read" / f"{page}.doctree").unlink()
    out = tmp_path / "html"
    options = ["-q", "-W", "-n", "-c", tmp_path, "-d", tmp_path / "read"]
    command = ["sphinx", "-b", "html", *options, ROOT, out]
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
