"""Tallies: two sides counted apart must meet, whatever happened and in whatever order it is told."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain import tallies
from frontdesk.domain.errors import BadInput
from frontdesk.domain.facts import Resolution, Span, TicketFacts, facts
from frontdesk.domain.month_details import month_details
from frontdesk.domain.tallies import (
    FIGURES,
    Figures,
    Imbalance,
    MonthTally,
    Row,
    tally_day,
    tally_month,
)
from frontdesk.domain.timing import DAY, HOUR, Instant, instant, month_bounds
from tests.builders import TEN, Story

OCTOBER, NOVEMBER, DECEMBER = (month_bounds(f"2026-{month}") for month in (10, 11, 12))
LATER = DECEMBER[1] + DAY
MONTHS = ("2026-10", "2026-11", "2026-12")


def ticket(*spans: Span, **known: Any) -> TicketFacts:
    usual = {
        "number": "261101-01",
        "kind": "repair",
        "category": "工程维修-电梯",
        "priority": "normal",
        "channel": "phone",
        "department": "工程部",
        "case_owner": "lin",
        "title": "电梯停了",
        "unit": "···04",
    }
    return TicketFacts(spans=spans, **(usual | known))


def november(*found: TicketFacts, now: Instant = LATER) -> Figures:
    return tally_month(found, "2026-11", now).totals


# --- any valid history -------------------------------------------------------------------------------------------

moments = st.integers(OCTOBER[0] - 20 * DAY, DECEMBER[1])
edges = st.sampled_from(
    [bound + shift for pair in (OCTOBER, NOVEMBER, DECEMBER) for bound in pair for shift in (-1, 0, 1)]
)


@st.composite
def histories(draw: st.DrawFn) -> TicketFacts:
    """A ticket whose log runs forward in time; several things may happen in the same second."""
    times = sorted(draw(st.lists(moments | edges, min_size=1, max_size=7)))
    pairs = [(times[place], times[place + 1 : place + 2]) for place in range(0, len(times), 2)]
    spans = [Span(start, end[0] if end else None, "satisfied" if end else "") for start, end in pairs]
    if spans[-1].closed_at is not None and draw(st.booleans()):
        spans[-1] = spans[-1]._replace(ground=draw(st.sampled_from(["void", "merged"])))
    return ticket(
        *spans,
        number=f"2610{draw(st.integers(0, 10**6)):07d}",
        category=draw(st.sampled_from(["工程维修-电梯", "收费-物业费", ""])),
        kind=draw(st.sampled_from(["repair", "complaint", "help"])),
        channel=draw(st.sampled_from(["phone", "wechat"])),
        department=draw(st.sampled_from(["工程部", "保洁部", ""])),
        resolutions=tuple(Resolution(at, draw(st.sampled_from([True, False, None]))) for at in times),
        scores=tuple((at, draw(st.integers(1, 5))) for at in times),
        escalations=tuple((at, 1, "breach") for at in times[:2]),
        kept=tuple(times[1:]),
        broken=tuple(times[:1]),
    )


worlds = st.lists(histories(), max_size=8, unique_by=lambda each: each.number)
thorough = settings(derandomize=True, max_examples=100, deadline=None)


def rows_of(tally: MonthTally) -> tuple[tuple[Row, ...], ...]:
    return tally.categories, tally.kinds, tally.channels, tally.departments


def added(rows: tuple[Row, ...]) -> Figures:
    return Figures(*(sum(column) for column in zip(Figures(), *(row.figures for row in rows), strict=True)))


@thorough
@given(worlds, moments | edges)
def test_every_row_balances_and_the_rows_make_the_total(world: list[TicketFacts], now: Instant) -> None:
    for month in MONTHS:
        if month_bounds(month)[0] > now:
            continue
        tally = tally_month(world, month, now)
        for rows in rows_of(tally):
            assert all(
                row.figures.carried_over + row.figures.opened == row.figures.closed + row.figures.still_open
                for row in rows
            )
            assert added(rows) == tally.totals


@thorough
@given(worlds)
def test_what_one_month_leaves_the_next_takes_over(world: list[TicketFacts]) -> None:
    for earlier, later in pairwise(MONTHS):
        left = {row.name: row.figures.still_open for row in tally_month(world, earlier, LATER).categories}
        taken = {row.name: row.figures.carried_over for row in tally_month(world, later, LATER).categories}
        assert {name: n for name, n in left.items() if n} == {name: n for name, n in taken.items() if n}


@thorough
@given(worlds, st.randoms(use_true_random=False))
def test_order_of_tickets_is_irrelevant(world: list[TicketFacts], random: Random) -> None:
    shuffled = list(world)
    random.shuffle(shuffled)
    one, other = tally_month(world, "2026-11", LATER), tally_month(shuffled, "2026-11", LATER)
    assert one == other
    assert month_details(world, one) == month_details(shuffled, other) or len(
        {t.number for t in world}
    ) < len(world)


@thorough
@given(worlds)
def test_days_and_details_add_up_to_the_month(world: list[TicketFacts]) -> None:
    tally = tally_month(world, "2026-11", LATER)
    assert sum(opened for opened, _ in tally.days.values()) == tally.totals.opened
    assert sum(closed for _, closed in tally.days.values()) == tally.totals.closed
    assert all(1 <= day <= 30 for day, _ in tally.days)
    listed = tuple(Row(row.number, row.figures) for row in month_details(world, tally))
    assert added(listed) == tally.totals


@thorough
@given(worlds)
def test_a_month_that_is_over_does_not_change_with_what_comes_later(world: list[TicketFacts]) -> None:
    end = NOVEMBER[1]

    def then(each: TicketFacts) -> TicketFacts:
        """The ticket as its log stood at the month's end."""
        spans = [span for span in each.spans if span.opened_at < end]
        return each._replace(
            spans=tuple(s if s.closed_at is None or s.closed_at < end else Span(s.opened_at) for s in spans),
            resolutions=tuple(done for done in each.resolutions if done.at < end),
            scores=tuple(score for score in each.scores if score[0] < end),
            escalations=tuple(step for step in each.escalations if step[0] < end),
        )

    at_the_time = [then(each) for each in world if each.spans[0].opened_at < end]
    assert tally_month(world, "2026-11", LATER) == tally_month(at_the_time, "2026-11", end)


