"""policy.toml as a person edits it: what it says, and that each slip is named (DESIGN §5, §6)."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.policy import Policy, Quiet, canonical, digest, parse_policy, read_policy
from frontdesk.domain.sla import clocks
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, HOUR, MINUTE, instant
from tests.builders import POLICY, POLICY_TEXT, Story


def document() -> dict[str, Any]:
    return tomllib.loads(POLICY_TEXT)


def put(found: dict[str, Any], path: str, value: object) -> None:
    *folders, name = path.split("/")
    for folder in folders:
        found = found[folder]
    if value is GONE:
        del found[name]
    else:
        found[name] = value


GONE = object()


def test_the_shipped_rules_are_those_of_the_requirements() -> None:
    spans = {name: target.seconds for name, target in POLICY.targets.items() if target.seconds}
    assert spans == {
        "first_response": 15 * MINUTE,
        "red_light": 2 * HOUR,
        "resolution": DAY,
        "on_site": 30 * MINUTE,
        "repair": 30 * MINUTE,
        "progress": DAY,
        "follow_up": DAY,
        "silent_close": 7 * DAY,
    }
    assert POLICY.targets["progress"].urgent_seconds == 10 * MINUTE
    upward = {name for name, target in POLICY.targets.items() if target.escalate_to == 1}
    assert upward == {"red_light", "resolution", "on_site", "repair"}
    assert POLICY.risk_share == 0.2
    assert [rung.name for rung in POLICY.ladder] == ["前台", "客服主任", "项目经理", "公司客服中心"]


def test_a_target_may_be_for_some_tickets_only() -> None:
    found = document()
    found["clocks"]["resolution"]["when"] = {"kind": ["repair"], "priority": ["high", "urgent"]}
    target = parse_policy(found).targets["resolution"]
    assert target.applies("repair", "high")
    assert not target.applies("repair", "low") and not target.applies("complaint", "high")
    assert POLICY.targets["on_site"].applies("help", "urgent") and not POLICY.targets["on_site"].applies(
        "help", "high"
    )


def test_above_the_ladders_top_is_its_top() -> None:
    assert POLICY.rung(9) == POLICY.ladder[-1]


def test_equal_rules_are_one_version_and_any_change_makes_another() -> None:
    assert parse_policy(document()).version == POLICY.version
    shuffled = dict(reversed(document().items()))
    assert digest(shuffled) == POLICY.version
    found = document()
    found["clocks"]["red_light"]["span"] = "3h"
    assert parse_policy(found).version != POLICY.version


def test_a_date_in_the_file_is_no_reason_to_fall_over() -> None:
    found = document()
    found["policy"]["since"] = date(2026, 11, 1)
    again = parse_policy(json.loads(canonical(found)))
    assert again.version == parse_policy(found).version


@pytest.mark.parametrize(
    "path, value, field",
    [
        ("policy", 5, "policy"),
        ("policy/risk_share", 0, "policy.risk_share"),
        ("policy/risk_share", 1, "policy.risk_share"),
        ("policy/risk_share", True, "policy.risk_share"),
        ("policy/risk_share", "0.2", "policy.risk_share"),
        ("clocks", [], "clocks"),
        ("clocks/red_light", GONE, "clocks"),
        ("clocks/tea_break", {"span": "15m"}, "clocks"),
        ("clocks/red_light", 5, "clocks.red_light"),
        ("clocks/red_light/spann", "2h", "clocks.red_light"),
        ("clocks/red_light/span", GONE, "clocks.red_light.span"),
        ("clocks/red_light/span", 15, "clocks.red_light.span"),
        ("clocks/red_light/span", "0m", "clocks.red_light.span"),
        ("clocks/red_light/span", "-5m", "clocks.red_light.span"),
        ("clocks/red_light/span", "two hours", "clocks.red_light.span"),
        ("clocks/progress/urgent_span", "soon", "clocks.progress.urgent_span"),
        ("clocks/progress/urgent_span", 0, "clocks.progress.urgent_span"),
        ("clocks/resolution/escalate_to", "1", "clocks.resolution.escalate_to"),
        ("clocks/resolution/escalate_to", True, "clocks.resolution.escalate_to"),
        ("clocks/resolution/escalate_to", 4, "clocks.resolution.escalate_to"),
        ("clocks/resolution/escalate_to", -1, "clocks.resolution.escalate_to"),
        ("clocks/on_site/when", "urgent", "clocks.on_site.when"),
        ("clocks/on_site/when/priority", "urgent", "clocks.on_site.when.priority"),
        ("clocks/on_site/when/priority", ["asap"], "clocks.on_site.when.priority"),
        ("clocks/on_site/when/kind", [["repair"]], "clocks.on_site.when.kind"),
        ("clocks/on_site/when/prority", ["high"], "clocks.on_site.when"),
        ("clocks/on_site/when/channel", ["fax"], "clocks.on_site.when.channel"),
        ("clocks/on_site/when/category", "工程维修-*", "clocks.on_site.when.category"),
        ("clocks/on_site/when/category", ["*"], "clocks.on_site.when.category"),
        ("clocks/on_site/when/category", ["工程*-电梯"], "clocks.on_site.when.category"),
        ("clocks/resolution/rules", {"span": "2h"}, "clocks.resolution.rules"),
        ("clocks/resolution/rules", [5], "clocks.resolution.rules[0]"),
        ("clocks/resolution/rules", [{"span": "2h"}, {"spam": "2h"}], "clocks.resolution.rules[1]"),
        ("clocks/resolution/calendar", "office", "clocks.resolution.calendar"),
        ("clocks/first_response/calendar", "office", "clocks.first_response.calendar"),
        ("clocks/red_light/calendar", "office", "clocks.red_light.calendar"),
        ("calendar", 5, "calendar"),
        ("calendar", {"always": {"workdays": ["08:30-12:00"]}}, "calendar.always"),
        ("calendar", {"office": {}}, "calendar.office"),
        ("calendar", {"office": 5}, "calendar.office"),
        ("calendar", {"office": {"workday": ["08:30-12:00"]}}, "calendar.office"),
        ("calendar", {"office": {"workdays": 5}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["8.30-12"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["08:30-12:60"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["08:30-25:00"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["08:30-08:30"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["24:00-08:30"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"workdays": ["08:00-12:00", "11:00-18:00"]}}, "calendar.office.workdays"),
        ("calendar", {"office": {"mon": ["08:00-12:00", "20:00-09:00"]}}, "calendar.office.mon"),
        ("calendar", {"office": {"mon": ["08:00-12:00"], "holidays": "yes"}}, "calendar.office.holidays"),
        ("calendar", {"office": {"mon": ["08:00-12:00"], "days": {"x": "休"}}}, 'calendar.office.days."x"'),
        ("calendar", {"days": {"2027-02-30": "休"}}, 'calendar.days."2027-02-30"'),
        ("calendar", {"days": {"2027-02-03..2027-02-01": "休"}}, 'calendar.days."2027-02-03..2027-02-01"'),
        ("calendar", {"days": {"2027-02-03": "放假"}}, 'calendar.days."2027-02-03"'),
        ("calendar", {"days": 5}, "calendar.days"),
        ("calendar", {"public": {"off": "2027-01-01"}}, "calendar.public.off"),
        ("calendar", {"public": {"years": "2027"}}, "calendar.public.years"),
        ("calendar", {"public": {"years": [2026, "2027"]}}, "calendar.public.years"),
        ("calendar", {"public": {"years": [2026]}}, "calendar.public.years"),
        ("calendar", {"public": {"rest": ["2027-01-01"]}}, "calendar.public"),
        ("calendar", {"public": 5}, "calendar.public"),
        ("calendar", {"public": {"off": ["New Year"]}}, "calendar.public.off"),
        ("quiet", 5, "quiet"),
        ("quiet/to", "21:00", "quiet.to"),
        ("quiet/from", "9pm", "quiet.from"),
        ("quiet/till", "08:00", "quiet"),
        ("digest/at", [], "digest.at"),
        ("digest/at", "08:30", "digest.at"),
        ("digest/at", ["noon"], "digest.at"),
        ("watch/lease", "soon", "watch.lease"),
        ("watch/digest_over", 0, "watch.digest_over"),
        ("watch/digest_over", True, "watch.digest_over"),
        ("watch/every", "1m", "watch"),
        ("ladder/2/offset", "later", "ladder[2].offset"),
        ("ladder", GONE, "ladder"),
        ("ladder", 5, "ladder"),
        ("ladder", [{"level": 0, "name": "前台", "role": "agent"}], "ladder"),
        ("ladder", [1, 2], "ladder[0]"),
        ("ladder/1/level", 2, "ladder[1].level"),
        ("ladder/1/role", "boss", "ladder[1].role"),
        ("ladder/1/role", "auditor", "ladder[1].role"),
        ("ladder/1/acknowledge", GONE, "ladder[1].acknowledge"),
    ],
)
def test_each_slip_is_named_with_what_to_do(path: str, value: object, field: str) -> None:
    found = document()
    if path.startswith("ladder/"):
        _, place, name = path.split("/")
        put(found["ladder"][int(place)], name, value)
    else:
        put(found, path, value)
    with pytest.raises(BadInput) as bad:
        parse_policy(found)
    assert bad.value.field == field
    assert bad.value.problem and bad.value.remedy


def test_every_slip_is_found_in_one_reading() -> None:
    found = document()
    found["policy"]["risk_share"] = 2
    found["clocks"]["red_light"] |= {"span": "soon", "escalate_to": 9, "tea": 1}
    found["clocks"]["resolution"]["rules"] = [{"when": {"kind": ["tea"], "priority": ["tea"]}}, {"span": "x"}]
    found["calendar"] = {"office": {"mon": ["x"], "tue": ["y"]}, "days": {"x": "休", "y": "休"}}
    found["ladder"][1]["role"] = found["ladder"][2]["role"] = "boss"
    _, slips = read_policy(found)
    assert [slip.field for slip in slips] == [
        "policy.risk_share",
        'calendar.days."x"',
        'calendar.days."y"',
        "calendar.office.mon",
        "calendar.office.tue",
        "ladder[1].role",
        "ladder[2].role",
        "clocks.red_light",
        "clocks.red_light.span",
        "clocks.red_light.escalate_to",
        "clocks.resolution.rules[0].when.kind",
        "clocks.resolution.rules[0].when.priority",
        "clocks.resolution.rules[1].span",
    ]


def test_one_slip_is_not_told_twice_by_what_stands_on_it() -> None:
    found = document()
    found["ladder"] = []
    found["calendar"] = {"office": {"mon": ["x"]}}
    found["clocks"]["resolution"]["calendar"] = "office"
    _, slips = read_policy(found)
    assert [slip.field for slip in slips] == ["calendar.office.mon", "ladder"]


# --- rules ---------------------------------------------------------------------------------------------------

RULES = """
[[clocks.resolution.rules]]
when.category = ["工程维修-电梯"]
when.priority = ["high"]
span = "4h"

