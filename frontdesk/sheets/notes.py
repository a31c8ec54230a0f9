"""What a person typed into an earlier sheet, read back so that the next export carries it on (DESIGN §11)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final, NamedTuple

KEY: Final = "投诉分类"
REMARK: Final = "备注"
CAUSE: Final = "原因分析"
MEASURE: Final = "改进措施"
SIGNERS: Final = ("填表人", "审核人", "日期")
END: Final = "合计"
_HEADER_WITHIN: Final = 40
_UNPACKED_AT_MOST: Final = 512 * 1024 * 1024


class Note(NamedTuple):
    """The cells of one category's row that belong to the reader."""

    remark: str = ""
    cause: str = ""
    measure: str = ""


class Written(NamedTuple):
    """What people have written: category (or 合计) → its cells, and who has signed."""

    notes: Mapping[str, Note]
    signed: tuple[str, ...] = ("",) * len(SIGNERS)


class NotOurs(Exception):
    """Damaged, locked by a password, or no sheet of ours: its notes cannot be read. `str()` says what."""


class NoColumns(NotOurs):
    """A workbook in order, without the columns that people write into."""


def read_notes(path: Path) -> Written:
    """What stands in 备注, 原因分析 and 改进措施, wherever those columns have been moved to, and in the line of signatures.

    Reads what Excel, WPS, LibreOffice and openpyxl have saved, an earlier sheet without 原因分析 too; `NotOurs`
    where that cannot be done.
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
    raise NoColumns(f"里面没有「{KEY}」「{REMARK}」「{MEASURE}」三列")


def _notes(rows: Sequence[Sequence[Any]]) -> Written | None:
    """The notes of a page that has the columns; None for another page."""
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        titles = [str(cell).strip() for cell in row]
        if {KEY, REMARK, MEASURE} <= set(titles):
            columns = [titles.index(title) if title in titles else -1 for title in (KEY, *_TYPED)]
            found: dict[str, Note] = {}
            for line in rows[place + 1 :]:
                key = _written(line[columns[0]])
                if key and any(column >= 0 and line[column] != "" for column in columns[1:]):
                    note = Note(*(_written(line[column]) if column >= 0 else "" for column in columns[1:]))
                    if any(note):
                        found[key] = note
                if key == END:
                    break
            return Written(found, _signed(rows[place + 1 :]))
    return None


def _signed(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """What stands to the right of 填表人, 审核人 and 日期."""
    for row in rows:
        if not any(isinstance(cell, str) and SIGNERS[0] in cell for cell in row):
            continue
        titles = [str(cell).strip().rstrip("：:") for cell in row]
        if set(SIGNERS) <= set(titles):
            return tuple(_beside(row, titles.index(name)) for name in SIGNERS)
    return ("",) * len(SIGNERS)


def _beside(row: Sequence[Any], place: int) -> str:
    cell = row[place + 1] if place + 1 < len(row) else ""
    text = _written(cell)
    return "" if text.rstrip("：:") in SIGNERS else text


_TYPED: Final = (REMARK, CAUSE, MEASURE)


def _written(cell: Any) -> str:
    """A cell as it was typed, though a spreadsheet may have made a number or a date of it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()
