"""A month counted whole: whatever happens in whatever order, every page balances and says the same."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.days import Day, tally_days
from frontdesk.domain.errors import DeskError
from frontdesk.domain.facts import Resolution, Run, Span, TicketFacts, facts
from frontdesk.domain.meanings import CHAPTERS, README_END, README_START, readme
from frontdesk.domain.month import Month, count_month, reach, shifted
from frontdesk.domain.month_pages import verdict
from frontdesk.domain.sla import FAR
from frontdesk.domain.tallies import FIGURES, Figures, Imbalance, Row
from frontdesk.domain.timing import DAY, HOUR, WEEK, Instant, month_bounds
from tests.builders import TEN, Story
from tests.sheets.made_up import estate, ticket

START, END = month_bounds("2026-11")
MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01")
LATER = month_bounds("2027-01")[1] + DAY

STEPS = (
    *("note", "correct", "dispatch", "accept", "arrive", "progress", "promise", "pause", "resume", "resolve"),
    *(
        "follow_up",
        "decline",
        "close",
        "reopen",
        "escalate",
        "acknowledge",
        "transfer",
        "link",
        "merge",
        "void",
    ),
    "undo",
)
SCORES = st.integers(1, 5)


@st.composite
def lives(draw: st.DrawFn) -> Story:
    """Whatever the desk lets happen to a ticket, in any order and with any time between."""
    story = Story(START + draw(st.integers(-20 * DAY, 40 * DAY)), by=draw(st.sampled_from(["lin", "wang"])))
    story.number = f"26{draw(st.integers(0, 10**8)):08d}"
    for _ in range(draw(st.integers(0, 14))):
        story.after(draw(st.sampled_from([0, 60, HOUR, DAY, 3 * DAY, 20 * DAY])))
        step = draw(st.sampled_from(STEPS))
        told: dict[str, Any] = {}
        if step == "follow_up":
            told = {"score": draw(SCORES)}
        elif step == "correct":
            told = {"data": {"category": draw(st.sampled_from(["收费-物业费", "工程维修-电梯"]))}}
        elif step == "close":
            told = {"ground": draw(st.sampled_from(["satisfied", "signed", "silence"]))}
        with suppress(DeskError):
            getattr(story, step)(**told)
    return story


worlds = st.lists(lives(), min_size=1, max_size=5, unique_by=lambda story: story.number)
thorough = settings(derandomize=True, max_examples=120, deadline=None)


def known(stories: list[Story]) -> list[TicketFacts]:
    return [
        facts(story.ticket, story.policy, "", household=str(place % 2)) for place, story in enumerate(stories)
    ]


def balanced(rows: tuple[Row, ...]) -> bool:
    return all(row.figures.balanced for row in rows)


@thorough
@given(worlds)
def test_any_sequence_of_events_balances_in_every_group_and_on_every_day(stories: list[Story]) -> None:
    found = known(stories)
    before: Month | None = None
    for month in MONTHS:
        counted = count_month(found, month, LATER)
        tally = counted.tally
        assert balanced(tally.categories)
        assert balanced(tally.departments)
        assert balanced(tally.channels)
        assert balanced(tally.kinds)
        for day in counted.days:
            assert day.opening + len(day.opened) == len(day.closed) + day.still_open
        if before is not None:
            assert tally.totals.carried_over == before.tally.totals.still_open
            assert counted.own_days[0].opening == before.own_days[-1].still_open
        assert len(counted.days) >= 30
        before = counted


@thorough
@given(worlds)
def test_every_run_of_a_clock_is_counted_once(stories: list[Story]) -> None:
    """In the month in which it was met in time, or in that in which it fell due."""
    found = [each for each in known(stories) if not each.without_result(LATER)]
    edges = month_bounds(MONTHS[0])[0], month_bounds(MONTHS[-1])[1]
    in_time = late = 0
    for month in MONTHS:
        counted = count_month(found, month, LATER)
        in_time += sum(times.in_time for times in counted.times)
        late += sum(times.late for times in counted.times)
    runs = [run for each in found for run in each.runs]
    assert in_time == sum(
        run.in_time and run.met_at is not None and edges[0] <= run.met_at < edges[1] for run in runs
    )
    assert late == sum(run.late_at is not None and edges[0] <= run.late_at < edges[1] for run in runs)


# --- it can refuse -----------------------------------------------------------------------------------------------


def test_pages_that_differ_stop_the_sheet() -> None:
    silent = estate()[2]._replace(steps=())
    with pytest.raises(Imbalance, match="升级与汇总对不上"):
        count_month([silent], "2026-11", LATER)


def test_day_that_does_not_balance_names_its_tickets() -> None:
    wrong = ticket("261101-09", "工程维修-电梯", Span(START + 3 * DAY, START + DAY, "signed"))
    sound = ticket("261101-01", "工程维修-电梯", Span(START))
    with pytest.raises(Imbalance, match="261101-09") as caught:
        tally_days([sound, wrong], START, END)
    assert caught.value.numbers == ("261101-09",)


# --- days --------------------------------------------------------------------------------------------------------


def test_trend_reaches_thirty_days_back_also_on_the_first_of_a_month() -> None:
    counted = count_month([ticket("261101-01", "x", Span(START))], "2026-11", START + HOUR)
    assert len(counted.trend) == 30
    assert counted.trend[0].start == START - 29 * DAY
    assert [day.start for day in counted.own_days] == [START]
    assert reach("2026-11") <= counted.trend[0].start


def test_february_of_a_leap_year_has_its_last_day() -> None:
    start, end = month_bounds("2024-02")
    leap = ticket("240229-01", "x", Span(end - 1, end + DAY, "signed"))
    counted = count_month([leap], "2024-02", LATER)
    assert (end - start) // DAY == 29
    assert counted.own_days[-1] == Day(end - DAY, 0, ("240229-01",), (), 1)


# --- clocks, repeats, incidents, what is open --------------------------------------------------------------------


def run(due: Instant, met: Instant | None = None, ended: Instant | None = None) -> Run:
    return Run("resolution", TEN, due, met, ended)


@pytest.mark.parametrize(
    ("one", "in_time", "late_at"),
    [
        (run(TEN + HOUR, TEN + HOUR - 1), True, None),
        (run(TEN + HOUR, TEN + HOUR), False, TEN + HOUR),
        (run(TEN + HOUR), False, TEN + HOUR),
        (run(TEN + HOUR, ended=TEN + HOUR - 1), False, None),
        (run(TEN + HOUR, ended=TEN + HOUR), False, TEN + HOUR),
        (run(FAR), False, None),
    ],
)
def test_run_is_half_open(one: Run, in_time: bool, late_at: Instant | None) -> None:
    assert (one.in_time, one.late_at) == (in_time, late_at)


@pytest.mark.parametrize(
    ("rate", "word"), [(None, "—"), (0.95, "达标"), (0.9499, "关注"), (0.85, "关注"), (0.8499, "不达标")]
)
def test_verdict_begins_where_it_says(rate: float | None, word: str) -> None:
    assert verdict(rate) == word


def test_repeat_is_the_same_household_and_category_within_seven_days() -> None:
    def one(number: str, at: Instant, category: str = "漏水", household: str = "1") -> TicketFacts:
        return ticket(number, category, Span(at), household=household)

    found = [
        one("261028-01", START - 3 * DAY),
        one("261101-01", START),
        one("261101-02", START + 1, household="2"),
        one("261101-03", START + 2, category="电梯"),
        one("261101-04", START + 3, household=""),
        one("261108-01", START + WEEK),
        one("261115-01", START + 2 * WEEK + 1),
    ]
    counted = count_month(found, "2026-11", LATER)
    pairs = [(each.ticket.number, each.before.number) for each in counted.repeats]
    assert pairs == [("261101-01", "261028-01"), ("261108-01", "261101-01")]


def test_incident_is_led_by_the_ticket_that_the_others_joined() -> None:
    found = [
        ticket("261102-02", "停水", Span(START + DAY + 60, START + 2 * DAY, "signed"), incident="261102-01"),
        ticket("261102-01", "停水", Span(START + DAY)),
        ticket("261102-03", "停水", Span(START + DAY + 90), incident="261102-01"),
        ticket("261102-04", "停水", Span(START + DAY + 99, START + DAY + 100, "void"), incident="261102-01"),
    ]
    (incident,) = count_month(found, "2026-11", LATER).incidents
    assert [each.number for each in incident.tickets] == ["261102-01", "261102-02", "261102-03"]
    assert incident.still_open == 2


def test_what_is_open_stands_red_first() -> None:
    end = END
    found = [
        ticket("261101-01", "x", Span(START), status="new"),
        ticket("261101-02", "x", Span(START), status="new", due_at=end - HOUR, risk_at=end - 2 * HOUR),
        ticket("261101-03", "x", Span(START), status="new", due_at=end + HOUR, risk_at=end - HOUR),
        ticket("261101-04", "x", Span(START), status="paused"),
    ]
    states = [(one.ticket.number[-1], one.sla) for one in count_month(found, "2026-11", LATER).unfinished]
    assert states == [("2", "breached"), ("3", "at_risk"), ("1", "on_track"), ("4", "paused")]


# --- the digest --------------------------------------------------------------------------------------------------


def test_digest_tells_figures_and_not_names() -> None:
    found = estate()
    whole = count_month(found, "2026-11", LATER)
    others = [each._replace(title="别的话", unit="···99", case_owner="zhou") for each in reversed(found)]
    assert count_month(others, "2026-11", LATER).digest == whole.digest
    more = [*found[:-1], found[-1]._replace(spans=(Span(END - 5),))]
    assert count_month(more, "2026-11", LATER).digest != whole.digest
    other = [found[0]._replace(resolutions=(Resolution(START + HOUR, True),)), *found[1:]]
    assert count_month(other, "2026-11", LATER).digest != whole.digest


@pytest.mark.parametrize(
    ("month", "by", "other"),
    [
        ("2026-01", -1, "2025-12"),
        ("2026-12", 1, "2027-01"),
        ("2024-02", -12, "2023-02"),
        ("2026-11", 0, "2026-11"),
    ],
)
def test_months_are_counted_over_the_years(month: str, by: int, other: str) -> None:
    assert shifted(month, by) == other


# --- one source of definitions -----------------------------------------------------------------------------------


def test_readme_defines_the_figures_in_the_words_of_the_sheet() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    start, end = text.index(README_START), text.index(README_END) + len(README_END)
    assert text[start:end] == readme(), "run: python -m scripts.figures"


def test_every_figure_is_defined_once() -> None:
    assert list(FIGURES) == list(Figures._fields)
    labels = [meaning.label for meanings in CHAPTERS.values() for meaning in meanings]
    assert len(labels) == len(set(labels))
    assert all(meaning.text.endswith("。") for meanings in CHAPTERS.values() for meaning in meanings)
