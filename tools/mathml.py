"""A Sphinx extension that turns formulas into MathML while the book is built.

Browsers draw MathML themselves: no script, nothing fetched from elsewhere, and screen
readers can read it. A formula that the converter does not understand is a warning, and
so an error of the build.
"""

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

__all__ = ["mathml", "setup"]

# what the converter leaves behind where it did not understand: a command, or the & of
# an alignment it doesn't know
LEFT_OVER = re.compile(r"<m[ion]>(\\[^<]*|&)</m[ion]>")


def mathml(latex: str, *, block: bool) -> str:
    r"""Return a formula in LaTeX as MathML.

    Raises
    ------
    ValueError
        If a command is not known.

    Examples
    --------
    >>> print(mathml("N + 1", block=False))
    <math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>N</mi><mo>&#x0002B;</mo><mn>1</mn></mrow></math>
    >>> mathml(r"\nonsense", block=False)
    Traceback (most recent call last):
        ...
    ValueError: the formula '\\nonsense' has '\\nonsense', which MathML's converter does not know: write it with plainer commands
    """
    text = convert(latex, display="block" if block else "inline")
    if found := LEFT_OVER.search(text):
        raise ValueError(
            f"the formula {latex!r} has {found[1]!r}, which MathML's converter does not"
            " know: write it with plainer commands"
        )
    return text


def _html(node: nodes.Element, *, block: bool) -> str:
    try:
        return mathml(node.astext(), block=block)
    except (
        Exception
    ) as error:  # the converter raises many kinds; each is the author's to see
        logging.getLogger(__name__).warning(
            "%s", error or type(error).__name__, location=node
        )
        return ""


def _visit_inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_html(node, block=False))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.Element) -> None:
    # it may be wider than a phone: then it scrolls, and the keyboard must reach it
    attributes = {"tabindex": "0", "role": "group", "aria-label": "formula"}
    translator.body.append(translator.starttag(node, "div", CLASS="math", **attributes))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
        translator.add_permalink_ref(node, "Link to this equation")
    translator.body.append(_html(node, block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the renderer that `html_math_renderer: mathml` in _config.yml asks for."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
