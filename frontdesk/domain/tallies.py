"""What a month and a day add up to, recomputed whole from the tickets' events (DESIGN §11, R-S11-02, T16).

Whatever happens counts in the month in which it happens, not in that of the ticket's opening. Months and days
are Shanghai's and half-open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple

from frontdesk.domain.errors import BadInput, DeskError
from frontdesk.domain.facts import WITHOUT_RESULT, TicketFacts
from frontdesk.domain.meanings import FIGURES as FIGURES  # noqa: PLC0414 - whoever adds up says what it means
from frontdesk.domain.terms import CHANNELS, KINDS
from frontdesk.domain.timing import DAY, Instant, day_start, local, month_bounds

SATISFIED, FAIR = 4, 3
"""Stars of a follow-up: 4–5 满意, 3 基本满意, 1–2 不满意; the last go up again (R-S10-04, X2)."""


class Imbalance(DeskError):
    """Opening + new ≠ closed + carried: `numbers` are the tickets whose times contradict each other."""

    def __init__(self, month: str, numbers: tuple[str, ...], where: str) -> None:
        more = f" 等 {len(numbers)} 件" if len(numbers) > 20 else ""  # noqa: PLR2004
        tickets = f"请核对这些工单的受理、关闭、重开时间：{'、'.join(numbers[:20])}{more}"
        remedy = tickets if numbers else "请运行 frontdesk doctor 核对数据"
        super().__init__(f"{month} 的账不平（{where}），没有写出报表。{remedy}。")
        self.month, self.numbers = month, numbers


class Figures(NamedTuple):
    """One row of the sheet; `FIGURES` defines each. Tickets add up to a row, rows to the total."""

    carried_over: int = 0
    opened: int = 0
    reopened: int = 0
    closed: int = 0
    void: int = 0
    still_open: int = 0
    on_time: int = 0
    late: int = 0
    satisfied: int = 0
    fair: int = 0
    dissatisfied: int = 0
    escalated: int = 0
    kept: int = 0
    broken: int = 0

    @property
    def balanced(self) -> bool:
        """上期结转 + 本期新增 = 本期关闭 + 结转下期."""
        return self.carried_over + self.opened == self.closed + self.still_open


class Row(NamedTuple):
    """The figures of one category, kind, channel or department; `name` is its identifier, empty for none."""

    name: str
    figures: Figures


class MonthTally(NamedTuple):
    """A month in figures, over the kinds of ticket in `scope`.

    Everything is as of `as_of`: the month's end, or while it runs the newest change on record, so that the
    same data always gives the same sheet. `days` holds (day of the month, category) → (opened, closed).
    """

    month: str
    start: Instant
    end: Instant
    as_of: Instant
    scope: frozenset[str]
    categories: tuple[Row, ...]
    kinds: tuple[Row, ...]
    channels: tuple[Row, ...]
    departments: tuple[Row, ...]
    totals: Figures
    days: Mapping[tuple[int, str], tuple[int, int]]

    @property
    def cut(self) -> Instant:
        """The first instant that does not count any more."""
        return min(self.end, self.as_of + 1)

    @property
    def last_day(self) -> int:
        """The day of the month up to which the data goes."""
        return local(self.cut - 1).day


def tally_month(
    found: Iterable[TicketFacts], month: str, now: Instant, kinds: Collection[str] = tuple(KINDS)
) -> MonthTally:
    """The month's figures over tickets of those kinds, in any order.

    `month` is `YYYY-MM` in Shanghai; `BadInput` where it is no month or has not begun; `Imbalance` where the
    two sides of a ticket's or a row's balance, counted independently, differ.
    """
    start, end = month_bounds(month)
    if start > now:
        raise BadInput("月份", f"{month} 还没有到", "请写本月或以前的月份")
    chosen = [each for each in found if each.kind in kinds]
    newest = max((at for each in chosen for at in each.changes if at <= now), default=start)
    as_of = end if end <= now else max(start, newest)
    cut = min(end, as_of + 1)
    sums: dict[str, _Sums] = {name: {} for name in _GROUPS}
    totals = [0] * len(Figures._fields)
    days: dict[tuple[int, str], tuple[int, int]] = {}
    wrong = []
    for each in chosen:
        share = share_of(each, start, cut)
        if not share.balanced:
            wrong.append(each.number)
        for name, group in _GROUPS.items():
            _add(sums[name].setdefault(group(each), [0] * len(share)), share)
        _add(totals, share)
        _add_days(days, each, start, cut)
    rows = {name: _rows(name, found_sums) for name, found_sums in sums.items()}
    tally = MonthTally(month, start, end, as_of, frozenset(kinds), **rows, totals=Figures(*totals), days=days)
    _check(tally, tuple(sorted(wrong)))
    return tally


def tally_day(found: Iterable[TicketFacts], now: Instant) -> Figures:
    """The figures of the Shanghai day of `now`, from midnight up to and including `now`."""
    totals = [0] * len(Figures._fields)
    for each in found:
        _add(totals, share_of(each, day_start(now), now + 1))
    return Figures(*totals)


_Sums = dict[str, list[int]]
_GROUPS: Final[Mapping[str, Callable[[TicketFacts], str]]] = {
    "categories": lambda each: each.category,
    "kinds": lambda each: each.kind,
    "channels": lambda each: each.channel,
    "departments": lambda each: each.department,
}
_ORDER: Final[Mapping[str, tuple[str, ...]]] = {"kinds": tuple(KINDS), "channels": tuple(CHANNELS)}


def _rows(name: str, sums: _Sums) -> tuple[Row, ...]:
    order = _ORDER.get(name, ())

    def place(key: str) -> tuple[bool, int, str]:
        return not key, order.index(key) if key in order else len(order), key

    return tuple(Row(key, Figures(*sums[key])) for key in sorted(sums, key=place) if any(sums[key]))


def _add(sums: list[int], figures: Figures) -> None:
    for place, figure in enumerate(figures):
        if figure:
            sums[place] += figure


def _add_days(
    days: dict[tuple[int, str], tuple[int, int]], each: TicketFacts, start: Instant, cut: Instant
) -> None:
    for span in each.spans:
        for at, (new, gone) in ((span.opened_at, (1, 0)), (span.closed_at, (0, 1))):
            if at is not None and start <= at < cut:
                key = ((at - start) // DAY + 1, each.category)
                opened, closed = days.get(key, (0, 0))
                days[key] = (opened + new, closed + gone)


def share_of(each: TicketFacts, start: Instant, cut: Instant) -> Figures:
    """One ticket's part of [start, cut). The flow counts transitions, the stock replays them: two sides."""

    def within(at: Instant | None) -> bool:
        return at is not None and start <= at < cut

    closings = [span for span in each.spans if within(span.closed_at)]
    flow = Figures(
        carried_over=open_before(each, start),
        opened=sum(within(span.opened_at) for span in each.spans),
        reopened=sum(within(span.opened_at) for span in each.spans[1:]),
        closed=len(closings),
        void=sum(span.ground in WITHOUT_RESULT for span in closings),
        still_open=open_before(each, cut),
    )
    if each.without_result(cut):
        return flow
    results = [done.on_time for done in each.resolutions if within(done.at)]
    scores = [score for at, score in each.scores if within(at)]
    happy, fair = sum(score >= SATISFIED for score in scores), scores.count(FAIR)
    return flow._replace(
        on_time=results.count(True),
        late=results.count(False),
        satisfied=happy + sum(map(within, each.signed)),
        fair=fair,
        dissatisfied=len(scores) - happy - fair,
        escalated=sum(within(step[0]) for step in each.escalations),
        kept=sum(map(within, each.kept)),
        broken=sum(map(within, each.broken)),
    )


def open_before(each: TicketFacts, at: Instant) -> int:
    """1 where the last change before `at`, in the order of the log, left the ticket open."""
    state = 0
    for span in each.spans:
        if span.opened_at < at:
            state = 1
        if span.closed_at is not None and span.closed_at < at:
            state = 0
    return state


def _check(tally: MonthTally, wrong: tuple[str, ...]) -> None:
    """The sheet's promise: every ticket, every row and the total balance, and the rows make the total."""
    if wrong:
        raise Imbalance(tally.month, wrong, f"{len(wrong)} 件工单的开与关对不上")
    for rows in (tally.categories, tally.kinds, tally.channels, tally.departments):
        together = tuple(map(sum, zip(*(row.figures for row in rows), strict=True)))
        if (rows and together != tally.totals) or not all(row.figures.balanced for row in rows):
            raise Imbalance(tally.month, (), "各行之和与合计对不上")
