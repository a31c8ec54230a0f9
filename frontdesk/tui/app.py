"""The console: one screen of dumb panes, one frozen board, intents handled one hop up (DESIGN §2, §10)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.theme import Theme

from frontdesk.domain.board import EMPTY, Board
from frontdesk.domain.errors import DeskError
from frontdesk.domain.terms import ROLES
from frontdesk.tui import keys
from frontdesk.tui.clerk import Clerk, Done
from frontdesk.tui.drafts import DraftKeeper
from frontdesk.tui.glass import Glass
from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.looks import INKS, theme_variables
from frontdesk.tui.panes.bars import key_line, message_line, status_line
from frontdesk.tui.panes.calls import CallPane
from frontdesk.tui.panes.detail import hurries, paint_ticket, ticket_title
from frontdesk.tui.paper import Paper
from frontdesk.tui.sheet import Sheet
from frontdesk.tui.ticket_list import TicketList

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView
    from frontdesk.tui.opening import Opening

THEME = Theme(
    name="frontdesk",
    primary=INKS["sky"].hex,
    accent=INKS["amber"].hex,
    foreground=INKS["text"].hex,
    background=INKS["ground"].hex,
    surface=INKS["raised"].hex,
    panel=INKS["bar"].hex,
    variables=theme_variables(),
)
REST = 0.2
"""Seconds the cursor rests on a ticket before its details are read: holding a key down costs one read, not thirty."""


class Console(App[int]):
    """The front desk's screen."""

    AUTO_FOCUS = "#tickets"
    CSS_PATH = "console.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.key, key.action, key.label, show=False, priority=key.key not in ("enter", "escape"))
        for key in keys.KEYS
        if key.action not in ("open",)
    ]
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-slim"), (80, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-low"), (24, "-tall")]
    TITLE = "物业前台"

    def __init__(self, opening: Opening, depth: int = 256, ascii_only: bool | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.register_theme(THEME)
        # Before anything is mounted, so that the theme costs no repaint.
        self.set_reactive(App.theme, THEME.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self._opening = opening
        self.glass = Glass(depth, bool(ascii_only))
        self.desk: Desk | None = None
        self.board: Board = EMPTY
        self.ticket: TicketView | None = None
        self.clerk = Clerk(self, self.sorry)
        self.drafts = DraftKeeper(self.clerk, self.set_timer)
        self.status, self.ring, self.message, self.keys = (Paper(id=name) for name in ("status", "ring", "message", "keys"))
        self.calls, self.tickets = CallPane(id="calls"), TicketList(id="tickets")
        self.detail, self.phrases = Sheet(id="detail"), Sheet(id="phrases")

    def compose(self) -> ComposeResult:
        """The tree is fixed; only the data changes."""
        yield self.status
        yield self.ring
        with Container(id="body"):
            with Container(id="left"):
                yield self.calls
                yield self.tickets
            with Container(id="right"):
                yield self.detail
                yield self.phrases
        yield self.message
        yield self.keys

    def on_mount(self) -> None:
        if self._opening.wait(0):
            self._opened()

    def _opened(self) -> None:
        self.desk = self._opening.desk
        assert self.desk
        assert self._opening.board
        self._fresh(self._opening.board)

    def _fresh(self, board: Board) -> None:
        now = self.desk.now()
        self.board = board
        self.calls.show(board.calls, now)
        self.tickets.show(board, now)
        self._bars()

    def on_resize(self):
        self._bars()

    def _bars(self):
        cells = self.size.width
        if self.desk:
            now = self.desk.now()
            self.status.show([status_line(self.desk.settings.site, self.desk.operator.name, ROLES[self.desk.operator.role], now, self.board.counts(now), cells)])
        self.keys.show([key_line(keys.bar(), cells)])

    def sorry(self, e): raise e
    def on_done(self, m: Done): m.deliver()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Only what differs from what the terminal shows goes out."""
        if renderable is None or self._batch_count or self.is_headless:
            super()._display(screen, renderable)
            return
        offset = getattr(self.focused, "cursor_screen_offset", None)
        shown = offset is not None
        if shown: self.cursor_position = offset
        super()._display(screen, self.glass.thin(renderable, self.size, self.cursor_position, shown))
