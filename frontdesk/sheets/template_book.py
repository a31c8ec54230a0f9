"""The parts of somebody else's workbook, edited as they are: values into cells, rows below an anchor, nothing else touched."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from xml.dom import minidom

from frontdesk.domain.errors import BadInput

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

Value = float | str | None

_CELL: Final = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::.*)?$")
_LARGEST: Final = 64 * 1024 * 1024
_DATED: Final = (1980, 1, 1, 0, 0, 0)
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read_parts(template: Path) -> dict[str, bytes]:
    """The parts of the workbook file, by name; `BadInput` where it is none that can be filled."""
    try:
        with zipfile.ZipFile(template) as archive:
            if sum(item.file_size for item in archive.infolist()) > _LARGEST:
                raise BadInput("--template", "展开后超过 64 MB", "请换一个小些的模板")
            parts = {item.filename: archive.read(item) for item in archive.infolist() if not item.is_dir()}
    except zipfile.BadZipFile as problem:
        raise BadInput(
            "--template", f"{template.name} 不是 xlsx（或设了密码）", "请另存为 xlsx 再试"
        ) from problem
    except OSError as problem:
        raise BadInput("--template", f"{template} 读不了（{problem.strerror}）", "请检查路径") from problem
    if "xl/workbook.xml" not in parts:
        raise BadInput("--template", f"{template.name} 里没有工作簿", "请另存为 xlsx 再试")
    if "xl/vbaProject.bin" in parts:
        raise BadInput("--template", f"{template.name} 带宏", "请另存为不带宏的 xlsx 再试")
    return parts


class TemplateBook:
    """The parts of a workbook that are being filled."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = dict(parts)
        self._workbook = _parse(self._parts["xl/workbook.xml"])
        self._sheets = self._paths()
        self._opened: dict[str, Document] = {}
        self._names = {
            str(name.getAttribute("name")): _text(name) for name in _all(self._workbook, "definedName")
        }
        self._shared = (
            [_text(item) for item in _all(_parse(self._parts["xl/sharedStrings.xml"]), "si")]
            if "xl/sharedStrings.xml" in parts
            else []
        )

    def _paths(self) -> dict[str, str]:
        relations = {
            each.getAttribute("Id"): each.getAttribute("Target")
            for each in _all(_parse(self._parts["xl/_rels/workbook.xml.rels"]), "Relationship")
        }
        found = {}
        for sheet in _all(self._workbook, "sheet"):
            target = relations.get(sheet.getAttributeNS(_RELATION, "id") or sheet.getAttribute("r:id"), "")
            found[sheet.getAttribute("name")] = (
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )
        return found

    def set_name(self, name: str, value: Value) -> None:
        """Put a value where that name points, if there is such a name."""
        place = self._place(name)
        if place is not None:
            sheet, column, row = place
            _fill(_cell(sheet, row, column), value)

    def set_table(self, name: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Write rows from the anchor down; the headings above it say which column takes what."""
        place = self._place(name)
        if place is None:
            return
        sheet, _, first = place
        headings = self._headings(sheet, first - 1)
        known = {column: text for column, text in headings.items() if any(text in row for row in rows)}
        if rows and not known:
            raise BadInput(
                "--template", f"「{name}」上面一行没有认得的表头", f"可用的有 {'、'.join(rows[0])}"
            )
        looks = {column: _cell(sheet, first, column).getAttribute("s") for column in headings}
        for line, row in enumerate(rows, first):
            for column in headings:
                cell = _cell(sheet, line, column)
                if looks[column]:
                    cell.setAttribute("s", looks[column])
                if column in known:
                    _fill(cell, row.get(known[column]))
        _resize(sheet)

    def check(self, known: Collection[str]) -> None:
        """Some of those names must be there, and each must point at a cell."""
        found = [self._place(name) for name in sorted(known) if name in self._names]
        if not found:
            raise BadInput(
                "--template", "里面没有认得的名称", "请给单元格取名，如 期初、本月新增、关闭、期末、分类表"
            )

    def _place(self, name: str) -> tuple[Document, str, int] | None:
        if name not in self._names:
            return None
        match = _CELL.match(self._names[name].strip())
        title = (match[1] or match[2]).replace("''", "'") if match else ""
        if match is None or title not in self._sheets:
            raise BadInput("--template", f"名称「{name}」没有指向单元格", "请在名称管理器里改正")
        return self._sheet(self._sheets[title]), match[3], int(match[4])

    def _sheet(self, path: str) -> Document:
        if path not in self._opened:
            self._opened[path] = _parse(self._parts[path])
        return self._opened[path]

    def _headings(self, sheet: Document, row: int) -> dict[str, str]:
        found = {}
        for cell in _cells(sheet, row):
            text = _shown(cell, self._shared).strip()
            if text:
                found[re.sub(r"\d", "", cell.getAttribute("r"))] = text
        return found

    def save(self, handle: BinaryIO) -> None:
        """The workbook; every formula in it is to be counted again by whoever opens it."""
        for path in self._sheets.values():
            for formula in _all(self._sheet(path), "f"):
                for value in _all(formula.parentNode, "v"):
                    formula.parentNode.removeChild(value)
        self._recount()
        parts = {**self._parts, "xl/workbook.xml": _bytes(self._workbook)}
        parts |= {path: _bytes(sheet) for path, sheet in self._opened.items()}
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name, _DATED), content, zipfile.ZIP_DEFLATED)

    def _recount(self) -> None:
        root: Any = self._workbook.documentElement
        found = _all(root, "calcPr")
        properties = found[0] if found else _make(self._workbook, root, "calcPr")
        if not found:
            after = {
                "oleSize",
                "customWorkbookViews",
                "pivotCaches",
                "fileRecoveryPr",
                "webPublishing",
                "extLst",
            }
            follower = next(
                (node for node in root.childNodes if getattr(node, "localName", "") in after), None
            )
            root.insertBefore(properties, follower)
        properties.setAttribute("fullCalcOnLoad", "1")
        if "xl/calcChain.xml" in self._parts:
            del self._parts["xl/calcChain.xml"]
            for path, attribute in (
                ("[Content_Types].xml", "PartName"),
                ("xl/_rels/workbook.xml.rels", "Target"),
            ):
                document = _parse(self._parts[path])
                for node in _all(document, "Override") + _all(document, "Relationship"):
                    if node.getAttribute(attribute).endswith("calcChain.xml"):
                        node.parentNode.removeChild(node)
                self._parts[path] = _bytes(document)


def _parse(content: bytes) -> Document:
    if b"<!DOCTYPE" in content[:4096]:
        raise BadInput("--template", "里面有文档类型声明", "请用表格软件另存一份再试")
    try:
        return minidom.parseString(content)
    except Exception as problem:  # expat's own error has no name that a type checker knows
        raise BadInput("--template", f"已损坏（{problem}）", "请用表格软件另存一份再试") from problem


def _bytes(document: Document) -> bytes:
    return document.toxml(encoding="UTF-8", standalone=True)


def _all(node: Any, name: str) -> list[Any]:
    """The elements of that name below a node, whatever prefix they have."""
    return list(node.getElementsByTagNameNS("*", name))


def _text(node: Any) -> str:
    return "".join(
        child.data if child.nodeType == child.TEXT_NODE else "" if child.localName == "rPh" else _text(child)
        for child in node.childNodes
        if child.nodeType in (child.TEXT_NODE, child.ELEMENT_NODE)
    )


def _make(document: Document, like: Any, name: str) -> Element:
    """An element of the namespace and prefix that its parent has."""
    prefix = f"{like.prefix}:" if like.prefix else ""
    return document.createElementNS(like.namespaceURI, f"{prefix}{name}")


def _cells(sheet: Document, row: int) -> list[Any]:
    line = next((each for each in _all(sheet, "row") if each.getAttribute("r") == str(row)), None)
    return [] if line is None else _all(line, "c")


def _shown(cell: Any, shared: Sequence[str]) -> str:
    if cell.getAttribute("t") == "s":
        number = "".join(_text(value) for value in _all(cell, "v"))
        return shared[int(number)] if number.isdigit() and int(number) < len(shared) else ""
    return "".join(_text(part) for part in (*_all(cell, "v"), *_all(cell, "is")))


def _number(column: str) -> int:
    value = 0
    for letter in column:
        value = value * 26 + ord(letter) - 64
    return value


def _cell(sheet: Document, row: int, column: str) -> Any:
    """The cell, made where the template has none, in the order that the format demands."""
    data = next(
        node for node in sheet.childNodes[-1].childNodes if getattr(node, "localName", "") == "sheetData"
    )
    line = _found(data, "row", row, lambda each: int(each.getAttribute("r") or 0))
    if line.getAttribute("r") != str(row):
        line.setAttribute("r", str(row))
    if line.hasAttribute("spans"):
        line.removeAttribute("spans")
    cell = _found(line, "c", _number(column), lambda each: _number(re.sub(r"\d", "", each.getAttribute("r"))))
    if not cell.getAttribute("r"):
        cell.setAttribute("r", f"{column}{row}")
    return cell


def _found(parent: Any, name: str, place: int, place_of: Any) -> Any:
    """The child at that place, or a new one put in before the first that comes later."""
    last = parent.lastChild
    if last is not None and getattr(last, "localName", "") == name and place_of(last) <= place:
        return (
            last if place_of(last) == place else parent.appendChild(_make(parent.ownerDocument, parent, name))
        )
    for each in parent.childNodes:
        if getattr(each, "localName", "") != name:
            continue
        here = place_of(each)
        if here == place:
            return each
        if here > place:
            return parent.insertBefore(_make(parent.ownerDocument, parent, name), each)
    return parent.appendChild(_make(parent.ownerDocument, parent, name))


def _fill(cell: Any, value: Value) -> None:
    """A number or a text into a cell; its look stays."""
    document = cell.ownerDocument
    for child in list(cell.childNodes):
        cell.removeChild(child)
    if cell.hasAttribute("t"):
        cell.removeAttribute("t")
    if value is None or value == "":
        return
    if isinstance(value, str):
        cell.setAttribute("t", "inlineStr")
        inside = cell.appendChild(_make(document, cell, "is"))
        text = inside.appendChild(_make(document, cell, "t"))
        text.setAttribute("xml:space", "preserve")
        text.appendChild(document.createTextNode(value))
    else:
        number = cell.appendChild(_make(document, cell, "v"))
        number.appendChild(document.createTextNode(repr(value)))


def _resize(sheet: Document) -> None:
    """The dimension no longer holds when rows were added; it may be left out."""
    for node in _all(sheet, "dimension"):
        node.parentNode.removeChild(node)
