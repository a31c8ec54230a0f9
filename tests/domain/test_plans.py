"""Emergency plans: the shipped ones are whole and safe to say, slips are told by file and line, bulletins fit what happened."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.categories import Categories, parse_categories
from frontdesk.domain.classify import classify
from frontdesk.domain.handbook_check import read_handbook
from frontdesk.domain.plan_check import check_plans, read_plans, version
from frontdesk.domain.plans import (
    NOWHERE,
    STAGES,
    Plan,
    bulletin,
    fitting,
    group_words,
    plain,
    running,
    where,
)
from frontdesk.domain.playbook import Handbook
from frontdesk.domain.terms import DANGERS
from frontdesk.domain.timing import MINUTE
from frontdesk.domain.units import building
from frontdesk.settings import shipped
from tests.builders import NAME, PHONE, TEN, UNIT, Story

WANTED = {
    *("fire", "gas", "lift", "violence", "hurt", "suicidal"),
    *("stuck", "lost", "falling", "flood", "pipe", "power"),
}


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in shipped("plans").glob("*.toml")}


@pytest.fixture(scope="module")
def plans(texts: Mapping[str, str]) -> Mapping[str, Plan]:
    return read_plans(texts, {}).plans


@pytest.fixture(scope="module")
def categories() -> Categories:
    return parse_categories(tomllib.loads(shipped("categories.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def book(categories: Categories) -> Handbook:
    found = {path.name: path.read_text(encoding="utf-8") for path in shipped("handbook").glob("*.toml")}
    return read_handbook(found, {}, categories.all).book


# --- the files --------------------------------------------------------------------------------------------------


def test_there_is_a_plan_for_each_emergency_of_the_issue(plans: Mapping[str, Plan]) -> None:
    assert set(plans) == WANTED
    assert [plan.order for plan in plans.values()] == sorted({plan.order for plan in plans.values()})


def test_nothing_is_wrong_with_the_shipped_plans(
    texts: Mapping[str, str], categories: Categories, book: Handbook
) -> None:
    assert check_plans(texts, {}, categories, book) == ()


def test_every_plan_sends_people_within_half_an_hour_and_calls_somebody(plans: Mapping[str, Plan]) -> None:
    for plan in plans.values():
        assert all(duty.minutes <= 30 for duty in plan.duties), plan.id
        assert len(plan.duties) >= 3 and plan.calls and plan.say and plan.never and plan.over, plan.id
        assert set(plan.bulletins) == set(STAGES), plan.id


@pytest.mark.parametrize(
    ("plan_id", "words"),
    [
        ("lift", "别扒门"),
        ("fire", "别坐电梯"),
        ("gas", "别碰灯和电器的开关"),
        ("hurt", "别搬动"),
        ("flood", "车别去挪"),
        ("power", "别碰"),
        ("pipe", "水快到插座了就别碰电器"),
        ("violence", "别劝，别追，也别还手"),
        ("suicidal", "别冲过去"),
        ("stuck", "别硬拉硬拽"),
        ("lost", "不用等满一天"),
        ("falling", "别站在下面看"),
    ],
)
def test_what_keeps_people_safe_is_said_at_once(plans: Mapping[str, Plan], plan_id: str, words: str) -> None:
    assert words in "".join(plans[plan_id].say)


def test_no_bulletin_promises_when_it_is_over(plans: Mapping[str, Plan]) -> None:
    for plan in plans.values():
        for stage, text in plan.bulletins.items():
            assert not re.search("马上就好|很快|尽快|分钟内|小时内|赔", text), (plan.id, stage)


# --- what an editor does wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "line_holds", "problem"),
    [
        ('department = "安保部"', 'department = "保安队"', "保安队", "部门「保安队」不存在"),
        ('dangers = ["lift"]', 'dangers = ["lft"]', "lft", "险情「lft」不存在"),
        ('case = "B2"', 'case = "Z9"', "Z9", "案例「Z9」不存在"),
        ('categories = ["工程维修-电梯"]', 'categories = ["电梯"]', "电梯", "类别「电梯」不存在"),
        ("minutes = 10", "minutes = 0", "minutes = 0", "minutes 没有写，或不大于 0"),
        ('solved = "{地点}', 'solved = "{到场}', "solved", "solved 里不能有空格「{到场}」"),
        ('first = "{地点}', 'first = "{地点', "first", "first 的花括号没有成对"),
        ('id = "lift"', 'id = "elevator"', "elevator", "对不上"),
        ("order = 3", 'order = "3"', "order", "order 不是整数"),
        ('title = "电梯困人"', 'titel = "电梯困人"', "", "没有写 title"),
    ],
)
def test_a_slip_is_told_with_file_line_and_remedy(
    texts: Mapping[str, str],
    categories: Categories,
    book: Handbook,
    before: str,
    after: str,
    line_holds: str,
    problem: str,
) -> None:
    text = texts["lift.toml"]
    assert before in text
    own = {"lift.toml": text.replace(before, after, 1)}
    found = check_plans(texts, own, categories, book)
    assert found and all(each.own and each.file == "lift.toml" and each.remedy for each in found)
    wrong = next(each for each in found if problem in str(each))
    assert not line_holds or line_holds in own["lift.toml"].splitlines()[wrong.line - 1]


def test_a_forbidden_word_in_what_is_read_out_is_found(
    texts: Mapping[str, str], categories: Categories, book: Handbook
) -> None:
    own = {"gas.toml": texts["gas.toml"].replace("燃气公司测过说可以回家了", "保证没问题了")}
    (*_, wrong) = check_plans(texts, own, categories, book)
    assert "不能说的话" in wrong.problem and wrong.entry == "bulletin solved" and wrong.line > 1


def test_a_manager_s_copy_stands_in_and_a_torn_one_does_not(texts: Mapping[str, str]) -> None:
    mended = texts["fire.toml"].replace('title = "着火冒烟"', 'title = "火警"')
    read = read_plans(texts, {"fire.toml": mended})
    assert (read.plans["fire"].title, read.problems) == ("火警", ())
    assert read.plans["fire"].version == version(mended) != version(texts["fire.toml"])
    torn = read_plans(texts, {"fire.toml": mended[:200]})
    assert torn.plans["fire"].title == "着火冒烟"
    (problem,) = torn.problems
    assert problem.own and problem.line and "格式有误" in problem.problem


def test_a_plan_of_the_manager_s_own_is_one_more(texts: Mapping[str, str]) -> None:
    own = (
        texts["hurt.toml"]
        .replace('id = "hurt"', 'id = "dog"')
        .replace('title = "有人受伤"', 'title = "狗伤人"')
    )
    assert read_plans(texts, {"dog.toml": own}).plans["dog"].title == "狗伤人"


# --- which one --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "case", "category", "first"),
    [
        ("2栋电梯停了，我妈被困在里面", "B2", "工程维修-电梯", "lift"),
        ("", "B2", "工程维修-电梯", "lift"),
        ("厨房着火，有人受伤了", "", "工程维修-消防", "fire"),
        ("楼道里煤气味很重", "", "工程维修-供暖燃气", "gas"),
        ("配电房冒烟", "", "工程维修-供电照明", "fire"),
        ("整栋楼都停电了", "", "工程维修-供电照明", "power"),
        ("停电了，电梯里困住两个人", "B2", "工程维修-供电照明", "lift"),
        ("地下车库进水了，水管爆了", "B4", "工程维修-给排水漏水", "flood"),
        ("主管爆裂，两栋停水", "B4", "工程维修-给排水漏水", "pipe"),
        ("老人在楼下摔倒了，叫不醒", "", "清洁绿化-清洁", "hurt"),
        ("有人触电", "", "工程维修-供电照明", "hurt"),
        ("不是着火，是煤气漏了，我奶奶昏在厨房", "", "工程维修-供暖燃气", "gas"),
        ("没有冒烟，是燃气味", "", "工程维修-消防", "gas"),
        ("没有人受伤，火还没灭，楼上有人", "", "工程维修-消防", "fire"),
        ("我家孩子不见了，五岁，穿黄衣服", "", "秩序维护-安全门岗", "lost"),
        ("楼下两个人拿着刀打起来了", "", "秩序维护-安全门岗", "violence"),
        ("有个姑娘坐在天台边上哭", "", "秩序维护-安全门岗", "suicidal"),
        ("吃了一整瓶安眠药，叫不醒了", "", "秩序维护-安全门岗", "hurt"),
        ("我妈反锁在厕所里出不来", "", "工程维修-门禁对讲", "stuck"),
        ("外墙瓷砖一直往下掉，楼下有人", "", "公共设施其他", "falling"),
    ],
)
def test_what_is_heard_leads_to_the_plan(
    plans: Mapping[str, Plan], categories: Categories, text: str, case: str, category: str, first: str
) -> None:
    heard = classify(text, categories).dangers
    assert fitting(plans.values(), heard, text, case, category)[0].id == first


def test_every_danger_leads_to_a_plan(plans: Mapping[str, Plan]) -> None:
    led = {danger for danger in DANGERS if fitting(plans.values(), (danger,), "", "", "")}
    assert set(DANGERS) - led == {"cry"}, "who only cries for help is asked what it is"


def test_what_is_no_emergency_leads_nowhere(plans: Mapping[str, Plan]) -> None:
    assert fitting(plans.values(), (), "钥匙丢了", "", "秩序维护-安全门岗") == ()


# --- where, and what is said ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"text": "2栋电梯停了，我妈被困在里面"}, "2栋"),
        ({"text": "地下车库进水了"}, "地下车库"),
        ({"text": "电梯困人", "place": "十二号楼大堂"}, "十二号楼大堂"),
        ({"text": "电梯困人", "place": "3栋2单元1802门口"}, "3栋"),
        ({"text": "dtkr"}, "7栋"),
        ({"text": "dtkr", "anonymous": True}, NOWHERE),
    ],
)
def test_where_it_is_says_no_more_than_the_building(facts: dict[str, Any], told: str) -> None:
    assert where(Story(title="电梯困人", **facts).ticket) == told


@given(
    st.sampled_from(["{}栋{}单元{}", "{}-{}-{}", "{}号楼{}单元{}室"]),
    st.integers(1, 99),
    st.integers(1, 9),
    st.integers(101, 3999),
)
def test_a_building_never_holds_the_flat(form: str, tower: int, section: int, room: int) -> None:
    assert building(form.format(tower, section, room)) == f"{tower}栋"


@pytest.mark.parametrize("unit", ["", "1801", "A1201", "商铺12", "不是房号"])
def test_what_names_no_building_tells_none(unit: str) -> None:
    assert building(unit) == ""


def opened(plan: str = "lift") -> Story:
    return Story(priority="urgent", title="电梯困人", text="电梯困人").plan(plan)


def test_the_bulletin_follows_what_happened(plans: Mapping[str, Plan]) -> None:
    story, lift = opened(), plans["lift"]

    def now() -> tuple[str, str]:
        told = bulletin(lift, story.ticket, story.now, story.now + 10 * MINUTE, 10 * MINUTE)
        assert "{" not in told.text and told.due_at == story.now + 10 * MINUTE
        return told.stage, told.text

    stage, text = now()
    assert (
        stage == "first" and "7栋电梯困人，10:00接到电话，安保部、工程部" in text and "10:10再跟您说" in text
    )
    story.after(9 * MINUTE).progress()
    assert now()[0] == "coming"
    story.after(2 * MINUTE).arrive(2)
    stage, text = now()
    assert stage == "arrived" and "工程部10:11到了现场" in text
    story.after(MINUTE).progress()
    stage, text = now()
    assert stage == "working" and "到现在12分钟，工程部都在现场" in text
    story.after(5 * MINUTE).resolve(1).resolve(2)
    stage, text = now()
    assert stage == "solved" and "10:17处理完，前后17分钟" in text


def test_it_runs_until_its_end_has_been_told() -> None:
    story = opened()
    assert running(story.ticket) and not running(Story().ticket)
    story.after(MINUTE).resolve(1).resolve(2)
    assert running(story.ticket), "nobody has heard yet that it is over"
    assert not running(story.progress().ticket)
    story.after(MINUTE).reopen()
    assert not running(story.ticket), "what comes back is opened anew"
    assert running(story.plan().ticket) and len(story.ticket.tasks) == 4


def test_every_step_tells_the_group_in_a_word(plans: Mapping[str, Plan]) -> None:
    story, lift, said = opened(), plans["lift"], list[str]()

    def tell(kind: str, told: str = "") -> str:
        said.append(group_words(lift, story.ticket, kind, story.now, told))
        return said[-1]

    assert "安保部 10:30 前，工程部 10:30 前" in tell("plan_opened")
    story.after(MINUTE).accept(2)
    assert tell("accepted") == "【突发·电梯困人】7栋：工程部已接单。"
    story.after(5 * MINUTE).arrive(2)
    assert tell("arrived") == "【突发·电梯困人】7栋：工程部 10:06 到场，用时 6分钟。"
    assert tell("progressed", "快出来了").endswith("通报：快出来了")
    story.after(MINUTE).resolve(1)
    assert "安保部的任务完成，还有 工程部" in tell("task_done")
    story.resolve(2)
    assert "10:07 处理完毕，历时 7分钟" in tell("resolved")
    assert all(each.startswith("【突发·电梯困人】7栋") for each in said)
    assert not any(secret in each for each in said for secret in (NAME, PHONE, UNIT, "2604"))


@pytest.mark.parametrize("kind", ["noted", "called", "linked", "progressed", "evidence"])
def test_what_the_group_need_not_hear_is_not_said(plans: Mapping[str, Plan], kind: str) -> None:
    assert group_words(plans["lift"], opened().ticket, kind, TEN) == ""


def test_without_a_plan_the_category_says_what_it_is() -> None:
    story = Story(priority="urgent").dispatch().accept()
    assert group_words(None, story.ticket, "accepted", TEN) == "【突发·电梯】7栋：工程部已接单。"


def test_bulletins_go_on_where_the_plan_s_file_is_gone() -> None:
    story = opened("gone")
    told = bulletin(plain("gone", story.ticket.title), story.ticket, story.now, None, 10 * MINUTE)
    assert told.text == "7栋电梯困人，10:00接到反映，安保部、工程部已经派去。10:10再跟您说。"
