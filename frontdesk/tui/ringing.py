"""A call comes in: the bar, the window's title, the bell (at most once in two seconds, three times), never colour alone."""

from __future__ import annotations

from collections.abc import Sequence

from frontdesk.desk.views import CallerCard
from frontdesk.domain.board import CallLine
from frontdesk.domain.timing import Instant
from frontdesk.tui.panes.bars import ring_line
from frontdesk.tui.paper import Line

BELLS = 3
BELL_EVERY = 2
"""Seconds; PuTTY mutes a terminal that rings five times in two (findings)."""


class Ringing:
    """Which call rings, since when, what is known of the caller, and whether the bell is due."""

    def __init__(self) -> None:
        self.calls: tuple[CallLine, ...] = ()
        self.cards: dict[int, CallerCard] = {}
        self._bells: dict[int, int] = {}
        self._last_bell: Instant = 0

    @property
    def first(self) -> CallLine | None:
        """The call that has rung longest: the one F2 answers."""
        return min(self.calls, key=lambda call: (call.at, call.id), default=None)

    def hear(self, calls: Sequence[CallLine]) -> list[int]:
        """The calls as the board has them now; ids of ringing ones that nothing is known about yet."""
        self.calls = tuple(call for call in calls if call.state == "ringing")
        ringing = {call.id for call in self.calls}
        self.cards = {number: card for number, card in self.cards.items() if number in ringing}
        self._bells = {number: self._bells.get(number, BELLS) for number in ringing}
        return [number for number in ringing if number not in self.cards]

    def bell(self, now: Instant) -> bool:
        """True where the bell is to sound now; each call has three."""
        due = next((number for number, rest in self._bells.items() if rest), None)
        # Whole seconds: two that differ by two may lie hardly more than one apart.
        if due is None or now - self._last_bell <= BELL_EVERY:
            return False
        self._bells[due] -= 1
        self._last_bell = now
        return True

    def line(self, now: Instant, cells: int) -> Line:
        """The bar: what the card says, or what the call itself says while the card is being looked up."""
        call = self.first
        if call is None:
            return ()
        card = self.cards.get(call.id)
        words = (
            card.headline if card else "  ".join(part for part in (call.phone, call.unit, call.who) if part)
        )
        return ring_line(words, max(now - call.at, 0), len(self.calls) - 1, cells)
