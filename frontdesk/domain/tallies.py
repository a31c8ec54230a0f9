"""What a month and a day add up to, recomputed whole from the tickets' events, and balanced (DESIGN §11, R-S11-02, T16, T20).

A ticket counts in the month of the event, never of its opening. Months and days are half-open and Shanghai's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from frontdesk.domain.errors import BadInput, DeskError
from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import FAR, clocks, face, next_step, sla_state
from frontdesk.domain.terms import CHANNELS, KINDS
from frontdesk.domain.tickets import Promise, Ticket
from frontdesk.domain.timing import DAY, Instant, day_start, local, month_bounds

SATISFIED, FAIR = 4, 3
"""Stars of a follow-up: 4–5 满意, 3 基本满意, 1–2 不满意; the last are those that go up again (R-S10-04, X2)."""

ENDED_WITHOUT_RESULT: Final = frozenset({"void", "merged"})
"""Grounds of a span that ended because the ticket was a mistake or a duplicate: in the flow, not in the quality."""


class Imbalance(DeskError):
    """Opening + new ≠ closed + carried: `numbers` are the tickets whose times contradict each other."""

    def __init__(self, month: str, numbers: tuple[str, ...], where: str) -> None:
        shown = "、".join(numbers[:20]) + (f" 等 {len(numbers)} 件" if len(numbers) > 20 else "")  # noqa: PLR2004
        blame = f"请核对这些工单的受理、关闭、重开时间：{shown}" if numbers else "请运行 frontdesk doctor 核对数据"
        super().__init__(f"{month} 的账不平（{where}），未写出报表。{blame}。")
        self.month, self.numbers = month, numbers


class Figures(NamedTuple):
    """One row of the sheet. Flow and promises count pieces, the others how often it happened; `FIGURES` defines each."""

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

    @property
    def on_time_rate(self) -> float | None:
        """0–1 of the resolutions with a target; None where there were none."""
        return _rate(self.on_time, self.late)

    @property
    def satisfied_rate(self) -> float | None:
        """0–1 of the opinions heard; None where nobody was asked."""
        return _rate(self.satisfied, self.fair + self.dissatisfied)


class Meaning(NamedTuple):
    """A figure's column heading and its definition."""

    label: str
    text: str


FIGURES: Final[Mapping[str, Meaning]] = {
    "carried_over": Meaning("上期结转", "月初零时尚未关闭的工单。"),
    "opened": Meaning("本期新增", "本月受理的工单，加上关闭后在本月重开的。"),
    "reopened": Meaning("其中重开", "本期新增里关闭后又重开的次数；处理完毕待回访时退回重办的仍算同一件，不计在内。"),
    "closed": Meaning("本期关闭", "本月关闭、作废或并入他单的工单；关了又重开再关的计两次。"),
    "void": Meaning("其中作废", "本期关闭里误开作废或重复并单的；它们不计入时效、满意度和上移。"),
    "still_open": Meaning("结转下期", "月末（当月为数据截至时刻）仍未关闭的工单。"),
    "on_time": Meaning("按时办结", "本月处理完毕且早于时限的次数；挂起停表，与业主约定办结日期的以约定为准；重开的每轮各算一次。"),
    "late": Meaning("超时办结", "本月处理完毕而时限已到或已过的次数；尚未办结的不在此列，见每日汇总。"),
    "satisfied": Meaning("满意", "本月回访得 4–5 星的次数，以及未经回访、现场签字满意而关闭的件数。"),
    "fair": Meaning("基本满意", "本月回访得 3 星的次数。"),
    "dissatisfied": Meaning("不满意", "本月回访得 1–2 星的次数；须再次处理并上移，故同一件可先不满意、后满意。"),
    "escalated": Meaning("服务上移", "本月发生的上移次数：人工上移、超时升级、回访不满意三种。"),
    "kept": Meaning("承诺兑现", "向业主说定的时间，在到期之前做到的次数，按做到之日计月。"),
    "broken": Meaning("承诺失约", "说定的时间到了仍未做到的次数，按到期之日计月；事后补做或改期不抵消。"),
}
"""Every figure's Chinese heading and definition, in the order of `Figures`; the sheet's 说明 page prints it."""


