"""What `policy check` tells a manager: every mistake with its line and remedy, and what is legal but odd."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.categories import parse_categories
from frontdesk.domain.policy_check import Checked, check
from frontdesk.domain.timing import Instant, instant
from frontdesk.settings import shipped
from tests.builders import POLICY_TEXT, TEN

CATEGORIES = parse_categories(tomllib.loads(shipped("categories.toml").read_text(encoding="utf-8"))).all
PUBLIC = {"years": [2020, 2026], "off": ["2026-10-01..2026-10-07"], "work": ["2026-10-10"]}


def freeze(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the desk does it, with a library that ends in 2026."""
    calendars = document.get("calendar")
    return (
        {**document, "calendar": {**calendars, "public": PUBLIC}} if isinstance(calendars, dict) else document
    )


def checked(text: str, now: Instant = TEN) -> Checked:
    return check(text, True, freeze, now, CATEGORIES)


def line(text: str, words: str) -> int:
    """The line (from 1) on which the words stand, remarks aside."""
    lines = enumerate(text.splitlines(), 1)
    return next(number for number, each in lines if words in each and each[:1] != "#")


OFFICE = """
[[clocks.resolution.rules]]
when.kind = ["suggestion"]
span = "21h"
calendar = "office"

[calendar.office]
workdays = ["08:30-12:00", "13:30-17:00"]
"""


def test_the_shipped_rules_are_in_order() -> None:
    found = checked(POLICY_TEXT)
    assert found.policy is not None and (found.problems, found.warnings) == ((), ())


def test_mistakes_are_told_in_the_order_of_their_lines() -> None:
    text = POLICY_TEXT.replace("risk_share = 0.2", "risk_share = 20")
    text = text.replace('acknowledge = "15m"', 'acknowledge = "soon"').replace('span = "2h"', 'span = "2x"')
    text += OFFICE.replace('calendar = "office"', 'calendar = "offce"').replace("13:30-17:00", "11:30-17:00")
    text += '"2027-02-06..2027-02-12" = "休"\n[calendar.days]\n2027-02-30 = "休"\n'
    found = checked(text)
    assert found.policy is None and found.warnings == ()
    lines = [each.line for each in found.problems]
    assert lines == sorted(lines)
    assert [(each.line, each.entry) for each in found.problems] == [
        (line(text, "risk_share"), "policy.risk_share"),
        (line(text, '"2x"'), "clocks.red_light.span"),
        (line(text, '"soon"'), "ladder[2].acknowledge"),
        (line(text, "offce"), "clocks.resolution.rules[0].calendar"),
        (line(text, "11:30-17:00"), "calendar.office.workdays"),
        (line(text, '"2027-02-06..'), "calendar.office"),
        (line(text, "2027-02-30"), 'calendar.days."2027-02-30"'),
    ]
    assert all(each.problem and each.remedy and each.own for each in found.problems)


@pytest.mark.parametrize(
    "text, words",
    [
        ("[clocks.first_response]\nspam = 1\nspan = '15m'\n", "spam"),
        ("[clocks]\nfirst_response = { span = 'soon' }\n", "soon"),
        ("[clocks.first_response]\nspan = '15m'\n[clocks.first_response.when]\nkind = ['tea']\n", "tea"),
        ("[clocks.first_response]\nspan = '15m'\nwhen.kind = ['tea']\n", "when.kind"),
        ("clocks.first_response.span = 'soon'\n", "soon"),
        ("[[clocks.resolution.rules]]\nspan = '2h'\n[[clocks.resolution.rules]]\nspan = 'soon'\n", "soon"),
        ("[[clocks.resolution.rules]]\n[clocks.resolution.rules.when]\nkind = ['tea']\n", "tea"),
        ("ladder = [1, 2]\n", "ladder"),
        ("[clocks.tea_break]\nspan = '15m'\n", "tea_break"),
        ("[calendar.office]\n[calendar.office.days]\n2027-02-30 = '休'\n", "2027-02-30"),
    ],
)
def test_however_it_is_written_the_line_is_found(text: str, words: str) -> None:
    assert line(text, words) in [each.line for each in checked(text).problems]


def test_a_missing_section_is_told_at_what_is_nearest() -> None:
    found = checked("[[ladder]]\nlevel = 0\nname = '前台'\n")
    assert [each.entry for each in found.problems] == ["ladder", "clocks"]
    assert found.problems[1].line == 1
    without = POLICY_TEXT.replace("[clocks.red_light]", "[clocks.case.x]")
    (lost,) = [each for each in checked(without).problems if "red_light" in each.problem]
    assert lost.line == line(without, "[clocks.first_response]")


@pytest.mark.parametrize("text, at", [("[policy]\nname = \n", 2), ("[policy]\nname = [\n\n", 3)])
def test_a_torn_file_has_the_line_of_the_tear(text: str, at: int) -> None:
    (problem,) = checked(text).problems
    assert (problem.line, "格式有误" in problem.problem) == (at, True)


# --- legal but odd -------------------------------------------------------------------------------------------


def odd(text: str, now: Instant = TEN) -> list[tuple[int, str, str]]:
    found = checked(text, now)
    assert found.problems == ()
    return [(each.line, each.entry, each.problem) for each in found.warnings]


