"""顾客投诉分类统计表: the monthly sheet, recomputed whole and balanced (DESIGN §11, R-S11-02, T16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from frontdesk.domain.month import Month
from frontdesk.domain.month_details import DetailRow
from frontdesk.domain.tallies import Figures, Imbalance
from frontdesk.domain.terms import KINDS
from frontdesk.domain.timing import Instant, local
from frontdesk.sheets import aftercare_page as aftercare
from frontdesk.sheets import climbs_page as climbs
from frontdesk.sheets import days, details, front_page, groups_page, meanings_page, times_page
from frontdesk.sheets import open_page as unfinished
from frontdesk.sheets import repeats_page as repeats
from frontdesk.sheets.book import AMBER, BLUE, GREEN, NAVY, SLATE, Styles, page, workbook
from frontdesk.sheets.cells import data_text
from frontdesk.sheets.details import Index, index, label, write_details
from frontdesk.sheets.figures import TOTAL, labelled
from frontdesk.sheets.files import Written, put
from frontdesk.sheets.front_page import Compared
from frontdesk.sheets.notes import NotOurs, read_notes
from frontdesk.sheets.notes import Written as Typed

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from frontdesk.sheets.listing import Listing

TITLE: Final = "顾客投诉分类统计表"


class EditionMark(NamedTuple):
    """Which edition of the month a sheet is; `at` is when it was closed, None while the month is open."""

    number: int = 1
    at: Instant | None = None
    by: str = ""
    reason: str = ""

    @property
    def words(self) -> str:
        """For the line under the title."""
        if self.at is None:
            return "未定稿"
        who = f"，{data_text(self.by)}" if self.by else ""
        why = f"，重出原因：{data_text(self.reason)}" if self.reason else ""
        return f"第{self.number}版（定稿 {local(self.at):%Y-%m-%d %H:%M}{who}{why}）"


OPEN: Final = EditionMark()


@dataclass(frozen=True, slots=True)
class Meta:
    """What the sheet says beside its figures; `order` lists the categories that stand in it even at zero.

    `now` never enters the sheet: it names the copy that is made where the old file cannot be replaced. `marks` are
    what has changed in days after they were first written, `own_days` those of `[calendar.days]`.
    """

    site: str
    now: Instant
    order: tuple[str, ...] = ()
    edition: EditionMark = OPEN
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_days: Mapping[int, bool] = field(default_factory=dict)


def file_name(month: str) -> str:
    """顾客投诉分类统计表-YYYY-MM.xlsx."""
    return f"{TITLE}-{month}.xlsx"


def write_month(month: Month, path: Path, meta: Meta) -> Written:
    """Write the month's sheet to `path`; a second run over the same data leaves the file as it is.

    What a person typed into the old file is carried on. `Imbalance` where tickets and figures differ; `Refused` and
    `StoreTrouble` as in `files.put`.
    """
    tally = month.tally
    shown = labelled("categories", tally.categories, meta.order)
    place = {name: number for number, name in enumerate(shown)}
    rows = sorted(month.details, key=lambda each: place.get(label("categories", each.category), -1))
    places = index(rows)
    _agree(month, places, shown)

    def build(handle: BinaryIO, old: Path | None) -> str:
        typed, keep = old_notes(old)
        # A row whose tickets have moved to another category stays while somebody's words stand in it.
        kept = {**shown, **{name: Figures() for name in typed.notes if name not in shown and name != TOTAL}}
        _Writer(month, rows, places, kept, typed, meta).write(handle)
        return keep

    return put(path, build, meta.now)


def _agree(month: Month, places: Index, shown: Mapping[str, Figures]) -> None:
    """The tickets listed must add up to the figures shown: the formulas of the sheet count the list."""
    listed = {name: Figures(*sums) for name, sums in places.sums.items()}
    if listed != {name: figures for name, figures in shown.items() if any(figures)}:
        raise Imbalance(month.tally.month, (), "明细与汇总对不上")


def old_notes(old: Path | None) -> tuple[Typed, str]:
    """What people wrote, and why the old file must stay where that cannot be read."""
    if old is None:
        return Typed({}), ""
    try:
        return read_notes(old), ""
    except NotOurs as problem:
        return Typed({}), f"{old.name} {problem}"


@dataclass(frozen=True, slots=True)
class _Writer:
    """One workbook, page after page."""

    month: Month
    rows: list[DetailRow]
    places: Index
    shown: Mapping[str, Figures]
    typed: Typed
    meta: Meta

    def write(self, handle: BinaryIO) -> None:
        from frontdesk.sheets.listing import Listing

        tally, site = self.month.tally, data_text(self.meta.site)
        named = f"{tally.month[:4]}年{int(tally.month[5:])}月"
        title, covered = f"{TITLE} {named}", covers(self.month, site)
        with workbook(handle, title, site, tally.cut - 1) as book:
            styles = Styles(book)

            def plain(name: str) -> Worksheet:
                return book.add_worksheet(name)

            def long(name: str) -> Listing:
                return cast("Listing", book.add_worksheet(name, Listing))

            front, daily, groups = (plain(name) for name in (front_page.PAGE, days.PAGE, groups_page.PAGE))
            lists = [
                long(name)
                for name in (times_page.PAGE, aftercare.PAGE, climbs.PAGE, repeats.PAGE, unfinished.PAGE)
            ]
            listing, meanings = long(details.PAGE), plain(meanings_page.PAGE)
            self._front(book, front, styles, covered)
            own = self.meta.own_days
            days.write_daily(book, daily, styles, self.month, list(self.shown), self.meta.marks, own)
            groups_page.write_groups(book, groups, styles, self.places, tally, self.rows, self.shown, covered)
            repeat = (
                times_page.write_times(book, lists[0], styles, self.month, covered),
                aftercare.write_aftercare(book, lists[1], styles, self.month, covered),
                climbs.write_climbs(lists[2], styles, self.month, covered),
                repeats.write_repeats(lists[3], styles, self.month, covered),
                unfinished.write_open(lists[4], styles, self.month, covered),
            )
            write_details(listing, styles, self.rows, title)
            meanings_page.write_meanings(meanings, styles, covered, self._facts(covered), self._moved())
            pages: list[tuple[Worksheet, tuple[int, int], str]] = [
                (front, (front_page.HEAD - 1, front_page.HEAD), NAVY),
                (daily, (0, 1), BLUE),
                (groups, (0, 1), GREEN),
                *((sheet, (head, head), BLUE) for sheet, head in zip(lists, repeat, strict=True)),
                (listing, (2, 2), AMBER),
                (meanings, (0, 1), SLATE),
            ]
            for sheet, again, colour in pages:
                page(sheet, title, site, again, colour)

    def _front(self, book: Workbook, sheet: Worksheet, styles: Styles, covered: str) -> None:
        month, tally = self.month, self.month.tally
        compared = Compared(tally.month, tally.totals, month.previous, month.year_ago)
        late = sum(map(len, self.meta.marks.values()))
        told = f"　　补记变动：{late} 处，见每日页" if late else ""
        said = (covered, f"版次：{self.meta.edition.words}　　校验码：{month.digest[:16]}{told}")
        front_page.write_front(book, sheet, styles, self.places, self.shown, compared, self.typed, said)

    def _facts(self, covered: str) -> dict[str, str]:
        late = sum(map(len, self.meta.marks.values()))
        facts = {
            "范围": covered,
            "版次": self.meta.edition.words,
            "校验码": f"{self.month.digest}（全部数字和工单的 SHA-256；数字相同，校验码就相同）",
        }
        if late:
            facts["补记变动"] = f"{late} 处，见每日页"
        return facts

    def _moved(self) -> list[str]:
        return [
            f"{number}：由「{label('categories', before)}」改为「{label('categories', now)}」"
            for number, before, now in self.month.moved
        ]


def covers(month: Month, site: str) -> str:
    """Whose month it is, over what, until when. The end of a month is written as 24:00 of its last day."""
    tally = month.tally
    whole = tally.as_of >= tally.end
    until = f"{local(tally.end - 1):%Y-%m-%d} 24:00" if whole else f"{local(tally.as_of):%Y-%m-%d %H:%M}"
    kinds = [words for kind, words in KINDS.items() if kind in tally.scope]
    scope = "全部诉求" if len(kinds) == len(KINDS) else "、".join(kinds)
    named = f"{tally.month[:4]}年{int(tally.month[5:])}月"
    parts = (f"项目：{site}", f"期间：{named}", f"范围：{scope}", f"数据截至：{until}", "单位：件（次）")
    return "　　".join(parts)
