"""What owners are told by a short message: accepted, agreed, dispatched, done, rating; masked, and not by night."""

from __future__ import annotations

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.timing import HOUR
from tests.builders import NAME, PHONE, TEN, UNIT, House

NIGHT, EIGHT = TEN + 12 * HOUR, TEN + 22 * HOUR


def reaching(house: House) -> Desk:
    """A desk that has a road to owners."""
    desk = house.desk()
    desk._access.settings = desk.settings._replace(notify={"routes": {"owner": "短信"}})
    return desk


def told(desk: Desk) -> list[tuple[str, str, int]]:
    """(kind, words, when it may leave) of what owners are told, in order."""
    with desk._access.db.read() as conn:
        return conn.execute(
            "SELECT kind, body, next_at FROM notice WHERE audience = 'owner' ORDER BY id"
        ).fetchall()


def test_an_owner_hears_from_acceptance_to_the_rating(house: House) -> None:
    desk = reaching(house)
    case = house.open(desk, text="电梯按键失灵").go("promise", "dispatch", "accept", "resolve")
    case.desk.tickets.close(case.number, "signed", "当面签字满意")
    found = told(desk)
    assert [kind for kind, _, _ in found] == ["opened", "promised", "dispatched", "resolved", "closed"]
    assert all(words.startswith("【云栖苑】") and case.number in words for _, words, _ in found)
    assert "明日10:00 前告知您进展" in found[0][1] and "14:00 前给您回复" in found[1][1]
    assert "工程部" in found[2][1] and "1 到 5 星" in found[4][1]
    assert not any(secret in str(found) for secret in (NAME, PHONE, UNIT))


def test_who_was_asked_in_the_follow_up_is_not_asked_again(house: House) -> None:
    desk = reaching(house)
    house.open(desk).go("dispatch", "accept", "resolve", "follow_up", "close")
    assert "星" not in told(desk)[-1][1]


def test_by_night_it_waits_for_the_morning_and_an_emergency_does_not(house: House) -> None:
    desk = reaching(house)
    house.time.now = NIGHT
    house.open(desk)
    house.open(desk, text="电梯困人", priority="urgent")
    assert [when for _, _, when in told(desk)] == [EIGHT, NIGHT]


@pytest.mark.parametrize(
    "facts", [{"anonymous": True}, {"sensitive": True}, {"phone": ""}, {"imported": True}], ids=str
)
def test_who_is_not_to_be_reached_is_not_written_to(house: House, facts: dict[str, object]) -> None:
    desk = reaching(house)
    house.open(desk, **facts).dispatch()
    kinds = [kind for kind, _, _ in told(desk)]
    assert kinds == (["dispatched"] if "imported" in facts else [])


def test_after_declining_nobody_is_asked_for_anything(house: House) -> None:
    desk = reaching(house)
    case = house.open(desk).go("dispatch", "accept", "resolve", "decline")
    before = told(desk)
    desk.tickets.reopen(case.number, "又停了")
    assert told(desk) == before


def test_without_a_road_to_owners_nothing_is_written(house: House) -> None:
    desk = house.desk()
    house.open(desk).dispatch()
    assert told(desk) == []
