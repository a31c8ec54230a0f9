"""The one screen: where panes stand, which has the keys, what the keys mean (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from frontdesk.domain.board import EMPTY, Board
from frontdesk.domain.terms import ROLES
from frontdesk.domain.timing import MINUTE
from frontdesk.tui import keys
from frontdesk.tui.glass import Panes
from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.panes.bars import key_line, message_line, status_line, unsent_chip
from frontdesk.tui.panes.calls import CallPane
from frontdesk.tui.paper import Paper, line
from frontdesk.tui.places import LEAST_COLUMNS, LEAST_ROWS, WIDE, Scene, places
from frontdesk.tui.sheet import Sheet
from frontdesk.tui.ticket_list import TicketList

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from frontdesk.desk import Desk
    from frontdesk.domain.timing import Instant
    from frontdesk.tui.app import Console
    from frontdesk.tui.form_pane import FormPane
    from frontdesk.tui.panes.menu import MenuPane
    from frontdesk.tui.panes.phrases import PhrasePane
    from frontdesk.tui.work import Work

STAY = {"text": 8.0, "good": 8.0, "warn": 30.0, "error": 120.0}
"""Seconds that a message stays, by its look."""
REREAD_SECONDS = 60
WRITES: Final = {"question_mark": "?", "fullwidth_question_mark": "？"}
"""The bound keys that write a character."""


class _Stage(Layout):
    """places.py as Textual's layout."""

    name = "stage"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Textual's question where the panes are."""
        assert isinstance(parent, Desktop)
        boxes = places(size.width, size.height, parent.scene)
        found = [(child, boxes.get(child.id or "")) for child in children]
        return [
            WidgetPlacement(Region(*box), NULL_OFFSET, NULL_SPACING, child) for child, box in found if box
        ]


class Divider(Paper):
    """The line between left and right."""

    def on_resize(self) -> None:
        """As tall as it is."""
        self.show([(("│", "faint"),)] * self.size.height)


