"""Open tickets by what is due next: state, time left, unit, what it is about, number (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from textual.events import Key

from frontdesk.domain.board import EMPTY, FACES, Board, BoardRow
from frontdesk.domain.timing import Instant
from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.paper import Line
from frontdesk.tui.text import clean, fit, width

_STATE, _LEFT, _NUMBER = 8, 8, 9
_UNIT_LEAST, _UNIT_MOST, _SAMPLE = 6, 15, 50
"""The column of units is as wide as the first rows need: full units and masked ones (T19) differ much."""


class TicketList(ListPane[BoardRow]):
    """The board's rows; costs nothing for what is out of sight, so 100,000 open tickets are as quick as twenty."""

    heads = 1

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._board: Board = EMPTY
        self._now: Instant = 0
        self.drafts: Mapping[int, str] = {}
        self._unit_cells = _UNIT_LEAST
        self._told: dict[int, tuple[str, str, str]] = {}
        self.seek: Callable[[str], None] | None = None
        """Takes what is typed into the list."""

    def on_key(self, event: Key) -> None:
        """Whatever can be typed looks for tickets, owners and pages of the handbook; `?` asks for help."""
        character = event.character or ""
        if self.seek is not None and character.isprintable() and character.strip() and character not in "?？":
            event.stop()
            self.seek(character)

    def identify(self, item: BoardRow) -> int:
        """The ticket's id."""
        return item.id

    def place(self, identity: Hashable) -> int | None:
        """Where the ticket stands on the board now."""
        return self._board.index(identity) if isinstance(identity, int) else None

    def show(self, board: Board, now: Instant) -> None:
        """Another board."""
        self._board, self._now = board, now
        widest = max((width(self._unit(row)) for row in board.rows[:_SAMPLE]), default=0)
        self._unit_cells = max(_UNIT_LEAST, min(widest + 1, _UNIT_MOST))
        self.fill(board.rows)

    def tick(self, now: Instant) -> None:
        """Repaint the rows in sight whose state or time left reads differently than before."""
        then, self._now, before = self._now, now, self._told
        rows = [(at, self.items[at]) for at in self.in_sight]
        self._told = {row.id: _read(row, now) for _, row in rows}
        self.repaint_items(
            [at for at, row in rows if self._told[row.id] != (before.get(row.id) or _read(row, then))]
        )

    def mark(self, drafts: Mapping[int, str]) -> None:
        """Ticket ids with a text that has not been saved yet."""
        changed = {number for number in drafts if drafts[number]} ^ {n for n in self.drafts if self.drafts[n]}
        self.drafts = dict(drafts)
        if changed:
            self.repaint_items([at for at in self.in_sight if self.items[at].id in changed])

    def face(self, item: BoardRow) -> Hashable:
        """The row and what time makes of it."""
        return item, _read(item, self._now), bool(self.drafts.get(item.id)), self._unit_cells

    def heading(self) -> tuple[str, str]:
        """How many there are and where the cursor is."""
        place = f"{self._at + 1}/{len(self.items)}" if self.items else ""
        return f"未结工单 F3  共{len(self.items)}  按时限排序", place

    def head(self, cells: int) -> Line:
        """Names of the columns."""
        unit, summary = self._unit_cells, self._summary_cells(cells)
        names = (("状态", _STATE), ("剩余", _LEFT), ("房号", unit), ("摘要", summary), ("单号", _NUMBER))
        return tuple((fit(name, size), "head") for name, size in names)

    def paint(self, item: BoardRow, cells: int, cursor: bool) -> Line:
        """`急 到场  剩11:20  ···02  电梯困人..  1122-07`."""
        look, word, left = _read(item, self._now)
        draft = "[稿] " if self.drafts.get(item.id) else ""
        room = self._summary_cells(cells) - 1
        matter = item.category.rpartition("-")[2]
        summary = clean(f"{matter} {item.title}" if matter else item.title)
        return (
            (FACES[look][0], f"chip-{look}"),
            (fit(f" {word}", _STATE - 2), f"word-{look}"),
            (fit(left, _LEFT), "text"),
            (fit(self._unit(item), self._unit_cells), "text"),
            (draft, "warn"),
            (fit(summary, room - width(draft)) + " ", "text"),
            (fit(item.number[2:], _NUMBER), "dim"),
        )

    def _unit(self, item: BoardRow) -> str:
        return clean(self._board.unit_of(item.unit))

    def _summary_cells(self, cells: int) -> int:
        return max(cells - _STATE - _LEFT - self._unit_cells - _NUMBER, 5)


def _read(row: BoardRow, now: Instant) -> tuple[str, str, str]:
    return row.look(now), row.word(now), row.remaining(now)