WHOLE_2027 = """
[calendar.days]
"2027-01-01..2027-01-03" = "休"
"2027-05-01..2027-05-05" = "休"
2027-05-08 = "班"
"2027-10-01..2027-10-07" = "休"
"""


def test_a_calendar_that_nobody_uses() -> None:
    text = POLICY_TEXT + OFFICE.replace('calendar = "office"\n', "") + "holidays = false\n"
    assert odd(text) == [(line(text, "[calendar.office]"), "calendar.office", "没有一个时限用它")]


@pytest.mark.parametrize(
    "now, days, year",
    [
        (datetime(2026, 10, 31), "", None),
        (datetime(2026, 11, 1), "", 2027),
        (datetime(2027, 3, 1), "", 2027),
        (datetime(2027, 3, 1), WHOLE_2027, None),
        (datetime(2027, 3, 1), WHOLE_2027.replace("[calendar.days]", "[calendar.office.days]"), None),
        (datetime(2027, 3, 1), "[calendar.days]\n2027-03-05 = '休'\n", 2027),
        (datetime(2027, 11, 1), WHOLE_2027, 2028),
        (datetime(2019, 3, 1), "", 2019),
    ],
)
def test_a_year_whose_holidays_nobody_has_stated(now: datetime, days: str, year: int | None) -> None:
    text = POLICY_TEXT + OFFICE + days
    found = odd(text, instant(now))
    if year is None:
        assert found == []
    else:
        ((at, entry, problem),) = found
        assert (at, entry) == (line(text, "[calendar.office]"), "calendar.office")
        assert problem.startswith(f"{year} 年的法定节假日")


def test_a_calendar_that_follows_no_holidays_needs_none() -> None:
    assert odd(POLICY_TEXT + OFFICE + "holidays = false\n", instant(datetime(2030, 1, 1))) == []


def test_a_rule_that_an_earlier_one_covers_never_comes_to_pass() -> None:
    wide = '[[clocks.resolution.rules]]\nwhen.category = ["工程维修-*"]\nspan = "8h"\n'
    narrow = '[[clocks.resolution.rules]]\nwhen.category = ["工程维修-电梯"]\nwhen.kind = ["repair"]\nspan = "4h"\n'
    assert odd(POLICY_TEXT + narrow + wide) == []
    text = POLICY_TEXT + wide + narrow
    ((at, entry, problem),) = odd(text)
    assert (at, entry) == (
        line(text, 'span = "4h"') - 3,
        "clocks.resolution.rules[1]",
    ) and "第 1 条" in problem
    every = POLICY_TEXT + '[[clocks.resolution.rules]]\nspan = "8h"\n' + narrow
    assert "第 1 条" in odd(every)[0][2]
    other = narrow.replace('"repair"', '"complaint"')
    assert odd(POLICY_TEXT + narrow + other) == []
    channels = '[[clocks.resolution.rules]]\nwhen.channel = ["app"]\n'
    assert odd(POLICY_TEXT + channels + narrow) == []


def test_a_category_that_there_is_not() -> None:
    text = POLICY_TEXT + '[[clocks.resolution.rules]]\nwhen.category = ["工程维修-*", "工程-*", "电梯"]\n'
    assert odd(text) == [
        (line(text, "工程-*"), "clocks.resolution.rules[0].when.category", f"没有分类「{name}」")
        for name in ("工程-*", "电梯")
    ]


def test_days_of_a_calendar_with_working_hours_are_not_working_days() -> None:
    text = POLICY_TEXT + OFFICE.replace('"21h"', '"3d"') + "holidays = false\n"
    ((at, entry, problem),) = odd(text)
    assert (at, entry) == (line(text, '"3d"'), "clocks.resolution.rules[0].span")
    assert problem == "在日历 office 里是 72 个工作小时，约 10 个工作日"


def test_a_rung_that_is_called_before_the_one_below_had_its_time() -> None:
    late = POLICY_TEXT.replace('"15m"\noffset = "48h"', '"15m"\noffset = "10m"')
    assert odd(late) == []
    early = late.replace('offset = "10m"', 'offset = "9m"')
    ((at, entry, problem),) = odd(early)
    assert (at, entry) == (line(early, "offset = "), "ladder[2].offset")
    assert problem == "「客服主任」的确认时限还没到，就已叫到「项目经理」"


def test_what_nobody_reads_is_said() -> None:
    text = POLICY_TEXT.replace("[policy]\n", "[policy]\nauthor = '张'\n") + "[calender.office]\n"
    text = text.replace("[clocks.promise]", "[clocks.promise]\nspan = '3h'\n#")
    assert [entry for _, entry, _ in odd(text)] == ["policy.author", "clocks.promise.span", "calender"]


LINES = (POLICY_TEXT + OFFICE).splitlines()
SCRAPS = st.sampled_from(
    [
        "",
        "[",
        "]]",
        "[[ladder]]",
        "[calendar.x]",
        "span = 5",
        "when.kind = 3",
        '"',
        "x.y = {}",
        "=",
        '"""',
        "休",
    ]
)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), SCRAPS), min_size=1, max_size=4))
def test_whatever_was_typed_it_is_told_on_a_line_that_there_is(slips: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, words in slips:
        lines[number] = words
    found = checked("\n".join(lines))
    assert (found.policy is None) is bool(found.problems)
    for each in (*found.problems, *found.warnings):
        assert 1 <= each.line <= len(lines) and each.problem and each.remedy
