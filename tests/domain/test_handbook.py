"""The handbook as it ships: complete, speakable, promising nothing it must not; and how a spoiled file is refused."""

from __future__ import annotations

import copy
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.domain.classify import parse_categories
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook import Case, Handbook, Topic, parse_handbook
from frontdesk.domain.handbook_check import overdue
from frontdesk.domain.phrases import topics
from frontdesk.domain.playbook import BLANK, BLANKS, CONFIRMED_BY, STEPS, Limit, due
from frontdesk.domain.timing import DAY, HOUR, MINUTE, parse
from frontdesk.domain.wording import holds

DATA = Path(__file__).parents[2] / "data"
FILES: dict[str, dict[str, Any]] = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in (DATA / "handbook").glob("*.toml")
}
CATEGORIES = parse_categories(tomllib.loads((DATA / "categories.toml").read_text(encoding="utf-8")))
HANDBOOK: Handbook = parse_handbook(FILES, CATEGORIES.all)
CASES = list(HANDBOOK.cases.values())

# REQUIREMENTS §0: what the sources had corrupted, and boilerplate of the web pages.
CORRUPTED = [
    "处理意见",
    "物业管理圈",
    "。。",
    "土神",
    "围档",
    "熟悉公司的动作",
    "应告",
    "尽可以对",
    "机主",
    "车位主人",
    "原创力",
    "0827",
    "QQ",
    "http",
    "③",
]
# Nobody at the desk can know it, or it is said to an office and not to a person.
OVERPROMISING = ["保证", "绝对", "肯定", "一定", "百分之百", "马上修好", "包您", "没问题", "尽快"]
OFFICIALESE = [
    "予以",
    "给予",
    "责成",
    "特此",
    "贵司",
    "贵户",
    "妥善",
    "高度重视",
    "敬请谅解",
    "知悉",
    "如下",
    "该业主",
    "该问题",
    "此类",
    "亲爱的",
    "亲，",
]
SCENARIOS = "A1-1 A1-2 A2-1 A2-2 A3-1 A3-2 A4-1 A4-2 A5-1 A6-1 B1-1 B2-1 B3-1 B4-1 B4-2 B5-1 B5-2 B5-3 B6-1 B6-2 B7-1 B8-1"
NOW = 1_795_312_920  # 2026-11-22 10:02 in Shanghai, a Sunday


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def test_holds_all_steps_cases_and_scenarios() -> None:
    assert [guide.step for guide in HANDBOOK.guides] == list(STEPS)
    assert sorted(HANDBOOK.cases) == [*(f"A{n}" for n in range(1, 7)), *(f"B{n}" for n in range(1, 9))]
    assert [scenario.id for case in CASES for scenario in case.scenarios] == SCENARIOS.split()
    assert all(guide.do and guide.never for guide in HANDBOOK.guides)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_can_be_talked_through(case: Case) -> None:
    by_step = {step: [phrase for phrase in case.phrases if phrase.step == step] for step in STEPS}
    assert any("对不起" in phrase.text for phrase in by_step["empathy"])
    assert by_step["solve"] and by_step["progress"] and by_step["follow_up"] and by_step["closing"]
    for scenario in case.scenarios:
        ours = [phrase for phrase in case.phrases if phrase.scenario in (None, scenario.id)]
        assert {"empathy", "solve", "promise", "follow_up", "closing"} <= {phrase.step for phrase in ours}
        assert scenario.steps and scenario.expects and len(scenario.says) >= 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_belongs_where_the_words_lead_to_it(case: Case) -> None:
    assert set(case.categories) == set(CATEGORIES.cases[case.id])


def test_phrases_have_ids_of_their_own() -> None:
    ids = [phrase.id for phrase in HANDBOOK.phrases]
    assert len(ids) == len(set(ids)) > 200
    assert len({phrase.text for phrase in HANDBOOK.phrases}) == len(ids)


def test_nothing_corrupted_and_no_glyph_of_doubtful_width_reaches_a_screen() -> None:
    for name, document in FILES.items():
        for text in strings(document):
            assert not [word for word in CORRUPTED if word in text], (name, text)
            wide = {character for character in text if unicodedata.east_asian_width(character) == "A"}
            assert not wide and text.isprintable(), (name, text, wide)


