"""`summary` and `report` as commands: each form to the screen or to a file, refusals in Chinese, nothing twice."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

from frontdesk.domain.errors import Refused
from frontdesk.domain.timing import DAY, HOUR
from frontdesk.sheets import fonts
from frontdesk.sheets.summary_card import WIDTH
from tests.builders import PHONE, UNIT, House
from tests.cli.conftest import Command
from tests.services import Post, mail_server


@pytest.fixture
def busy(house: House) -> House:
    """A house in which something has been done."""
    desk = house.desk()
    house.open(desk, text="楼道灯不亮").go("dispatch", "accept", "resolve", "follow_up", "close")
    house.open(desk, text="电梯里关着人").go("dispatch")
    return house


@pytest.fixture
def card() -> None:
    """Skips where no card can be drawn."""
    try:
        fonts.chinese()
    except Refused:
        pytest.skip("no Chinese font is installed (package fonts-noto-cjk)")


def test_every_form_of_the_summary_goes_to_a_file_by_its_name(
    busy: House, frontdesk: Command, tmp_path: Path
) -> None:
    for name, start in (
        *(("a.txt", "【每日汇总】"), ("a.md", "## 每日汇总"), ("a.html", "<!DOCTYPE html>")),
        ("a.json", "{"),
    ):
        done = frontdesk("summary", "--out", tmp_path / name)
        assert done.code == 0 and "已写出" in done.out
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.startswith(start) and "261122-02" in text and UNIT not in text
    assert "没有变化" in frontdesk("summary", "--out", tmp_path / "a.md").out


def test_the_picture_goes_to_a_file_or_the_reason_is_told(
    busy: House, frontdesk: Command, tmp_path: Path
) -> None:
    refused = frontdesk("summary", "--format", "png")
    assert refused.code == 1 and "--out" in refused.err
    try:
        fonts.chinese()
    except Refused:
        told = frontdesk("summary", "--out", tmp_path / "a.png")
        assert told.code == 1 and "fonts-noto-cjk" in told.err and not (tmp_path / "a.png").exists()
    else:
        assert frontdesk("summary", "--out", tmp_path / "a.png").code == 0
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_form_that_is_unknown_and_a_folder_that_is_missing_are_named(
    busy: House, frontdesk: Command, tmp_path: Path
) -> None:
    wrong = frontdesk("summary", "--format", "doc")
    assert wrong.code == 1 and "「doc」不认识" in wrong.err and "markdown" in wrong.err
    gone = frontdesk("summary", "--out", tmp_path / "no" / "a.md")
    assert gone.code == 1 and "不存在" in gone.err
    assert frontdesk("summary", "--date", "昨天下午").code == 1


def test_markdown_and_html_go_to_the_screen_when_asked(busy: House, frontdesk: Command) -> None:
    assert frontdesk("summary", "--format", "markdown").out.startswith("## 每日汇总")
    assert frontdesk("summary", "--format", "html").out.startswith("<!DOCTYPE html>")
    assert frontdesk("summary", "--format", "json").json == frontdesk("summary", "--json").json


def test_a_past_day_is_asked_by_its_date(busy: House, frontdesk: Command) -> None:
    busy.time.forward(2 * DAY)
    found = frontdesk("summary", "--date", "2026-11-22", "--json").json
    assert (found["date"], found["opened"], found["closed"]) == ("2026-11-22", 2, 1)
    assert frontdesk("summary", "--json").json["opened"] == 0


def test_sending_twice_is_sending_once(busy: House, frontdesk: Command) -> None:
    assert "已放进待发通知" in frontdesk("summary", "--send").out
    assert "没有再发" in frontdesk("summary", "--send").out
    busy.open(text="停水")
    assert "第 2 版" in frontdesk("summary", "--send").out
    assert frontdesk("summary", "--send", "--json").json == {"edition": 2, "new": False}
    listed = [n for n in frontdesk("notice", "list", "--json").json["notices"] if n["kind"] == "summary"]
    assert len(listed) == 2 and {n["to"] for n in listed} == {"group"}


def mailed(house: House, port: int) -> None:
    """The group is reached by mail."""
    with (house.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f"""
