"""What the desk attends to: who rings, and which ticket is worked on, read anew whenever either changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from frontdesk.desk.views import CallerCard, TicketView
from frontdesk.domain.timing import MINUTE, Instant
from frontdesk.tui.panes.detail import hurries, paint_ticket, ticket_title
from frontdesk.tui.ringing import Ringing
from frontdesk.tui.sheet import prose
from frontdesk.tui.stopwatch import Stopwatch
from frontdesk.tui.terminal import title

if TYPE_CHECKING:
    from frontdesk.tui.work import Work

REST = 0.2
"""Seconds the cursor rests on a ticket before its details are read: holding a key down costs one read, not thirty."""
RANG_OUT = 5
"""Seconds between two looks at a call that rings: one that has rung out is missed without anybody writing so."""

HANDBOOK_SECONDS = 10
"""How often the handbook's files are looked at: a manager edits them while consoles are open."""


class Attention:
    """The ringing calls and the ticket under the cursor."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.view: TicketView | None = None
        self.ringing = Ringing()
        self._moved = 0
        self._visiting: int | None = None
        self._painted: Instant = 0
        self._turn = work.now // HANDBOOK_SECONDS
        self.stopwatch = Stopwatch()
        self._title = ""

    def board_changed(self) -> None:
        """Look at the ticket that is worked on again, hear who rings."""
        view, desktop = self.view, self._work.desktop
        if view is not None and not desktop.tickets.has_focus and desktop.board.index(view.id) is None:
            # Ended by somebody else while it is being worked on here: a sentence stays with the ticket it was begun on.
            self._visiting = view.id
        self.look(at_once=True)
        self._work.emergencies.reread()
        for call_id in self.ringing.hear(self._work.desktop.board.calls):
            self._work.console.clerk.ask("read", partial(self._work.desk.calls.card, call_id), self._known)
        self._ring(self._work.now)

    def _known(self, card: CallerCard) -> None:
        self.ringing.cards[card.call_id] = card
        self._ring(self._work.now)

    def _ring(self, now: Instant) -> None:
        rings = self.ringing.first is not None
        self._work.desktop.ring.show([self.ringing.line(now, self._work.console.size.width)])
        if rings != self._work.desktop.scene.ringing:
            self._work.desktop.set_scene(ringing=rings)
            self._work.writing.offer_phrases()
        if self.ringing.bell(now):
            self._work.console.send("\a")
        name = self._work.console.TITLE
        wanted = f"【响铃】{name}" if rings else f"{name} {self._work.desk.settings.site}"
        if wanted != self._title:
            self._title = wanted
            self._work.console.send(title(wanted))

    def tick(self, now: Instant) -> None:
        """A second has passed."""
        self._ring(now)
        self._work.emergencies.tick()
        if (turn := now // HANDBOOK_SECONDS) != self._turn:
            self._turn = turn
            self._work.writing.look_at_handbook()
        words, look = self.stopwatch.tick(now)
        if words:
            self._work.desktop.say(words, look)
        if self.view is not None and (hurries(self.view, now) or now // MINUTE != self._painted // MINUTE):
            self._paint_view(keep_place=True)
        if self.ringing.calls and now - self._work.desktop.board.at >= RANG_OUT:
            self._work.console.reread()

    def upset_again(self) -> None:
        """A person says so: where it counts already it goes on when the call ends."""
        if self.stopwatch.runs:
            self.stopwatch.keep()
            self._work.desktop.say("激动计时继续，开单以后也不停；平静了再停", "warn")
        else:
            self.upset(call=self._work.errands.taking.slot)

    def upset(self, reasons: str = "", call: str = "") -> None:
        """The owner is upset: count, and show how the standards lead such a call (R-S1-05…07)."""
        if self.stopwatch.start(self._work.now, call):
            # What to do comes first: at 80 columns the reasons may run out of the line.
            because = f"（{reasons}）" if reasons else ""
            self._work.desktop.say(f"业主情绪激动，先安抚；三到五分钟未缓和就上移{because}", "warn")
            self._work.writing.offer_phrases()
            self._work.desktop.bars()

    def calm(self) -> None:
        """Calm again, or handed up: stop counting."""
        self.stopwatch.stop()
        self._work.writing.offer_phrases()
        self._work.desktop.bars()

    # --- the ticket under the cursor ---------------------------------------------------------------------------

    def ticket_moved(self) -> None:
        """Read the details once the cursor rests; what is written belongs to the ticket under it at once."""
        if self._visiting is not None and not self._work.desktop.tickets.has_focus:
            return
        self._moved += 1
        self._visiting = None
        self._work.writing.turn_page(self.target)
        self._work.console.clerk.forget("view")
        mine = self._moved
        self._work.desktop.set_timer(REST, lambda: self.look() if mine == self._moved else None)

    @property
    def target(self) -> int | None:
        """The id of the ticket that is worked on: the one under the cursor, or one that was called up by its number."""
        row = self._work.desktop.tickets.current
        return self._visiting or (row.id if row is not None else None)

    def visit(self, view: TicketView) -> None:
        """Work on a ticket wherever it is: on the board by its cursor, else, being closed, as a guest in the detail."""
        self._work.desktop.seek(view.id)
        row = self._work.desktop.tickets.current
        self._visiting = None if row is not None and row.id == view.id else view.id
        self._work.focus(self._work.desktop.tickets)
        self.show_view(view)

    def follow(self, ticket_id: int) -> None:
        """Work on that ticket of the board without giving the list the keys."""
        self._visiting = None
        self._work.desktop.seek(ticket_id)

    def catch_up(self, then: Callable[[], None]) -> None:
        """Go on once the ticket that is worked on is the one that is shown; a cursor that has just moved is ahead of it."""
        target = self.target
        if target is None or (self.view is not None and self.view.id == target):
            then()
            return

        def read(view: TicketView) -> None:
            if view.id == self.target:
                self._show(view)
            then()

        self._work.console.clerk.newest("catch up", lambda: self._work.desk.tickets.by_id(target), read)

    def look(self, at_once: bool = False) -> None:
        """Read the ticket that is worked on, off the loop."""
        target = self.target
        if target is None:
            self._show(None)
        elif at_once or self.view is None or self.view.id != target:
            self._work.console.clerk.newest("view", lambda: self._work.desk.tickets.by_id(target), self._show)

    def _show(self, view: TicketView | None) -> None:
        other = (view.id if view else None) != (self.view.id if self.view else None)
        self.view = view
        self._paint_view(keep_place=not other)
        self._work.writing.turn_to(view)
        self._work.writing.offer_phrases()

    def show_view(self, view: TicketView) -> None:
        """A ticket as a use case has just left it; the board follows. Whoever has gone on to another is not called back."""
        if self.target in (None, view.id):
            self._show(view)
        self._work.console.reread()

    def _paint_view(self, keep_place: bool) -> None:
        pane, view, self._painted = self._work.desktop.detail, self.view, self._work.now
        if view is None:
            pane.write("没有未结工单", prose(""))
        else:
            now = self._painted
            pane.write(
                ticket_title(view), lambda cells: paint_ticket(view, now, cells), keep_place=keep_place
            )
