"""The monthly sheet of 10,000 tickets: written by us against openpyxl writing the same values, and its notes read back.

Openpyxl writes bare values: our fonts, formulas, links and page set-up are extra. Every writing happens in a process of its
own, whose memory above what the imports took is the sheet's.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from frontdesk.domain.timing import DAY, local, month_bounds
from scripts.bench.estate import Home, build
from scripts.bench.measure import Pair, Plan, Row, absolute, interleaved, wall

TICKETS = 10_000
MANY = 10 * TICKETS


def rows(plan: Plan) -> list[Row]:
    """Time, memory, ten times as many, reading back, and a second export of the same."""
    now = int(time.time())
    month = f"{local(month_bounds(f'{local(now):%Y-%m}')[0] - DAY):%Y-%m}"
    start, end = month_bounds(month)
    home = build(plan.folder / "home", TICKETS, TICKETS, (now - end + 1, now - start))
    sheet = home.desk().sheets.export(month, plan.folder).path
    pair, peaks = Pair([], []), []
    for _ in range(plan.times(6)):
        seconds, mebibytes = alone(ours, home, month, plan.folder / "again")
        pair.ours.append(seconds)
        peaks.append(mebibytes)
        pair.floor.append(alone(openpyxl, sheet, plan.folder / "floor.xlsx")[0])
        (plan.folder / "again" / sheet.name).unlink()
    told = [
        pair.row(f"the sheet of {TICKETS:,} tickets, of openpyxl", 0.35),
        absolute("the sheet's memory", max(peaks), 60, "MiB", "RSS"),
        reading(sheet, plan).row("notes read back, of calamine reading the page", 2.0),
        repeated(home, month, plan).row("a second export of an unchanged month, of the first", 0.5),
    ]
    many = build(plan.folder / "many", MANY, MANY, (now - end + 1, now - start))
    seconds, _ = alone(ours, many, month, plan.folder / "more")
    told.append(Pair([seconds], [median(pair.ours)]).row(f"{MANY:,} tickets, of {TICKETS:,}", 12))
    return told


def repeated(home: Home, month: str, plan: Plan) -> Pair:
    """The whole command's work, reading the events included: once into an empty folder, and once more."""
    pair = Pair([], [])
    for place in range(plan.times(4)):
        folder = plan.folder / f"repeated-{place}"
        desk = home.desk()
        export = wall(partial(desk.sheets.export, month, folder))
        pair.floor.append(export())
        pair.ours.append(export())
        desk.close()
    return pair


def alone(task: Any, *arguments: Any) -> tuple[float, float]:
    """Seconds and MiB of a task, in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        told: tuple[float, float] = pool.submit(task, *arguments).result()
    return told


def ours(home: Home, month: str, folder: Path) -> tuple[float, float]:
    """The sheet out of the month's facts; reading these out of the events comes first and is not counted."""
    from frontdesk.desk.month_facts import month_facts
    from frontdesk.domain.month import count_month, reach
    from frontdesk.sheets.complaint_sheet import Meta, file_name, write_month

    desk = home.desk()
    start, end = month_bounds(month)
    found = list(month_facts(desk._access, end, reach(month), start))
    counted = count_month(found, month, desk.now())
    meta = Meta(desk.settings.site, desk.now(), tuple(desk._access.categories.all))
    folder.mkdir(exist_ok=True)
    return spent(lambda: write_month(counted, folder / file_name(month), meta))


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
