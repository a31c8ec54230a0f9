"""What the desk types or hears, and what is suggested for it; invented sentences, as they are said at a front desk."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.classify import CHOICES, READ_AT_MOST, Categories, classify, parse_categories
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import KINDS, PRIORITIES
from tests.builders import categories, suggest

FILE = Path(__file__).parents[2] / "data" / "categories.toml"
DOCUMENT: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
CATEGORIES: Categories = categories()

LABELLED = [
    "工程维修-电梯",
    "工程维修-门禁对讲",
    "工程维修-给排水漏水",
    "工程维修-供电照明",
    "工程维修-消防",
    "工程维修-供暖燃气",
    "秩序维护-停车车辆",
    "秩序维护-安全门岗",
    "秩序维护-噪音扰民",
    "清洁绿化-清洁",
    "清洁绿化-垃圾",
    "清洁绿化-绿化",
    "清洁绿化-虫害宠物",
    "收费-物业费",
    "收费-停车费",
    "收费-水电费",
    "服务态度-人员",
    "服务态度-响应慢",
    "业委会与公示",
    "违建装修",
    "公共设施其他",
    "非物业事项",
]

# text | kind category priority case; * where more than one answer is right, - for no case
SAID = """
dtkr | help 工程维修-电梯 urgent B2
3栋2单元 dtkr 里面两个人 | help 工程维修-电梯 urgent B2
lousx | repair 工程维修-给排水漏水 high B4
lousui | repair 工程维修-给排水漏水 normal -
loushui | repair 工程维修-给排水漏水 normal -
td | repair 工程维修-供电照明 high -
mqw | help 工程维修-供暖燃气 urgent -
电梯里困了一个老人 | help 工程维修-电梯 urgent B2
我们被关在电梯里了，快来人 | help 工程维修-电梯 urgent B2
孩子卡在电梯里 | help 工程维修-电梯 urgent B2
电梯坏了，没有人受伤 | repair 工程维修-电梯 high B3
电梯又坏了，都三天了 | complaint 工程维修-电梯 high B3
上周困过人，到现在电梯还没修好 | complaint 工程维修-电梯 high B2
闻到楼道里有煤气味 | help 工程维修-供暖燃气 urgent -
暖气不热 | repair 工程维修-供暖燃气 normal -
楼道里着火了 | help 工程维修-消防 urgent -
烟感掉了 | repair 工程维修-消防 high B6
地下车库水管爆了，水漫到电梯口 | help 工程维修-给排水漏水 urgent B4
楼上漏水漏到我家客厅 | repair 工程维修-给排水漏水 high B4
楼上漏水三个月了没人管 | complaint 工程维修-给排水漏水 normal B4
楼上空调滴水 | * 工程维修-给排水漏水 normal *
家里没水了 | repair 工程维修-给排水漏水 high B4
停电了 | repair 工程维修-供电照明 high -
楼道灯坏了 | repair 工程维修-供电照明 normal B8
单元门打不开 | repair 工程维修-门禁对讲 normal B1
门禁报修一个月了没人修 | complaint 工程维修-门禁对讲 normal B1
门禁密码改了，我进不去 | * 工程维修-门禁对讲 normal B5
我车位被人占了 | * 秩序维护-停车车辆 normal A1
有车挡住我出不去，帮忙联系挪车 | help 秩序维护-停车车辆 normal A1
新买的车没登记，门口不让进 | * 秩序维护-停车车辆 * A2
道闸砸到我的车了 | * 秩序维护-停车车辆 normal A3
你们在我车窗上贴条，撕都撕不下来 | complaint 秩序维护-停车车辆 normal A4
想装充电桩要什么手续 | enquiry 秩序维护-停车车辆 low A5
建议多装几个充电桩 | suggestion 秩序维护-停车车辆 low A5
停车费怎么又涨了 | * 收费-停车费 * A6
停车费怎么交 | enquiry 收费-停车费 low -
物业费多少钱一平 | enquiry 收费-物业费 low -
管井锁着，我看不了电表 | * 收费-水电费 * B7
楼上半夜装修，吵得睡不着 | complaint 秩序维护-噪音扰民 normal -
垃圾三天没人收了 | complaint 清洁绿化-垃圾 normal -
能不能在楼下加个垃圾桶 | suggestion 清洁绿化-垃圾 low -
望在小区门口安装减速带 | suggestion * low -
每天下班都堵在岗亭，影响大家出行，故来电建议再开一个出口 | suggestion * * *
我们交费从不拖欠，楼道里一直很暗，影响出行，故咨询这个灯归谁管 | enquiry 工程维修-供电照明 * B8
12栋为何停电 | enquiry 工程维修-供电照明 * -
停水停了一天了，不知道什么原因 | repair 工程维修-给排水漏水 high B4
楼顶的违建何时才能拆，反映好多次没有人管 | complaint 违建装修 normal -
不经业主同意就把大修基金花掉了 | complaint 业委会与公示 normal -
物业交接有纠纷，希望派人到现场协调 | help * * -
楼后的污水管堵了，水流到路上，老人不好走，帮我们处理一下 | help 工程维修-给排水漏水 * *
有业主在楼顶种菜 | complaint 违建装修 normal -
隔壁工地半夜打桩，噪音扰民 | complaint 非物业事项 normal -
小区没欠费，物业把我们的用电停掉了 | * 工程维修-供电照明 * -
楼道好几天没拖，很脏 | complaint 清洁绿化-清洁 normal -
树枝挡住我家窗户了 | * 清洁绿化-绿化 normal -
遛狗不牵绳，吓到孩子了 | complaint 清洁绿化-虫害宠物 normal -
保安骂人 | complaint 服务态度-人员 normal -
前台电话一直没人接 | complaint 服务态度-响应慢 normal -
业委会什么时候选举 | enquiry 业委会与公示 low -
楼上在敲承重墙 | * 违建装修 high -
健身器材坏了 | repair 公共设施其他 normal -
外墙瓷砖掉下来了，差点砸到人 | * 公共设施其他 high -
家里宽带断了 | * 非物业事项 * -
大堂有人打架 | help 秩序维护-安全门岗 urgent -
高空抛物，差点砸到我 | * 秩序维护-安全门岗 high -
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in SAID.strip().splitlines()]


