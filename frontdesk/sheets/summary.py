"""The daily summary: what is still open, and who follows it (R-000-05, T20). Plain text for people, a dict for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from frontdesk.domain.day import NO_CALLS, Broken, CallTally, Emergency
from frontdesk.domain.facts import Unclosed
from frontdesk.domain.privacy import one_line
from frontdesk.domain.sla import FAR
from frontdesk.domain.tallies import Figures
from frontdesk.domain.terms import PRIORITIES, SLA_STATES, STATUSES
from frontdesk.domain.timing import DAY, Instant, clock, day_start, iso, local, span

URGENCY: Final = ("breached", "at_risk", "on_track", "paused")
_NOBODY: Final = "无人跟进"
_WEEK: Final = "一二三四五六日"


class DaySummary(NamedTuple):
    """A day as it stands at `now`: its figures from Shanghai's midnight on, and every ticket still open.

    `emergencies` are those that were open on the day, `broken` the promises that fell due on it and were not kept,
    `stars` the scores of its follow-ups in order.
    """

    site: str
    now: Instant
    figures: Figures
    tickets: tuple[Unclosed, ...]
    emergencies: tuple[Emergency, ...] = ()
    broken: tuple[Broken, ...] = ()
    calls: CallTally = NO_CALLS
    stars: tuple[int, ...] = ()

    @property
    def date(self) -> str:
        """`2026-11-22 周日`."""
        at = local(self.now)
        return f"{at:%Y-%m-%d} 周{_WEEK[at.weekday()]}"

    @property
    def average(self) -> float | None:
        """The mean of the day's stars; None where nobody was asked."""
        return sum(self.stars) / len(self.stars) if self.stars else None

    @property
    def followers(self) -> tuple[tuple[str, tuple[Unclosed, ...]], ...]:
        """Who follows what: those with the most red tickets first, and in each the red ones first."""
        groups: dict[str, list[Unclosed]] = {}
        for each in sorted(self.tickets, key=_urgency):
            groups.setdefault(each.follower, []).append(each)

        def worst(group: tuple[str, list[Unclosed]]) -> tuple[int, int, str]:
            reds = sum(each.sla == "breached" for each in group[1])
            return -reds, -len(group[1]), group[0]

        return tuple((name, tuple(found)) for name, found in sorted(groups.items(), key=worst))

    @property
    def waiting(self) -> tuple[Unclosed, ...]:
        """Escalations that nobody has acknowledged, the oldest first (R-S8-01)."""
        found = [each for each in self.tickets if each.escalated_at is not None]
        return tuple(sorted(found, key=lambda each: (each.escalated_at, each.number)))

    @property
    def promises(self) -> tuple[tuple[Instant, str, Unclosed], ...]:
        """Promises still owed that fall due by the end of tomorrow, overdue ones too, the soonest first."""
        end = day_start(self.now) + 2 * DAY
        owed = [(due, words, each) for each in self.tickets for due, words in each.promises if due < end]
        return tuple(sorted(owed, key=lambda promise: (promise[0], promise[2].number, promise[1])))

    def in_state(self, sla: str) -> int:
        """How many tickets are in that state."""
        return sum(each.sla == sla for each in self.tickets)

    @property
    def states(self) -> str:
        """`超时 2，临期 1`: the states that open tickets are in."""
        return "，".join(f"{SLA_STATES[sla]} {self.in_state(sla)}" for sla in URGENCY if self.in_state(sla))