@pytest.mark.parametrize("words", [OVERPROMISING, OFFICIALESE], ids=["overpromising", "officialese"])
def test_phrases_are_spoken_and_promise_nothing_unknown(words: list[str]) -> None:
    assert not [(phrase.id, word) for phrase in HANDBOOK.phrases for word in words if word in phrase.text]


def test_phrases_are_short_and_end_as_sentences() -> None:
    for phrase in HANDBOOK.phrases:
        assert len(phrase.text) <= 60, phrase.id
        assert phrase.text[-1] in "。？！", phrase.id
        assert not re.search(r"[,.;:!?()\"']", re.sub(r"\d+[:.]\d+", "", phrase.text)), phrase.id


def test_every_time_said_to_an_owner_is_a_blank() -> None:
    said = re.compile(
        r"\d+\s*(?:分钟|小时|点|天)|[一二两三四五六七八九十半]+(?:分钟|小时|点半|点钟|日内|天内)"
    )
    # Spoken lengths that are no appointment: how long to hold, how often we report. Their `fixed` says why.
    kept = {"hold-31", "follow_up-81", "emergency-15", "emergency-17"}
    assert {phrase.id for phrase in HANDBOOK.phrases if said.search(phrase.text)} <= kept
    for phrase in HANDBOOK.phrases:
        assert phrase.step != "promise" or phrase.needs, phrase.id


def test_every_known_blank_is_used() -> None:
    used = {name for phrase in HANDBOOK.phrases for name in BLANK.findall(phrase.text)}
    assert used | {CONFIRMED_BY} == set(BLANKS)


def test_dates_that_another_department_gives_need_its_confirmation() -> None:
    confirmed = {phrase.id: phrase.confirm for phrase in HANDBOOK.phrases if phrase.confirm}
    assert confirmed["B8-52"] == confirmed["B6-51"] == confirmed["B6-53"] == "工程部"
    assert confirmed["B3-51"] == "维保单位"


def test_what_must_not_be_mentioned_or_is_internal_is_no_phrase() -> None:
    quiet = [
        line.split("：")[0]
        for case in CASES
        for scenario in case.scenarios
        for line in (*scenario.never_mention, *scenario.internal)
    ]
    assert any(line.startswith("规划增加车位") for line in quiet)
    said = " ".join(phrase.text for phrase in HANDBOOK.phrases)
    assert not [line for line in quiet if line in said]
    for word in ("规划", "加密", "电动车位锁", "显示屏", "租车位", "考核", "分区管控"):
        assert word not in said


def test_codes_of_doors_are_never_blanks() -> None:
    assert not [name for name in BLANKS if "密码" in name]


def test_b2_asks_for_its_facts() -> None:
    facts = {fact.id: fact for fact in HANDBOOK.cases["B2"].facts}
    assert set(facts) == {"trapped_from", "trapped_until", "maintainer_arrived", "effect"}
    assert all(fact.required for fact in facts.values()) and facts["effect"].choices


def span(limit: Limit) -> tuple[object, bool]:
    return (limit.minutes or limit.at or limit.percent or f"{limit.days}d", limit.repeats)


def test_limits_are_those_of_the_requirements() -> None:
    limits = {(case.id, limit.rule, limit.id): span(limit) for case in CASES for limit in case.limits}
    assert limits == {
        ("A1", "T24", "guard"): (10, False),
        ("A1", "T25", "study"): ("7d", False),
        ("A2", "T26", "update"): ("0d", False),
        ("A2", "T26", "remind"): ("30d", True),
        ("A2", "T27", "next_day"): ("1d", False),
        ("A3", "T39", "reason"): ("0d", False),
        ("A3", "T28", "error"): (5, False),
        ("A3", "T29", "testing"): ("7d", False),
        ("A3", "T29", "confirm"): ("3d", False),
        ("A4", "T30", "daily"): ("1d", True),
        ("A5", "T31", "weekly"): ("7d", True),
        ("B2", "T4", "on_site"): (30, False),
        ("B2", "T5", "repair"): (30, False),
        ("B2", "T6", "bulletin"): (10, True),
        ("B3", "T32", "notice"): (240, False),
        ("B5", "T33", "morning"): ("08:30", False),
        ("B5", "T34", "notice"): ("-1d", False),
        ("B5", "T35", "wechat"): ("0d", False),
        ("B6", "T36", "patrol"): ("20:00", True),
        ("B6", "T37", "call_back"): ("2d", False),
        ("B8", "T38", "today"): ("0d", False),
    }
    used = {(case.id, step.limit) for case in CASES for scenario in case.scenarios for step in scenario.steps}
    assert {(case, limit) for case, _, limit in limits} == {pair for pair in used if pair[1]}


