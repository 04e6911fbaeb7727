"""A Sphinx extension: what readers call a thing leads to its entry.

Sphinx's own search finds a page by its words, and a section by its heading. Entries of
its index are found too, with the place that they stand at. So each entry of the
glossary is put there under its name, its Chinese name and its synonyms, and each source
under its authors and its synonyms. ``book/ft-search.js`` knows other forms of a name,
and ranks what is found.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

__all__ = ["SYNONYMS", "called", "names", "setup"]

SYNONYMS = "book/synonyms.yml"
GLOSSARY = "book/glossary"
REFERENCES = "book/references"
CHINESE = re.compile(r"(?:[\w+]+ )?[\u4e00-\u9fff]{2,}")
NO_NAMES = {"and", "of", "the", "et", "al"}


def called(heading: str, text: str, synonyms: list[str]) -> list[str]:
    """Return what an entry of the glossary is looked for by, in lower case.

    Parameters
    ----------
    heading : str
    text : str
        Its first paragraph, whose words in Chinese are its names.
    synonyms : list of str

    Examples
    --------
    >>> called("Time-out", "超时. A timer that fires.", ["deadline"])
    ['deadline', 'time-out', '超时']
    """
    found = [heading, *synonyms, *CHINESE.findall(text)]
    return sorted(set(map(str.lower, found)))


def names(heading: str) -> list[str]:
    """Return the names of a source that is headed by its authors and a year.

    Examples
    --------
    >>> names("Gray and Lamport 2006"), names("Redis cluster")
    (['gray', 'lamport'], [])
    """
    authors = re.fullmatch(r"(.+) \d{4}[a-z]?", heading)
    words = re.findall(r"[^\W\d_]{2,}", authors[1].lower() if authors else "")
    return sorted(set(words) - NO_NAMES)


def _index(app: Sphinx, doctree: nodes.document) -> None:
    page = app.env.docname
    if page not in (GLOSSARY, REFERENCES):
        return
    path = Path(app.srcdir) / SYNONYMS
    app.env.note_dependency(str(path))
    synonyms = yaml.safe_load(path.read_text(encoding="utf-8"))
    sources = page == REFERENCES
    unknown = {heading for heading in synonyms if bool(names(heading)) == sources}
    for section in list(doctree.findall(nodes.section)):
        heading = section[0].astext()
        unknown.discard(heading)
        if section.parent is doctree or isinstance(section[-1], nodes.section):
            continue  # no entry, but a group of them
        words = synonyms.get(heading, [])
        if sources:
            words = names(heading) + words
        else:
            words = called(heading, section[1].astext(), words)
        place = section["ids"][0]
        entries = [("single", word, place, "main", None) for word in words]
        section.append(addnodes.index(entries=entries))
    if unknown:
        raise ValueError(
            f"{SYNONYMS} has {', '.join(sorted(unknown))}: no heading of {page}"
        )


def _again(app: Sphinx, *_: Any) -> list[str]:
    """Read these pages in every build: Sphinx forgets the entries of those that it
    does not write anew.
    """
    return [GLOSSARY, REFERENCES]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("doctree-read", _index)
    app.connect("env-get-outdated", _again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
