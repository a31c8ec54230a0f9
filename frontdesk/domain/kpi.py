"""3:3:4: volume 30 %, praise 30 %, resolution 40 % (R-000-10, T18), and the 服务之星 of the month (T22).

Pure and explainable: everything that a score was made of stands in it, so that whoever disagrees can check it by hand.
`MEANINGS` is the one place where the figures are defined; the sheet and the command print it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import clocks
from frontdesk.domain.tallies import SATISFIED
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, HOUR, Instant, day_start

WEIGHTS: Final = (30, 30, 40)
"""Volume, praise, resolution."""
CAP: Final = 1.25
"""Above so many times the colleagues' median more volume earns nothing: haste must not pay."""
ENOUGH: Final = 10
"""Follow-ups, and tickets to be solved, from which a rate stands for itself."""
STAR: Final = 10
"""Tickets handled, at least, by whoever becomes 服务之星."""
NEUTRAL: Final = 1 / CAP
"""What nobody can be compared in, or was asked about, counts like the median: 80 of 100."""
PEER: Final = 8 * HOUR
"""Seconds on duty in a band from which a colleague's pace enters the median."""

BANDS: Final = ("白班", "夜班")
_MORNING, _EVENING = 8 * HOUR, 20 * HOUR

MEANINGS: Final[Sequence[tuple[str, str]]] = (
    ("总分", "处理量 30% ＋ 好评率 30% ＋ 解决率 40%，满分 100，保留一位小数。"),
    (
        "办结件数",
        "本月处理完毕的工单，一张只计一次，重开再办不另计；作废、并单的不计。记在首问责任人名下，按受理的时刻归白班或夜班。",
    ),
    (
        "在岗时间",
        "值班表上本月的在岗小时，到统计时刻为止；8–20 点为白班，20–8 点为夜班，重叠的班次只计一次。",
    ),
    (
        "按天比",
        "本月办结的工单若有一半以上出自没有值班表的人，全组就改用「有工作记录的天数」代替在岗小时，不分昼夜；部门也一样。",
    ),
    (
        "处理量比",
        "办结件数 ÷ 应办结件数。应办结＝各班在岗小时 × 同班其他同事每小时办结件数的中位数（同班在岗满 8 小时的"
        "才进入中位数）。白班只和白班比，夜班只和夜班比，按小时计，所以夜班来单少、兼职时间短都不吃亏。",
    ),
    (
        "处理量得分",
        "处理量比达到 1.25 得 100 分，超过不再加分；与中位数持平得 80 分；没有同事可比的（如独自值夜班）、没有值班表的按持平计；在自己班次以外受理的也计入办结。",
    ),
    ("好评率", "本月回访 4–5 星，加上未经回访、现场签字满意的，占全部回访与签字的比例。"),
    (
        "应解决件数",
        "本月处理完毕的、重开的（含处理完毕、等待回访时退回重办的）、再次上移的，以及办结时限已到仍未处理完毕的工单，一张只计一次。",
    ),
    (
        "解决率",
        "应解决件数里已处理完毕、且本月没有重开、没有再次上移的比例。回访不满意而上移，或同一张第二次上移，"
        "都算再次上移；哪怕后来办好了，本月也不算解决。",
    ),
    (
        "样本少",
        f"回访与签字不足 {ENOUGH} 次，或应解决不足 {ENOUGH} 件：差额按全组平均补足再算比例，一两次偶然不至于定高低；"
        "全组也没有的，按 80 分计。",
    ),
    (
        "服务之星",
        f"总分最高的人，须办结满 {STAR} 件；同分并列，都是服务之星；没有人满 {STAR} 件的月份不评。",
    ),
)
"""Every figure's definition, for the reader of the sheet."""


class Deed(NamedTuple):
    """One ticket's part of a month in somebody's account; see `MEANINGS`.

    `came_at` is when it came in, for its band; `due` and `solved` put it into 应解决 and 解决, the three after them say why
    it was not solved.
    """

    owner: str
    came_at: Instant = 0
    handled: bool = False
    asked: int = 0
    good: int = 0
    due: bool = False
    solved: bool = False
    reopened: bool = False
    again: bool = False
    overdue: bool = False


class Work(NamedTuple):
    """What one operator or department did in the month. `hours` are seconds on duty by band, or days of 86,400 s in one band."""

    name: str
    hours: tuple[int, ...]
    handled: tuple[int, ...]
    asked: int = 0
    good: int = 0
    due: int = 0
    solved: int = 0
    reopened: int = 0
    again: int = 0
    overdue: int = 0

    @property
    def done(self) -> int:
        """Tickets handled, in all bands."""
        return sum(self.handled)