# REQUIREMENTS §1: every limit of the cases, and the case it belongs to.
LIMITS = {
    "A1": "T24 T25", "A2": "T26 T27", "A3": "T28 T29 T39", "A4": "T30", "A5": "T31",
    "B3": "T32", "B5": "T33 T34 T35", "B6": "T36 T37", "B8": "T38",
}  # fmt: skip


def test_every_limit_of_the_requirements_stands_in_its_case() -> None:
    assert sorted(rule for rules in LIMITS.values() for rule in rules.split()) == [
        f"T{n}" for n in range(24, 40)
    ]
    for case, rules in LIMITS.items():
        assert {limit.rule for limit in HANDBOOK.cases[case].limits} == set(rules.split()), case


def test_a_case_gives_the_clocks_and_facts_of_one_scenario() -> None:
    a3, b6 = HANDBOOK.cases["A3"], HANDBOOK.cases["B6"]
    assert [limit.id for limit in a3.clocks("A3-1")] == ["reason"]
    assert [limit.id for limit in a3.clocks("A3-2")] == ["testing", "confirm"]
    assert [limit.id for limit in b6.clocks()] == ["patrol", "call_back"]
    assert [fact.id for fact in b6.wanted("B6-1")] == ["shown"]
    error = next(limit for limit in a3.limits if limit.rule == "T28")
    assert not error.is_clock
    with pytest.raises(ValueError, match="percent"):
        due(error, NOW)
    assert not [case.id for case in CASES if any(limit.percent for limit in case.clocks())]


def test_clocks_know_what_they_start_from() -> None:
    waiting = {limit.since for case in CASES for limit in case.limits if not limit.from_intake}
    assert waiting == {"上报", "更新", "报供电局", "停梯", "改密码之前", "测试期间"}


def test_every_scenario_has_something_that_must_not_be_said_and_what_to_say_instead() -> None:
    said = {phrase.id: phrase for phrase in HANDBOOK.phrases}
    parts: tuple[Case | Topic, ...] = (*CASES, *HANDBOOK.topics.values())
    for part in parts:
        assert part.unsayable, part.id
        for each in part.unsayable:
            assert each.why and each.instead in said, each.id
            assert each.text not in {phrase.text for phrase in said.values()}
            assert any(holds(word, each.text) for word in each.words), each.id
    within = {each.scenario for case in CASES for each in case.unsayable}
    assert within == set(SCENARIOS.split())


# The list of what the sources lack, by words that an owner uses.
ASKED = {
    "fees": "账单怎么算的", "arrears": "我欠费了", "noise": "楼上吵，噪音大", "renovation": "隔壁拆墙",
    "pets": "遛狗不牵绳", "deliveries": "外卖不让进", "water_outage": "家里没水", "power_outage": "整栋跳闸没电",
    "gas": "厨房有煤气味", "fire": "楼道着火了", "fallen": "老人晕倒", "theft": "电瓶车被偷", "falling_objects": "高空抛物",
    "heating": "暖气不热", "mould": "墙上发霉", "pests": "有老鼠", "garbage": "垃圾没清", "greening": "草坪枯枝",
    "guards": "保安态度差", "committee": "业委会要开会", "refund": "多收了，要退费", "deposit": "退押金", "moving": "周末搬家",
    "keys": "钥匙忘带", "policy": "物业要调价合不合法",
}  # fmt: skip


@pytest.mark.parametrize(("topic", "words"), ASKED.items())
def test_what_the_sources_lack_is_there_and_found_by_what_owners_say(topic: str, words: str) -> None:
    assert topics(HANDBOOK, words)[0].id == topic