@thorough
@given(worlds, moments, st.integers(0, 3 * DAY))
def test_running_month_changes_with_events_and_not_with_the_clock(
    world: list[TicketFacts], now: Instant, later: int
) -> None:
    now = min(max(now, NOVEMBER[0]), NOVEMBER[1] - 1)
    later = min(now + later, NOVEMBER[1] - 1)
    if not any(now < at <= later for each in world for at in each.changes):
        assert tally_month(world, "2026-11", now) == tally_month(world, "2026-11", later)


# --- the check can fail ------------------------------------------------------------------------------------------


def test_ticket_closed_before_it_was_opened_stops_the_sheet_and_is_named() -> None:
    sound = ticket(Span(NOVEMBER[0] + HOUR), number="261101-02")
    wrong = ticket(Span(NOVEMBER[0] + DAY, NOVEMBER[0] - DAY, "signed"), number="261101-09")
    for month in ("2026-10", "2026-11"):
        with pytest.raises(Imbalance, match="261101-09") as caught:
            tally_month([sound, wrong], month, LATER)
        assert caught.value.numbers == ("261101-09",)
        assert "261101-02" not in str(caught.value)


def test_two_errors_that_would_cancel_out_are_both_named() -> None:
    gone = ticket(Span(NOVEMBER[0] + DAY, NOVEMBER[0] - DAY), number="261101-08")
    back = ticket(Span(OCTOBER[0], NOVEMBER[0] + DAY), Span(OCTOBER[0] + DAY), number="261101-07")
    with pytest.raises(Imbalance) as caught:
        tally_month([gone, back], "2026-11", LATER)
    assert caught.value.numbers == ("261101-07", "261101-08")


def test_many_wrong_tickets_are_counted_not_all_listed() -> None:
    wrong = [ticket(Span(NOVEMBER[0] + DAY, NOVEMBER[0] - DAY), number=f"2611-{n:03d}") for n in range(30)]
    with pytest.raises(Imbalance, match="等 30 件") as caught:
        tally_month(wrong, "2026-11", LATER)
    assert len(caught.value.numbers) == 30
    assert "2611-029" not in str(caught.value)


