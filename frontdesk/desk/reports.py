"""What leaves the desk as paper: the monthly sheet and the day's unclosed (R-S11-02, R-000-05)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from frontdesk.desk.access import Access
from frontdesk.domain.facts import TicketFacts, Unclosed, facts, unclosed
from frontdesk.domain.tallies import tally_day
from frontdesk.domain.tickets import fold
from frontdesk.domain.timing import DAY, Instant, day_start
from frontdesk.sheets.files import Written
from frontdesk.sheets.summary import DaySummary


class Reports:
    """Sheets and summaries, recomputed from the events each time."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the masks and the clock."""
        self._a = access

    def export(self, month: str, folder: Path | None = None) -> Written:
        """Write 顾客投诉分类统计表-`month`.xlsx (`YYYY-MM`); a second run over the same data changes nothing."""
        from frontdesk.desk.sheet_desk import SheetDesk

        return SheetDesk(self._a).export(month, folder)

    def _facts(self, opened_before: Instant, not_closed_before: Instant) -> Iterator[TicketFacts]:
        from frontdesk.desk.month_facts import month_facts

        return month_facts(self._a, opened_before, not_closed_before, not_closed_before)

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
