"""The flow day by day: how many were open at midnight, what came and went, and how many were left (R-S11-02)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

from frontdesk.domain.facts import TicketFacts
from frontdesk.domain.tallies import Imbalance, open_before
from frontdesk.domain.terms import KINDS
from frontdesk.domain.timing import DAY, Instant, day_start, local

TREND = 30
"""Days that the trend goes back."""


class Day(NamedTuple):
    """One Shanghai day; all but `opening` and `still_open` are ticket numbers, one for each time."""

    start: Instant
    opening: int
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    still_open: int
    on_time: tuple[str, ...] = ()
    late: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The date, `2026-11-22`."""
        return f"{local(self.start):%Y-%m-%d}"


def first_day(start: Instant, cut: Instant) -> Instant:
    """Where the list of days begins that covers the month up to `cut` and the trend before it."""
    last = day_start(cut - 1)
    return min(start, last - (TREND - 1) * DAY)


def tally_days(
    found: Iterable[TicketFacts], first: Instant, cut: Instant, kinds: Collection[str] = tuple(KINDS)
) -> tuple[Day, ...]:
    """Every day from midnight `first` up to `cut`, which may fall into the last one.

    The flow counts what happened, the stock replays each ticket: `Imbalance` names the tickets where they differ.
    """
    starts = list(range(first, cut, DAY))
    edges = [*starts, cut]
    steps = [0] * (len(edges) + 1)
    opened: list[list[str]] = [[] for _ in starts]
    closed: list[list[str]] = [[] for _ in starts]
    done: list[tuple[list[str], list[str]]] = [([], []) for _ in starts]
    chosen = [each for each in found if each.kind in kinds]
    for each in chosen:
        for span in each.spans:
            for at, into in ((span.opened_at, opened), (span.closed_at, closed)):
                if at is not None and first <= at < cut:
                    into[(at - first) // DAY].append(each.number)
        for result in each.resolutions:
            if result.on_time is not None and first <= result.at < cut and not each.without_result(cut):
                done[(result.at - first) // DAY][not result.on_time].append(each.number)
        _stock(each, edges, steps)
    days, stock = [], 0
    for place, start in enumerate(starts):
        stock += steps[place]
        left = stock + steps[place + 1]
        new, gone, early, late = (
            tuple(sorted(numbers)) for numbers in (opened[place], closed[place], *done[place])
        )
        days.append(Day(start, stock, new, gone, left, early, late))
    if any(day.opening + len(day.opened) != len(day.closed) + day.still_open for day in days):
        raise Imbalance(f"{local(cut - 1):%Y-%m}", _wrong(chosen, edges), "某日的开与关对不上")
    return tuple(days)


def _stock(each: TicketFacts, edges: list[Instant], steps: list[int]) -> None:
    """Add where the ticket is open, as changes from edge to edge."""
    if len(each.spans) == 1:
        span = each.spans[0]
        since = bisect_left(edges, span.opened_at + 1)
        until = len(edges) if span.closed_at is None else bisect_left(edges, span.closed_at + 1)
        if since < until:
            steps[since] += 1
            steps[until] -= 1
        return
    before = 0
    for place, edge in enumerate(edges):
        now = open_before(each, edge)
        steps[place] += now - before
        before = now


def _wrong(found: Iterable[TicketFacts], edges: list[Instant]) -> tuple[str, ...]:
    numbers = []
    for each in found:
        for start, end in pairwise(edges):
            new = sum(start <= span.opened_at < end for span in each.spans)
            gone = sum(span.closed_at is not None and start <= span.closed_at < end for span in each.spans)
            if open_before(each, start) + new != gone + open_before(each, end):
                numbers.append(each.number)
                break
    return tuple(sorted(numbers))