[[clocks.resolution.rules]]
when.category = ["工程维修-*"]
span = "8h"
escalate_to = 2

[[clocks.resolution.rules]]
when.kind = ["suggestion"]
when.channel = ["wechat", "app"]
calendar = "office"
source = "公司规定"

[[clocks.on_site.rules]]
when.category = ["工程维修-电梯"]

[calendar.office]
workdays = ["08:30-12:00", "13:30-17:00"]
"""


def with_rules() -> Policy:
    return parse_policy(tomllib.loads(POLICY_TEXT + RULES))


@pytest.mark.parametrize(
    "facts, seconds, level, source, calendar",
    [
        ({"category": "工程维修-电梯", "priority": "high"}, 4 * HOUR, 1, "T3", ""),
        ({"category": "工程维修-电梯"}, 8 * HOUR, 2, "T3", ""),
        ({"category": "工程维修-给排水", "priority": "high"}, 8 * HOUR, 2, "T3", ""),
        ({"category": "工程维修"}, DAY, 1, "T3", ""),
        ({"category": "清洁绿化-保洁", "kind": "suggestion", "channel": "app"}, DAY, 1, "公司规定", "office"),
        ({"category": "清洁绿化-保洁", "kind": "suggestion", "channel": "phone"}, DAY, 1, "T3", ""),
    ],
)
def test_the_first_rule_that_fits_stands_for_the_target(
    facts: dict[str, Any], seconds: int, level: int, source: str, calendar: str
) -> None:
    target = with_rules().target("resolution", Ticket("1", **{"kind": "repair", **facts}))
    assert target is not None
    assert (target.seconds, target.escalate_to, target.source) == (seconds, level, source)
    assert (target.calendar.name if target.calendar else "") == calendar


def test_a_rule_may_reach_tickets_that_the_target_itself_does_not() -> None:
    policy, ticket = with_rules(), Ticket("1", category="工程维修-电梯")
    assert policy.target("on_site", ticket) is not None
    assert policy.target("on_site", ticket._replace(category="工程维修-给排水")) is None
    assert POLICY.target("on_site", ticket) is None


def test_an_emergency_runs_day_and_night_until_it_is_over() -> None:
    found = document()
    found["calendar"] = {"office": {"workdays": ["08:30-12:00"]}}
    for clock in ("resolution", "follow_up", "progress"):
        found["clocks"][clock]["calendar"] = "office"
    found["clocks"]["silent_close"]["calendar"] = "always"
    policy = parse_policy(found)
    usual, urgent = Ticket("1"), Ticket("1", priority="urgent")
    for clock, by_night in (("resolution", True), ("progress", True), ("follow_up", False)):
        by_day, now = policy.target(clock, usual), policy.target(clock, urgent)
        assert by_day is not None and by_day.calendar is not None
        assert now is not None and (now.calendar is None) is by_night


def test_clocks_with_a_due_time_of_their_own_say_only_how_far_they_go_up() -> None:
    found = document()
    found["clocks"]["promise"] = {"escalate_to": 2, "span": "3h"}
    policy = parse_policy(found)
    target = policy.target("promise", Ticket("1"))
    assert target is not None and (target.seconds, target.escalate_to) == (0, 2)
    del found["clocks"]["promise"], found["clocks"]["task"]
    task = parse_policy(found).target("task", Ticket("1"))
    assert task is not None and (task.escalate_to, task.source) == (0, "R-001-12")


# --- calendars -----------------------------------------------------------------------------------------------

OFFICE = """
[calendar.public]
years = [2026, 2026]
off = ["2026-10-01..2026-10-07"]
work = ["2026-10-10"]

