"""3:3:4: fair to the night and to half a post, never paid by haste, explained to the last number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.kpi import (
    CAP,
    ENOUGH,
    MEANINGS,
    STAR,
    WEIGHTS,
    Deed,
    Score,
    Table,
    Work,
    deed,
    departments,
    rank,
    works,
)
from frontdesk.domain.timing import DAY, HOUR, Instant, month_bounds
from tests.builders import POLICY, TEN, Story

START, END = month_bounds("2026-11")
thorough = settings(derandomize=True, max_examples=150, deadline=None)


def work(name: str, **known: Any) -> Work:
    usual: dict[str, Any] = {
        **{"hours": (160 * HOUR, 0), "handled": (40, 0)},
        **{"asked": 20, "good": 18, "due": 40, "solved": 36},
    }
    return Work(name=name, **(usual | known))


def score(table: Table, name: str) -> Score:
    return next(each for each in table.scores if each.work.name == name)


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def anybody(draw: st.DrawFn, bands: int = 2) -> Work:
    asked, due = draw(st.integers(0, 40)), draw(st.integers(0, 60))
    return Work(
        name=draw(st.text("甲乙丙丁", min_size=1, max_size=4)),
        hours=tuple(draw(st.sampled_from([0, 4 * HOUR, 90 * HOUR, 160 * HOUR])) for _ in range(bands)),
        handled=tuple(draw(st.integers(0, 80)) for _ in range(bands)),
        asked=asked,
        good=draw(st.integers(0, asked)),
        due=due,
        solved=draw(st.integers(0, due)),
        reopened=draw(st.integers(0, due)),
    )


teams = st.lists(anybody(), min_size=1, max_size=6, unique_by=lambda each: each.name)


@thorough
@given(teams)
def test_every_score_lies_between_0_and_100(team: list[Work]) -> None:
    for each in rank(team, "小时").scores:
        assert all(0 <= part <= 100 for part in each.parts)
        assert 0 <= each.total <= 100


@thorough
@given(teams, st.randoms(use_true_random=False))
def test_order_is_irrelevant(team: list[Work], chance: Any) -> None:
    shuffled = list(team)
    chance.shuffle(shuffled)
    assert rank(shuffled, "小时") == rank(team, "小时")


@thorough
@given(teams, st.data())
def test_more_work_or_praise_or_success_never_costs_its_owner_points(
    team: list[Work], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(team) - 1))
    own = team[place]
    before = score(rank(team, "小时"), own.name)
    band = data.draw(st.integers(0, 1))
    more = tuple(count + (band == number) for number, count in enumerate(own.handled))
    for part, better in (
        (0, own._replace(handled=more)),
        (1, own._replace(asked=own.asked + 1, good=own.good + 1)),
        (2, own._replace(due=own.due + 1, solved=own.solved + 1)),
    ):
        after = score(rank([*team[:place], better, *team[place + 1 :]], "小时"), own.name)
        assert after.parts[part] >= before.parts[part] - 1e-9
        assert after.total >= before.total


@thorough
@given(teams, st.data())
def test_a_bad_follow_up_or_a_reopening_never_earns_points(team: list[Work], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(team) - 1))
    own = team[place]
    before = score(rank(team, "小时"), own.name)
    for part, worse in ((1, own._replace(asked=own.asked + 1)), (2, own._replace(due=own.due + 1))):
        after = score(rank([*team[:place], worse, *team[place + 1 :]], "小时"), own.name)
        assert after.parts[part] <= before.parts[part] + 1e-9


@thorough
@given(teams)
def test_the_total_is_3_3_4_of_its_parts_and_the_best_stand_first(team: list[Work]) -> None:
    table = rank(team, "小时")
    assert sum(WEIGHTS) == 100
    for each in table.scores:
        volume, praise, resolution = each.parts
        assert abs(each.total - (3 * volume + 3 * praise + 4 * resolution) / 10) <= 0.05 + 1e-6
    totals = [each.total for each in table.scores]
    assert totals == sorted(totals, reverse=True)


@thorough
@given(teams)
def test_everybody_with_the_best_total_is_star_and_nobody_else(team: list[Work]) -> None:
    table = rank(team, "小时")
    able = [each for each in table.scores if each.work.done >= STAR]
    best = max((each.total for each in able), default=None)
    assert set(table.stars) == {each.work.name for each in able if each.total == best}
    assert table._replace(starred=False).stars == ()


# --- fairness --------------------------------------------------------------------------------------------------------


def test_half_a_post_with_half_the_work_scores_the_same() -> None:
    table = rank([work("全职"), work("另一位"), work("半职", hours=(80 * HOUR, 0), handled=(20, 0))], "小时")
    assert {each.volume for each in table.scores} == {1 / CAP}
    # 30 × 0.8 + 30 × 18/20 + 40 × 36/40
    assert {each.total for each in table.scores} == {87.0}


def test_a_quiet_night_is_measured_by_nights() -> None:
    night = {"hours": (0, 160 * HOUR), "handled": (0, 8)}
    table = rank([work("甲"), work("乙"), work("夜一", **night), work("夜二", **night)], "小时")
    assert {each.volume for each in table.scores} == {1 / CAP}
    alone = rank([work("甲"), work("乙"), work("夜一", **night)], "小时")
    assert score(alone, "夜一").ratio is None and score(alone, "夜一").volume == 1 / CAP


def test_twice_the_medians_pace_earns_no_more_than_a_quarter_above_it() -> None:
    team = [work("甲"), work("乙"), work("快", handled=(50, 0)), work("飞", handled=(400, 0))]
    table = rank(team, "小时")
    assert score(table, "飞").volume == score(table, "快").volume == 1


def test_somebody_who_is_not_on_the_roster_counts_as_the_median() -> None:
    table = rank([work("甲"), work("乙"), work("外", hours=(0, 0))], "小时")
    assert score(table, "外").volume == 1 / CAP


def test_one_lucky_follow_up_is_filled_up_with_the_groups_mean() -> None:
    table = rank([work("甲", asked=30, good=15), work("新", asked=1, good=1)], "小时")
    lucky = score(table, "新").praise
    assert lucky.fill == ENOUGH - 1 and lucky.value == pytest.approx((1 + 9 * 16 / 31) / 10)
    assert score(table, "新").small and not score(table, "甲").small


def test_nobody_asked_at_all_counts_as_the_median() -> None:
    table = rank([work("甲", asked=0, good=0), work("乙", asked=0, good=0)], "小时")
    assert [each.parts[1] for each in table.scores] == [80, 80]


def test_ties_are_all_named_and_keep_their_order() -> None:
    table = rank([work("丙"), work("甲"), work("乙", good=10)], "小时")
    assert [each.work.name for each in table.scores] == ["丙", "甲", "乙"]  # by code point where totals tie
    assert table.stars == ("丙", "甲")


def test_a_month_without_enough_work_has_no_star() -> None:
    assert rank([work("甲", handled=(STAR - 1, 0))], "小时").stars == ()


# --- from tickets ----------------------------------------------------------------------------------------------------


def told(story: Story, start: Instant = START, cut: Instant = END) -> Deed | None:
    return deed(story.ticket, POLICY, start, cut)


def test_a_ticket_resolved_and_praised() -> None:
    story = Story().go("dispatch", "accept").after(HOUR).go("resolve", "follow_up", "close")
    assert told(story) == Deed("lin", TEN, True, 1, 1, True, True)


def test_a_reopened_ticket_counts_once_as_handled_and_not_as_solved() -> None:
    story = Story().go("dispatch", "accept", "resolve").after(HOUR).follow_up(1, "没修好")
    story.after(HOUR).go("resolve").after(HOUR).go("follow_up", "close")
    found = told(story)
    assert found is not None and found.reopened and found.again and found.handled and found.due
    assert not found.solved and (found.asked, found.good) == (2, 1)


def test_a_second_escalation_is_again_and_the_first_is_not() -> None:
    first = Story().go("dispatch", "escalate", "acknowledge", "accept", "resolve")
    found = told(first)
    assert found is not None and found.solved and not found.again
    second = Story().go("dispatch", "escalate", "acknowledge", "escalate", "accept", "resolve")
    found = told(second)
    assert found is not None and found.again and not found.solved


def test_what_is_overdue_and_undone_is_owed_and_what_is_not_yet_due_is_not() -> None:
    story = Story().go("dispatch")
    assert told(story, cut=TEN + 23 * HOUR) is None
    found = told(story, cut=TEN + 25 * HOUR)
    assert found is not None and found.due and found.overdue and not found.solved
    held = Story().go("dispatch", "pause")
    assert told(held, cut=TEN + 25 * HOUR) is None, "a hold stops the clock"


def test_a_signature_is_praise_and_a_mistake_is_nothing() -> None:
    signed = Story().go("resolve").close("signed", "现场满意")
    assert told(signed) == Deed("lin", TEN, True, 1, 1, True, True)
    assert told(Story().void()) is None


def test_another_month_says_nothing_of_it() -> None:
    story = Story().go("dispatch", "accept", "resolve", "follow_up", "close")
    assert told(story, *month_bounds("2026-10")) is None
    assert told(story, *month_bounds("2026-12")) is None


def test_departments_share_a_ticket_by_what_each_did() -> None:
    story = Story().dispatch("工程部").dispatch("保洁部").accept(1).accept(2).resolve(1)
    story.after(HOUR).resolve(2).follow_up()
    own = told(story)
    assert own is not None
    found = {each.owner: each for each in departments(story.ticket, own, START, END)}
    assert found["工程部"].handled and (found["工程部"].due, found["工程部"].asked) == (False, 0)
    assert found["保洁部"].handled and found["保洁部"].solved and found["保洁部"].good == 1


@dataclass(frozen=True)
class Turn:
    """A turn of duty in hours of the first of the month."""

    start: int
    end: int

    def span(self) -> tuple[Instant, Instant]:
        return START + self.start * HOUR, START + self.end * HOUR


@pytest.mark.parametrize(
    ("turns", "day", "night"),
    [
        ([Turn(8, 20)], 12, 0),
        ([Turn(20, 32)], 0, 12),
        ([Turn(6, 10)], 2, 2),
        ([Turn(8, 20), Turn(9, 17), Turn(18, 22)], 12, 2),
        ([Turn(-4, 4)], 0, 4),
        ([Turn(0, 24 * 40)], 12 * 30, 12 * 30),
    ],
)
def test_hours_on_duty_by_band(turns: list[Turn], day: int, night: int) -> None:
    done = [Deed("lin", START + 9 * HOUR, True), Deed("lin", START + 21 * HOUR, True)]
    unit, (found,) = works(done, {"lin": [turn.span() for turn in turns]}, {}, (START, END))
    assert unit == "小时" and found.hours == (day * HOUR, night * HOUR) and found.handled == (1, 1)


def test_without_a_roster_for_most_of_the_work_everybody_is_measured_by_days() -> None:
    deeds = [Deed("lin", START, True), Deed("zhou", START, True), Deed("wang", START, True)]
    roster = {"lin": [Turn(8, 20).span()]}
    unit, found = works(deeds, roster, {"lin": 20, "zhou": 9, "wang": 1}, (START, END))
    assert unit == "天" and {each.name: each.hours for each in found} == {
        "lin": (20 * DAY,),
        "zhou": (9 * DAY,),
        "wang": (DAY,),
    }
    unit, _ = works([*deeds, *[Deed("lin", START, True)] * 2], roster, {}, (START, END))
    assert unit == "小时"


def test_the_definitions_name_the_numbers_that_are_used() -> None:
    words = dict(MEANINGS)
    assert (
        f"{CAP}" in words["处理量得分"]
        and f"{ENOUGH} 次" in words["样本少"]
        and f"{STAR} 件" in words["服务之星"]
    )
    assert all(f"{weight}%" in words["总分"] for weight in WEIGHTS)
