"""What the month's and the day's figures need of one ticket, taken from its log once (DESIGN §2, §11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import FAR, Clock, Face, clocks, face, next_step, sla_state
from frontdesk.domain.tickets import Promise, Ticket
from frontdesk.domain.timing import Instant

WITHOUT_RESULT: Final = frozenset({"void", "merged"})
"""How a mistake or a duplicate ends: such a ticket is in the flow, not in the quality."""


class Span(NamedTuple):
    """One run of being open, half-open.

    `ground` is a close ground of terms.py, `void` or `merged`; empty while open.
    """

    opened_at: Instant
    closed_at: Instant | None = None
    ground: str = ""


class Resolution(NamedTuple):
    """The work was done at `at`; `on_time` is None where no resolution target ran."""

    at: Instant
    on_time: bool | None


class Run(NamedTuple):
    """A target that ran on the ticket: `kind` as in `terms.CLOCKS`; `ended_at` where the ticket ended without it.

    A clock that is held has no due time that could pass: `due_at` is `FAR`.
    """

    kind: str
    started_at: Instant
    due_at: Instant
    met_at: Instant | None = None
    ended_at: Instant | None = None

    @property
    def in_time(self) -> bool:
        """Met before it fell due."""
        return self.met_at is not None and self.met_at < self.due_at

    @property
    def late_at(self) -> Instant | None:
        """When it fell due unmet; None where it was met, or ended, before."""
        if self.in_time or self.due_at >= FAR or (self.ended_at is not None and self.ended_at < self.due_at):
            return None
        return self.due_at


class Step(NamedTuple):
    """One step up the ladder: to which rung, why, who was called, and when they said «接»."""

    at: Instant
    level: int
    cause: str
    rung: str
    acknowledged_at: Instant | None = None


class TicketFacts(NamedTuple):
    """What the tallies need of a ticket. `title` and `unit` are already masked for the reader (DESIGN §7).

    `spans` stand in the order of the log. `signed` are closings by a signature that no follow-up has scored.
    `kept` is when promises were kept in time; `broken` the due times that were not, or not yet, met.
    """

    number: str
    kind: str
    category: str
    priority: str
    channel: str
    department: str
    case_owner: str
    title: str
    unit: str
    spans: tuple[Span, ...]
    resolutions: tuple[Resolution, ...] = ()
    scores: tuple[tuple[Instant, int], ...] = ()
    signed: tuple[Instant, ...] = ()
    escalations: tuple[tuple[Instant, int, str], ...] = ()
    kept: tuple[Instant, ...] = ()
    broken: tuple[Instant, ...] = ()
    incident: str = ""
    """The ticket that leads the incident this one has joined."""
    household: str = ""
    """Equal for tickets of one unit, and nothing else; empty where the unit is not known."""
    status: str = ""
    due_at: Instant = FAR
    risk_at: Instant = FAR
    """The earliest of the open clocks, as `sla.Face` has them."""
    runs: tuple[Run, ...] = ()
    steps: tuple[Step, ...] = ()
    category_before: str = ""
    """The category that it had when the period began, where that was another one."""

    def without_result(self, cut: Instant) -> bool:
        """Ended before `cut` as a mistake or a duplicate: in the flow, not in the quality."""
        last = self.spans[-1]
        return last.ground in WITHOUT_RESULT and last.closed_at is not None and last.closed_at < cut

    @property
    def changes(self) -> Iterator[Instant]:
        """When something happened that a figure counts, in no order; a due time that passes is no event."""
        for span in self.spans:
            yield span.opened_at
            if span.closed_at is not None:
                yield span.closed_at
        yield from (done.at for done in self.resolutions)
        yield from (at for at, _score in self.scores)
        yield from (at for at, _level, _cause in self.escalations)
        yield from self.kept


_NO_FACE: Final = Face("", "", FAR, FAR)


def facts(
    ticket: Ticket,
    policy: Policy,
    unit: str,
    household: str = "",
    category_before: str = "",
    *,
    timed: bool = True,
) -> TicketFacts:
    """The facts of a folded ticket under the policy it was opened with; `unit` is what the reader may see.

    Without `timed` what a day's figures leave alone is left out: `due_at`, `risk_at`, `runs` and `steps`.
    """
    spans = _spans(ticket)
    # Whether a result came in time is asked of the clocks; they are most of the cost.
    judged = timed or any(cycle.resolved_at is not None for cycle in ticket.cycles)
    running = clocks(ticket, policy) if judged else ()
    shown = face(ticket, policy, running) if timed else _NO_FACE
    return TicketFacts(
        number=ticket.number,
        kind=ticket.kind,
        category=ticket.category,
        priority=ticket.priority,
        channel=ticket.channel,
        department=ticket.department,
        case_owner=ticket.case_owner,
        title=ticket.title,
        unit=unit,
        spans=spans,
        resolutions=tuple(_resolutions(ticket, running)),
        scores=tuple((asked.at, asked.score) for asked in ticket.follow_ups),
        signed=_signed(ticket),
        escalations=tuple((step.at, step.level, step.cause) for step in ticket.escalations),
        kept=tuple(p.kept_at for p in ticket.promises if p.kept_at is not None and p.kept_at < p.due_at),
        broken=tuple(p.due_at for p in ticket.promises if broken(ticket, p, spans)),
        incident=ticket.incident,
        household=household,
        status=ticket.status,
        due_at=shown.due_at,
        risk_at=shown.risk_at,
        runs=tuple(_run(ticket, each) for each in running if each.kind in REPORTED) if timed else (),
        steps=tuple(
            Step(step.at, step.level, step.cause, policy.rung(step.level).name, step.acknowledged_at)
            for step in ticket.escalations
        )
        if timed
        else (),
        category_before=category_before,
    )


REPORTED: Final = (
    *("first_response", "red_light", "resolution", "on_site", "repair"),
    *("task", "follow_up", "acknowledge"),
)
"""The clocks of the sheet's 时限 page; promises are counted as `kept` and `broken`."""


