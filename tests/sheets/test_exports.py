"""Tickets as files: each format says the same, a text never runs, the old file stays until the new one is whole."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from frontdesk.domain.errors import BadInput, Refused, StoreTrouble
from frontdesk.domain.export import COLUMNS, NAMES, Column, Value, chosen, markdown, schema
from frontdesk.domain.terms import KINDS
from frontdesk.sheets import exports
from frontdesk.sheets.exports import FORMATS, format_of, into_place, neutral, writer
from tests.builders import TEN
from tests.processes import as_somebody_else

COLS = chosen("number,opened_at,text,anonymous,score,due_at")
ROW: list[Value] = ["261122-01", TEN, '=1+1，电梯停了\n第二行,"引"', True, 5, None]


def written(kind: str, rows: list[list[Value]], columns: tuple[Column, ...] = COLS) -> bytes:
    out = io.BytesIO()
    made = writer(kind, out, columns)
    for each in rows:
        made.row(each)
    made.end()
    return out.getvalue()


def test_csv_has_a_mark_for_excel_its_times_in_shanghai_and_nothing_that_runs() -> None:
    raw = written("csv", [ROW])
    assert raw.startswith(b"\xef\xbb\xbfnumber,opened_at,text,")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert row == {
        "number": "261122-01",
        "opened_at": "2026-11-22 10:00:00",
        "text": '\'=1+1，电梯停了\n第二行,"引"',
        "anonymous": "true",
        "score": "5",
        "due_at": "",
    }


def test_jsonl_is_an_object_a_line_with_offsets_and_nulls() -> None:
    awkward = [*ROW[:2], "一行\u2028不是两行\x85", False, None, TEN]
    lines = written("jsonl", [ROW, awkward]).decode().splitlines()
    assert len(lines) == 2
    first, second = map(json.loads, lines)
    assert first == {
        **dict(zip((c.name for c in COLS), ROW, strict=True)),
        "opened_at": "2026-11-22T10:00:00+08:00",
    }
    assert second["text"] == awkward[2] and second["score"] is None and second["due_at"] == first["opened_at"]


def test_xlsx_has_real_dates_and_numbers_and_its_columns_explained(tmp_path: Path) -> None:
    path = tmp_path / "工单.xlsx"
    path.write_bytes(written("xlsx", [ROW]))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["工单", "列说明"]
    sheet: Any = book["工单"]
    assert [cell.value for cell in sheet[1]] == ["单号", "受理时间", "诉求", "匿名", "满意度", "到期时间"]
    cells = [cell.value for cell in sheet[2]]
    assert cells == ["261122-01", datetime(2026, 11, 22, 10), '\'=1+1，电梯停了 第二行,"引"', True, 5, None]
    assert sheet["B2"].is_date and all(cell.data_type != "f" for cell in sheet[2])
    about: Any = book["列说明"]
    assert [row[1].value for row in about.iter_rows(min_row=2)] == [column.name for column in COLS]


def test_parquet_is_typed_and_says_what_its_columns_mean(tmp_path: Path) -> None:
    path = tmp_path / "工单.parquet"
    path.write_bytes(written("parquet", [ROW, [*ROW[:4], None, TEN]]))
    table = parquet.read_table(path)
    types = {field.name: str(field.type) for field in table.schema}
    assert types["opened_at"] == "timestamp[ms, tz=Asia/Shanghai]"
    assert (types["text"], types["anonymous"], types["score"]) == ("string", "bool", "int32")
    assert [at.timestamp() for at in table["opened_at"].to_pylist()] == [TEN, TEN]
    assert table["score"].to_pylist() == [5, None] and table["text"].to_pylist()[0] == ROW[2]
    assert table.schema.field("score").metadata[b"label"].decode() == "满意度"


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(exports, "import_module", gone)
    with pytest.raises(Refused, match=r"pip install 'frontdesk\[parquet\]'"):
        written("parquet", [])


@pytest.mark.parametrize("kind", FORMATS)
def test_no_ticket_at_all_is_a_file_with_heads_that_can_be_read(kind: str, tmp_path: Path) -> None:
    raw = written(kind, [])
    if kind == "csv":
        assert raw.decode("utf-8-sig").split(",")[0] == "number"
    elif kind == "jsonl":
        assert raw == b""
    elif kind == "xlsx":
        assert openpyxl.load_workbook(io.BytesIO(raw))["工单"]["A1"].value == "单号"
    else:
        assert parquet.read_table(io.BytesIO(raw)).num_rows == 0


def test_more_rows_than_a_sheet_or_a_group_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_SHEET_ROWS", 2)
    monkeypatch.setattr(exports, "_GROUP", 2)
    columns = chosen("number")
    rows: list[list[Value]] = [[str(place)] for place in range(5)]
    book: Any = openpyxl.load_workbook(io.BytesIO(written("xlsx", rows, columns)))
    assert book.sheetnames == ["工单", "工单2", "工单3", "列说明"]
    assert [cell.value for name in book.sheetnames[:3] for cell in book[name]["A"]] == [
        *("单号", "0", "1"), *("单号", "2", "3"), *("单号", "4"),
    ]  # fmt: skip
    found = parquet.ParquetFile(io.BytesIO(written("parquet", rows, columns)))
    assert found.num_row_groups == 3 and found.read()["number"].to_pylist() == [row[0] for row in rows]


texts = st.text(st.sampled_from("电梯停了=+-@＝\t\r\n \"',;|😀a1\u2028【】"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_every_text_comes_back_from_csv_and_jsonl_and_runs_nowhere(said: list[str]) -> None:
    columns = chosen("text")
    rows: list[list[Value]] = [[text or None] for text in said]
    read = list(csv.reader(io.StringIO(written("csv", rows, columns).decode("utf-8-sig"), newline="")))[1:]
    assert [(row or [""])[0] for row in read] == [neutral(text) for text in said]
    for text in said:
        shown = neutral(text)
        assert shown in (text, f"'{text}")
        assert shown.lstrip()[:1] not in (*"=+-@＝＋－＠",)
    lines = written("jsonl", rows, columns).decode().split("\n")[:-1]
    assert [json.loads(line)["text"] or "" for line in lines] == said
    book: Any = openpyxl.load_workbook(io.BytesIO(written("xlsx", rows, columns)))
    assert all(cell.data_type in ("s", "inlineStr", "n") for cell in book["工单"]["A"])


def test_the_formats_are_known_by_what_was_asked_or_by_the_ending() -> None:
    assert [format_of(f"a.{kind}", "") for kind in FORMATS] == list(FORMATS)
    assert format_of("-", "") == format_of("工单", "") == "csv"
    assert format_of("a.csv", "JSONL") == "jsonl"
    with pytest.raises(BadInput, match="--format"):
        format_of("a.csv", "yaml")
    with pytest.raises(BadInput, match=r"看不出「\.txt」"):
        format_of("a.txt", "")


# --- into place ----------------------------------------------------------------------------------------------------


def test_the_old_file_stays_until_the_new_one_is_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "工单.csv"
    path.write_text("旧的", encoding="utf-8")
    path.chmod(0o640)
    with pytest.raises(ZeroDivisionError), into_place(path) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "旧的" and os.listdir(tmp_path) == ["工单.csv"]
    with into_place(path) as file:
        file.write("新的".encode())
        assert path.read_text(encoding="utf-8") == "旧的"
    assert path.read_text(encoding="utf-8") == "新的" and os.listdir(tmp_path) == ["工单.csv"]
    assert path.stat().st_mode & 0o777 == 0o640
    with into_place(tmp_path / "另一个.csv"):
        pass
    assert (tmp_path / "另一个.csv").stat().st_mode & 0o777 == 0o600


def test_what_a_killed_export_left_is_swept_away_but_not_what_is_being_written(tmp_path: Path) -> None:
    left = tmp_path / ".工单[1].csv.0badf00d.part"
    left.write_text("半个", encoding="utf-8")
    other = tmp_path / ".工单1.csv.0badf00d.part"
    other.write_text("别的", encoding="utf-8")
    with into_place(tmp_path / "工单[1].csv") as first, into_place(tmp_path / "工单[1].csv") as second:
        first.write(b"1")
        second.write(b"2")
        assert not left.exists() and other.exists()
    assert (tmp_path / "工单[1].csv").read_bytes() == b"1"
    assert sorted(os.listdir(tmp_path)) == [other.name, "工单[1].csv"]


def test_a_folder_that_is_missing_closed_or_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="不存在"), into_place(tmp_path / "没有" / "a.csv"):
        raise AssertionError
    with pytest.raises(Refused, match="是一个目录"), into_place(tmp_path):
        raise AssertionError
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)

    def attempt() -> str:
        try:
            with into_place(closed / "a.csv"):
                return "written"
        except Refused as refused:
            return str(refused)

    tmp_path.chmod(0o755)
    assert "没有写出" in as_somebody_else(attempt)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "工单.csv"
    path.write_text("旧的", encoding="utf-8")

    def full(descriptor: int) -> None:
        with open("/dev/full", "wb", buffering=0) as device:
            device.write(b"x")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreTrouble, match="空间不足"), into_place(path) as file:
        file.write(b"new")
    assert path.read_text(encoding="utf-8") == "旧的" and os.listdir(tmp_path) == ["工单.csv"]


# --- the one table ---------------------------------------------------------------------------------------------------


def test_the_schema_names_every_column_once_with_a_type_and_a_meaning() -> None:
    described = schema()
    assert [each["name"] for each in described] == [column.name for column in COLUMNS] == list(NAMES)
    for name in ("name", "label", "meaning"):
        values = [each[name] for each in described]
        assert all(values)
        assert name == "meaning" or len(set(values)) == len(values)
    assert {each["type"] for each in described} == {"text", "integer", "boolean", "time"}
    kind = next(each for each in described if each["name"] == "kind")
    assert all(f"{key} {label}" in kind["meaning"] for key, label in KINDS.items())
    table = markdown()
    assert table.count("\n") == len(COLUMNS) + 2 and "| `number` | text | 单号 |" in table


def test_columns_are_chosen_by_name_or_label_in_the_order_that_was_asked_for() -> None:
    assert [column.name for column in chosen(" score ，单号,kind")] == ["score", "number", "kind"]
    assert chosen("") == COLUMNS
    with pytest.raises(BadInput, match="没有「nummer」这一列"):
        chosen("nummer")
    with pytest.raises(BadInput, match="写了两次"):
        chosen("number,单号")
