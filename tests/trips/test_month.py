"""First of the month (A-DAY): two months come in from a table, live on at the desk, and the sheet shows what happened.

The sheet is opened by an office program that counts its formulas itself; what it shows is compared with numbers taken
straight from the raw event table, past everything in the product that folds or tallies.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.trips.driver import Estate
from tests.trips.office import Office, Page

pytestmark = pytest.mark.real("libreoffice")

SHANGHAI = timezone(timedelta(hours=8))
DAY = 86_400
MATTERS = {
    "工程维修-电梯": "电梯停在五楼不动，等了半小时",
    "工程维修-给排水漏水": "厨房水管漏水，地上一滩",
    "工程维修-门禁对讲": "单元门禁刷卡没反应",
    "秩序维护-停车车辆": "车位又被别人占了",
    "秩序维护-噪音扰民": "楼上半夜跳绳，睡不着",
    "清洁绿化-清洁": "楼道三天没人拖",
    "收费-物业费": "这个月的物业费账单不对",
}
BEGINNINGS, ENDS = {"opened", "reopened"}, {"closed", "voided"}
STARS = {"5": "满意", "4": "满意", "3": "基本满意", "2": "不满意", "1": "不满意"}
HEADS = ("编号", "受理时间", "关闭时间", "房号", "联系电话", "业主姓名", "类型", "分类", "内容", "状态")


class Month(NamedTuple):
    """A month of Shanghai as instants."""

    name: str
    start: int
    end: int


def months(now: datetime) -> list[Month]:
    """The two months that are over, and the one that runs."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [(first + timedelta(days=31)).replace(day=1)]
    for _ in range(3):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    starts.reverse()
    return [
        Month(f"{a:%Y-%m}", int(a.timestamp()), int(b.timestamp())) for a, b in itertools.pairwise(starts)
    ]


def history(start: int, end: int) -> Iterator[tuple[str, ...]]:
    """Three hundred invented tickets of those months, most of them closed, some only done, some still open."""
    chance = random.Random(2026)
    for number in range(300):
        opened = chance.randrange(start, end - 3 * DAY)
        status = chance.choices(("已关闭", "待回访", "处理中", "待受理", "已作废"), (80, 6, 6, 5, 3))[0]
        closed = min(opened + chance.choice((1800, 7200, DAY - 1, DAY, 2 * DAY, 20 * DAY)), end - 1)
        category = chance.choice(list(MATTERS))
        kind = chance.choice(("报修", "投诉", "投诉", "咨询"))
        yield (
            f"OLD-{number:04d}",
            _stamp(opened),
            "" if status in ("处理中", "待受理") else _stamp(closed),
            f"{1 + number % 6}栋{1 + number % 2}单元{1 + number % 18:02d}0{1 + number % 2}",
            f"1990000{number:04d}",
            chance.choice("赵钱孙李周吴郑王") + chance.choice(("明远", "若溪", "家和", "思齐")),
            kind,
            category,
            f"{MATTERS[category]}（第{number}件）",
            status,
        )


def _stamp(at: int) -> str:
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}"


# --- the same figures, from the raw events alone --------------------------------------------------------------------


def counted(estate: Estate, month: Month) -> dict[str, Counter[str]]:
    """Category → figure → number, and the total; each ticket's events walked through once."""
    found: dict[str, Counter[str]] = {"合计": Counter()}
    for (ticket,) in estate.rows("SELECT DISTINCT ticket_id FROM event"):
        log = estate.rows("SELECT at, kind, data FROM event WHERE ticket_id = ? ORDER BY seq", ticket)
        events = [(at, kind, json.loads(data)) for at, kind, data in log]
        share = _share(events, month)
        found["合计"] += share
        found[events[0][2]["category"]] = found.get(events[0][2]["category"], Counter()) + share
    return found


def _share(events: list[tuple[int, str, Mapping[str, object]]], month: Month) -> Counter[str]:
    share = Counter(
        {"上期结转": _open_before(month.start, events), "结转下期": _open_before(month.end, events)}
    )
    begun, ended = 0, True
    for at, kind, data in events:
        begins, again = kind in BEGINNINGS, kind == "reopened" and ended
        begun = at if begins else begun
        ended = kind in ENDS or (ended and not begins)
        if month.start <= at < month.end:
            share["本期新增"] += kind == "opened" or again
            share["其中重开"] += again
            share["本期关闭"] += kind in ENDS
            share["其中作废"] += kind == "voided"
            share["服务上移"] += kind == "escalated"
            if kind == "followed_up":
                share[STARS[str(data["score"])]] += 1
            if kind == "resolved":
                share["按时办结" if at - begun < DAY else "超时办结"] += 1
    return share


