"""Small tables and long lists on a page, each described by its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from frontdesk.sheets.book import Styles, letter
from frontdesk.sheets.cells import lines, width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from frontdesk.sheets.listing import Listing

TRACED: Final = 120
"""So many ticket numbers at most stand in the note of a cell."""


class Formula(NamedTuple):
    """A formula and what it comes to."""

    text: str
    value: float | str


class Listed(NamedTuple):
    """A column of a list: heading, the style of its cells, whether these are text, and what stands in them."""

    heading: str
    style: str
    textual: bool
    cell: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Block:
    """Where a table stands: its first and last row of lines, and the row of its total."""

    first: int
    last: int

    @property
    def total(self) -> int:
        """The row of the total, one below the lines."""
        return self.last + 1


def heading(sheet: Worksheet, styles: Styles, row: int, text: str, remark: str = "") -> None:
    """The name of a table, and a word on how it is to be read."""
    sheet.set_row(row, 22)
    sheet.write_string(row, 0, text, styles["section"])
    if remark:
        sheet.write_string(row, 1 if width(text) < 20 else 2, remark, styles["remark"])  # noqa: PLR2004


def heads(sheet: Worksheet, styles: Styles, row: int, texts: Sequence[str], height: float = 24) -> None:
    """A row of headings."""
    sheet.set_row(row, height)
    for place, text in enumerate(texts):
        sheet.write_string(row, place, text, styles["head"])


def put(sheet: Worksheet, row: int, place: int, value: float | str | Formula | None, style: Any) -> None:
    """A value of whatever kind into one cell."""
    if value is None:
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, Formula):
        sheet.write_formula(row, place, value.text, style, value.value)
    elif isinstance(value, str):
        sheet.write_string(row, place, value, style)
    else:
        sheet.write_number(row, place, value, style)


def table(
    sheet: Worksheet,
    styles: Styles,
    row: int,
    headings: Sequence[str],
    looks: Sequence[str],
    rows: Iterable[Sequence[float | str | Formula | None]],
) -> Block:
    """A table from the headings in `row` on, each column in one look; answers where its lines stand."""
    heads(sheet, styles, row, headings)
    last = row
    for last, cells in enumerate(rows, row + 1):
        sheet.set_row(last, 20)
        for place, (value, look) in enumerate(zip(cells, looks, strict=True)):
            put(sheet, last, place, value, styles[look])
    return Block(row + 1, last)


def summed(column: int, block: Block, value: float) -> Formula:
    """The sum of a column of that block."""
    name = letter(column)
    if block.last < block.first:
        return Formula("=0", value)
    return Formula(f"=SUM({name}{block.first + 1}:{name}{block.last + 1})", value)


def share(good: str, whole: str, value: float | None) -> Formula:
    """One cell as a share of a sum; a dash where that is nothing."""
    return Formula(f'=IF({whole}=0,"—",{good}/({whole}))', "—" if value is None else value)


def note(sheet: Worksheet, row: int, place: int, numbers: Sequence[str], count: int, where: str = "") -> None:
    """The tickets behind a number, in the cell's note; nothing for a zero."""
    if not count:
        return
    shown = numbers[:TRACED]
    text = "、".join(shown)
    if count > len(shown):
        text += f"…… 共 {count} 件（次）{where}"
    tall = lines(text, 44) * 15 + 18
    sheet.write_comment(
        row,
        place,
        text,
        {"author": "", "width": 300, "height": min(tall, 420), "font_name": "微软雅黑", "font_size": 9},
    )


def listing(sheet: Listing, styles: Styles, row: int, columns: Sequence[Listed], rows: Sequence[Any]) -> int:
    """A long list with headings in `row` and a filter over them; it ends the page. Answers its last row."""
    heads(sheet, styles, row, [column.heading for column in columns], 30)
    looks = [(styles[column.style], column.textual) for column in columns]
    cells = [column.cell for column in columns]
    sheet.write_list(row + 1, looks, ((19, tuple(cell(each) for cell in cells)) for each in rows))
    last = row + max(len(rows), 1)
    sheet.autofilter(row, 0, last, len(columns) - 1)
    return last


def nothing(sheet: Worksheet, styles: Styles, row: int, text: str) -> None:
    """Said where a list would be empty."""
    sheet.write_string(row, 0, text, styles["remark"])


def traced(names: Iterable[str]) -> list[str]:
    """The first numbers of many, each once."""
    return list(dict.fromkeys(names))[: TRACED + 1]


def words_alarm(sheet: Worksheet, styles: Styles, area: tuple[int, int, int, int]) -> None:
    """The SLA's words in their colours: the word always stands there, the colour only helps."""
    for word, look in (
        ("超时", "red"),
        ("仍未做到", "red"),
        ("不达标", "red"),
        ("临期", "amber"),
        ("已补办", "amber"),
        ("关注", "amber"),
        ("时限内", "green"),
        ("达标", "green"),
        ("挂起", "grey"),
    ):
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles[look]}
        sheet.conditional_format(*area, rule)
