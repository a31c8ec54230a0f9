"""Exports: what each column says of a ticket, who may see what, and that an empty home can be filled from one."""

from __future__ import annotations

import csv
import io
import json
import signal
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.desk import Desk
from frontdesk.desk.export_desk import Scope
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.export import COLUMNS, chosen
from frontdesk.domain.people import ticket_columns
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from frontdesk.sheets.exports import neutral
from tests.builders import NAME, PHONE, ROADS, TEN, UNIT, House, at_status
from tests.processes import python

EVER = Scope(0, TEN + 1000 * DAY)
CARRIED = chosen(
    "number,title,text,opened_at,closed_at,unit,phone,name,kind,category,priority,channel,status"
)
"""What an import takes in again."""


def exported(
    desk: Desk, scope: Scope = EVER, fields: str = "", clear: str | None = None
) -> list[dict[str, Any]]:
    out = io.BytesIO()
    columns = chosen(fields)
    count = desk.exports.tickets(out, "jsonl", columns, scope, clear)
    rows = [json.loads(line) for line in out.getvalue().decode().splitlines()]
    assert len(rows) == count
    return rows


def audited(house: House) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(house.home / "data" / "frontdesk.db")
    try:
        return conn.execute('SELECT at, "by", what, reason FROM audit ORDER BY id').fetchall()
    finally:
        conn.close()


def test_a_whole_life_in_one_row(house: House) -> None:
    case = house.open(text="厨房水龙头漏水", category="工程维修-给排水漏水", priority="normal", place="厨房")
    case.go("dispatch", "accept").promise(due_in=HOUR).after(2 * HOUR).pause().after(30 * MINUTE).resume()
    case.after(HOUR).resolve().escalate().acknowledge().after(HOUR).follow_up(5).close().after(DAY).reopen()
    house.open(text="楼道灯不亮").void()
    desk = house.desk()
    first, second = exported(desk)
    ticket = case.view
    assert list(first) == [column.name for column in COLUMNS]
    wanted = {
        "number": ticket.number,
        "opened_at": "2026-11-22T10:00:00+08:00",
        "closed_at": None,
        "kind": ticket.kind,
        "category": "工程维修-给排水漏水",
        "status": "in_progress",
        "status_label": "处理中",
        "sla": ticket.sla,
        "place": "厨房",
        "department": "工程部",
        "case_owner": "lin",
        "on_time": True,
        "resolved_at": "2026-11-22T13:30:00+08:00",
        "reopened": 1,
        "level": 1,
        "escalated": 1,
        "promises_kept": 0,
        "promises_broken": 1,
        "paused_minutes": 30,
        "ground": None,
        "anonymous": False,
    }
    assert {name: first[name] for name in wanted} == wanted
    assert (second["status"], second["ground"], second["closed_at"]) == ("void", "void", second["opened_at"])


def test_a_promise_that_is_still_owed_is_not_yet_broken(house: House) -> None:
    house.open(text="楼道灯不亮").promise(due_in=HOUR)
    desk = house.desk()
    assert [row["promises_broken"] for row in exported(desk)] == [0]
    house.time.forward(HOUR)
    assert [row["promises_broken"] for row in exported(desk)] == [1]


def test_everybody_gets_what_an_agent_sees_whoever_exports(house: House) -> None:
    house.open(text="打我 19900004821 联系")
    for desk in (house.desk(), house.desk("xiaowu", "agent"), house.desk("zhang", "manager")):
        (row,) = exported(desk)
        assert (row["name"], row["unit"], row["phone"]) == ("林**", "**04", "199****4821")
        assert row["text"] == "打我 【电话1】 联系"
        assert not any(word in json.dumps(row, ensure_ascii=False) for word in (NAME, UNIT, PHONE))
    assert audited(house) == []


