"""Which phrases are offered, found by typing, and what may be said only when its blanks are really filled."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook import Handbook, Phrase, parse_handbook
from frontdesk.domain.phrases import blanks, fill, rank
from frontdesk.domain.playbook import BLANKS, STEPS
from frontdesk.domain.timing import DAY, HOUR, clock

FOLDER = Path(__file__).parents[2] / "data" / "handbook"
HANDBOOK: Handbook = parse_handbook(
    {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")}
)
LIFT, LEAK, PARKING, GAS = "工程维修-电梯", "工程维修-给排水漏水", "秩序维护-停车车辆", "工程维修-供暖燃气"
NOW = 1_795_312_920  # 2026-11-22 10:02 in Shanghai


def ids(
    category: str | None = None,
    case: str | None = None,
    step: str | None = None,
    typed: str = "",
    limit: int = 400,
) -> list[str]:
    return [p.id for p in rank(HANDBOOK, category=category, case=case, step=step, typed=typed, limit=limit)]


def phrase(name: str) -> Phrase:
    return next(each for each in HANDBOOK.phrases if each.id == name)


def test_before_anything_is_known_the_call_order_stands() -> None:
    listed = rank(HANDBOOK, category=None, case=None, step=None, limit=400)
    assert listed[0].id == "opening-11"
    general = [each.step for each in listed if each.case is None]
    assert list(dict.fromkeys(general)) == list(STEPS)
    assert len(listed) == len(HANDBOOK.phrases)
    assert listed.index(phrase("B2-01")) > listed.index(phrase("emergency-01"))


def test_a_chosen_case_comes_first_and_its_emergency_words_on_top() -> None:
    listed = ids(LIFT, "B2")
    ours = len(HANDBOOK.cases["B2"].phrases)
    assert listed[0] == "B2-01"
    assert all(name.startswith("B2-") for name in listed[:ours])
    assert listed[ours] == "opening-11"
    assert "B3-21" in listed and "B4-21" not in listed


def test_a_chosen_scenario_puts_the_others_behind() -> None:
    listed = ids("工程维修-门禁对讲", "B5-3")
    assert listed.index("B5-45") < listed.index("opening-11") < listed.index("B5-42")
    assert listed.index("B5-21") < listed.index("B5-45")


def test_a_category_mixes_its_cases_into_the_call() -> None:
    listed = ids(PARKING)
    assert listed[0] == "opening-11"
    assert (
        listed.index("A1-21") < listed.index("empathy-21") < listed.index("A1-41") < listed.index("solve-41")
    )
    assert not [name for name in listed if name.startswith("B")]


def test_an_emergency_of_the_category_comes_first_and_that_of_others_not_at_all() -> None:
    assert ids(GAS)[:2] == ["emergency-02", "emergency-03"]
    assert "emergency-04" not in ids(GAS) and "emergency-08" in ids(GAS)


def test_one_step_only() -> None:
    listed = ids(LEAK, "B4", "promise")
    assert listed[:3] == ["B4-51", "B4-52", "B4-53"]
    assert listed[3:] == [*(f"promise-5{number}" for number in range(1, 7)), "B7-51", "B7-52"]


def test_never_more_than_asked_for() -> None:
    assert len(ids(limit=7)) == 7
    assert len(ids(typed="d", limit=7)) == 7
    assert ids(typed="d", limit=7) == ids(typed="d")[:7]


@pytest.mark.parametrize("typed", ["漏水", "lous", "lousui", "ls", "loushui", "LS", "ｌｓ"])
def test_typing_finds_a_case_by_hanzi_pinyin_and_initials(typed: str) -> None:
    listed = ids(typed=typed)
    assert {"B4-21", "B4-51"} <= set(listed)
    assert "B8-21" not in listed[: len(HANDBOOK.cases["B4"].phrases)]


def test_typing_finds_by_title_before_text_and_every_word_counts() -> None:
    listed = ids(LIFT, typed="回电")
    # 「约时间回电」 is the title of one; the other says it in its sentence only, but stands earlier in a call.
    assert listed.index("promise-51") < listed.index("B3-52")
    everything = ids(LIFT)
    assert everything.index("promise-51") > everything.index("B3-52")
    assert ids(LIFT, "B2", typed="dtkr jy")[0] == "B2-09"
    assert ids(typed="电梯 烟感") == [] == ids(typed="zzzz")


@settings(derandomize=True, deadline=None)
@given(
    st.text(max_size=12), st.sampled_from([None, LIFT, PARKING]), st.sampled_from([None, "B2", "A1-2", "X9"])
)
def test_typing_only_leaves_out(typed: str, category: str | None, case: str | None) -> None:
    everything = ids(category, case)
    found = ids(category, case, typed=typed)
    assert set(found) <= set(everything) and len(found) == len(set(found))
    assert found == ids(category, case, typed=typed)


def test_blanks_are_asked_for_in_spoken_order() -> None:
    assert blanks(phrase("escalate-73")) == ("上级", "工号", "称呼", "地点", "事项")
    assert blanks(phrase("B4-51")) == ("预计时间",)
    assert blanks(phrase("B8-52")) == ("预计时间", "确认人")
    assert blanks(phrase("empathy-21")) == ()


def test_fills_all_places_of_a_blank_and_leaves_braces_of_a_value_alone() -> None:
    said = fill(
        phrase("escalate-75"), {"称呼": "王女士", "上级": "陈主任", "事项": "{称呼}说漏水", "诉求": "今天修"}
    )
    assert said == "王女士，这位是陈主任。情况我先说一遍，您听我说得全不全：{称呼}说漏水，您希望今天修。"


@pytest.mark.parametrize("name", [each.id for each in HANDBOOK.phrases if blanks(each)])
def test_an_empty_blank_is_refused_by_name(name: str) -> None:
    wanted = blanks(phrase(name))
    values = dict.fromkeys(wanted, "明日08:30")
    assert "{" not in fill(phrase(name), values)
    for blank in wanted:
        with pytest.raises(BadInput) as refused:
            fill(phrase(name), {**values, blank: "  "})
        assert refused.value.field == blank


@pytest.mark.parametrize(
    "time",
    [
        "10:05",
        "今天16:30",
        "明日08:30",
        "11-23 08:30",
        "2027-01-02",
        "下午三点半",
        "周五下午5点",
        "11月23日",
        "明天上午",
    ],
)
def test_a_promise_takes_a_moment(time: str) -> None:
    assert time in fill(phrase("promise-56"), {"约定时间": time})


@pytest.mark.parametrize(
    "time", ["尽快", "马上", "稍后", "下午", "今天", "30分钟", "半小时", "两天内", "3天", "一个星期", "早点"]
)
def test_a_promise_refuses_what_is_no_moment(time: str) -> None:
    with pytest.raises(BadInput) as refused:
        fill(phrase("promise-56"), {"约定时间": time})
    assert refused.value.field == "约定时间" and "具体时间" in refused.value.problem


@settings(derandomize=True)
@given(st.integers(NOW - 400 * DAY, NOW + 400 * DAY))
def test_a_promise_takes_every_moment_as_the_desk_writes_it(at: int) -> None:
    assert fill(phrase("promise-56"), {"约定时间": clock(at, NOW)})


def test_a_date_of_engineering_needs_somebody_who_confirmed_it() -> None:
    time = {"预计时间": clock(NOW + 6 * HOUR, NOW)}
    with pytest.raises(BadInput) as refused:
        fill(phrase("B8-52"), time)
    assert refused.value.field == "确认人" and "工程部" in refused.value.problem
    assert "16:02" in fill(phrase("B8-52"), {**time, "确认人": "刘工"})


def test_every_blank_has_a_hint_to_show() -> None:
    assert all(BLANKS[name] for each in HANDBOOK.phrases for name in blanks(each))
