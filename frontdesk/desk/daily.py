"""The day's summary: read, added up, and put into the outbox (R-000-05, T20)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from frontdesk.desk.access import Access
from frontdesk.desk.faults import record_fault
from frontdesk.domain.day import (
    Broken,
    Emergency,
    Ring,
    broken_promises,
    emergency,
    tally_calls,
    unclosed_line,
)
from frontdesk.domain.errors import BadInput, DeskError
from frontdesk.domain.facts import WITHOUT_RESULT, TicketFacts, Unclosed, facts, unclosed
from frontdesk.domain.privacy import Masks, mask_phone
from frontdesk.domain.tallies import Figures, tally_day
from frontdesk.domain.tickets import Ticket, fold
from frontdesk.domain.timing import Instant, day_start, local
from frontdesk.sheets.summary import DaySummary
from frontdesk.store.days import Days

if TYPE_CHECKING:
    from frontdesk.domain.enclosure import Enclosure


class Sending(NamedTuple):
    """A summary in the outbox: its edition of the day, whether it has just been put there, and why it has no picture."""

    edition: int
    new: bool
    lacking: str = ""


class _Told(NamedTuple):
    """What the folded tickets of a day tell."""

    facts: list[TicketFacts]
    emergencies: list[Emergency]
    broken: list[Broken]


class Daily:
    """One day as of one moment."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the masks and the clock."""
        self._a = access
        self._days = Days(access.db, access.cipher)

    @cached_property
    def _names(self) -> dict[str, str]:
        return self._a.names()

    def summary(self, at: Instant | None, outside: bool) -> DaySummary:
        """The day up to `at`, up to now if None. What goes `outside` shows a unit as an ordinary agent sees it."""
        now = self._a.now()
        masks = Masks() if outside else self._a.masks
        with self._a.db.read():  # one snapshot, so that the figures and the list cannot contradict each other
            if at is None or at >= now:
                return self._today(now, masks)
            return self._then(at, masks)

    def _today(self, now: Instant, masks: Masks) -> DaySummary:
        start = day_start(now)
        logs = self._a.tickets.several(self._days.telling(start), unseal=False)
        telling = {log.id: log.ticket for log in logs}
        lines, units, carried, opened = list[Unclosed](), dict[int, str](), 0, 0
        for line in self._days.open_lines():
            ticket = telling.get(line.id)
            if ticket is None:
                opened += line.opened_at >= start
                carried += line.opened_at < start
            units[line.id] = masks.unit(self._a.open_tickets.unit(line.unit))
            lines.append(unclosed_line(line, ticket, units[line.id], self._who(line.case_owner), now))
        over = [
            each for each, ticket in telling.items() if each not in units and ticket.urgent_since is not None
        ]
        # Of what is closed only emergencies are told with their flat, and opening a flat is dear.
        units |= {log.id: masks.unit(log.ticket.caller.unit) for log in self._a.tickets.several(over)}
        told = self._told(((ticket, units.get(each, "")) for each, ticket in telling.items()), now)
        quiet = Figures(carried_over=carried, opened=opened, still_open=carried + opened)
        return self._summary(now, tuple(lines), told, quiet)

    def _then(self, now: Instant, masks: Masks) -> DaySummary:
        """A moment that is past: the cache knows nothing of it, so every log of then is cut and folded."""
        ids = self._days.open_between(day_start(now), now + 1)
        tickets = [
            fold(log.number, [event for event in log.events if event.at <= now])
            for log in self._a.tickets.several(ids)
        ]
        lines = tuple(
            unclosed(
                ticket._replace(case_owner=self._who(ticket.case_owner)),
                self._a.policies.of(ticket.policy),
                masks.unit(ticket.caller.unit),
                now,
            )
            for ticket in tickets
            if ticket.open
        )
        told = self._told(((ticket, masks.unit(ticket.caller.unit)) for ticket in tickets), now)
        return self._summary(now, lines, told, Figures())

    def _who(self, login: str) -> str:
        return self._names.get(login, login)

    def _told(self, tickets: Iterable[tuple[Ticket, str]], now: Instant) -> _Told:
        told, start = _Told([], [], []), day_start(now)
        for ticket, unit in tickets:
            who = self._who(ticket.case_owner)
            found = facts(ticket, self._a.policies.of(ticket.policy), unit, timed=False)
            told.facts.append(found)
            told.broken.extend(broken_promises(ticket, found, who, start, now + 1))
            if (urgent := emergency(ticket, unit, who)) is not None:
                told.emergencies.append(urgent)
        return told

    def _summary(self, now: Instant, lines: tuple[Unclosed, ...], told: _Told, quiet: Figures) -> DaySummary:
        start, figures = day_start(now), tally_day(told.facts, now)
        rings = (
            Ring(call.at, call.answered_at, mask_phone(call.phone), call.seen_to)
            for call in self._days.calls(start, now + 1)
        )
        scores = [
            score
            for each in told.facts
            if each.spans[-1].ground not in WITHOUT_RESULT
            for at, score in each.scores
            if start <= at <= now
        ]
        return DaySummary(
            site=self._a.settings.site,
            now=now,
            figures=Figures(*map(sum, zip(figures, quiet, strict=True))),
            tickets=lines,
            emergencies=tuple(sorted(told.emergencies, key=lambda each: (each.since, each.number))),
            broken=tuple(sorted(told.broken, key=lambda each: (each.due_at, each.number, each.words))),
            calls=tally_calls(rings, now),
            stars=tuple(sorted(scores)),
        )

    def send(self, at: Instant | None) -> Sending:
        """Put the day's summary into the outbox for the group; the same one is never put there twice."""
        from frontdesk.sheets.summary_markdown import MESSAGE, message

        self._a.operator.writes()
        day = self.summary(at, outside=True)
        date = f"{local(day.now):%Y-%m-%d}"
        head, body = message(day, MESSAGE)
        enclosures, lacking = self._forms(day, date) if self._showing() else ((), "")
        posted = self._days.post_summary(self._a.now(), date, head, body, enclosures)
        return Sending(posted.edition, posted.new, lacking if posted.new else "")

    def _showing(self) -> bool:
        """Whether the group is reached by something that shows more than words."""
        from frontdesk.channels.notify.endpoints import GROUP, SHOWING
        from frontdesk.desk.delivery import notify_of

        try:
            route = notify_of(self._a).route(GROUP, GROUP)
        except BadInput:
            return True  # nothing leaves before the slip is mended, and then it may
        return any(endpoint.kind in SHOWING for endpoint in route)

    def _forms(self, day: DaySummary, date: str) -> tuple[tuple[Enclosure, ...], str]:
        """The summary as a page and as a picture, and why there is no picture; the words are worth sending without."""
        from frontdesk.domain.enclosure import HTML, PNG, Enclosure
        from frontdesk.sheets.summary_card import summary_png
        from frontdesk.sheets.summary_html import summary_html

        page = Enclosure(f"{date}.html", HTML, summary_html(day).encode())
        try:
            return (page, Enclosure(f"{date}.png", PNG, summary_png(day))), ""
        except DeskError as error:
            return (page,), str(error)
        except Exception as error:
            number = record_fault(self._a.settings.logs, error, self._a.now())
            return (page,), f"画图出错，编号 {number}，已记入日志。"