def test_in_clear_only_for_a_manager_with_a_reason_and_audited_before_the_first_ticket(house: House) -> None:
    case = house.open(text="打我 19900004821 联系", place="车牌粤B12345旁")
    for login, role in (("xiaowu", "agent"), ("chen", "supervisor"), ("shen", "auditor")):
        with pytest.raises(Refused, match="需要项目经理"):
            exported(house.desk(login, role), clear="好奇")
    manager = house.desk("zhang", "manager")
    with pytest.raises(BadInput, match="导出理由"):
        exported(manager, clear=" \n")
    assert audited(house) == []
    case.correct(text="改打 19900007777，急")
    (row,) = exported(manager, clear="业委会核查\n十一月")
    assert (row["name"], row["unit"], row["phone"]) == (NAME, UNIT, PHONE)
    assert row["text"] == "改打 19900007777，急" and row["place"] == "车牌粤B12345旁"
    ((at, by, what, reason),) = audited(house)
    assert (at, by, reason) == (TEN, "zhang", "业委会核查 十一月")
    assert what.startswith("ticket export --clear jsonl all ") and "name,unit,phone" in what
    exported(manager, fields="number,name", clear="再查")
    assert audited(house)[-1][2].endswith(" name")


def test_from_to_and_open_take_what_they_say(house: House) -> None:
    for place in range(5):
        case = house.open(text=f"第{place}件")
        if place % 2:
            case.void()
        house.time.forward(DAY)
    desk = house.desk()

    def titles(scope: Scope) -> list[str]:
        return [row["title"] for row in exported(desk, scope, "title")]

    assert titles(EVER) == [f"第{place}件" for place in range(5)]
    assert titles(Scope(TEN + DAY, TEN + 3 * DAY)) == ["第1件", "第2件"]
    assert titles(Scope(TEN + DAY, TEN + 3 * DAY + 1, True)) == ["第2件"]
    assert titles(Scope(0, TEN)) == []


def test_pages_lose_and_double_nothing_where_many_were_opened_in_the_same_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.store.extracts.PAGE", 3)
    desk = house.desk()
    numbers = [house.open(desk, text=f"第{place}件").number for place in range(10)]
    shares: list[float] = []
    out = io.BytesIO()
    assert desk.exports.tickets(out, "csv", chosen("number"), EVER, None, shares.append) == 10
    assert out.getvalue().decode("utf-8-sig").split() == ["number", *numbers]
    assert shares == [0.3, 0.6, 0.9, 1.0]
    assert [row["number"] for row in exported(desk, Scope(0, TEN + 1, True))] == numbers


