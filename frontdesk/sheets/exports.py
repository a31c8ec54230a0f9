"""Tickets as csv, xlsx, jsonl or parquet: written row by row in constant memory, aside, and moved into place whole."""

from __future__ import annotations

import codecs
import csv
import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from frontdesk.domain.errors import BadInput, Refused, StoreTrouble
from frontdesk.domain.export import TYPES, Column, Value
from frontdesk.domain.timing import iso, local
from frontdesk.sheets.cells import data_text, serial

FORMATS: Final = ("csv", "xlsx", "jsonl", "parquet")
_TRIGGERS: Final = frozenset("=+-@＝＋－＠")
_SHEET_ROWS: Final = 1_048_575
"""Rows of an Excel sheet under its head; further ones go on in the next sheet."""
_GROUP: Final = 10_000
"""Rows of a parquet row group: what is held in memory at a time."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Writer(Protocol):
    """Takes rows, one after the other."""

    def row(self, values: Sequence[Value]) -> None:
        """One ticket."""

    def end(self) -> None:
        """Everything has been written."""


def format_of(name: str, asked: str) -> str:
    """The format that was asked for, else that of the file's ending, else csv; `BadInput` for another."""
    wanted = asked.strip().lower() or (Path(name).suffix[1:].lower() if name != "-" else "")
    if asked and wanted not in FORMATS:
        raise BadInput("--format", f"没有「{asked[:20]}」这种格式", f"可选：{'、'.join(FORMATS)}")
    if wanted not in FORMATS:
        if wanted and name != "-":
            raise BadInput(
                "文件", f"看不出「.{wanted[:20]}」是哪种格式", f"请用 --format 指明：{'、'.join(FORMATS)}"
            )
        return "csv"
    return wanted


def writer(kind: str, file: BinaryIO, columns: Sequence[Column]) -> Writer:
    """A writer of that format; `Refused` where a part that it needs is not installed."""
    makers: dict[str, Callable[[BinaryIO, Sequence[Column]], Writer]] = {
        "csv": _Csv,
        "jsonl": _Jsonl,
        "xlsx": _Xlsx,
        "parquet": _Parquet,
    }
    return makers[kind](file, columns)


def neutral(text: str) -> str:
    """A text that no spreadsheet will run: before what might be taken for a formula stands a `'`."""
    return f"'{text}" if text[:1] in ("\t", "\r") or text.lstrip()[:1] in _TRIGGERS else text


class _Csv:
    """UTF-8 with a byte order mark, so that Excel reads hanzi; times as `2026-11-22 10:05:00`, Asia/Shanghai."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        file.write(codecs.BOM_UTF8)
        self._file = file
        self._writer = csv.writer(_Encoded(file))
        self._writer.writerow([column.name for column in columns])
        self._kinds = [column.kind for column in columns]

    def row(self, values: Sequence[Value]) -> None:
        self._writer.writerow([_cell(value, kind) for value, kind in zip(values, self._kinds, strict=True)])

    def end(self) -> None:
        self._file.flush()


class _Encoded:
    """Text on its way into a file of bytes; unlike Python's own wrapper it never closes what it was lent."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """One row."""
        return self._file.write(text.encode("utf-8", "replace"))


def _cell(value: Value, kind: str) -> str:
    if value is None:
        return ""
    if kind == "time":
        return f"{local(int(value)):%Y-%m-%d %H:%M:%S}"
    if kind == "boolean":
        return "true" if value else "false"
    return neutral(value) if isinstance(value, str) else str(value)


