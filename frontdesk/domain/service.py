"""What a month's service came to and which tickets teach something (R-000-14, R-000-19, R-S11-03, T22). Nothing personal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final, NamedTuple

from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import Clock, clocks
from frontdesk.domain.tallies import SATISFIED
from frontdesk.domain.tickets import LOW_SCORE, Ticket
from frontdesk.domain.timing import Instant, span

REPAIRS: Final = frozenset({"repair", "help"})
"""Kinds that count as 报修."""
LESSONS: Final = 6
_EACH: Final = 2
"""Lessons of a report, and of one category in it."""

REASONS: Final = {
    "emergency": (
        "突发",
        "到场和修复是两个钟，各有各的负责人；每 10 分钟向业主通报一次，没有新进展也要通报。",
    ),
    "turned": ("低分转好评", "低分回访后由上级出面重做、再回访，业主会改变看法：补救越快越有用。"),
    "again": ("再次上移", "接手的上级要亲自给业主回话，一次说清方案和时限，不再转手。"),
    "reopened": ("退回重办", "说「修好了」之前请业主当场验收，并约好几天后再问一次。"),
}
"""Why a ticket is worth teaching: (word, what it teaches), the weightier reason first."""


class Handling(NamedTuple):
    """How one ticket was answered, as of an instant. None: not decided, or not known yet."""

    opened_at: Instant
    kind: str
    category: str
    responded: bool | None
    response: int | None
    resolved: bool
    on_site: bool | None


def handling(ticket: Ticket, policy: Policy, cut: Instant) -> Handling | None:
    """The ticket as it stood at `cut`; None where it was a mistake or a duplicate, or was not open yet."""
    if ticket.opened_at >= cut or (ticket.voided_at is not None and ticket.voided_at < cut):
        return None
    runs = clocks(ticket, policy)
    first = ticket.first_response_at
    return Handling(
        ticket.opened_at,
        ticket.kind,
        ticket.category,
        _kept((run for run in runs if run.kind == "first_response"), cut),
        first - ticket.opened_at if first is not None and first < cut else None,
        any(c.resolved_at is not None and c.resolved_at < cut for c in ticket.cycles),
        _kept((run for run in runs if run.kind == "on_site"), cut),
    )


def _kept(runs: Iterable[Clock], cut: Instant) -> bool | None:
    for run in runs:
        if run.met_at is not None and run.met_at < cut:
            return run.met_at < run.due_at
        if not run.cancelled and run.due_at < cut:
            return False
    return None


class Rates(NamedTuple):
    """A month's response and repair: of the repairs opened in it, how many were answered in time, and were done."""

    repairs: int = 0
    decided: int = 0
    responded: int = 0
    repaired: int = 0
    response: int | None = None
    arrivals: int = 0
    in_time: int = 0

    @property
    def response_rate(self) -> float | None:
        """报修响应率."""
        return self.responded / self.decided if self.decided else None

    @property
    def repair_rate(self) -> float | None:
        """报修完成率."""
        return self.repaired / self.repairs if self.repairs else None

    @property
    def arrival_rate(self) -> float | None:
        """应急到场率, over emergencies of all kinds."""
        return self.in_time / self.arrivals if self.arrivals else None


def rates(found: Iterable[Handling], start: Instant, cut: Instant) -> Rates:
    """The rates over the tickets opened in [start, cut)."""
    month = [each for each in found if start <= each.opened_at < cut]
    repairs = [each for each in month if each.kind in REPAIRS]
    waits = [each.response for each in repairs if each.response is not None]
    arrivals = [each.on_site for each in month if each.on_site is not None]
    return Rates(
        repairs=len(repairs),
        decided=sum(each.responded is not None for each in repairs),
        responded=sum(each.responded is True for each in repairs),
        repaired=sum(each.resolved for each in repairs),
        response=int(median(waits)) if waits else None,
        arrivals=len(arrivals),
        in_time=sum(arrivals),
    )


