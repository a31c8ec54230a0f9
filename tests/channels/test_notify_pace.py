"""A robot's minute: never more than its service takes, and always room for what cannot wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.pace import PER_MINUTE, Pace


@given(
    st.sampled_from(sorted(PER_MINUTE)),
    st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=200),
)
def test_no_minute_holds_more_than_the_service_takes(kind: str, steps: list[tuple[float, bool]]) -> None:
    now = 0.0
    pace = Pace(lambda: now)
    left: list[float] = []
    for wait, urgent in steps:
        now += wait
        if pace.free("home", Endpoint("群", kind), urgent):
            left.append(now)
        elif urgent:
            assert len([at for at in left if at > now - 60]) == PER_MINUTE[kind] - 1
    for at in left:
        assert len([other for other in left if at <= other < at + 60]) < PER_MINUTE[kind]


def test_what_can_wait_never_fills_the_minute_and_robots_do_not_share_one() -> None:
    pace = Pace(lambda: 0.0)
    one, other = Endpoint("a", "wecom", token="a"), Endpoint("b", "wecom", token="b")
    assert sum(pace.free("home", one, urgent=False) for _ in range(50)) == 12
    assert sum(pace.free("home", one, urgent=True) for _ in range(50)) == 7
    assert pace.free("home", other, urgent=False) and pace.free("away", one, urgent=False)
    assert all(pace.free("home", Endpoint("c", "smtp"), urgent=False) for _ in range(500))
