"""The list of open tickets: identity over position, and nothing done for rows out of sight."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region

from frontdesk.domain.board import Board, BoardRow
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.tui.ticket_list import TicketList
from tests.builders import TEN


def row(number: int, due_in: int = 0, base: str = "working") -> BoardRow:
    """A ticket that is due so many seconds after ten, at risk one hour before."""
    due = TEN + (due_in or number * HOUR)
    return BoardRow(
        id=number, number=f"261122-{number:02d}", kind="repair", category="工程维修-电梯", priority="normal",
        status="accepted", base=base, due_kind="resolution", due_at=due, risk_at=due - HOUR, level=0,
        title=f"第{number}件", unit=b"x", case_owner="lin", opened_at=TEN,
    )  # fmt: skip


def board(rows: list[BoardRow]) -> Board:
    return Board(TEN, rows, (), 0, lambda sealed: "···02" if sealed else "")


class Alone(App[None]):
    """Nothing but the list; counts what it repaints and paints."""

    def __init__(self) -> None:
        super().__init__()
        self.list = Counted()

    def compose(self) -> ComposeResult:
        yield self.list


class Counted(TicketList):
    """Remembers the regions it asked to repaint and the rows it painted."""

    def __init__(self) -> None:
        super().__init__()
        self.regions: list[Region] = []
        self.painted: list[int] = []

    def refresh(self, *regions: Region, **more: Any) -> Any:
        self.regions += regions or (Region(0, 0, 0, 0),)
        return super().refresh(*regions, **more)

    def paint(self, item: BoardRow, cells: int, cursor: bool) -> Any:
        self.painted.append(item.id)
        return super().paint(item, cells, cursor)

    @property
    def at(self) -> int:
        """The ticket under the cursor."""
        assert self.current is not None
        return self.current.id


@asynccontextmanager
async def alone(rows: list[BoardRow]) -> AsyncIterator[tuple[Counted, Any]]:
    app = Alone()
    async with app.run_test(size=(80, 12)) as pilot:
        app.list.show(board(rows), TEN)
        app.list.focus()
        await pilot.pause()
        yield app.list, pilot


async def test_the_cursor_keeps_its_ticket_when_the_order_changes() -> None:
    rows = [row(number) for number in range(1, 30)]
    async with alone(rows) as (tickets, pilot):
        await pilot.press("down", "down", "down")
        assert tickets.at == 4
        tickets.show(board([row(99, 1), row(98, 2), *rows]), TEN)
        assert tickets.at == 4
        tickets.show(board([each for each in rows if each.id not in (1, 2)]), TEN)
        assert tickets.at == 4


async def test_a_ticket_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    rows = [row(number) for number in range(1, 6)]
    async with alone(rows) as (tickets, pilot):
        await pilot.press("down", "down")
        tickets.show(board([each for each in rows if each.id != 3]), TEN)
        assert tickets.at == 4
        tickets.show(board(rows[:1]), TEN)
        assert tickets.at == 1
        tickets.show(board([]), TEN)
        assert tickets.current is None


async def test_a_key_repaints_two_rows() -> None:
    async with alone([row(number) for number in range(1, 30)]) as (tickets, pilot):
        await pilot.pause()
        tickets.regions.clear()
        await pilot.press("down")
        assert [region.y for region in tickets.regions] == [0, 2, 3], (
            "the head's 2/29, the row left, the row entered"
        )
        assert {region.height for region in tickets.regions} == {1}


async def test_the_bottom_scrolls_by_half_a_page() -> None:
    async with alone([row(number) for number in range(1, 200)]) as (tickets, pilot):
        await pilot.press(*["down"] * tickets.room)
        assert tickets.in_sight.start == tickets.room - tickets.room // 2
        await pilot.press("end")
        assert tickets.at == 199
        assert tickets.in_sight.stop == 199


async def test_a_tick_repaints_only_rows_that_read_differently() -> None:
    rows = [row(1, 5 * MINUTE), row(2, 5 * HOUR + 30), row(3, 6 * HOUR + 30)]
    async with alone(rows) as (tickets, pilot):
        await pilot.pause()
        tickets.regions.clear()
        tickets.tick(TEN + 1)
        assert [region.y for region in tickets.regions] == [2], "the one shown with seconds"
        tickets.regions.clear()
        tickets.tick(TEN + 1)
        assert tickets.regions == []


async def test_a_hundred_thousand_rows_paint_only_what_is_in_sight() -> None:
    rows = [row(number, HOUR + number) for number in range(1, 100_001)]
    async with alone(rows) as (tickets, pilot):
        await pilot.press("down", "pagedown", "end", "up", "home")
        tickets.tick(TEN + 90)
        await pilot.pause()
        assert len(set(tickets.painted)) < 100


async def test_states_read_as_the_design_says() -> None:
    rows = [
        row(1, -2 * HOUR, "emergency"),
        row(2, -HOUR),
        row(3, 30 * MINUTE),
        row(4, 9 * HOUR, "new"),
        row(5, 9 * HOUR, "escalated"),
        row(6, 9 * HOUR),
        row(7, 9 * HOUR, "follow_up"),
        row(8, 9 * HOUR, "paused"),
    ]
    async with alone(rows) as (tickets, _pilot):
        shown = ["".join(text for text, _ in tickets.paint(each, 80, False)) for each in rows]
        words = ["急 超时", "红 超时", "近 将超", "新 待应", "移 上移", "办 处理", "访 回访", "停 挂起"]
        assert [text[:4] for text in shown] == words
        assert "超01:00" in shown[1] and "剩00:30" in shown[2]
        assert "···02" in shown[0] and shown[0].rstrip().endswith("1122-01")


async def test_a_ticket_with_a_draft_is_marked() -> None:
    async with alone([row(1), row(2)]) as (tickets, _pilot):
        tickets.mark({2: "半句"})
        assert "[稿]" in "".join(text for text, _ in tickets.paint(row(2), 80, False))
        assert "[稿]" not in "".join(text for text, _ in tickets.paint(row(1), 80, False))
