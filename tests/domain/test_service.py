"""Response, repair and lessons of a month, from the tickets' own logs; nothing personal comes out."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.service import (
    LESSONS,
    Handling,
    Lesson,
    Rates,
    chosen,
    handling,
    lesson,
    previous,
    rates,
    verdict,
)
from frontdesk.domain.timing import DAY, HOUR, MINUTE, month_bounds
from tests.builders import NAME, PHONE, POLICY, TEN, UNIT, Story

START, END = month_bounds("2026-11")


def handled(story: Story, cut: int = END) -> Handling:
    found = handling(story.ticket, POLICY, cut)
    assert found is not None
    return found


def test_a_first_response_is_in_time_late_or_not_decided_yet() -> None:
    quick = Story(channel="wechat").go("dispatch").after(14 * MINUTE).progress()
    assert (handled(quick).responded, handled(quick).response) == (True, 14 * MINUTE)
    late = Story(channel="wechat").go("dispatch").after(15 * MINUTE).progress()
    assert (handled(late).responded, handled(late).response) == (False, 15 * MINUTE)
    silent = Story(channel="wechat")
    assert handled(silent, TEN + 15 * MINUTE).responded is None
    assert handled(silent, TEN + 15 * MINUTE + 1).responded is False
    assert handled(late, TEN + 10 * MINUTE).responded is None, "as it stood then"
    assert (handled(Story()).responded, handled(Story()).response) == (True, 0)


def test_arrival_is_asked_of_emergencies_alone() -> None:
    there = Story(priority="urgent").go("dispatch", "accept").after(29 * MINUTE).arrive()
    assert handled(there).on_site is True
    assert handled(Story(priority="urgent").after(HOUR).go("dispatch", "accept", "arrive")).on_site is False
    assert handled(Story()).on_site is None


def test_resolved_is_as_of_the_cut_and_a_mistake_is_no_repair() -> None:
    story = Story().go("dispatch", "accept").after(DAY).resolve()
    assert handled(story).resolved and not handled(story, TEN + DAY).resolved
    assert handling(Story().void().ticket, POLICY, END) is None
    assert handling(Story().ticket, POLICY, TEN) is None


def one(**known: Any) -> Handling:
    usual: dict[str, Any] = {
        **{"opened_at": TEN, "kind": "repair", "category": "x", "responded": True, "response": 60},
        **{"resolved": True, "on_site": None},
    }
    return Handling(**(usual | known))


def test_rates_are_over_repairs_opened_in_the_month() -> None:
    found = [
        one(),
        one(kind="help", responded=False, response=3_000, resolved=False, on_site=True),
        one(responded=None, response=None, resolved=False),
        one(kind="complaint", responded=False, on_site=False),
        one(opened_at=START - 1, responded=False),
    ]
    assert rates(found, START, END) == Rates(3, 2, 1, 1, 1_530, 2, 1)
    told = rates(found, START, END)
    assert (told.response_rate, told.repair_rate, told.arrival_rate) == (1 / 2, 1 / 3, 1 / 2)
    none = rates([], START, END)
    assert none == Rates() and none.response_rate is none.repair_rate is none.arrival_rate is None


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            one,
            opened_at=st.integers(START - DAY, END + DAY),
            kind=st.sampled_from(["repair", "help", "complaint"]),
            responded=st.sampled_from([True, False, None]),
            resolved=st.booleans(),
            on_site=st.sampled_from([True, False, None]),
        )
    )
)
def test_no_rate_leaves_its_bounds_and_order_is_irrelevant(found: list[Handling]) -> None:
    told = rates(found, START, END)
    assert 0 <= told.responded <= told.decided <= told.repairs >= told.repaired
    assert 0 <= told.in_time <= told.arrivals
    assert rates(found[::-1], START, END) == told


# --- lessons ---------------------------------------------------------------------------------------------------------


def taught(story: Story, start: int = START, cut: int = END) -> Lesson | None:
    return lesson(story.ticket, POLICY, start, cut)


def test_each_rule_chooses_its_ticket_and_an_ordinary_one_is_none() -> None:
    assert taught(Story().go("dispatch", "accept", "resolve", "follow_up", "close")) is None
    urgent = taught(Story(priority="urgent"))
    assert urgent is not None and urgent.reasons == ("emergency",)
    again = taught(Story().go("dispatch", "escalate", "acknowledge", "escalate"))
    assert again is not None and again.reasons == ("again",)
    story = Story().go("dispatch", "accept", "resolve", "follow_up", "close").after(DAY).reopen()
    assert (found := taught(story)) is not None and found.reasons == ("reopened",)
    story = Story().go("dispatch", "accept", "resolve").after(HOUR).follow_up(1, "没修好")
    low = taught(story)
    assert low is not None and "turned" not in low.reasons
    better = taught(story.after(HOUR).resolve().after(HOUR).follow_up(5))
    assert better is not None and better.reasons == ("turned", "again", "reopened")


def test_a_reason_of_another_month_chooses_nothing() -> None:
    story = Story(priority="urgent")
    assert taught(story, *month_bounds("2026-12")) is None
    assert taught(Story(priority="urgent").void()) is None


def test_a_lesson_is_told_in_order_and_names_nobody() -> None:
    secret = f"{NAME} {UNIT} {PHONE}"
    story = (
        Story(priority="urgent", title=secret, text=secret)
        .after(9 * MINUTE)
        .go("dispatch", "accept", "arrive")
    )
    story.after(HOUR).resolve().after(HOUR).follow_up(2, secret)
    found = taught(story)
    assert found is not None
    assert found.steps == (
        *(("当时", "受理"), ("当时", "按紧急处理"), ("9分钟后", "派单工程部"), ("9分钟后", "到场")),
        *(("1小时9分后", "处理完毕"), ("2小时9分后", "回访 2 星"), ("2小时9分后", "上移至客服主任")),
        ("2小时9分后", "退回重办"),
    )
    assert not any(word in str(found._replace(number="")) for word in (NAME, UNIT, PHONE, "lin"))


def made(number: str, category: str, *reasons: str) -> Lesson:
    return Lesson(number, TEN, "repair", category, "", reasons, ())


def test_the_weightiest_come_first_and_no_category_fills_the_report() -> None:
    found = [made(f"a{place}", "电梯", "emergency", "turned") for place in range(4)]
    found += [
        made("b", "门禁", "reopened"),
        made("c", "停车", "emergency"),
        made("d", "收费", "turned", "reopened"),
    ]
    assert [each.number for each in chosen(found)] == ["a0", "a1", "d", "c", "b"]
    assert chosen(found[::-1]) == chosen(found)
    assert len(chosen([made(str(n), str(n), "reopened") for n in range(20)])) == LESSONS


def test_months_count_back_over_new_year() -> None:
    assert [previous("2026-02", back) for back in (0, 1, 2, 14)] == [
        "2026-02",
        "2026-01",
        "2025-12",
        "2024-12",
    ]


def test_what_a_measure_came_to() -> None:
    assert verdict((5, 2, 1), (3, 2, 1)) == "好转"
    assert verdict((5, 2, 1), (5, 3, 1)) == "未见好转"
    assert verdict((5, 2, 1), (3, 4, 1)) == "有好有坏"
    assert verdict((5, 2, 1), (5, 2, 1)) == "持平"
    assert verdict((0, 0, 0), (0, 0, 0)) == "前后都没有工单"
