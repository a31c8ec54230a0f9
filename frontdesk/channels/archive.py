"""An xlsx file unpacked and measured before anything that trusts it opens it.

The reader gives a sheet the whole rectangle that its cells span and every cell its copy of a shared text:
a file of a few kilobytes could take all memory and end the process. So it gets a copy of what was measured.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any, BinaryIO, Final
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from frontdesk.channels.records import MIB, Limits
from frontdesk.domain.errors import BadInput

_RESAVE: Final = "请用 Excel 或 WPS 打开，另存为新的 xlsx"
_PARTS: Final = 2_000  # members of the archive; a workbook has a few dozen
_SMALL: Final = 10 * MIB  # what unpacks to less than this is no bomb, however well it was compressed


def measured(file: BinaryIO, limits: Limits) -> BytesIO:
    """A copy of the workbook's XML, within `limits`.

    `BadInput` for an old `.xls`, an encrypted or damaged workbook, another kind of archive, and a bomb: too
    much once unpacked, cells too far apart, or texts repeated too often.
    """
    file.seek(0)
    content = file.read()
    _check_form(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = _parts(archive, limits)
            return _copy({info.filename: _unpacked(archive, info) for info in parts}, limits)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise BadInput("文件", "已经损坏，解不开", _RESAVE) from None
    except (expat.ExpatError, ValueError, LookupError):
        raise BadInput("文件", "里面的表格已经损坏", _RESAVE) from None


def _check_form(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise BadInput("文件", "加了密码", "请去掉密码，另存后再导入")
        raise BadInput("文件", "是老式的 xls 或别的 Office 文件", _RESAVE)
    if content.count(b"PK\x01\x02") > _PARTS:
        raise _bomb("装着太多文件")


def _bomb(problem: str) -> BadInput:
    return BadInput("文件", f"{problem}，不像正常的表格", "请核对来源；确实要导入，请另存为 csv")


def _parts(archive: ZipFile, limits: Limits) -> list[ZipInfo]:
    """The XML members, refused by what they declare; `_unpacked` takes no byte more than that."""
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        raise BadInput("文件", "不是 xlsx 工作簿", _RESAVE)
    parts = [info for info in archive.infolist() if info.filename.lower().endswith((".xml", ".rels"))]
    if any(info.flag_bits & 1 for info in parts):
        raise BadInput("文件", "加了密码", "请去掉密码，另存后再导入")
    if len(set(names)) < len(names) or any(i.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for i in parts):
        raise BadInput("文件", "不是正常的 xlsx", _RESAVE)
    unpacked, packed = sum(i.file_size for i in parts), sum(i.compress_size for i in parts)
    if unpacked > limits.unpacked_bytes or unpacked > max(_SMALL, limits.ratio * packed):
        raise _bomb(f"解开后有 {unpacked // MIB} MB")
    return parts


def _unpacked(archive: ZipFile, info: ZipInfo) -> bytes:
    # Piece by piece: asked for everything at once, ZipFile unpacks first and looks at the declared size then.
    with archive.open(info) as member:
        return b"".join(iter(lambda: member.read(MIB), b""))


def _copy(parts: dict[str, bytes], limits: Limits) -> BytesIO:
    meter = _Meter(limits)
    for wanted in ("sst", "worksheet"):
        for content in parts.values():
            meter.measure(content, wanted)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    out.seek(0)
    return out


class _Done(Exception):
    """The part is of another kind: its first element says so."""


class _Meter:
    """Measures the shared texts, then every sheet, by their elements' local names as the reader does."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._texts: list[int] = []
        self._repeated = 0

    def measure(self, content: bytes, wanted: str) -> None:
        """Measure the part if its root is `wanted`: `BadInput` beyond the limits, `ExpatError` if damaged."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype

        def root(tag: str, attributes: dict[str, str]) -> None:
            if _local(tag) != wanted:
                raise _Done
            (self._measure_texts if wanted == "sst" else self._measure_sheet)(parser)

        parser.StartElementHandler = root
        try:
            parser.Parse(content, True)
        except _Done:
            return

    def _measure_texts(self, parser: Any) -> None:
        def start(tag: str, attributes: dict[str, str]) -> None:
            if _local(tag) == "si":
                self._texts.append(0)

        def text(words: str) -> None:
            if self._texts:
                self._texts[-1] += len(words)

        parser.StartElementHandler, parser.CharacterDataHandler = start, text

    def _measure_sheet(self, parser: Any) -> None:
        columns = _Columns()
        row = column = last_row = last_column = 0
        shared = False
        index: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, last_row, last_column, shared
            match name := _local(tag):
                case "row":
                    row, column = int(attributes.get("r", row + 1)), 0
                case "c":
                    place = attributes.get("r", "")
                    letters = place.rstrip("0123456789")
                    row, column = (
                        (int(place[len(letters) :]), columns[letters]) if place else (row, column + 1)
                    )
                    shared = attributes.get("t") == "s"
                case "v" | "is" | "f":
                    # An empty cell that only has a colour takes no room.
                    last_row, last_column = max(last_row, row), max(last_column, column)
                    if last_row * last_column > self._limits.cells:
                        raise _too_wide(last_row, last_column)
                    index.clear()
                    parser.CharacterDataHandler = index.append if shared and name == "v" else None

        def end(tag: str) -> None:
            if parser.CharacterDataHandler is not None:
                parser.CharacterDataHandler = None
                self._repeat(int("".join(index) or 0))

        parser.StartElementHandler, parser.EndElementHandler = start, end

    def _repeat(self, index: int) -> None:
        self._repeated += self._texts[index]
        if self._repeated > self._limits.unpacked_bytes:
            raise _bomb("把同一段长文字重复了太多次")


class _Columns(dict[str, int]):
    """Column letters → number; each name is worked out once."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - ord("A") + 1
        self[letters] = number
        return number


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _no_doctype(*_declared: Any) -> None:
    raise _bomb("带着外部定义")


def _too_wide(rows: int, columns: int) -> BadInput:
    remedy = "请删掉远处的零星单元格，或拆成几个文件"
    return BadInput("文件", f"的单元格摊开有 {rows} 行 {columns} 列，放不下", remedy)
