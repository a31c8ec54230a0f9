"""The monthly sheet of 10,000 tickets: written by us against openpyxl writing the same values, and its notes read back.

Openpyxl writes bare values: our fonts, formulas, links and page set-up are extra. Every writing happens in a process of its
own, whose memory above what the imports took is the sheet's.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from frontdesk.desk.reports import Reports
from frontdesk.domain.timing import DAY, local, month_bounds
from scripts.bench.estate import Home, build
from scripts.bench.measure import Pair, Plan, Row, absolute, interleaved, wall

TICKETS = 10_000


def rows(plan: Plan) -> list[Row]:
    """Time, memory and reading back."""
    now = int(time.time())
    month = f"{local(month_bounds(f'{local(now):%Y-%m}')[0] - DAY):%Y-%m}"
    start, end = month_bounds(month)
    home = build(plan.folder / "home", TICKETS, TICKETS, (now - end + 1, now - start))
    sheet = home.desk().reports.export(month, plan.folder).path
    pair, peaks = Pair([], []), []
    for _ in range(plan.times(6)):
        seconds, mebibytes = alone(ours, home, month, plan.folder / "again")
        pair.ours.append(seconds)
        peaks.append(mebibytes)
        pair.floor.append(alone(openpyxl, sheet, plan.folder / "floor.xlsx")[0])
        (plan.folder / "again" / sheet.name).unlink()
    return [
        pair.row(f"the sheet of {TICKETS:,} tickets, of openpyxl", 0.35),
        absolute("the sheet's memory", max(peaks), 60, "MiB", "RSS"),
        reading(sheet, plan).row("notes read back, of calamine reading the page", 2.0),
    ]


def alone(task: Any, *arguments: Any) -> tuple[float, float]:
    """Seconds and MiB of a task, in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        told: tuple[float, float] = pool.submit(task, *arguments).result()
    return told


def ours(home: Home, month: str, folder: Path) -> tuple[float, float]:
    """The sheet out of the month's facts; reading these out of the events comes first and is not counted."""
    from frontdesk.domain.month_details import month_details
    from frontdesk.domain.tallies import tally_month
    from frontdesk.sheets.complaint_sheet import Meta, file_name, write_month

    desk = home.desk()
    start, end = month_bounds(month)
    found = list(Reports(desk._access)._facts(end, start))
    tally = tally_month(found, month, desk.now())
    details = list(month_details(found, tally))
    meta = Meta(desk.settings.site, desk.now(), tuple(desk._access.categories.all))
    folder.mkdir(exist_ok=True)
    return spent(lambda: write_month(tally, details, folder / file_name(month), meta))


def openpyxl(sheet: Path, target: Path) -> tuple[float, float]:
    """The same values, page by page."""
    from openpyxl import Workbook, load_workbook

    pages = [
        (page.title, [[cell.value for cell in line] for line in page.rows]) for page in load_workbook(sheet)
    ]

    def write() -> None:
        book = Workbook()
        for title, lines in pages:
            page = book.create_sheet(title)
            for line in lines:
                page.append(line)
        book.save(target)

    return spent(write)


def spent(task: Any) -> tuple[float, float]:
    """Seconds, and MiB by which the process grew at the highest."""
    # The kernel forgets the peak that reading the events has left.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, start = memory("VmRSS"), time.perf_counter()
    task()
    return time.perf_counter() - start, memory("VmHWM") - before


def memory(which: str) -> float:
    """A line of the kernel's report on this process, in MiB."""
    report = Path("/proc/self/status").read_text(encoding="ascii")
    return int(report.split(f"{which}:")[1].split()[0]) / 1024


def reading(sheet: Path, plan: Plan) -> Pair:
    """The columns that a person types into, and calamine alone over the page that has them."""
    from python_calamine import CalamineWorkbook

    from frontdesk.sheets.notes import read_notes

    def floor() -> None:
        with CalamineWorkbook.from_path(sheet) as book:
            book.get_sheet_by_index(0).to_python()

    return interleaved(wall(lambda: read_notes(sheet)), wall(floor), plan.times(20))
