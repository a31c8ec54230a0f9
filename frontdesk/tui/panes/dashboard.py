"""The dashboard's page: figures that recolour by the minute, a cursor on them, Enter lists the tickets behind one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.events import Click, Key, Resize

from frontdesk.domain.board import EMPTY, Board, BoardRow
from frontdesk.domain.dashboard import Dashboard
from frontdesk.domain.timing import MINUTE, Instant
from frontdesk.tui import overview
from frontdesk.tui.overview import Page
from frontdesk.tui.paper import Paper
from frontdesk.tui.plots import ASCII, BLOCKS
from frontdesk.tui.ticket_list import TicketList

_WAYS: Final = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}


class DashboardPane(Paper, can_focus=True):
    """Paints one `Dashboard` at one moment; only lines that read differently are painted again."""

    def __init__(self, wanted: Callable[[overview.Key], None], plain: Callable[[], bool]) -> None:
        """`wanted` hears of the figure on which Enter was pressed; `plain` says whether bars must be ASCII."""
        super().__init__(id="dashboard")
        self._wanted, self._plain = wanted, plain
        self._found: Dashboard | None = None
        self._now: Instant = 0
        self.page = Page((), (), 0, 0)
        self.at: overview.Key | None = None

    def display_figures(self, found: Dashboard, now: Instant) -> None:
        """Other figures; the cursor stays on its line, or goes to the first state that has a ticket."""
        self._found, self._now = found, now
        if self.at is None:
            filled = next((share.key for share in found.states(now) if share.size), "emergency")
            self.at = "state", filled
        self._paint()

    def tick(self, now: Instant) -> None:
        """Another minute may colour tickets anew; no I/O."""
        if now // MINUTE != self._now // MINUTE:
            self._now = now
            self._paint()

    def _paint(self) -> None:
        if self._found is None or not self.size.height:
            return
        pen = ASCII if self._plain() else BLOCKS
        size = self.size.width, self.size.height
        self.page = overview.paint(self._found, self._now, *size, pen, self.at)
        if all(spot.key != self.at for spot in self.page.spots):
            # Its line is gone: a category closed, or a smaller window.
            self.at = next((spot.key for spot in self.page.spots if spot.key[0] == "state"), None)
            self.page = overview.paint(self._found, self._now, *size, pen, self.at)
        self.show(self.page.lines)

    def on_resize(self, _event: Resize) -> None:
        """Paint for the new size."""
        self._paint()

    def on_key(self, event: Key) -> None:
        """Arrows move, Enter asks for the tickets."""
        if event.key in _WAYS:
            event.stop()
            self._go(overview.step(self.page.spots, self.at, *_WAYS[event.key]))
        elif event.key == "enter" and self.at is not None:
            event.stop()
            self._wanted(self.at)

    def on_click(self, event: Click) -> None:
        """A click moves the cursor, a second one opens."""
        for spot in self.page.spots:
            if spot.y == event.y and spot.x <= event.x < spot.x + spot.cells:
                if spot.key == self.at:
                    self._wanted(spot.key)
                self._go(spot.key)

    def _go(self, at: overview.Key | None) -> None:
        if at is not None and at != self.at:
            self.at = at
            self._paint()


class FoundList(TicketList):
    """The tickets behind a figure; Enter opens one."""

    def __init__(self, opened: Callable[[BoardRow], None]) -> None:
        super().__init__(id="found")
        self._opened = opened
        self._title = ""
        self.board: Board = EMPTY

    def offer(self, title: str, board: Board, now: Instant) -> None:
        """Other tickets."""
        self._title, self.board = title, board
        self.show(board, now)

    def heading(self) -> tuple[str, str]:
        """What they have in common, and where the cursor is."""
        place = f"{self._at + 1}/{len(self.items)}" if self.items else ""
        return f"{self._title}  共{len(self.items)}", place

    def choose(self) -> None:
        """Enter."""
        if (row := self.current) is not None:
            self._opened(row)
