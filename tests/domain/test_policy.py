"""policy.toml as a person edits it: what it says, and that each slip is named (DESIGN §5, §6)."""

from __future__ import annotations

import copy
import json
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.policy import canonical, digest, parse_policy
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, POLICY_TEXT


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


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_whatever_stands_in_the_file_it_is_a_policy_or_a_bad_input(data: st.DataObject) -> None:
    found = copy.deepcopy(document())
    node: Any = found
    while isinstance(node, dict | list) and node:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            node[key] = data.draw(VALUES)
            break
        node = node[key]
    try:
        parse_policy(found)
    except BadInput as bad:
        assert bad.field and bad.problem and bad.remedy