@pytest.mark.parametrize(("text", "wanted"), ROWS, ids=[row[0] for row in ROWS])
def test_suggests(text: str, wanted: str) -> None:
    found = suggest(text)
    got = (found.kind, found.category, found.priority, found.case or "-")
    for want, value in zip(wanted.split(), got, strict=True):
        assert want in ("*", value), found.reasons


def test_every_category_and_every_case_can_be_reached() -> None:
    found = [suggest(text) for text, _ in ROWS]
    assert {each.category for each in found} == set(LABELLED) == set(CATEGORIES.all)
    assert {each.case for each in found} - {None} == set(CATEGORIES.cases)


@pytest.mark.parametrize(
    "text",
    [
        "没人管，困在电梯里半小时了",
        "没信号的电梯里困着两个人",
        "能不能派人来救我困在电梯里",
        "电梯困人还没救出来",
        "电梯突然下坠，停住了，人还在里面",
        "打了好几次电话，一直困在电梯里",
        "可能煤气泄漏了",
        "担心燃气泄漏，能不能来看看",
        "燃气费交了，现在闻到煤气味",
        "着火了，灯都灭了",
        "配电箱冒烟，我把电闸关掉了",
        "电线短路引起火灾快来",
        "昨天开始冒烟",
        "水管爆裂，水都喷出来了",
        "出事故了有人受伤",
        "老人摔倒了，站不起来",
        "孩子反锁在家里了",
        "有人在楼顶要跳楼",
        "人困在地下室里",
    ],
)
def test_danger_now_is_urgent(text: str) -> None:
    assert suggest(text).priority == "urgent"


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("没有人受伤", "normal"),
        ("未造成人员受伤", "normal"),
        ("昨晚起火，已经扑灭了", "high"),
        ("楼道着火了。已经扑灭了。", "high"),
        ("昨晚电梯困过人，已经救出来了", "high"),
        ("上周三，孩子在电梯里被困", "high"),
        ("电梯经常困人", "high"),
        ("电梯不是困人就是停", "high"),
        ("如果着火了怎么跑", "high"),
        ("存在火灾隐患", "high"),
        ("可能引发火灾", "high"),
        ("险些砸到人", "high"),
        ("有人晕倒已经送医院了", "high"),
        ("相关人员说电梯修不好", "high"),
    ],
)
def test_danger_denied_past_feared_or_over_is_not_urgent(text: str, priority: str) -> None:
    assert suggest(text).priority == priority


