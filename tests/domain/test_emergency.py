"""No danger is missed, and what is denied, past, drilled or compared raises no alarm (R-001-10)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import suggest
from tests.domain.calls import DANGERS, NEAR, UNHEARD_DANGERS, UNHEARD_NEAR
from tests.domain.wordings import (
    ALARMS,
    EVERYDAY,
    FRAGMENTS,
    NO_ALARMS,
    UNHEARD_ALARMS,
    UNHEARD_OTHERS,
)


def urgent(text: str) -> bool:
    return suggest(text).priority == "urgent"


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(set(ALARMS)) >= 300 and len(set(NO_ALARMS)) >= 120
    assert not set(ALARMS) & set(NO_ALARMS)


@pytest.mark.parametrize("text", ALARMS)
def test_danger_now_raises_the_alarm(text: str) -> None:
    found = suggest(text)
    assert found.priority == "urgent", found.reasons
    assert found.kind == "help", found.reasons


@pytest.mark.parametrize("text", NO_ALARMS)
def test_what_only_sounds_like_danger_does_not(text: str) -> None:
    assert not urgent(text), suggest(text).reasons


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("我妈去年开始用呼吸机，家里停电了", True),
        ("呼吸机没电了，电池顶不了多久", True),
        ("去年停电那次我爸的呼吸机差点出事", False),
        ("明天停电的通知看到了，家里有呼吸机怎么办", False),
    ],
)
def test_who_lives_by_a_machine_is_in_danger_when_the_power_fails(text: str, now: bool) -> None:
    assert urgent(text) == now, suggest(text).reasons


@pytest.mark.parametrize(
    "text",
    [
        "真着火了，快来",
        "真着火了",
        "没通知就停电了，我妈用呼吸机",
        "没提前通知就停电，家里老人靠呼吸机",
        "小孩捡球掉进水池了",
        "孩子背着背包掉进景观湖",
        "奶奶从床上摔下来，腿断了",
        "他从凳子上下来腿断了",
        "砌墙的时候墙倒了压住工人",
        "小孩被锁在面包车里面出不来",
        "人在货车里面卡着出不来",
        "快叫救护车，路上停满了车",
        "电梯停了不动，按钮按不动，我在里面",
        "电梯不动了，显示屏黑屏，我在里面出不去",
        "楼道里有火苗，现在还很小",
        "垃圾桶里有火苗，不大，很小",
        "烟头扔进去的，楼道都是烟",
        "楼道全是烟味，呛人",
        "路面塌陷了，地砖都掉下去，有人在边上",
        "电梯门堵得只剩一条缝，我在里面",
        "着火了，出来后忘记关煤气",
        "厨房起火，出来后门关不上",
        "电梯一次困了三个人",
        "他一次吞了一瓶安眠药",
        "老人抽搐两次了",
        "我爸两次晕过去",
        "电梯第二次困人了，里面有老人",
        "电梯掉了两次，人还在里面",
        "电梯这个月已困人三次，今天又关了个小孩在里面",
        "被关电梯二十分钟，出来后我妈一直喘不上气",
        "没有通知突然断电，我爸在用制氧机",
        "真冒烟了，谁也不敢进去",
    ],
)
def test_no_exception_silences_a_danger_that_stands_beside_its_words(text: str) -> None:
    assert urgent(text), suggest(text).reasons


def test_what_the_ear_was_fitted_on_is_heard() -> None:
    assert sum(map(urgent, DANGERS)) >= 0.95 * len(DANGERS)
    assert sum(map(urgent, NEAR)) <= 0.09 * len(NEAR)


def test_most_of_what_nobody_wrote_down_is_heard_and_little_else() -> None:
    fitted = {*ALARMS, *NO_ALARMS, *FRAGMENTS, *EVERYDAY}
    assert fitted.isdisjoint((*UNHEARD_ALARMS, *UNHEARD_OTHERS))
    assert sum(map(urgent, UNHEARD_ALARMS)) >= 0.75 * len(UNHEARD_ALARMS) >= 45
    assert sum(map(urgent, UNHEARD_OTHERS)) <= 0.1 * len(UNHEARD_OTHERS)
    heard, mistaken = (sum(map(urgent, words)) for words in (UNHEARD_DANGERS, UNHEARD_NEAR))
    assert heard >= 0.9 * len(UNHEARD_DANGERS)
    assert heard / (heard + mistaken) >= 0.85


PERSONS = st.sampled_from(["一个老人", "我儿子", "两个业主", "保洁阿姨", "一个女孩", "快递员", "我妈"])
PLACES = st.sampled_from(["电梯里", "3号电梯里面", "货梯里", "电梯轿厢里"])
SINCE = st.sampled_from(["", "现在", "刚才", "已经二十分钟了，", "喂，物业吗，", "你好，我是3栋1单元的，"])
HELD = st.sampled_from(["困在", "被困在", "关在", "被关在", "卡在", "困到"])


@settings(derandomize=True, deadline=None)
@given(PERSONS, PLACES, SINCE, HELD)
def test_who_is_held_where_in_any_words(person: str, place: str, since: str, held: str) -> None:
    assert urgent(f"{since}{person}{held}{place}")
    assert urgent(f"{since}{place}{held[-2:]}着{person}") or "在" in held[-2:]
    assert not urgent(f"上周{person}{held}{place}过")
    assert not urgent(f"没有人{held}{place}")


FIRES = st.sampled_from(["着火", "起火", "失火", "冒烟", "烧起来"])
ROOMS = st.sampled_from(["楼道", "12楼", "地下车库", "配电房", "邻居家", "厨房", "楼下的电动车"])


@settings(derandomize=True, deadline=None)
@given(ROOMS, FIRES)
def test_what_burns_where_and_when(room: str, fire: str) -> None:
    assert urgent(f"{room}{fire}了")
    assert urgent(f"快来人，{room}正在{fire}")
    for calm in ("去年{}{}过", "{}没有{}", "{}差点{}", "万一{}{}怎么办", "{}{}的应急预案在哪里", "怕{}会{}"):
        assert not urgent(calm.format(room, fire))


def test_a_letter_that_tells_of_dangers_is_no_alarm_unless_it_says_that_it_is_now() -> None:
    story = "我是三期的业主，想反映一下小区的管理问题，希望贵处重视，" * 6
    assert not urgent(f"{story}电梯夹到孩子的手，楼道着火了也没有人管，大家都很担心。")
    assert urgent(f"{story}现在楼道着火了，快来人。")
    assert urgent(f"{story}刚才六楼冒出黑烟，楼道里看不见路了。")
    assert not urgent(f"{story}大家现在是度日如年，保安换了一批又一批，队员之间常打架，上回有人受伤。")


def test_says_why_it_is_spared() -> None:
    reasons = suggest("昨晚起火，已经扑灭了").reasons
    assert any("不按紧急" in reason for reason in reasons)
