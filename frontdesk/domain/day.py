"""What a day's summary tells beside its figures: emergencies, calls, promises broken (R-000-05, T4, T8, T20).

The day in progress is told from the tickets' cached facts; only logs that hold something to tell are read and folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from frontdesk.domain.facts import TicketFacts, Unclosed, broken
from frontdesk.domain.sla import FAR, Face, sla_state, step_of
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import Instant

TELLING: Final = (
    *("promised", "escalated", "resolved", "followed_up", "declined"),
    *("closed", "reopened", "voided", "merged"),
)
"""Kinds of event that a summary tells of. A log without them says no more than the ticket's cached facts."""

RINGS: Final = 15
"""Seconds within which three rings have passed (T8): one second of sound, four of silence."""
GIVEN_UP: Final = 60
"""Seconds after which a call that nobody lifted is missed, whoever calls back later."""


class OpenLine(NamedTuple):
    """An open ticket as the cache holds it; `unit` is sealed."""

    id: int
    number: str
    title: str
    unit: bytes | None
    category: str
    priority: str
    status: str
    base: str
    due_kind: str
    due_at: Instant
    risk_at: Instant
    level: int
    department: str
    case_owner: str
    opened_at: Instant


def unclosed_line(line: OpenLine, ticket: Ticket | None, unit: str, follower: str, now: Instant) -> Unclosed:
    """As `facts.unclosed`, from the cached facts; `ticket` None where its log holds nothing that is `TELLING`."""
    shown = Face(line.base, line.due_kind, line.due_at, line.risk_at)
    waiting, owed = None, tuple[tuple[Instant, str], ...]()
    if ticket is not None:
        waiting = ticket.unacknowledged
        owed = tuple(
            sorted((p.due_at, p.words) for p in ticket.promises if p.kept_at is None and not p.withdrawn)
        )
    return Unclosed(
        number=line.number,
        title=line.title,
        unit=unit,
        category=line.category,
        priority=line.priority,
        status=line.status,
        sla=sla_state(shown, now),
        due_at=line.due_at if line.due_at < FAR else None,
        next_step=step_of(shown, now, ticket),
        department=line.department,
        follower=follower,
        level=line.level,
        escalated_to=waiting.to if waiting else "",
        escalated_at=waiting.at if waiting else None,
        promises=owed,
    )


class Emergency(NamedTuple):
    """One emergency of the day: since when, when somebody was there, when it was over. `title` and `unit` are masked."""

    number: str
    title: str
    unit: str
    category: str
    since: Instant
    arrived_at: Instant | None
    resolved_at: Instant | None
    open: bool
    follower: str


def emergency(ticket: Ticket, unit: str, follower: str) -> Emergency | None:
    """The ticket as an emergency; None where it is none, or was opened by mistake."""
    since = ticket.urgent_since
    if since is None or ticket.voided_at is not None:
        return None
    ends = (cycle.resolved_at for cycle in ticket.cycles)
    return Emergency(
        number=ticket.number,
        title=ticket.title,
        unit=unit,
        category=ticket.category,
        since=since,
        arrived_at=ticket.arrived_at,
        resolved_at=next((at for at in ends if at is not None and at >= since), None),
        open=ticket.open,
        follower=follower,
    )


class Broken(NamedTuple):
    """A promise that was still owed when it fell due; `kept_at` where it was kept afterwards."""

    number: str
    due_at: Instant
    words: str
    follower: str
    kept_at: Instant | None


def broken_promises(
    ticket: Ticket, found: TicketFacts, follower: str, start: Instant, end: Instant
) -> Iterator[Broken]:
    """The ticket's promises that broke in [start, end); a ticket without result has none, as in the figures."""
    if ticket.voided_at is not None:
        return
    for each in ticket.promises:
        if start <= each.due_at < end and broken(ticket, each, found.spans):
            yield Broken(ticket.number, each.due_at, each.words, follower, each.kept_at)


class Ring(NamedTuple):
    """An incoming call: when it rang, when somebody lifted it or called back, and its masked number.

    `seen_to`: nobody did either, but somebody has dealt with it in another way.
    """

    at: Instant
    answered_at: Instant | None
    phone: str = ""
    seen_to: bool = False


class CallTally(NamedTuple):
    """A day's calls: `ringing` ones are neither answered nor missed yet.

    `quick` were answered within three rings; `unreturned` are the missed ones that nobody has called back or seen to.
    """

    answered: int = 0
    quick: int = 0
    missed: int = 0
    ringing: int = 0
    unreturned: tuple[Ring, ...] = ()

    @property
    def total(self) -> int:
        """All of them."""
        return self.answered + self.missed + self.ringing


NO_CALLS: Final = CallTally()


def tally_calls(rings: Iterable[Ring], now: Instant) -> CallTally:
    """What came of the calls, as of `now`: lifted within a minute is answered, later is a call back."""
    answered = quick = missed = ringing = 0
    unreturned = []
    for ring in rings:
        lifted = ring.answered_at if ring.answered_at is not None and ring.answered_at <= now else None
        if lifted is not None and lifted - ring.at < GIVEN_UP:
            answered += 1
            quick += lifted - ring.at <= RINGS
        elif lifted is None and not ring.seen_to and now - ring.at < GIVEN_UP:
            ringing += 1
        else:
            missed += 1
            if lifted is None and not ring.seen_to:
                unreturned.append(ring)
    return CallTally(answered, quick, missed, ringing, tuple(sorted(unreturned)))