def summary_text(day: DaySummary, most: int = 0) -> str:
    """The summary as plain lines; `most` caps the tickets listed (0: all), for channels that take short messages."""
    now = day.now
    lines = [
        f"【每日汇总】{one_line(day.site)}　{day.date}　截至 {local(now):%H:%M}",
        *day_lines(day),
        f"未闭环 {len(day.tickets)} 件：{day.states}。" if day.tickets else "没有未闭环的工单。",
    ]
    lines += _section("突发", [f"  {emergency_line(each, now)}" for each in day.emergencies])
    lines += _section(
        "未接待回电", [f"  {clock(ring.at, now)} {ring.phone}" for ring in day.calls.unreturned]
    )
    lines += _section("上移未确认", [_waiting(each, now) for each in day.waiting])
    lines += _section("今日失约", [f"  {broken_line(each, now)}" for each in day.broken])
    lines += _section("承诺待兑现（至明日）", [_promise(*promise, now) for promise in day.promises])
    return "\n".join([*lines, *_followed(day, most or len(day.tickets))])


def day_lines(day: DaySummary) -> list[str]:
    """What the day came to, a sentence a line; what did not happen is left out, but for the first sentence."""
    f, calls = day.figures, day.calls
    lines = [
        f"当日受理 {f.opened} 件（重开 {f.reopened}），关闭 {f.closed} 件；承诺兑现 {f.kept} 次，失约 {f.broken} 次。"
    ]
    if f.on_time + f.late:
        lines.append(f"办结 {f.on_time + f.late} 件：按时 {f.on_time}，超时 {f.late}。")
    if f.satisfied + f.fair + f.dissatisfied:
        mean = f"，平均 {day.average:.1f} 星" if day.average is not None else ""
        lines.append(f"满意度：满意 {f.satisfied}，基本满意 {f.fair}，不满意 {f.dissatisfied}{mean}。")
    if f.escalated:
        lines.append(f"服务上移 {f.escalated} 次。")
    if calls.total:
        lines.append(
            f"来电 {calls.total} 通：接听 {calls.answered}（三声内 {calls.quick}），"
            f"未接 {calls.missed}（未回电 {len(calls.unreturned)}）。"
        )
    return lines


def emergency_line(each: Emergency, now: Instant) -> str:
    """When it began, how soon somebody was there, and what became of it."""
    there = f"，{span(each.arrived_at - each.since)}到场" if each.arrived_at is not None else "，未记到场"
    if each.resolved_at is not None:
        end = f"，{span(each.resolved_at - each.since)}处理完毕"
    else:
        end = "，未处理完毕" if each.open else "，已关闭"
    where = " ".join(filter(None, (each.number, each.unit, one_line(each.title))))
    return f"{clock(each.since, now)} {where}（{who(each.follower)}{there}{end}）"


def broken_line(each: Broken, now: Instant) -> str:
    """Which promise, when it fell due, who had to keep it, and whether it was kept afterwards."""
    kept = f"，{clock(each.kept_at, now)} 补做" if each.kept_at is not None else ""
    return f"{clock(each.due_at, now)} {each.number} {one_line(each.words)}（{who(each.follower)}{kept}）"


def _urgency(each: Unclosed) -> tuple[int, bool, Instant, str]:
    """Red first, in each state what endangers people first, then what is due first."""
    due = each.due_at if each.due_at is not None else FAR
    return URGENCY.index(each.sla), each.priority != "urgent", due, each.number


def _section(title: str, found: Sequence[str]) -> list[str]:
    return ["", f"{title}：", *found] if found else []


def _followed(day: DaySummary, most: int) -> list[str]:
    lines: list[str] = []
    for name, found in day.followers:
        shown = found[:most]
        most -= len(shown)
        reds = sum(each.sla == "breached" for each in found)
        red = f"，超时 {reds} 件" if reds else ""
        lines += ["", f"{who(name)}（{len(found)} 件{red}）："]
        lines += [_line(each, day.now) for each in shown]
        if len(shown) < len(found):
            lines.append(f"  另有 {len(found) - len(shown)} 件")
    return lines


def _line(each: Unclosed, now: Instant) -> str:
    where = " ".join(filter(None, (each.number, each.unit, one_line(each.title))))
    who = f"，{each.department}" if each.department else ""
    urgent = "，紧急" if each.priority == "urgent" else ""
    return f"  [{SLA_STATES[each.sla]}] {where}（{STATUSES[each.status]}{who}{urgent}）{each.next_step}"