def test_a_ticket_opened_meanwhile_neither_stops_nor_doubles_the_export(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.store.extracts.PAGE", 2)
    desk = house.desk()
    numbers = [house.open(desk, text=f"第{place}件").number for place in range(4)]

    def advance(_done: float) -> None:
        if len(numbers) < 6:
            house.time.forward(9)
            numbers.append(house.open(desk).number)

    out = io.BytesIO()
    desk.exports.tickets(out, "csv", chosen("number"), EVER, None, advance)
    assert out.getvalue().decode("utf-8-sig").split() == ["number", *numbers]
    assert len(numbers) == 6


# --- round trips -------------------------------------------------------------------------------------------------------

said = st.text(
    st.sampled_from("电梯停了漏水=+-@'\",;|\n 19900004821【电话1】粤B12345。！😀a"), min_size=1, max_size=40
).filter(lambda text: any(ch.isalnum() for ch in text))
tickets = st.lists(
    st.fixed_dictionaries(
        {
            "text": said,
            "unit": st.sampled_from(["", UNIT, "3栋2单元1801", "A座1203"]),
            "phone": st.sampled_from(["", PHONE, "075583214321", "4008123123"]),
            "name": st.sampled_from(["", NAME, "欧阳修远", "O'Neil, J."]),
            "kind": st.sampled_from(["", "complaint", "help"]),
            "priority": st.sampled_from(["", "low", "urgent"]),
            "channel": st.sampled_from(["phone", "wechat"]),
            "status": st.sampled_from(sorted(ROADS)),
        }
    ),
    min_size=1,
    max_size=5,
)


def moved(
    furnished: House, facts: list[dict[str, str]], kind: str, clear: str | None, unused: tuple[str, ...]
) -> tuple[list[Any], list[Any], Any]:
    """Rows of a home, rows of an empty one after an import of the first one's export, and the import's report."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = furnished.copy(Path(folder) / "old"), furnished.copy(Path(folder) / "new")
        here, there = old.desk(), new.desk()
        for each in facts:
            told = {name: value for name, value in each.items() if name != "status"}
            at_status(old.open(here, **told), each["status"])
            old.time.forward(61)
        new.time.now = old.time.now
        path = Path(folder) / f"out.{kind}"
        here.exports.tickets(path, kind, COLUMNS, EVER, clear)
        mapping = {"number": "external_id"} | dict.fromkeys(unused, "")
        report = there.imports.tickets(path, mapping)
        rows = exported(here, fields=",".join(column.name for column in CARRIED), clear="比对")
        again = exported(
            there, fields="external_id," + ",".join(column.name for column in CARRIED[1:]), clear="比对"
        )
        here.close()
        there.close()
        return rows, again, report


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tickets)
def test_an_export_in_clear_fills_an_empty_home_with_the_same_tickets(
    furnished: House, kind: str, facts: list[dict[str, str]]
) -> None:
    rows, again, report = moved(furnished, facts, kind, "搬家", ())
    assert report.errors == () and report.added == len(rows) == len(facts)

    def plain(text: str | None) -> str | None:
        return neutral(text) if kind == "csv" and text else text

    for row, copy in zip(rows, again, strict=True):
        assert copy["external_id"] == row["number"]
        for name in (
            "opened_at",
            "closed_at",
            "unit",
            "phone",
            "kind",
            "category",
            "priority",
            "channel",
            "status",
        ):
            assert copy[name] == row[name], name
        for name in ("title", "text", "name"):
            assert copy[name] == plain(row[name]), name


def test_a_masked_export_comes_in_without_the_columns_of_people(furnished: House) -> None:
    facts = [{"text": "电梯停了", "status": "closed"}, {"text": "打我 19900004821", "status": "new"}]
    rows, again, report = moved(furnished, facts, "jsonl", None, ("name", "unit", "phone"))
    assert report.errors == () and [row["status"] for row in again] == ["closed", "new"]
    assert again[1]["text"] == "打我 【电话1】" and again[0]["name"] is None and len(rows) == 2


def test_the_importer_knows_the_exports_columns_by_their_names() -> None:
    names = [column.name for column in COLUMNS]
    found = ticket_columns(names, {"number": "external_id"})
    assert found["number"] == "external_id" and "external_id" not in found
    fields = {
        "title",
        "text",
        "opened_at",
        "closed_at",
        "unit",
        "phone",
        "name",
        "kind",
        "category",
        "priority",
        "channel",
        "status",
    }
    assert {name: field for name, field in found.items() if name != "number"} == {
        name: name for name in fields
    }


# --- killed ------------------------------------------------------------------------------------------------------------

KILLED = """
import sys, time
from pathlib import Path
from frontdesk.bootstrap import open_desk
from frontdesk.desk.export_desk import Scope
from frontdesk.domain.export import COLUMNS
import frontdesk.store.extracts as extracts
extracts.PAGE = 1
def advance(done):
    print(done, flush=True)
    input()
open_desk().exports.tickets(Path(sys.argv[1]), sys.argv[2], COLUMNS, Scope(0, 1 << 40), None, advance)
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_killed_in_the_middle_the_old_file_is_whole_and_the_next_export_sweeps_up(
    house: House, tmp_path: Path, kind: str
) -> None:
    for place in range(3):
        house.open(text=f"第{place}件")
    path = tmp_path / "out" / f"工单.{kind}"
    path.parent.mkdir()
    path.write_bytes(b"old")
    running = python(KILLED, house.home, str(path), kind)
    assert running.stdout is not None
    assert float(running.stdout.readline()) < 1
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=60)
    assert path.read_bytes() == b"old"
    left = [each for each in path.parent.iterdir() if each != path]
    assert [each.suffix for each in left] == [".part"] and left[0].stat().st_mode & 0o777 == 0o600
    assert house.desk().exports.tickets(path, kind, COLUMNS, EVER) == 3
    assert list(path.parent.iterdir()) == [path] and path.read_bytes() != b"old"


def test_csv_reads_as_a_table_of_the_same_width_whatever_is_in_it(house: House) -> None:
    house.open(text='a,"b"\n=c', name="=cmd()")
    out = io.BytesIO()
    house.desk().exports.tickets(out, "csv", COLUMNS, EVER, "核对")
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 2
    assert not any(cell[:1] in "=+-@" for cell in rows[1] if cell)