def test_says_why() -> None:
    found = suggest("dtkr")
    assert found.reasons[0] == "dtkr 即 电梯困人"
    assert found.reasons[3] == "紧急，因为：困人 + 电梯"
    assert found.cases[0].id == "B2" and "困 + 电梯" in found.cases[0].reasons
    spared = suggest("上周三，孩子在电梯里被困")
    assert "高，因为：被困 + 电梯，是过去的事，不按紧急" in spared.reasons


def test_knows_when_it_does_not_know() -> None:
    found = suggest("你好")
    assert (found.category, found.confidence, found.case) == (CATEGORIES.fallback, 0.0, None)
    assert found.reasons[0] == f"{CATEGORIES.fallback}，没有更明确的线索，请核对"
    assert suggest("电梯坏了").confidence > 0.5


def test_offers_three_where_it_is_not_sure_and_one_where_it_is() -> None:
    sure = suggest("电梯坏了")
    assert sure.sure and [each.category for each in sure.choices] == ["工程维修-电梯"]
    torn = suggest("电梯广告太吵")
    assert not torn.sure and len(torn.choices) == CHOICES
    assert torn.choices[0].category == torn.category and all(each.reasons for each in torn.choices)
    assert torn.confidence * 100 < CATEGORIES.confidence.ask_below
    nothing = suggest("你好")
    assert not nothing.sure and [each.category for each in nothing.choices] == [CATEGORIES.fallback]


def test_weaker_cases_stand_behind_the_one_that_fits() -> None:
    assert [case.id for case in suggest("电梯坏了，还困过人").cases] == ["B2", "B3"]


def test_words_shared_by_many_rules_are_written_once() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["sets"]["屋"] = ["会心阁", "听雨轩"]
    document["category"][0]["words"]["9"] = ["<屋>+漏风"]
    changed = parse_categories(document)
    assert classify("听雨轩漏风", changed).category == document["category"][0]["id"]
    assert suggest("听雨轩漏风").category != document["category"][0]["id"]


def test_a_file_without_the_later_sections_still_works() -> None:
    document = copy.deepcopy(DOCUMENT)
    for name in ("upset", "confidence"):
        del document[name]
    assert classify("电梯坏了", parse_categories(document)).category == "工程维修-电梯"


def test_two_letters_count_only_alone_and_capitals_are_names() -> None:
    assert suggest("ls").category == "工程维修-给排水漏水"
    for text in ("ls 3栋", "LS", "A栋DTKR"):
        assert suggest(text).confidence == 0.0


def test_reads_no_further_than_it_says() -> None:
    assert suggest("啊" * READ_AT_MOST + "电梯困人").confidence == 0.0


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=300) | st.sampled_from([row[0] for row in ROWS]).map(lambda text: text * 30))
def test_always_answers_the_same_and_within_the_words(text: str) -> None:
    found = suggest(text)
    assert found == suggest(text)
    assert found.kind in KINDS and found.category in CATEGORIES.all and found.priority in PRIORITIES
    assert 0 <= found.confidence <= 1 and found.reasons
    assert found.case is None or found.case in CATEGORIES.cases


