"""The coach: the 11 standards and the six steps, whole, each line with its rule, in the step of a call where it helps."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from frontdesk.domain.coaching import Line, Rule
from frontdesk.domain.handbook import parse_handbook
from frontdesk.domain.playbook import STEPS

FOLDER = Path(__file__).parents[2] / "data" / "handbook"
HANDBOOK = parse_handbook(
    {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")}
)

# REQUIREMENTS §5: 35 do and 36 never; §4: the rules of each standard.
METHODS = {
    "listen": (6, 6),
    "acknowledge": (6, 6),
    "ask": (6, 6),
    "solve": (6, 6),
    "negotiate": (6, 6),
    "thank": (5, 6),
}
RULES = {
    1: range(10), 2: range(9), 3: range(1, 3), 4: range(1, 7), 5: range(1, 4), 6: range(1, 4), 7: range(4),
    8: range(1, 4), 9: range(1, 4), 10: range(1, 7), 11: range(1, 4),
}  # fmt: skip
TIMES = {
    "R-S1-02": "T9", "R-S1-05": "T10", "R-S1-07": "T11", "R-S2-01": "T8", "R-S5-01": "T12", "R-S5-02": "T12",
    "R-S9-01a": "T13", "R-S9-01b": "T14", "R-S9-02": "T13", "R-S10-05": "T15", "R-S11-02": "T16",
}  # fmt: skip
SHOWN: list[Rule] = [rule for standard in HANDBOOK.standards for rule in standard.rules]


def test_the_six_steps_have_all_35_do_and_36_never() -> None:
    assert {method.id: (len(method.do), len(method.never)) for method in HANDBOOK.methods} == METHODS
    assert [method.number for method in HANDBOOK.methods] == [1, 2, 3, 4, 5, 6]
    assert sum(len(method.do) for method in HANDBOOK.methods) == 35
    assert sum(len(method.never) for method in HANDBOOK.methods) == 36


def test_every_line_of_the_six_bears_its_rule() -> None:
    for method in HANDBOOK.methods:
        assert [line.source for line in method.do] == [
            f"六字诀{method.number} 宜{place}" for place in range(1, len(method.do) + 1)
        ]
        assert [line.source for line in method.never] == [
            f"六字诀{method.number} 忌{place}" for place in range(1, len(method.never) + 1)
        ]
    texts = [line.text for method in HANDBOOK.methods for line in (*method.do, *method.never)]
    assert len(set(texts)) == 71


def test_the_11_standards_have_every_rule_of_the_requirements() -> None:
    assert [standard.number for standard in HANDBOOK.standards] == list(RULES)
    for standard in HANDBOOK.standards:
        written = {rule.line.source.rstrip("abc") for rule in standard.rules}
        assert written == {f"R-S{standard.number}-{place:02}" for place in RULES[standard.number]}
    assert {rule.line.source: rule.time for rule in SHOWN if rule.time} == TIMES


def test_what_a_line_points_to_can_be_said() -> None:
    said = {phrase.id for phrase in HANDBOOK.phrases}
    lines = [rule.line for rule in SHOWN]
    lines += [line for method in HANDBOOK.methods for line in (*method.do, *method.never)]
    pointed = {say for line in lines for say in line.say}
    assert pointed <= said and len(pointed) > 30


@pytest.mark.parametrize("step", STEPS)
def test_the_coach_has_at_least_two_do_and_two_never_for_every_step(step: str) -> None:
    for upset in (False, True):
        advice = HANDBOOK.coach(step, upset=upset)
        assert advice.step == step and advice.title
        assert len(advice.do) >= 2 and len(advice.never) >= 2
        assert all(line.source and line.text for line in (*advice.do, *advice.never))
        assert len(set(advice.do)) == len(advice.do)


def sources(lines: tuple[Line, ...]) -> list[str]:
    return [line.source for line in lines]


def test_an_upset_owner_is_first_given_room_and_a_calm_one_a_metre() -> None:
    upset, calm = HANDBOOK.coach("opening", upset=True), HANDBOOK.coach("opening")
    assert upset.title == calm.title == "聆听"
    assert sources(upset.do)[:2] == ["R-S1-05", "六字诀1 宜1"]
    assert sources(calm.do)[0] == "六字诀1 宜1"
    assert "R-S1-02" in [rule.line.source for rule in calm.rules]
    assert "R-S1-02" not in [rule.line.source for rule in upset.rules]
    assert "R-S1-07" in sources(HANDBOOK.coach("empathy", upset=True).do)


def test_a_phone_call_has_the_rules_of_the_phone_alone() -> None:
    phone = {rule.line.source for rule in HANDBOOK.coach("opening", channel="phone").rules}
    desk = {rule.line.source for rule in HANDBOOK.coach("opening", channel="walk_in").rules}
    assert "R-S2-01" in phone - desk and "R-S1-01" in desk - phone


def test_solving_is_also_negotiating() -> None:
    advice = HANDBOOK.coach("solve")
    assert advice.title == "解决、谈判"
    assert "六字诀5 宜3" in sources(advice.do) and len(advice.note) == 2
    assert "R-S2-05" in {rule.line.source for rule in advice.rules if rule.never}


def test_an_unknown_step_is_no_step() -> None:
    with pytest.raises(KeyError):
        HANDBOOK.coach("dance")
