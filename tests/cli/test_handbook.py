"""The handbook at the shell and in an open console: checked by line, shown, copied, changed while the desk is open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from frontdesk.settings import shipped
from tests.builders import House
from tests.cli.conftest import Command, Shell

B8 = shipped("handbook", "case-B8.toml").read_text(encoding="utf-8")


def put(house: House, name: str, text: str) -> Path:
    """A manager's copy in the home."""
    folder = house.home / "handbook"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_handbook_is_in_order(frontdesk: Command) -> None:
    answer = frontdesk("handbook", "check")
    assert (answer.code, answer.err) == (0, "")
    for words in ("11 个步骤", "14 个案例", "11 项标准", "六字诀 6 步"):
        assert words in answer.out
    assert frontdesk("handbook", "check", "--json").json == {"problems": []}


def test_a_wrong_copy_is_told_by_file_and_line_with_a_remedy(house: House, frontdesk: Command) -> None:
    path = put(house, "case-B8.toml", B8.replace("days = 0", 'days = "0"'))
    number = B8.splitlines().index("days = 0") + 1
    answer = frontdesk("handbook", "check")
    assert answer.code == 1 and answer.err == "手册有 1 处要改。\n"
    assert answer.out == f"{path}:{number} limit today：days 不是整数。请写成数字，不加引号\n"


def test_every_problem_is_a_document_for_programs(house: House, shell: Shell) -> None:
    path = put(house, "case-B8.toml", B8 + "\nx =")
    done = shell.run("handbook", "check", "--json")
    assert done.returncode == 1
    assert f'"file": "{path}", "line": {len(B8.splitlines()) + 2}' in done.stdout


def test_a_broken_copy_does_not_take_the_handbook_away(house: House, frontdesk: Command) -> None:
    put(house, "case-B8.toml", "id = [")
    shown = frontdesk("handbook", "show", "B8")
    assert shown.code == 0 and "对不起，楼道黑着" in shown.out
    assert "没有采用：case-B8.toml:1" in shown.err
    assert frontdesk("suggest", "楼道灯不亮").code == 0


def test_a_copy_is_made_once_and_stands_in(house: House, frontdesk: Command) -> None:
    target = house.home / "handbook" / "case-B8.toml"
    assert frontdesk("handbook", "copy", "case-B8.toml").out == f"{target}\n"
    target.write_text(target.read_text(encoding="utf-8").replace("楼道黑着", "楼道太黑"), encoding="utf-8")
    again = frontdesk("handbook", "copy", "case-B8.toml")
    assert again.code == 1 and "已经有了" in again.err
    assert "楼道太黑" in frontdesk("handbook", "show", "b8").out


@pytest.mark.parametrize("name", ["case-Z9.toml", "../policy.toml", "", "/etc/passwd", "."])
def test_only_shipped_handbook_files_are_copied(frontdesk: Command, name: str) -> None:
    refused = frontdesk("handbook", "copy", name)
    assert refused.code == 1 and "没有文件" in refused.err


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("B2", "关单前问到"),
        ("a1", "不能说："),
        ("gas", "先保安全（燃气抢修电话、119、120）"),
        ("policy", "统一口径"),
        ("opening", "您请讲"),
        ("S1", "R-S1-05"),
        ("listen", "六字诀1 宜1"),
    ],
)
def test_every_sort_of_part_is_shown(frontdesk: Command, part: str, words: str) -> None:
    assert words in frontdesk("handbook", "show", part).out


def test_everything_is_listed(frontdesk: Command) -> None:
    found = frontdesk("handbook", "list", "--json").json["entries"]
    sorts = [each["sort"] for each in found]
    assert {sort: sorts.count(sort) for sort in dict.fromkeys(sorts)} == {
        "步骤": 11,
        "案例": 14,
        "专题": 33,
        "标准": 11,
        "六字诀": 6,
    }
    listed = frontdesk("handbook", "list").out
    assert all(each["id"] in listed for each in found)


def test_it_needs_neither_database_nor_key(tmp_path: Path) -> None:
    home = tmp_path / "nothing"
    assert Shell(home).run("handbook", "check").returncode == 0
    assert not home.exists()


def test_an_open_desk_sees_the_change_and_reads_it_again(house: House) -> None:
    desk = house.desk()
    assert not desk.handbook_changed()
    before = desk.handbook
    assert desk.handbook is before and not desk.handbook_changed()

    path = put(house, "case-B8.toml", B8.replace("楼道黑着", "楼道太黑"))
    assert desk.handbook_changed() and desk.handbook is before
    assert desk.reread_handbook() == () and not desk.handbook_changed()
    assert "楼道太黑" in desk.handbook.cases["B8"].phrases[0].text

    path.write_text("id = [", encoding="utf-8")
    (problem,) = desk.reread_handbook()
    assert problem.own and problem.line == 1 and desk.handbook_problems == (problem,)
    assert "楼道黑着" in desk.handbook.cases["B8"].phrases[0].text

    path.unlink()
    assert desk.handbook_changed() and desk.reread_handbook() == ()


def test_a_file_saved_anew_with_the_same_size_is_a_change(house: House) -> None:
    path = put(house, "case-B8.toml", B8)
    desk = house.desk()
    assert desk.handbook
    os.utime(path, (1, 1))
    assert desk.handbook_changed()


def test_a_copy_that_cannot_be_read_is_told(house: House, frontdesk: Command) -> None:
    put(house, "case-B8.toml", "").write_bytes("标题".encode("gb18030"))
    answer = frontdesk("handbook", "check")
    assert answer.code == 1 and "不是 UTF-8 文字" in answer.out
    put(house, "case-B8.toml", "\ufeff" + B8)
    assert frontdesk("handbook", "check").code == 0


def test_categories_that_cannot_be_read_are_told_too(house: House, frontdesk: Command) -> None:
    (house.home / "categories.toml").write_text("fallback = [", encoding="utf-8")
    answer = frontdesk("handbook", "check")
    assert answer.code == 1 and "categories.toml" in answer.err and answer.out == ""


def test_an_ear_that_cannot_be_read_is_told_too(house: House, frontdesk: Command) -> None:
    for wrong in ("[danger", '[danger]\nstart = 1\n"高" = "火"\n'):
        (house.home / "ear.toml").write_text(wrong, encoding="utf-8")
        answer = frontdesk("handbook", "check")
        assert answer.code == 1 and "ear.toml" in answer.err and answer.out == ""


def test_an_agreed_wording_that_is_due_for_review_is_told_and_is_no_error(
    house: House, frontdesk: Command
) -> None:
    policy = shipped("handbook", "topic-policy.toml").read_text(encoding="utf-8")
    put(house, "topic-policy.toml", policy.replace("2027-06-30", "2020-01-01", 1))
    answer = frontdesk("handbook", "check")
    assert answer.code == 0 and "到了复核日期" in answer.err and "policy-41" in answer.err
