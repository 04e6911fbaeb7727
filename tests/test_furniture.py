"""What a page has around its text, and the site beside its pages."""

import json
import xml.etree.ElementTree as ElementTree

import nbformat
from docutils import nodes
from docutils.core import publish_doctree
from PIL import Image

from tools import ROOT, copies, furniture, offline

SITE = "https://example.org/ft/"


def test_a_description_is_what_one_learns_or_the_first_paragraph_in_whole_words():
    tree = publish_doctree(".. note:: Not this.\n\nA *short*\none.\n\nMore.")
    assert furniture.description(tree) == "A short one."
    chapter = "A disk broke.\n\nAnd again.\n\n*You will learn* to mend it.\n\nMore."
    tree = publish_doctree(chapter)
    assert furniture.description(tree) == "You will learn to mend it."
    marked = nodes.paragraph("", "", nodes.raw("", "<b>"), nodes.Text("容错"))
    assert furniture.description(nodes.document(None, None, "", marked)) == "容错"
    text = furniture.description(publish_doctree("word " * 100))
    assert len(text) <= furniture.LONGEST
    assert text.endswith("word…")
    assert furniture.description(publish_doctree("")) == ""


def test_an_entry_for_a_bibliography():
    entry = furniture.bibtex("chapters/1_a", "One", SITE)
    assert entry.startswith("@misc{ft-1_a,")
    assert entry.count("{") == entry.count("}")
    assert f"url = {{{SITE}chapters/1_a.html}}" in entry
    assert "url" not in furniture.bibtex("chapters/1_a", "One", "")


def test_the_site_has_a_map_a_feed_and_a_page_for_what_is_not_there(tmp_path):
    for name in ("book", "chapters", "book/library"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "a.html").touch()
    furniture.add(tmp_path, site="")
    assert [path.name for path in tmp_path.glob("*.*")] == ["404.html"]
    assert 'href="/book/index.html"' in (tmp_path / "404.html").read_text("utf-8")
    furniture.add(tmp_path, site=SITE)
    assert 'href="/ft/book/index.html"' in (tmp_path / "404.html").read_text("utf-8")
    places = [
        place.text for place in ElementTree.parse(tmp_path / "sitemap.xml").iter()
    ]
    assert places[2::2] == [
        f"{SITE}{name}/a.html" for name in ("book", "book/library", "chapters")
    ]
    atom = ElementTree.parse(tmp_path / "feed.xml").getroot()
    titles = [title.text for title in atom.iterfind("{*}entry/{*}title")]
    assert titles[-1].endswith(" 0.1.0")


def test_the_link_to_a_pdf_is_there_when_the_pdf_is(tmp_path):
    html, edition = tmp_path / "html", tmp_path / "print"
    for folder in (html / "chapters", html / "download", edition):
        folder.mkdir(parents=True)
    page = html / "chapters" / "a.html"
    page.write_text(furniture._foot("chapters/a", "A", "", ""), encoding="utf-8")
    hidden = page.read_text(encoding="utf-8")
    assert '<a href="../download/a.pdf" hidden' in hidden
    (edition / "a.pdf").touch()
    furniture.link_printed(html, edition)
    assert '<a href="../download/a.pdf" data-pdf' in page.read_text(encoding="utf-8")
    assert (html / "download" / "a.pdf").exists()
    furniture.link_printed(html, None)
    assert page.read_text(encoding="utf-8") == hidden


def test_a_mistake_is_reported_only_where_a_repository_is_known():
    assert "github" not in furniture._foot("book/a", "A", SITE, "")
    assert "/owner/name/issues/new?title=Mistake%20in%3A%20A%20%26%20B" in (
        furniture._foot("book/a", "A & B", SITE, "owner/name")
    )


def test_the_card_has_the_size_that_is_asked_for():
    card = ROOT / "book" / "site" / "card.png"
    with Image.open(card) as picture:
        assert picture.size == (1200, 630)
    assert card.stat().st_size < 60_000


def test_a_plain_notebook_is_the_copy_in_the_archive(tmp_path):
    chapter = ROOT / "chapters" / "6_faq.ipynb"
    copies.add(tmp_path, [chapter], site=SITE)
    plain = nbformat.read(tmp_path / "download" / "6_faq.ipynb", as_version=4)
    assert plain == copies.copy(chapter, site=SITE)


def test_what_is_kept_for_offline_is_one_build(tmp_path):
    kept = ("book/a b.html", "download/a.ipynb", "download/labs/a.zip")
    for name in (*kept, "download/a.zip", "lite/big.js", "_headers", ".nojekyll"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1234", encoding="utf-8")
    offline.add(tmp_path)
    first = (tmp_path / offline.WORKER).read_text(encoding="utf-8")
    assert json.dumps([name.replace(" ", "%20") for name in kept]) in first
    said = json.loads((tmp_path / offline.SAID).read_text(encoding="utf-8"))
    assert (said["files"], said["bytes"]) == (3, 12)
    offline.add(tmp_path)
    assert (tmp_path / offline.WORKER).read_text(encoding="utf-8") == first
    (tmp_path / "book" / "a b.html").write_text("1235", encoding="utf-8")
    offline.add(tmp_path)
    assert (tmp_path / offline.WORKER).read_text(encoding="utf-8") != first
