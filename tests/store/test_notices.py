"""Unsent notices stand first, and only what failed is sent again."""

from __future__ import annotations

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.enclosure import HTML, PNG, Enclosure
from frontdesk.domain.errors import Refused
from frontdesk.store import notices
from frontdesk.store.days import Days
from frontdesk.store.notices import NoticeDraft, Settled
from tests.builders import TEN, House


def test_unsent_notices_stand_first_and_a_failed_one_can_be_queued_again(house: House) -> None:
    case = house.open().dispatch().escalate()
    desk = case.desk
    up, out = desk.notices.list()
    assert [(n.kind, n.to, n.state, n.ticket) for n in (up, out)] == [
        ("escalated", "客服主任", "queued", case.number),
        ("dispatched", "工程部", "queued", case.number),
    ]
    with desk._access.db.write() as conn:
        conn.execute(
            "UPDATE notice SET state = 'failed', error = '连不上', next_at = NULL WHERE id = ?", (out.id,)
        )
        conn.execute("UPDATE notice SET state = 'sent', next_at = NULL WHERE id = ?", (up.id,))
    assert [n.id for n in desk.notices.list()] == [out.id, up.id]
    desk.notices.retry(out.id)
    assert (desk.notices.list()[0].state, desk.notices.list()[0].error) == ("queued", "连不上")
    for wrong in (up.id, out.id, 99):
        with pytest.raises(Refused):
            desk.notices.retry(wrong)


def test_a_notice_says_what_to_do_and_nobodys_number(house: House) -> None:
    case = house.open(text="电梯停了，打我电话 19900004821").dispatch().escalate()
    for notice in case.desk.notices.list():
        assert case.number in notice.body and "19900004821" not in notice.body
    (up,) = [each for each in case.desk.notices.list() if each.to == "客服主任"]
    assert "请回复「接」" in up.body


def test_years_of_sent_notices_cost_nothing(house: House) -> None:
    """What is unsent, due or given up is found by indexes that hold nothing else."""
    db = house.desk()._access.db
    outbox = notices.Notices(db)
    asked: list[str] = []
    db.connection.set_trace_callback(asked.append)
    outbox.failed()
    outbox.list(stuck=True)
    outbox.list(5)
    outbox.due(TEN)
    outbox.claim(TEN, TEN + 1)
    db.connection.set_trace_callback(None)
    looked = [words for words in asked if words.startswith("SELECT")]
    assert len(looked) == 7
    for words in looked:
        plan = str(db.connection.execute(f"EXPLAIN QUERY PLAN {words}").fetchall())
        # The sent ones themselves are walked from the newest, as many as are shown.
        assert "ix_notice_" in plan or ("'SCAN n'" in plan and "'sent'" in words), (words, plan)


def test_sent_ones_fill_what_unsent_ones_leave(house: House) -> None:
    case = house.open().dispatch().escalate()
    desk = case.desk
    with desk._access.db.write() as conn:
        conn.execute("UPDATE notice SET state = 'sent', next_at = NULL WHERE id = 1")
    assert [n.id for n in desk.notices.list(1)] == [2] and [n.id for n in desk.notices.list(2)] == [2, 1]
    assert [n.id for n in desk.notices.list(-1)] == [2, 1] and desk.notices.list(stuck=True) == ()


PAGE, CARD = Enclosure("2026-11-22.html", HTML, b"<p>x</p>"), Enclosure("2026-11-22.png", PNG, b"\x89PNG")


def put(desk: Desk, key: str = "k") -> None:
    draft = NoticeDraft("summary", "group", "汇总", "group", key=key, enclosures=(CARD, PAGE))
    with desk._access.db.write() as conn:
        notices.post(conn, TEN, draft)


def kept(desk: Desk) -> list[tuple[int, str]]:
    """What lies in the table: (notice, name)."""
    with desk._access.db.read() as conn:
        return list(conn.execute("SELECT notice_id, name FROM enclosure ORDER BY notice_id, name"))


def test_what_goes_with_a_notice_is_written_with_it_and_only_once(house: House) -> None:
    desk = house.desk()
    put(desk)
    put(desk)
    outbox = notices.Notices(desk._access.db)
    assert outbox.enclosures(1) == (PAGE, CARD) and outbox.enclosures(2) == ()
    assert len(kept(desk)) == 2, "the one that was there already was not written again"
    with pytest.raises(ZeroDivisionError), desk._access.db.write() as conn:
        notices.post(conn, TEN, NoticeDraft("summary", "group", "汇总", enclosures=(PAGE,)))
        raise ZeroDivisionError
    assert len(kept(desk)) == 2 and len(desk.notices.list()) == 1, "both or neither"


@pytest.mark.parametrize(
    ("state", "left"), [("queued", 2), ("failed", 2), ("unrouted", 2), ("sent", 0), ("withdrawn", 0)]
)
def test_it_lies_there_until_nobody_can_send_it_any_more(house: House, state: str, left: int) -> None:
    desk = house.desk()
    put(desk)
    outbox = notices.Notices(desk._access.db)
    claimed = outbox.claim(TEN, TEN + 9)
    outbox.settle(claimed, TEN, Settled(state, next_at=TEN + 5 if state == "queued" else None))
    assert len(kept(desk)) == left and desk.examine() == []


def test_whoever_lost_the_claim_takes_nothing_away(house: House) -> None:
    desk = house.desk()
    put(desk)
    outbox = notices.Notices(desk._access.db)
    slow = outbox.claim(TEN, TEN + 9)
    outbox.claim(TEN + 9, TEN + 18)
    outbox.settle(slow, TEN + 9, Settled("withdrawn"))
    assert len(kept(desk)) == 2


def test_a_step_taken_back_takes_what_went_with_its_notice(house: House) -> None:
    case = house.open().dispatch()
    desk = case.desk
    with desk._access.db.write() as conn:
        conn.execute("INSERT INTO enclosure SELECT id, 'a.png', 'image/png', x'89' FROM notice")
    put(desk)
    assert len(kept(desk)) == 3
    case.undo()
    assert kept(desk) == [(2, PAGE.name), (2, CARD.name)]


def test_a_newer_summary_takes_the_place_of_those_that_nobody_got(house: House) -> None:
    desk = house.desk()
    days, outbox = Days(desk._access.db, desk._access.cipher), notices.Notices(desk._access.db)
    assert days.post_summary(TEN, "2026-11-21", "头", "昨天", (PAGE,)).new
    outbox.settle(outbox.claim(TEN, TEN + 9), TEN, Settled("unrouted"))
    assert not days.post_summary(TEN, "2026-11-21", "头", "昨天", (CARD,)).new
    assert kept(desk) == [(1, PAGE.name)], "what says the same changes nothing"
    assert days.post_summary(TEN, "2026-11-22", "头", "今天", (CARD,)).new
    assert days.post_summary(TEN, "2026-11-22", "头", "今天晚些", (CARD, PAGE)).edition == 2
    assert kept(desk) == [(2, CARD.name), (3, PAGE.name), (3, CARD.name)], "what waits is left alone"
