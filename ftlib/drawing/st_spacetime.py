"""The space-time diagram of a run: one line a node, time downward, one slanted arrow a message (Lamport 1978).

Every step of the run is one step of the picture, so that a reader can go through it forward and back. What is told by colour is
told by a sign or a dash too.
"""

from collections.abc import Iterable, Sequence
from math import atan2, degrees, hypot

from ftlib.drawing.palette import colour
from ftlib.drawing.picture import Picture
from ftlib.drawing.st_layout import LABEL, ROW, Arrow, Layout, Step, lay_out
from ftlib.drawing.st_look import Look, State
from ftlib.drawing.st_shapes import cross, disk, group, line, pill, text
from ftlib.drawing.st_strip import CELL, keys, strip, verdicts
from ftlib.drawing.st_telling import tell
from ftlib.simulation import Finding, Trace

__all__ = ["spacetime"]


def spacetime(
    trace: Trace,
    *,
    nodes: Sequence[str] | None = None,
    look: Look | None = None,
    findings: Iterable[Finding] = (),
    title: str = "",
    description: str = "",
    row: float = ROW,
) -> Picture:
    """Draw a run.

    Parameters
    ----------
    trace : Trace
    nodes : sequence of str, optional
        The lines from left to right; all nodes of the cluster by default.
    look : Look, optional
        How the protocol is drawn and told.
    findings : iterable of Finding, optional
        Verdicts of `ftlib.simulation.judge`, shown as a strip at the right: the first red cell stands at the violating event.
    title, description : str
        The verdict, and a sentence more. By default the findings make the title.
    row : float
        The least distance between two rows, in pixels.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        If `nodes` names a node that is not in the trace.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, judge
    >>> from ftlib.transactions.atomic_commit import PROPERTIES
    >>> from ftlib.transactions.bank import bank
    >>> from ftlib.drawing.st_looks import COMMIT_LOOK
    >>> trace = Cluster(bank("yn")).run()
    >>> picture = spacetime(trace, look=COMMIT_LOOK, findings=judge(trace, PROPERTIES))
    >>> print(picture.story[3])
    0.020 s: coordinator receives Vote yes from p1.

    Notes
    -----
    Explained in ``chapters/1_background``.
    """
    look = look or Look()
    lines = tuple(trace.nodes if nodes is None else nodes)
    strangers = [node for node in lines if node not in trace.nodes]
    if strangers:
        raise ValueError(f"no node {strangers[0]!r} in this trace: there are {', '.join(trace.nodes)}")
    findings = tuple(findings)
    margin = CELL * len(findings) + 8 * bool(findings)
    layout = lay_out(trace, lines, margin, row)
    right = max(layout.x.values(), default=0) + 52
    parts = [_heads(layout, look), _times(layout), _lines(layout, trace, look)]
    arrows = [_arrow(arrow, layout, look) for arrow in layout.arrows if (arrow.send.other or "") in layout.x]
    parts += [line for line, _ in arrows]
    parts += [_marks(step, layout, look, right) for step in layout.steps]
    parts += [words for _, words in arrows]
    key, bottom = keys(layout)
    legend, height = verdicts(findings, bottom)
    parts += [strip(findings, layout, right), key, legend]
    bad = [finding for finding in findings if finding.verdict == "violated"]
    verdict = "; ".join(finding.reason for finding in bad[:1]) or (
        "Every property holds." if findings else "A run of the cluster."
    )
    return Picture(
        "".join(parts),
        max(right + margin, 260),
        height,
        title or verdict[0].upper() + verdict[1:],
        description,
        tuple(tell(step, look) for step in layout.steps),
        len(layout.steps),
    )


def _heads(layout: Layout, look: Look) -> str:
    drawn = []
    for node, x in layout.x.items():
        name = look.names.get(node, node)
        short = name if len(name) <= 14 else name[:13] + "…"
        drawn.append(
            f'<rect x="{x - 50:.1f}" y="6" width="100" height="26" rx="6" fill="{colour("shade")}" stroke="{colour("line")}"/>'
            + text(x, 24, short, more=' font-weight="600"')
        )
    return "".join(drawn)


def _times(layout: Layout) -> str:
    """The time at the left edge, in each row that has a new one, and how much passes where the diagram leaves time out."""
    drawn = []
    told = None
    for step in layout.steps:
        if step.first.time != told:
            told = step.first.time
            drawn.append(text(2, step.y + 4, _seconds(told), "muted", "start", 12))
    for y, seconds in layout.gaps:
        drawn.append("".join(line(x - 5, y + 3, x + 5, y - 3, "muted", 1.2) for x in layout.x.values()))
        drawn.append(text(2, y + 4, f"+{_seconds(seconds)}", "muted", "start", 12, ' font-style="italic"'))
    return "".join(drawn)


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def _lines(layout: Layout, trace: Trace, look: Look) -> str:
    """The line of each node: what state it is in, and where it is down."""
    drawn = []
    for node, x in layout.x.items():
        y, number, state, down = 32.0, 0, State(""), False
        for step in layout.steps:
            for event in step.events if step.node == node else ():
                new = look.state(event) if event.kind == "fact" else None
                if event.kind in ("crash", "recover") or (new is not None and new.pattern != "none"):
                    drawn.append(
                        group(number, _segment(x, y, step.y, state, down)) if number else _segment(x, y, step.y, state, down)
                    )
                    y, number = step.y, step.number
                    down = event.kind == "crash" or (down and event.kind != "recover")
                    state = State("") if event.kind in ("crash", "recover") else new or state
        drawn.append(_since(number, _segment(x, y, layout.height, state, down)))
    return "".join(drawn)


