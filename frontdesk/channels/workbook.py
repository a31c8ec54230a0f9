"""Workbooks (xlsx) as the text a person sees: the first sheet with anything in it, formulas by result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any, BinaryIO, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from frontdesk.channels.archive import measured
from frontdesk.channels.records import BadRow, Limits, Record, Records
from frontdesk.domain.errors import BadInput

_EXACT: Final = 10**15  # from here on a spreadsheet keeps only the first fifteen digits of a number


class Workbook:
    """An open workbook; `size` and `position` count rows."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        """`BadInput` for an old, encrypted or damaged workbook, a bomb, or no cell in sight."""
        with _reading():
            book = CalamineWorkbook.from_filelike(measured(file, limits))
            shown = [s.name for s in book.sheets_metadata if s.visible is SheetVisibleEnum.Visible]
            sheets = (book.get_sheet_by_name(name) for name in shown)
            found = next((sheet for sheet in sheets if sheet.start), None)
        if found is None:
            raise BadInput("文件", "里面没有内容", "请选一个有表头和数据的文件")
        self._sheet: CalamineSheet = found
        self._row = 0
        others = len(book.sheet_names) - 1
        self.note = f"工作表「{found.name}」" + (f"，另有 {others} 张没有读" if others else "")
        self.size = found.end[0] + 1 if found.end else 0
        self.total: int | None = self.size

    def position(self) -> int:
        """How many rows have been read."""
        return self._row

    def records(self) -> Records:
        """Every row; what is merged downwards counts for each row, a title merged across is left out."""
        width = self._sheet.end[1] + 1 if self._sheet.end else 0
        titles: set[int] = set()
        starts: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, right) in self._sheet.merged_cell_ranges or ():
            if right > left and 2 * (right - left + 1) > width:
                titles.add(top)
            elif bottom > top:
                starts.setdefault(top, []).append((left, bottom))
        below: dict[int, tuple[int, str]] = {}
        for top, values in enumerate(self._sheet.iter_rows()):
            self._row = top + 1
            lost = next((place for place, value in enumerate(values, 1) if _is_lost(value)), None)
            if top in titles:
                continue
            if lost is not None:
                yield BadRow(self._row, f"第 {lost} 列的数字超过 15 位，末几位已丢失，请把这一列设成文本重填")
                continue
            cells = [_text(value) for value in values]
            below = {column: held for column, held in below.items() if held[0] >= top}
            for column, (_, text) in below.items():
                cells[column] = text
            below |= {column: (bottom, cells[column]) for column, bottom in starts.get(top, ())}
            yield Record(self._row, cells)


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever the reader stumbles over is a damaged file; its own panics are no `Exception`."""
    damaged = BadInput("文件", "不是完整的工作簿", "请用 Excel 或 WPS 打开，另存为新的 xlsx")
    try:
        yield
    except CalamineError:
        raise damaged from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged from None
        raise


def _is_lost(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) >= _EXACT


def _text(value: Any) -> str:
    """What the cell shows in its plainest form: no `.0`, days as ISO, times to the second."""
    words: str
    match value:
        case bool():
            words = "TRUE" if value else "FALSE"
        case int() | float():
            words = str(int(value)) if value == int(value) else format(value, ".15g")
        case datetime():
            second = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
            words = f"{second:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")
        case time():
            words = f"{value:%H:%M:%S}".removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            words = f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}".removesuffix(":00")
        case _:
            words = str(value)
    return words