class Row(NamedTuple):
    """The figures of one category, kind, channel or department; `name` is its identifier, empty where there is none."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class MonthTally:
    """A month in figures. Everything is as of `as_of`: its end, or for the running month the newest recorded change,
    so that the same data always gives the same sheet. `days` holds (day of month, category) → (opened, closed).
    """

    month: str
    start: Instant
    end: Instant
    as_of: Instant
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
        """The day of the month up to which there can be data."""
        return local(self.cut - 1).day


def tally_month(
    found: Iterable[TicketFacts], month: str, now: Instant, kinds: Collection[str] = tuple(KINDS)
) -> MonthTally:
    """The month's figures over tickets of those kinds, in any order.

    `month` is `YYYY-MM` in Shanghai; `BadInput` where it is no month or has not begun; `Imbalance` where a row's two
    sides, counted independently, differ.
    """
    start, end = month_bounds(month)
    if start > now:
        raise BadInput("月份", f"{month} 还没有到", "请写本月或以前的月份")
    chosen = [each for each in found if each.kind in kinds]
    as_of = end if end <= now else max((at for each in chosen for at in _times(each) if at <= now), default=start)
    as_of = max(as_of, start)
    cut = min(end, as_of + 1)
    sums: dict[str, dict[str, list[int]]] = {name: {} for name in _GROUPS}
    totals = [0] * len(Figures._fields)
    days: dict[tuple[int, str], tuple[int, int]] = {}
    for each in chosen:
        figures = _figures(each, start, cut)
        for name, group in _GROUPS.items():
            _add(sums[name].setdefault(group(each), [0] * len(figures)), figures)
        _add(totals, figures)
        _add_days(days, each, start, cut)
    rows = {name: _rows(name, found_rows) for name, found_rows in sums.items()}
    tally = MonthTally(month, start, end, as_of, **rows, totals=Figures(*totals), days=days)
    _check(tally, chosen)
    return tally


def tally_day(found: Iterable[TicketFacts], now: Instant) -> Figures:
    """The figures of the Shanghai day of `now`, from midnight up to and including `now`."""
    totals = [0] * len(Figures._fields)
    for each in found:
        _add(totals, _figures(each, day_start(now), now + 1))
    return Figures(*totals)


_GROUPS: Final[Mapping[str, Callable[[TicketFacts], str]]] = {
    "categories": lambda each: each.category,
    "kinds": lambda each: each.kind,
    "channels": lambda each: each.channel,
    "departments": lambda each: each.department,
}
_ORDER: Final[Mapping[str, tuple[str, ...]]] = {"kinds": tuple(KINDS), "channels": tuple(CHANNELS)}


def _rows(name: str, sums: Mapping[str, list[int]]) -> tuple[Row, ...]:
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
        for at, step in ((span.opened_at, (1, 0)), (span.closed_at, (0, 1))):
            if at is not None and start <= at < cut:
                key = ((at - start) // DAY + 1, each.category)
                opened, closed = days.get(key, (0, 0))
                days[key] = (opened + step[0], closed + step[1])


def _times(each: TicketFacts) -> Iterable[Instant]:
    for span in each.spans:
        yield from span[: 2 if span.closed_at is not None else 1]  # type: ignore[misc]
    for at, *_ in (*each.resolutions, *each.scores, *each.escalations):
        yield at
    yield from each.kept


def _figures(each: TicketFacts, start: Instant, cut: Instant) -> Figures:
    """One ticket's share of [start, cut). The flow counts transitions, the stock replays them: two independent sides."""

    def within(at: Instant | None) -> bool:
        return at is not None and start <= at < cut

    closings = [span for span in each.spans if within(span.closed_at)]
    flow = Figures(
        carried_over=_open_before(each, start),
        opened=sum(within(span.opened_at) for span in each.spans),
        reopened=sum(within(span.opened_at) for span in each.spans[1:]),
        closed=len(closings),
        void=sum(span.ground in ENDED_WITHOUT_RESULT for span in closings),
        still_open=_open_before(each, cut),
    )
    if _gone(each, cut):
        return flow
    results = [done.on_time for done in each.resolutions if within(done.at)]
    scores = [score for at, score in each.scores if within(at)]
    happy = sum(score >= SATISFIED for score in scores)
    fair = scores.count(FAIR)
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


