"""The print edition: what stands in a chapter's PDF, and what is said when there can be none."""

import re
import subprocess
import sys

import nbformat
import pytest

import ftlib
from tools import ROOT, paper

CHAPTER = "3_3_distributed_transactions"


def squeezed(text):
    """Letters, digits and signs only: where lines wrap does not matter."""
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def pages(site, browser, tmp_path_factory):
    """The texts of the pages of a printed chapter; the browser is asked for because it says whether there is one."""
    from pypdf import PdfReader

    out = tmp_path_factory.mktemp("print")
    code = (
        f"from tools.paper import print_all; from pathlib import Path; assert print_all(Path({str(site)!r}), Path({str(out)!r}), "
    )
    code += f"site='https://example.org/ft/', names=('chapters/{CHAPTER}.html',))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)  # a browser of its own: one process has one playwright
    reader = PdfReader(out / f"{CHAPTER}.pdf")
    return [page.extract_text() for page in reader.pages], reader


@pytest.mark.browser
def test_a_printed_chapter(pages):
    texts, reader = pages
    whole = squeezed("".join(texts))
    assert 12 <= len(texts) <= 40
    assert all(len(squeezed(text)) > 100 for text in texts), "a page is almost empty"
    assert "Distributed transactions" in reader.metadata.title
    assert [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)] == ["Distributed transactions"]
    for text in texts:
        assert f"Version {ftlib.__version__}" in text
        assert "Fault tolerance in distributed systems" in text

    cells = nbformat.read(ROOT / "chapters" / f"{CHAPTER}.ipynb", as_version=4).cells
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert [line for line in lines if squeezed(line) not in whole] == [], "code is lost"


@pytest.mark.browser
def test_answers_come_last_and_each_is_referred_to(pages):
    texts = pages[0]
    first = next(number for number, text in enumerate(texts) if re.search(r"^Answers$", text, re.MULTILINE))
    before, after = "\n".join(texts[:first]), "\n".join(texts[first:])
    answers = [int(number) for number in re.findall(r"^(\d+)\. ", after, re.MULTILINE)]
    assert answers == list(range(1, len(answers) + 1))
    assert len(answers) >= 8
    assert [int(number) for number in re.findall(r"answer (\d+), at the end\.", before, re.IGNORECASE)] == answers
    assert "Solution of exercise 3" in after


@pytest.mark.browser
def test_a_printed_explore(pages):
    whole = "".join(pages[0])
    moved = re.findall(rf"Moveit:https://example\.org/ft/chapters/{CHAPTER}\.html#([\w-]+)\.\w+=", squeezed(whole))
    assert moved == ["outage", "one_commit", "one_commit-2"]
    assert "Participants: 3 · Votes: yes, yes, yes" in whole
    for control in ("Reset", "Copy link", "Save picture", "Show code cell source", "Open this chapter live"):
        assert control not in whole


def test_without_a_browser(monkeypatch, capsys, tmp_path):
    pytest.importorskip("playwright")
    monkeypatch.setattr(paper, "program", lambda: None)
    assert not paper.print_all(tmp_path, tmp_path / "out")
    assert capsys.readouterr().err == "Nothing is printed: there is no Chromium, Chrome or Edge on this machine\n"


def test_without_a_book(monkeypatch, capsys, tmp_path):
    pytest.importorskip("playwright")
    monkeypatch.setattr(paper, "program", lambda: "a browser")
    assert not paper.print_all(tmp_path, tmp_path / "out")
    assert "there is no chapters/1_background.html in" in capsys.readouterr().err
