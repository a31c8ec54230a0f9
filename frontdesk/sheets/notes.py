"""What a person typed into an earlier sheet, read back so that the next export carries it on (DESIGN §11)."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

KEY: Final = "投诉分类"
REMARK, MEASURE = "备注", "改进措施"
_HEADER_WITHIN: Final = 40
_AT_MOST: Final = 512 * 1024 * 1024


class Note(NamedTuple):
    """The two cells of one category's row that belong to the reader."""

    remark: str = ""
    measure: str = ""


class NotOurs(Exception):
    """The file is damaged, locked by a password, or no sheet of ours: its notes cannot be read. `str()` says which."""


def read_notes(path: Path) -> dict[str, Note]:
    """Category (or 合计) → what stands in 备注 and 改进措施, wherever those columns have been moved to.

    Reads what Excel, WPS, LibreOffice and openpyxl have saved. `NotOurs` where that cannot be done.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _AT_MOST:
                raise NotOurs("展开后过大")
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            found = _notes(book.get_sheet_by_name(name).to_python(nrows=None))
            if found is not None:
                return found
    except PasswordError as problem:
        raise NotOurs("设了密码") from problem
    except (CalamineError, zipfile.BadZipFile) as problem:
        raise NotOurs("已损坏或不是 xlsx") from problem
    raise NotOurs(f"里面没有「{KEY}」「{REMARK}」「{MEASURE}」三列")


def _notes(rows: Sequence[Sequence[Any]]) -> dict[str, Note] | None:
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        titles = [str(cell).strip() for cell in row]
        if {KEY, REMARK, MEASURE} <= set(titles):
            columns = [titles.index(title) for title in (KEY, REMARK, MEASURE)]
            found = ([_written(line[column]) for column in columns] for line in rows[place + 1 :])
            return {key: Note(remark, measure) for key, remark, measure in found if key and (remark or measure)}
    return None


def _written(cell: Any) -> str:
    """A cell as it was typed; a spreadsheet may have made a number or a date of it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
