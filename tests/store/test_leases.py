"""A lease is held by one at a time, and by nobody for longer than it says."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.store.leases import take
from tests.builders import TEN, House

NAMES = itertools.count()


def test_the_holder_renews_and_others_wait_for_its_end(house: House) -> None:
    db = house.desk()._access.db
    assert take(db, "watch", "a", TEN, 60) and take(db, "watch", "a", TEN + 40, 60)
    assert not take(db, "watch", "b", TEN + 99, 60)
    assert take(db, "watch", "b", TEN + 100, 60) and not take(db, "watch", "a", TEN + 101, 60)
    assert take(db, "digest", "a", TEN, 60), "another lease is another matter"


def test_whoever_does_not_get_it_or_need_not_renew_writes_nothing(house: House) -> None:
    db = house.desk()._access.db
    take(db, "watch", "a", TEN, 60)
    seen = house.desk()._access.db.changes()
    take(db, "watch", "b", TEN + 1, 60)
    take(db, "watch", "a", TEN + 1, 60)
    assert not seen.wait(0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 90)), max_size=20))
def test_no_two_ever_hold_it_at_once(house: House, steps: list[tuple[str, int]]) -> None:
    db, now, name = house.desk()._access.db, TEN, str(next(NAMES))
    holder, until = "", 0
    for who, wait in steps:
        now += wait
        may = until <= now or holder == who
        assert take(db, name, who, now, 60) == may
        if may and (holder != who or until - now <= 30):
            holder, until = who, now + 60
