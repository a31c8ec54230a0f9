"""The day's summary at a real desk: the quick way and the whole way agree, and the group hears each only once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from typing import Any

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.daily import Daily
from frontdesk.domain.enclosure import Enclosure
from frontdesk.domain.errors import DeskError, Refused
from frontdesk.domain.privacy import Masks
from frontdesk.domain.timing import DAY, HOUR, MINUTE, day_start
from frontdesk.sheets.summary import DaySummary, summary_json
from tests.builders import NAME, PHONE, TEN, UNIT, Case, House

STEPS = (
    *(
        "dispatch",
        "accept",
        "arrive",
        "progress",
        "promise",
        "pause",
        "resume",
        "resolve",
        "follow_up",
        "low",
    ),
    *("decline", "close", "reopen", "escalate", "acknowledge", "transfer", "void", "undo", "note", "later"),
)


def wander(house: House, seed: int, tickets: int = 12) -> Desk:
    """A desk after three days in which anything that is legal may have happened."""
    chance, desk = Random(seed), house.desk()
    house.desk("wang", "agent").close()
    house.desk("chen", "manager").close()
    boss = house.desk("chen")
    cases: list[Case] = []
    for _ in range(tickets):
        house.time.forward(chance.randrange(6 * HOUR))
        text = chance.choice(("有人被困在电梯里", "楼道灯不亮", "漏水", "保洁没来"))
        cases.append(house.open(desk, text=text))
        for _ in range(chance.randrange(14)):
            case = chance.choice(cases)
            house.time.forward(chance.randrange(90 * MINUTE))
            step = chance.choice(STEPS)
            try:
                if step == "low":
                    case.follow_up(chance.choice((1, 2)), "没修好")
                elif step == "acknowledge":
                    case.at(boss).acknowledge()
                elif step == "later":
                    house.time.forward(DAY)
                else:
                    case.go(step)
            except DeskError:
                pass  # not legal now; another step is tried
            case.at(desk)
    return desk


def plain(day: DaySummary) -> dict[str, Any]:
    """The day without the order in which its tickets were read."""
    return summary_json(day)


@pytest.mark.parametrize("seed", range(6))
def test_the_cache_and_the_whole_logs_tell_the_same_day(house: House, seed: int) -> None:
    desk = wander(house, seed)
    daily = Daily(desk._access)
    quick = daily.summary(None, outside=False)
    whole = daily._then(house.time.now, desk._access.masks)
    assert plain(quick) == plain(whole)
    assert quick.figures == whole.figures


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_what_the_raw_events_say(house: House, seed: int) -> None:
    desk = wander(house, seed)
    found, start = desk.reports.summary(), day_start(house.time.now)
    with closing(sqlite3.connect(house.settings().database)) as conn:
        # Events that a later `undone` took back, ticket by ticket, from the log alone.
        conn.execute(
            "CREATE TEMP VIEW live AS SELECT e.* FROM event e WHERE NOT EXISTS (SELECT 1 FROM event u, "
            "json_each(u.data, '$.seqs') s WHERE u.ticket_id = e.ticket_id AND u.kind = 'undone' AND s.value = e.seq)"
        )
        conn.execute(
            "CREATE TEMP VIEW gone AS SELECT DISTINCT ticket_id FROM live WHERE kind IN ('voided', 'merged')"
        )

        def one(sql: str) -> int:
            return int(conn.execute(sql, {"start": start}).fetchone()[0])

        opened = one("SELECT count(*) FROM live WHERE kind = 'opened' AND at >= :start")
        reopened = one(
            "SELECT count(*) FROM live r WHERE kind = 'reopened' AND at >= :start AND (SELECT max(seq) FROM live c "
            "WHERE c.ticket_id = r.ticket_id AND c.seq < r.seq AND c.kind = 'closed') > coalesce((SELECT max(seq) "
            "FROM live b WHERE b.ticket_id = r.ticket_id AND b.seq < r.seq AND b.kind = 'reopened'), 0)"
        )
        closed = one(
            "SELECT count(*) FROM live WHERE kind IN ('closed', 'voided', 'merged') AND at >= :start"
        )
        escalated = one(
            "SELECT count(*) FROM live WHERE kind = 'escalated' AND at >= :start "
            "AND ticket_id NOT IN (SELECT ticket_id FROM gone)"
        )
        stars = conn.execute(
            "SELECT json_extract(data, '$.score') FROM live WHERE kind = 'followed_up' AND at >= ? "
            "AND ticket_id NOT IN (SELECT ticket_id FROM gone) ORDER BY 1",
            (start,),
        ).fetchall()
        still = one(
            "SELECT count(*) FROM (SELECT ticket_id, max(CASE WHEN kind IN ('opened', 'reopened') THEN seq END) o, "
            "max(CASE WHEN kind IN ('closed', 'voided', 'merged') THEN seq END) c FROM live GROUP BY ticket_id) "
            "WHERE c IS NULL OR o > c"
        )
    f = found.figures
    assert (f.opened, f.reopened, f.closed, f.escalated) == (opened + reopened, reopened, closed, escalated)
    assert found.stars == tuple(row[0] for row in stars)
    assert len(found.tickets) == f.still_open == still
    assert f.carried_over + f.opened == f.closed + f.still_open


def test_a_past_day_is_told_as_it_stood_at_its_end(house: House) -> None:
    case = house.open(text="楼道灯不亮").go("dispatch")
    before = plain(house.desk().reports.summary())
    yesterday = house.time.now
    house.time.forward(DAY)
    case.go("accept", "resolve", "follow_up", "close")
    assert house.desk().reports.summary().tickets == ()
    again = plain(house.desk().reports.summary(yesterday))
    assert again == before


def test_an_emergency_that_is_over_keeps_its_flat(house: House) -> None:
    desk = house.desk()
    case = house.open(desk, text="楼道里有人晕倒了").go("dispatch")
    while_open = desk.reports.summary()
    case.go("resolve", "follow_up", "close")
    (before,), (after,) = while_open.emergencies, desk.reports.summary().emergencies
    assert before.open and not after.open
    assert after.unit == before.unit != ""


def test_closed_history_is_never_read(house: House) -> None:
    desk = house.desk()
    with desk._access.db.read() as conn:
        from frontdesk.store import days

        for sql, values in (
            (days._LINES, ()),
            (days._TELLING, (TEN,)),
            (days._THEN, (TEN, TEN, TEN)),
        ):
            plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            assert plan and not [line for line in plan if line.startswith("SCAN ") and "USING" not in line], (
                plan
            )


def test_what_leaves_the_house_is_masked_for_everybody(house: House) -> None:
    desk = house.desk()  # an admin, who sees whole units inside
    house.open(desk)
    desk.calls.ring(PHONE)
    house.time.forward(2 * MINUTE)
    assert desk.reports.summary().tickets[0].unit == UNIT
    outside = desk.reports.summary(outside=True)
    assert outside.tickets[0].unit == Masks().unit(UNIT) != UNIT
    assert [ring.phone for ring in outside.calls.unreturned] == ["199****4821"]
    desk.reports.send_summary()
    (body,) = (n.body for n in desk.notices.list() if n.kind == "summary")
    assert not any(word in body for word in (UNIT, PHONE, NAME))


def with_group(desk: Desk, kind: str) -> None:
    """The group is reached by an endpoint of that kind."""
    facts = {"smtp": {"host": "127.0.0.1", "from": "a@b.c", "to": ["d@e.f"]}}.get(kind, {"token": "群"})
    table = {"endpoints": {"群": {"kind": kind, **facts}}, "routes": {"group": ["群"]}}
    desk._access.settings = desk.settings._replace(notify=table)


def enclosed(desk: Desk) -> list[Enclosure]:
    with desk._access.db.read() as conn:
        rows = conn.execute("SELECT name, media, data FROM enclosure ORDER BY notice_id, name").fetchall()
    return [Enclosure._make(row) for row in rows]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[DaySummary]:
    """The days of which a picture was asked for; no font is needed."""
    asked: list[DaySummary] = []

    def draw(day: DaySummary) -> bytes:
        asked.append(day)
        return b"\x89PNG"

    monkeypatch.setattr("frontdesk.sheets.summary_card.summary_png", draw)
    return asked


def test_the_page_and_the_picture_are_made_of_what_is_masked(house: House, drawn: list[DaySummary]) -> None:
    desk = house.desk()
    with_group(desk, "smtp")
    house.open(desk, text="楼道灯不亮")
    desk.calls.ring(PHONE)
    house.time.forward(2 * MINUTE)
    assert desk.reports.send_summary() == (1, True, "")
    assert drawn == [desk.reports.summary(outside=True)]
    page, card = enclosed(desk)
    assert (page.name, page.media) == ("2026-11-22.html", "text/html")
    assert (card.name, card.media, card.data) == ("2026-11-22.png", "image/png", b"\x89PNG")
    text = page.data.decode()
    assert "2026-11-22" in text and "楼道灯不亮" in text and Masks().unit(UNIT) in text
    assert not any(word in text for word in (UNIT, PHONE, NAME))


def test_a_past_days_forms_bear_that_day(house: House, drawn: list[DaySummary]) -> None:
    desk = house.desk()
    with_group(desk, "wecom")
    house.open(desk)
    house.time.forward(2 * DAY)
    desk.reports.send_summary(desk.reports.end_of_day(TEN))
    assert [each.name for each in enclosed(desk)] == ["2026-11-22.html", "2026-11-22.png"]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", None])
def test_where_nobody_is_shown_more_than_words_nothing_is_drawn(
    house: House, drawn: list[DaySummary], kind: str | None
) -> None:
    desk = house.desk()
    if kind is not None:
        with_group(desk, kind)
    assert desk.reports.send_summary() == (1, True, "")
    assert drawn == [] and enclosed(desk) == []


def test_a_slip_in_the_routes_takes_nothing_from_the_summary(house: House, drawn: list[DaySummary]) -> None:
    desk = house.desk()
    desk._access.settings = desk.settings._replace(notify={"routes": {"group": ["没有的"]}})
    assert desk.reports.send_summary().new and len(enclosed(desk)) == 2


@pytest.mark.parametrize("error", [Refused("没有中文字体"), ZeroDivisionError(PHONE)])
def test_a_picture_that_cannot_be_drawn_stops_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_day: DaySummary) -> bytes:
        raise error

    monkeypatch.setattr("frontdesk.sheets.summary_card.summary_png", fail)
    desk = house.desk()
    with_group(desk, "smtp")
    sending = desk.reports.send_summary()
    assert sending.new and [each.name for each in enclosed(desk)] == ["2026-11-22.html"]
    assert PHONE not in sending.lacking
    if isinstance(error, Refused):
        assert sending.lacking == "没有中文字体"
    else:
        log = (house.home / "logs" / "faults.log").read_text(encoding="utf-8")
        assert log.split()[1] in sending.lacking and "ZeroDivisionError" in log


def test_the_group_hears_the_same_day_once_and_a_changed_one_as_another_edition(house: House) -> None:
    desk = house.desk()
    house.open(desk)
    assert desk.reports.send_summary()[:2] == (1, True)
    house.time.forward(MINUTE)
    assert desk.reports.send_summary()[:2] == (1, False), "only the minute in the head has changed"
    house.open(desk, text="楼道灯不亮")
    assert desk.reports.send_summary()[:2] == (2, True)
    assert desk.reports.send_summary()[:2] == (2, False)
    house.time.forward(DAY)
    assert desk.reports.send_summary()[:2] == (1, True), "another day counts anew"
    with closing(sqlite3.connect(house.settings().database)) as conn:
        rows = conn.execute(
            "SELECT key, kind, audience, recipient, state FROM notice WHERE kind = 'summary' ORDER BY id"
        ).fetchall()
        bodies = [
            row[0] for row in conn.execute("SELECT body FROM notice WHERE kind = 'summary' ORDER BY id")
        ]
    assert [row[0] for row in rows] == [
        "summary:2026-11-22:1",
        "summary:2026-11-22:2",
        "summary:2026-11-23:1",
    ]
    assert {row[1:] for row in rows} == {("summary", "group", "group", "queued")}
    assert "版" not in bodies[0].split("\n")[0] and bodies[1].split("\n")[0].endswith("第 2 版")


def test_an_auditor_sends_nothing(house: House) -> None:
    house.desk().close()
    with pytest.raises(Refused, match="审计"):
        house.desk("zheng", "auditor").reports.send_summary()
