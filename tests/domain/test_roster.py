"""Who is on duty: half-open turns, midnight, fallbacks that never end with nobody, gaps (T7, R-000-02)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.roster import (
    AHEAD,
    DUTIES,
    Person,
    Turn,
    answering,
    gaps,
    next_shift,
    on_duty,
    roster_columns,
    standing,
    turn_from_row,
)
from frontdesk.domain.terms import RANKS
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, day_start, instant
from tests.builders import TEN

LIN, ZHOU = Person("xiaolin", "小林", "agent"), Person("laozhou", "老周", "agent")
CHEN, ZHANG = Person("chenzr", "陈主任", "supervisor"), Person("zhangjl", "张经理", "manager")
STAFF = (LIN, ZHOU, CHEN, ZHANG)
DAY_TURN = Turn("xiaolin", "小林", "agent", TEN - 90 * MINUTE, TEN + 630 * MINUTE)
NIGHT_TURN = Turn("laozhou", "老周", "agent", DAY_TURN.ends_at, DAY_TURN.ends_at + 12 * HOUR)


def test_turns_are_half_open_so_a_change_of_shift_has_one_person_each_second() -> None:
    turns = (DAY_TURN, NIGHT_TURN)
    assert on_duty(turns, "agent", DAY_TURN.ends_at - 1) == (DAY_TURN,)
    assert on_duty(turns, "agent", DAY_TURN.ends_at) == (NIGHT_TURN,)
    assert on_duty(turns, "supervisor", TEN) == ()


def test_overlapping_turns_are_both_on_duty_the_earlier_one_first() -> None:
    late = Turn("azhen", "阿珍", "agent", TEN, TEN + HOUR)
    assert on_duty((late, DAY_TURN), "agent", TEN) == (DAY_TURN, late)


def test_who_is_on_the_roster_answers_until_the_turn_ends() -> None:
    found = answering((DAY_TURN, NIGHT_TURN), "agent", TEN, STAFF)
    assert found is not None
    assert (found.source, found.names, found.at) == ("roster", "小林", DAY_TURN.ends_at)


def test_where_nobody_is_there_the_next_within_twelve_hours_answers() -> None:
    found = answering((NIGHT_TURN,), "agent", TEN, STAFF)
    assert found is not None
    assert (found.source, found.names, found.at) == ("next", "老周", NIGHT_TURN.starts_at)
    far = answering((NIGHT_TURN,), "agent", NIGHT_TURN.starts_at - AHEAD, STAFF)
    assert far is not None and far.source == "role"


def test_without_a_turn_those_who_have_the_role_answer_then_the_rung_above() -> None:
    found = answering((), "supervisor", TEN, STAFF)
    assert found is not None and (found.source, found.names) == ("role", "陈主任")
    above = answering((), "supervisor", TEN, (LIN, ZHANG))
    assert above is not None
    assert (above.source, above.held, above.names) == ("above", "manager", "张经理")
    below = answering((), "manager", TEN, (LIN,))
    assert below is not None and (below.source, below.held, below.names) == ("below", "agent", "小林")


def test_a_turn_of_somebody_who_has_left_or_was_put_back_does_not_count() -> None:
    turn = Turn("chenzr", "陈主任", "supervisor", TEN, TEN + HOUR)
    demoted = Person("chenzr", "陈主任", "agent")
    for people in ((LIN, ZHANG), (demoted, ZHANG)):
        found = answering((turn,), "supervisor", TEN, people)
        assert found is not None and found.source == "above"
        assert standing((turn,), people) == ()


def test_a_department_has_its_roster_or_nobody() -> None:
    turn = Turn("", "赵师傅", "工程部", TEN, TEN + HOUR)
    found = answering((turn,), "工程部", TEN, STAFF)
    assert found is not None and found.people == (("", "赵师傅"),)
    assert answering((turn,), "工程部", TEN + HOUR, STAFF) is None


MOMENT = st.integers(-2 * DAY, 2 * DAY).map(lambda away: TEN + away)
LENGTH = st.integers(MINUTE, DAY)
TURN = st.builds(
    lambda person, duty, start, length: Turn(person.login, person.name, duty, start, start + length),
    st.sampled_from(STAFF),
    st.sampled_from(DUTIES),
    MOMENT,
    LENGTH,
)
TURNS = st.lists(TURN, max_size=8)
PEOPLE = st.lists(st.sampled_from(STAFF), max_size=4, unique=True)


@given(TURNS, PEOPLE, st.sampled_from(DUTIES), MOMENT)
def test_somebody_active_always_answers_where_there_is_anybody(
    turns: list[Turn], people: list[Person], duty: str, now: Instant
) -> None:
    found = answering(turns, duty, now, people)
    assert (found is None) == (not people)
    if found is not None:
        active = {person.login: person for person in people}
        assert found.people and all(login in active for login, _name in found.people)
        assert all(active[login].may(found.held) for login, _name in found.people)
        ranks = RANKS.index(found.held) - RANKS.index(duty)
        assert {"above": ranks > 0, "below": ranks < 0}.get(found.source, ranks == 0)


@given(TURNS, MOMENT, st.integers(0, 3 * DAY), st.integers(-DAY, 4 * DAY))
def test_a_second_is_in_a_gap_exactly_when_nobody_is_on_duty(
    turns: list[Turn], start: Instant, length: int, offset: int
) -> None:
    end, second = start + length, start + offset
    found = gaps(turns, "agent", start, end)
    inside = any(begins <= second < ends for begins, ends in found)
    assert inside == (start <= second < end and not on_duty(turns, "agent", second))
    assert all(begins < ends for begins, ends in found)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


def test_round_the_clock_has_no_gap_and_a_missing_night_is_one() -> None:
    day, night = DAY_TURN, NIGHT_TURN
    assert gaps((day, night), "agent", day.starts_at, night.ends_at) == ()
    assert gaps((day,), "agent", day.starts_at, day.starts_at + DAY) == ((day.ends_at, day.starts_at + DAY),)


def test_the_next_shift_is_the_one_that_begins_or_has_just_begun() -> None:
    turns = (DAY_TURN, NIGHT_TURN)
    for now in (DAY_TURN.starts_at - 2 * MINUTE, DAY_TURN.starts_at + 10 * MINUTE):
        assert next_shift(turns, now) == (DAY_TURN.starts_at, DAY_TURN.ends_at)
    assert next_shift(turns, TEN + HOUR) == (NIGHT_TURN.starts_at, NIGHT_TURN.ends_at)
    assert next_shift((), TEN) == (TEN, TEN + 12 * HOUR)


# --- rows ----------------------------------------------------------------------------------------------------------

COLUMNS = {"日期": "day", "姓名": "name", "工号": "login", "岗位": "duty", "开始": "starts", "结束": "ends"}
WORDS: Mapping[str, str] = {"前台客服": "agent", "客服主任": "supervisor", "工程部": "工程部"}


def read(**cells: str) -> Turn:
    row = {"日期": "2026-11-22", "姓名": "小林", "岗位": "前台客服", "开始": "08:30", "结束": "20:30"} | cells
    return turn_from_row(row, COLUMNS, line=7, now=TEN, duties=WORDS, people=STAFF)


def test_a_row_is_a_turn_and_a_night_crosses_midnight() -> None:
    assert read() == DAY_TURN
    assert read(姓名="老周", 开始="20:30", 结束="08:30") == NIGHT_TURN
    assert read(姓名="", 工号="laozhou", 开始="20：30", 结束="次日08:30") == NIGHT_TURN


@pytest.mark.parametrize(
    ("cells", "hours"),
    [
        ({"开始": "0:00", "结束": "24:00"}, 24),
        ({"开始": "8点", "结束": "8点30分"}, 0.5),
        ({"开始": "08:00:00", "结束": "08:00"}, 24),
        ({"开始": "22", "结束": "6"}, 8),
    ],
)
def test_times_as_people_and_spreadsheets_write_them(cells: dict[str, str], hours: float) -> None:
    turn = read(**cells)
    assert turn.ends_at - turn.starts_at == hours * HOUR


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 300))
def test_every_pair_of_times_is_a_turn_of_that_day_no_longer_than_a_day(
    starts: int, ends: int, days: int
) -> None:
    date = datetime.fromtimestamp(TEN + 8 * HOUR + days * DAY - 150 * DAY)
    turn = read(
        日期=f"{date:%Y-%m-%d}",
        开始=f"{starts // 60}:{starts % 60:02d}",
        结束=f"{ends // 60:02d}:{ends % 60:02d}",
    )
    midnight = instant(datetime(date.year, date.month, date.day))
    assert turn.starts_at == midnight + starts * MINUTE == day_start(turn.starts_at) + starts * MINUTE
    assert MINUTE <= turn.ends_at - turn.starts_at <= DAY
    assert (turn.ends_at - midnight) % DAY == ends * MINUTE


@pytest.mark.parametrize(
    ("cells", "field", "words"),
    [
        ({"日期": ""}, "日期", "没有填写"),
        ({"日期": "2016-11-22"}, "日期", "离今天超过一年"),
        ({"日期": "2026-11-31"}, "日期", "日历上没有这一天"),
        ({"岗位": "保安队"}, "岗位", "没有「保安队」"),
        ({"岗位": ""}, "岗位", "没有填写"),
        ({"开始": "25:00"}, "开始", "认不出是几点"),
        ({"开始": "24:00"}, "开始", "认不出是几点"),
        ({"开始": "早班"}, "开始", "认不出是几点"),
        ({"结束": "20:61"}, "结束", "认不出是几点"),
        ({"结束": "次日20:30"}, "结束", "超过 24 小时"),
        ({"结束": ""}, "结束", "没有填写"),
        ({"姓名": ""}, "姓名", "没有填写"),
        ({"姓名": "王五"}, "姓名", "不是在用的前台人员"),
        ({"工号": "laozhou"}, "姓名", "与工号不是同一个人"),
        ({"岗位": "客服主任"}, "岗位", "不能值客服主任班"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line_and_field(
    cells: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as wrong:
        read(**cells)
    assert wrong.value.field == f"第 7 行 {field}" and words in wrong.value.problem
    assert "王五" not in str(wrong.value)


def test_a_name_that_two_people_have_needs_the_login() -> None:
    twin = Person("lin2", "小林", "agent")
    row = {"日期": "2026-11-22", "姓名": "小林", "岗位": "前台客服", "开始": "08:30", "结束": "20:30"}
    with pytest.raises(BadInput, match="2 位同名"):
        turn_from_row(row, COLUMNS, line=2, now=TEN, duties=WORDS, people=(*STAFF, twin))
    named = turn_from_row(
        row | {"工号": "lin2"}, COLUMNS, line=2, now=TEN, duties=WORDS, people=(*STAFF, twin)
    )
    assert named.login == "lin2"


def test_people_of_a_department_need_no_desk_and_a_supervisor_may_sit_at_the_front() -> None:
    assert read(姓名="赵师傅", 岗位="工程部")[:3] == ("", "赵师傅", "工程部")
    assert read(姓名="陈主任")[:3] == ("chenzr", "陈主任", "agent")


def test_heads_are_known_by_their_usual_names_and_what_is_missing_is_named() -> None:
    heads = ("值班日期", "值班人*", "部门", "上班时间", "下班时间（次日）", "备注")
    assert roster_columns(heads) == dict(zip(heads, ("day", "name", "duty", "starts", "ends"), strict=False))
    with pytest.raises(BadInput, match="缺少「岗位」「结束」"):
        roster_columns(("日期", "姓名", "开始"))
