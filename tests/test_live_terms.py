"""The definitions that a page carries for its links into the glossary, on a small
project built by a Sphinx of its own.
"""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

CONF = """
extensions = ["myst_nb", "ftlib.live.sphinx"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
suppress_warnings = ["toc"]
"""
GLOSSARY = """# Glossary

## The world

### Node

<span lang="zh">节点</span>. One *machine*: it sends a [message](#message), see <https://example.org>.

Not this paragraph.

### Message

What `send` sends; $t$ is its time. No </script> ends it.

### Unused

Nobody links here.

### Bare
"""
PAGE = """# Page

A [node](../book/glossary.md#node), another [node](../book/glossary.md#node), a
[message](../book/glossary.md#message), a [bare word](../book/glossary.md#bare), [all
words](../book/glossary.md), a [heading](#page), [elsewhere](https://example.org/glossary.html#node).
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terms")
    for name in ("book", "chapters"):
        (folder / name).mkdir()
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "index.md").write_text(
        "# Index\n\nNo term.\n\n```{toctree}\nbook/glossary\nchapters/page\n```\n",
        encoding="utf-8",
    )
    (folder / "book" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    (folder / "chapters" / "page.md").write_text(PAGE, encoding="utf-8")
    return folder


def build(folder):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "-q",
            "-W",
            folder,
            folder / "out",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class Terms(HTMLParser):
    """The data of a page, found as a browser finds them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script" and dict(attributes).get("class") == "ft-terms"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.found.append(data)


def page(folder, name="chapters/page"):
    return (folder / "out" / f"{name}.html").read_text(encoding="utf-8")


def test_a_page_carries_the_definitions_it_links_to_and_follows_the_glossary(project):
    build(project)
    marked = re.findall(r'<a class="([^"]*)" href="([^"]*)"', page(project))
    assert [href for kind, href in marked if "ft-term" in kind.split()] == [
        "../book/glossary.html#node",
        "../book/glossary.html#node",
        "../book/glossary.html#message",
    ]
    (data,) = Terms(page(project)).found
    terms = json.loads(data)
    assert list(terms) == ["node", "message"], "in their order, each once, no others"
    assert terms["node"] == [
        "Node",
        '<p><span lang="zh">节点</span>. One <em>machine</em>: it sends a message, see'
        " https://example.org.</p>",
    ]
    name, definition = terms["message"]
    assert name == "Message"
    assert definition.startswith('<p>What <code class="docutils literal notranslate">')
    assert "math" in definition
    for other in ("index", "book/glossary"):
        assert Terms(page(project, other)).found == []
        assert "ft-term" not in page(project, other)

    glossary = project / "book" / "glossary.md"
    glossary.write_text(GLOSSARY.replace("machine", "process"), encoding="utf-8")
    build(project)
    (data,) = Terms(page(project)).found
    assert "One <em>process</em>" in json.loads(data)["node"][1]


def test_a_project_without_a_glossary_is_left_alone(tmp_path):
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "index.md").write_text("# Index\n\n[A](https://a.org)\n", "utf-8")
    build(tmp_path)
    assert "ft-term" not in page(tmp_path, "index")
