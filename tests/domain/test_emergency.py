"""No danger is missed, and what is denied, past, drilled or compared raises no alarm (R-001-10)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import suggest
from tests.domain.calls import BESIDE, DANGERS, NEAR, UNHEARD_BESIDE, UNHEARD_DANGERS, UNHEARD_NEAR
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
        "孩子不见了，手机也没带",
        "孩子骑自行车出去，找不到了",
        "老人遛狗没回家，找不到人",
        "娃背着书包走丢了",
        "孩子穿着红鞋走丢了，拿着滑板",
        "老人下楼取快递，不见了",
        "孩子在停车位那边不见了",
        "小孩玩滑板车走丢了",
        "老人出去倒垃圾走失，身上没有身份证",
        "孩子的鞋在湖边，人不见了",
        "奶奶出去买菜没回家，手机关机",
        "我女儿放学没回来，书包在学校",
        "老爷子去看车，走丢两小时了",
        "孩子找不到了，电动车也不在",
        "小孩在快递柜那儿转眼不见了",
        "水管爆了，楼下停车位全是水，快来关阀",
        "楼上掉下来一块玻璃，差点砸到我，还在往下掉",
        "差点没接到你电话，楼上有人要跳楼",
        "不是漏水，是冒烟了，快来",
        "上次修的电梯又困人了，孩子在里面",
        "去年换的燃气表漏气，满屋味道",
        "经常停电的那个配电箱冒火花了",
        "演练？不是演练，真着火了",
        "电梯里贴着应急流程，我们按了没用，出不来",
        "不用预案了，煤气罐在喷火",
        "消防检查的师傅摔下来了，动不了",
        "看电视的时候老人突然晕倒了",
        "建议你们快点，人在流血",
        "如果再不来人就没了，老人昏过去了",
        "怕是煤气中毒，两个人叫不醒",
        "我担心他要跳楼，他站在窗台上",
        "万一爆炸怎么办，煤气罐着火了",
        "听说三楼着火了，楼道都是烟",
        "孩子被反锁在家里，锅还在火上",
        "没有人受伤，但是火还在烧",
        "没人管，老人躺在地上不动",
        "已经打了119，火还没灭，楼上有人",
        "保安已经报警了，他还拿着刀",
        "已经救出来一个，还有一个在水里",
        "刚才救出来的人没呼吸了",
        "人救出来了，但是不醒人事",
        "他好像心梗了，脸色发紫",
        "会不会是煤气泄漏，我头很晕",
        "是不是着火了，楼道里很大烟",
        "好像有人在喊救命",
        "着火了怎么办，快来人",
        "触电了怎么办，人没反应",
        "有人跳楼怎么办，就在楼顶",
        "小孩掉水里怎么办啊",
        "怎么办，孩子卡在窗户护栏里",
        "电梯困人怎么办，我爸在里面",
        "救护车进不来，老人快不行了，路被车堵了",
        "其朋友被困在柳塘区万象天成B栋电梯里，手机信号不好，物业电话无人接，希望尽快联系维保放人。",
    ],
)
def test_no_exception_silences_a_danger_that_stands_beside_its_words(text: str) -> None:
    assert urgent(text), suggest(text).reasons


def test_what_usually_spares_does_not_silence_what_happens_beside_it() -> None:
    for pairs, missed, alarmed in ((BESIDE, 0.02, 0.13), (UNHEARD_BESIDE, 0.05, 0.14)):
        assert sum(not urgent(pair["danger"]) for pair in pairs) <= missed * len(pairs)
        assert sum(urgent(pair["harmless"]) for pair in pairs) <= alarmed * len(pairs)


def test_what_the_ear_was_fitted_on_is_heard() -> None:
    assert sum(urgent(each.words) for each in DANGERS) >= 0.95 * len(DANGERS)
    assert sum(map(urgent, NEAR)) <= 0.09 * len(NEAR)


def test_most_of_what_nobody_wrote_down_is_heard_and_little_else() -> None:
    fitted = {*ALARMS, *NO_ALARMS, *FRAGMENTS, *EVERYDAY}
    assert fitted.isdisjoint((*UNHEARD_ALARMS, *UNHEARD_OTHERS))
    assert sum(map(urgent, UNHEARD_ALARMS)) >= 0.75 * len(UNHEARD_ALARMS) >= 45
    assert sum(map(urgent, UNHEARD_OTHERS)) <= 0.1 * len(UNHEARD_OTHERS)
    heard, mistaken = sum(urgent(each.words) for each in UNHEARD_DANGERS), sum(map(urgent, UNHEARD_NEAR))
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
