"""The page of tickets behind the figures: one row each, masked, with its share of every figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from frontdesk.domain.month_details import DetailRow
from frontdesk.domain.tallies import FIGURES
from frontdesk.domain.terms import CHANNELS, CLOSE_GROUNDS, KINDS, PRIORITIES
from frontdesk.sheets.book import Styles, columns, letter
from frontdesk.sheets.cells import data_text, lines, serial
from frontdesk.sheets.lists import TRACED

if TYPE_CHECKING:
    from frontdesk.sheets.listing import Listing

PAGE: Final = "明细(脱敏)"
_FIRST: Final = 3
"""The first row of tickets, counted from 0; the headings stand above it."""

_TITLE_WIDTH: Final = 50
_TITLE_HOLDS: Final = 56  # its type is a little smaller than that by which widths are counted
# heading, width, style, whether it is text
_COLUMNS: Final = (
    ("受理编号", 13, "middle", True),
    ("受理时间", 16.5, "date", False),
    ("来诉渠道", 9, "middle", True),
    ("类型", 6.5, "middle", True),
    ("投诉分类", 21, "text", True),
    ("紧急程度", 6.5, "middle", True),
    ("房号", 9, "middle", True),
    ("诉求摘要", _TITLE_WIDTH, "text", True),
    ("责任部门", 11, "middle", True),
    ("首问责任人", 11, "middle", True),
    ("状态", 14, "middle", True),
    ("最近办结", 16.5, "date", False),
    ("关闭时间", 16.5, "date", False),
    ("最近回访星级", 8.5, "share", False),
    ("上移层级", 6.5, "share", False),
)
_SHARES: Final = len(_COLUMNS)
_LAST: Final = _SHARES + len(FIGURES) - 1
_GROUPS: Final = {"categories": 4, "kinds": 3, "channels": 2, "departments": 8}
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {"kinds": KINDS, "channels": CHANNELS}
_MISSING: Final = {"categories": "未分类", "departments": "未派单", "kinds": "未注明", "channels": "未注明"}
_STATES: Final = {"open": "在办", "void": "作废", "merged": "重复并单"}
_GROUNDS: Final = {**CLOSE_GROUNDS, "silence": "静默关闭"}


def label(group: str, name: str) -> str:
    """How a category, kind, channel or department reads in every cell of the sheet that names it."""
    return data_text(_LABELS.get(group, {}).get(name, name)) or _MISSING[group]


@dataclass(frozen=True, slots=True)
class Trace:
    """The tickets behind one number: how many, the first of them, and the rows from the first to the last."""

    count: int
    numbers: Sequence[str]
    first: int
    last: int

    @property
    def together(self) -> bool:
        """They stand next to each other and nothing else between them."""
        return self.last - self.first + 1 == self.count


@dataclass(frozen=True, slots=True)
class Index:
    """Where the tickets stand on their page, and what they add up to.

    `traces`: (group, name, figure) → the tickets that have a share in it; `sums`: category → figures.
    """

    count: int
    traces: Mapping[tuple[str, str, int], Trace]
    sums: Mapping[str, Sequence[int]]

    def sum_of(self, figure: int, **keys: str) -> str:
        """The formula that adds a figure up over the rows whose groups read as those cells do."""
        names = "".join(f",{self._area(letter(_GROUPS[group]))},{key}" for group, key in keys.items())
        return f"=SUMIFS({self._area(letter(_SHARES + figure))}{names})"

    def _area(self, column: str) -> str:
        return f"'{PAGE}'!${column}${_FIRST + 1}:${column}${_FIRST + max(self.count, 1)}"

    def whole(self, figure: int) -> str:
        """All tickets, under the heading of that figure."""
        return f"internal:'{PAGE}'!A{_FIRST + 1}:{letter(_SHARES + figure)}{_FIRST + max(self.count, 1)}"

    def link(self, trace: Trace, figure: int) -> str:
        """Where a click on the number leads."""
        return f"internal:'{PAGE}'!A{trace.first + 1}:{letter(_SHARES + figure)}{trace.last + 1}"


def index(rows: Sequence[DetailRow]) -> Index:
    """Add the rows up as the page will show them, in that order."""
    found: dict[tuple[str, str, int], list[Any]] = {}
    sums: dict[str, list[int]] = {}
    known = _Labels()
    for row, each in enumerate(rows, _FIRST):
        named = (
            ("categories", known["categories", each.category]),
            ("kinds", known["kinds", each.kind]),
            ("channels", known["channels", each.channel]),
            ("departments", known["departments", each.department]),
        )
        total = sums.setdefault(named[0][1], [0] * len(each.figures))
        for figure, share in enumerate(each.figures):
            if not share:
                continue
            total[figure] += share
            for group, name in named:
                kept = found.get((group, name, figure))
                if kept is None:
                    found[group, name, figure] = [1, [each.number], row, row]
                    continue
                kept[0] += 1
                kept[3] = row
                if kept[0] <= TRACED:
                    kept[1].append(each.number)
    return Index(len(rows), {key: Trace(*kept) for key, kept in found.items()}, sums)


class _Labels(dict[tuple[str, str], str]):
    def __missing__(self, key: tuple[str, str]) -> str:
        self[key] = label(*key)
        return self[key]


def write_details(sheet: Listing, styles: Styles, rows: Sequence[DetailRow], title: str) -> None:
    """The page. Texts are strings, times and shares are numbers; nothing is ever a formula."""
    columns(sheet, [*(size for _, size, _, _ in _COLUMNS), *[6.5] * len(FIGURES)])
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, f"{title}　明细（脱敏）", styles["heading"])
    hint = f"共 {len(rows)} 件，按分类排列。右侧各列是每件工单计入汇总的次数，可筛选核对。"
    sheet.write_string(1, 0, hint, styles["remark"])
    sheet.merge_range(1, _SHARES, 1, _LAST, "计入汇总的次数", styles["group"])
    sheet.set_row(2, 32)
    headings = (*(heading for heading, *_ in _COLUMNS), *(meaning.label for meaning in FIGURES.values()))
    for place, heading in enumerate(headings):
        sheet.write_string(2, place, heading, styles["head"])
    looks = [(styles[style], textual) for _, _, style, textual in _COLUMNS]
    sheet.write_list(_FIRST, [*looks, *[(styles["share"], False)] * len(FIGURES)], _cells(rows))
    last = _FIRST + max(len(rows), 1) - 1
    sheet.autofilter(2, 0, last, _LAST)
    sheet.print_area(0, 0, last, _SHARES - 1)
    sheet.freeze_panes(_FIRST, 1)


def _cells(rows: Iterable[DetailRow]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The one loop as long as the month: whatever repeats is looked up, not worked out again."""
    from frontdesk.sheets.listing import number, text

    known = _Known()
    for each in rows:
        title = data_text(each.title)
        tall = lines(title, _TITLE_HOLDS) if 2 * len(title) > _TITLE_HOLDS else 1
        yield (
            5 + 13 * tall,
            (
                text(data_text(each.number)),
                number(serial(each.opened_at)),
                known["channels", each.channel],
                known["kinds", each.kind],
                known["categories", each.category],
                PRIORITIES.get(each.priority, ""),
                known["", each.unit],
                text(title),
                known["departments", each.department],
                known["", each.case_owner],
                _STATES.get(each.state) or _GROUNDS.get(each.ground, "已关闭"),
                number(None if each.resolved_at is None else serial(each.resolved_at)),
                number(None if each.closed_at is None else serial(each.closed_at)),
                number(each.score),
                number(each.level or None),
                *map(number, each.figures),
            ),
        )


class _Known(dict[tuple[str, str], str]):
    """Cells that many rows share, by group and name."""

    def __missing__(self, key: tuple[str, str]) -> str:
        from frontdesk.sheets.listing import text

        group, name = key
        self[key] = text(label(group, name) if group else data_text(name))
        return self[key]
