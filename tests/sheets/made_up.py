"""A made-up November for the sheets: a dozen tickets that between them fill every figure, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from frontdesk.domain.facts import Resolution, Span, Step, TicketFacts
from frontdesk.domain.month import Month, count_month
from frontdesk.domain.tallies import Figures, MonthTally, tally_month
from frontdesk.domain.timing import DAY, HOUR, Instant, month_bounds
from frontdesk.sheets.complaint_sheet import Meta, file_name, write_month
from frontdesk.sheets.files import Written

START, END = month_bounds("2026-11")
NOW = END + DAY
LIFT, GATE, PARKING, FEES = "工程维修-电梯", "工程维修-门禁对讲", "秩序维护-停车车辆", "收费-物业费"
ORDER = (LIFT, GATE, PARKING, FEES, "清洁绿化-绿化")
META = Meta("云栖苑", NOW, ORDER)


RUNGS = "前台", "客服主任", "项目经理"


def ticket(number: str, category: str, *spans: Span, **known: Any) -> TicketFacts:
    usual: dict[str, Any] = {
        "kind": "repair",
        "priority": "normal",
        "channel": "phone",
        "department": "工程部",
        "case_owner": "lin",
        "title": f"{category}的事",
        "unit": "···04",
    }
    steps = (Step(at, level, cause, RUNGS[level]) for at, level, cause in known.get("escalations", ()))
    usual["steps"] = tuple(steps)
    return TicketFacts(number=number, category=category, spans=spans, **(usual | known))


def at(day: int, hour: int = 10) -> Instant:
    return START + (day - 1) * DAY + hour * HOUR


def estate() -> list[TicketFacts]:
    """Carried, new, reopened, void, merged, late, kept and broken: something of everything."""
    return [
        ticket(
            "261028-03",
            LIFT,
            Span(at(-3), at(2), "satisfied"),
            resolutions=(Resolution(at(1), False),),
            scores=((at(2), 4),),
        ),
        ticket(
            "261101-01",
            LIFT,
            Span(at(1), at(2), "satisfied"),
            resolutions=(Resolution(at(1, 12), True),),
            scores=((at(2), 5),),
        ),
        ticket(
            "261103-02",
            LIFT,
            Span(at(3)),
            kind="help",
            priority="urgent",
            escalations=((at(3, 11), 2, "manual"),),
        ),
        ticket(
            *("261104-01", GATE, Span(at(4), at(6), "satisfied"), Span(at(9), at(12), "signed")),
            kind="complaint",
            channel="wechat",
            resolutions=(Resolution(at(5), False), Resolution(at(10), True)),
            scores=((at(6), 3),),
            signed=(at(12),),
            escalations=((at(5), 1, "breach"),),
        ),
        ticket("261105-04", GATE, Span(at(5), at(5, 11), "void"), channel="web", department=""),
        ticket("261107-01", GATE, Span(at(7), at(8), "merged"), channel="walk_in"),
        ticket(
            *("261108-02", PARKING, Span(at(8))),
            kind="complaint",
            department="秩序部",
            resolutions=(Resolution(at(9), True),),
            scores=((at(10), 1), (at(20), 2)),
            escalations=((at(10), 1, "dissatisfied"), (at(20), 2, "dissatisfied")),
            kept=(at(8, 12), at(9)),
            broken=(at(12),),
        ),
        ticket(
            "261121-07", PARKING, Span(at(21), at(29, 23), "silence"), department="秩序部", case_owner="wang"
        ),
        ticket("261130-01", FEES, Span(END - 1), kind="enquiry", channel="app", department="客服部"),
        ticket("261020-01", FEES, Span(at(-11)), kind="enquiry", channel="phone", department="客服部"),
        ticket("261201-01", LIFT, Span(END)),
    ]


def tally(found: Sequence[TicketFacts] | None = None, now: Instant = NOW) -> MonthTally:
    return tally_month(estate() if found is None else found, "2026-11", now)


def month(found: Sequence[TicketFacts] | None = None, now: Instant = NOW) -> Month:
    return count_month(estate() if found is None else found, "2026-11", now)


def write(folder: Path, found: Sequence[TicketFacts] | None = None, meta: Meta = META) -> Written:
    """The sheet of those tickets in the folder, under its own name."""
    return write_month(month(found, meta.now), folder / file_name("2026-11"), meta)


def rows(path: Path, page: str) -> list[list[Any]]:
    """What the page shows to a reader that runs no formulas."""
    return CalamineWorkbook.from_path(path).get_sheet_by_name(page).to_python(skip_empty_area=False)


def table(path: Path, page: str, first: str, nth: int = 1) -> tuple[dict[str, int], dict[str, list[Any]]]:
    """The `nth` table whose heading in column A is `first`: column label → place, name → row; it ends at the total."""
    shown = rows(path, page)
    start = [place for place, row in enumerate(shown) if row[0] == first][nth - 1]
    heads = {str(label): place for place, label in enumerate(shown[start])}
    lines: dict[str, list[Any]] = {}
    for row in shown[start + 1 :]:
        lines.setdefault(str(row[0]), row)
        if row[0] == "合计":
            break
    return heads, lines


EXPECTED: Mapping[str, Figures] = {
    LIFT: Figures(
        carried_over=1, opened=2, closed=2, still_open=1, on_time=1, late=1, satisfied=2, escalated=1
    ),
    GATE: Figures(
        opened=4, reopened=1, closed=4, void=2, on_time=1, late=1, satisfied=1, fair=1, escalated=1
    ),
    PARKING: Figures(
        opened=2, closed=1, still_open=1, on_time=1, dissatisfied=2, escalated=2, kept=2, broken=1
    ),
    FEES: Figures(carried_over=1, opened=1, still_open=2),
}
"""Counted by hand from `estate`."""
