"""Tables as people hand them over: encodings, broken rows, workbooks, bombs, what is refused at the door."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.channels.tables import BadRow, Limits, Row, Table, read_table
from frontdesk.domain.errors import BadInput

PEOPLE = "姓名,电话,房号\n李明,19900000001,3-2-0803\n欧阳明月,19900000002,3-2-1802\n"
ROWS = [
    {"姓名": "李明", "电话": "19900000001", "房号": "3-2-0803"},
    {"姓名": "欧阳明月", "电话": "19900000002", "房号": "3-2-1802"},
]


def put(folder: Path, content: str | bytes, name: str = "表.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def read(path: Path, limits: Limits | None = None) -> list[Row | BadRow]:
    with read_table(path, limits=limits) as table:
        return list(table.rows)


def values(rows: Iterable[Row | BadRow]) -> list[dict[str, str]]:
    return [row.values for row in rows if isinstance(row, Row)]


def bad(rows: Iterable[Row | BadRow]) -> list[tuple[int, str]]:
    return [(row.line, row.problem) for row in rows if isinstance(row, BadRow)]


def refusal(path: Path | str, limits: Limits | None = None) -> str:
    with pytest.raises(BadInput) as refused, read_table(path, limits=limits) as table:
        list(table.rows)
    return str(refused.value)


# --- text: encodings and separators


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
        ("gbk", "GB18030"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, note: str) -> None:
    with read_table(put(tmp_path, PEOPLE.encode(encoding))) as table:
        assert table.columns == ("姓名", "电话", "房号")
        assert values(table.rows) == ROWS
        assert table.note == f"编码 {note}，逗号分隔"


def test_big_endian_utf16_with_its_mark(tmp_path: Path) -> None:
    assert values(read(put(tmp_path, b"\xfe\xff" + PEOPLE.encode("utf-16-be")))) == ROWS


def test_rare_hanzi_and_emoji_of_gb18030(tmp_path: Path) -> None:
    text = "姓名,备注\n㐂龘,𠮷野家😀\n"
    assert values(read(put(tmp_path, text.encode("gb18030")))) == [{"姓名": "㐂龘", "备注": "𠮷野家😀"}]


def test_a_wrong_byte_is_named_by_line_and_place(tmp_path: Path) -> None:
    content = PEOPLE.encode() + b"\xff\xff,1,2\n"
    words = refusal(put(tmp_path, content))
    assert "第 4 行" in words and f"第 {len(PEOPLE.encode()) + 1} 个字节" in words and "另存为 UTF-8" in words


def test_damaged_utf8_is_not_read_as_gb18030(tmp_path: Path) -> None:
    content = ("姓名,备注\n" + "李明,又漏水了请尽快来修\n" * 500).encode()
    broken = content[:5000] + content[5001:]
    broken.decode("gb18030", "ignore")
    assert "不是 UTF-8" in refusal(put(tmp_path, broken))


@pytest.mark.parametrize("at", [1_048_575, 1_048_576, 1_048_577])
def test_characters_across_the_readers_chunks(tmp_path: Path, at: int) -> None:
    head = "甲,乙\n"
    filler = "a" * 1000 + ",b\n"
    text = head + filler * (at // len(filler))
    text += "c" * (at - len(text.encode()) - 2) + ",\n" if at - len(text.encode()) > 2 else ""
    text += "漏水,修\n"
    assert values(read(put(tmp_path, text)))[-1] == {"甲": "漏水", "乙": "修"}
    broken = text.encode().replace("修".encode(), b"\xff\xff")
    assert "个字节" in refusal(put(tmp_path, broken))


@pytest.mark.parametrize(
    ("separator", "name", "word"),
    [(";", "表.csv", "分号"), ("\t", "表.tsv", "制表符"), ("\t", "表.csv", "制表符")],
)
def test_separators_are_found(tmp_path: Path, separator: str, name: str, word: str) -> None:
    text = PEOPLE.replace(",", separator).replace("李明", "李明，户主, 常住")
    with read_table(put(tmp_path, text, name)) as table:
        assert [row["姓名"] for row in values(table.rows)] == ["李明，户主, 常住", "欧阳明月"]
        assert word in table.note


def test_excels_own_separator_line(tmp_path: Path) -> None:
    rows = read(put(tmp_path, "sep=;\n" + PEOPLE.replace(",", ";")))
    assert values(rows) == ROWS
    assert [row.line for row in rows] == [3, 4]


def test_a_single_column(tmp_path: Path) -> None:
    rows = read(put(tmp_path, "内容\n漏水\n\n停电\n"))
    assert [(row.line, row.values) for row in rows if isinstance(row, Row)] == [
        (2, {"内容": "漏水"}),
        (4, {"内容": "停电"}),
    ]


# --- text: rows


def test_quoted_newlines_keep_the_line_numbers_right(tmp_path: Path) -> None:
    text = '编号,内容\r\n1,"第一行\n第二行，有""引号"""\r\n2,停电\r\n'
    assert read(put(tmp_path, text)) == [
        Row(2, {"编号": "1", "内容": '第一行\n第二行，有"引号"'}),
        Row(4, {"编号": "2", "内容": "停电"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(tmp_path: Path, end: str) -> None:
    rows = read(put(tmp_path, PEOPLE.replace("\n", end)))
    assert values(rows) == ROWS
    assert [row.line for row in rows] == [2, 3]


def test_ragged_rows_are_reported_and_the_others_read(tmp_path: Path) -> None:
    rows = read(put(tmp_path, PEOPLE + "半行,1990\n多,1,2,3\n\n,,\n尾巴,19900000009,A12,,\n半"))
    assert [row["姓名"] for row in values(rows)] == ["李明", "欧阳明月", "尾巴"]
    assert bad(rows) == [
        (4, "有 2 格，表头有 3 列，像是只有半行"),
        (5, "有 4 格，表头有 3 列，多半是文字里有没加引号的分隔符"),
        (9, "有 1 格，表头有 3 列，像是只有半行"),
    ]


@pytest.mark.parametrize("tail", ["甲,2\n乙,3\n", '甲,"二"\n乙,3\n', '"甲",2\n"乙",3\n', "甲,2\n乙,3"])
def test_an_open_quote_costs_its_own_row_only(tmp_path: Path, tail: str) -> None:
    rows = read(put(tmp_path, '名,数\n坏,"没有结尾\n' + tail))
    assert bad(rows) == [(2, "引号没有成对，这一行读不出来")]
    assert [row["名"] for row in values(rows)] == ["甲", "乙"]
    assert [row.line for row in rows] == [2, 3, 4]


def test_an_open_quote_before_a_long_file(tmp_path: Path) -> None:
    rows = read(put(tmp_path, '名,数\n坏,"没有结尾\n' + "好,1\n" * 30_000))
    assert bad(rows) == [(2, "引号没有成对，这一行读不出来")]
    assert len(values(rows)) == 30_000 and rows[-1].line == 30_002


def test_many_open_quotes_take_time_in_proportion(tmp_path: Path) -> None:
    rows = read(put(tmp_path, "名,数\n" + ('坏,"没有结尾\n' + "好,1\n" * 3) * 5_000))
    assert len(values(rows)) == 15_000 and len(bad(rows)) == 5_000


def test_nul_characters_are_reported(tmp_path: Path) -> None:
    rows = read(put(tmp_path, PEOPLE + "坏\0了,1,2\n"))
    assert values(rows) == ROWS
    assert bad(rows) == [(4, "含有 NUL 字符，文件可能损坏")]


def test_a_cell_beyond_all_measure(tmp_path: Path) -> None:
    rows = read(put(tmp_path, "名,数\n" + "长" * 200_000 + ",1\n好,2\n"))
    assert bad(rows) == [(2, "有一格太长")] and values(rows) == [{"名": "好", "数": "2"}]
    assert "长得不像表格" in refusal(put(tmp_path, "名,数\n" + "长" * 1_100_000))


def test_formulas_and_escapes_pass_as_text(tmp_path: Path) -> None:
    assert values(read(put(tmp_path, "名,数\n=cmd|' /C calc'!A0,\x1b[31m\n"))) == [
        {"名": "=cmd|' /C calc'!A0", "数": "\x1b[31m"}
    ]


# --- the header


def test_a_title_above_the_header(tmp_path: Path) -> None:
    rows = read(put(tmp_path, "幸福花园业主表,,\n\n" + PEOPLE))
    assert values(rows) == ROWS and rows[0].line == 4
    assert values(read(put(tmp_path, "幸福花园业主表\n" + PEOPLE))) == ROWS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("姓名,,房号\n李明,1,2\n", "第 2 列没有名字"),
        ("姓名,电话,电话\n李明,1,2\n", "第 2 列和第 3 列同名"),
        ("李明,19900000001,3-2-0803\n欧阳,19900000002,3-2-1802\n", "第 1 行像是数据"),
        ('姓名,"电话\n李明,1\n李明,2\n', "前面第 1 行引号没有成对"),
        ("姓\0名,电话\n李明,1\n", "含有 NUL 字符"),
        ("\n\n \n", "里面没有内容"),
        (",".join(f"列{n}" for n in range(301)) + "\n", "有 301 列，超过上限 300 列"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    message = refusal(put(tmp_path, text))
    assert words in message and "李明" not in message


def test_empty_columns_at_the_end_are_dropped(tmp_path: Path) -> None:
    with read_table(put(tmp_path, "姓名,电话,,\n李明,1,,\n")) as table:
        assert table.columns == ("姓名", "电话")
        assert values(table.rows) == [{"姓名": "李明", "电话": "1"}]


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert read(put(tmp_path, "姓名,电话\n")) == []


# --- jsonl


def test_jsonl_gathers_its_columns(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": "漏水", "phone": 19900000001}, ensure_ascii=False),
        json.dumps({"text": "停电", "urgent": True, "note": None}),
        "",
        '{"text": "半',
        "[1]",
        '{"text": {"a": 1}}',
        '{"text": "a", "text": "b"}',
        '{"text": "尾", "phone": 1.50}',
    ]
    with read_table(put(tmp_path, "\n".join(lines), "单.jsonl")) as table:
        assert table.columns == ("text", "phone", "urgent", "note")
        rows = list(table.rows)
    assert [
        (row.line, row.values["text"], row.values["phone"], row.values["urgent"])
        for row in rows
        if isinstance(row, Row)
    ] == [
        (1, "漏水", "19900000001", ""),
        (2, "停电", "", "是"),
        (8, "尾", "1.50", ""),
    ]
    assert [line for line, _ in bad(rows)] == [4, 5, 6, 7]


def test_a_json_array_is_sent_back(tmp_path: Path) -> None:
    assert "一行一个对象" in refusal(put(tmp_path, '[{"text": "漏水"}]', "单.json"))


def test_deep_json_is_a_bad_row(tmp_path: Path) -> None:
    rows = read(put(tmp_path, '{"text": "a", "n": 1}\n' + '{"a":' * 50_000 + "\n", "单.jsonl"))
    assert [line for line, _ in bad(rows)] == [2]


# --- at the door


def test_what_is_no_readable_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "不存在" in refusal(tmp_path / "没有.csv")
    assert "文件夹" in refusal(tmp_path)
    assert "不是普通文件" in refusal(tmp_path / "pipe")
    assert "打不开" in refusal("a\0b")
    assert "打不开" in refusal("名" * 300)
    assert "不是普通文件" in refusal("/dev/zero")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "s"))
        assert "打不开" in refusal(tmp_path / "s")


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, PEOPLE)
    path.chmod(0)
    if os.geteuid() == 0:  # root reads everything: the kernel's answer is given in its place

        def denied(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", denied)
    assert "没有读取权限" in refusal(path)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "表.csv", "是空的"),
        (b"", "表.xlsx", "是空的"),
        (b"\xef\xbb\xbf", "表.csv", "没有内容"),
        (b"<html><table><tr><td>1</td></tr></table>", "表.xls", "其实是网页"),
        (b'\xef\xbb\xbf  <?xml version="1.0"?><Workbook>', "表.xls", "其实是网页"),
        (PEOPLE.encode("utf-16-le"), "表.csv", "像是二进制文件，或没有标记的 UTF-16"),
        (bytes(range(256)) * 20, "图.csv", "像是二进制文件"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 9, "表.csv", "像是二进制文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "表.xls", "老式的 xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
            "表.xlsx",
            "加了密码",
        ),
        (b"PK\x03\x04 nothing more", "表.xlsx", "已经损坏"),
    ],
)
def test_other_files_under_a_tables_name(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    assert words in refusal(put(tmp_path, content, name))


def test_size_limits_come_before_reading(tmp_path: Path) -> None:
    path = put(tmp_path, PEOPLE)
    os.truncate(path, 201 * 1024 * 1024)
    assert "有 201 MB，超过上限 200 MB" in refusal(path)
    book = put(tmp_path, b"PK\x03\x04", "表.xlsx")
    os.truncate(book, 65 * 1024 * 1024)
    assert "有 65 MB，超过上限 64 MB" in refusal(book)


def test_a_hundred_thousand_rows_stream(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "编号,内容,时间\n" + "".join(f"C{n},{'又漏水了' * 20},2026-01-05 10:05\n" for n in range(100_000)),
    )
    script = (
        "import resource, sys; from frontdesk.channels.tables import read_table\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "table = read_table(sys.argv[1]); seen = [table.position()]\n"
        "count = sum(1 for row in table.rows if len(row) == 2 and not seen.append(table.position()))\n"
        "assert seen == sorted(seen) and table.size == seen[-1], (table.size, seen[-1])\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    count, kib = map(int, run.stdout.split())
    assert count == 100_000
    assert kib < 20 * 1024 < path.stat().st_size // 1024


# --- workbooks


def book(folder: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(folder / "表.xlsx")
    return folder / "表.xlsx"


def test_cells_become_the_text_a_person_sees(tmp_path: Path) -> None:
    head: list[object] = ["电话", "日期", "时间", "钟点", "时长", "数", "对", "公式"]
    row: list[object] = [
        19900000001,
        date(2019, 6, 1),
        datetime(2026, 1, 5, 10, 5, 30),
        time(8, 30),
        timedelta(hours=30),
    ]
    path = book(tmp_path, ("业主", [head, [*row, 0.1, True, "=1+1"]]))
    assert values(read(path)) == [
        dict(
            zip(
                head,
                ["19900000001", "2019-06-01", "2026-01-05 10:05:30", "08:30", "30:00", "0.1", "TRUE", ""],
                strict=True,
            )
        )
    ]


def test_a_formula_gives_its_last_result(tmp_path: Path) -> None:
    path = rewritten(
        book(tmp_path, ("业主", [["姓名", "房号"], ["李明", "=1+1"]])),
        "xl/worksheets/sheet1.xml",
        # three ways to write nothing: openpyxl alone, with and without lxml
        lambda xml: re.sub(rb"(<f>1\+1</f>)<v ?(/>|></v>)", rb"\1<v>1802</v>", xml),
    )
    assert values(read(path)) == [{"姓名": "李明", "房号": "1802"}]


def test_numbers_that_lost_their_last_digits_are_reported(tmp_path: Path) -> None:
    path = book(tmp_path, ("业主", [["姓名", "证件"], ["李明", 110105194912310021], ["王芳", 123]]))
    rows = read(path)
    assert bad(rows) == [(2, "第 2 列的数字超过 15 位，末几位已丢失，请把这一列设成文本重填")]
    assert values(rows) == [{"姓名": "王芳", "证件": "123"}]


def test_the_first_sheet_with_anything_in_it(tmp_path: Path) -> None:
    path = book(tmp_path, ("空", []), ("业主", [["姓名", "房号"], ["李明", "A12"]]), ("旧", [["x"]]))
    with read_table(path) as table:
        assert table.note == "工作表「业主」，另有 2 张没有读"
        assert values(table.rows) == [{"姓名": "李明", "房号": "A12"}]
        assert (table.total, table.size, table.position()) == (2, 2, 2)


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    path = book(tmp_path, ("藏", [["姓名"], ["王芳"]]), ("业主", [["姓名", "房号"], ["李明", "A12"]]))
    made = openpyxl.load_workbook(path)
    made["藏"].sheet_state = "hidden"
    made.save(path)
    assert values(read(path)) == [{"姓名": "李明", "房号": "A12"}]


def test_titles_merged_cells_and_empty_rows(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in (
        [],
        ["幸福花园业主表"],
        ["楼栋", "房号", "姓名"],
        [],
        ["3栋", "101", "李明"],
        [None, "102", "王芳"],
        ["以下为四栋"],
        ["4栋", "101", "周敏"],
        [None, "102", "何平"],
    ):
        sheet.append(row)
    for area in ("A2:C2", "A5:A6", "A7:C7"):
        sheet.merge_cells(area)
    made.save(tmp_path / "表.xlsx")
    rows = read(tmp_path / "表.xlsx")
    assert [(row.line, *row.values.values()) for row in rows if isinstance(row, Row)] == [
        (5, "3栋", "101", "李明"),
        (6, "3栋", "102", "王芳"),
        (8, "4栋", "101", "周敏"),
        (9, "", "102", "何平"),
    ]


def test_a_table_away_from_the_corner(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for place, text in {"C4": "姓名", "D4": "房号", "C5": "李明", "D5": "A12"}.items():
        sheet[place] = text
    made.save(tmp_path / "表.xlsx")
    assert read(tmp_path / "表.xlsx") == [Row(5, {"姓名": "李明", "房号": "A12"})]


def test_a_text_file_called_xlsx_and_a_workbook_called_csv(tmp_path: Path) -> None:
    assert values(read(put(tmp_path, PEOPLE, "表.xlsx"))) == ROWS
    path = book(tmp_path, ("业主", [["姓名", "房号"], ["李明", "A12"]])).rename(tmp_path / "表2.csv")
    assert values(read(path)) == [{"姓名": "李明", "房号": "A12"}]


def rewritten(path: Path, part: str, change: object) -> Path:
    """The same archive with one part changed by a function."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    assert callable(change)
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def small(folder: Path) -> Path:
    """Written by another library than `book`: this one shares its texts."""
    with xlsxwriter.Workbook(folder / "表.xlsx") as made:
        sheet = made.add_worksheet("业主")
        sheet.write_row("A1", ["姓名", "房号"])
        sheet.write_row("A2", ["李明", "A12"])
    return folder / "表.xlsx"


SHEET = "xl/worksheets/sheet1.xml"


def test_a_bomb_by_its_declared_size(tmp_path: Path) -> None:
    path = rewritten(
        small(tmp_path), "xl/drawings/d.xml", lambda _: b"<a>" + b" " * 100 * 1024 * 1024 + b"</a>"
    )
    assert path.stat().st_size < 1024 * 1024
    assert "解开后有 100 MB" in refusal(path, Limits(unpacked_bytes=99 * 1024 * 1024, ratio=10**6))


def test_a_bomb_by_its_ratio(tmp_path: Path) -> None:
    path = rewritten(
        small(tmp_path), "xl/drawings/d.xml", lambda _: b"<a>" + b" " * 30 * 1024 * 1024 + b"</a>"
    )
    assert "解开后有 30 MB" in refusal(path)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = rewritten(
        small(tmp_path), "xl/drawings/d.xml", lambda _: b"<a>" + b" " * 150 * 1024 * 1024 + b"</a>"
    )
    true, told = (150 * 1024 * 1024 + 7).to_bytes(4, "little"), (99).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, told))
    script = (
        "import resource, sys; from frontdesk.channels.tables import read_table\n"
        "from frontdesk.domain.errors import BadInput\n"
        "resource.setrlimit(resource.RLIMIT_AS, (150 * 1024 * 1024,) * 2)\n"
        "try: read_table(sys.argv[1])\n"
        "except BadInput as refused: print(refused)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert "损坏" in run.stdout


def test_cells_too_far_apart(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.worksheets[0]["A1"] = "姓名"
    made.worksheets[0]["XFD1048576"] = 1
    made.save(tmp_path / "表.xlsx")
    assert "1048576 行 16384 列" in refusal(tmp_path / "表.xlsx")


@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c s=">" r="XFD1048576" ><v>1</v></c></row>',
        b"<row r='9'><c r = 'xfd1048576'><v>1</v></c></row>",
        b'<row r="1048576"><c t="inlineStr"><is><t>x</t></is></c><c r="XFD9"><v>1</v></c></row>',
    ],
)
def test_cells_too_far_apart_in_other_spellings(tmp_path: Path, cell: bytes) -> None:
    path = rewritten(small(tmp_path), SHEET, lambda xml: xml.replace(b"</sheetData>", cell + b"</sheetData>"))
    assert "放不下" in refusal(path)


def test_coloured_cells_far_away_do_no_harm(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    path = rewritten(small(tmp_path), SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    assert values(read(path)) == [{"姓名": "李明", "房号": "A12"}]


def test_one_long_text_shared_by_very_many_cells(tmp_path: Path) -> None:
    path = rewritten(
        small(tmp_path), "xl/sharedStrings.xml", lambda xml: xml.replace("李明".encode(), b"x" * 32_000)
    )
    cells = b"<row>" + b'<c t="s"><v>2</v></c>' * 9_000 + b"</row></sheetData>"
    path = rewritten(path, SHEET, lambda xml: xml.replace(b"</sheetData>", cells))
    assert "重复了太多次" in refusal(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    doctype = b'<!DOCTYPE a [<!ENTITY b "cc">]>'
    path = rewritten(
        small(tmp_path), SHEET, lambda xml: xml.replace(b"<worksheet", doctype + b"<worksheet", 1)
    )
    assert "外部定义" in refusal(path)


def test_too_many_members(tmp_path: Path) -> None:
    path = small(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(2_100):
            archive.writestr(f"x/{number}", b"")
    assert "太多文件" in refusal(path)


def test_another_kind_of_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "表.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "不是 xlsx 工作簿" in refusal(tmp_path / "表.xlsx")


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_damaged_part(tmp_path: Path, part: str) -> None:
    path = rewritten(small(tmp_path), part, lambda xml: xml[: len(xml) // 2])
    assert refusal(path).startswith("「文件」")


def test_a_workbook_of_empty_sheets(tmp_path: Path) -> None:
    assert "没有内容" in refusal(book(tmp_path, ("空", []), ("也空", [])))


def test_any_damage_is_a_refusal(tmp_path: Path) -> None:
    whole, rnd = small(tmp_path).read_bytes(), random.Random(7)
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(rnd.randint(1, 4)):
            broken[rnd.randrange(len(broken))] = rnd.randrange(256)
        path = put(
            tmp_path, bytes(broken[: rnd.choice([len(broken), rnd.randrange(len(broken))])]), "坏.xlsx"
        )
        with contextlib.suppress(BadInput):
            read(path)


# --- any text at all


cells = st.text(st.sampled_from('漏水a1 ",;\t\r\n=\x1b\0'), max_size=8)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=list(HealthCheck),
)
@given(st.binary(max_size=200) | st.lists(cells, max_size=30).map(lambda parts: ",".join(parts).encode()))
def test_any_bytes_are_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    try:
        rows = read(path)
    except BadInput:
        return
    assert [row.line for row in rows] == sorted({row.line for row in rows})


@settings(
    derandomize=True,
    deadline=None,
    max_examples=200,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(st.lists(st.text("漏水栋ab1 ,;\"\n'", max_size=6), min_size=3, max_size=3), max_size=12),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_was_written_is_read(
    tmp_path: Path, body: list[list[str]], encoding: str, separator: str
) -> None:
    rows = [[f"x{cell}" for cell in row] for row in body]
    lines = [["姓名", "电话", "房号"], *rows]
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines]
    path = put(tmp_path, "\n".join(quoted).encode(encoding))
    assert [list(row.values()) for row in values(read(path))] == rows


def test_an_open_table_gives_its_file_back(tmp_path: Path) -> None:
    table: Table = read_table(put(tmp_path, PEOPLE))
    next(table.rows)
    table.close()
    assert table.position() == table.size
