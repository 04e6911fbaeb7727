"""The Sphinx extension that brings the pictures of a page to life.

A notebook stores a live figure's picture, story and specification; a post-transform
draws everything anew when the page is written, adds the controls, writes the table
beside the page (``_static/ft-tables``), and gives the other pictures that have steps
their step bar. So a page can never show what the library no longer draws, and tables
never enter the stored doctrees. When the library changes, all pages with a picture
count as outdated.

A page that is no notebook shows a live figure by a directive::

    ```{live} ftlib.figures.availability.k_of_n
    ```

``_config.yml`` names this extension, ``book/site`` in ``html_static_path``, ``ft.css``
in ``html_css_files`` and, with ``defer``, ``ft-python.js``, ``ft-faults.js``,
``ft-live.js``, ``ft-predict.js`` and ``ft-terms.js`` in ``html_js_files``. What is in
no table, ``ft-python.js`` has computed by a worker that runs Python from the folder
``pyodide``.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

import ftlib
from ftlib.live.live import Live
from ftlib.live.page import built, stepped
from ftlib.live.predict import BEGINS, THEN
from ftlib.live.spec import Spec, draw, resolve
from ftlib.live.sphinx_terms import ShowTerms, follow
from ftlib.live.table import Table

__all__ = ["FillTables", "LiveDirective", "filled", "library_hash", "setup"]

LICENCE = "CC BY 4.0"
TABLES = "_static/ft-tables"
LIVE = '<div class="ft-live">'
PICTURE = '<figure class="ft-picture"'
STEPS = 'data-steps="'
SPEC = re.compile(
    r'<script type="application/json" class="ft-spec">(.*?)</script>', re.DOTALL
)

logger = logging.getLogger(__name__)


def library_hash() -> str:
    """A digest of every source file of ftlib. Its first twelve letters stand in the
    pages and in the name of the wheel that runs there.
    """
    root = Path(ftlib.__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    files = (path for path in root.rglob("*") if path.suffix in (".py", ".js", ".css"))
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def filled(
    html: str, build: str, keep: Callable[[Spec, Table], tuple[str, str]]
) -> str:
    """The HTML of a stored Live, drawn anew and with its table.

    Parameters
    ----------
    html : str
    build : str
        Which library it is drawn by.
    keep : callable
        Puts the table where the page can fetch it, and returns the address and the
        digest that the browser is to check.

    Raises
    ------
    ValueError
        If there is no specification in it, or none that this library can read.
    Exception
        Whatever the figure raises, with a note that holds the call.
    """
    found = SPEC.search(html)
    if found is None:
        raise ValueError("a live figure without its specification")
    spec = Spec.from_json(found[1])
    figure = resolve(spec.function)
    picture = draw(figure, spec.parameters(spec.defaults))
    table = Table.of(spec, figure)
    address, integrity = keep(spec, table)
    return built(
        spec,
        picture,
        address,
        integrity=integrity,
        complete=table.complete,
        version=ftlib.__version__,
        build=build,
        licence=LICENCE,
        goal=table.goals.get(spec.key(spec.defaults)),
    )


class LiveDirective(SphinxDirective):
    """``{live} ftlib.figures.MODULE.FUNCTION``: a live figure on a page that is no
    notebook.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what a notebook would store."""
        try:
            return [
                nodes.raw("", Live(resolve(self.arguments[0])).html(), format="html")
            ]
        except Exception as error:
            raise self.error(f"live: {_told(error)}") from error


class FillTables(SphinxPostTransform):
    """Replace the stored HTML of every picture on a page that the reader can
    operate.
    """

    default_priority = 700  # after myst-nb has chosen one of an output's formats
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Draw the pictures of one page anew; a failure is a warning, which a build
        with ``-W`` takes for an error.
        """
        build = library_hash()[:12]
        for node in self.document.findall(nodes.raw):
            stored = node.astext().strip()
            try:
                if stored.startswith(LIVE):
                    html = filled(stored, build, self._keep)
                    node.replace_self(nodes.raw("", html, format="html"))
                elif stored.startswith((PICTURE, BEGINS)) and STEPS in stored:
                    node.replace_self(nodes.raw("", _stepped(stored), format="html"))
            except Exception as error:
                logger.warning(
                    "a live figure could not be drawn: %s (run the notebook again?)",
                    _told(error),
                    location=node,
                    type="ftlib",
                )

    def _keep(self, spec: Spec, table: Table) -> tuple[str, str]:
        """Write the table of a page's Live; return its address as seen from the page,
        and its digest.

        Its file and what is inside have a name that no other build has, so that no
        cache can mix two.
        """
        name = f"{spec.name}-{table.digest(spec)}"
        script = table.script(name).encode()
        folder = Path(self.app.outdir, TABLES)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{spec.name}-*.js"):
            old.unlink()
        (folder / f"{name}.js").write_bytes(script)
        page = self.app.builder.get_target_uri(self.env.docname)
        digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
        address = f"{relative_uri(page, f'{TABLES}/{name}.js')}#{name}"
        return address, f"sha256-{digest}"


def _stepped(stored: str) -> str:
    """Give a picture its step bar, also one that follows a prediction."""
    marked = partial(stepped, version=ftlib.__version__, licence=LICENCE)
    if stored.startswith(PICTURE):
        return marked(stored)
    before, begin, rest = stored.partition(THEN[0])
    picture, end, after = rest.partition(THEN[1])
    if not picture.startswith(PICTURE):
        return stored
    return f"{before}{begin}{marked(picture)}{end}{after}"


def _told(error: Exception) -> str:
    return "; ".join(
        [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    )


def _pages(env: BuildEnvironment) -> dict[str, list[str]]:
    """The pages with pictures, and what the live figures of each are called."""
    if not hasattr(env, "ft_pages"):
        env.ft_pages = {}  # type: ignore[attr-defined]
    return env.ft_pages  # type: ignore[attr-defined]


def _remember(app: Sphinx, doctree: nodes.document) -> None:
    stored = [node.astext().strip() for node in doctree.findall(nodes.raw)]
    if any(html.startswith((LIVE, PICTURE, BEGINS)) for html in stored):
        _pages(app.env)[app.env.docname] = [
            Spec.from_json(found[1]).name
            for html in stored
            if html.startswith(LIVE) and (found := SPEC.search(html))
        ]


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _pages(env).pop(docname, None)


def _no_name_twice(app: Sphinx, env: BuildEnvironment) -> None:
    """Refuse a book in which a link could mean two figures."""
    known: dict[str, str] = {}
    for page, names in sorted(_pages(env).items()):
        for name in names:
            if name in known:
                raise ExtensionError(
                    f"two live figures are called {name!r}, in {known[name]} and in"
                    f" {page}: give one a name of its own, Live(..., name=...)"
                )
            known[name] = page


def _merge(
    app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    pages = _pages(other)
    _pages(env).update({name: pages[name] for name in docnames if name in pages})


def _outdated(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    now = library_hash()
    before, env.ft_hash = getattr(env, "ft_hash", now), now  # type: ignore[attr-defined]
    return sorted(_pages(env).keys() - removed) if before != now else []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_directive("live", LiveDirective)
    app.add_post_transform(FillTables)
    app.add_post_transform(ShowTerms)
    app.connect("doctree-read", _remember)
    app.connect("doctree-read", follow)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-check-consistency", _no_name_twice)
    return {
        "version": ftlib.__version__,
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
