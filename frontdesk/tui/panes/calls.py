"""Who calls: ringing, being answered, missed and not yet called back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from frontdesk.domain.board import CallLine
from frontdesk.domain.terms import CALL_STATES
from frontdesk.domain.timing import Instant, clock
from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.paper import Line
from frontdesk.tui.text import clean, fit

_LOOKS: Final = {"ringing": "chip-emergency", "answered": "chip-new", "missed": "chip-at_risk", "done": "dim"}


class CallPane(ListPane[CallLine]):
    """The calls that still need somebody."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._now: Instant = 0

    def show(self, calls: Sequence[CallLine], now: Instant) -> None:
        """Other calls."""
        self._now = now
        if not self.has_focus:
            self._at, self._held = 0, None
        self.fill(calls)

    def identify(self, item: CallLine) -> Hashable:
        """The call's id."""
        return item.id

    @property
    def shows_cursor(self) -> bool:
        """Only while the keys go here: the ticket under the other cursor is what is being worked on."""
        return self.has_focus

    def face(self, item: CallLine) -> Hashable:
        """The line and the day it is shown on."""
        return item, clock(item.at, self._now)

    def heading(self) -> tuple[str, str]:
        """How many wait."""
        waiting = sum(1 for item in self.items if item.state in ("ringing", "missed"))
        return "来电 F2", f"待处理 {waiting}" if waiting else "没有待处理来电"

    def paint(self, item: CallLine, cells: int, cursor: bool) -> Line:
        """`响铃  10:05  138****5678  ···02 欧阳**  未结2  1122-07`."""
        about = [item.unit, item.who]
        if item.open_tickets:
            about.append(f"未结{item.open_tickets}件")
        if item.ticket:
            about.append(f"已开 {item.ticket[2:]}")
        elif item.answered_by:
            about.append(f"{item.answered_by} 接")
        return (
            (CALL_STATES[item.state], _LOOKS[item.state]),
            (fit(f" {clock(item.at, self._now)}", 11), "text"),
            (fit(clean(item.phone), 16), "text"),
            (clean("  ".join(part for part in about if part)), "text"),
        )