[notify.endpoints."经理邮箱"]
kind = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
from = "desk@example.com"
to = ["manager@example.com"]
[notify.routes]
group = ["经理邮箱"]
""")


def summaries(post: Post) -> list[Any]:
    """The mails that are a summary; the emergency of this house has told the group too."""
    return [mail for mail in post.mails if "每日汇总" in mail["Subject"]]


def left(house: House) -> int:
    with closing(sqlite3.connect(house.settings().database)) as conn:
        return int(conn.execute("SELECT count(*) FROM enclosure").fetchone()[0])


def test_the_summary_goes_to_the_manager_as_a_page_with_its_picture(
    busy: House, frontdesk: Command, card: None
) -> None:
    post = Post()
    with mail_server(post) as port:
        mailed(busy, port)
        sent = frontdesk("summary", "--send")
        assert (sent.code, sent.err) == (0, "") and left(busy) == 2 and post.mails == []
        assert frontdesk("watch", "--once").code == 0
        assert frontdesk("watch", "--once").code == 0
    (mail,) = summaries(post)
    assert mail["Subject"] == "【每日汇总】云栖苑" and mail["To"] == "manager@example.com"
    words, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for text in (words, page):
        assert "2026-11-22" in text and "261122-02" in text and "· 通知 " in text
        assert UNIT not in text and PHONE not in text
    assert words.startswith("## 每日汇总") and page.startswith("<!DOCTYPE html>")
    (picture,) = mail.iter_attachments()
    assert picture.get_filename() == "2026-11-22.png"
    with Image.open(io.BytesIO(picture.get_content())) as image:
        image.load()
        assert image.format == "PNG" and image.width == WIDTH
    (notice,) = [n for n in frontdesk("notice", "list", "--json").json["notices"] if n["kind"] == "summary"]
    assert (notice["state"], notice["error"]) == ("sent", "") and left(busy) == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_without_a_chinese_font_the_words_go_and_the_command_says_what_is_missing(
    busy: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    def none() -> None:
        raise Refused(fonts.MISSING)

    monkeypatch.setattr("frontdesk.sheets.summary_card.chinese", none)
    post = Post()
    with mail_server(post) as port:
        mailed(busy, port)
        sent = frontdesk("summary", "--send", *(["--json"] if as_json else []))
        assert sent.code == 0 and "图片没有附上" in sent.err and "fonts-noto-cjk" in sent.err
        assert sent.json == {"edition": 1, "new": True} if as_json else "已放进待发通知" in sent.out
        assert "图片" not in frontdesk("summary", "--send").err, "nothing is sent, so nothing is missing"
        frontdesk("watch", "--once")
    (mail,) = summaries(post)
    assert mail.get_content_type() == "multipart/alternative" and "261122-02" in mail.get_body().get_content()


def test_the_points_of_the_month(busy: House, frontdesk: Command, tmp_path: Path) -> None:
    shown = frontdesk("report", "kpi")
    assert shown.code == 0 and "3:3:4" in shown.out and "服务之星：本月没有人办结满 10 件" in shown.out
    found = frontdesk("report", "kpi", "--json").json
    assert [each["name"] for each in found["operators"]] == ["lin"] and found["weights"]["resolution"] == 40
    done = frontdesk("report", "kpi", "--out", tmp_path)
    assert done.code == 0 and (tmp_path / "绩效考核3比3比4-2026-11.xlsx").exists()
    assert frontdesk("report", "kpi", "--out", tmp_path / "kpi.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "kpi.xlsx", read_only=True)
    assert book.sheetnames[0] == "人员"
    assert "处理量 30%" in frontdesk("report", "kpi", "--meanings").out
    empty = frontdesk("report", "kpi", "--month", "2026-10")
    assert empty.code == 0 and "本月没有可计的工单" in empty.out


def test_the_improvement_report(busy: House, frontdesk: Command, tmp_path: Path) -> None:
    done = frontdesk("report", "service")
    assert done.code == 0 and (busy.home / "exports" / "服务改进报告-2026-11.docx").exists()
    assert "261122-02" in done.err and "261122-02" not in done.out, (
        "which ticket a lesson is, is told beside the report"
    )
    assert "没有变化" in frontdesk("report", "service").out
    text = frontdesk("report", "service", "--format", "markdown").out
    assert text.startswith("# 服务改进报告") and PHONE not in text
    assert frontdesk("report", "service", "--out", tmp_path / "r.md").code == 0
    assert (tmp_path / "r.md").read_text(encoding="utf-8").rstrip("\n") == text.rstrip("\n")
    wrong = frontdesk("report", "service", "--format", "pdf")
    assert wrong.code == 1 and "docx、markdown" in wrong.err


def test_the_example_of_measures_can_be_put_where_it_says(house: House, frontdesk: Command) -> None:
    shown = frontdesk("report", "service", "--example")
    place = Path(shown.err.strip().removeprefix("放在："))
    assert place == house.home / "measures.toml"
    place.write_text(shown.out, encoding="utf-8")
    assert "12,800.00 元" in frontdesk("report", "service", "--format", "markdown").out


@pytest.mark.parametrize("what", ["kpi", "service"])
def test_a_month_is_refused_where_it_is_none_or_has_not_begun(frontdesk: Command, what: str) -> None:
    for month, told in (("2026-13", "不是年月"), ("2027-01", "还没有到")):
        refused = frontdesk("report", what, "--month", month)
        assert (refused.code, refused.out) == (1, "") and told in refused.err


def test_an_agent_sees_no_points_of_others(
    house: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.desk("wang", "agent").close()
    monkeypatch.setenv("FRONTDESK_OPERATOR", "wang")
    for what in ("kpi", "service"):
        refused = frontdesk("report", what)
        assert refused.code == 1 and "项目经理" in refused.err


def test_a_summary_of_a_long_day_says_the_same_to_people_and_programs(
    busy: House, frontdesk: Command
) -> None:
    busy.time.forward(7 * HOUR)
    found, text = frontdesk("summary", "--json").json, frontdesk("summary").out
    assert f"未闭环 {found['counts']['unclosed']} 件" in text
    assert f"当日受理 {found['opened']} 件" in text and json.dumps(found, ensure_ascii=False)
