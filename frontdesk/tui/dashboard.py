"""看板 in the console: opened from the palette or in turn, read off the event loop, followed down to a ticket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from frontdesk.domain.board import Board, BoardRow
from frontdesk.domain.dashboard import PLEDGES, Dashboard
from frontdesk.domain.timing import DAY, HOUR, Instant
from frontdesk.tui.overview import Key, about
from frontdesk.tui.panes.dashboard import DashboardPane, FoundList

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView
    from frontdesk.tui.work import Work


class DashboardWork:
    """The page of figures, and the list that a figure leads to; made when it is first asked for."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._found: Dashboard | None = None
        self._listed: Key | None = None
        self.pane = DashboardPane(self.list_tickets, lambda: work.console.glass.ascii_only)
        self.list = FoundList(self._visit)
        work.desktop.mount_all([self.pane, self.list])

    @property
    def in_sight(self) -> bool:
        """Whether the page or its list is what the screen shows."""
        scene = self._work.desktop.scene
        return scene.page in ("dashboard", "found")

    def open(self) -> None:
        """Show what is known, read anew."""
        self._work.show_over(self.pane, "dashboard")
        self.reread()

    def reread(self) -> None:
        """The database has changed, or the page was opened: read the figures, off the loop."""
        desk = self._work.desk
        self._work.console.clerk.newest("dashboard", desk.dashboard.read, self._show, "dashboard")

    def _show(self, found: Dashboard) -> None:
        self._found = found
        self.pane.display_figures(found, self._work.now)
        if self._listed is not None and self._work.desktop.scene.page == "found":
            self._list(self._listed)

    def tick(self, now: Instant) -> None:
        """A second has passed."""
        self.pane.tick(now)
        self.list.tick(now)

    def back(self) -> None:
        """Esc: from the list to the figures."""
        self._listed = None
        self._work.show_over(self.pane, "dashboard")

    # --- the tickets behind a figure ---------------------------------------------------------------------------

    def list_tickets(self, key: Key) -> None:
        """Enter on a figure."""
        self._listed = key
        self._list(key)

    def _list(self, key: Key) -> None:
        found, desk = self._found, self._work.desk.dashboard
        if found is None:
            return
        topic, name = key
        now = self._work.now
        page = self.pane.page
        title = self._title(found, key, now)
        if topic in ("day", "hour"):
            first = int(name)
            last = first + (DAY if topic == "day" else HOUR)
            self._ask(key, title, lambda: desk.opened(first, last))
        elif topic == "pledge":
            ids = [each.ticket_id for each in found.promises if not name or each.state(now) == name]
            self._ask(key, title, lambda: desk.tickets(list(dict.fromkeys(ids))))
        else:
            most = page.categories if topic == "category" else page.owners
            self._offer(key, title, desk.listed(found.chosen(topic, name, now, most)))

    def _title(self, found: Dashboard, key: Key, now: Instant) -> str:
        topic, name = key
        words = about(found, now, key, self.pane.page.categories, self.pane.page.owners)
        if topic in ("day", "hour"):
            return f"{words.partition(' 新增')[0]} 受理的工单"
        if topic == "pledge":
            return f"今日到期的承诺{f'：{PLEDGES[name]}' if name else ''}"
        return f"未结：{words.rpartition(' ')[0] if topic == 'state' else words.split()[0]}"

    def _ask(self, key: Key, title: str, call: Callable[[], Board]) -> None:
        self._work.console.clerk.newest(
            "found", call, lambda board: self._offer(key, title, board), "dashboard"
        )

    def _offer(self, key: Key, title: str, board: Board) -> None:
        if key != self._listed:
            return
        if not board.rows and self._work.desktop.scene.page != "found":
            self._listed = None
            self._work.desktop.say("这里没有工单")
            return
        self.list.offer(title, board, self._work.now)
        if self._work.desktop.scene.page != "found":
            self._work.show_over(self.list, "found")

    def _visit(self, row: BoardRow) -> None:
        """Enter on a ticket: to it, wherever it is."""
        work = self._work

        def arrive(view: TicketView) -> None:
            self._listed = None
            work.tickets()
            work.attention.visit(view)

        work.console.clerk.ask("read", lambda: work.desk.tickets.by_id(row.id), arrive)