def _gone(each: TicketFacts, cut: Instant) -> bool:
    """By then a mistake or a duplicate: what its clocks and owners said is counted nowhere, or elsewhere."""
    last = each.spans[-1]
    return last.ground in ENDED_WITHOUT_RESULT and last.closed_at is not None and last.closed_at < cut


def _open_before(each: TicketFacts, at: Instant) -> int:
    """1 where the last thing that happened to the ticket before `at`, in the order of its log, left it open."""
    state = 0
    for span in each.spans:
        if span.opened_at < at:
            state = 1
        if span.closed_at is not None and span.closed_at < at:
            state = 0
    return state


def _check(tally: MonthTally, chosen: Iterable[TicketFacts]) -> None:
    for rows in (tally.categories, tally.kinds, tally.channels, tally.departments):
        together = [sum(column) for column in zip(*(row.figures for row in rows), strict=True)]
        uneven = [row for row in rows if not row.figures.balanced]
        if uneven or not tally.totals.balanced or (together or [0] * len(tally.totals)) != list(tally.totals):
            wrong = sorted(e.number for e in chosen if not _figures(e, tally.start, tally.cut).balanced)
            figures = uneven[0].figures if uneven else tally.totals
            where = f"结转 {figures.carried_over}＋新增 {figures.opened}≠关闭 {figures.closed}＋未结 {figures.still_open}"
            raise Imbalance(tally.month, tuple(wrong), where)


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One ticket of the month as it stood at the tally's `as_of`; `figures` is its share, so the rows add up to the sheet.

    `state` is open, closed, void or merged; `level` the highest rung reached; `ground` as in `Span`.
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


def month_details(
    found: Iterable[TicketFacts], tally: MonthTally, kinds: Collection[str] = tuple(KINDS)
) -> list[DetailRow]:
    """The tickets behind the tally's numbers, by category; in each, the closed come first, then new ones still open.

    That order puts those behind «closed», «new» and «still open» next to each other, so that a number can lead to them.
    """
    rows = []
    for each in found:
        if each.kind in kinds and any(figures := _figures(each, tally.start, tally.cut)):
            rows.append(_detail(each, figures, tally.cut))
    return sorted(rows, key=lambda row: (row.category, _phase(row.figures), row.opened_at, row.number))


def _phase(figures: Figures) -> int:
    """Carried and closed, new and closed, new and open, carried and open."""
    return (2 if not figures.carried_over else 3) if figures.still_open else (0 if figures.carried_over else 1)


def _detail(each: TicketFacts, figures: Figures, cut: Instant) -> DetailRow:
    ended = [span for span in each.spans if span.closed_at is not None and span.closed_at < cut]
    last = ended[-1] if ended and not _open_before(each, cut) else Span(0)
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
        state="open" if last.closed_at is None else last.ground if last.ground in ENDED_WITHOUT_RESULT else "closed",
        resolved_at=max((done.at for done in each.resolutions if done.at < cut), default=None),
        closed_at=last.closed_at,
        ground=last.ground,
        score=next((score for at, score in reversed(each.scores) if at < cut), None),
        level=max((level for at, level, _ in each.escalations if at < cut), default=0),
        figures=figures,
    )


def _rate(good: int, bad: int) -> float | None:
    return good / (good + bad) if good + bad else None
