"""The board: one frozen value is all of the screen's state, recoloured for any later moment without I/O (DESIGN §2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from frontdesk.domain.timing import MINUTE, Instant

FACES = {
    "emergency": ("急", "应急"),
    "breached": ("红", "超时"),
    "at_risk": ("近", "将超"),
    "escalated": ("移", "上移"),
    "new": ("新", "待应"),
    "paused": ("停", "挂起"),
    "follow_up": ("访", "回访"),
    "working": ("办", "处理"),
    "closed": ("结", "已闭"),
}
"""State → (hanzi in reverse video, word), DESIGN §10. The hanzi carries the meaning; colour only repeats it."""

EMERGENCY_WORDS = {"on_site": "到场", "repair": "修复", "progress": "通报", "first_response": "待应"}


class BoardRow(NamedTuple):
    """One open ticket as the store's cache holds it. `unit` is sealed until it is painted; see `Board.unit_of`."""

    id: int
    number: str
    kind: str
    category: str
    priority: str
    status: str
    base: str
    due_kind: str
    due_at: Instant
    risk_at: Instant
    level: int
    title: str
    unit: bytes | None
    case_owner: str
    opened_at: Instant

    def look(self, now: Instant) -> str:
        """The key into `FACES` at that moment."""
        if self.base == "emergency":
            return "emergency"
        if now >= self.due_at:
            return "breached"
        return "at_risk" if now >= self.risk_at else self.base

    def sla(self, now: Instant) -> str:
        """on_track, at_risk, breached or paused, as JSON names it (DESIGN §8)."""
        if now >= self.due_at:
            return "breached"
        if now >= self.risk_at:
            return "at_risk"
        return "paused" if self.base == "paused" else "on_track"

    def word(self, now: Instant) -> str:
        """The two hanzi beside the chip."""
        look = self.look(now)
        if look == "emergency":
            return "超时" if now >= self.due_at else EMERGENCY_WORDS.get(self.due_kind, "应急")
        return FACES[look][1]

    def remaining(self, now: Instant) -> str:
        """`剩03:10`, `超01:42` as hours:minutes; within the last ten minutes `剩 9:59` as minutes:seconds (DESIGN §10)."""
        if self.due_at >= NEVER:
            return "待回访" if self.base == "follow_up" else "－"
        left = self.due_at - now
        word = "超" if left <= 0 else "剩"
        if 0 < left < 10 * MINUTE:
            return f"{word}{left // 60:2d}:{left % 60:02d}"
        minutes = abs(left) // MINUTE
        if minutes >= 100 * 60:
            return f"{word}{minutes // 1440}天"
        return f"{word}{minutes // 60:02d}:{minutes % 60:02d}"


NEVER: Instant = 1 << 40


class CallLine(NamedTuple):
    """One call of the call pane, already masked for the reader's role. `ticket` is the ticket it was attached to."""

    id: int
    at: Instant
    state: str
    phone: str
    who: str
    unit: str
    open_tickets: int
    ticket: str
    answered_by: str
    picked_up: str = ""
    """T8: met, late, or empty while it may still be met."""
    seen_to_by: str = ""
    """Who has dealt with a missed call in another way than by answering it."""


class Counts(NamedTuple):
    """Red, near, emergency, open, and today's intake, for the status line."""

    breached: int
    at_risk: int
    emergency: int
    open: int
    today: int


class Board:
    """Open tickets sorted by what is due next (emergencies first), the calls that matter, and who may read what.

    Frozen by convention: made once by a reader, never changed; `counts` and the rows' looks are functions of `now`.
    """

    __slots__ = ("_alarms", "_dues", "_emergencies", "_risks", "at", "calls", "rows", "today", "unit_of")

    def __init__(
        self,
        at: Instant,
        rows: Sequence[BoardRow],
        calls: tuple[CallLine, ...],
        today: int,
        unit_of: Callable[[bytes | None], str],
    ) -> None:
        """`rows` come from the store sorted: emergencies first, then by `due_at`."""
        self.at, self.rows, self.calls, self.today, self.unit_of = at, rows, calls, today, unit_of
        self._emergencies = 0
        for row in rows:
            if row.base != "emergency":
                break
            self._emergencies += 1
        self._alarms = [row.due_at for row in rows[: self._emergencies]]
        others = rows[self._emergencies :]
        self._dues = [row.due_at for row in others]
        self._risks = sorted([row.risk_at for row in others])

    def counts(self, now: Instant) -> Counts:
        """Two bisections: the cost of a tick does not grow with what is open (DESIGN §12)."""
        late = bisect_right(self._dues, now)
        near = bisect_right(self._risks, now) - late
        return Counts(late, near, self._emergencies, len(self.rows), self.today)

    def index(self, ticket_id: int) -> int | None:
        """Where the ticket with that id stands now, or None; cursors hold ids, never positions."""
        return next((place for place, row in enumerate(self.rows) if row.id == ticket_id), None)

    def changes(self, before: Instant, now: Instant) -> int:
        """How often a ticket changed its look or its word in (before, now]; 0: only the countdowns have moved."""
        return sum(
            bisect_right(moments, now) - bisect_right(moments, before)
            for moments in (self._alarms, self._dues, self._risks)
        )


EMPTY = Board(0, (), (), 0, lambda _sealed: "")