class Rate(NamedTuple):
    """A share with what a small sample was filled up with: (`good` + `fill` × `mean`) ÷ (`of` + `fill`)."""

    good: int
    of: int
    fill: int
    mean: float

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return (self.good + self.fill * self.mean) / (self.of + self.fill)


class Score(NamedTuple):
    """One line of the table, with everything it was made of.

    `pace` is the colleagues' median by band in tickets an hour (a day), None where there is nobody to compare with;
    `expected` the tickets that it demands of the hours worked, `counted` those handled: without those of a band that
    was worked and cannot be compared, none where nothing can.
    """

    work: Work
    pace: tuple[float | None, ...]
    expected: float
    counted: int
    praise: Rate
    resolution: Rate

    @property
    def ratio(self) -> float | None:
        """Handled to expected; None where there is nothing to compare."""
        if self.expected > 0:
            return self.counted / self.expected
        return CAP if self.counted else None

    @property
    def volume(self) -> float:
        """0 to 1."""
        return NEUTRAL if self.ratio is None else min(self.ratio, CAP) / CAP

    @property
    def parts(self) -> tuple[float, float, float]:
        """Volume, praise and resolution in points of 100."""
        return 100 * self.volume, 100 * self.praise.value, 100 * self.resolution.value

    @property
    def total(self) -> float:
        """0 to 100, to one decimal."""
        points = sum(weight * part for weight, part in zip(WEIGHTS, self.parts, strict=True)) / 100
        # Halves go up, as a spreadsheet's ROUND has them and as people do; a trace of binary dust must not decide.
        return int(points * 10 + 0.5 + 1e-9) / 10

    @property
    def small(self) -> bool:
        """样本少."""
        return bool(self.praise.fill or self.resolution.fill)


class Table(NamedTuple):
    """Scores, the best first and those of equal score by name; `unit` is 小时 or 天. Departments are not `starred`."""

    unit: str
    scores: tuple[Score, ...]
    starred: bool = True

    @property
    def stars(self) -> tuple[str, ...]:
        """The 服务之星, several where they tie; nobody where nobody has handled enough."""
        able = [score for score in self.scores if self.starred and score.work.done >= STAR]
        best = max((score.total for score in able), default=None)
        return tuple(score.work.name for score in able if score.total == best)


_Parts = Callable[[Work], tuple[int, int]]


def rank(works: Iterable[Work], unit: str) -> Table:
    """The table of these people or departments, in whatever order they come."""
    found = sorted(works, key=lambda work: work.name)
    praise = _mean(found, lambda work: (work.good, work.asked))
    solved = _mean(found, lambda work: (work.solved, work.due))
    scores = [_score(work, found, unit, praise, solved) for work in found]
    return Table(unit, tuple(sorted(scores, key=lambda score: (-score.total, score.work.name))))


def _mean(works: Sequence[Work], parts: _Parts) -> float:
    pairs = [parts(work) for work in works]
    total = sum(of for _, of in pairs)
    return sum(good for good, _ in pairs) / total if total else NEUTRAL


def _score(work: Work, everybody: Sequence[Work], unit: str, praise: float, solved: float) -> Score:
    others = [other for other in everybody if other is not work]
    pace = tuple(_pace(others, band, unit) for band in range(len(work.hours)))
    bands = list(zip(work.hours, pace, work.handled, strict=True))
    known = any(hours and each is not None for hours, each, _ in bands)
    return Score(
        work,
        pace,
        sum(hours / _length(unit) * each for hours, each, _ in bands if each is not None),
        sum(done for hours, each, done in bands if known and not (hours and each is None)),
        Rate(work.good, work.asked, max(0, ENOUGH - work.asked), praise),
        Rate(work.solved, work.due, max(0, ENOUGH - work.due), solved),
    )


def _pace(others: Sequence[Work], band: int, unit: str) -> float | None:
    """The median of what the others do in an hour (a day) of that band."""
    least = PEER if unit == "小时" else DAY
    paces = [
        other.handled[band] * _length(unit) / other.hours[band]
        for other in others
        if other.hours[band] >= least
    ]
    return median(paces) if paces else None


def _length(unit: str) -> int:
    return HOUR if unit == "小时" else DAY


# --- from tickets ----------------------------------------------------------------------------------------------------


