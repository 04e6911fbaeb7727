"""Words of the glossary show their definition in place.

Every link of a page into ``book/glossary`` gets the class ``ft-term``, and the page
carries the definitions that its links lead to, each the first paragraph of its entry as
the glossary itself shows it. ``book/site/ft-terms.js`` shows them by pointer, keyboard
and finger; without it a link is a link. A page is made anew when the glossary changes.
"""

import json
from typing import Any, Final

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from ftlib.live.page import script

__all__ = ["GLOSSARY", "ShowTerms", "follow"]

GLOSSARY: Final = "book/glossary"


class ShowTerms(SphinxPostTransform):
    """Bring the definitions of the terms that a page links to."""

    default_priority = 700  # after all links have been resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Mark the links of one page, and add their definitions."""
        if self.env.docname == GLOSSARY or GLOSSARY not in self.env.found_docs:
            return
        uri = self.app.builder.get_relative_uri(self.env.docname, GLOSSARY) + "#"
        links = [
            link
            for link in self.document.findall(nodes.reference)
            if link.get("refuri", "").startswith(uri)
        ]
        if not links:
            return
        entries = self._entries()
        found = {}
        for link in links:
            anchor = link["refuri"].removeprefix(uri)
            if anchor in entries:
                link["classes"].append("ft-term")
                found[anchor] = entries[anchor]
        written = {
            anchor: [title.astext(), self._html(paragraph)]
            for anchor, (title, paragraph) in found.items()
        }
        data = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
        self.document.append(nodes.raw("", script("terms", data), format="html"))

    def _entries(self) -> dict[str, tuple[nodes.Node, nodes.Node]]:
        """The title and the first paragraph of each entry, by its anchors."""
        return {
            anchor: (section[0], section[1])
            for section in self.env.get_doctree(GLOSSARY).findall(nodes.section)
            if len(section) > 1 and isinstance(section[1], nodes.paragraph)
            for anchor in section["ids"]
        }

    def _html(self, paragraph: nodes.Node) -> str:
        """A paragraph without its links, which are not to be followed in a box."""
        copy = paragraph.deepcopy()
        for link in list(copy.findall(_is_link)):
            link.parent.replace(link, link.children)
        builder: Any = self.app.builder  # one that makes HTML
        return str(builder.render_partial(copy)["fragment"]).strip()


def _is_link(node: nodes.Node) -> bool:
    return isinstance(node, nodes.reference | addnodes.pending_xref)


def follow(app: Sphinx, doctree: nodes.document) -> None:
    """Let a page that links to the glossary be outdated when the glossary changes."""
    if any(
        link.get("reftarget", "").removesuffix(".md").endswith(GLOSSARY)
        for link in doctree.findall(addnodes.pending_xref)
    ):
        app.env.note_dependency(str(app.env.doc2path(GLOSSARY, base=False)))