class Lesson(NamedTuple):
    """A ticket worth teaching, told by its steps alone: no name, unit, phone or anybody's words.

    `steps` are (how long after the opening, what happened). `number` is for the desk, never for the report.
    """

    number: str
    opened_at: Instant
    kind: str
    category: str
    case: str
    reasons: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]


def lesson(ticket: Ticket, policy: Policy, start: Instant, cut: Instant) -> Lesson | None:
    """The ticket as a lesson, where the month gave a reason; None otherwise."""

    def within(at: Instant | None) -> bool:
        return at is not None and start <= at < cut

    if ticket.voided_at is not None:
        return None
    scores = [(asked.at, asked.score) for asked in ticket.follow_ups if asked.at < cut]
    low = min((at for at, score in scores if score <= LOW_SCORE), default=None)
    tests = {
        "emergency": within(ticket.urgent_since),
        "turned": low is not None and any(within(at) and at > low and s >= SATISFIED for at, s in scores),
        "again": any(
            within(step.at) and (place > 0 or step.cause == "dissatisfied")
            for place, step in enumerate(ticket.escalations)
        ),
        "reopened": any(within(cycle.started_at) for cycle in ticket.cycles[1:]),
    }
    reasons = tuple(name for name in REASONS if tests[name])
    if not reasons:
        return None
    steps = [step for step in _steps(ticket, policy) if step[0] < cut]
    return Lesson(
        ticket.number,
        ticket.opened_at,
        ticket.kind,
        ticket.category,
        ticket.case,
        reasons,
        tuple((_after(at - ticket.opened_at), words) for at, _, words in steps),
    )


def _after(seconds: int) -> str:
    return f"{span(seconds)}后" if seconds >= 60 else "当时"  # noqa: PLR2004 - less than a minute


def _steps(ticket: Ticket, policy: Policy) -> list[tuple[Instant, int, str]]:
    found = [(ticket.opened_at, "受理")]
    if ticket.first_response_at is not None and ticket.first_response_at > ticket.opened_at:
        found.append((ticket.first_response_at, "首次与业主说上话"))
    if ticket.urgent_since is not None:
        found.append((ticket.urgent_since, "按紧急处理"))
    found += [(task.dispatched_at, f"派单{task.department}") for task in ticket.tasks]
    if ticket.arrived_at is not None:
        found.append((ticket.arrived_at, "到场"))
    found += [(c.resolved_at, "处理完毕") for c in ticket.cycles if c.resolved_at is not None]
    found += [(asked.at, f"回访 {asked.score} 星") for asked in ticket.follow_ups]
    found += [(step.at, f"上移至{policy.rung(step.level).name}") for step in ticket.escalations]
    found += [(cycle.started_at, "退回重办") for cycle in ticket.cycles[1:]]
    found += [(c.closed_at, "闭环") for c in ticket.cycles if c.closed_at is not None]
    # Sorted by time alone, what fell into the same second stays in the order of a ticket's life.
    return sorted(((at, place, words) for place, (at, words) in enumerate(found)), key=lambda step: step[:2])


def chosen(found: Iterable[Lesson]) -> list[Lesson]:
    """The lessons for the report: those with the most and weightiest reasons, at most two of one category."""
    order = tuple(REASONS)

    def weight(each: Lesson) -> tuple[int, tuple[int, ...], Instant, str]:
        return -len(each.reasons), tuple(map(order.index, each.reasons)), each.opened_at, each.number

    out: list[Lesson] = []
    for each in sorted(found, key=weight):
        if len(out) < LESSONS and sum(other.category == each.category for other in out) < _EACH:
            out.append(each)
    return out


def previous(month: str, back: int = 1) -> str:
    """The month so many months before `YYYY-MM`."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 - back
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def verdict(before: Sequence[int], after: Sequence[int]) -> str:
    """What a measure's category came to, by (new tickets, late ones, dissatisfied) before and after."""
    better = sum(b > a for b, a in zip(before, after, strict=True))
    worse = sum(b < a for b, a in zip(before, after, strict=True))
    if not any((*before, *after)):
        return "前后都没有工单"
    if better and not worse:
        return "好转"
    if worse and not better:
        return "未见好转"
    return "持平" if not better and not worse else "有好有坏"
