"""The tickets behind the month's numbers, one row each, as they stood when the month was counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from frontdesk.domain.facts import WITHOUT_RESULT, Span, TicketFacts
from frontdesk.domain.tallies import Figures, MonthTally, open_before, share_of
from frontdesk.domain.timing import Instant


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One ticket as it stood at the tally's `as_of`; `figures` is its share, so the rows add up to the sheet.

    `state` is open, closed, void or merged; `ground` as in `Span`; `level` the highest rung reached;
    `resolved_at` and `score` the newest.
    """

    number: str
    opened_at: Instant
    channel: str
    kind: str
    category: str
    priority: str
    unit: str
    title: str
    department: str
    case_owner: str
    state: str
    resolved_at: Instant | None
    closed_at: Instant | None
    ground: str
    score: int | None
    level: int
    figures: Figures


def month_details(found: Iterable[TicketFacts], tally: MonthTally) -> list[DetailRow]:
    """The tickets behind the tally's numbers, by category and in each by what became of them.

    That order puts those behind 本期关闭, 本期新增 and 结转下期 next to each other, so that a number can lead
    to its tickets.
    """
    rows = []
    for each in found:
        if each.kind in tally.scope and any(share := share_of(each, tally.start, tally.cut)):
            rows.append(_detail(each, share, tally.cut))
    return sorted(rows, key=lambda row: (row.category, _phase(row.figures), row.opened_at, row.number))


def _phase(share: Figures) -> int:
    """0 carried and closed, 1 new and closed, 2 new and open, 3 carried and open."""
    if share.still_open:
        return 3 if share.carried_over else 2
    return 0 if share.carried_over else 1


def _state(last: Span | None) -> str:
    if last is None:
        return "open"
    return last.ground if last.ground in WITHOUT_RESULT else "closed"


def _detail(each: TicketFacts, share: Figures, cut: Instant) -> DetailRow:
    ended = [span for span in each.spans if span.closed_at is not None and span.closed_at < cut]
    last = ended[-1] if ended and not open_before(each, cut) else None
    return DetailRow(
        number=each.number,
        opened_at=each.spans[0].opened_at,
        channel=each.channel,
        kind=each.kind,
        category=each.category,
        priority=each.priority,
        unit=each.unit,
        title=each.title,
        department=each.department,
        case_owner=each.case_owner,
        state=_state(last),
        resolved_at=max((done.at for done in each.resolutions if done.at < cut), default=None),
        closed_at=last.closed_at if last else None,
        ground=last.ground if last else "",
        score=next((score for at, score in reversed(each.scores) if at < cut), None),
        level=max((level for at, level, _cause in each.escalations if at < cut), default=0),
        figures=share,
    )