class _Jsonl:
    """An object a line; times in ISO 8601 with their offset, null where there is nothing."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file = file
        self._names = [column.name for column in columns]
        self._times = [place for place, column in enumerate(columns) if column.kind == "time"]
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def row(self, values: Sequence[Value]) -> None:
        shown = list(values)
        for place in self._times:
            at = values[place]
            shown[place] = iso(int(at)) if at is not None else None
        line = self._encode(dict(zip(self._names, shown, strict=True)))
        # JSON may hold these as they are; a reader that cuts lines at them must not cut a ticket in two.
        line = line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")
        self._file.write(line.encode("utf-8", "replace") + b"\n")

    def end(self) -> None:
        self._file.flush()


class _Xlsx:
    """Chinese heads, real dates and numbers, the columns' meanings on a page of their own; a text is never a formula."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        from xlsxwriter.workbook import Workbook

        self._columns = columns
        # Rows go to a temporary file of the writer's own as they come.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = Workbook(file, options)
        self._head = self._book.add_format({"bold": True, "bg_color": "#DCE6F0", "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._text = self._book.add_format({"quote_prefix": True})
        self._rows, self._sheets = _SHEET_ROWS, 0
        self._sheet: Any = None

    def _next_sheet(self) -> None:
        self._sheets += 1
        self._rows = 0
        self._sheet = self._book.add_worksheet("工单" if self._sheets == 1 else f"工单{self._sheets}")
        self._sheet.freeze_panes(1, 1)
        for place, column in enumerate(self._columns):
            wide = {"time": 19, "integer": 9, "boolean": 9}.get(column.kind, 16)
            self._sheet.set_column(place, place, 40 if column.name in ("title", "text") else wide)
            self._sheet.write_string(0, place, column.label, self._head)

    def row(self, values: Sequence[Value]) -> None:
        if self._rows >= _SHEET_ROWS:
            self._next_sheet()
        self._rows += 1
        for place, (value, column) in enumerate(zip(values, self._columns, strict=True)):
            if value is None:
                continue
            if column.kind == "time":
                self._sheet.write_number(self._rows, place, serial(int(value)), self._time)
            elif column.kind == "boolean":
                self._sheet.write_boolean(self._rows, place, value)
            elif column.kind == "integer":
                self._sheet.write_number(self._rows, place, value)
            else:
                self._sheet.write_string(self._rows, place, data_text(str(value)), self._text)

    def end(self) -> None:
        if not self._sheets:
            self._next_sheet()
        about = self._book.add_worksheet("列说明")
        about.set_column(0, 2, 18)
        about.set_column(3, 3, 90)
        for place, head in enumerate(("名称", "字段", "类型", "含义")):
            about.write_string(0, place, head, self._head)
        for line, column in enumerate(self._columns, 1):
            words = (column.label, column.name, TYPES[column.kind], column.meaning)
            for place, text in enumerate(words):
                about.write_string(line, place, data_text(text), self._text)
        self._book.close()


class _Parquet:
    """Typed columns; times are instants shown in Asia/Shanghai."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        try:
            pyarrow: Any = import_module("pyarrow")
            parquet: Any = import_module("pyarrow.parquet")
        except ImportError as error:
            raise Refused(
                "写 parquet 要用 pyarrow，这里没有装。请运行 pip install 'frontdesk[parquet]'，或改用 --format csv。"
            ) from error
        types = {
            "text": pyarrow.string(),
            "integer": pyarrow.int32(),
            "boolean": pyarrow.bool_(),
            "time": pyarrow.timestamp("ms", tz="Asia/Shanghai"),
        }
        described = [
            pyarrow.field(
                column.name, types[column.kind], metadata={"label": column.label, "meaning": column.meaning}
            )
            for column in columns
        ]
        self._arrow = pyarrow
        self._schema = pyarrow.schema(described)
        self._times = [column.kind == "time" for column in columns]
        self._writer: Any = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._held: list[list[Value]] = [[] for _ in columns]

    def row(self, values: Sequence[Value]) -> None:
        for held, value, time in zip(self._held, values, self._times, strict=True):
            held.append(value * 1000 if time and isinstance(value, int) else value)
        if len(self._held[0]) >= _GROUP:
            self._write()

    def _write(self) -> None:
        arrays = [
            self._arrow.array(held, type=field.type)
            for held, field in zip(self._held, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        for held in self._held:
            held.clear()

    def end(self) -> None:
        if self._held[0]:
            self._write()
        self._writer.close()


@contextmanager
def into_place(path: Path) -> Iterator[BinaryIO]:
    """A file written beside `path` and moved there when everything went well; else the old one stays as it was.

    What a killed export has left beside it is swept away. A new file is its owner's alone; an old one keeps its mode.
    """
    target = Path(os.path.realpath(path.expanduser()))
    with _explained(target.parent):
        if target.is_dir():
            raise Refused(f"{target} 是一个目录，没有写出。请写上文件名。")
        if not target.parent.is_dir():
            raise Refused(f"目录 {target.parent} 不存在，没有写出。请先建好目录，或另选一处。")
        _sweep(target)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                # Held as long as this process lives: whoever can take it knows that nobody writes here any more.
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield file
                file.flush()
                os.fsync(file.fileno())
                with suppress(FileNotFoundError):
                    os.fchmod(file.fileno(), target.stat().st_mode & 0o777)
                os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def through_a_file(out: BinaryIO) -> Iterator[BinaryIO]:
    """For a format whose writer must go back: written to a nameless file and then sent on whole."""
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        shutil.copyfileobj(file, out)


def _sweep(target: Path) -> None:
    for left in target.parent.glob(f".{_literal(target.name)}.*.part"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _literal(name: str) -> str:
    return "".join(f"[{ch}]" if ch in "*?[" else ch for ch in name)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """What the disk says, in words for a person."""
    try:
        yield
    except OSError as problem:
        if isinstance(problem, BrokenPipeError):
            raise
        if problem.errno in _FULL:
            raise StoreTrouble(
                f"{folder} 空间不足，没有写出，原有的文件没有动。请腾出空间后重试。"
            ) from problem
        raise Refused(
            f"写不了 {folder}（{problem.strerror}），没有写出，原有的文件没有动。请另选目录，或请管理员放开权限。"
        ) from problem
