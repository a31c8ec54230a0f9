"""Chinese found by its pinyin; the table against pypinyin, the matching against what a hand types at the desk."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.pinyin import finder, initials, matches, search_key, spelled
from scripts.make_pinyin import TARGET, render

HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "letters", "syllables"),
    [
        ("电梯困人", "dtkr", "dian ti kun ren"),
        ("漏水", "ls", "lou shui"),
        ("绿化", "lh", "lv hua"),
        ("3栋A座，1801", "3daz1801", "3 dong a zuo 1801"),
        ("３栋Ａ座", "3daz", "3 dong a zuo"),
        ("重复投诉", "cfts", "chong fu tou su"),
        ("重量", "zl", "zhong liang"),
        ("给排水", "jps", "ji pai shui"),
        ("着火", "zh", "zhao huo"),
        ("银行", "yh", "yin hang"),
        ("行人", "xr", "xing ren"),
        ("大厦", "ds", "da sha"),
        ("长期", "cq", "chang qi"),
        ("队长", "dz", "dui zhang"),
        ("协调", "xt", "xie tiao"),
        ("调查", "dc", "diao cha"),
        ("刘䶮", "ly", "liu yan"),
        ("，。！", "", ""),
        ("", "", ""),
    ],
)
def test_reads_a_text(text: str, letters: str, syllables: str) -> None:
    assert initials(text) == letters
    assert spelled(text) == syllables


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("单女士", "sns"),
        ("解先生", "xxs"),
        ("仇先生", "qxs"),
        ("曾小明", "zxm"),
        ("区某", "om"),
        ("查先生", "zxs"),
    ],
)
def test_reads_a_surname_as_a_surname(name: str, letters: str) -> None:
    assert initials(name, name=True) == letters
    assert initials(f"{name[0]}元") != letters


@pytest.mark.parametrize(
    ("name", "letters"), [("尉迟敬", "ycj"), ("万俟雪", "mqx"), ("欧阳**", "oy"), ("单元门", "sym")]
)
def test_reads_names_of_two_characters_and_masked_ones(name: str, letters: str) -> None:
    assert initials(name, name=True) == letters
    assert spelled("王单", name=True) == "wang dan"


def test_table_is_what_its_script_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == render()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("dtkr", "电梯困人"),
        ("DTKR", "电梯困人"),
        ("ｄｔｋｒ", "电梯困人"),
        ("tkr", "电梯困人"),
        ("diantikunren", "电梯困人"),
        ("diantikr", "电梯困人"),
        ("dianti", "电梯困人"),
        ("diant", "电梯困人"),
        ("dian'ti", "电梯困人"),
        ("电梯", "电梯困人"),
        ("困ren", "电梯困人"),
        ("lous", "楼上漏水"),
        ("lousui", "漏水"),
        ("tinshui", "停水"),
        ("congfu", "重复"),
        ("3d", "3栋"),
        ("", "电梯"),
    ],
)
def test_finds(query: str, text: str) -> None:
    assert matches(query, text)
    assert matches(query, search_key(text))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("dk", "电梯困人"),
        ("ianti", "电梯"),
        ("漏水", "停水"),
        ("loux", "漏水"),
        ("dt电", "停水"),
        ("zs", "长沙"),
    ],
)
def test_does_not_find(query: str, text: str) -> None:
    assert not matches(query, text)


def test_no_match_runs_from_one_text_into_the_next() -> None:
    key = search_key("先问再回", "电梯报修")
    assert not any(finder(query)(key) for query in ("回电", "hd", "huidian", "huid"))
    assert all(finder(query)(key) for query in ("再回", "dt", "zaihui", "电梯 再回", "dianti"))


@settings(derandomize=True, deadline=None)
@given(HANZI)
def test_every_text_is_found_by_its_initials_and_by_its_pinyin(text: str) -> None:
    key = search_key(text)
    assert matches(initials(text), key)
    assert matches(spelled(text).replace(" ", "")[:32], key)
    assert matches(text, key)


@settings(derandomize=True, deadline=None)
@given(HANZI, st.data())
def test_a_query_may_break_off_at_any_letter(text: str, data: st.DataObject) -> None:
    full = spelled(text).replace(" ", "")
    typed = full[: data.draw(st.integers(0, min(len(full), 32)))]
    assert matches(typed, text)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=20), st.text(max_size=40))
def test_no_text_is_too_strange(query: str, text: str) -> None:
    assert finder(query)(search_key(text)) in (True, False)
    assert initials(text).isascii() and spelled(text).isascii()


def test_needs_nothing_at_run_time_but_the_standard_library() -> None:
    code = (
        "import sys, frontdesk.domain.pinyin as p; p.initials('漏水'); assert 'pypinyin' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
