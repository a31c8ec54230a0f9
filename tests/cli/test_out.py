"""What reaches a terminal: guarded, aligned by cells, one document."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from frontdesk.cli import out
from tests.builders import House
from tests.cli.conftest import Command

EVIL = "红\x1b[31m灯\x07\x9b2J\u202e倒\r写\x00"


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_nothing_that_a_terminal_obeys_gets_through(text: str) -> None:
    shown = out.guard(text)
    assert all(ch == "\n" or unicodedata.category(ch) != "Cc" for ch in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert [ch for ch in shown if ch.isprintable()] == [
        ch for ch in text.replace("\t", " ") if ch.isprintable()
    ]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(*[st.text(st.sampled_from("楼灯a1 ，é"), max_size=6)] * 3), min_size=1))
def test_columns_are_aligned_by_cells(rows: list[tuple[str, str, str]]) -> None:
    lines = out.columns([(*row, "|") for row in rows]).split("\n")
    assert len(lines) == len(rows)
    assert len({cell_len(line) for line in lines}) == 1
    assert all(out.width(line) == cell_len(line) for line in lines)


def test_columns_of_nothing_are_nothing() -> None:
    assert out.columns([]) == ""


@pytest.mark.parametrize("args", [("ticket", "show", "261122-01"), ("board",), ("ticket", "list")])
def test_what_somebody_typed_never_steers_a_terminal(
    house: House, frontdesk: Command, args: tuple[str, ...]
) -> None:
    opened = frontdesk("ticket", "open", "--text", EVIL, "--title", EVIL, "--name", EVIL, "--place", EVIL)
    assert opened.code == 0
    for shown in (opened.out, frontdesk(*args).out, frontdesk(*args, "--json").out):
        assert "红" in shown and not set(shown) & set("\x1b\x07\x9b\u202e\r\x00")


def test_json_is_a_line_for_programs_and_keeps_hanzi(house: House, frontdesk: Command) -> None:
    house.open(text="第一行\n第二行😀")
    told = frontdesk("ticket", "show", "261122-01", "--json").out
    assert told.count("\n") == 1 and "第一行\\n第二行😀" in told and "\\u" not in told
    assert json.loads(told)["text"] == "第一行\n第二行😀"


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("大堂灯不亮".encode(), "大堂灯不亮"),
        ("大堂灯不亮，请来修".encode("gb18030"), "大堂灯不亮，请来修"),
        ("一些楼道".encode("gb18030"), "一些楼道"),
        ("楼".encode() + b"\x80", "楼?"),
        (b"\xff", "?"),
        (b"board", "board"),
    ],
)
def test_an_argument_is_read_as_it_was_meant(raw: bytes, meant: str) -> None:
    assert out.typed(os.fsdecode(raw)) == meant


def test_the_name_of_a_file_stays_as_it_is(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/" + "业主.csv".encode("gb18030"))
    Path(path).touch()
    assert out.typed(path) == path


def test_a_half_character_is_shown_as_a_question_mark(frontdesk: Command) -> None:
    assert frontdesk("ticket", "show", "楼\udc80").err.startswith("没有工单「楼?」")