def _since(step: int, inside: str) -> str:
    return group(step, inside) if step else inside  # step 0: there from the beginning


def _segment(x: float, y1: float, y2: float, state: State, down: bool) -> str:
    if y2 <= y1:
        return ""
    if down:
        return line(x, y1, x, y2, "red", 1.4, "2 6")
    match state.pattern:
        case "solid":
            return line(x, y1, x, y2, state.ink, 5)
        case "double":
            return line(x - 2.5, y1, x - 2.5, y2, state.ink, 1.8) + line(x + 2.5, y1, x + 2.5, y2, state.ink, 1.8)
        case "striped":
            return line(x, y1, x, y2, state.ink, 1.2) + line(x, y1, x, y2, state.ink, 8, "3 4")
    return line(x, y1, x, y2, "muted", 1.6)


def _arrow(arrow: Arrow, layout: Layout, look: Look) -> tuple[str, str]:
    """One copy of a message, line and words: an arrow if handled, a cross where lost, dashed if doubled or late."""
    x1, y1 = layout.x[arrow.send.node], arrow.sent.y
    x2 = layout.x[arrow.send.other or ""]
    step = (arrow.ended or arrow.sent).number
    end = arrow.end.reason or "handled" if arrow.end is not None else "on its way"
    y2 = {"lost": y1 + 40, "on its way": layout.height}.get(end, arrow.ended.y if arrow.ended else 0.0)
    part = {"handled": 1.0, "lost": 0.5, "link is cut": 0.6, "on its way": 0.55}.get(end, 1.0)
    words = look.message(arrow.send.what) + " again" * (arrow.copy > 0) + " late" * arrow.late
    ink, dash = ("sky", "2 4") if arrow.copy else ("orange", "9 3") if arrow.late else ("blue", "")
    if end not in ("handled", "on its way"):
        ink, dash = "red", "7 4"
    if x1 == x2:  # to itself
        return "", group(step, text(x1 + 10, y2 - 6, f"↺ {words}", ink, "start", 13))
    length = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    tip = length * part - 7 * (end == "handled")
    tx, ty = x1 + ux * tip, y1 + uy * tip
    drawn = line(x1, y1, tx, ty, ink, 1.8, dash)
    if end == "on its way":
        drawn += text(tx, ty + 4, "…", "muted")
    elif end != "handled":
        drawn += cross(tx, ty, 5)
    else:
        drawn += (
            f'<path d="M{tx + 7 * ux:.1f} {ty + 7 * uy:.1f}l{-11 * ux - 4.5 * uy:.1f} {-11 * uy + 4.5 * ux:.1f}'
            f'l{9 * uy:.1f} {-9 * ux:.1f}z" fill="{colour(ink)}"/>'
        )
    return group(step, drawn), group(step, _label(arrow, layout, (x1, y1), (ux, uy), length * part, words, ink))


def _label(
    arrow: Arrow, layout: Layout, start: tuple[float, float], unit: tuple[float, float], length: float, words: str, ink: str
) -> str:
    """The words along an arrow, in the lane next to its outer end, where other arrows are fewest."""
    places = sorted(layout.x.values())
    x1, x2 = layout.x[arrow.send.node], layout.x[arrow.send.other or ""]
    outer = max(x1, x2)
    inner = max(place for place in places if place < outer)
    middle = (outer + inner) / 2
    along = (middle - start[0]) / unit[0]
    if along > length - 10:
        along = length / 2
    x, y = start[0] + unit[0] * along, start[1] + unit[1] * along
    angle = degrees(atan2(unit[1], unit[0]))
    angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
    return text(x, y - 6, words, ink, size=13, more=f' transform="rotate({angle:.1f} {x:.1f} {y:.1f})"')


def _marks(step: Step, layout: Layout, look: Look, right: float) -> str:
    """What stands at a node's line: its disk, its labels, its crash."""
    if not step.node:
        words = tell(step, look).split(": ", 1)[1]
        return group(
            step.number,
            line(8, step.y, right, step.y, "orange", 1.4, "8 4") + text(12, step.y - 6, words, "orange", "start", 13),
        )
    x, y = layout.x[step.node], step.y
    drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour("ink")}"/>'
    befell, became = "", ("", "")
    kinds = [event.kind for event in step.events]
    if "force" in kinds or "write" in kinds:
        drawn += disk(x - 15 if x == min(layout.x.values()) else x + 15, y, "force" in kinds)
    for event in step.events:
        match event.kind:
            case "crash":
                drawn += cross(x, y, 9)
                befell = pill(x, y + 20, "crashes", "red")
            case "recover":
                befell = pill(x, y + 20, "back" if event.what == "kept" else "back, no disk", "ink")
            case "timer":
                befell = pill(x, y + 20, event.other or "", "yellow", clock=True)
            case "fact" if (state := look.state(event)) is not None:
                became = (state.word, state.ink)
    if became[0]:
        befell += pill(x, y + 20 + LABEL * bool(befell), *became)
    return group(step.number, drawn + befell)
