"""The print edition: what stands in a chapter's PDF, and what is said when there can be
none.
"""

import re
import subprocess
import sys

import nbformat
import pytest

import ftlib
from tools import ROOT, paper

CHAPTER = "3_3_distributed_transactions"
PAGE = f"chapters/{CHAPTER}.html"
ADDRESS = "https://example.org/ft"


def squeezed(text):
    """Letters, digits and signs only: where lines wrap does not matter."""
    return re.sub(r"\s", "", text)


def printed(html, out, **options):
    """The PDF of the chapter. It is printed by a process of its own: there is one
    playwright a process, and the tests use it.
    """
    from pypdf import PdfReader

    code = (
        "from pathlib import Path; from tools.paper import print_all; assert"
        f" print_all(Path({str(html)!r}), Path({str(out)!r}), "
    )
    code += f"names=({PAGE!r},), **{options!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return PdfReader(out / f"{CHAPTER}.pdf")


@pytest.fixture(scope="module")
def reader(site, browser, tmp_path_factory):
    """The printed chapter; the browser is asked for because it says whether there is
    one.
    """
    return printed(site, tmp_path_factory.mktemp("print"), site=ADDRESS + "/")


@pytest.fixture(scope="module")
def texts(reader):
    return [page.extract_text() for page in reader.pages]


def addresses(reader):
    """Where the links of a PDF lead that leave it."""
    links = [
        link.get_object() for page in reader.pages for link in page.get("/Annots", ())
    ]
    return {link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})}


def titles(outline):
    return [
        titles(entry) if isinstance(entry, list) else entry["/Title"]
        for entry in outline
    ]


@pytest.mark.browser
def test_every_page_has_the_names_of_book_and_chapter_and_says_something(reader, texts):
    assert 12 <= len(texts) <= 40
    for number, text in enumerate(texts, 1):
        assert len(squeezed(text)) > 250, f"page {number} is almost empty"
        assert (
            "Fault tolerance in distributed systems Distributed transactions"
            in " ".join(text.split())
        )
        assert (
            f"Version {ftlib.__version__} · text and pictures CC BY 4.0, code MIT ·"
            f" {ADDRESS}" in text
        )
        assert f"{number} / {len(texts)}" in text
    assert (
        reader.metadata.title
        == "Distributed transactions — Fault tolerance in distributed systems"
    )
    assert (
        reader.metadata.creator
        == f"Fault tolerance in distributed systems {ftlib.__version__}"
    )


@pytest.mark.browser
def test_the_outline_names_the_sections(reader):
    chapter, sections = titles(reader.outline)
    assert chapter == "Distributed transactions"
    markdown = [
        cell.source
        for cell in nbformat.read(ROOT / "chapters" / f"{CHAPTER}.ipynb", 4).cells
        if cell.cell_type == "markdown"
    ]
    assert [each for each in sections if isinstance(each, str)] == [
        *re.findall(r"^## (.*)$", "\n".join(markdown), re.MULTILINE),
        "Answers",
    ]


@pytest.mark.browser
def test_no_code_is_lost(texts):
    whole = squeezed("".join(texts))
    cells = nbformat.read(ROOT / "chapters" / f"{CHAPTER}.ipynb", as_version=4).cells
    lines = [
        line
        for cell in cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
    ]
    assert [line for line in lines if squeezed(line) not in whole] == []


@pytest.mark.browser
def test_answers_come_last_and_each_is_referred_to(texts):
    first = next(
        number
        for number, text in enumerate(texts)
        if re.search(r"^Answers$", text, re.MULTILINE)
    )
    before, after = " ".join("\n".join(texts[:first]).split()), "\n".join(texts[first:])
    answers = re.findall(r"^(\d+)\.\s+(.*)$", after, re.MULTILINE)
    assert [int(number) for number, _ in answers] == list(range(1, len(answers) + 1))
    asked = [words for _, words in answers]
    assert asked[0].startswith("Predict. A message takes 10 ms")
    assert asked[-6:] == [
        f"{kind}, exercise {n}" for kind in ("Hint", "Solution") for n in (1, 2, 3)
    ]
    assert "What may go wrong? Answer 5, at the end of the chapter." in before
    assert "Hint: Answer 8 · Solution: Answer 11, at the end of the chapter." in before
    assert sorted(map(int, re.findall(r"Answer (\d+)\b", before))) == [
        int(number) for number, _ in answers
    ]


@pytest.mark.browser
def test_a_printed_figure_says_where_it_moves(reader, texts, book, tab):
    whole = "".join(texts)
    moved = re.findall(
        rf"Moveit:{ADDRESS}/chapters/{CHAPTER}\.html#([\w-]+)\.\w+=", squeezed(whole)
    )
    assert moved == ["outage", "one_commit", "asked_twice"]
    assert "Participants: 3 · Votes: yes, yes, yes" in whole
    for control in (
        "Reset",
        "Copy link",
        "Save picture",
        "Show code cell source",
        "Open this chapter live",
        "The story in words",
    ):
        assert control not in whole
    opened = tab(book)
    for address in addresses(reader):
        if "#" in address and "=" in address:
            page = opened.goto(address.removeprefix(f"{ADDRESS}/"))
            assert page.locator(".ft-alive").first.is_visible()
            assert (
                page.locator(".ft-status:not(.ft-quiet)").all_inner_texts()
                == [""] * page.locator(".ft-status:not(.ft-quiet)").count()
            )


@pytest.mark.browser
def test_links_lead_to_the_published_book(reader, site):
    found = addresses(reader)
    assert f"{ADDRESS}/book/glossary.html#atomic-commit" in found
    assert {address for address in found if not address.startswith("https://")} == set()
    for address in found:
        if address.startswith(ADDRESS):
            assert (
                site / address.removeprefix(f"{ADDRESS}/").partition("#")[0]
            ).exists(), address


@pytest.mark.browser
def test_without_an_address_of_the_book_nothing_leads_to_the_server_that_printed_it(
    site, browser, tmp_path
):
    reader = printed(site, tmp_path)
    assert "127.0.0.1" not in str(addresses(reader))
    text = "".join(page.extract_text() for page in reader.pages)
    assert f"Moveit:chapters/{CHAPTER}.html#outage.down=2" in squeezed(text)


def test_pages_are_those_of_the_contents():
    pages = paper.pages()
    assert {
        f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.ipynb")
    } <= set(pages)
    assert {"book/glossary.html", "book/references.html", "book/trust.html"} <= set(
        pages
    )
    assert "book/quizzes/replication.html" in pages
    assert not [page for page in pages if page.startswith("book/library")]


def test_without_a_browser(monkeypatch, capsys, tmp_path):
    pytest.importorskip("playwright")
    monkeypatch.setattr(paper, "program", lambda: None)
    assert not paper.print_all(tmp_path, tmp_path / "out")
    assert (
        capsys.readouterr().err
        == "Nothing is printed: there is no Chromium, Chrome or Edge on this machine\n"
    )


def test_without_playwright(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert not paper.print_all(tmp_path, tmp_path / "out")
    assert (
        capsys.readouterr().err == "Nothing is printed: there is no playwright: install"
        " requirements/browser.txt\n"
    )


def test_without_a_book(monkeypatch, capsys, tmp_path):
    pytest.importorskip("playwright")
    monkeypatch.setattr(paper, "program", lambda: "a browser")
    assert not paper.print_all(tmp_path, tmp_path / "out")
    assert f"there is no {paper.pages()[0]} in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