def test_a_topic_can_be_talked_through() -> None:
    for topic in HANDBOOK.topics.values():
        steps = {phrase.step for phrase in topic.phrases}
        assert {"opening", "empathy", "solve", "promise", "closing"} <= steps, topic.id
        sorry = [each.text for each in topic.phrases if each.step == "empathy"]
        assert any("对不起" in text for text in sorry), topic.id
        assert topic.do and topic.never and topic.source and topic.home in CATEGORIES.all


def test_emergencies_begin_with_safety_and_a_number_to_ring() -> None:
    emergencies = {topic.id: topic for topic in HANDBOOK.topics.values() if topic.now}
    assert set(emergencies) == {
        "gas", "fire", "fallen", "theft", "falling_objects", "lost", "violence", "suicidal", "rescue",
    }  # fmt: skip
    rung = {name: set(topic.call) for name, topic in emergencies.items()}
    assert "119" in rung["gas"] & rung["fire"] & rung["rescue"] & rung["suicidal"]
    assert "120" in rung["fallen"] and "110" in rung["theft"] & rung["lost"] & rung["violence"]
    for topic in emergencies.values():
        assert topic.phrases[0].step == "emergency" and len(topic.now) >= 3
        assert any(number in "".join(topic.now) for number in topic.call)
        assert any(limit.rule == "T4" for limit in topic.limits)


def test_nobody_practises_medicine_or_law() -> None:
    doctoring = ("骨折", "脑震荡", "中毒", "吃药", "抹药", "后遗症", "心肺复苏", "人工呼吸", "没事的")
    said = [phrase.text for phrase in HANDBOOK.phrases]
    assert not [text for text in said for word in doctoring if word in text]


def test_sensitive_questions_have_one_agreed_wording_with_source_and_review() -> None:
    agreed = {phrase.id: phrase.agreed for phrase in HANDBOOK.phrases if phrase.agreed}
    sensitive = {phrase.id for phrase in HANDBOOK.topics["policy"].phrases if phrase.step == "solve"}
    assert sensitive <= set(agreed) and len(sensitive) >= 5
    assert all(each.source and each.review > "2026-11-22" for each in agreed.values())
    assert overdue(HANDBOOK, "2027-06-30") == tuple(agreed)
    assert overdue(HANDBOOK, "2027-06-29") == ()


def test_dunning_climbs_five_rungs_and_threatens_with_nothing() -> None:
    arrears = HANDBOOK.topics["arrears"]
    assert [step.do[:3] for step in arrears.steps] == ["第一级", "第二级", "第三级", "第四级", "第五级"]
    letter = next(phrase for phrase in arrears.phrases if "律师" in phrase.text)
    assert "批准" in letter.when and letter.agreed
    assert not list(HANDBOOK.words.found(" ".join(phrase.text for phrase in arrears.phrases)))


@pytest.mark.parametrize(
    ("case", "limit", "start", "end"),
    [
        ("A1", "guard", "2026-11-22 10:02", "2026-11-22 10:12"),
        ("B8", "today", "2026-11-22 10:02", "2026-11-23 00:00"),
        ("B8", "today", "2026-11-22 23:59", "2026-11-23 00:00"),
        ("B8", "today", "2026-11-23 00:00", "2026-11-24 00:00"),
        ("A2", "next_day", "2026-11-22 10:02", "2026-11-24 00:00"),
        ("B5", "morning", "2026-11-22 23:50", "2026-11-23 08:30"),
        ("B5", "morning", "2026-11-23 02:10", "2026-11-23 08:30"),
        ("B5", "morning", "2026-11-23 08:30", "2026-11-24 08:30"),
        ("B5", "notice", "2026-11-24 09:00", "2026-11-24 00:00"),
        ("B3", "notice", "2026-11-22 22:00", "2026-11-23 02:00"),
        ("A1", "study", "2026-11-22 10:02", "2026-11-30 00:00"),
        ("A2", "update", "2026-11-22 10:02", "2026-11-23 00:00"),
        ("A2", "remind", "2026-11-22 10:02", "2026-12-23 00:00"),
        ("A3", "reason", "2026-11-22 10:02", "2026-11-23 00:00"),
        ("A3", "testing", "2026-11-22 10:02", "2026-11-30 00:00"),
        ("A3", "confirm", "2026-11-22 10:02", "2026-11-26 00:00"),
        ("A4", "daily", "2026-11-22 10:02", "2026-11-24 00:00"),
        ("A5", "weekly", "2026-11-22 10:02", "2026-11-30 00:00"),
        ("B5", "wechat", "2026-11-22 10:02", "2026-11-23 00:00"),
        ("B6", "patrol", "2026-11-22 10:02", "2026-11-22 20:00"),
        ("B6", "patrol", "2026-11-22 20:00", "2026-11-23 20:00"),
        ("B6", "call_back", "2026-11-22 10:02", "2026-11-25 00:00"),
    ],
)
def test_a_limit_becomes_due(case: str, limit: str, start: str, end: str) -> None:
    found = next(each for each in HANDBOOK.cases[case].limits if each.id == limit)
    assert due(found, parse(start, NOW)) == parse(end, NOW)


