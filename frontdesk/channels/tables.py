"""Tables that people hand over (csv, tsv, xlsx, jsonl), read row by row; a bad row does not stop the next.

What cannot be read at all is `BadInput` with a remedy. No message repeats a cell: it may be anybody's name.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol

from frontdesk.channels.records import BadRow, Limits, Record, Records, check_size
from frontdesk.domain.errors import BadInput
from frontdesk.domain.privacy import one_line

__all__ = ["BadRow", "Limits", "Row", "Table", "read_table"]

_LOOK_AHEAD = 20  # records among which the header is looked for, below titles and remarks
_PART = 1 << 20
_DATA = re.compile(r"[+0-9][0-9 ()+-]{6,}|[0-9]{4}[-/.年].*")


class Row(NamedTuple):
    """The line of the file, counted from 1, on which a row starts, and its texts by column."""

    line: int
    values: dict[str, str]


class Source(Protocol):
    """A file of one kind, open: what `Table` needs to know of it."""

    size: int
    total: int | None
    note: str

    def records(self) -> Records:
        """Header and rows from the top."""

    def position(self) -> int:
        """How much of `size` has been read."""


class Table:
    """An open table: go through `rows` once, then close it (or use `with`).

    `columns` are the names in the header. `total` is about the number of rows where that is known (xlsx),
    else None; `position()` of `size` says how far reading has come. `note` says in Chinese what was read.
    """

    def __init__(self, file: BinaryIO, source: Source, limits: Limits) -> None:
        """`BadInput` where there is no usable header."""
        self._file, self._source = file, source
        header, rest = _header(source.records())
        self.columns = _columns(header, limits)
        self.rows: Iterator[Row | BadRow] = _rows(rest, self.columns)
        self.size, self.total, self.note = source.size, source.total, source.note

    def position(self) -> int:
        """How much of `size` has been read, for a progress bar."""
        return self.size if self._file.closed else self._source.position()

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_table(path: str | Path, *, limits: Limits | None = None) -> Table:
    """Open a table by its content, whatever its name says; text streams, a workbook is measured first. `-`: standard input.

    `BadInput` for what is missing, unreadable, no file, empty, too large, encrypted, a bomb, in no known
    encoding or without a usable header. A wrong number of cells, an open quote or a NUL comes as `BadRow`.
    """
    bounds = limits or Limits()
    file = _piped(bounds.text_bytes) if str(path) == "-" else _open(path)
    try:
        return Table(file, _source(file, Path(path).suffix.lower(), bounds), bounds)
    except OSError:
        file.close()
        raise _broken() from None
    except BaseException:
        file.close()
        raise


def _open(path: str | Path) -> BinaryIO:
    # Without O_NONBLOCK a FIFO would hold the desk until somebody writes into it.
    try:
        file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))  # noqa: SIM115
    except FileNotFoundError:
        raise BadInput("文件", "不存在", "请核对路径和文件名") from None
    except IsADirectoryError:
        raise BadInput("文件", "是一个文件夹", "请选里面的某个文件") from None
    except PermissionError:
        raise BadInput("文件", "没有读取权限", "请换一个能打开的文件，或请管理员放开权限") from None
    except (OSError, ValueError):
        raise BadInput("文件", "打不开", "请核对路径，或把文件拷到本机硬盘再试") from None
    if not Path(path).is_file():
        file.close()
        raise BadInput("文件", "不是普通文件", "请选 csv、xlsx 或 jsonl 文件")
    return file


def _piped(most: int) -> BinaryIO:
    """Standard input in a nameless file, for a workbook is read from its end; beyond `most` bytes it is refused anyway."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the table closes it
    while sys.stdin is not None and file.tell() <= most and (part := sys.stdin.buffer.read(_PART)):
        file.write(part)
    file.seek(0)
    return file


def _source(file: BinaryIO, suffix: str, limits: Limits) -> Source:
    size = os.fstat(file.fileno()).st_size
    check_size(size, limits.text_bytes)
    head = file.read(8)
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        from frontdesk.channels.workbook import Workbook

        check_size(size, limits.workbook_bytes)
        return Workbook(file, limits)
    from frontdesk.channels.textfiles import TextTable

    return TextTable(file, size, suffix)


def _broken() -> BadInput:
    return BadInput("文件", "读到一半出错，或正在被改动", "请关闭其他打开它的程序，拷到本机硬盘再试")


def _header(records: Records) -> tuple[Record, Records]:
    """The first record with several names, below a title; the very first where most have a single cell."""
    early = list(islice(records, _LOOK_AHEAD))
    rows = [r for r in early if isinstance(r, Record) and any(map(str.strip, r.cells))]
    wide = [r for r in rows if sum(map(bool, map(str.strip, r.cells))) > 1]
    header = next(iter(wide if 2 * len(wide) >= len(rows) else rows), None)
    for bad in early:
        if isinstance(bad, BadRow) and (header is None or bad.line < header.line):
            raise BadInput("表头", f"前面第 {bad.line} 行{bad.problem}", "请先修好这一行")
    if header is None:
        raise BadInput("文件", "里面没有内容", "请选一个有表头和数据的文件")
    return header, chain(early[early.index(header) + 1 :], records)


def _columns(header: Record, limits: Limits) -> tuple[str, ...]:
    names = [one_line(cell) for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if any("\0" in cell for cell in header.cells):
        raise BadInput("表头", "含有 NUL 字符，文件可能损坏", "请用 Excel 或 WPS 打开，另存为 xlsx")
    if any(map(_DATA.fullmatch, names)):
        raise BadInput("表头", f"第 {header.line} 行像是数据，不是列名", "请在最上面加一行列名")
    if len(names) > limits.columns:
        raise BadInput("表头", f"有 {len(names)} 列，超过上限 {limits.columns} 列", "请删去用不到的列")
    for place, name in enumerate(names, 1):
        if not name:
            raise BadInput("表头", f"第 {place} 列没有名字", "请补上列名，或删掉这一列")
        if (first := names.index(name) + 1) < place:
            raise BadInput("表头", f"第 {first} 列和第 {place} 列同名", "请改成不同的列名，例如 电话1、电话2")
    return tuple(names)


def _rows(records: Records, columns: tuple[str, ...]) -> Iterator[Row | BadRow]:
    width = len(columns)
    try:
        for record in records:
            if isinstance(record, BadRow):
                yield record
                continue
            line, cells = record
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if not any(map(str.strip, cells)):
                continue
            if any("\0" in cell for cell in cells):
                yield BadRow(line, "含有 NUL 字符，文件可能损坏")
            elif len(cells) != width:
                more = "多半是文字里有没加引号的分隔符" if len(cells) > width else "像是只有半行"
                yield BadRow(line, f"有 {len(cells)} 格，表头有 {width} 列，{more}")
            else:
                yield Row(line, dict(zip(columns, cells, strict=True)))
    except (OSError, UnicodeError):
        raise _broken() from None
