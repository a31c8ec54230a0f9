"""《服务改进报告》 as a Word file: A4, Chinese fonts by name, headings that make an outline, page numbers; same data, same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import UTC
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from frontdesk.domain.privacy import clean
from frontdesk.domain.timing import local
from frontdesk.sheets.service_chart import trend_png
from frontdesk.sheets.service_report import (
    TITLE,
    Bullets,
    Grid,
    Heading,
    Para,
    Service,
    Trend,
    blocks,
    month_words,
    subtitle,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

BODY, HEAD = "宋体", "黑体"
"""The fonts of an official paper; Word, WPS and LibreOffice know a stand-in for both."""
_NAVY: Final = "1F3A5F"
_BAND: Final = "EEF3F8"
_TEXT: Final = 160
"""Millimetres between the margins."""


def service_docx(found: Service) -> bytes:
    """The whole file."""
    import docx

    document = docx.Document()
    _paper(document, found)
    _styles(document)
    _title(document, found)
    for block in blocks(found):
        if isinstance(block, Heading):
            document.add_heading(_text(block.text), block.level)
        elif isinstance(block, Para):
            _paragraph(document, block.text)
        elif isinstance(block, Bullets):
            _bullets(document, block)
        elif isinstance(block, Trend):
            _trend(document, found)
        else:
            _grid(document, block)
    _signatures(document)
    return _packed(document)


def _text(words: str) -> str:
    return clean(words, "报告", 10_000)


def _paper(document: Document, found: Service) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    header = section.header.paragraphs[0]
    header.text = _text(f"{found.site}　{TITLE}　{month_words(found.month)}")
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("第 ")
    _field(footer, "PAGE")
    footer.add_run(" 页　共 ")
    _field(footer, "NUMPAGES")
    footer.add_run(" 页")
    made = local(found.until).astimezone(UTC).replace(tzinfo=None)
    properties = document.core_properties
    properties.title, properties.author = f"{TITLE} {month_words(found.month)}", _text(found.site)
    properties.last_modified_by, properties.comments, properties.revision = _text(found.site), "", 1
    properties.created = properties.modified = made
    properties.language = "zh-CN"


def _field(paragraph: Any, instruction: str) -> None:
    """A field that the reader's program fills in; its last value stands in it for those that do not."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = f" {text} "
        run._r.append(element)


def _styles(document: Document) -> None:
    from docx.shared import Pt, RGBColor

    sizes = {
        "Normal": 10.5,
        "Title": 22,
        "Heading 1": 14,
        "Heading 2": 11,
        "List Bullet": 10.5,
        "Header": 9,
        "Footer": 9,
    }
    for name, size in sizes.items():
        style = document.styles[name]
        heading = name.startswith(("Title", "Heading"))
        _font(style, HEAD if heading else BODY)
        style.font.size = Pt(size)
        if heading:
            style.font.color.rgb, style.font.bold = RGBColor.from_string(_NAVY), True
    body, heading_one = (
        document.styles["Normal"].paragraph_format,
        document.styles["Heading 1"].paragraph_format,
    )
    body.space_after, body.line_spacing = Pt(6), 1.4
    heading_one.space_before, heading_one.space_after, heading_one.keep_with_next = Pt(16), Pt(6), True
    heading_two = document.styles["Heading 2"].paragraph_format
    heading_two.space_before, heading_two.space_after = Pt(8), Pt(2)
    document.styles["List Bullet"].paragraph_format.space_after = Pt(3)


def _font(style: Any, name: str) -> None:
    """The font for every script: without its `eastAsia` name Word falls back to whatever it finds for hanzi."""
    from docx.oxml.ns import qn

    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)
        theme = qn(f"w:{'eastAsia' if script == 'eastAsia' else script}Theme")
        fonts.attrib.pop(theme, None)
    fonts.attrib.pop(qn("w:cstheme"), None)


def _title(document: Document, found: Service) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    title = document.add_paragraph(TITLE, "Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(6), Pt(4)
    under = document.add_paragraph()
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = under.add_run(_text(subtitle(found)))
    run.font.size, run.font.color.rgb = Pt(10), RGBColor(0x6B, 0x77, 0x85)


def _paragraph(document: Document, text: str) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph(_text(text))
    paragraph.paragraph_format.first_line_indent = Pt(21)
    # What a table or a picture is about must not stand alone at the foot of the page before.
    paragraph.paragraph_format.keep_with_next = text.endswith(("：", "件。", "首位。"))


def _trend(document: Document, found: Service) -> None:
    """The picture of the trend, with its words for those who cannot see it."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    picture = trend_png(found.tallies)
    if picture is None:
        return
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = paragraph.add_run().add_picture(BytesIO(picture), width=Mm(_TEXT))
    shape._inline.docPr.set("descr", "逐月新增、关闭的柱形图和月末未闭环的折线，数字见下表")


def _bullets(document: Document, block: Bullets) -> None:
    for item in block.items:
        document.add_paragraph(_text(item), "List Bullet")


def _grid(document: Document, block: Grid) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm, Pt

    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _lines(table)
    _row(table.rows[0].cells, block.head, head=True)
    _mark(table.rows[0], "w:tblHeader")
    for row in block.rows:
        cells = table.add_row().cells
        _row(cells, row, total=row[0] == "合计")
    shares = [Mm(_TEXT * width / sum(block.widths)) for width in block.widths]
    for column, width in zip(table.columns, shares, strict=True):
        column.width = width
    for found in table.rows:
        _mark(found, "w:cantSplit")
        for cell, width in zip(found.cells, shares, strict=True):
            cell.width = width
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _row(cells: Iterable[_Cell], texts: Iterable[str], head: bool = False, total: bool = False) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    for cell, text in zip(cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(2), 1.15
        paragraph.paragraph_format.space_before = Pt(2)
        run = paragraph.add_run(_text(text))
        run.font.size, run.font.bold = Pt(9.5), head or total
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        if head:
            run.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
            _shade(cell, _NAVY)
        elif total:
            _shade(cell, _BAND)
        if head or _numeric(text):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _numeric(text: str) -> bool:
    return bool(text) and len(text) <= 16 and (text[0] in "+-0123456789—" or text == "持平")  # noqa: PLR2004


def _shade(cell: _Cell, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _lines(table: Table) -> None:
    """Thin grey lines instead of the black grid."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "C9D2DC")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _mark(row: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _signatures(document: Document) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph(
        f"编制：{'　' * 10}审核：{'　' * 10}日期：{'　' * 4}年{'　' * 2}月{'　' * 2}日"
    )
    paragraph.paragraph_format.space_before = Pt(18)


def _packed(document: Document) -> bytes:
    """The parts in their order with one date for all: the library would stamp each with the clock."""
    raw, out = BytesIO(), BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            entry = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(entry, source.read(info))
    return out.getvalue()
