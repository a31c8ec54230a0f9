"""What leaves the desk as paper: the monthly sheet and the day's unclosed (R-S11-02, R-000-05)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from frontdesk.desk.access import Access
from frontdesk.domain.facts import TicketFacts, Unclosed, facts, unclosed
from frontdesk.domain.privacy import mask_unit
from frontdesk.domain.tallies import month_details, tally_day, tally_month
from frontdesk.domain.tickets import fold
from frontdesk.domain.timing import DAY, Instant, day_start, month_bounds
from frontdesk.sheets.files import Written
from frontdesk.sheets.summary import DaySummary


class Reports:
    """Sheets and summaries, recomputed from the events each time."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the masks and the clock."""
        self._a = access

    def export(self, month: str, folder: Path | None = None) -> Written:
        """Write 顾客投诉分类统计表-`month`.xlsx (`YYYY-MM`); a second run over the same data changes nothing.

        Always masked as an ordinary agent would see it, whoever exports: the file leaves the house.
        """
        from frontdesk.sheets.complaint_sheet import Meta, file_name, write_month

        start, end = month_bounds(month)
        now = self._a.now()
        found = list(self._facts(end, start))
        tally = tally_month(found, month, now)
        place = (folder.expanduser() if folder else self._a.settings.exports) / file_name(month)
        place.parent.mkdir(parents=True, exist_ok=True)
        meta = Meta(self._a.settings.site, now, tuple(self._a.categories.all))
        return write_month(tally, month_details(found, tally), place, meta)

    def _facts(self, opened_before: Instant, not_closed_before: Instant) -> Iterator[TicketFacts]:
        names = self._a.names()
        for log in self._a.tickets.logs(opened_before, not_closed_before, unseal=True):
            unit, owner = mask_unit(log.ticket.caller.unit), log.ticket.case_owner
            yield facts(
                log.ticket._replace(case_owner=names.get(owner, owner)),
                self._a.policies.of(log.ticket.policy),
                unit,
            )

    @staticmethod
    def end_of_day(day: Instant) -> Instant:
        """The last second of the Shanghai day that an instant falls on."""
        return day_start(day) + DAY - 1

    def summary(self, at: Instant | None = None) -> DaySummary:
        """The day's unclosed with who follows each, and what the day came to; as of `at`, now if None."""
        now = self._a.now() if at is None else min(at, self._a.now())
        names = self._a.names()
        lines: list[Unclosed] = []
        today: list[TicketFacts] = []
        for log in self._a.tickets.logs(now + 1, day_start(now), unseal=True):
            ticket = fold(log.number, [event for event in log.events if event.at <= now])
            policy, unit = self._a.policies.of(ticket.policy), self._a.masks.unit(ticket.caller.unit)
            today.append(facts(ticket, policy, unit))
            if ticket.open:
                owner = names.get(ticket.case_owner, ticket.case_owner)
                lines.append(unclosed(ticket._replace(case_owner=owner), policy, unit, now))
        return DaySummary(self._a.settings.site, now, tally_day(today, now), tuple(lines))
