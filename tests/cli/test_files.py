"""Files that come in and go out by command: reports of bad rows, masks, backups, sentences by the thousand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.builders import NAME, PHONE, UNIT, House
from tests.cli.conftest import Command

PEOPLE = f"""姓名,电话,房号,标签,车型
{NAME},{PHONE},{UNIT},夜班族,轿车
周岚,19900000002,不是房号,,
,19900000003,1-1-101,,
钱闻,19900000004,2-1-202,注重绿化,
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "业主.csv"
    path.write_text(PEOPLE, encoding="gb18030")
    return path


def test_good_rows_go_in_and_bad_ones_are_named(frontdesk: Command, people: Path) -> None:
    done = frontdesk("residents", "import", people)
    assert done.code == 1
    assert "共 4 行，新增 2，更新 0，相同 0，错误 2" in done.out and "没有用到的列：车型" in done.out
    first, second = done.err.splitlines()
    assert "第 3 行" in first and "房号" in first and "第 4 行" in second and "姓名" in second
    assert frontdesk("call", "log", "--phone", PHONE, "--json").json["owners"][0]["tags"] == ["夜班族"]


def test_a_second_import_changes_nothing(frontdesk: Command, people: Path) -> None:
    frontdesk("residents", "import", people)
    again = json.loads(frontdesk("residents", "import", people, "--json").out)
    assert (again["added"], again["changed"], again["same"]) == (0, 0, 2)
    assert [error["line"] for error in again["errors"]] == [3, 4]


def test_a_trial_writes_nothing_but_the_report(frontdesk: Command, people: Path, tmp_path: Path) -> None:
    report = tmp_path / "错误.csv"
    tried = frontdesk("residents", "import", people, "--dry-run", "--report", report)
    assert "没有写入" in tried.out and "新增 2" in tried.out
    assert frontdesk("call", "log", "--phone", PHONE, "--json").json["owners"] == []
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["行号", "原因"] and [row[0] for row in rows[1:]] == ["3", "4"]


def test_many_bad_rows_are_cut_on_the_screen_but_not_in_the_report(
    frontdesk: Command, tmp_path: Path
) -> None:
    table, report = tmp_path / "bad.csv", tmp_path / "report.csv"
    table.write_text("姓名,房号\n" + "张三,坏\n" * 80, encoding="utf-8")
    told = frontdesk("residents", "import", table, "--report", report)
    assert len(told.err.splitlines()) == 51 and "另有 30 行" in told.err
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 81


