"""绩效 3:3:4 as a workbook: every score a formula over the numbers beside it, and how each is reckoned (R-000-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from frontdesk.domain.kpi import BANDS, CAP, MEANINGS, WEIGHTS, Score, Table
from frontdesk.domain.timing import HOUR, Instant, local
from frontdesk.sheets.book import AMBER, BLUE, GREEN, NAVY, Styles, across, columns, letter, page, workbook
from frontdesk.sheets.cells import data_text, lines
from frontdesk.sheets.files import Written, put
from frontdesk.sheets.kpi_text import notes, places, star_line

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

TITLE: Final = "绩效考核3比3比4"
_HEAD: Final = 5
_NONE: Final = "—"
_PARTS: Final = ("volume", "praise", "resolution")


class Meta(NamedTuple):
    """What the sheet says beside its scores; `now` only names a copy."""

    site: str
    month: str
    until: Instant
    now: Instant


def file_name(month: str) -> str:
    """绩效考核3比3比4-YYYY-MM.xlsx."""
    return f"{TITLE}-{month}.xlsx"


def write_kpi(people: Table, rooms: Table, path: Path, meta: Meta) -> Written:
    """Write the workbook; the same month as of the same moment gives the same bytes. As `files.put`."""

    def build(handle: BinaryIO, _old: Path | None) -> str:
        _write(handle, people, rooms, meta)
        return ""

    return put(path, build, meta.now)


def _write(handle: BinaryIO, people: Table, rooms: Table, meta: Meta) -> None:
    month = f"{meta.month[:4]}年{int(meta.month[5:])}月"
    site = data_text(meta.site)
    subtitle = f"项目：{site}　　期间：{month}　　数据截至：{local(meta.until):%Y-%m-%d %H:%M}　　处理量 30% ＋ 好评率 30% ＋ 解决率 40%"
    with workbook(handle, f"{TITLE} {month}", site, meta.until) as book:
        styles = Styles(book)
        for name, table, colour in (("人员", people, NAVY), ("部门", rooms, GREEN)):
            for pages in _Pages(book, styles, table, name).write(subtitle):
                page(pages, f"{TITLE} {month}", site, (_HEAD - 1, _HEAD), colour)
        meanings = book.add_worksheet("口径")
        _meanings(meanings, styles, subtitle)
        page(meanings, f"{TITLE} {month}", site, (0, 2), AMBER)


class _Column(NamedTuple):
    """A column: its group, heading, width, and how many decimals its numbers show."""

    group: str
    key: str
    label: str
    width: float
    decimals: int = 0


def _names(name: str) -> list[_Column]:
    who = "姓名" if name == "人员" else "部门"
    return [_Column("名次", "place", "名次", 7), _Column("名次", "name", who, 16)]


def _scores(name: str) -> list[_Column]:
    """The first page: what is pinned up."""
    return [
        *_names(name),
        _Column("得分", "total", "总分", 11, 1),
        _Column("得分", "volume", f"处理量 {WEIGHTS[0]}%", 15, 1),
        _Column("得分", "praise", f"好评率 {WEIGHTS[1]}%", 15, 1),
        _Column("得分", "resolution", f"解决率 {WEIGHTS[2]}%", 15, 1),
        _Column("备注", "notes", "备注", 44),
    ]


def _working(table: Table, name: str) -> list[_Column]:
    """The second page: where each score comes from."""
    unit, bands = table.unit, BANDS if table.unit == "小时" else ("",)
    volume, praise, solved = (f"{part}怎么来的" for part in ("处理量", "好评率", "解决率"))
    return [
        *_names(name),
        *(_Column(volume, f"hours{n}", f"{band}在岗{unit}", 8, 1) for n, band in enumerate(bands)),
        *(_Column(volume, f"done{n}", f"{band}办结", 7) for n, band in enumerate(bands)),
        *(_Column(volume, f"pace{n}", f"{band}同事每{unit}中位", 9, 3) for n, band in enumerate(bands)),
        _Column(volume, "expected", "应办结", 8, 1),
        _Column(volume, "ratio", "处理量比", 8, 2),
        _Column(praise, "good", "好评", 7),
        _Column(praise, "asked", "回访与签字", 8),
        _Column(praise, "good_fill", "补足", 6),
        _Column(praise, "good_mean", "全组平均", 8, 3),
        _Column(solved, "solved", "解决", 7),
        _Column(solved, "due", "应解决", 7),
        _Column(solved, "solved_fill", "补足", 6),
        _Column(solved, "solved_mean", "全组平均", 8, 3),
        _Column(solved, "reopened", "其中重开", 7),
        _Column(solved, "again", "再次上移", 7),
        _Column(solved, "overdue", "超时未办结", 7),
    ]


class _Pages:
    """One table on two pages: the scores, and their working with the same row for the same name."""

    def __init__(self, book: Workbook, styles: Styles, table: Table, name: str) -> None:
        self._book, self._styles, self._table, self._name = book, styles, table, name
        self._columns = {name: _scores(name), f"{name}过程": _working(table, name)}
        self._sheets = {page_name: book.add_worksheet(page_name) for page_name in self._columns}
        self._at = {
            column.key: (page_name, place)
            for page_name, found in self._columns.items()
            for place, column in enumerate(found)
        }
        self._formats: dict[tuple[int, bool], Format] = {}

    def write(self, subtitle: str) -> Iterable[Worksheet]:
        """Both pages from top to bottom; answers them."""
        for page_name, found in self._columns.items():
            self._top(page_name, found, subtitle)
        ranked = zip(places(self._table), self._table.scores, strict=True)
        for row, (place, score) in enumerate(ranked, _HEAD + 1):
            for page_name, sheet in self._sheets.items():
                sheet.set_row(row, 22)
                sheet.write_number(row, 0, place, self._style(0))
                sheet.write_string(row, 1, data_text(score.work.name), self._styles["name"])
                self._line(page_name, row, score)
        if self._table.scores:
            self._bars()
            self._chart()
        return self._sheets.values()

    def _top(self, page_name: str, found: Sequence[_Column], subtitle: str) -> None:
        sheet, styles, edge = self._sheets[page_name], self._styles, len(found) - 1
        columns(sheet, [column.width for column in found])
        sheet.set_row(0, 34)
        across(sheet, 0, 0, edge, f"绩效考核 3:3:4（{page_name}）", styles["title"])
        sheet.set_row(1, 20)
        across(sheet, 1, 0, edge, subtitle, styles["subtitle"])
        sheet.set_row(2, 24)
        words = star_line(self._table) if self._table.starred else "部门得分供对照，不评服务之星。"
        across(sheet, 2, 0, edge, data_text(words), styles["balance"])
        sheet.set_row(3, 8)
        sheet.set_row(_HEAD - 1, 20)
        sheet.set_row(_HEAD, 34)
        groups = [column.group for column in found]
        for group in dict.fromkeys(groups):
            first, last = groups.index(group), len(groups) - 1 - groups[::-1].index(group)
            across(sheet, _HEAD - 1, first, last, group, styles["group"])
        for place, column in enumerate(found):
            sheet.write_string(_HEAD, place, column.label, styles["head"])
        sheet.freeze_panes(_HEAD + 1, 2)

    def _style(self, decimals: int, bold: bool = False) -> Format:
        if (decimals, bold) not in self._formats:
            shown = "0" if not decimals else f"0.{'0' * decimals}"
            look: dict[str, Any] = {
                **{"font_name": "微软雅黑", "font_size": 10, "font_color": "#22303C", "border": 1},
                **{"border_color": "#C9D2DC", "align": "center", "valign": "vcenter", "num_format": shown},
            }
            self._formats[decimals, bold] = self._book.add_format(
                {**look, "bold": True, "bg_color": "#EEF3F8"} if bold else look
            )
        return self._formats[decimals, bold]

    def _line(self, page_name: str, row: int, score: Score) -> None:
        for column in self._columns[page_name][2:]:
            value, formula = self._value(column.key, row, score)
            sheet, (_, place) = self._sheets[page_name], self._at[column.key]
            style = self._style(column.decimals, column.key == "total")
            if column.key == "notes":
                sheet.write_string(row, place, data_text(str(value)), self._styles["text"])
            elif formula:
                sheet.write_formula(row, place, f"={formula}", style, value)
            elif isinstance(value, str):
                sheet.write_string(row, place, value, style)
            else:
                sheet.write_number(row, place, value, style)

    def _value(self, key: str, row: int, score: Score) -> tuple[float | str, str]:
        """(what the cell shows, the formula that comes to it or "")."""
        work, length = score.work, HOUR if self._table.unit == "小时" else 86_400
        c = {
            name: f"'{page_name}'!${letter(place)}${row + 1}" for name, (page_name, place) in self._at.items()
        }
        if key[-1:].isdigit():
            band = int(key[-1])
            pace = score.pace[band]
            found = {"hours": work.hours[band] / length, "done": work.handled[band]}
            return found.get(key[:-1], _NONE if pace is None else pace), ""
        plain: dict[str, float | str] = {
            **{"good": score.praise.good, "asked": score.praise.of, "good_fill": score.praise.fill},
            **{"good_mean": score.praise.mean, "solved": score.resolution.good, "due": score.resolution.of},
            **{"solved_fill": score.resolution.fill, "solved_mean": score.resolution.mean},
            **{"reopened": work.reopened, "again": work.again, "overdue": work.overdue},
            "notes": notes(score, self._table),
        }
        if key in plain:
            return plain[key], ""
        return self._reckoned(key, c, len(work.hours), score)

    @staticmethod
    def _reckoned(key: str, c: Mapping[str, str], bands: int, score: Score) -> tuple[float | str, str]:
        """The same for what is reckoned from other cells; `c` holds their addresses."""

        def added(term: str) -> str:
            """The sum over the bands; `{h}`, `{p}` and `{d}` are hours, pace and tickets done."""
            found = ({"h": c[f"hours{n}"], "p": c[f"pace{n}"], "d": c[f"done{n}"]} for n in range(bands))
            return "+".join(term.format_map(cells) for cells in found)

        parts: dict[str, float] = dict(zip(_PARTS, score.parts, strict=True))
        rates = {"praise": ("good", "asked"), "resolution": ("solved", "due")}
        if key in rates:
            good, of = rates[key]
            fill, mean = c[f"{good}_fill"], c[f"{good}_mean"]
            return parts[key], f"({c[good]}+{fill}*{mean})/({c[of]}+{fill})*100"
        known = added("({h}>0)*ISNUMBER({p})")
        counted = added("IF(AND({h}>0,NOT(ISNUMBER({p}))),0,{d})")
        rest = f'IF({counted}>0,{CAP},"{_NONE}")'
        ratio = c["ratio"]
        weighted = "+".join(f"{weight}*{c[part]}" for weight, part in zip(WEIGHTS, _PARTS, strict=True))
        formulas: dict[str, tuple[float | str, str]] = {
            "expected": (score.expected, added("IF(ISNUMBER({p}),{h}*{p},0)")),
            "ratio": (
                _NONE if score.ratio is None else score.ratio,
                f'IF({known}=0,"{_NONE}",IF({c["expected"]}>0,({counted})/{c["expected"]},{rest}))',
            ),
            "volume": (
                parts["volume"],
                f"IF(ISNUMBER({ratio}),MIN({ratio},{CAP})/{CAP}*100,{100 / CAP:g})",
            ),
            "total": (score.total, f"ROUND(({weighted})/100,1)"),
        }
        return formulas[key]

    def _bars(self) -> None:
        first, last = _HEAD + 1, _HEAD + len(self._table.scores)
        # Pale, so that the number in front of the bar stays readable.
        for key, colour in zip(_PARTS, ("#BCD3EC", "#CFE3D6", "#F0DDBF"), strict=True):
            bar = {
                **{"type": "data_bar", "bar_color": colour, "bar_solid": True},
                **{"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 100},
            }
            place = self._at[key][1]
            self._sheets[self._name].conditional_format(first, place, last, place, bar)

    def _chart(self) -> None:
        """The three parts as one stacked bar a person."""
        first, count = _HEAD + 1, len(self._table.scores)
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        assert chart is not None  # only an unknown type has none
        labels, colours = ("处理量", "好评率", "解决率"), (BLUE, GREEN, AMBER)
        for key, label, colour in zip(_PARTS, labels, colours, strict=True):
            at = self._at[key][1]
            chart.add_series(
                {
                    "name": label,
                    "categories": [self._name, first, 1, first + count - 1, 1],
                    "values": [self._name, first, at, first + count - 1, at],
                    "fill": {"color": colour},
                    "gap": 60,
                }
            )
        chart.set_title({"name": "三项得分（各满分 100）", "name_font": {"size": 12, "color": NAVY}})
        chart.set_x_axis(
            {
                "min": 0,
                "max": 300,
                "major_unit": 50,
                "major_gridlines": {"visible": True, "line": {"color": "#C9D2DC"}},
            }
        )
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 900, "height": 120 + 52 * count})
        self._sheets[self._name].insert_chart(first + count + 1, 0, chart, {"x_offset": 8, "y_offset": 8})


def _meanings(sheet: Worksheet, styles: Styles, subtitle: str) -> None:
    columns(sheet, [18, 112])
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, "口径说明", styles["heading"])
    sheet.write_string(1, 0, subtitle, styles["remark"])
    sheet.set_row(2, 22)
    for place, words in enumerate(("指标", "怎么算")):
        sheet.write_string(2, place, words, styles["head"])
    for row, (name, text) in enumerate(MEANINGS, 3):
        sheet.set_row(row, 15.0 * lines(text, 108) + 7)
        sheet.write_string(row, 0, name, styles["name"])
        sheet.write_string(row, 1, text, styles["meaning"])
    sheet.freeze_panes(3, 0)
