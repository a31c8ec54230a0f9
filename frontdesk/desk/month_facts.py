"""The facts of a month's tickets as they stood at its end, masked for whoever may read a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from frontdesk.desk.access import Access
from frontdesk.domain.facts import TicketFacts, facts
from frontdesk.domain.privacy import mask_unit
from frontdesk.domain.tickets import Event, Ticket, fold, undone
from frontdesk.domain.timing import Instant
from frontdesk.domain.units import unit_key


def month_facts(
    access: Access, end: Instant, not_closed_before: Instant, start: Instant
) -> Iterator[TicketFacts]:
    """Tickets opened before `end` and not closed before that instant; what happened from `end` on is left out.

    Always masked as an ordinary agent would see it: the file leaves the house. `start` is when the month begins.
    """
    names, flats = access.names(), dict[str, str]()
    for log in access.tickets.logs(end, not_closed_before, unseal=True):
        ticket = log.ticket if log.events[-1].at < end else _as_of(log.number, log.events, end)
        unit, owner = ticket.caller.unit, ticket.case_owner
        # A household is a number of this reading alone: nothing of the unit is left in it.
        key = unit_key(unit) if unit else ""
        household = flats.setdefault(key, str(len(flats) + 1)) if key else ""
        yield facts(
            ticket._replace(case_owner=names.get(owner, owner)),
            access.policies.of(ticket.policy),
            mask_unit(unit),
            household,
            _category_before(ticket, log.events, start),
        )


def _as_of(number: str, events: Sequence[Event], end: Instant) -> Ticket:
    """The ticket as it stood before `end`; a step that was taken back later counts as never taken."""
    void = undone(events)
    return fold(number, [event for event in events if event.at < end and event.seq not in void])


def _category_before(ticket: Ticket, events: Sequence[Event], start: Instant) -> str:
    """The category that it had when the month began; empty where it was opened since, or has kept it."""
    if ticket.opened_at >= start:
        return ""
    void = undone(events)
    said = [
        str(event.data["category"])
        for event in events
        if event.at < start and event.seq not in void and "category" in event.data
    ]
    return said[-1] if said and said[-1] != ticket.category else ""
