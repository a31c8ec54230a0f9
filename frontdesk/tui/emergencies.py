"""The emergency board at work: opens when a plan is opened; Enter has read out, F2 attaches the caller (A-DAY 09:15)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from frontdesk.desk.emergency_view import Attached, EmergencyView, Running
from frontdesk.domain.errors import Refused
from frontdesk.tui.panes.emergency import EmergencyPane, board_title, paint_board

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView
    from frontdesk.domain.plans import Plan
    from frontdesk.tui.work import Work

PANE = "emergency"
Answer = TypeVar("Answer")


class Emergencies:
    """Which emergencies run, which one the keys mean."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._board = Running((), ())
        self._at: int | None = None
        """The row id of the chosen one."""
        self._busy = False
        self.pane = EmergencyPane(self._choose, self._read_out, id=PANE)

    # --- coming and going --------------------------------------------------------------------------------------

    def offer(self, view: TicketView) -> None:
        """A ticket has been confirmed urgent: the plan that it leads to is offered at once, and Enter opens it."""
        work = self._work
        if view.priority != "urgent" or view.plan or "plan" not in view.moves:
            return

        def found(plan: Plan | None) -> None:
            if plan is not None and work.view is not None and work.view.id == view.id:
                work.errands.start("plan", unasked=True)

        work.console.clerk.ask("read", lambda: work.desk.emergencies.likely(view.number), found)

    def noted(self, view: TicketView, text: str) -> None:
        """A record was saved: where it tells of an emergency, its plan is offered."""
        work = self._work

        def found(plan: Plan | None) -> None:
            if (
                plan is not None
                and work.view is not None
                and work.view.id == view.id
                and not work.desktop.scene.task
            ):
                work.desktop.say(f"记录里说的是突发：{plan.title}。回车打开预案，不是就按 Esc", "warn")
                work.errands.start("plan", unasked=True)

        if "plan" in view.moves and not view.plan and not view.incident:
            work.console.clerk.ask("read", lambda: work.desk.emergencies.noted(view.number, text), found)

    def show(self, ticket_id: int | None = None) -> None:
        """The board over the whole screen, the given emergency chosen."""
        if ticket_id is not None:
            self._turn(ticket_id)
        self._work.desktop.set_scene(full=PANE, aside="", page="")
        if not self._work.desktop.scene.task:
            self._work.focus(self.pane)
        self._paint(keep_place=False)
        self.reread()

    def leave(self) -> None:
        """Back to the panes."""
        if self.shown:
            self._work.desktop.set_scene(full="")
            self._work.focus(self._work.desktop.tickets)

    @property
    def shown(self) -> bool:
        """Whether the board has the screen."""
        return self._work.desktop.scene.full == PANE

    def reread(self) -> None:
        """Somebody has written: read the emergencies again, off the loop, while they are looked at."""
        if self.shown:
            self._work.console.clerk.newest("emergencies", self._work.desk.emergencies.running, self._fresh)

    def _fresh(self, found: Running) -> None:
        self._board = found
        if found.emergencies and all(each.id != self._at for each in found.emergencies):
            self._turn(found.emergencies[0].id)
        self._paint()

    def _turn(self, ticket_id: int) -> None:
        """Choose one: the ticket's own keys (F7, F8) mean it too."""
        self._at = ticket_id
        self._work.attention.follow(ticket_id)

    @property
    def _found(self) -> tuple[EmergencyView, ...]:
        return self._board.emergencies

    def tick(self) -> None:
        """A second has passed: what counts in seconds is painted anew."""
        if self.shown:
            self._paint()

    def _paint(self, keep_place: bool = True) -> None:
        board, place, now = self._board, self._place, self._work.now
        title = board_title(board.emergencies, place)
        self.pane.write(title, partial(paint_board, board, place, now), keep_place=keep_place)

    @property
    def _place(self) -> int:
        return next((place for place, each in enumerate(self._found) if each.id == self._at), 0)

    @property
    def _current(self) -> EmergencyView | None:
        return self._found[self._place] if self._found else None

    # --- keys --------------------------------------------------------------------------------------------------

    def _choose(self, digit: int) -> None:
        """Another emergency; the digit of the one that is chosen already opens what can be done to it."""
        if digit > len(self._found):
            return
        each = self._found[digit - 1]
        if each.id == self._at:
            self._menu(each)
            return
        self._turn(each.id)
        self._paint(keep_place=False)

    def _menu(self, each: EmergencyView) -> None:
        work = self._work

        def read(view: TicketView) -> None:
            work.attention.visit(view)
            if self.shown:
                work.focus(self.pane)
            work.errands.ticket_menu()

        work.console.clerk.ask("read", lambda: work.desk.tickets.by_id(each.id), read)

    def _read_out(self) -> None:
        """Enter: it has been read out, the next ten minutes begin."""
        each, work = self._current, self._work
        if each is None or self._busy:
            return

        def told(_answer: tuple[TicketView, str]) -> None:
            tickets = f"，{1 + each.members} 张单都记了" if each.members else ""
            work.desktop.say(f"{each.number} 已通报{tickets}，群里同发", "good")

        self._do(lambda: work.desk.emergencies.tell(each.number, each.bulletin.text, each.heard), told)

    def attach(self) -> None:
        """F2: whoever rings, or has just called, joins the chosen emergency and hears the same."""
        each, desk = self._current, self._work.desk
        if each is None or self._busy:
            return

        def call() -> Attached:
            caller = desk.emergencies.next_caller()
            if caller is None:
                raise Refused("没有正在响或刚来的来电。来电响铃时按 F2 就附上。")
            return desk.emergencies.attach_caller(each.number, caller.id)

        def done(answer: Attached) -> None:
            where = "另开" if answer.opened else "记在"
            self._work.desktop.say(f"来电已附上，{where} {answer.view.number}。请照上面念给来电人", "good")

        self._do(call, done)

    def _do(self, call: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        """To the desk once: a key that is pressed twice does nothing twice."""
        work, self._busy = self._work, True

        def done(answer: Answer) -> None:
            self._busy = False
            then(answer)
            work.console.reread()
            self.reread()

        def failed(error: Exception) -> None:
            self._busy = False
            work.console.sorry(error)
            self.reread()

        work.console.clerk.ask("write", call, done, failed)