[calendar.days]
2026-12-31 = ["08:30-12:00"]
2027-01-02 = "班"
"2026-12-24至2026-12-25" = "休"

[calendar.office]
workdays = ["13:30-17:00", "08:30-12:00"]
sat = "09：00–12：00"

[calendar.guard]
workdays = ["22:00-06:00"]
weekend = ["00:00-24:00"]
holidays = false
days."2026-10-01" = []

[calendar.shop]
workdays = ["08:30-12:00", "13:30-17:00"]
holiday = ["09:00-12:00"]
makeup = ["08:30-12:00"]
days."2026-10-01" = "休"
"""


def hours(name: str, month: int, day: int, year: int = 2026) -> float:
    calendar = parse_policy(tomllib.loads(POLICY_TEXT + OFFICE)).calendars[name]
    start = instant(datetime(year, month, day))
    return calendar.between(start, start + DAY) / HOUR


@pytest.mark.parametrize(
    "name, month, day, wanted",
    [
        ("office", 11, 23, 7),
        ("office", 11, 28, 3),
        ("office", 11, 29, 0),
        ("office", 10, 1, 0),
        ("office", 10, 10, 7),
        ("office", 12, 24, 0),
        ("office", 12, 31, 3.5),
        ("guard", 10, 2, 2 + 0),
        ("guard", 10, 10, 24),
        ("guard", 12, 24, 8),
        ("shop", 10, 1, 0),
        ("shop", 10, 2, 3),
        ("shop", 10, 10, 3.5),
    ],
)
def test_days_of_a_calendar(name: str, month: int, day: int, wanted: float) -> None:
    assert hours(name, month, day) == wanted


def test_a_working_weekend_of_a_year_that_the_library_lacks_is_written_by_hand() -> None:
    assert hours("office", 1, 2, 2027) == 7
    assert hours("office", 1, 3, 2027) == 0


def test_a_stored_version_is_read_though_it_has_names_too_many() -> None:
    found = document()
    found["clocks"]["red_light"]["when"] = {"kindd": ["repair"]}
    found["quiet"]["till"] = "x"
    with pytest.raises(BadInput):
        parse_policy(found)
    assert parse_policy(found, "0" * 12).targets["red_light"].kinds == ()


def test_rules_without_the_new_sections_have_the_usual_numbers() -> None:
    found = document()
    for name in ("quiet", "digest", "watch"):
        del found[name]
    policy = parse_policy(found)
    assert (policy.quiet, policy.digests, policy.watch) == (POLICY.quiet, POLICY.digests, POLICY.watch)
    assert policy.watch == (4 * HOUR, 5, 60)


FIRST = """{"clocks":{"first_response":{"source":"T1","span":"15m"},"follow_up":{"source":"T14","span":"24h"},
"on_site":{"source":"T4","span":"30m","when":{"priority":["urgent"]}},
"progress":{"source":"R-S5-02","span":"24h","urgent_source":"T6","urgent_span":"10m"},
"red_light":{"source":"T2","span":"2h"},"repair":{"source":"T5","span":"30m","when":{"priority":["urgent"]}},
"resolution":{"escalate_to":1,"source":"T3","span":"24h"},"silent_close":{"source":"T15","span":"7d"}},
"ladder":[{"level":0,"name":"前台","role":"agent"},{"acknowledge":"10m","level":1,"name":"客服主任","role":"supervisor"},
{"acknowledge":"15m","level":2,"name":"项目经理","role":"manager"},
{"acknowledge":"30m","level":3,"name":"公司客服中心","role":"manager"}],"policy":{"name":"标准时限","risk_share":0.2}}"""
"""The version deeb91ad2f52, as homes of the first releases have it."""


def test_the_first_released_rules_replay_as_they_did() -> None:
    document = json.loads(FIRST)
    assert digest(document) == "deeb91ad2f52"
    first = parse_policy(document, "deeb91ad2f52")
    for priority in ("normal", "urgent"):
        story = (
            Story(priority=priority, channel="wechat").go("dispatch").after(HOUR).pause().after(DAY).resume()
        )
        old = {(run.kind, run.due_at, run.risk_at) for run in clocks(story.ticket, first)}
        assert old == {(run.kind, run.due_at, run.risk_at) for run in clocks(story.ticket, POLICY)}
    assert {name for name, target in first.targets.items() if target.escalate_to} == {"resolution"}
    assert [rung.offset for rung in first.ladder] == [0] * 4


# --- hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quiet, at, over",
    [
        ((21, 8), (20, 59, 59), (20, 59, 59)),
        ((21, 8), (21, 0, 0), (32, 0, 0)),
        ((21, 8), (3, 0, 0), (8, 0, 0)),
        ((21, 8), (7, 59, 59), (8, 0, 0)),
        ((21, 8), (8, 0, 0), (8, 0, 0)),
        ((12, 14), (13, 0, 0), (14, 0, 0)),
        ((12, 14), (11, 59, 59), (11, 59, 59)),
        ((12, 14), (14, 0, 0), (14, 0, 0)),
        ((22, 0), (23, 0, 0), (24, 0, 0)),
    ],
)
def test_residents_are_left_in_peace(
    quiet: tuple[int, int], at: tuple[int, int, int], over: tuple[int, int, int]
) -> None:
    day = instant(datetime(2026, 11, 22))
    first, last = (day + hour * HOUR + minute * MINUTE + second for hour, minute, second in (at, over))
    assert Quiet(quiet[0] * HOUR, quiet[1] * HOUR).over(first) == last


def test_the_digest_comes_at_its_hours() -> None:
    day = instant(datetime(2026, 11, 22))
    morning, evening = day + 8 * HOUR + 30 * MINUTE, day + 17 * HOUR + 30 * MINUTE
    assert [POLICY.next_digest(at) for at in (day, morning - 1, morning, evening)] == [
        morning,
        morning,
        evening,
        morning + DAY,
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_whatever_stands_in_the_file_it_is_a_policy_or_a_bad_input(data: st.DataObject) -> None:
    found = copy.deepcopy(
        tomllib.loads(POLICY_TEXT + RULES + OFFICE.replace("[calendar.office]", "[calendar.desk]"))
    )
    node: Any = found
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            node[key] = data.draw(VALUES)
            break
        node = node[key]
    try:
        kept = parse_policy(json.loads(canonical(found)), "0" * 12)
        assert kept.targets["red_light"].seconds > 0
    except BadInput as bad:
        assert bad.field and bad.problem and bad.remedy