def test_minutes_and_days_are_seconds() -> None:
    limits = {limit.id: limit for limit in HANDBOOK.cases["B2"].limits}
    assert due(limits["bulletin"], NOW) - NOW == 10 * MINUTE
    week = HANDBOOK.cases["A5"].limits[0]
    assert 7 * DAY < due(week, NOW) - NOW <= 8 * DAY and due(week, NOW) % DAY == 16 * HOUR


def _phrase(name: str, **change: object) -> Callable[[dict[str, Any]], object]:
    return lambda files: files[name]["phrase"][0].update(change)


@pytest.mark.parametrize(
    ("spoil", "place", "problem"),
    [
        (lambda files: files.pop("steps-promise.toml"), "steps-promise.toml", "没有这个文件"),
        (lambda files: files.update({"notes.toml": {}}), "notes.toml", "文件名"),
        (
            lambda files: files.update({"steps-dance.toml": files["steps-hold.toml"]}),
            "steps-dance.toml",
            "对不上",
        ),
        (lambda files: files["case-B2.toml"].update(id="B9"), "case-B2.toml", "对不上"),
        (lambda files: files["case-B2.toml"].update(categories=["没有的"]), "case-B2.toml", "不存在"),
        (lambda files: files["case-B2.toml"].update(categories=[]), "case-B2.toml", "categories"),
        (lambda files: files["case-B2.toml"].pop("scenario"), "case-B2.toml", "scenario"),
        (lambda files: files["case-B2.toml"].update(typo="x"), "case-B2.toml", "typo"),
        (lambda files: files["case-B8.toml"]["phrase"].pop(), "case-B8.toml", "收尾"),
        (
            lambda files: files["case-B2.toml"]["fact"][0].update(kind="choice"),
            "fact trapped_from",
            "choices",
        ),
        (lambda files: files["case-B2.toml"]["fact"][0].update(required="是"), "fact trapped_from", "true"),
        (lambda files: files["case-B2.toml"]["limit"][0].update(minutes="30"), "limit on_site", "整数"),
        (lambda files: files["case-B2.toml"]["limit"][0].update(minutes=0), "limit on_site", "大于 0"),
        (lambda files: files["case-B2.toml"]["limit"][0].update(days=1), "limit on_site", "只写一个"),
        (lambda files: files["case-B2.toml"]["limit"][0].update(rule="30"), "limit on_site", "规则编号"),
        (lambda files: files["case-B2.toml"]["limit"][0].update(rule="T40"), "limit on_site", "规则编号"),
        (lambda files: files["case-B5.toml"]["limit"][0].update(at="8点半"), "limit morning", "钟点"),
        (lambda files: files["case-B5.toml"]["limit"][0].update(scenario="B5-9"), "case-B5.toml", "B5-9"),
        (
            lambda files: files["case-B2.toml"]["scenario"][0]["step"][1].update(limit="none"),
            "scenario B2-1 step 第2条",
            "none",
        ),
        (_phrase("case-B2.toml", id="02"), "phrase 02", "两次"),
        (_phrase("case-B2.toml", id="2"), "phrase 2", "两位数字"),
        (_phrase("case-B2.toml", step="dance"), "phrase 01", "dance"),
        (_phrase("case-B2.toml", scenario="B2-7"), "phrase 01", "B2-7"),
        (_phrase("case-B2.toml", text="请等{多久}。"), "phrase 01", "多久"),
        (_phrase("case-B2.toml", text="是{确认人}说的。"), "phrase 01", "确认人"),
        (_phrase("case-B2.toml", text="请等{约定时间。"), "phrase 01", "花括号"),
        (_phrase("case-B2.toml", text="长" * 121), "phrase 01", "太长"),
        (_phrase("case-B2.toml", text=5), "phrase 01", "text"),
        (_phrase("case-B2.toml", confirm="工程部", text="好了。"), "phrase 01", "时间"),
        (_phrase("case-B2.toml", cuation="x"), "phrase 01", "cuation"),
        (_phrase("steps-promise.toml", text="过两天给您回电。"), "phrase 51", "时间"),
        (_phrase("steps-solve.toml", text="师傅30分钟到。"), "phrase 41", "写死"),
        (_phrase("steps-solve.toml", source="合同"), "phrase 41", "一起写"),
        (_phrase("steps-solve.toml", source="合同", review="明年"), "phrase 41", "不是日期"),
        (lambda files: files["case-B2.toml"]["never_say"][0].update(scenario="B2-9"), "never_say 01", "B2-9"),
        (lambda files: files["case-B2.toml"]["never_say"][0].update(instead="99"), "case-B2.toml", "B2-99"),
        (lambda files: files["case-B6.toml"]["fact"][0].update(scenario="B6-9"), "fact tested", "B6-9"),
        (lambda files: files["topic-gas.toml"].pop("call"), "topic-gas.toml", "call"),
        (lambda files: files["topic-gas.toml"].update(title=""), "topic-gas.toml", "title"),
        (lambda files: files["topic-noise.toml"].update(categories=["没有的"]), "topic-noise.toml", "没有的"),
        (lambda files: files["topic-noise.toml"]["phrase"].pop(0), "topic-noise.toml", "开场"),
        (lambda files: files["topic-noise.toml"]["step"][0].update(limit="x"), "step 第1条", "x"),
        (lambda files: files["standard-01.toml"].update(number=2), "standard-01.toml", "对不上"),
        (lambda files: files["standard-01.toml"].update(channel="fax"), "standard-01.toml", "fax"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(id="一"), "standard-01.toml", "条款编号"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(never="x"), "rule R-S1-00", "只写一个"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(time="九"), "rule R-S1-00", "规则编号"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(steps=["x"]), "rule R-S1-00", "x"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(when="sad"), "rule R-S1-00", "sad"),
        (lambda files: files["standard-01.toml"]["rule"][0].update(say=["x-1"]), "standard-01.toml", "x-1"),
        (lambda files: files["coach-ask.toml"].update(id="tell"), "coach-ask.toml", "对不上"),
        (lambda files: files["coach-ask.toml"].update(number=0), "coach-ask.toml", "number"),
        (lambda files: files["coach-ask.toml"]["do"][0].update(text=""), "do 宜1", "text"),
        (lambda files: files["coach-ask.toml"]["do"][0].update(say=["B9-51"]), "coach-ask.toml", "B9-51"),
        (lambda files: files["words-forbidden.toml"]["group"][0].update(words=[]), "group absolute", "words"),
        (_phrase("steps-promise.toml", step="promise"), "phrase 51", "step"),
        (lambda files: files["steps-hold.toml"].update(never=[]), "steps-hold.toml", "never"),
        (lambda files: files.update({"case-B2.toml": []}), "case-B2.toml", "名称"),
    ],
)
def test_a_spoiled_file_is_refused_by_entry(
    spoil: Callable[[dict[str, Any]], object], place: str, problem: str
) -> None:
    files = copy.deepcopy(FILES)
    spoil(files)
    with pytest.raises(BadInput) as refused:
        parse_handbook(files, CATEGORIES.all)
    assert place in refused.value.field
    assert problem in refused.value.problem and refused.value.remedy


def test_categories_are_checked_only_where_they_are_known() -> None:
    files = copy.deepcopy(FILES)
    files["case-B2.toml"]["categories"] = ["没有的"]
    assert parse_handbook(files).cases["B2"].categories == ("没有的",)
