"""Pinyin in full, by initials, mixed, fuzzy, with blanks or without, and homophones: all read as what is meant."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.classify import classify, parse_categories
from frontdesk.domain.pinyin import initials, spelled
from frontdesk.domain.typed import Reader

DOCUMENT: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "data" / "categories.toml").read_text(encoding="utf-8")
)
CATEGORIES = parse_categories(DOCUMENT)
READ = CATEGORIES.reader.read
LISTED: list[str] = DOCUMENT["shorthand"]["words"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dtkr", "电梯困人"),
        ("dt kr", "电梯困人"),
        ("diantikunren", "电梯困人"),
        ("dianti li kun le ren", "电梯里困了人"),
        ("dian'ti kun'ren", "电梯困人"),
        ("diantikr", "电梯困人"),
        ("电梯kr", "电梯困人"),
        ("电梯kun人", "电梯困人"),
        ("dianti困人", "电梯困人"),
        ("电梯捆人了", "电梯困人了"),
        ("店梯困人", "电梯困人"),
        ("煤汽泄楼", "煤气泄漏"),
        ("loushang loushui", "楼上漏水"),
        ("noushang noushui", "楼上漏水"),
        ("tinchefei zan le", "停车费占了"),
        ("jiangshi车", "僵尸车"),
        ("停che费", "停车费"),
        ("楼道deng不亮", "楼道灯不亮"),
        ("3dong dtkr", "3栋电梯困人"),
        ("louxia zhaohuo le", "楼下着火了"),
    ],
)
def test_reads(typed: str, meant: str) -> None:
    said, met = READ(typed)
    assert said.replace("动", "栋").replace("占了", "涨了") == meant.replace("占了", "涨了")
    assert met


@pytest.mark.parametrize(
    "text", ["", "你好", "A栋DTKR", "ls 3栋", "wifi坏了", "https://a.cn/x", "3cm宽", "VIP", "保管了我的钥匙"]
)
def test_leaves_alone(text: str) -> None:
    assert READ(text) == (text, [])


SENTENCES = {
    "电梯困人": "B2",
    "电梯坏了": "B3",
    "车位被占": "A1",
    "换车牌": "A2",
    "道闸不抬杆": "A3",
    "违停贴条": "A4",
    "装充电桩": "A5",
    "停车费涨价": "A6",
    "门禁坏了": "B1",
    "水管爆裂": "B4",
    "门禁密码": "B5",
    "烟感坏了": "B6",
    "管井锁着": "B7",
    "楼道灯不亮": "B8",
}


@pytest.mark.parametrize("phrase", SENTENCES)
def test_every_case_is_found_however_it_is_typed(phrase: str) -> None:
    full = spelled(phrase)
    loose = full.replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n")
    half = phrase[:2] + full.replace(" ", "", 9)[len(spelled(phrase[:2]).replace(" ", "")) :]
    for typed in (phrase, full, full.replace(" ", ""), loose, loose.replace(" ", ""), initials(phrase), half):
        assert classify(typed, CATEGORIES).case == SENTENCES[phrase], (typed, READ(typed))


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([word for word in LISTED if 3 <= len(word) <= 5]), st.data())
def test_a_listed_phrase_is_read_from_any_mix_of_syllables_and_letters(
    word: str, data: st.DataObject
) -> None:
    syllables = spelled(word).split()
    parts = [data.draw(st.sampled_from([syllable, syllable[0]])) for syllable in syllables]
    parts[0] = syllables[0]
    said, _ = READ(data.draw(st.sampled_from(["", " "])).join(parts))
    assert spelled(said).split()[0] == syllables[0] and len(said) == len(word)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=120))
def test_no_text_is_too_strange(text: str) -> None:
    said, met = READ(text)
    assert isinstance(said, str) and all(typed and meant for typed, meant in met)


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", max_size=300))
def test_letters_end_in_hanzi_or_stay(letters: str) -> None:
    said, _ = READ(letters)
    assert said == letters or len(said) <= len(letters)


def test_a_house_word_can_be_typed_at_once() -> None:
    reader = Reader({"hxg": "会心阁"}, ["会心阁漏风"], lambda: {"会心阁": 5.0})
    assert reader.read("huixingelf")[0] == "会心阁漏风"
    assert reader.read("hxg")[0] == "会心阁"
