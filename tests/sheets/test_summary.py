"""The daily summary: what is open and who follows it, red first; the same for people and for machines."""

from __future__ import annotations

import json

from frontdesk.domain.facts import Unclosed, unclosed
from frontdesk.domain.tallies import Figures
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from frontdesk.sheets.summary import DaySummary, summary_json, summary_text
from tests.builders import TEN, Story

USUAL = Unclosed(
    number="261122-01",
    title="电梯停了",
    unit="···04",
    category="工程维修-电梯",
    priority="normal",
    status="in_progress",
    sla="on_track",
    due_at=TEN + DAY,
    next_step="明日10:00 前 办结（剩 1天）",
    department="工程部",
    follower="lin",
)
RED = USUAL._replace(
    number="261120-05",
    sla="breached",
    due_at=TEN - HOUR,
    title="漏水",
    follower="wang",
    next_step="催办",
)
NEAR = USUAL._replace(number="261122-02", sla="at_risk", due_at=TEN + HOUR, title="占车位", follower="wang")
URGENT = RED._replace(number="261122-09", priority="urgent", due_at=TEN - MINUTE, title="有人困在电梯")
FIGURES = Figures(opened=12, reopened=1, closed=9, kept=3, broken=1)


def day(*tickets: Unclosed) -> DaySummary:
    return DaySummary("云栖苑", TEN, FIGURES, tickets)


def test_head_says_the_day_in_two_lines() -> None:
    lines = summary_text(day()).split("\n")
    assert lines == [
        "【每日汇总】云栖苑　2026-11-22 周日　截至 10:00",
        "当日受理 12 件（重开 1），关闭 9 件；承诺兑现 3 次，失约 1 次。",
        "没有未闭环的工单。",
    ]


def test_every_unclosed_ticket_stands_under_who_follows_it_red_first() -> None:
    text = summary_text(day(USUAL, NEAR, RED, URGENT))
    assert "未闭环 4 件：超时 2，临期 1，时限内 1。" in text
    tail = text.split("\n\n")[1:]
    assert [part.split("\n")[0] for part in tail] == ["wang（3 件，超时 2 件）：", "lin（1 件）："]
    assert [line.split(" ···")[0] for line in tail[0].split("\n")[1:]] == [
        "  [超时] 261122-09",
        "  [超时] 261120-05",
        "  [临期] 261122-02",
    ]
    assert "  [超时] 261122-09 ···04 有人困在电梯（处理中，工程部，紧急）催办" in text
    assert "  [时限内] 261122-01 ···04 电梯停了（处理中，工程部）明日10:00 前 办结（剩 1天）" in text


def test_order_of_the_tickets_given_is_irrelevant() -> None:
    tickets = (USUAL, NEAR, RED, URGENT)
    assert summary_text(day(*tickets)) == summary_text(day(*tickets[::-1]))


def test_nobody_following_is_said() -> None:
    assert "无人跟进（1 件）：" in summary_text(day(USUAL._replace(follower="")))


def test_waiting_escalations_and_promises_come_before_the_list() -> None:
    waiting = USUAL._replace(escalated_to="客服主任", escalated_at=TEN - 25 * MINUTE, level=1)
    owed = NEAR._replace(
        promises=((TEN - HOUR, "回电告知"), (TEN + 22 * HOUR, "送配件"), (TEN + 3 * DAY, "完工"))
    )
    text = summary_text(day(waiting, owed))
    assert "上移未确认：\n  261122-01 电梯停了：09:35 上移至客服主任，已等 25分钟\n" in text
    assert (
        "承诺待兑现（至明日）：\n  09:00 261122-02 回电告知（wang，已过 1小时）\n  明日08:00 261122-02 送配件（wang）\n"
        in text
    )
    assert "完工" not in text
    assert text.index("上移未确认") < text.index("承诺待兑现") < text.index("wang（1 件）")


def test_short_message_says_how_many_it_leaves_out() -> None:
    text = summary_text(day(USUAL, NEAR, RED, URGENT), most=2)
    assert text.count("  [") == 2
    assert "  另有 1 件\n\nlin（1 件）：\n  另有 1 件" in text
    assert "未闭环 4 件" in text


def test_text_of_others_cannot_drive_the_terminal_or_fake_a_line() -> None:
    text = summary_text(day(USUAL._replace(title="电梯\x1b[2J\n停了", follower="lin\n假（9 件）：")))
    assert "\x1b" not in text
    assert "电梯 停了" in text
    assert "\n假（9 件）" not in text


def test_real_ticket_goes_all_the_way() -> None:
    story = Story().go("dispatch", "escalate").promise(4 * HOUR).after(DAY)
    line = unclosed(story.ticket, story.policy, "···04", story.now)
    text = summary_text(DaySummary("云栖苑", story.now, Figures(), (line,)))
    assert "[超时] 261122-01 ···04 电梯停了（已派单，工程部）" in text
    assert "昨日10:00 上移至客服主任，已等 1天" in text


def test_json_says_the_same_with_identifiers_and_labels() -> None:
    found = summary_json(day(USUAL._replace(promises=((TEN + HOUR, "回电"),)), RED))
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found
    assert (found["date"], found["now"]) == ("2026-11-22", "2026-11-22T10:00:00+08:00")
    assert (found["opened"], found["closed"], found["promises_kept"], found["promises_broken"]) == (
        12,
        9,
        3,
        1,
    )
    assert found["counts"] == {"unclosed": 2, "breached": 1, "at_risk": 0, "on_track": 1, "paused": 0}
    assert found["followers"] == [
        {"follower": "wang", "count": 1, "breached": 1},
        {"follower": "lin", "count": 1, "breached": 0},
    ]
    assert [each["number"] for each in found["unclosed"]] == ["261120-05", "261122-01"]
    first = found["unclosed"][0]
    assert (first["sla"], first["sla_label"], first["status_label"]) == ("breached", "超时", "处理中")
    assert first["due_at"] == "2026-11-22T09:00:00+08:00"
    assert found["promises"] == [
        {"ticket": "261122-01", "due_at": "2026-11-22T11:00:00+08:00", "words": "回电", "follower": "lin"}
    ]
    assert found["unacknowledged"] == []