def deed(ticket: Ticket, policy: Policy, start: Instant, cut: Instant) -> Deed | None:
    """The ticket's part of [start, cut) in its case owner's account (首问责任人); None where it is in nobody's."""
    if ticket.voided_at is not None and ticket.voided_at < cut:
        return None

    def within(at: Instant | None) -> bool:
        return at is not None and start <= at < cut

    handled = [c.resolved_at for c in ticket.cycles if c.resolved_at is not None and within(c.resolved_at)]
    scores = [asked.score for asked in ticket.follow_ups if within(asked.at)]
    signed = sum(
        within(cycle.closed_at)
        and cycle.ground == "signed"
        and not any(cycle.started_at <= asked.at <= (cycle.closed_at or 0) for asked in ticket.follow_ups)
        for cycle in ticket.cycles
    )
    reopened = any(within(cycle.started_at) for cycle in ticket.cycles[1:])
    again = any(
        within(step.at) and (place > 0 or step.cause == "dissatisfied")
        for place, step in enumerate(ticket.escalations)
    )
    last = next((c for c in reversed(ticket.cycles) if c.started_at < cut), None)
    unsolved = last is None or last.resolved_at is None or last.resolved_at >= cut
    overdue = unsolved and last is not None and _overdue(ticket, policy, last.started_at, cut)
    due = bool(handled) or reopened or again or overdue
    if not (due or scores or signed):
        return None
    return Deed(
        owner=ticket.case_owner,
        came_at=ticket.opened_at,
        handled=bool(handled),
        asked=len(scores) + signed,
        good=sum(score >= SATISFIED for score in scores) + signed,
        due=due,
        solved=bool(handled) and not (unsolved or reopened or again),
        reopened=reopened,
        again=again,
        overdue=overdue,
    )


def _overdue(ticket: Ticket, policy: Policy, since: Instant, cut: Instant) -> bool:
    return any(
        run.kind == "resolution" and run.started_at == since and not run.held and run.due_at < cut
        for run in clocks(ticket, policy)
    )


def departments(ticket: Ticket, own: Deed, start: Instant, cut: Instant) -> Iterator[Deed]:
    """The same ticket in the accounts of the departments: work by who did it, praise and resolution by who had it last."""
    done: dict[str, Instant] = {}
    for task in ticket.tasks:
        if task.done_at is not None and start <= task.done_at < cut:
            done.setdefault(task.department, task.dispatched_at)
    last = ticket.department
    for name in sorted({*done, last} - {""}):
        kept = own if name == last else Deed(name)
        yield kept._replace(owner=name, came_at=done.get(name, 0), handled=name in done)


def works(
    deeds: Iterable[Deed],
    shifts: Mapping[str, Sequence[tuple[Instant, Instant]]],
    active: Mapping[str, int],
    bounds: tuple[Instant, Instant],
) -> tuple[str, list[Work]]:
    """(unit, what everybody did): by the hours of `shifts` where they cover half of the work, else by their `active` days.

    Both are by the owner's name in the deeds; `bounds` are the month's first instant and the first that does not count.
    """
    accounts: dict[str, list[Deed]] = defaultdict(list)
    for each in deeds:
        accounts[each.owner].append(each)
    duty = {name: _on_duty(shifts.get(name, ()), bounds) for name in accounts}
    handled = {name: sum(each.handled for each in own) for name, own in accounts.items()}
    rostered = sum(count for name, count in handled.items() if any(duty[name]))
    hourly = any(map(any, duty.values())) and 2 * rostered >= sum(handled.values())
    found = []
    for name, own in accounts.items():
        came = [each.came_at for each in own if each.handled]
        nights = sum(map(_night, came))
        found.append(
            Work(
                name,
                duty[name] if hourly else (active.get(name, 0) * DAY,),
                (len(came) - nights, nights) if hourly else (len(came),),
                *(sum(getattr(each, field) for each in own) for field in Work._fields[3:]),
            )
        )
    return "小时" if hourly else "天", found


def _on_duty(shifts: Iterable[tuple[Instant, Instant]], bounds: tuple[Instant, Instant]) -> tuple[int, int]:
    """Seconds of day and of night within the bounds; what overlaps counts once."""
    day = night = 0
    until = bounds[0]
    for start, end in sorted(shifts):
        first, last = max(start, until), min(end, bounds[1])
        if first < last:
            inside = _daylight(first, last)
            day, night, until = day + inside, night + last - first - inside, last
    return day, night


def _daylight(start: Instant, end: Instant) -> int:
    """Seconds of [start, end) between 08:00 and 20:00 in Shanghai."""
    total, midnight = 0, day_start(start)
    while midnight < end:
        total += max(0, min(end, midnight + _EVENING) - max(start, midnight + _MORNING))
        midnight += DAY
    return total


def _night(at: Instant) -> bool:
    return not _MORNING <= at - day_start(at) < _EVENING
