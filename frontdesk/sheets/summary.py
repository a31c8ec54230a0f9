"""The daily summary: what is still open, and who follows it (R-000-05, T20). Plain text for people, a dict for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from frontdesk.domain.facts import Unclosed
from frontdesk.domain.privacy import one_line
from frontdesk.domain.sla import FAR
from frontdesk.domain.tallies import Figures
from frontdesk.domain.terms import PRIORITIES, SLA_STATES, STATUSES
from frontdesk.domain.timing import DAY, Instant, clock, day_start, iso, local, span

_URGENCY: Final = ("breached", "at_risk", "on_track", "paused")
_NOBODY: Final = "无人跟进"
_WEEK: Final = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class DaySummary:
    """A day as it stands at `now`: its figures from Shanghai's midnight on, and every ticket still open."""

    site: str
    now: Instant
    figures: Figures
    tickets: tuple[Unclosed, ...]

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

    def count(self, sla: str) -> int:
        """How many tickets are in that state."""
        return sum(each.sla == sla for each in self.tickets)


def summary_text(day: DaySummary, most: int = 0) -> str:
    """The summary as plain lines; `most` caps the tickets listed (0: all), for channels that take short messages."""
    figures, now = day.figures, day.now
    at = local(now)
    lines = [
        f"【每日汇总】{one_line(day.site)}　{at:%Y-%m-%d} 周{_WEEK[at.weekday()]}　截至 {at:%H:%M}",
        f"当日受理 {figures.opened} 件（重开 {figures.reopened}），关闭 {figures.closed} 件；"
        f"承诺兑现 {figures.kept} 次，失约 {figures.broken} 次。",
    ]
    if not day.tickets:
        return "\n".join([*lines, "没有未闭环的工单。"])
    states = [f"{SLA_STATES[sla]} {day.count(sla)}" for sla in _URGENCY if day.count(sla)]
    lines.append(f"未闭环 {len(day.tickets)} 件：{'，'.join(states)}。")
    lines += _section("上移未确认", [_waiting(each, now) for each in day.waiting])
    lines += _section("承诺待兑现（至明日）", [_promise(*promise, now) for promise in day.promises])
    return "\n".join([*lines, *_followed(day, most or len(day.tickets))])


def _urgency(each: Unclosed) -> tuple[int, bool, Instant, str]:
    """Red first, in each state what endangers people first, then what is due first."""
    due = each.due_at if each.due_at is not None else FAR
    return _URGENCY.index(each.sla), each.priority != "urgent", due, each.number


def _section(title: str, found: Sequence[str]) -> list[str]:
    return ["", f"{title}：", *found] if found else []


def _followed(day: DaySummary, most: int) -> list[str]:
    lines: list[str] = []
    for name, found in day.followers:
        shown = found[:most]
        most -= len(shown)
        reds = sum(each.sla == "breached" for each in found)
        red = f"，超时 {reds} 件" if reds else ""
        lines += ["", f"{_who(name)}（{len(found)} 件{red}）："]
        lines += [_line(each, day.now) for each in shown]
        if len(shown) < len(found):
            lines.append(f"  另有 {len(found) - len(shown)} 件")
    return lines


def _line(each: Unclosed, now: Instant) -> str:
    where = " ".join(filter(None, (each.number, each.unit, one_line(each.title))))
    who = f"，{each.department}" if each.department else ""
    urgent = "，紧急" if each.priority == "urgent" else ""
    return f"  [{SLA_STATES[each.sla]}] {where}（{STATUSES[each.status]}{who}{urgent}）{each.next_step}"


def _who(name: str) -> str:
    return one_line(name) or _NOBODY


def _waiting(each: Unclosed, now: Instant) -> str:
    since = each.escalated_at if each.escalated_at is not None else now
    return f"  {each.number} {one_line(each.title)}：{clock(since, now)} 上移至{each.escalated_to}，已等 {span(now - since)}"


def _promise(due: Instant, words: str, each: Unclosed, now: Instant) -> str:
    late = f"，已过 {span(now - due)}" if now >= due else ""
    return f"  {clock(due, now)} {each.number} {one_line(words)}（{_who(each.follower)}{late}）"


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
        "counts": {"unclosed": len(day.tickets), **{sla: day.count(sla) for sla in _URGENCY}},
        "followers": [
            {"follower": name, "count": len(found), "breached": sum(each.sla == "breached" for each in found)}
            for name, found in day.followers
        ],
        "unclosed": [_ticket(each) for each in _flat(day)],
        "promises": [
            {"ticket": each.number, "due_at": iso(due), "words": words, "follower": each.follower}
            for due, words, each in day.promises
        ],
        "unacknowledged": [
            {"ticket": each.number, "to": each.escalated_to, "since": iso(each.escalated_at or 0)}
            for each in day.waiting
        ],
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
        "due_at": iso(each.due_at) if each.due_at is not None else None,
        "next_step": each.next_step,
        "department": each.department,
        "follower": each.follower,
        "escalation_level": each.level,
    }
