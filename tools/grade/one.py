"""One submission graded, in a process of its own: it reads from standard input what to
grade, {"lab": ..., "path": ..., "code": ..., "seed": ...}, and writes the result to
standard output.
"""

import json
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from ftlib.exercises.answer import Answer
from ftlib.labs.prediction import seal
from tools.grade.child import bound
from tools.grade.extract import Extract, NotANotebook, extract
from tools.grade.judging import Scored, judge_cells
from tools.grade.labs import LABS, Lab

__all__ = ["grade", "page", "prediction"]

MEMORY = 4 * 2**30  # bytes
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}h2{margin-top:2rem}svg{max-width:100%;height:auto}"
)


def grade(lab: Lab, path: Path, code: str, seed: int) -> dict[str, Any]:
    """Grade one notebook.

    Parameters
    ----------
    lab : Lab
    path : Path
    code : str
        The student's; empty to take the one that stands in the notebook.
    seed : int

    Returns
    -------
    dict
        "scores", a list of (name, points, most, verdict, reason); "notes", a list of
        str; "page", the feedback.
    """
    notes: list[str] = []
    try:
        found = extract(path, lab.cells, lab.module, lab.forbidden)
    except NotANotebook as error:
        found = Extract([], {}, {}, [], str(error), "")
    notes += found.notes
    if code and found.code and found.code != code:
        notes.append(
            f"The notebook has the code {found.code!r}, and this student's is {code!r}:"
            " it was graded by the rules of the latter."
        )
    code = code or found.code or "public"
    if found.wrong:
        notes.append(found.wrong[:1].upper() + found.wrong[1:])
        scores = [
            Scored(each.name, 0, each.points, Answer("wrong", found.wrong))
            for each in lab.checks.CHECKS
        ]
    else:
        scores = judge_cells(lab, found.cells, code, seed)
    scores.append(prediction(lab, found, code))
    return {
        "scores": [
            (each.name, each.points, each.most, each.answer.verdict, each.answer.reason)
            for each in scores
        ],
        "notes": notes,
        "page": page(lab, scores, notes),
    }


def prediction(lab: Lab, found: Extract, code: str) -> Scored:
    """Judge whether a prediction was sealed, whatever it says."""
    said, sealed = (found.constants.get(name, "") for name in lab.sealed)
    if not isinstance(said, str) or not said.strip():
        answer = Answer("not attempted", "There is no prediction.")
    elif sealed == seal(said, code):
        answer = Answer("right", "A prediction, and its seal.")
    else:
        answer = Answer("wrong", "the seal is not that of the prediction.")
    return Scored("prediction", int(bool(answer)), 1, answer)


def page(lab: Lab, scores: list[Scored], notes: list[str]) -> str:
    """Write the feedback as a page that needs nothing beside it."""
    total, most = (
        sum(getattr(each, name) for each in scores) for name in ("points", "most")
    )
    title = f"{lab.name.replace('_', ' ')}: {total} of {most} points by machine"
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    parts = [
        f"<h2>{escape(each.name)}: {each.points} of {each.most}</h2>"
        f"{each.answer._repr_html_()}"
        for each in scores
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{f'<ul>{said}</ul>' if said else ''}"
        f"{''.join(parts)}</body></html>\n"
    )


def main(read: Callable[[], str] = sys.stdin.read) -> None:
    """Grade what standard input names."""
    bound({"AS": MEMORY})  # what a student's nodes say is kept here, and may be a lot
    asked = json.loads(read())
    result = grade(
        LABS[asked["lab"]], Path(asked["path"]), asked["code"], asked["seed"]
    )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