def test_an_export_is_masked_unless_a_manager_says_why(
    house: House, frontdesk: Command, people: Path
) -> None:
    frontdesk("residents", "import", people)
    target = people.with_name("导出.csv")
    assert "脱敏" in frontdesk("residents", "export", target).out
    text = target.read_text(encoding="utf-8-sig")
    assert NAME not in text and PHONE not in text and "199****4821" in text
    refused = frontdesk("residents", "export", target, "--clear")
    assert refused.code == 1 and "用途" in refused.err
    assert "已记入审计" in frontdesk("residents", "export", target, "--clear", "--reason", "核对收费").out
    assert PHONE in target.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "空"), (b"\x00\x01\x02" * 50, ""), ("名字,房号\n甲,1-1-101\n".encode(), "「姓名」")],
)
def test_a_file_that_is_no_table_of_residents_is_refused(
    frontdesk: Command, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    refused = frontdesk("residents", "import", tmp_path / "x.csv", "--json")
    assert (refused.code, refused.out) == (1, "") and told in refused.err


def test_old_tickets_come_in_by_map_and_spread(frontdesk: Command, tmp_path: Path) -> None:
    table = tmp_path / "旧单.jsonl"
    table.write_text('{"body": "楼道灯不亮", "who": "甲"}\n{"body": "电梯异响"}\n', encoding="utf-8")
    words = ("ticket", "import", table, "--map", "body=text", "--map", "who=")
    assert frontdesk(*words, "--at", "2026-10-01..2026-10-31", "--status", "已关闭").code == 0
    listed = frontdesk("ticket", "list", "--all", "--json").json["tickets"]
    assert {ticket["status"] for ticket in listed} == {"closed"}
    assert all(ticket["opened_at"].startswith("2026-10-") for ticket in listed)
    assert frontdesk("ticket", "list", "--json").json == {"tickets": []}
    assert frontdesk(*words, "--at", "2026-10-31..2026-10-01").code == 1
    wrong = frontdesk("ticket", "import", table, "--map", "body")
    assert wrong.code == 1 and "列名=字段" in wrong.err


def test_sentences_are_scored_a_document_a_line(frontdesk: Command, tmp_path: Path) -> None:
    lines = tmp_path / "话.txt"
    lines.write_text(
        '楼上漏水\u2028流到楼道\n\n{"utterance": "电梯里关着人"}\r\ndtkr\n', encoding="utf-8-sig"
    )
    done = frontdesk("suggest", "--file", lines, "--limit", "2")
    found = [json.loads(line) for line in done.out.split("\n") if line]
    assert [each["category"] for each in found] == ["工程维修-给排水漏水", "工程维修-电梯", "工程维修-电梯"]
    assert found[2]["priority"] == "urgent" and all(len(each["phrases"]) <= 2 for each in found)


def test_a_suggestion_offers_the_topic_s_words_also_where_it_was_typed_in_pinyin(
    frontdesk: Command,
) -> None:
    for text in ("闻到煤气味", "wendao meiqiwei"):
        found = frontdesk("suggest", text, "--limit", "3", "--json").json
        assert [phrase["id"] for phrase in found["phrases"]] == ["gas-01", "gas-02", "gas-03"]


def test_a_suggestion_has_its_reasons_cases_and_phrases(frontdesk: Command) -> None:
    found = frontdesk("suggest", "lousx", "--limit", "3", "--json").json
    assert found["cases"][0]["id"] == "B4" and found["cases"][0]["title"] and found["cases"][0]["reasons"]
    assert set(found["phrases"][0]) == {"id", "step", "text"} and len(found["phrases"]) <= 3
    shown = frontdesk("suggest", "lousx").out
    assert shown.startswith("报修  工程维修-给排水漏水  高") and "因为" in shown


def test_a_backup_brings_everything_back(house: House, frontdesk: Command, tmp_path: Path) -> None:
    number = house.open(text="备份前的工单").number
    saved = frontdesk("backup", tmp_path / "b.tar")
    assert saved.code == 0 and "密钥" in saved.out
    frontdesk("ticket", "void", number, "--reason", "误开")
    assert frontdesk("restore", tmp_path / "b.tar").code == 0
    assert frontdesk("ticket", "show", number, "--json").json["status"] == "new"
    (tmp_path / "torn.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:3000])
    torn = frontdesk("restore", tmp_path / "torn.tar")
    assert torn.code == 1 and torn.out == ""


def test_the_summary_as_text_and_as_json(house: House, frontdesk: Command) -> None:
    house.open(text="楼道灯不亮")
    assert "未闭环 1 件" in frontdesk("summary").out
    day = frontdesk("summary", "--date", "2026-11-22", "--json").json
    assert day["date"] == "2026-11-22" and [each["number"] for each in day["unclosed"]] == ["261122-01"]
    assert frontdesk("summary", "--date", "2026-11-21", "--json").json["unclosed"] == []


def test_the_house_is_in_order(house: House, frontdesk: Command) -> None:
    house.open().go("dispatch")
    for args in (
        "doctor",
        "audit verify",
        "policy check",
        "handbook check",
        "handbook list",
        "handbook show b2",
    ):
        assert frontdesk(*args.split()).code == 0, args
    assert str(house.home / "settings" / "master.key") in frontdesk("key", "status").out
    assert frontdesk("notice", "list", "--json").json["notices"][0]["kind"] == "dispatched"


def test_a_second_init_keeps_the_name_and_says_so(frontdesk: Command) -> None:
    again = frontdesk("init", "--site", "别处小区")
    assert again.code == 0 and "config.toml" in again.err
