"""What a person typed into an earlier sheet, read back so that the next export carries it on (DESIGN §11)."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

KEY: Final = "投诉分类"
REMARK: Final = "备注"
MEASURE: Final = "改进措施"
_HEADER_WITHIN: Final = 40
_UNPACKED_AT_MOST: Final = 512 * 1024 * 1024


class Note(NamedTuple):
    """The two cells of one category's row that belong to the reader."""

    remark: str = ""
    measure: str = ""


class NotOurs(Exception):
    """Damaged, locked by a password, or no sheet of ours: its notes cannot be read. `str()` says what."""


def read_notes(path: Path) -> dict[str, Note]:
    """Category (or 合计) → what stands in 备注 and 改进措施, wherever those columns have been moved to.

    Reads what Excel, WPS, LibreOffice and openpyxl have saved; `NotOurs` where that cannot be done.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _UNPACKED_AT_MOST:
                raise NotOurs("展开后过大")
        with closing(CalamineWorkbook.from_path(path)) as book:
            for name in book.sheet_names:
                found = _notes(book.get_sheet_by_name(name).to_python())
                if found is not None:
                    return found
    except (CalamineError, zipfile.BadZipFile) as problem:
        raise NotOurs("已损坏、设了密码或不是 xlsx") from problem
    raise NotOurs(f"里面没有「{KEY}」「{REMARK}」「{MEASURE}」三列")


def _notes(rows: Sequence[Sequence[Any]]) -> dict[str, Note] | None:
    """The notes of a page that has the three columns; None for another page."""
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        titles = [str(cell).strip() for cell in row]
        if {KEY, REMARK, MEASURE} <= set(titles):
            columns = [titles.index(title) for title in (KEY, REMARK, MEASURE)]
            found = ([_written(line[column]) for column in columns] for line in rows[place + 1 :])
            return {
                key: Note(remark, measure) for key, remark, measure in found if key and (remark or measure)
            }
    return None


def _written(cell: Any) -> str:
    """A cell as it was typed, though a spreadsheet may have made a number of it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