def test_rows_that_do_not_make_the_total_stop_the_sheet() -> None:
    sound = tally_month([ticket(Span(TEN))], "2026-11", LATER)
    with pytest.raises(Imbalance, match="doctor") as caught:
        tallies._check(sound._replace(totals=Figures(opened=2, still_open=2)), ())
    assert caught.value.numbers == ()


# --- where a figure begins and ends ------------------------------------------------------------------------------


def test_month_is_half_open_in_shanghai() -> None:
    start, end = NOVEMBER
    assert instant(datetime(2026, 11, 1)) == start
    assert november(ticket(Span(start))) == Figures(opened=1, still_open=1)
    assert november(ticket(Span(start - 1))) == Figures(carried_over=1, still_open=1)
    assert november(ticket(Span(start, end - 1))) == Figures(opened=1, closed=1)
    assert november(ticket(Span(start, end))) == Figures(opened=1, still_open=1)
    assert november(ticket(Span(end))) == Figures()


def test_reopened_counts_again_as_new_and_as_closed() -> None:
    spans = Span(NOVEMBER[0], NOVEMBER[0] + DAY), Span(NOVEMBER[0] + 2 * DAY, NOVEMBER[0] + 3 * DAY)
    assert november(ticket(*spans)) == Figures(opened=2, reopened=1, closed=2)


@pytest.mark.parametrize("ground", ["void", "merged"])
def test_mistakes_are_in_the_flow_and_nowhere_else(ground: str) -> None:
    at = NOVEMBER[0] + HOUR
    said = {
        "scores": ((at, 1),),
        "resolutions": (Resolution(at, False),),
        "escalations": ((at, 1, "breach"),),
        "kept": (at,),
    }
    assert november(ticket(Span(at, at + DAY, ground), **said)) == Figures(opened=1, closed=1, void=1)
    before = november(ticket(Span(at, NOVEMBER[1] + DAY, ground), **said))
    assert before == Figures(opened=1, still_open=1, late=1, dissatisfied=1, escalated=1, kept=1)


def test_stars_become_words() -> None:
    at = NOVEMBER[0] + HOUR
    scores = tuple((at + n, score) for n, score in enumerate((1, 2, 3, 4, 5, 5)))
    found = november(ticket(Span(at), scores=scores, signed=(at + DAY,)))
    assert (found.satisfied, found.fair, found.dissatisfied) == (4, 1, 2)


def test_resolution_without_a_target_is_neither_on_time_nor_late() -> None:
    at = NOVEMBER[0] + HOUR
    done = (Resolution(at, True), Resolution(at + 1, False), Resolution(at + 2, None))
    found = november(ticket(Span(at), resolutions=done))
    assert (found.on_time, found.late) == (1, 1)


def test_promise_still_to_come_is_not_broken_yet() -> None:
    story = Story().promise(4 * HOUR)
    found = [facts(story.ticket, story.policy, "")]
    assert tally_day(found, TEN + 4 * HOUR - 1).broken == 0
    assert tally_day(found, TEN + 4 * HOUR).broken == 1


def test_time_alone_breaks_no_promise_in_the_running_month_until_something_is_recorded() -> None:
    story = Story().promise(4 * HOUR)
    found = facts(story.ticket, story.policy, "")
    assert november(found, now=TEN + 5 * HOUR).broken == 0
    assert november(found, ticket(Span(TEN + 5 * HOUR)), now=TEN + 5 * HOUR).broken == 1


def test_day_counts_from_midnight_to_now_inclusive() -> None:
    found = [ticket(Span(TEN, TEN + HOUR, "satisfied")), ticket(Span(TEN - DAY), number="261121-01")]
    assert tally_day(found, TEN) == Figures(carried_over=1, opened=1, still_open=2)
    assert tally_day(found, TEN + HOUR) == Figures(carried_over=1, opened=1, closed=1, still_open=1)


