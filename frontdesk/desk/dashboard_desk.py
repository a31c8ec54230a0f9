"""The dashboard's use cases: today in figures, and the tickets behind a figure. Call them off the event loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from frontdesk.desk.access import Access
from frontdesk.domain.board import Board, BoardRow
from frontdesk.domain.dashboard import DAYS, Dashboard, Pledge, days, hours, pledges
from frontdesk.domain.timing import DAY, HOUR, Instant, day_start

if TYPE_CHECKING:
    from frontdesk.store.dashboard import Flow

MOST = 2_000
"""Tickets of a day that are listed at most; whoever wants more exports them."""


class DashboardDesk:
    """Figures of the day for everybody at the desk; no role sees more of a person here than on the board."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the masks and the clock."""
        self._a = access

    @cached_property
    def _flow(self) -> Flow:
        from frontdesk.store.dashboard import Flow

        return Flow(self._a.db)

    def read(self) -> Dashboard:
        """Today as it stands now, in one snapshot."""
        now, flow = self._a.now(), self._flow
        today = day_start(now)
        by_hour = [today + place * HOUR for place in range(DAY // HOUR + 1)]
        by_day = [today - place * DAY for place in range(DAYS - 1, -2, -1)]
        with self._a.db.read():
            rows = self._a.open_tickets.rows()
            trend = list(zip(flow.opened(by_day), flow.closed(by_day), strict=True))
            calls = flow.calls(today, today + DAY)
            by_hours = hours(today, now, flow.opened(by_hour), flow.closed(by_hour), calls)
            promises = self._promises(today)
        return Dashboard(
            now,
            rows,
            by_hours,
            days(by_day[0], trend, len(rows)),
            promises,
            self._a.names(),
            self._a.unit_of,
        )

    def _promises(self, day: Instant) -> tuple[Pledge, ...]:
        found: list[Pledge] = []
        for log in self._a.tickets.several(self._flow.promised(day, day + DAY), unseal=False):
            found += pledges(log.id, log.ticket.promises, log.ticket.ended_at, day)
        return tuple(found)

    def opened(self, first: Instant, last: Instant) -> Board:
        """The tickets opened in [first, last), the newest first, as a board without calls."""
        return self.listed(self._flow.opened_between(first, last, MOST))

    def tickets(self, ids: Sequence[int]) -> Board:
        """The tickets with these row ids, as a board without calls."""
        return self.listed(self._flow.rows(ids))

    def listed(self, rows: Sequence[BoardRow]) -> Board:
        """These tickets as a board without calls."""
        return Board(self._a.now(), rows, (), 0, self._a.unit_of)