class Desktop(Screen[None]):
    """Panes, keys and messages; what they set going is `Work`'s."""

    AUTO_FOCUS = "#tickets"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,fullwidth_question_mark", "press('help')", show=False),
        Binding("tab", "press('pane_beside')", show=False),
        Binding("shift+tab", "press('previous_pane')", show=False),
        *(
            Binding(key.key, f"press('{key.action}')", key.label, show=False, priority=key.key != "escape")
            for key in keys.KEYS
            if key.key != "enter"
        ),
    ]
    _stage = _Stage()

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._compositor = Panes()
        self._program = console
        self.scene = Scene()
        self.board: Board = EMPTY
        self.desk: Desk | None = None
        self.work: Work | None = None
        self._early: list[str] = []
        """What was pressed before there was a desk: a call rings while its database is brought up to date."""
        self.status, self.ring = Paper(id="status"), Paper(id="ring")
        self.message, self.keys, self.small = Paper(id="message"), Paper(id="keys"), Paper(id="small")
        self.calls, self.tickets = CallPane(id="calls"), TicketList(id="tickets")
        self.detail = Sheet(id="detail")
        self.unsent = 0
        """Notices that were given up, as of the board's last reading."""
        self._said: tuple[str, str] = ("", "text")
        self._hush: Timer | None = None
        self._sought: int | None = None

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        """Textual's: bindings from the focused pane up, without what a field on the way takes for text.

        Textual finds by name which character a key writes: a MiB of Unicode's names, to learn that F1 writes none.
        """
        nodes = self.focused.ancestors_with_self if self.focused is not None else [self, self.app]
        chain = [(node, node._bindings.copy()) for node in nodes]
        fields: list[DOMNode] = []
        for node, bindings in chain:
            for field in fields:
                for key in list(bindings.key_to_bindings):
                    if field.check_consume_key(key, WRITES.get(key)):
                        del bindings.key_to_bindings[key]
            if type(node).check_consume_key is not DOMNode.check_consume_key:
                fields.append(node)
        return chain

    @property
    def layout(self) -> Layout:
        """Ours, whatever the stylesheet says."""
        return self._stage

    def compose(self) -> ComposeResult:
        """What the first frame needs; `Work` mounts the rest after it. The tree is fixed, only the data changes."""
        yield from (self.status, self.ring, self.calls, self.tickets, Divider(id="divider"), self.detail)
        yield from (self.message, self.keys, self.small)

    # --- the desk ----------------------------------------------------------------------------------------------

    def open(self, desk: Desk, board: Board) -> None:
        """The desk is there: its board is the first frame."""
        self.desk = desk
        self.say("")
        self.board_changed(board)

    def settle(self) -> None:
        """After the first frame: the other panes, drafts, the watch, the clock."""
        from frontdesk.tui.work import Work

        assert self.desk is not None
        self.work = Work(self._program, self, self.desk)
        for name in self._early:
            self.call_later(self.action_press, name)
        self._early.clear()
        self._program.clerk.ask("read", self.desk.notices.failed, self._unsent)
        self.set_interval(1.0, self.tick)

    def _unsent(self, number: int) -> None:
        self.unsent = number
        self.bars()

    @property
    def now(self) -> Instant:
        """By the desk's clock; whole UTC seconds."""
        return self.desk.now() if self.desk is not None else 0

    def board_changed(self, board: Board) -> None:
        """Another board: cursors keep their tickets."""
        self.board = board
        self.calls.show(board.calls, self.now)
        self.tickets.show(board, self.now)
        if self._sought is not None and self.tickets.select(self._sought):
            self._sought = None
        self.bars()
        if self.work is not None:
            self.work.attention.board_changed()
            self.work.handover.board_changed()
            self.work.reread()

    def seek(self, ticket_id: int) -> None:
        """Put the cursor on a ticket, now or as soon as a board has it."""
        self._sought = None if self.tickets.select(ticket_id) else ticket_id

    def tick(self) -> None:
        """A second has passed: repaint what reads differently now."""
        now = self.now
        if now - self.board.at >= REREAD_SECONDS:
            self._program.reread()
        self.tickets.tick(now)
        self.bars()
        if self.work is not None:
            self.work.attention.tick(now)
            self.work.handover.tick(now)
            self.work.tick(now)

    # --- bars and messages -------------------------------------------------------------------------------------

    def bars(self) -> None:
        """Status, message and keys; each repaints only where it differs."""
        cells = self._program.size.width
        if self.desk is not None:
            who, now = self.desk.operator, self.now
            counts = self.board.counts(now)
            upset = self.work.attention.stopwatch.chip(now) if self.work is not None else ()
            upset += self.work.handover.chip if self.work is not None else ()
            upset += unsent_chip(self.unsent)
            site, role = self.desk.settings.site, ROLES[who.role]
            minute = now // MINUTE * MINUTE
            self.status.show([status_line(site, who.name, role, minute, counts, cells, upset)])
        self.message.show([message_line(*self._said, cells)])
        self.keys.show([key_line(self.work.key_bar() if self.work else keys.bar(), cells)])
        if cells < LEAST_COLUMNS or self._program.size.height < LEAST_ROWS:
            size = f"现在 {cells}x{self._program.size.height}，至少要 {LEAST_COLUMNS}x{LEAST_ROWS}"
            words = ("窗口太小", "error"), (size, "text"), ("拉大后接着用，写的都在", "text")
            self.small.show([line((text, look)) for text, look in words])

    def say(self, words: str, look: str = "text") -> None:
        """A line for the person; it stays a while, an error until something else is said."""
        self._said = (words, look)
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(STAY.get(look, 8.0), lambda: self.say("")) if words else None
        self.set_scene(message=bool(words))

    def _heard(self) -> None:
        """The next step is taken: at 80 columns the last success would hide the keys of the menu or form that opens now."""
        if self._said[1] in ("text", "good") and self._said[0]:
            self.say("")

    @property
    def said(self) -> str:
        """What the message line shows."""
        return self._said[0]

    def on_resize(self) -> None:
        """Another size of the terminal."""
        self._program.glass.reset()
        self.bars()

    # --- the scene ---------------------------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        """Two columns."""
        return self._program.size.width >= WIDE

    def set_scene(self, **changes: Any) -> None:
        """Something begins or ends: lay out anew where that moves anything."""
        scene = self.scene._replace(**changes)
        if scene != self.scene:
            before, self.scene = places(*self._program.size, self.scene), scene
            if places(*self._program.size, scene) != before:
                # A child's, since Textual keeps the arrangement until one of the children asks for another.
                self.keys.refresh(layout=True)
        self.bars()

    def in_sight(self, pane: str) -> bool:
        """True where the pane has a place on the screen now."""
        return pane in places(*self._program.size, self.scene)

    # --- what was pressed --------------------------------------------------------------------------------------

    def action_press(self, name: str) -> None:
        """A key of the key table, or the palette's entry for it."""
        self._heard()
        if name == "back" and self._said[0]:
            self.say("")
        self._program.settle()
        if name == "redraw":
            self._program.redraw()
        elif name == "command_palette":
            self._program.action_command_palette()
        elif self.work is None and name == "leave":
            self._program.exit(0)
        elif self.work is None:
            self._early.append(name)
        else:
            pressed: Callable[[], None] = getattr(self.work, name)
            pressed()

    # Intents of the panes go one hop up, to here, and stop.

    def on_list_pane_moved(self, message: ListPane.Moved) -> None:
        """A cursor stands on another item."""
        message.stop()
        if self.work is not None and message.pane is self.tickets:
            self.work.attention.ticket_moved()

    def on_list_pane_chosen(self, message: ListPane.Chosen) -> None:
        """Enter on a ticket or a call."""
        message.stop()
        self._heard()
        if self.work is None:
            return
        if message.pane is self.tickets:
            self.work.errands.ticket_menu()
        elif message.pane is self.calls:
            self.work.errands.call_menu(message.item)

    def on_phrase_pane_wanted(self, message: PhrasePane.Wanted) -> None:
        """Other phrases are looked for."""
        message.stop()
        if self.work is not None:
            self.work.writing.offer_phrases()

    def on_phrase_pane_insert(self, message: PhrasePane.Insert) -> None:
        """A phrase goes into the record."""
        message.stop()
        if self.work is not None:
            self.work.writing.insert(message.phrase)

    def on_menu_pane_taken(self, message: MenuPane.Taken) -> None:
        """A line of a menu was chosen."""
        message.stop()
        if self.work is not None:
            self.work.close_menu()
            message.choice.run()

    def on_form_pane_edited(self, message: FormPane.Edited) -> None:
        """Something was filled in."""
        message.stop()
        if self.work is not None:
            self.work.errands.edited(message.filling, message.name)

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """The record was written on."""
        message.stop()
        if self.work is not None:
            self.work.writing.written(message.text_area.text)

    def on_descendant_focus(self) -> None:
        """The key bar changes with the pane."""
        self.bars()
