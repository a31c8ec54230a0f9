"""顾客投诉分类统计表: the monthly sheet, recomputed whole and balanced (DESIGN §11, R-S11-02, T16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from frontdesk.domain.tallies import DetailRow, Figures, Imbalance, MonthTally
from frontdesk.domain.terms import KINDS
from frontdesk.domain.timing import Instant, local
from frontdesk.sheets import days, details
from frontdesk.sheets.book import AMBER, BLUE, GREEN, NAVY, SLATE, Styles, page, workbook
from frontdesk.sheets.cells import data_text
from frontdesk.sheets.days import write_daily
from frontdesk.sheets.details import Index, index, label, write_details
from frontdesk.sheets.figures import TOTAL, labelled
from frontdesk.sheets.files import Written, put
from frontdesk.sheets.notes import Note, NotOurs, read_notes
from frontdesk.sheets.pages import write_groups, write_meanings, write_summary

if TYPE_CHECKING:
    from frontdesk.sheets.listing import Listing

TITLE: Final = "顾客投诉分类统计表"


@dataclass(frozen=True, slots=True)
class Meta:
    """What the sheet says beside its figures; `order` lists the categories that stand in it even at zero.

    `now` never enters the sheet: it names the copy that is made where the old file cannot be replaced.
    """

    site: str
    now: Instant
    order: tuple[str, ...] = ()


def file_name(month: str) -> str:
    """顾客投诉分类统计表-YYYY-MM.xlsx."""
    return f"{TITLE}-{month}.xlsx"


def write_month(tally: MonthTally, found: Iterable[DetailRow], path: Path, meta: Meta) -> Written:
    """Write the month's sheet to `path`; a second run over the same data leaves the file as it is.

    `found` are the tickets that `tallies.month_details` answers. What a person typed in 备注 and 改进措施 of
    the old file is carried on. `Imbalance` where tickets and figures differ; `Refused` and `StoreTrouble` as
    in `files.put`.
    """
    shown = labelled("categories", tally.categories, meta.order)
    place = {name: number for number, name in enumerate(shown)}
    rows = sorted(found, key=lambda each: place.get(label("categories", each.category), -1))
    places = index(rows)
    _agree(tally, places, shown)

    def build(handle: BinaryIO, old: Path | None) -> str:
        notes, keep = _notes(old)
        _write(handle, tally, rows, places, shown, notes, meta)
        return keep

    return put(path, build, meta.now)


def _agree(tally: MonthTally, places: Index, shown: Mapping[str, Figures]) -> None:
    """The tickets listed must add up to the figures shown: the formulas of the sheet count the list."""
    listed = {name: Figures(*sums) for name, sums in places.sums.items()}
    if listed != {name: figures for name, figures in shown.items() if any(figures)}:
        raise Imbalance(tally.month, (), "明细与汇总对不上")


def _notes(old: Path | None) -> tuple[dict[str, Note], str]:
    """The notes to carry on, and why the old file must stay where they cannot be read."""
    if old is None:
        return {}, ""
    try:
        return read_notes(old), ""
    except NotOurs as problem:
        return {}, f"{old.name} {problem}"


def _write(
    handle: BinaryIO,
    tally: MonthTally,
    rows: list[DetailRow],
    places: Index,
    shown: Mapping[str, Figures],
    notes: Mapping[str, Note],
    meta: Meta,
) -> None:
    from frontdesk.sheets.listing import Listing

    month, site = f"{tally.month[:4]}年{int(tally.month[5:])}月", data_text(meta.site)
    title, subtitle = f"{TITLE} {month}", _subtitle(tally, site, month)
    # A row whose tickets have moved to another category stays while somebody's words stand in it.
    kept = {**shown, **{name: Figures() for name in notes if name not in shown and name != TOTAL}}
    with workbook(handle, title, site, tally.cut - 1) as book:
        styles = Styles(book)
        summary, daily, groups = (book.add_worksheet(name) for name in ("汇总", days.PAGE, "渠道与部门"))
        listing = cast("Listing", book.add_worksheet(details.PAGE, Listing))
        meanings = book.add_worksheet("说明")
        write_summary(summary, styles, places, kept, tally.totals, notes, subtitle)
        write_daily(book, daily, styles, tally, list(kept))
        write_groups(groups, styles, places, tally, subtitle)
        write_details(listing, styles, rows, title)
        write_meanings(meanings, styles, subtitle)
        for sheet, repeat, colour in (
            (summary, (5, 6), NAVY),
            (daily, (0, 1), BLUE),
            (groups, (0, 1), GREEN),
            (listing, (2, 2), AMBER),
            (meanings, (0, 2), SLATE),
        ):
            page(sheet, title, site, repeat, colour)


def _subtitle(tally: MonthTally, site: str, month: str) -> str:
    """Whose month it is, over what, until when. The end of a month is written as 24:00 of its last day."""
    whole = tally.as_of >= tally.end
    until = f"{local(tally.end - 1):%Y-%m-%d} 24:00" if whole else f"{local(tally.as_of):%Y-%m-%d %H:%M}"
    kinds = [words for kind, words in KINDS.items() if kind in tally.scope]
    scope = "全部诉求" if len(kinds) == len(KINDS) else "、".join(kinds)
    parts = (f"项目：{site}", f"期间：{month}", f"范围：{scope}", f"数据截至：{until}", "单位：件（次）")
    return "　　".join(parts)
