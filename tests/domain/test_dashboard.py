"""Today in figures: what each number counts, and that the numbers add up (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.board import FACES, NEVER, BoardRow
from frontdesk.domain.dashboard import RANG, REST, Dashboard, Pledge, Ringing, days, hours, pledges
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, day_start
from tests.builders import TEN, Story

MIDNIGHT = day_start(TEN)


def row(number: int, **facts: Any) -> BoardRow:
    """An open ticket as the board has it."""
    plain = BoardRow(
        number, f"261122-{number:02d}", "repair", "工程维修-电梯", "normal", "new", "working", "resolution",
        TEN + DAY, TEN + DAY - HOUR, 0, "电梯停了", None, "lin", TEN - HOUR,
    )  # fmt: skip
    return plain._replace(**facts)


def board(rows: Sequence[BoardRow], promises: tuple[Pledge, ...] = ()) -> Dashboard:
    """A dashboard of these tickets."""
    by_hour = hours(MIDNIGHT, TEN, [0] * 24, [0] * 24, ())
    trend = days(MIDNIGHT, [(0, 0)], len(rows))
    return Dashboard(TEN, rows, by_hour, trend, promises, {"lin": "小林"}, lambda _sealed: "")


def test_a_state_is_coloured_for_any_later_minute_without_reading_again() -> None:
    found = board([row(1, due_at=TEN + 20 * MINUTE, risk_at=TEN + 10 * MINUTE)])

    def state(now: Instant) -> list[tuple[str, int, int]]:
        return [(each.key, each.size, each.late) for each in found.states(now) if each.size]

    assert state(TEN) == [("working", 1, 0)]
    assert state(TEN + 10 * MINUTE) == [("at_risk", 1, 0)]
    assert state(TEN + 20 * MINUTE) == [("breached", 1, 1)]
    assert [each.key for each in found.states(TEN)] == [key for key in FACES if key != "closed"]


rows = st.lists(
    st.builds(
        lambda number, category, owner, base, due: row(
            number, category=category, case_owner=owner, base=base, due_at=TEN + due, risk_at=TEN + due - 60
        ),
        st.integers(1, 10**6),
        st.sampled_from(["工程维修-电梯", "收费-物业费", "违建装修", "清洁绿化-垃圾", ""]),
        st.sampled_from(["lin", "wang", ""]),
        st.sampled_from([key for key in FACES if key not in ("closed", "breached", "at_risk")]),
        st.integers(-DAY, DAY) | st.just(NEVER - TEN),
    ),
    max_size=40,
    unique_by=lambda each: each.id,
)


@given(rows, st.integers(1, 6), st.integers(-DAY, DAY))
def test_every_share_of_what_is_open_adds_up_to_all_of_it_and_lists_its_own_tickets(
    open_rows: list[BoardRow], most: int, later: int
) -> None:
    found, now = board(open_rows), TEN + later
    late = sum(now >= each.due_at for each in open_rows)
    for topic, shares in (
        ("state", found.states(now)),
        ("category", found.categories(now, most)),
        ("owner", found.owners(now, most)),
    ):
        assert sum(share.size for share in shares) == len(open_rows)
        assert sum(share.late for share in shares) == late
        assert topic == "state" or len(shares) <= most
        listed = [each.id for share in shares for each in found.chosen(topic, share.key, now, most)]
        assert sorted(listed) == sorted(each.id for each in open_rows)
        for share in shares:
            assert len(found.chosen(topic, share.key, now, most)) == share.size


def test_the_rest_stands_last_and_says_how_many_lines_it_is() -> None:
    names = ["工程维修-电梯"] * 3 + ["收费-物业费"] * 2 + ["违建装修", "业委会与公示", ""]
    found = board([row(place, category=name) for place, name in enumerate(names, 1)])
    shares = [(each.key, each.label, each.size) for each in found.categories(TEN, 3)]
    assert shares == [
        ("工程维修-电梯", "工程维修-电梯", 3),
        ("收费-物业费", "收费-物业费", 2),
        (REST, "其余3类", 3),
    ]
    assert [each.label for each in found.categories(TEN, 5)][2:] == ["未分类", "业委会与公示", "违建装修"]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40), st.integers(0, 500)
)
def test_each_day_carries_what_the_day_before_carried_and_what_came_less_what_went(
    flow: list[tuple[int, int]], still_open: int
) -> None:
    trend = days(MIDNIGHT, flow, still_open)
    assert trend[-1].carried == still_open
    for before, after in pairwise(trend):
        assert after.carried == before.carried + after.opened - after.closed
        assert after.start == before.start + DAY


def test_a_call_is_answered_within_a_minute_missed_afterwards_and_neither_while_it_rings() -> None:
    ringing = Ringing(TEN, "ringing", None, False)
    assert ringing.outcome(TEN + RANG) == ""
    assert ringing.outcome(TEN + RANG + 1) == "missed"
    assert Ringing(TEN, "done", TEN + 8, True).outcome(TEN + DAY) == "answered"
    assert Ringing(TEN, "answered", TEN + RANG + 1, False).outcome(TEN + DAY) == "missed", "called back"
    assert Ringing(TEN, "missed", None, True).outcome(TEN + DAY) == "missed"
    assert Ringing(TEN, "done", None, True).outcome(TEN + DAY) == "missed", "seen to, not answered"
    assert Ringing(TEN, "ringing", None, True).outcome(TEN + DAY) == "answered", "written down by hand"


@given(st.lists(st.integers(0, DAY - 1), max_size=30))
def test_the_hours_hold_every_call_once(calls: list[int]) -> None:
    found = hours(
        MIDNIGHT,
        TEN,
        list(range(24)),
        [0] * 24,
        [Ringing(MIDNIGHT + at, "missed", None, False) for at in calls],
    )
    assert sum(each.missed for each in found) == len(calls)
    assert [each.start for each in found] == [MIDNIGHT + place * HOUR for place in range(24)]
    dashboard = board([])
    total = Dashboard(TEN, [], found, dashboard.days, (), {}, dashboard.unit_of).total
    assert (total.opened, total.missed) == (sum(range(24)), len(calls))


def test_a_promise_is_owed_until_it_is_due_then_broken_unless_it_was_kept_or_let_go_before() -> None:
    due = TEN + HOUR
    assert Pledge(1, due, None, None).state(due - 1) == "owed"
    assert Pledge(1, due, None, None).state(due) == "broken"
    assert Pledge(1, due, due - 1, None).state(TEN) == "kept"
    assert Pledge(1, due, due, None).state(due + 1) == "broken"
    assert Pledge(1, due, None, due - 1).state(due + 1) == ""
    assert Pledge(1, due, None, due).state(due + 1) == "broken"


def test_only_what_falls_due_today_is_among_todays_promises() -> None:
    told = Story().promise(due_in=2 * HOUR).after(60).promise(due_in=20 * HOUR)
    ticket = told.ticket
    (today,) = pledges(7, ticket.promises, ticket.ended_at, MIDNIGHT)
    assert (today.ticket_id, today.due_at, today.kept_at) == (7, TEN + 2 * HOUR, TEN + 60)
    (tomorrow,) = pledges(7, ticket.promises, ticket.ended_at, MIDNIGHT + DAY)
    assert tomorrow.state(TEN) == "owed"


def test_a_completion_date_replaced_before_it_fell_due_counts_neither_way() -> None:
    told = (
        Story().promise(due_in=2 * HOUR, completion=True).after(60).promise(due_in=3 * HOUR, completion=True)
    )
    first, second = pledges(7, told.ticket.promises, None, MIDNIGHT)
    assert (first.state(TEN + DAY), second.state(TEN + DAY)) == ("", "broken")
    found = board([], (first, second))
    assert [(share.key, share.size) for share in found.pledged(TEN + DAY)] == [
        ("kept", 0),
        ("broken", 1),
        ("owed", 0),
    ]
