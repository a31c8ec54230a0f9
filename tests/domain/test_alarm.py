"""The second ear: what sounds like danger although no rule names it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.alarm import DEAF, Ear, grams, hear, score
from frontdesk.domain.classify import classify, parse_categories
from frontdesk.domain.errors import BadInput

FILE = Path(__file__).parents[2] / "data" / "categories.toml"
EAR = Ear(-2.0, {"轰": 3.0, "一声": 4.0, "谢谢": -9.0})


def document() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_a_text_is_its_characters_and_pairs_and_marks_part_them() -> None:
    assert list(grams("轰一声，ab门")) == [
        ("轰", 0),
        ("一", 1),
        ("轰一", 0),
        ("声", 2),
        ("一声", 1),
        ("门", 6),
    ]


def test_hears_the_weightiest_words_where_they_stand() -> None:
    found = hear("那边轰的一声", EAR)
    assert found is not None
    assert (found.words, found.position) == ("轰 + 一声", 4)
    assert hear("那边轰的一声，谢谢", EAR) is None
    assert hear("那边很好", EAR) is None


@given(st.text(), st.text())
def test_the_deaf_hear_nothing_and_a_repetition_is_not_louder(text: str, more: str) -> None:
    assert hear(text, DEAF) is None
    assert score(f"{text} {text}", EAR) == pytest.approx(score(text, EAR))


def test_what_is_heard_is_judged_like_any_danger() -> None:
    changed = document()
    changed["alarm"] = {"start": -10, "words": {"90": ["绺绺"]}}
    rules = parse_categories(changed)
    assert classify("绺绺", rules).priority == "urgent"
    assert any("听着像险情：绺绺" in reason for reason in classify("绺绺", rules).reasons)
    for calm in ("没有绺绺", "去年绺绺过", "万一绺绺怎么办", "绺绺演练几点"):
        assert classify(calm, rules).priority != "urgent"
    story = "想反映一下小区的管理问题，希望贵处重视，" * 8
    assert classify(f"{story}现在绺绺", rules).priority != "urgent"


def test_whoever_is_quickest_is_sent_where_nothing_but_the_danger_is_clear() -> None:
    changed = document()
    changed["alarm"] = {"start": -10, "words": {"90": ["绺绺"]}}
    assert classify("绺绺", parse_categories(changed)).category == changed["in_danger"]
    del changed["in_danger"]
    assert classify("绺绺", parse_categories(changed)).category == changed["fallback"]


def test_a_house_may_do_without_it() -> None:
    changed = document()
    del changed["alarm"]
    assert parse_categories(changed).ear == DEAF


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"words": {"5": ["火"]}}, "没有写 start"),
        ({"start": 1, "words": {"高": ["火"]}}, "「高」不是分值"),
        ({"start": 1, "words": {"5": [""]}}, "5 不是一组文字"),
        ({"start": 1, "words": {"5": ["火"]}, "loud": 2}, "不认识「loud」"),
        ({"start": 1}, "没有 words 这一段"),
    ],
)
def test_refuses_what_is_written_wrong(section: dict[str, Any], problem: str) -> None:
    changed = document()
    changed["alarm"] = section
    with pytest.raises(BadInput, match=problem):
        parse_categories(changed)
