"""Everything that stands in the sheet of a month, counted once and held against itself before it is written."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from frontdesk.domain.days import TREND, Day, first_day, tally_days
from frontdesk.domain.facts import TicketFacts
from frontdesk.domain.month_details import DetailRow, month_details
from frontdesk.domain.month_pages import (
    Asked,
    Climb,
    Incident,
    Late,
    Repeat,
    Stars,
    Timeliness,
    Unfinished,
    aftercare,
    by_department,
    climbs,
    incidents,
    quality,
    recategorised,
    repeats,
    timeliness,
    unfinished,
)
from frontdesk.domain.tallies import Figures, Imbalance, MonthTally, tally_month
from frontdesk.domain.terms import KINDS
from frontdesk.domain.timing import DAY, Instant, local, month_bounds


@dataclass(frozen=True, slots=True)
class Month:
    """A month's sheet as values. `previous` and `year_ago` are the totals it is compared with, where there are any."""

    tally: MonthTally
    details: tuple[DetailRow, ...]
    days: tuple[Day, ...]
    times: tuple[Timeliness, ...]
    late: tuple[Late, ...]
    departments: dict[str, dict[str, Timeliness]]
    stars: tuple[Stars, ...]
    low: tuple[Asked, ...]
    sound: tuple[TicketFacts, ...]
    """Every ticket known whose quality counts."""
    climbs: tuple[Climb, ...]
    repeats: tuple[Repeat, ...]
    incidents: tuple[Incident, ...]
    unfinished: tuple[Unfinished, ...]
    moved: tuple[tuple[str, str, str], ...]
    previous: Figures | None = None
    year_ago: Figures | None = None
    digest: str = ""
    """SHA-256 over every figure and what the tickets behind them are; nothing personal and no name is in it."""

    @property
    def own_days(self) -> tuple[Day, ...]:
        """The days of the month itself, up to the last one with data."""
        return tuple(day for day in self.days if day.start >= self.tally.start)

    @property
    def trend(self) -> tuple[Day, ...]:
        """The last thirty days."""
        return self.days[-TREND:]


def reach(month: str) -> Instant:
    """How far back tickets must still have been open to be asked for: the first day that the trend may show."""
    return month_bounds(month)[0] - TREND * DAY


def count_month(
    found: Iterable[TicketFacts],
    month: str,
    now: Instant,
    kinds: Collection[str] = tuple(KINDS),
    previous: Figures | None = None,
    year_ago: Figures | None = None,
) -> Month:
    """Count everything; `found` goes back to `reach`. `BadInput` and `Imbalance` as `tally_month`."""
    known = list(found)
    tally = tally_month(known, month, now, kinds)
    times, late = timeliness(known, tally)
    stars, low = aftercare(known, tally)
    counted = Month(
        tally,
        tuple(month_details(known, tally)),
        tally_days(known, first_day(tally.start, tally.cut), tally.cut, kinds),
        tuple(times),
        tuple(late),
        by_department(known, tally),
        tuple(stars),
        tuple(low),
        tuple(quality(known, tally)),
        tuple(climbs(known, tally)),
        tuple(repeats(known, tally)),
        tuple(incidents(known, tally)),
        tuple(unfinished(known, tally)),
        tuple(recategorised(known, tally)),
        previous,
        year_ago,
    )
    _agree(counted)
    return replace(counted, digest=_digest(counted))


def _agree(counted: Month) -> None:
    """The pages say the same: counted apart, they meet, or nothing is written."""
    totals, days = counted.tally.totals, counted.own_days
    asked = sum(sum(row.scores) + row.signed for row in counted.stars)
    pairs = (
        ("每日与汇总", days[0].opening, totals.carried_over),
        ("每日与汇总", sum(len(day.opened) for day in days), totals.opened),
        ("每日与汇总", sum(len(day.closed) for day in days), totals.closed),
        ("每日与汇总", days[-1].still_open, totals.still_open),
        ("未闭环与汇总", len(counted.unfinished), totals.still_open),
        ("升级与汇总", len(counted.climbs), totals.escalated),
        ("回访与汇总", asked, totals.satisfied + totals.fair + totals.dissatisfied),
    )
    for where, one, other in pairs:
        if one != other:
            raise Imbalance(counted.tally.month, (), f"{where}对不上：{one} 与 {other}")


def _digest(counted: Month) -> str:
    tally = counted.tally
    rows = [
        (
            *(d.number, d.opened_at, d.channel, d.kind, d.category, d.priority, d.department, d.state),
            *(d.resolved_at, d.closed_at, d.ground, d.score, d.level, d.figures),
        )
        for d in counted.details
    ]
    groups = (tally.categories, tally.kinds, tally.channels, tally.departments)
    figures = (tally.month, tally.totals, *groups, counted.own_days, counted.times, counted.stars)
    lists = (
        [(one.ticket.number, one.run) for one in counted.late],
        [(one.ticket.number, one.at, one.score) for one in counted.low],
        [(one.ticket.number, one.step) for one in counted.climbs],
        [(one.ticket.number, one.before.number) for one in counted.repeats],
        [(one.number, [each.number for each in one.tickets]) for one in counted.incidents],
        [(one.ticket.number, one.sla, one.ticket.due_at) for one in counted.unfinished],
        counted.moved,
    )
    text = json.dumps((figures, rows, lists), separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def month_of(at: Instant) -> str:
    """The Shanghai month of an instant, `2026-11`."""
    return f"{local(at):%Y-%m}"


def shifted(month: str, months: int) -> str:
    """The month so many months later, or earlier."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"
