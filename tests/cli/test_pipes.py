"""`-` is standard output or input wherever a file may be one, and wrong usage wherever it may not."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.builders import NAME, PHONE, UNIT, House
from tests.cli.conftest import Command, Shell

PEOPLE = f"姓名,电话,房号\n{NAME},{PHONE},{UNIT}\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, so that a file named `-` would be found there."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Pipe it into the next command."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_residents_go_to_a_pipe_masked_or_with_a_reason_that_is_audited(
    house: House, frontdesk: Command, shell: Shell, tmp_path: Path, elsewhere: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    frontdesk("residents", "import", people)
    masked = shell.run("residents", "export", "-")
    assert masked.stdout.lstrip("\ufeff").splitlines()[0] == "姓名,电话,房号,标签,入住日期,备注"
    assert NAME not in masked.stdout and PHONE not in masked.stdout
    assert masked.stderr == "已导出 1 户到标准输出（脱敏）。\n"
    refused = shell.run("residents", "export", "-", "--clear")
    assert (refused.returncode, refused.stdout) == (1, "") and "导出明文必须写明用途" in refused.stderr
    clear = shell.run("residents", "export", "-", "--clear", "--reason", "社区核对")
    assert f"{NAME},{PHONE}" in clear.stdout
    assert clear.stderr == "已导出 1 户到标准输出（明文，已记入审计）。\n"
    with house.desk()._access.db.read() as conn:
        rows = conn.execute("SELECT what FROM audit WHERE what LIKE 'residents export%'").fetchall()
    assert len(rows) == 1
    assert list(elsewhere.iterdir()) == []


def test_tables_come_in_from_a_pipe(frontdesk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PEOPLE.encode("gb18030"))
    assert "新增 1" in frontdesk("residents", "import", "-").out
    given(monkeypatch, '{"external_id": "K1", "text": "楼道灯不亮"}\n'.encode())
    assert "新增 1" in frontdesk("ticket", "import", "-", "--at", "2026-11-20").out
    given(monkeypatch, "日期,姓名,岗位,开始,结束\n2026-11-22,赵师傅,工程部,00:00,24:00\n".encode())
    assert "新增 1" in frontdesk("roster", "import", "-").out
    given(monkeypatch, "电梯停了\n楼道灯不亮\n".encode())
    kinds = [json.loads(line)["kind"] for line in frontdesk("suggest", "--file", "-").out.splitlines()]
    assert kinds == ["repair", "repair"]
    given(monkeypatch, b"")
    assert "是空的" in frontdesk("residents", "import", "-").err


def test_papers_go_to_a_pipe(house: House, shell: Shell, elsewhere: Path) -> None:
    case = house.open(text="电梯困人").plan()
    day = "2026-11-22"
    told = shell.run("summary", "--date", day, "--format", "markdown", "--out", "-")
    assert told.stdout.startswith("#") and case.number in told.stdout
    picture = shell.run("summary", "--date", day, "--format", "html", "--out", "-", text=False)
    assert picture.stdout.lstrip().startswith(b"<")
    assert shell.run("emergency", "timeline", case.number, "--out", "-").stdout.startswith("#")
    assert shell.run("report", "service", "--format", "markdown", "--out", "-").stdout.startswith("#")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "-"),
        ("restore", "-"),
        ("export", "--out", "-"),
        ("report", "kpi", "--out", "-"),
        ("report", "service", "--out", "-"),
        ("residents", "import", "x.csv", "--report", "-"),
        ("ticket", "import", "x.csv", "--report", "-"),
        ("summary", "--send", "--out", "-"),
    ],
)
def test_what_cannot_be_piped_makes_no_file_of_that_name(
    frontdesk: Command, words: tuple[str, ...], elsewhere: Path
) -> None:
    assert frontdesk(*words).code == 2
    assert list(elsewhere.iterdir()) == []
