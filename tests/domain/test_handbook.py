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
from frontdesk.domain.handbook import Case, Handbook, parse_handbook
from frontdesk.domain.playbook import BLANK, BLANKS, CONFIRMED_BY, STEPS, Limit, due
from frontdesk.domain.timing import DAY, HOUR, MINUTE, parse

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
        assert scenario.steps and scenario.expects


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
    # Spoken lengths that are no appointment: how long to hold, how often we report.
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
    return (limit.minutes or limit.at or f"{limit.days}d", limit.repeats)


def test_limits_are_those_of_the_requirements() -> None:
    limits = {(case.id, limit.rule, limit.id): span(limit) for case in CASES for limit in case.limits}
    assert limits == {
        ("A1", "T24", "guard"): (10, False),
        ("A1", "T25", "study"): ("7d", False),
        ("A2", "T26", "update"): ("0d", False),
        ("A2", "T26", "remind"): ("30d", True),
        ("A2", "T27", "next_day"): ("1d", False),
        ("A3", "T39", "reason"): ("0d", False),
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
        ("B6", "T36", "patrol"): ("1d", True),
        ("B6", "T37", "call_back"): ("2d", False),
        ("B8", "T38", "today"): ("0d", False),
    }
    used = {(case.id, step.limit) for case in CASES for scenario in case.scenarios for step in scenario.steps}
    assert {(case, limit) for case, _, limit in limits} == {pair for pair in used if pair[1]}


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
