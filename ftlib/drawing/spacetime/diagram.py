"""The space-time diagram of a run: one line a node, time downward, one slanted arrow a
message (Lamport 1978).

Every step of the run is one step of the picture, so that a reader can go through it
forward and back. What is told by colour is told by a sign, a dash or a word too.
"""

from collections.abc import Iterable, Sequence

from ftlib.drawing.by_hand import Hands
from ftlib.drawing.look import Look
from ftlib.drawing.picture import Picture
from ftlib.drawing.shapes import SIZE, styled, text
from ftlib.drawing.spacetime.arrows import (
    arrows_drawn,
    make_way,
    place_words,
    shot_of,
    words_drawn,
    words_of,
)
from ftlib.drawing.spacetime.drawn import duration, heads, marks, times
from ftlib.drawing.spacetime.hiding import Hidden
from ftlib.drawing.spacetime.labels import ARROW, Box
from ftlib.drawing.spacetime.lines import faults, lines, waits
from ftlib.drawing.spacetime.places import SMALL, Layout, lay_out
from ftlib.drawing.spacetime.rows import ROW, Rows
from ftlib.drawing.spacetime.spots import by_hand, spots
from ftlib.drawing.spacetime.steps import (
    Arrow,
    Wait,
    arrows_of,
    known,
    steps_of,
    waits_of,
)
from ftlib.drawing.spacetime.strip import (
    CELL,
    blamed,
    rings,
    signs,
    strip,
    threads,
    verdicts,
)
from ftlib.drawing.spacetime.telling import tell
from ftlib.simulation import Finding, Trace

__all__ = ["spacetime"]

NARROWEST = 220.0
HEAD = 20.0  # the middle of the heads
ROOMIER = 18.0  # how much higher an arrow becomes whose words found no room
# how often at most to make way, to lay out at all, and to do so without any gain
WAYS, TRIES, IN_VAIN = 3, 7, 2
NEATER = 2  # how often at most so that words lie on fewer lines
STYLE = f'fill="none" font-size="{SIZE:g}" text-anchor="middle" stroke-linejoin="round"'


def spacetime(
    trace: Trace,
    *,
    nodes: Sequence[str] | None = None,
    hide: Iterable[str | type] = (),
    known_to: str = "",
    look: Look | None = None,
    findings: Iterable[Finding] = (),
    title: str = "",
    description: str = "",
    row: float = ROW,
    hands: Hands | None = None,
) -> Picture:
    """Draw a run.

    Parameters
    ----------
    trace : Trace
        The run, or the part of it that is wanted: ``trace[:30]``.
    nodes : sequence of str, optional
        The lanes from left to right; all nodes of the cluster by default. Steps and
        messages of others are left out.
    hide : iterable of str or type
        What is left out, because it says nothing new: types of messages or facts such
        as ``Heartbeat``, nodes, names of timers, or kinds of events such as "write"
        ("send" for messages altogether). It takes no room and no step, and the picture
        says that it is not shown. A timer that fires only to send what is hidden is
        hidden with it.
    known_to : str
        Draw only what this node knows: its own steps, and of each message the end that
        it has seen.
    look : Look, optional
        How the protocol is drawn and told.
    findings : iterable of Finding, optional
        Verdicts of `ftlib.simulation.judge`, shown as a strip at the right: the first
        red cell stands at the violating event, which has a red ring.
    title, description : str
        The verdict, and a sentence more. By default the findings make the title.
    row : float
        The height of a message's usual flight, in units of the drawing; the rest of
        time follows this scale where it can.
    hands : Hands, optional
        The faults that a reader can put where he sees what they befall, and those that
        he has put: `ftlib.figures.controls.Faults.on`.

    Returns
    -------
    Picture
        At most 430 units wide, which fits a phone, with up to 3 nodes, and with 4 whose
        labels are short.

    Raises
    ------
    ValueError
        If `nodes` or `known_to` names a node that is not in the trace, or `hide`
        something that is neither in it nor a kind of event.

    Examples
    --------
    >>> from ftlib.simulation import Cluster, judge
    >>> from ftlib.transactions.atomic_commit import PROPERTIES
    >>> from ftlib.transactions.bank import bank
    >>> from ftlib.drawing.looks.transactions import COMMIT_LOOK
    >>> trace = Cluster(bank("yn")).run()
    >>> picture = spacetime(trace, look=COMMIT_LOOK, findings=judge(trace, PROPERTIES))
    >>> picture.title
    'Every property holds.'
    >>> print(picture.story[3])
    0.020 s: coordinator receives Vote yes from p1.
    >>> spacetime(trace, hide=["Vote"]).description
    'Not shown: Vote.'

    Notes
    -----
    Time is to scale, but where it is squeezed: a cut says by how much, and so does the
    story. A stretch is higher than its time where labels need the room.

    Explained in ``chapters/1_background``. A hundred events take about 10 ms.
    """
    look = look or Look()
    hidden = Hidden(trace, hide, look)
    lanes = tuple(trace.nodes if nodes is None else nodes)
    asked = (*lanes, known_to) if known_to else lanes
    strangers = [node for node in asked if node not in trace.nodes]
    if strangers:
        raise ValueError(
            f"no node {strangers[0]!r} in this trace: there are"
            f" {', '.join(trace.nodes)}"
        )
    findings = tuple(findings)
    lanes = tuple(node for node in lanes if node not in hidden.nodes)
    if known_to:
        steps, arrows = known(trace, known_to)
        steps = hidden.shown(steps)
    else:
        steps = hidden.shown(steps_of(trace, lanes))
        arrows = arrows_of(steps)
    arrows = [arrow for arrow in arrows if set(arrow.ends) <= set(lanes)]
    edge = CELL * len(findings) + 8 * bool(findings)
    layout = lay_out(steps, arrows, lanes, look, edge)
    words = [words_of(arrow, look) for arrow in arrows]
    waiting = waits_of(steps)
    found = _arrange(layout, arrows, words, look, row, waiting)

    wide = max(layout.right + edge, NARROWEST)
    lived = (known_to,) if known_to else lanes
    bad = blamed(findings, layout)
    running = waits(layout, waiting)
    shots = [shot_of(arrow, layout) for arrow in arrows]
    hand = by_hand(hands, steps, look) if hands else None
    parts = [
        faults(layout),
        lines(layout, look, lived),
        running,
        threads(bad, layout),
        arrows_drawn(arrows, shots, layout),
        marks(layout),
        words_drawn(arrows, words, found),
        times(layout),
        heads(layout, look, [HEAD, *layout.names]),
        strip(findings, layout),
        rings(bad),
        spots(hand, arrows, shots, layout) if hand else "",
    ]
    if not steps:
        parts.append(text(wide / 2, layout.height - 4, "Nothing happens.", "muted"))
    key, bottom = signs(
        layout,
        {arrow.end for arrow in arrows},
        bool(running),
        look.name(known_to),
        hidden.words,
        max([layout.height + 32, *(y + 36 for y in layout.names)]),
        wide,
    )
    verdict, bottom = verdicts(findings, bottom, wide)
    squeezed = {step: duration(seconds) for _, seconds, step in layout.cuts}
    broken = [(place.number, findings[number].name) for number, place in bad.items()]
    unseen = f"Not shown: {hidden.words}." if hidden.words else ""
    return Picture(
        styled(STYLE, [*parts, key, verdict]),
        round(wide, 1),
        round(bottom - 8, 1),
        title or _verdict(findings),
        f"{description} {unseen}".strip(),
        tuple(
            tell(
                step,
                look,
                squeezed.get(step.number, ""),
                [name for number, name in broken if number == step.number],
            )
            for step in steps
        ),
        len(steps),
        hand=hand,
    )