def _run(ticket: Ticket, clock: Clock) -> Run:
    due = FAR if clock.held else clock.due_at
    return Run(
        clock.kind, clock.started_at, due, clock.met_at, ticket.ended_at if clock.met_at is None else None
    )


def _spans(ticket: Ticket) -> tuple[Span, ...]:
    """Reopening a ticket that was only resolved goes on with the same span: nobody had closed it."""
    spans: list[Span] = []
    start: Instant | None = None
    for cycle in ticket.cycles:
        start = cycle.started_at if start is None else start
        if cycle.closed_at is not None:
            spans.append(Span(start, cycle.closed_at, cycle.ground))
            start = None
    if start is not None:
        ended = ticket.voided_at is not None
        spans.append(
            Span(start, ticket.voided_at, ("merged" if ticket.merged_into else "void") if ended else "")
        )
    return tuple(spans)


def _resolutions(ticket: Ticket, running: Iterable[Clock]) -> Iterator[Resolution]:
    """One result for each cycle: reopening restarts the clock and both are reported (DESIGN §5)."""
    due = {(c.started_at, c.met_at): c.due_at for c in running if c.kind == "resolution"}
    for cycle in ticket.cycles:
        if cycle.resolved_at is not None:
            limit = due.get((cycle.started_at, cycle.resolved_at))
            yield Resolution(cycle.resolved_at, None if limit is None else cycle.resolved_at < limit)


def _signed(ticket: Ticket) -> tuple[Instant, ...]:
    """Closings by a signature on the spot (R-S4-06) in cycles that no follow-up has scored."""
    return tuple(
        cycle.closed_at
        for cycle in ticket.cycles
        if cycle.closed_at is not None
        and cycle.ground == "signed"
        and not any(cycle.started_at <= asked.at <= cycle.closed_at for asked in ticket.follow_ups)
    )


def broken(ticket: Ticket, promise: Promise, spans: tuple[Span, ...]) -> bool:
    """Still owed when it fell due. A later date given too late, or closing afterwards, does not mend it."""
    due = promise.due_at
    if promise.kept_at is not None and promise.kept_at < due:
        return False
    if promise.withdrawn:
        newer = [p.made_at for p in ticket.promises if p.completion and p.seq > promise.seq]
        if min(newer, default=promise.made_at) < due:
            return False
    return any(span.opened_at <= due and (span.closed_at is None or span.closed_at >= due) for span in spans)


class Unclosed(NamedTuple):
    """One unclosed ticket of the daily summary and who follows it (R-000-05). `title` and `unit` are masked.

    `escalated_to` is who has not yet said «接», since `escalated_at`; `promises` are those still owed, the
    soonest first.
    """

    number: str
    title: str
    unit: str
    category: str
    priority: str
    status: str
    sla: str
    due_at: Instant | None
    next_step: str
    department: str
    follower: str
    level: int = 0
    escalated_to: str = ""
    escalated_at: Instant | None = None
    promises: tuple[tuple[Instant, str], ...] = ()


def unclosed(ticket: Ticket, policy: Policy, unit: str, now: Instant) -> Unclosed:
    """The summary's line for an open ticket; `unit` is what the reader may see."""
    shown, waiting = face(ticket, policy), ticket.unacknowledged
    owed = sorted((p.due_at, p.words) for p in ticket.promises if p.kept_at is None and not p.withdrawn)
    return Unclosed(
        number=ticket.number,
        title=ticket.title,
        unit=unit,
        category=ticket.category,
        priority=ticket.priority,
        status=ticket.status,
        sla=sla_state(shown, now),
        due_at=shown.due_at if shown.due_at < FAR else None,
        next_step=next_step(ticket, policy, now),
        department=ticket.department,
        follower=ticket.case_owner,
        level=ticket.level,
        escalated_to=waiting.to if waiting else "",
        escalated_at=waiting.at if waiting else None,
        promises=tuple(owed),
    )
