"""Which phrases are offered, found by typing, and what may be said only when its blanks are really filled."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook import Case, Handbook, Phrase, Topic, parse_handbook
from frontdesk.domain.phrases import (
    Said,
    blanks,
    fill,
    moment,
    offered,
    pointed,
    rank,
    say,
    topics,
    unsayable,
)
from frontdesk.domain.playbook import BLANKS, STEPS
from frontdesk.domain.timing import DAY, HOUR, clock, parse
from tests.builders import suggest

FOLDER = Path(__file__).parents[2] / "data" / "handbook"
HANDBOOK: Handbook = parse_handbook(
    {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")}
)
LIFT, LEAK, PARKING, GAS = "工程维修-电梯", "工程维修-给排水漏水", "秩序维护-停车车辆", "工程维修-供暖燃气"
NOISE, DOOR = "秩序维护-噪音扰民", "秩序维护-安全门岗"
NOW = 1_795_312_920  # 2026-11-22 10:02 in Shanghai


def ids(
    category: str | None = None,
    case: str | None = None,
    step: str | None = None,
    typed: str = "",
    limit: int = 4000,
) -> list[str]:
    return [p.id for p in rank(HANDBOOK, category=category, case=case, step=step, typed=typed, limit=limit)]


def phrase(name: str) -> Phrase:
    return next(each for each in HANDBOOK.phrases if each.id == name)


def test_before_anything_is_known_the_call_order_stands() -> None:
    listed = rank(HANDBOOK, category=None, case=None, step=None, limit=4000)
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
    others = ["mould-51", "mould-52", "water_outage-51", "water_outage-52"]
    assert listed[3:] == [*(f"promise-5{number}" for number in range(1, 7)), "B7-51", "B7-52", *others]


def test_a_topic_mixes_in_at_home_behind_the_greeting_and_stands_behind_elsewhere() -> None:
    at_home, elsewhere = ids(NOISE), ids("违建装修")
    assert at_home[0] == "opening-11"
    assert at_home.index("opening-19") < at_home.index("noise-11") < at_home.index("noise-21")
    assert at_home.index("noise-51") < at_home.index("promise-51")
    assert elsewhere.index("renovation-41") < elsewhere.index("closing-95") < elsewhere.index("noise-41")
    assert "noise-21" not in ids(LIFT)


def test_a_chosen_topic_comes_first_and_its_alarm_only_then() -> None:
    chosen = ids(GAS, "gas")
    assert chosen[:5] == ["gas-01", "gas-02", "gas-03", "gas-04", "gas-11"]
    assert ids(DOOR)[:2] == ["emergency-09", "emergency-10"]
    assert ids(DOOR).index("theft-01") > ids(DOOR).index("closing-91")


def test_a_note_chooses_its_topic_by_words_then_by_a_category_of_one() -> None:
    assert topics(HANDBOOK, "闻到煤气味", GAS)[0].id == "gas"
    assert [topic.id for topic in topics(HANDBOOK, "", NOISE)] == ["noise"]
    assert topics(HANDBOOK, "", DOOR) == () == topics(HANDBOOK, "")


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


def test_what_is_said_and_what_runs_is_one_time() -> None:
    at = NOW + 6 * HOUR
    said = say(phrase("promise-56"), {}, {"约定时间": at}, NOW, HANDBOOK.words)
    assert said == Said("我先约在今天16:02给您答复，您看这个时间行吗？", (("约定时间", at),))
    confirmed = say(phrase("B8-52"), {"确认人": "刘工"}, {"预计时间": at}, NOW, HANDBOOK.words)
    assert "今天16:02" in confirmed.text and confirmed.promises == (("预计时间", at),)


@pytest.mark.parametrize(
    ("name", "values", "times", "field"),
    [
        ("promise-56", {"约定时间": "今天16:30"}, {}, "约定时间"),
        ("promise-56", {}, {"约定时间": NOW}, "约定时间"),
        ("B8-52", {}, {"预计时间": NOW + HOUR}, "确认人"),
        ("solve-41", {"措施": "保证明天修好"}, {}, "措施"),
        ("solve-41", {}, {}, "措施"),
    ],
    ids=[
        "words without a clock",
        "a time that has passed",
        "no confirmation",
        "forbidden words",
        "an empty blank",
    ],
)
def test_nothing_goes_out_without_its_clock_its_confirmation_or_with_a_promise_of_its_own(
    name: str, values: dict[str, str], times: dict[str, int], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        say(phrase(name), values, times, NOW, HANDBOOK.words)
    assert refused.value.field == field and refused.value.remedy


def test_every_phrase_can_be_said_by_its_clocks() -> None:
    for each in HANDBOOK.phrases:
        values = {name: "刘工" for name in blanks(each) if name not in each.needs}
        times = dict.fromkeys(each.needs, NOW + HOUR)
        said = say(each, values, times, NOW, HANDBOOK.words)
        assert "{" not in said.text and len(said.promises) == len(each.needs)


@pytest.mark.parametrize(
    ("at", "spoken"),
    [
        ("2026-11-22 16:30", "今天16:30"),
        ("2026-11-23 08:05", "明天8:05"),
        ("2026-11-24 00:00", "后天0:00"),
        ("2026-11-25 09:00", "11月25日9:00"),
    ],
)
def test_moments_are_spoken(at: str, spoken: str) -> None:
    assert moment(parse(at, NOW), NOW) == spoken


def test_what_must_never_be_said_is_no_phrase_and_is_seen_where_it_is_typed() -> None:
    parts: tuple[Case | Topic, ...] = (*HANDBOOK.cases.values(), *HANDBOOK.topics.values())
    listed = set(ids())
    for part in parts:
        for each in part.unsayable:
            assert each.id not in listed
            warned = unsayable(HANDBOOK, each.text, case=each.scenario or part.id)
            assert each.instead in {warning.instead for warning in warned}, each.id


def test_a_mark_of_one_scenario_does_not_bind_another() -> None:
    typed = "车位规划的事，业主问起"
    assert [each.instead for each in unsayable(HANDBOOK, typed, case="A1-2")] == ["A1-53"]
    assert unsayable(HANDBOOK, typed, case="A1-1") == () == unsayable(HANDBOOK, typed, case="B2")
    assert [each.instead for each in unsayable(HANDBOOK, typed, case="A1")] == ["A1-53"]


@pytest.mark.parametrize(
    "typed",
    [
        "我们保证修好",
        "百分之百没事",
        "尽快给您办",
        "再不交就停水",
        "法院见",
        "是您自己弄坏的",
        "没有大碍",
        "我们赔",
    ],
)
def test_forbidden_words_are_seen_in_any_text(typed: str) -> None:
    assert unsayable(HANDBOOK, typed)


@pytest.mark.parametrize("typed", ["时间不一定，我问清再说", "不能保证的不说", "师傅16:30到", ""])
def test_harmless_words_pass(typed: str) -> None:
    assert unsayable(HANDBOOK, typed) == ()


def test_every_blank_has_a_hint_to_show() -> None:
    assert all(BLANKS[name] for each in HANDBOOK.phrases for name in blanks(each))


# --- what the owner's words point at ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "empathy", "promise"),
    [
        ("楼上漏水，滴到卧室", "B4-22", "B4-52"),
        ("天花板在渗水", "B4-22", "B4-52"),
        ("家里停水了，一直没水", "B4-21", "B4-51"),
        ("管子修好了坑还没填", "B4-23", "B4-53"),
        ("不知道怎么回事", "B4-21", "B4-51"),
    ],
)
def test_of_a_case_s_phrases_the_one_that_the_words_point_at_stands_first(
    said: str, empathy: str, promise: str
) -> None:
    listed = pointed(rank(HANDBOOK, category=None, case="B4", step=None, limit=4000), said)
    first = {
        step: next(p.id for p in listed if p.case == "B4" and p.step == step)
        for step in ("empathy", "promise")
    }
    assert first == {"empathy": empathy, "promise": promise}


@given(st.sampled_from(sorted(HANDBOOK.cases)), st.text("楼上漏水停坑天花板滴没", max_size=12))
def test_pointing_moves_phrases_within_their_step_alone_and_loses_none(case: str, said: str) -> None:
    before = rank(HANDBOOK, category=None, case=case, step=None, limit=4000)
    after = pointed(before, said)
    assert [(p.case, p.step) for p in after] == [(p.case, p.step) for p in before]
    assert {p.id for p in after} == {p.id for p in before}
    assert pointed(before, "") != () and [p.id for p in before if not p.words] == [
        p.id for p in after if not p.words
    ]


@pytest.mark.parametrize(
    ("said", "category", "case", "first"),
    [
        ("楼上装修太吵了", "秩序维护-噪音扰民", None, "noise-11"),
        ("闻到煤气味", "工程维修-供暖燃气", None, "gas-01"),
        ("家里停水了", "工程维修-给排水漏水", "B4", "B4-21"),
        ("", None, None, "opening-11"),
    ],
)
def test_what_the_owner_says_chooses_the_words_to_say(
    said: str, category: str | None, case: str | None, first: str
) -> None:
    assert offered(HANDBOOK, said=said, category=category, case=case)[0].id == first


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("孩子走失了", "lost-01"),
        ("奶奶有老年痴呆，出去一上午没回家", "lost-04"),
        ("有人把孩子抱走了", "lost-05"),
        ("有人拿刀砍人", "violence-01"),
        ("有人一直跟着我", "violence-04"),
        ("有人在撬我家门", "violence-03"),
        ("楼顶有人要跳楼", "suicidal-01"),
        ("我不想活了", "suicidal-02"),
        ("孩子头卡在栏杆里", "rescue-01"),
        ("小孩掉水里了", "rescue-02"),
        ("师傅掉进化粪池没声了", "rescue-03"),
        ("手绞进机器里了", "rescue-04"),
        ("不是着火，是煤气漏了，我奶奶昏在厨房", "gas-01"),
        ("我妈没呼吸了", "fallen-04"),
        ("老太太噎住了脸发青", "fallen-05"),
        ("有人触电了", "fallen-07"),
        ("楼道着火了，全是烟", "fire-01"),
        ("外墙砖正往下掉", "falling_objects-01"),
        ("救命啊", "emergency-01"),
        ("水管爆了，全楼都淹了", "emergency-06"),
        ("电梯困人了", "B2-01"),
    ],
)
def test_in_an_emergency_the_first_words_are_those_for_it(said: str, first: str) -> None:
    guess = suggest(said)
    listed = offered(
        HANDBOOK,
        said=said,
        category=guess.category,
        case=guess.case,
        urgent=guess.priority == "urgent",
        dangers=lambda: guess.dangers,
    )
    assert (guess.priority, listed[0].id) == ("urgent", first)


def test_a_danger_that_no_keyword_names_chooses_the_words_while_it_is_urgent() -> None:
    said = "桂圆核呛在气道"
    assert topics(HANDBOOK, said, urgent=True) == ()
    assert topics(HANDBOOK, said, urgent=True, dangers=("hurt",))[0].id == "fallen"
    assert topics(HANDBOOK, said, dangers=("hurt",)) == ()
    assert [each.id for each in topics(HANDBOOK, said, urgent=True, dangers=("fire", "hurt"))] == [
        "fire",
        "fallen",
    ]


def test_what_is_said_in_any_emergency_stands_first_in_none_of_the_other_calls() -> None:
    listed = offered(HANDBOOK, said="保安换岗没人", category="秩序维护-安全门岗", case=None)
    assert listed[0].step == "opening" and listed[0].topic is None
    whole = offered(HANDBOOK, said="保安换岗没人", category="秩序维护-安全门岗", case=None, limit=4000)
    assert any(phrase.id == "emergency-09" for phrase in whole)


def test_a_list_that_is_typed_into_follows_what_is_typed_alone() -> None:
    listed = rank(HANDBOOK, category=None, case="B4", step=None, typed="漏")
    assert offered(HANDBOOK, said="停水", category=None, case="B4", typed="漏") == listed