def who(name: str) -> str:
    """Whoever follows a ticket, or that nobody does."""
    return one_line(name) or _NOBODY


def _waiting(each: Unclosed, now: Instant) -> str:
    since = each.escalated_at if each.escalated_at is not None else now
    return f"  {each.number} {one_line(each.title)}：{clock(since, now)} 上移至{each.escalated_to}，已等 {span(now - since)}"


def _promise(due: Instant, words: str, each: Unclosed, now: Instant) -> str:
    late = f"，已过 {span(now - due)}" if now >= due else ""
    return f"  {clock(due, now)} {each.number} {one_line(words)}（{who(each.follower)}{late}）"


def summary_json(day: DaySummary) -> dict[str, Any]:
    """The document of `summary --json` (DESIGN §8): identifiers with their labels, times with their offset."""
    figures = day.figures
    return {
        "date": f"{local(day.now):%Y-%m-%d}",
        "now": iso(day.now),
        "site": day.site,
        "opened": figures.opened,
        "reopened": figures.reopened,
        "closed": figures.closed,
        "promises_kept": figures.kept,
        "promises_broken": figures.broken,
        "resolved_on_time": figures.on_time,
        "resolved_late": figures.late,
        "escalated": figures.escalated,
        "satisfaction": {
            "satisfied": figures.satisfied,
            "fair": figures.fair,
            "dissatisfied": figures.dissatisfied,
            "average": round(day.average, 2) if day.average is not None else None,
        },
        "calls": {
            "total": day.calls.total,
            "answered": day.calls.answered,
            "answered_in_three_rings": day.calls.quick,
            "missed": day.calls.missed,
            "ringing": day.calls.ringing,
            "unreturned": [{"at": iso(ring.at), "phone": ring.phone} for ring in day.calls.unreturned],
        },
        "counts": {"unclosed": len(day.tickets), **{sla: day.in_state(sla) for sla in URGENCY}},
        "followers": [
            {"follower": name, "count": len(found), "breached": sum(each.sla == "breached" for each in found)}
            for name, found in day.followers
        ],
        "unclosed": [_ticket(each) for each in _flat(day)],
        "emergencies": [_emergency(each) for each in day.emergencies],
        "broken": [
            {
                "ticket": each.number,
                "due_at": iso(each.due_at),
                "words": each.words,
                "follower": each.follower,
                "kept_at": _iso(each.kept_at),
            }
            for each in day.broken
        ],
        "promises": [
            {"ticket": each.number, "due_at": iso(due), "words": words, "follower": each.follower}
            for due, words, each in day.promises
        ],
        "unacknowledged": [
            {"ticket": each.number, "to": each.escalated_to, "since": iso(each.escalated_at or 0)}
            for each in day.waiting
        ],
    }


def _iso(at: Instant | None) -> str | None:
    return iso(at) if at is not None else None


def _emergency(each: Emergency) -> dict[str, Any]:
    times = {"since": each.since, "arrived_at": each.arrived_at, "resolved_at": each.resolved_at}
    return {
        "ticket": each.number,
        "title": each.title,
        "unit": each.unit,
        "category": each.category,
        **{name: _iso(at) for name, at in times.items()},
        "open": each.open,
        "follower": each.follower,
    }


def _flat(day: DaySummary) -> Iterable[Unclosed]:
    for _, found in day.followers:
        yield from found


def _ticket(each: Unclosed) -> dict[str, Any]:
    return {
        "number": each.number,
        "title": each.title,
        "unit": each.unit,
        "category": each.category,
        "priority": each.priority,
        "priority_label": PRIORITIES[each.priority],
        "status": each.status,
        "status_label": STATUSES[each.status],
        "sla": each.sla,
        "sla_label": SLA_STATES[each.sla],
        "due_at": _iso(each.due_at),
        "next_step": each.next_step,
        "department": each.department,
        "follower": each.follower,
        "escalation_level": each.level,
    }
