"""The record (经过): each event one plain Chinese line, without anything of a person."""

from __future__ import annotations

import re

import pytest

from frontdesk.domain import moves
from frontdesk.domain.moves import Draft
from frontdesk.domain.record import words
from frontdesk.domain.terms import EVENTS
from frontdesk.domain.timing import DAY, HOUR
from tests.builders import NAME, PHONE, POLICY, TEN, UNIT, Story


def a_long_story() -> Story:
    story = Story().call().call(answered=False).correct({"priority": "high"}, {"unit": UNIT}).note()
    story.go("case", "facts", "limit")
    story.go("dispatch", "dispatch").accept(1).arrive(1).progress().progress(told=False)
    story.promise().promise(completion=True).pause().resume().evidence().link().transfer()
    story.escalate().acknowledge().resolve(1).resolve().after(HOUR).follow_up(1, words="还是卡").after(
        HOUR
    ).resolve()
    story.after(HOUR).follow_up(3).decline().close().reopen().plan().note().undo()
    story.rebase(POLICY._replace(version="0123456789ab")).merge()
    story.write(*moves.remind("承诺「下午给您回话」已超时", {"promise:1": 1}, {"lin": "承诺已超时"}))
    return story.write(Draft("voided", {"reason": "误开"}))


def test_every_kind_of_event_has_its_line() -> None:
    story = a_long_story()
    assert {event.kind for event in story.log} == set(EVENTS)
    for event in story.log:
        line = words(event, story.now)
        assert "\n" not in line and not re.search(r"None|\{|\}|[a-z]{4,}_[a-z]", line), (event.kind, line)
        assert line or event.kind in ("accepted", "arrived", "resumed"), event.kind


def test_no_line_tells_anything_of_a_person() -> None:
    story = a_long_story()
    text = "\n".join(words(event, story.now) for event in story.log)
    for secret in (NAME, UNIT, PHONE):
        assert secret not in text


@pytest.mark.parametrize(
    "draft, line",
    [
        (Draft("called", {"call": 1, "answered": True}), "业主再次来电"),
        (Draft("called", {"call": 1, "answered": False}), "业主再次来电（未接）"),
        (
            Draft("corrected", {"priority": "high", "fields": ["unit"]}, {"unit": UNIT}),
            "补正：房号、紧急程度",
        ),
        (Draft("progressed", {"note": "配件在路上", "told": True}), "配件在路上，已告知业主"),
        (Draft("progressed", {"note": "配件在路上", "told": False}), "配件在路上，未告知业主"),
        (
            Draft("promised", {"words": "修好", "due_at": TEN + DAY, "completion": True}),
            "承诺 明日10:00 前：修好（约定完成日期）",
        ),
        (
            Draft("paused", {"cause": "parts", "until": TEN + DAY, "reason": "等曳引轮"}),
            "等配件：等曳引轮，预计 明日10:00 恢复",
        ),
        (Draft("closed", {"ground": "signed", "reason": "当面签字"}), "现场签字满意，当面签字"),
        (Draft("closed", {"ground": "imported", "reason": "历史导入"}), "历史导入"),
        (Draft("told_by_drone", {"note": "后来的版本写的"}), "后来的版本写的"),
    ],
)
def test_what_a_line_says(draft: Draft, line: str) -> None:
    (*_, event) = Story().write(draft).log
    assert words(event, TEN) == line