def _open_before(instant: int, events: list[tuple[int, str, Mapping[str, object]]]) -> int:
    turns = [kind for at, kind, _ in events if at < instant and kind in BEGINNINGS | ENDS]
    return int(bool(turns) and turns[-1] in BEGINNINGS)


# --- what the office program shows ----------------------------------------------------------------------------------


def shown(page: Page) -> dict[str, Counter[str]]:
    """The table 投诉分类 of a page: category → heading → number, down to the total."""
    start = next(place for place, row in enumerate(page) if row[0] == "投诉分类")
    heads = page[start]
    found: dict[str, Counter[str]] = {}
    for row in page[start + 1 :]:
        cells = zip(heads[1:], row[1:], strict=True)
        found[row[0]] = Counter({head: int(cell) for head, cell in cells if cell.isdigit() and cell != "0"})
        if row[0] == "合计":
            break
    return found


def bare(figures: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    """Without rows and figures that are nothing."""
    return {
        name: there for name, row in figures.items() if (there := {head: n for head, n in row.items() if n})
    }


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def company(tmp_path: Path) -> Estate:
    """A home that somebody has just set up; nobody has worked in it yet."""
    estate = Estate(tmp_path / "home")
    estate.does("init", "--site", "幸福花园", by="zhang")
    return estate


def brought_in(company: Estate, table: Path, known: list[Month]) -> None:
    """The table imported twice: all rows in, none doubled."""
    with table.open("w", encoding="gb18030", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADS)
        writer.writerows(history(known[0].start, known[1].end))
    words = ("ticket", "import", str(table), "--map", "联系电话=phone", "--map", "业主姓名=name", "--json")
    first = json.loads(company.does(*words, by="zhang"))
    again = json.loads(company.does(*words, by="zhang"))
    assert (first["added"], first["errors"]) == (300, [])
    assert (again["added"], again["same"], again["errors"]) == (0, 300, [])


def worked_on(company: Estate) -> None:
    """What becomes of some of them this month, command by command."""

    def numbers(status: str, count: int) -> list[str]:
        asked = "SELECT number FROM ticket WHERE status = ? ORDER BY id LIMIT ?"
        return [str(row[0]) for row in company.rows(asked, status, count)]

    def does(*words: str) -> None:
        company.does("ticket", *words, by="zhang")

    for number in numbers("closed", 3):
        does("reopen", number, "--reason", "业主来电，老问题又来了")
    happy, angry = numbers("resolved", 2)
    does("follow-up", happy, "--score", "5", "--intake", "满意", "--result", "满意")
    does("close", happy)
    does("follow-up", angry, "--score", "1", "--words", "修了三次还是漏")
    does("escalate", numbers("in_progress", 1)[0], "--reason", "业主要求上级处理")
    does("void", numbers("new", 1)[0], "--reason", "重复登记")


def test_two_months_come_in_live_on_and_leave_as_sheets_that_say_what_happened(
    company: Estate, tmp_path: Path, office: Office
) -> None:
    known = months(datetime.now(SHANGHAI))
    brought_in(company, tmp_path / "历年台账.csv", known)
    worked_on(company)

    def export() -> list[tuple[Path, bytes, int]]:
        for month in known:
            company.does("export", "--month", month.name, by="zhang")
        found = sorted((company.home / "exports").iterdir())
        return [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in found]

    sheets = export()
    assert [path.stem for path, _, _ in sheets] == [f"顾客投诉分类统计表-{month.name}" for month in known]
    assert export() == sheets, "the second run changes nothing, not even a date"

    pages = office.pages(*(path for path, _, _ in sheets))
    for month in known:
        expected = counted(company, month)
        assert bare(shown(pages[f"顾客投诉分类统计表-{month.name}", "汇总"])) == bare(expected)
        total = expected["合计"]
        assert total["上期结转"] + total["本期新增"] == total["本期关闭"] + total["结转下期"] > 0
    assert counted(company, known[2])["合计"]["其中重开"] == 3

    in_clear = company.rows("SELECT count(*) FROM event WHERE data LIKE '%1990000%'")
    assert in_clear == [(0,)]
    assert not [
        cell for page in pages.values() for row in page for cell in row if "1990000" in cell or "明远" in cell
    ]
    company.does("doctor", by="zhang")
