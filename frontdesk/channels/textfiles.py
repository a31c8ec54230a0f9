"""Tables written as text: their encoding and separator, and the records of csv, tsv and jsonl by line."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from frontdesk.channels.records import MIB, BadRow, Record, Records
from frontdesk.domain.errors import BadInput

_SAMPLE = 65_536
_CONTROLS = bytes({*range(9), *range(14, 32)} - {0x1B})
_LONGEST_LINE = MIB
_LONGEST_RECORD = (
    2_000  # lines; an opened quote that is never closed would take the rest of the file for one cell
)
_SEPARATORS: Final = {",": "逗号", ";": "分号", "\t": "制表符"}
_WORDS: Final = {None: "", True: "是", False: "否"}
_NAMES: Final = {"utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


class TextTable:
    """A text file in a known encoding; its records are streamed. Sizes and positions are bytes."""

    def __init__(self, file: BinaryIO, size: int, suffix: str) -> None:
        """`BadInput` where no encoding fits every byte, and for web pages and binaries under another name."""
        self._file = file
        encoding = _encoding(file)
        file.seek(0)
        sample = file.read(_SAMPLE).decode(encoding, "ignore").lstrip()
        file.seek(0)
        self._text = io.TextIOWrapper(file, encoding, newline="")
        self._json = sample[:1] == "{" or suffix in (".jsonl", ".ndjson")
        if sample[:1] == "[" and suffix == ".json":
            raise BadInput("文件", "是一整个 JSON 数组", "请改成一行一个对象（jsonl）")
        if re.match(r"<(?:!doctype|html|\?xml|table|meta|head)", sample, re.IGNORECASE):
            raise BadInput("文件", "其实是网页，不是表格", "请用 Excel 或 WPS 打开，另存为 xlsx")
        self._separator = "" if self._json else _separator(sample, suffix)
        form = "jsonl" if self._json else f"{_SEPARATORS.get(self._separator, self._separator)}分隔"
        self.size, self.note = size, f"编码 {_NAMES[encoding]}，{form}"
        self.total: int | None = None

    def position(self) -> int:
        """How many bytes have been read."""
        return self._file.tell()

    def records(self) -> Records:
        """Every record of the file; the first one of jsonl holds the names of all its fields."""
        if not self._json:
            return _csv_records(_Lines(self._text), self._separator)
        columns: dict[str, None] = {}
        for line in iter(lambda: self._text.readline(_LONGEST_LINE), ""):
            if isinstance(found := _json_object(line), dict):
                columns.update(dict.fromkeys(found))
        self._text.seek(0)
        return _json_records(_Lines(self._text), list(columns))


def _encoding(file: BinaryIO) -> str:
    """UTF-8, UTF-16 by its mark, else GB18030: the one in which every byte of the file is right."""
    file.seek(0)
    sample = file.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif len(sample.translate(None, _CONTROLS)) < len(sample) * 0.9:
        raise BadInput("文件", "像是二进制文件，或没有标记的 UTF-16", "请另存为 xlsx，或 UTF-8 的 csv")
    else:
        candidates = ["utf-8-sig"] if sample.startswith(codecs.BOM_UTF8) else ["utf-8-sig", "gb18030"]
    wrong: list[int] = []
    for encoding in candidates:
        at = _first_wrong_byte(file, encoding)
        if at is None:
            return encoding
        wrong.append(at)
        if encoding == "utf-8-sig" and _is_damaged_utf8(file, at):
            break
    at = wrong[0] if len(wrong) < len(candidates) or len(candidates) == 1 else max(wrong)
    problem = f"第 {_line_at(file, at)} 行（第 {at + 1} 个字节）不是 UTF-8 或 GB18030 文字"
    raise BadInput("编码", problem, "请用 Excel 或 WPS 打开，另存为 UTF-8 的 csv 或 xlsx")


def _first_wrong_byte(file: BinaryIO, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    done = 0
    while True:
        chunk = file.read(MIB)
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return max(0, done - waiting + error.start)
        if not chunk:
            return None
        done += len(chunk)


def _is_damaged_utf8(file: BinaryIO, at: int) -> bool:
    """Most of what surrounds the wrong byte is right UTF-8: read as GB18030 it would be nonsense."""
    file.seek(max(0, at - _SAMPLE // 2))
    around = file.read(_SAMPLE).decode("utf-8", "replace")
    wrong = around.count("\ufffd")
    return sum(ch > "\x7f" for ch in around) - wrong > 3 * wrong


def _line_at(file: BinaryIO, at: int) -> int:
    file.seek(0)
    found, left = 1, at
    while left > 0 and (chunk := file.read(min(left, MIB))):
        found, left = found + chunk.count(b"\n"), left - len(chunk)
    return found


def _separator(sample: str, suffix: str) -> str:
    """The separator that cuts most lines of the beginning into the same number of cells, at least two."""
    if named := re.match(r"sep=(.)\r?\n", sample):
        return named[1]
    lines = sample.splitlines(keepends=True)[:50]
    best, chosen = (0.0, 1), "\t" if suffix == ".tsv" else ","
    for separator in _SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if any(row)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        score = (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 1)
        if score > best:
            best, chosen = score, separator
    return chosen


class _Runaway(Exception):
    """A record went on for too long: a quote was opened and never closed."""


class _Lines(Iterator[str]):
    """The physical lines of a file with their numbers; those of the current record can be handed back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text, self._back, self._taken, self.number = text, deque[str](), list[str](), 0

    def __next__(self) -> str:
        if len(self._taken) >= _LONGEST_RECORD:
            raise _Runaway
        line = self._back.popleft() if self._back else self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise BadInput("文件", f"第 {self.number + 1} 行长得不像表格", "请核对是不是选错了文件")
        self.number += 1
        self._taken.append(line)
        return line

    def begin(self) -> int:
        """A record starts: its line number."""
        self._taken.clear()
        return self.number + 1

    def hand_back(self) -> None:
        """All lines of the record but its first will be read again."""
        self._back.extendleft(reversed(self._taken[1:]))
        self.number -= len(self._taken) - 1
        self._taken.clear()


def _csv_records(lines: _Lines, separator: str) -> Records:
    reader = _reader(lines, separator)
    while True:
        start = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Runaway) as error:
            large = "field larger" in str(error)
            yield BadRow(start, "有一格太长" if large else "引号没有成对，这一行读不出来")
            lines.hand_back()
            reader = _reader(lines, separator)
            continue
        if start > 1 or not re.fullmatch("sep=.?", "".join(cells)):
            yield Record(start, cells)


def _reader(lines: _Lines, separator: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator, strict=True)


def _json_records(lines: _Lines, columns: list[str]) -> Records:
    yield Record(0, columns)
    while True:
        start = lines.begin()
        line = next(lines, "")
        if not line:
            return
        if not line.strip():
            continue
        found = _json_object(line)
        if isinstance(found, str):
            yield BadRow(start, found)
        else:
            yield Record(start, [found.get(column, "") for column in columns])


def _json_object(line: str) -> dict[str, str] | str:
    """Field → text, or what is wrong with the line."""
    try:
        found = json.loads(line, object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return "不是完整的 JSON 对象，或有重复的字段"
    if not isinstance(found, dict):
        return "不是 JSON 对象"
    if any(isinstance(value, dict | list) for value in found.values()):
        return "字段里还套着列表或对象"
    return {name: value if isinstance(value, str) else _WORDS[value] for name, value in found.items()}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate field")
    return found