def test_departments_have_contact_and_limit() -> None:
    assert {category.department for category in CATEGORIES.all.values()} <= set(CATEGORIES.departments)
    assert {"工程部", "保洁部", "安保部", "客服部", "财务部", "项目经理"} == set(CATEGORIES.departments)
    assert all(each.contact and each.minutes > 0 for each in CATEGORIES.departments.values())


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda doc: doc.pop(name)


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (_without("department"), "categories.toml"),
        (_without("shorthand"), "categories.toml"),
        (_without("kind"), "categories.toml"),
        (lambda doc: doc.update(fallback="没有的"), "categories.toml"),
        (lambda doc: doc.update(typo=1), "categories.toml"),
        (lambda doc: doc["category"][0].update(department="飞行部"), "category 工程维修-电梯"),
        (lambda doc: doc["category"][0].update(kind="repare"), "category 工程维修-电梯"),
        (lambda doc: doc["category"].append(doc["category"][0]), "category 工程维修-电梯"),
        (lambda doc: doc["category"][1]["words"].update({"many": ["x"]}), "category 工程维修-门禁对讲 words"),
        (
            lambda doc: doc["category"][1]["words"].update({"7": ["门禁+"]}),
            "category 工程维修-门禁对讲 words",
        ),
        (lambda doc: doc["category"][1]["words"].update({"7": [3]}), "category 工程维修-门禁对讲 words"),
        (lambda doc: doc["category"][1].pop("words"), "category 工程维修-门禁对讲"),
        (lambda doc: doc["department"][0].update(minutes=0), "department 工程部"),
        (lambda doc: doc["kind"].update(joke={"3": ["哈"]}), "[kind.joke]"),
        (lambda doc: doc["priority"].update(normal={"3": ["哈"]}), "[priority.normal]"),
        (lambda doc: doc["danger"].update(war={"5": ["哈"]}), "[danger.war]"),
        (lambda doc: doc["danger"]["fire"].update(category="消防队"), "[danger.fire]"),
        (lambda doc: doc["danger"]["lift"].update(case="Z9"), "[danger.lift]"),
        (lambda doc: doc["danger"]["fire"].update({"many": ["哈"]}), "[danger.fire] words"),
        (lambda doc: doc["case"][0].update(within=["没有的"]), "case A1"),
        (lambda doc: doc["case"][0]["words"].update({"5": ["<没有的>+车"]}), "case A1 words"),
        (lambda doc: doc["confidence"].pop("lead"), "[confidence]"),
        (lambda doc: doc["confidence"].update(ask_below="高"), "[confidence]"),
        (lambda doc: doc["sets"].update({"人": []}), "[sets]"),
        (lambda doc: doc["upset"].update({"many": ["滚"]}), "[upset] words"),
    ],
)
def test_a_spoiled_file_is_refused_by_entry(spoil: Callable[[dict[str, Any]], object], place: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    spoil(document)
    with pytest.raises(BadInput) as refused:
        parse_categories(document)
    assert place in refused.value.field
    assert refused.value.problem and refused.value.remedy


@pytest.mark.parametrize(
    ("text", "dangers"),
    [
        ("电梯里困了三个人", {"lift"}),
        ("厨房着火了，我爸晕倒了", {"fire", "hurt"}),
        ("不是着火，是煤气漏了", {"gas"}),
        ("没有人受伤，火还没灭", {"fire"}),
        ("有人拿刀砍人", {"violence"}),
        ("救命啊", {"cry"}),
        ("上周电梯困过人", set()),
        ("楼道灯不亮", set()),
    ],
)
def test_each_danger_that_is_now_is_named_and_none_that_is_denied_or_past(
    text: str, dangers: set[str]
) -> None:
    found = classify(text, CATEGORIES)
    assert set(found.dangers) == dangers
    assert (found.priority == "urgent") == bool(dangers)


@given(st.text(alphabet="电梯里困了人着火煤气漏水没有上周救命，。", max_size=30))
def test_what_is_urgent_by_the_rules_has_a_danger_and_nothing_else_has(text: str) -> None:
    found = classify(text, CATEGORIES)
    assert bool(found.dangers) == (found.priority == "urgent")
    assert len(set(found.dangers)) == len(found.dangers)


def test_who_deals_with_a_danger_gets_it_where_nothing_else_is_clear() -> None:
    assert suggest("有人要跳楼").category == CATEGORIES.in_danger == CATEGORIES.homes["suicidal"].category
    assert suggest("货梯门掰不开，里面的人一直拍门").case == "B2" == CATEGORIES.homes["lift"].case
    assert suggest("插座冒火花了").category in ("工程维修-供电照明", "工程维修-消防")
    assert classify("走火了", CATEGORIES).category == "工程维修-消防" == CATEGORIES.homes["fire"].category


def test_words_and_lists_that_rules_share_are_kept_once() -> None:
    rules = {id(rule): rule for found in CATEGORIES.rules.values() for rule in found}.values()
    lists = {id(part): part for rule in rules for part in (*rule.parts, rule.unless) if part}.values()
    words = {id(word): word for part in lists for word in part}.values()
    assert len(words) == len(set(words))
    assert all(word in words for word in CATEGORIES.rules)
