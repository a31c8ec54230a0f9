"""The outbox leaves the house: once where all goes well, at least once whatever happens, never in a flood."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, dead, later
from frontdesk.desk import Desk
from frontdesk.desk.delivery import BACK_OFF, LEASE, deliver, pause
from frontdesk.domain.enclosure import HTML, PNG, Enclosure
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.store.notices import Claimed, NoticeDraft, Notices, Settled, post
from tests import services
from tests.builders import NAME, PHONE, TEN, UNIT, House
from tests.services import HANG, Reply, Request, Service, ok

CARD, PAGE = (
    Enclosure("2026-11-22.png", PNG, b"\x89PNG card"),
    Enclosure("2026-11-22.html", HTML, b"<p>x</p>"),
)


def fine(_request: Request) -> Reply:
    return ok({"errcode": 0})


def full(_request: Request) -> Reply:
    return 503, b"", {}


def gone(_request: Request) -> Reply:
    return ok({"errcode": 300005, "errmsg": "token is not exist"})


@pytest.fixture
def robot() -> Iterator[Service]:
    with services.service(fine) as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Service]:
    """A second endpoint, a webhook."""
    with services.service(fine) as made:
        yield made


def notify(robot: Service, mailbox: Service | None = None, **routes: list[str]) -> dict[str, Any]:
    endpoints: dict[str, Any] = {
        "值班群": {"kind": "dingtalk", "base": robot.url, "token": "群", "seconds": 1}
    }
    if mailbox is not None:
        endpoints["总台"] = {"kind": "json", "url": f"{mailbox.url}/in", "seconds": 1}
    return {"endpoints": endpoints, "routes": routes or {"*": ["值班群"]}}


def desk_with(house: House, table: dict[str, Any]) -> Desk:
    """A desk whose config.toml has this `[notify]`."""
    desk = house.desk()
    desk._access.settings = desk.settings._replace(notify=table)
    desk.notices.keep_secret("群", "made-up-token")
    return desk


def put(desk: Desk, body: str = "【派单】261122-01 查修", **facts: Any) -> None:
    with desk._access.db.write() as conn:
        ticket = facts.pop("ticket_id", None)
        post(
            conn,
            facts.pop("at", desk.now()),
            NoticeDraft("dispatched", "工程部", body)._replace(**facts),
            ticket,
        )


def states(desk: Desk) -> list[tuple[str, int]]:
    return [(n.state, n.tries) for n in sorted(desk.notices.list())]


def text(request: Request) -> str:
    found: str = request.json["text"]["content"]
    return found


def test_what_is_due_is_sent_once_with_its_number(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    case = house.open(desk).dispatch().escalate()
    assert len(deliver(desk._access, desk.now())) == 2
    assert deliver(desk._access, desk.now() + HOUR) == []
    assert states(desk) == [("sent", 1), ("sent", 1)]
    assert all(case.number in text(got) and "云栖苑 · 通知" in text(got) for got in robot.got)
    sent = desk.notices.list()[0].json()
    assert sent["sent_at"] == "2026-11-22T10:00:00+08:00" and sent["state_label"] == "已发"


def test_mails_at_midnight_wait_for_the_morning(house: House, robot: Service) -> None:
    """Quiet hours are written into the notice (zammad #4432): nothing leaves before its time."""
    desk = desk_with(house, notify(robot))
    put(desk, not_before=TEN + HOUR)
    assert deliver(desk._access, TEN + HOUR - 1) == [] and robot.got == []
    assert len(deliver(desk._access, TEN + HOUR)) == 1


def test_an_urgent_one_leaves_first(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    put(desk, "先写的", at=TEN - HOUR)
    put(desk, "着火了", urgent=True)
    deliver(desk._access, TEN)
    assert ["着火了" in text(got) for got in robot.got] == [True, False]


def test_a_service_that_is_down_is_asked_once_a_round_and_nobodys_tries_are_used_up(
    house: House, robot: Service
) -> None:
    desk = desk_with(house, notify(robot))
    robot.answers = full
    for _ in range(3):
        put(desk)
    lines = deliver(desk._access, TEN)
    assert len(robot.got) == 1 and len(lines) == 3
    assert all("待发" in line and "秒后再试" in line and "503" in line for line in lines)
    assert sorted(states(desk)) == [("queued", 0), ("queued", 0), ("queued", 1)]
    robot.answers = fine
    deliver(desk._access, TEN + HOUR)
    assert {state for state, _ in states(desk)} == {"sent"}


def test_a_message_that_a_service_chokes_on_does_not_take_the_others_with_it(
    house: House, robot: Service
) -> None:
    desk = desk_with(house, notify(robot) | {"tries": 3})
    robot.answers = lambda got: full(got) if "毒" in text(got) else fine(got)
    put(desk, "毒")
    for place in range(4):
        put(desk, f"第 {place} 条")
    for turn in range(6):
        deliver(desk._access, TEN + turn * HOUR)
    assert states(desk) == [("failed", 3)] + [("sent", 1)] * 4


def test_tries_come_later_and_later(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    robot.answers = full
    put(desk)
    at, waits = TEN, []
    for _ in range(7):
        deliver(desk._access, at)
        due = desk.notices.list()[0].next_at
        assert due is not None and deliver(desk._access, due - 1) == []
        waits.append(due - at)
        at = due
    assert waits == sorted(waits)
    assert all(0.8 * step - 1 <= wait <= 1.2 * step + 1 for step, wait in zip(BACK_OFF, waits, strict=True))


def test_a_round_ends_in_time_for_the_clocks_to_be_swept(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    for _ in range(3):
        put(desk)
    assert deliver(desk._access, TEN, patience=0) == []
    assert len(deliver(desk._access, TEN, limit=2)) == 2 and len(deliver(desk._access, TEN)) == 1


def test_given_up_after_the_policys_number_of_tries_and_sent_again_on_demand(
    house: House, robot: Service
) -> None:
    desk = desk_with(house, notify(robot) | {"tries": 3})
    robot.answers = full
    put(desk)
    for turn in range(5):
        deliver(desk._access, TEN + turn * HOUR)
    (dead,) = desk.notices.list()
    assert (dead.state, dead.tries, dead.next_at) == ("failed", 3, None)
    assert "值班群" in dead.error and "HTTP 503" in dead.error
    assert desk.notices.failed() == 1 and desk.notices.list(stuck=True) == (dead,)
    robot.answers = fine
    assert desk.notices.retry_all() == 1
    deliver(desk._access, TEN + 9 * HOUR)
    assert states(desk) == [("sent", 1)] and desk.notices.failed() == 0


def test_refused_for_good_is_dead_at_once(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    robot.answers = gone
    put(desk)
    (line,) = deliver(desk._access, TEN)
    assert states(desk) == [("failed", 1)] and "access_token" in line
    assert "made-up-token" not in line + desk.notices.list()[0].error


def test_a_recipient_without_a_route_waits_for_one(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot, 客服主任=["值班群"]))
    put(desk)
    (line,) = deliver(desk._access, TEN)
    (lost,) = desk.notices.list(stuck=True)
    assert (lost.state, lost.next_at, lost.label) == ("unrouted", None, "没有去向")
    assert "工程部" in lost.error and "notify.routes" in line
    assert deliver(desk._access, TEN + HOUR) == [], "not retried for ever"
    desk._access.settings = desk.settings._replace(notify=notify(robot))
    desk.notices.retry(lost.id)
    deliver(desk._access, TEN)
    assert [state for state, _ in states(desk)] == ["sent"] and len(robot.got) == 1


def test_a_step_taken_back_takes_its_unrouted_notice_back(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot, 客服主任=["值班群"]))
    case = house.open(desk).dispatch()
    deliver(desk._access, desk.now())
    case.undo()
    assert [n.state for n in desk.notices.list()] == ["withdrawn"]


def test_a_slip_in_the_settings_is_told_and_keeps_everything_queued(house: House, robot: Service) -> None:
    desk = desk_with(house, {"endpoints": {"群": {"kind": "dingding"}}})
    put(desk)
    (line,) = deliver(desk._access, TEN)
    assert "notify.endpoints.群.kind" in line and states(desk) == [("queued", 0)]
    with pytest.raises(BadInput, match=r"notify\.endpoints\.群\.kind"):
        desk.notices.send()


def test_a_secret_that_is_not_kept_yet_is_named(house: House, robot: Service) -> None:
    table = notify(robot)
    table["endpoints"]["值班群"]["token"] = "忘了存"
    desk = desk_with(house, table)
    put(desk)
    (line,) = deliver(desk._access, TEN)
    assert "frontdesk notice secret 忘了存" in line and robot.got == []
    assert states(desk) == [("queued", 1)], "there is time to keep it"


def test_a_secret_of_another_desk_is_told_for_what_it_is(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    (path,) = desk.settings.secrets.iterdir()
    path.write_bytes(b"\0" * 60)
    put(desk)
    (line,) = deliver(desk._access, TEN)
    assert "密钥不对" in line and robot.got == [] and states(desk) == [("queued", 1)]


def test_of_two_ways_only_the_one_that_failed_is_tried_again(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = desk_with(house, notify(robot, mailbox, 工程部=["值班群", "总台"]))
    robot.answers = full
    put(desk)
    deliver(desk._access, TEN)
    robot.answers = fine
    deliver(desk._access, TEN + HOUR)
    assert (len(robot.got), len(mailbox.got)) == (2, 1)
    assert states(desk) == [("sent", 2)]


def test_a_step_of_which_one_way_has_told_somebody_cannot_be_taken_back(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = desk_with(house, notify(robot, mailbox, 工程部=["值班群", "总台"]))
    robot.answers = full
    case = house.open(desk).dispatch()
    deliver(desk._access, desk.now())
    assert [n.state for n in desk.notices.list()] == ["queued"] and len(mailbox.got) == 1
    with pytest.raises(Refused):
        case.undo()


def test_a_way_that_refuses_for_good_does_not_hide_behind_the_other(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = desk_with(house, notify(robot, mailbox, 工程部=["值班群", "总台"]))
    robot.answers = gone
    put(desk)
    deliver(desk._access, TEN)
    assert states(desk) == [("failed", 1)] and len(mailbox.got) == 1
    robot.answers = fine
    desk.notices.retry_all()
    deliver(desk._access, TEN)
    assert states(desk) == [("sent", 1)] and len(mailbox.got) == 1, "who has it already is spared"


def test_frappe_2967_floods_of_alerts_become_one_message(
    house: House, robot: Service, mailbox: Service
) -> None:
    """frappe #2967: a night off is caught up with one digest, every notice of it marked as sent."""
    desk = desk_with(house, notify(robot, mailbox, 工程部=["值班群"], 客服主任=["总台"]))
    cases = [house.open(desk).dispatch() for _ in range(7)]
    put(desk, "【突发】着火了", urgent=True)
    put(desk, "【上移】只有一条", recipient="客服主任")
    put(desk, "明天的", not_before=TEN + 24 * HOUR)
    lines = deliver(desk._access, desk.now() + HOUR)
    assert len(lines) == 3 and len(robot.got) == 2 and len(mailbox.got) == 1
    urgent, digest = map(text, robot.got)
    assert "着火了" in urgent and "汇总" not in urgent
    assert "工程部 有 7 条通知" in digest and "派单 7 件" in digest
    assert all(case.number in digest for case in cases)
    assert sorted(states(desk)) == [("queued", 0)] + [("sent", 1)] * 9


def test_the_summary_and_the_morning_view_arrive_whole_beside_a_flood(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    for place in range(6):
        put(desk, f"第 {place} 条", recipient="group", audience="group")
        if place == 3:
            for kind, words in (("summary", "## 当日汇总\n未结 3 件"), ("morning", "晨报：夜里两件")):
                put(desk, words, recipient="group", audience="group", kind=kind)
    assert len(deliver(desk._access, TEN)) == 3
    told = [got.json.get("markdown", got.json.get("text")) for got in robot.got]
    said = [each.get("text") or each["content"] for each in told]
    assert any("未结 3 件" in each for each in said) and any("夜里两件" in each for each in said)
    assert sum("group 有 6 条通知" in each for each in said) == 1
    assert states(desk) == [("sent", 1)] * 8


def test_five_are_not_yet_a_flood(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    for place in range(5):
        put(desk, f"第 {place} 条")
    assert len(deliver(desk._access, TEN)) == len(robot.got) == 5


def test_a_digest_that_fails_is_tried_again_and_only_the_worn_ones_are_given_up(
    house: House, robot: Service
) -> None:
    desk = desk_with(house, notify(robot) | {"tries": 2})
    robot.answers = full
    put(desk, "老的")
    deliver(desk._access, TEN)
    for place in range(6):
        put(desk, f"第 {place} 条")
    deliver(desk._access, TEN + HOUR)
    assert sorted(states(desk)) == [("failed", 2)] + [("queued", 1)] * 6
    robot.answers = fine
    deliver(desk._access, TEN + 2 * HOUR)
    assert len(robot.got) == 3 and [state for state, _ in states(desk)] == ["failed"] + ["sent"] * 6


def test_a_claim_that_ran_out_is_taken_over_in_the_same_words(house: House, mailbox: Service) -> None:
    """A process died after sending: what comes twice can be recognised by its key, digests too."""
    desk = desk_with(house, notify(mailbox, mailbox, 工程部=["总台"]))
    outbox = Notices(desk._access.db)
    for place in range(6):
        put(desk, f"第 {place} 条")
    assert len(outbox.claim(TEN, TEN + LEASE)) == 6
    put(desk, "后来的")
    deliver(desk._access, TEN + LEASE - 1)
    assert len(mailbox.got) == 1, "while the claim holds only the newcomer is sent"
    deliver(desk._access, TEN + LEASE)
    first = mailbox.got[-1].headers["Idempotency-Key"]
    with desk._access.db.write() as conn:
        conn.execute(
            "UPDATE notice SET state = 'sending', next_at = ? WHERE body <> '后来的'", (TEN + 2 * LEASE,)
        )
    put(desk, "又来的", not_before=TEN + 3 * LEASE)
    deliver(desk._access, TEN + 3 * LEASE)
    keys = [got.headers["Idempotency-Key"] for got in mailbox.got[-2:]]
    assert first in keys and len(set(keys)) == 2


def test_whoever_lost_the_claim_records_nothing_but_a_success(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    outbox = Notices(desk._access.db)
    put(desk)
    slow = outbox.claim(TEN, TEN + LEASE)
    quick = outbox.claim(TEN + LEASE, TEN + 2 * LEASE)
    assert [c.id for c in slow] == [c.id for c in quick]
    outbox.settle(slow, TEN + LEASE, Settled("failed", "太慢"))
    assert states(desk) == [("sending", 2)]
    outbox.settle(quick, TEN + LEASE, Settled("queued", "忙", TEN + HOUR))
    outbox.settle(slow, TEN + LEASE, Settled("sent"))
    assert states(desk) == [("sent", 2)], "it has arrived, so it is not sent once more"


def test_a_notice_that_kills_whoever_sends_it_is_given_up(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot) | {"tries": 2})
    put(desk)
    outbox = Notices(desk._access.db)
    for turn in range(2):
        assert outbox.claim(TEN + turn * LEASE, TEN + (turn + 1) * LEASE)
    (line,) = deliver(desk._access, TEN + 2 * LEASE)
    assert "打断" in line and robot.got == [] and states(desk) == [("failed", 3)]


def test_eight_deliverers_at_once_send_everything_once(
    house: House, robot: Service, mailbox: Service
) -> None:
    table = notify(robot, mailbox, 工程部=["总台"])
    desk = desk_with(house, table)
    for place in range(40):
        put(desk, f"第 {place:02} 条", urgent=True)
    start = threading.Barrier(8)

    def work(_who: int) -> int:
        mine = desk_with(house, table)
        start.wait()
        told = deliver(mine._access, TEN)
        mine.close()
        return len(told)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 40
    assert len({got.json["text"] for got in mailbox.got}) == len(mailbox.got) == 40
    assert states(desk) == [("sent", 1)] * 40


def test_a_robot_is_never_sent_so_much_that_it_goes_deaf_and_the_urgent_have_room(
    house: House, robot: Service
) -> None:
    """DingTalk throttles a robot for ten minutes after the twentieth message of a minute."""
    desk = desk_with(house, notify(robot))
    for department in ("工程部", "安保部", "保洁部", "客服部"):
        for place in range(5):
            put(desk, f"{department} {place}", recipient=department)
    deliver(desk._access, TEN)
    assert len(robot.got) == 12 and sorted(states(desk)) == [("queued", 0)] * 8 + [("sent", 1)] * 12
    for place in range(10):
        put(desk, f"着火 {place}", urgent=True)
    deliver(desk._access, TEN)
    assert len(robot.got) == 19 and all("着火" in text(got) for got in robot.got[12:])
    waiting = [n for n in desk.notices.list() if n.state == "queued"]
    assert len(waiting) == 11 and all("够多" in n.error and n.tries == 0 for n in waiting)


def test_sending_happens_outside_of_any_transaction(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    put(desk)
    other = house.desk()
    seen: list[int] = []

    def answers(_request: Request) -> Reply:
        house.open(other)
        seen.append(len(other.board().rows))
        other.close()
        return ok({"errcode": 0})

    robot.answers = answers
    deliver(desk._access, TEN)
    assert seen == [1] and states(desk) == [("sent", 1)]


def test_a_hanging_service_does_not_hold_up_the_others(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = desk_with(house, notify(robot, mailbox, 工程部=["值班群"], 客服主任=["总台"]))
    robot.answers = lambda _request: (HANG, b"", {})
    for _ in range(4):
        put(desk)
    put(desk, recipient="客服主任")
    deliver(desk._access, TEN)
    assert (len(robot.got), len(mailbox.got)) == (1, 1)


def test_what_a_library_throws_is_logged_and_tried_again(
    house: House, robot: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(house, notify(robot))
    put(desk)

    def broken(*_words: object) -> None:
        raise ZeroDivisionError("made-up-token")

    monkeypatch.setattr("frontdesk.channels.notify.robots.dingtalk", broken)
    (line,) = deliver(desk._access, TEN)
    log = (house.home / "logs" / "faults.log").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in log and log.split()[1] in line
    assert "made-up-token" not in log + line and states(desk) == [("queued", 1)]


# What is imported writes no notices of its own, so that these are the only ones.
OWNER_ROUTE: dict[str, Any] = {
    "endpoints": {
        "短信": {"kind": "aliyun", "key_id": "id", "secret": "群", "sign": "云栖物业", "template": "SMS_1"}
    },
    "routes": {"owner": ["短信"]},
}


@pytest.mark.parametrize(
    ("table", "facts", "why"),
    [
        ({}, {}, "没有配置业主短信"),
        (OWNER_ROUTE, {"phone": ""}, "没有留手机号"),
        (OWNER_ROUTE, {"phone": "0755-83214321"}, "不是手机号"),
    ],
)
def test_an_owner_who_cannot_be_reached_is_not_waited_for(
    house: House, table: dict[str, Any], facts: dict[str, str], why: str
) -> None:
    desk = desk_with(house, table)
    case = house.open(desk, imported=True, **facts)
    put(desk, audience="owner", recipient="业主", ticket_id=case.view.id)
    put(desk, audience="owner", recipient="业主")
    deliver(desk._access, TEN)
    first, second = sorted(desk.notices.list())
    assert (first.state, second.state) == ("withdrawn", "withdrawn") and why in first.error
    assert "没有" in second.error and desk.notices.failed() == 0


def test_a_number_that_cannot_be_unsealed_is_a_failure_that_is_seen(house: House) -> None:
    desk = desk_with(house, OWNER_ROUTE)
    ticket = house.open(desk, imported=True).view.id
    put(desk, audience="owner", recipient="业主", ticket_id=ticket)
    with desk._access.db.write() as conn:
        conn.execute("UPDATE event SET sealed = zeroblob(40) WHERE ticket_id = ?", (ticket,))
    deliver(desk._access, TEN)
    (notice,) = desk.notices.list(stuck=True)
    assert notice.state == "failed" and "无法解开" in notice.error


def test_an_owner_is_never_reached_by_what_stands_for_everybody(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    put(desk, audience="owner", recipient="业主", ticket_id=house.open(desk, imported=True).view.id)
    deliver(desk._access, TEN)
    assert robot.got == [] and states(desk)[-1][0] == "withdrawn"


def test_an_owners_number_goes_to_the_short_message_and_nowhere_else(house: House) -> None:
    """The number is unsealed for the sending alone, and no file, line or list holds it afterwards."""
    desk = desk_with(house, OWNER_ROUTE)
    case = house.open(desk, imported=True)
    put(desk, f"您的报修 {case.number} 已受理", audience="owner", recipient="业主", ticket_id=case.view.id)
    with services.service(
        lambda _r: ok({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": f"{PHONE} bad"})
    ) as sms:
        desk._access.settings = desk.settings._replace(notify=with_base(sms))
        lines = deliver(desk._access, TEN)
    assert PHONE in sms.got[0].path + sms.got[0].body.decode()
    (notice,) = desk.notices.list()
    assert notice.state == "failed"
    for place in (repr(lines), repr(notice), repr(desk.notices)):
        assert PHONE not in place
    leaked = [
        path for path in house.home.rglob("*") if path.is_file() and PHONE.encode() in path.read_bytes()
    ]
    assert leaked == []


def test_no_owner_is_woken_by_a_second_try(house: House) -> None:
    """zammad #4432 by the back door: a try that failed in the evening waits for the morning, an emergency does not."""
    desk = desk_with(house, OWNER_ROUTE)
    ticket = house.open(desk, imported=True).view.id
    put(desk, audience="owner", recipient="业主", ticket_id=ticket)
    morning = TEN + 9 * HOUR
    (line,) = deliver(desk._access, TEN, awake=lambda at: max(at, morning))
    assert "免打扰" in line and states(desk) == [("queued", 0)]
    assert desk.notices.list()[0].next_at == morning
    put(desk, audience="owner", recipient="业主", ticket_id=ticket, urgent=True)
    with services.service(lambda _request: ok({"Code": "OK"})) as sms:
        desk._access.settings = desk.settings._replace(notify=with_base(sms))
        deliver(desk._access, TEN, awake=lambda at: max(at, morning))
        assert len(sms.got) == 1
        deliver(desk._access, morning, awake=lambda at: max(at, morning))
    assert states(desk) == [("sent", 1)] * 2


def with_base(sms: Service) -> dict[str, Any]:
    one = {**OWNER_ROUTE["endpoints"]["短信"], "base": sms.url}
    return {**OWNER_ROUTE, "endpoints": {"短信": one}}


def wecom_desk(house: House, robot: Service, mailbox: Service | None = None) -> Desk:
    """A desk whose group is told by a WeCom robot, and by a webhook after it where there is one."""
    endpoints: dict[str, Any] = {"值班群": {"kind": "wecom", "base": robot.url, "token": "群", "seconds": 1}}
    if mailbox is not None:
        endpoints["总台"] = {"kind": "json", "url": f"{mailbox.url}/in", "seconds": 1}
    return desk_with(house, {"endpoints": endpoints, "routes": {"group": [*endpoints]}})


def put_summary(desk: Desk) -> None:
    body = "## 每日汇总 云栖苑 2026-11-22\n**未闭环 2 件**"
    put(desk, body, kind="summary", recipient="group", audience="group", enclosures=(CARD, PAGE))


def forms(service: Service) -> list[str]:
    return [got.json["msgtype"] for got in service.got]


def kept(desk: Desk) -> int:
    with desk._access.db.read() as conn:
        return int(conn.execute("SELECT count(*) FROM enclosure").fetchone()[0])


def test_the_picture_follows_the_words_and_both_are_gone_from_the_outbox(
    house: House, robot: Service
) -> None:
    desk = wecom_desk(house, robot)
    put_summary(desk)
    (line,) = deliver(desk._access, TEN)
    assert line.endswith("已发") and forms(robot) == ["markdown", "image"]
    assert base64.b64decode(robot.got[1].json["image"]["base64"]) == CARD.data
    assert states(desk) == [("sent", 1)] and kept(desk) == 0


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (ok({"errcode": 40058, "errmsg": "bad"}), "40058"),
        (ok({"errcode": 45009, "errmsg": "freq"}), "限流"),
        ((503, b"", {}), "HTTP 503"),
        ((HANG, b"", {}), "没有回应"),
        ((200, b"<html>", {}), "答非所问"),
    ],
    ids=["refused", "throttled", "down", "hanging", "gateway"],
)
def test_words_that_are_out_are_sent_whatever_becomes_of_the_picture(
    house: House, robot: Service, reply: Reply, why: str
) -> None:
    desk = wecom_desk(house, robot)
    put_summary(desk)
    robot.answers = lambda request: fine(request) if request.json["msgtype"] == "markdown" else reply
    (line,) = deliver(desk._access, TEN)
    assert deliver(desk._access, TEN + HOUR) == [] and forms(robot) == ["markdown", "image"]
    (notice,) = desk.notices.list()
    assert notice.state == "sent" and kept(desk) == 0
    assert notice.error.startswith("值班群：文字已发，图片没有发出：") and why in notice.error
    assert notice.error in line


def test_words_and_picture_share_the_seconds_of_one_sending(
    house: House, robot: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a claim would run out under a sending that goes well, and the words would go twice."""
    monkeypatch.setattr("frontdesk.desk.delivery.LIMIT", 0.5)
    desk = wecom_desk(house, robot)
    desk.settings.notify["endpoints"]["值班群"]["seconds"] = 20
    put_summary(desk)
    robot.answers = lambda request: (
        fine(request) if request.json["msgtype"] == "markdown" else (HANG, b"", {})
    )
    begun = time.monotonic()
    deliver(desk._access, TEN)
    assert time.monotonic() - begun < 10
    (notice,) = desk.notices.list()
    assert notice.state == "sent" and notice.error.endswith("秒内没有发完")


def test_a_picture_that_breaks_the_sender_is_logged_and_the_words_stay_sent(
    house: House, robot: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = wecom_desk(house, robot)
    put_summary(desk)

    def broken(*_words: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("frontdesk.channels.notify.robots.wecom_picture", broken)
    deliver(desk._access, TEN)
    (notice,) = desk.notices.list()
    log = (house.home / "logs" / "faults.log").read_text(encoding="utf-8")
    assert notice.state == "sent" and log.split()[1] in notice.error and "ZeroDivisionError" in log


def test_words_that_are_not_out_bring_no_picture_and_both_are_tried_again(
    house: House, robot: Service
) -> None:
    desk = wecom_desk(house, robot)
    put_summary(desk)
    robot.answers = full
    deliver(desk._access, TEN)
    assert forms(robot) == ["markdown"] and states(desk) == [("queued", 1)] and kept(desk) == 2
    robot.answers = fine
    deliver(desk._access, TEN + HOUR)
    assert forms(robot) == ["markdown", "markdown", "image"] and kept(desk) == 0


def test_a_group_that_has_it_gets_no_second_picture_for_the_sake_of_another(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = wecom_desk(house, robot, mailbox)
    put_summary(desk)
    mailbox.answers = full
    deliver(desk._access, TEN)
    mailbox.answers = fine
    deliver(desk._access, TEN + HOUR)
    assert forms(robot) == ["markdown", "image"] and len(mailbox.got) == 2
    assert states(desk) == [("sent", 2)] and kept(desk) == 0


def test_what_was_said_of_one_way_stays_beside_what_is_said_of_the_next(
    house: House, robot: Service, mailbox: Service
) -> None:
    desk = wecom_desk(house, robot, mailbox)
    table = {**desk.settings.notify, "tries": 2}
    desk._access.settings = desk.settings._replace(notify=table)
    put_summary(desk)
    robot.answers = lambda request: fine(request) if request.json["msgtype"] == "markdown" else full(request)
    mailbox.answers = full

    def after(seconds: int) -> tuple[str, str]:
        deliver(desk._access, TEN + seconds)
        (notice,) = desk.notices.list()
        return notice.state, notice.error

    down = "对方暂时不能受理（HTTP 503）"
    lacking = f"值班群：文字已发，图片没有发出：{down}"
    assert after(0) == ("queued", f"{lacking}；总台：{down}")
    assert after(HOUR) == ("failed", f"{lacking}；总台：{down}"), "not twice either"
    desk.notices.retry_all()
    mailbox.answers = fine
    assert after(2 * HOUR) == ("sent", lacking)


def test_a_picture_counts_as_one_of_the_messages_that_a_robot_takes_in_a_minute(
    house: House, robot: Service
) -> None:
    desk = wecom_desk(house, robot)
    for place in range(18):
        put(desk, f"着火 {place}", recipient="group", audience="group", urgent=True)
    put(
        desk,
        "## 每日汇总 x",
        kind="summary",
        recipient="group",
        urgent=True,
        audience="group",
        enclosures=(CARD,),
    )
    deliver(desk._access, TEN)
    assert "image" not in forms(robot) and len(robot.got) == 19
    (notice,) = [n for n in desk.notices.list() if n.kind == "summary"]
    assert notice.state == "sent" and "够多" in notice.error


def test_the_summary_is_called_by_its_name(house: House, mailbox: Service) -> None:
    desk = desk_with(house, notify(mailbox, mailbox, group=["总台"]))
    put_summary(desk)
    deliver(desk._access, TEN)
    assert mailbox.got[0].json["title"] == "【每日汇总】云栖苑"


def test_what_goes_out_holds_nobodys_name_unit_or_number(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    house.open(desk, text=f"电梯停了，我是{UNIT}，电话 {PHONE}").dispatch().escalate()
    deliver(desk._access, desk.now())
    sent = b"".join(got.body for got in robot.got).decode()
    assert PHONE not in sent and NAME not in sent


def test_a_test_message_is_sent_for_real_and_a_refusal_is_told(house: House, robot: Service) -> None:
    desk = desk_with(house, notify(robot))
    assert "已发出" in desk.notices.test("值班群") and "测试" in text(robot.got[0])
    robot.answers = gone
    with pytest.raises(Refused, match="access_token"):
        desk.notices.test("值班群")
    with pytest.raises(Refused, match="已配置的有 值班群"):
        desk.notices.test("没有的")
    desk._access.settings = desk.settings._replace(notify=OWNER_ROUTE)
    with pytest.raises(BadInput, match="--phone"):
        desk.notices.test("短信")


def test_an_auditor_sends_nothing_and_an_agent_keeps_no_secret(house: House, robot: Service) -> None:
    house.desk()
    auditor, agent = house.desk("shen", "auditor"), house.desk("wang", "agent")
    for step in (auditor.notices.send, auditor.notices.retry_all, lambda: auditor.notices.retry(1)):
        with pytest.raises(Refused):
            step()
    with pytest.raises(Refused):
        agent.notices.keep_secret("群", "x")
    with pytest.raises(Refused):
        agent.notices.test("值班群")


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_whatever_the_services_answer_nothing_is_lost_and_nothing_that_was_taken_is_sent_again(
    furnished: House, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    desk = desk_with(furnished.copy(tmp_path_factory.mktemp("any") / "home"), ANY)
    for place in range(data.draw(st.integers(1, 12))):
        facts = {
            "recipient": data.draw(st.sampled_from(["工程部", "安保部"])),
            "urgent": data.draw(st.booleans()),
        }
        put(desk, f"【派单】第 {place:02} 条", **facts)
    taken: list[tuple[str, int]] = []

    def answer(_access: object, endpoint: Endpoint, message: Message) -> Outcome:
        outcome = data.draw(st.sampled_from([SENT, SENT, later("忙"), dead("不要")]))
        if outcome.ok:
            ids = re.findall("通知([0-9]+)", message.body) or [message.key.rpartition("-")[2]]
            taken.extend((endpoint.name, int(number)) for number in ids)
        return outcome

    at = TEN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("frontdesk.desk.delivery._sent", answer)
        while deliver(desk._access, at):
            at += 2 * HOUR
    assert len(taken) == len(set(taken)), "who has it is not told again"
    for notice in desk.notices.list(-1):
        has = {name for name, number in taken if number == notice.id}
        assert notice.next_at is None and 1 <= notice.tries <= 4
        assert notice.state == ("sent" if has == {"一", "二"} else "failed")
        assert bool(notice.error) == (notice.state == "failed")
    desk.close()


ANY: dict[str, Any] = {
    "tries": 4,
    "endpoints": {name: {"kind": "json", "url": "http://127.0.0.1:1/"} for name in ("一", "二")},
    "routes": {"*": ["一", "二"]},
}


@given(st.text(max_size=30), st.integers(1, 60))
def test_the_pause_is_the_same_every_time_and_near_its_step(key: str, tries: int) -> None:
    step = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    assert pause(key, tries) == pause(key, tries)
    assert 0.8 * step - 1 <= pause(key, tries) <= 1.2 * step + 1


def test_pauses_of_many_are_spread() -> None:
    assert len({pause(f"k-{n}", 4) for n in range(200)}) > 50
    assert Claimed._fields[-1] == "until" and LEASE > 2 * MINUTE