def test_running_month_stands_at_its_newest_change() -> None:
    found = [ticket(Span(TEN)), ticket(Span(TEN - DAY, TEN + DAY, "signed"), number="261121-01")]
    tally = tally_month(found, "2026-11", TEN + HOUR)
    assert (tally.as_of, tally.cut, tally.last_day) == (TEN, TEN + 1, 22)
    assert tally.totals == Figures(opened=2, still_open=2)
    over = tally_month(found, "2026-11", NOVEMBER[1])
    assert (over.as_of, over.cut, over.last_day) == (NOVEMBER[1], NOVEMBER[1], 30)


def test_month_without_any_ticket() -> None:
    tally = tally_month([], "2026-11", TEN)
    assert (tally.totals, tally.categories, tally.as_of, tally.last_day) == (Figures(), (), NOVEMBER[0], 1)


@pytest.mark.parametrize("month", ["2026-12", "2027-01"])
def test_month_to_come_is_refused(month: str) -> None:
    with pytest.raises(BadInput, match="还没有到"):
        tally_month([], month, TEN)


@pytest.mark.parametrize("month", ["", "2026-13", "202611", "2026-1", "十一月"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(BadInput, match="不是年月"):
        tally_month([], month, TEN)


def test_kinds_can_be_chosen() -> None:
    found = [ticket(Span(TEN), kind="complaint"), ticket(Span(TEN), number="261122-02", kind="repair")]
    tally = tally_month(found, "2026-11", LATER, kinds=["complaint"])
    assert [row.name for row in tally.kinds] == ["complaint"]
    assert tally.totals.opened == 1
    assert [row.kind for row in month_details(found, tally)] == ["complaint"]


def test_groups_stand_in_the_order_of_the_terms_with_the_unnamed_last() -> None:
    made = [("help", "web", ""), ("repair", "phone", "工程部"), ("complaint", "wechat", "保洁部")]
    found = [
        ticket(Span(TEN), number=f"261122-0{n}", kind=kind, channel=channel, department=department)
        for n, (kind, channel, department) in enumerate(made)
    ]
    tally = tally_month(found, "2026-11", LATER)
    assert [row.name for row in tally.kinds] == ["repair", "complaint", "help"]
    assert [row.name for row in tally.channels] == ["phone", "wechat", "web"]
    assert [row.name for row in tally.departments] == ["保洁部", "工程部", ""]


# --- the tickets behind the numbers ------------------------------------------------------------------------------


def test_details_show_the_ticket_as_it_stood_at_the_months_end() -> None:
    end = NOVEMBER[1]
    late = ticket(
        Span(TEN, end + DAY, "satisfied"),
        resolutions=(Resolution(end - HOUR, True), Resolution(end + HOUR, False)),
        scores=((end - 2 * HOUR, 2), (end + HOUR, 5)),
        escalations=((TEN, 1, "manual"), (end + 1, 2, "breach")),
    )
    (row,) = month_details([late], tally_month([late], "2026-11", LATER))
    assert (row.state, row.closed_at, row.resolved_at, row.score, row.level) == (
        "open",
        None,
        end - HOUR,
        2,
        1,
    )
    (row,) = month_details([late], tally_month([late], "2026-12", LATER))
    assert (row.state, row.closed_at, row.ground, row.score, row.level) == (
        "closed",
        end + DAY,
        "satisfied",
        5,
        2,
    )


def test_details_leave_out_what_has_no_share_in_the_month() -> None:
    old = ticket(Span(OCTOBER[0], OCTOBER[0] + DAY, "satisfied"))
    assert month_details([old], tally_month([old], "2026-11", LATER)) == []


def test_details_put_the_tickets_of_a_number_side_by_side() -> None:
    start = NOVEMBER[0]
    spans = {
        "4": Span(start - DAY),
        "1": Span(start - DAY, start + DAY, "satisfied"),
        "3": Span(start + HOUR),
        "2": Span(start + HOUR, start + DAY, "void"),
    }
    found = [ticket(span, number=number) for number, span in spans.items()]
    rows = month_details(found, tally_month(found, "2026-11", LATER))
    assert [row.number for row in rows] == ["1", "2", "3", "4"]
    assert [row.state for row in rows] == ["closed", "void", "open", "open"]


def test_every_figure_is_explained() -> None:
    assert tuple(FIGURES) == Figures._fields
    assert len({meaning.label for meaning in FIGURES.values()}) == len(FIGURES)
    assert all(meaning.text.endswith("。") for meaning in FIGURES.values())
