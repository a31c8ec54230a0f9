"""Unsent notices stand first, and only what failed is sent again."""

from __future__ import annotations

import pytest

from frontdesk.domain.errors import Refused
from frontdesk.store import notices
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
    assert (desk.notices.list()[0].state, desk.notices.list()[0].error) == ("queued", "")
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
