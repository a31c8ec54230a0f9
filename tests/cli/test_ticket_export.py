"""`ticket export`: files, pipes, the description of the columns, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from frontdesk.cli import UNREAD
from frontdesk.domain.export import COLUMNS, schema
from tests.builders import House
from tests.cli.conftest import PROGRAM, Command, Shell


def test_into_a_file_by_its_ending(house: House, frontdesk: Command, tmp_path: Path) -> None:
    house.open(text="电梯停了")
    path = tmp_path / "工单.jsonl"
    answer = frontdesk("ticket", "export", path)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"已导出 1 件工单到 {path}（脱敏）。\n"
    assert json.loads(path.read_text(encoding="utf-8"))["title"] == "电梯停了"
    told = frontdesk("ticket", "export", path, "--json").json
    assert told == {"file": str(path), "format": "jsonl", "tickets": 1, "clear": False}


def test_into_a_pipe_stdout_holds_the_data_alone(house: House, shell: Shell) -> None:
    house.open(text="电梯停了")
    done = shell.run("ticket", "export", "-", "--fields", "number,title")
    assert done.returncode == 0
    assert list(csv.reader(io.StringIO(done.stdout.lstrip("\ufeff")))) == [
        ["number", "title"],
        ["261122-01", "电梯停了"],
    ]
    assert done.stderr == "已导出 1 件工单到标准输出（脱敏）。\n"
    done = shell.run("ticket", "export", "-", "--format", "xlsx", text=False)
    assert done.returncode == 0 and done.stdout.startswith(b"PK")


def test_a_reader_that_has_seen_enough_ends_it_quietly(house: House, shell: Shell) -> None:
    desk = house.desk()
    for place in range(300):
        house.open(desk, text=f"第{place}件，{'电梯停了' * 60}")
    done = subprocess.Popen(
        [*PROGRAM, "ticket", "export", "-"],
        env=shell.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert done.stdout is not None and done.stderr is not None
    assert done.stdout.readline().startswith(b"\xef\xbb\xbfnumber,")
    done.stdout.close()
    told = done.stderr.read().decode()
    done.stderr.close()
    assert (done.wait(60), told) == (UNREAD, "")


def test_the_columns_are_described_from_the_same_table(frontdesk: Command) -> None:
    assert frontdesk("ticket", "export", "--schema", "--json").json == {"columns": schema()}
    told = frontdesk("ticket", "export", "--schema")
    assert told.code == 0
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines] == ["字段", *(column.name for column in COLUMNS)]


def test_days_are_whole_and_times_as_they_stand(house: House, frontdesk: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"

    def count(*words: str) -> str:
        answer = frontdesk("ticket", "export", path, *words)
        assert answer.code == 0, answer.err
        return answer.out.split()[1]

    house.open(text="二十二日十点")
    house.time.forward(86_400)
    house.open(text="二十三日十点").void()
    assert count() == "2" and count("--all") == "2" and count("--open") == "1"
    assert count("--from", "2026-11-22", "--to", "2026-11-22") == "1"
    assert count("--to", "2026-11-22 10:00") == "1" and count("--to", "2026-11-22 09:59") == "0"
    assert count("--from", "2026-11-22 10:01") == "1"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "没有写文件"),
        (("a.csv", "--open", "--all"), 2, "只能用一个"),
        (("a.csv", "--format", "yaml"), 1, "没有「yaml」这种格式"),
        (("a.txt",), 1, "看不出「.txt」是哪种格式"),
        (("a.csv", "--fields", "nummer"), 1, "没有「nummer」这一列"),
        (("a.csv", "--from", "昨儿"), 1, "--from"),
        (("a.csv", "--from", "2026-11-22", "--to", "2026-11-21"), 1, "晚于 --to"),
        (("/没有这个目录/a.csv",), 1, "不存在"),
        (("a.csv", "--clear"), 1, "导出理由"),
    ],
)
def test_what_is_refused_says_why_and_writes_nothing(
    house: House,
    frontdesk: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    house.open(text="电梯停了")
    answer = frontdesk("ticket", "export", *words)
    assert answer.code == code
    assert said in answer.err and answer.out == ""
    assert not list(tmp_path.glob("a.*"))


def test_in_clear_by_the_admin_with_a_reason(house: House, frontdesk: Command, tmp_path: Path) -> None:
    house.open(text="电梯停了")
    path = tmp_path / "a.csv"
    answer = frontdesk("ticket", "export", path, "--clear", "--reason", "业委会核查")
    assert answer.code == 0 and "明文，已记入审计" in answer.out
    assert "林晚舟" in path.read_text(encoding="utf-8-sig")
