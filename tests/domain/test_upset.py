"""Who is upset gets the coach and the stopwatch; who is not is left in peace (R-S1-05…07)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from frontdesk.domain.classify import parse_categories
from frontdesk.domain.upset import LEVELS, upset

FILE = Path(__file__).parents[2] / "data" / "categories.toml"
CATEGORIES = parse_categories(tomllib.loads(FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("楼道灯坏了，麻烦修一下", "calm"),
        ("请问停车费怎么交", "calm"),
        ("谢谢你们，修得很快", "calm"),
        ("电梯又坏了，到底什么时候能修好", "tense"),
        ("我要投诉保安", "tense"),
        ("再不处理我就打12345", "upset"),
        ("再不来人我就曝光你们", "upset"),
        ("这是第三次了！！你们到底管不管！！", "upset"),
        ("你们这帮骗子，叫你们经理出来", "upset"),
        ("光收钱不办事，我找律师告你们", "upset"),
        ("什么态度！凭什么锁我的车", "upset"),
        ("zaibuchulijiutousu", "upset"),
    ],
)
def test_level_by_words(text: str, level: str) -> None:
    assert upset(text, CATEGORIES).level == level, upset(text, CATEGORIES)


def test_calls_and_repeats_count_and_say_so() -> None:
    assert upset("楼道灯不亮", CATEGORIES, calls_in_week=2).level == "calm"
    third = upset("楼道灯不亮", CATEGORIES, calls_in_week=3)
    assert third.level == "tense" and third.reasons == ("7 天内第 3 次来电",)
    both = upset("楼道灯不亮", CATEGORIES, calls_in_week=3, open_repeats=2)
    assert both.level == "upset" and any("2 张未办结" in why for why in both.reasons)


def test_more_never_calms() -> None:
    text = "还没修好"
    order = [LEVELS.index(upset(text, CATEGORIES, calls_in_week=calls).level) for calls in range(8)]
    assert order == sorted(order)


def test_the_weightiest_ground_comes_first() -> None:
    assert upset("再不处理就投诉！！", CATEGORIES).reasons[0].startswith("再不")
