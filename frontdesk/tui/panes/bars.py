"""The lines that are always there: status at the top, the ring bar, messages and keys at the bottom."""

from __future__ import annotations

from functools import lru_cache

from frontdesk.domain.board import Counts
from frontdesk.domain.timing import Instant, local
from frontdesk.tui.keys import Bar
from frontdesk.tui.paper import Line, line, measure, trim
from frontdesk.tui.text import clean, clip

ROOMY = 100
"""From this width on there is room for what is nice to know."""


@lru_cache(maxsize=4)
def status_line(
    site: str, who: str, role: str, now: Instant, counts: Counts, cells: int, upset: Line = ()
) -> Line:
    """`物业前台 幸福花园  小林(前台客服)  14:23  [红2] [近1] [急1]  今日37件`; the clock has minutes, so idling costs no bytes.

    `upset` is the stopwatch's chip while an owner is upset. Kept, like the other lines: it is asked for every second.
    """
    chips: list[tuple[str, str]] = []
    for name, look, number in (
        ("红", "breached", counts.breached),
        ("近", "at_risk", counts.at_risk),
        ("急", "emergency", counts.emergency),
    ):
        chips += [(" ", "text"), (f" {name}{number} ", f"chip-{look}" if number else "dim")]
    place, today = clip(clean(site), 20 if cells >= ROOMY else 12), f"  今日{counts.today}件 "
    # Beside a stopwatch there is no room for all at 80 columns: half a figure says nothing, and what is red must be whole.
    for shown, tail in ((place, today), (place, " "), ("", " ")):
        left: Line = (
            (" 物业前台 ", "strong"),
            (shown, "text"),
            (f"  {clip(clean(who), 10)}({role})  ", "text"),
            (f"{local(now):%H:%M}", "strong"),
            *upset,
        )
        right: Line = (*chips, (tail, "text"))
        gap = cells - measure(left) - measure(right)
        if gap >= 1:
            break
    return trim((*left, (" " * max(gap, 1), "text"), *right), cells)


def unsent_chip(number: int) -> Line:
    """`未送达2`: notices that were given up and reach nobody until a person sends them again; nothing where all got out."""
    return ((" ", "text"), (f" 未送达{number} ", "chip-breached")) if number else ()


def ring_line(words: str, ringing_for: int, others: int, cells: int) -> Line:
    """`响铃 00:12  138****5678  ···02 欧阳**  未结2件   F2 接听`."""
    head = f" 响铃 {ringing_for // 60:02d}:{ringing_for % 60:02d}  "
    tail = (f" 另有{others}个来电 " if others else "") + " F2 接听 "
    room = cells - measure(((head, ""), (tail, "")))
    text = clip(clean(words), max(room, 0))
    gap = " " * max(cells - measure(((head, ""), (text, ""), (tail, ""))), 0)
    return ((head + text + gap + tail, "ring"),)


@lru_cache(maxsize=4)
def key_line(keys: Bar, cells: int) -> Line:
    """`F1 帮助 F2 接听 …`; ten of them fill exactly 80 columns."""
    spans: list[tuple[str, str]] = []
    for key, label in keys:
        spans += [(key, "key"), (f" {label} ", "text")]
    if measure(spans) > cells and spans:
        spans[-1] = (spans[-1][0].rstrip(), spans[-1][1])
    return trim(tuple(spans), cells)


@lru_cache(maxsize=4)
def message_line(words: str, look: str, cells: int) -> Line:
    """What the desk has to say; stays until the next key."""
    return trim(line((f" {words}" if words else "", look)), cells)