def _arrange(
    layout: Layout,
    arrows: list[Arrow],
    words: list[str],
    look: Look,
    row: float,
    waiting: list[Wait],
) -> list[tuple[Box, float, float] | None]:
    """Give every step its height, and anew with more room where an arrow or its words
    found none, or its words lie on others; return where the words are.
    """
    rows, more = Rows(layout, arrows, look, row), dict[int, float]()
    # how many words find no room or lie on lines, with how much more room, and where
    best = (len(arrows) + 1, 0), more, list[tuple[Box, float, float] | None]()
    vain = 0
    for attempt in range(TRIES):
        rows.fill(more)
        shots = [shot_of(arrow, layout) for arrow in arrows]
        if attempt < WAYS and make_way(layout, arrows, shots, more):
            continue
        sizes = (SIZE, SMALL) if attempt else (SIZE,)
        found = place_words(layout, arrows, shots, words, look, sizes, waiting)
        placed = list(zip(arrows, found, strict=True))
        crowded = [arrow for arrow, place in placed if place is None]
        struck = [arrow for arrow, place in placed if place and place[2] >= ARROW]
        if (score := (len(crowded), len(struck))) < best[0]:
            best, vain = (score, dict(more), found), 0
        else:
            vain += 1
        if vain == IN_VAIN or (not crowded and (not struck or attempt >= NEATER)):
            break
        for arrow in crowded + struck if attempt < NEATER else crowded:
            if arrow.ended is not None:
                more[arrow.ended.number] = more.get(arrow.ended.number, 0.0) + ROOMIER
    (crowds, _), more, found = best
    rows.fill(more)
    if not crowds:
        return found
    shots = [shot_of(arrow, layout) for arrow in arrows]
    return place_words(layout, arrows, shots, words, look, (SIZE, SMALL), waiting)


def _verdict(findings: tuple[Finding, ...]) -> str:
    bad = [finding.reason for finding in findings if finding.verdict == "violated"]
    if bad:
        word = bad[0].split()[0]  # the name of a transaction keeps its small letter
        return f"{bad[0][0].upper() if word.isalpha() else bad[0][0]}{bad[0][1:]}."
    if any(finding.verdict == "unknown" for finding in findings):
        return "No property is violated, as far as this run shows."
    return "Every property holds." if findings else "A run of the cluster."
