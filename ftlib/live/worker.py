"""The worker's life of an `Live`: what ``book/site/ft-worker.js`` asks of Python in the
reader's browser.

The page hands over the text of the specification and the state as indices, never
values: a number that went through JavaScript could come back as another (1.0 as 1), and
the picture would not be the one that a kernel draws.
"""

import json

from ftlib.live.page import refused, trouble
from ftlib.live.spec import Spec, draw, resolve

__all__ = ["answer"]


def answer(specification: str, state: str) -> str:
    """Draw the picture of a state.

    Parameters
    ----------
    specification : str
        A `Spec` as JSON.
    state : str
        The state as JSON: for each dial the list of its indices, or of its faults'
        texts.

    Returns
    -------
    str
        A JSON object: ``html`` is the picture, or ``trouble`` what went wrong and with
        which parameters, as HTML.

    Examples
    --------
    >>> from ftlib.figures.availability import k_of_n
    >>> from ftlib.live import Live
    >>> specification = Live(k_of_n).spec.json()
    >>> list(json.loads(answer(specification, "[[2], [4], [1], [0]]")))
    ['html']
    >>> "IndexError" in json.loads(answer(specification, "[[99], [4], [1], [0]]"))[
    ...     "trouble"
    ... ]
    True
    """
    try:
        spec = Spec.from_json(specification)
        positions = tuple(tuple(each) for each in json.loads(state))
        try:
            parameters = spec.parameters(positions)
        except ValueError as error:  # faults of a link that the reader cannot have put
            return json.dumps({"trouble": refused(error)})
        picture = draw(resolve(spec.function), parameters)
    except Exception as error:  # whatever a figure raises is the reader's to see
        return json.dumps({"trouble": trouble(error)})
    return json.dumps({"html": picture._repr_html_()})
