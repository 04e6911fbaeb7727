"""The worker's life of an `Live`: what ``book/site/ft-worker.js`` asks of Python in the
reader's browser.

The page hands over the text of the specification and the state as indices, never
values: a number that went through JavaScript could come back as another (1.0 as 1), and
the picture would not be the one that a kernel draws.
"""

import json

from ftlib.live.challenges import RUNS, Search
from ftlib.live.page import refused, trouble
from ftlib.live.spec import Spec, draw, resolve

__all__ = ["answer"]

_search: dict[tuple[str, str, int], Search] = {}  # the latest


def answer(specification: str, state: str, search: int = 0) -> str:
    """Draw the picture of a state; or go on with a search.

    Parameters
    ----------
    specification : str
        A `Spec` as JSON.
    state : str
        The state as JSON: for each dial the list of its indices, or of its faults'
        texts.
    search : int, optional
        The number of a search for the fewest faults that reach the figure's goal; it
        begins when it is first asked for.

    Returns
    -------
    str
        A JSON object: ``html`` is the picture, or ``trouble`` what went wrong and with
        which parameters, as HTML. Of a search, ``found`` says how far it is: ``words``,
        ``done``, and the ``faults``, if any were found.

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
        if search:
            return json.dumps({"found": _go_on((specification, state, search), spec)})
        try:
            picture = draw(resolve(spec.function), spec.parameters(positions))
        except (ValueError, RuntimeError) as error:
            dials = zip(spec.dials, positions, strict=False)
            if not any(dial.kind == "faults" and place for dial, place in dials):
                raise
            # by a link, perhaps of another edition: nobody can put them here
            return json.dumps({"trouble": refused(error)})
    except Exception as error:  # whatever a figure raises is the reader's to see
        return json.dumps({"trouble": trouble(error)})
    return json.dumps({"html": picture._repr_html_()})


def _go_on(which: tuple[str, str, int], spec: Spec) -> dict[str, object]:
    if which not in _search:
        _search.clear()
        _search[which] = Search(
            spec, tuple(tuple(each) for each in json.loads(which[1]))
        )
    search = _search[which]
    more = search.go(RUNS)
    return {
        "words": search.words,
        "done": not more,
        "faults": [repr(fault) for fault in search.found.schedule or ()],
    }
