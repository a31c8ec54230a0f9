"""The floor of a list: the same rows in Textual's own DataTable. With --tick every second the time left is rewritten in
each row that is in sight, as one would first write it."""

from __future__ import annotations

import sys
import time

from textual.app import App, ComposeResult
from textual.widgets import DataTable

ROWS = 1000


class Table(App[None]):
    """State, time left, unit, matter and number of tickets."""

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield DataTable[str](cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        _, self._left, *_ = table.add_columns("状态", "剩余", "房号", "摘要", "单号")
        self._due = [int(time.time()) + 600 + 37 * row for row in range(ROWS)]
        for row in range(ROWS):
            cells = (
                "办 处理",
                self.left(row),
                f"{row % 9}-2-1801",
                "公共照明 楼道灯不亮，上周报过一次还没修",
                f"1122-{row}",
            )
            table.add_row(*cells, key=str(row))
        if "--tick" in sys.argv:
            self.set_interval(1.0, self.tick)

    def left(self, row: int) -> str:
        """Hours, minutes and seconds."""
        rest = self._due[row] - int(time.time())
        return f"剩{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"

    def tick(self) -> None:
        """Another second."""
        table = self.query_one(DataTable)
        top = int(table.scroll_offset.y)
        for row in range(top, min(ROWS, top + table.size.height)):
            table.update_cell(str(row), self._left, self.left(row))


if __name__ == "__main__":
    Table().run()
