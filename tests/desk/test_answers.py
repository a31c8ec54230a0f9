"""Saying «接» by the link in a message or by a sentence in the group (DESIGN §6)."""

from __future__ import annotations

import pytest

from frontdesk.desk.answers import Answers
from frontdesk.domain.errors import Refused
from frontdesk.domain.timing import DAY
from tests.builders import NAME, PHONE, UNIT, Case, House


def up(house: House) -> tuple[Case, int, str]:
    """A ticket handed up, the event's number and the link's secret."""
    case = house.open().escalate()
    seq = case.view.events[-1].seq
    return case, seq, Answers(case.desk._access).link(case.number, seq).rsplit("/", 1)[1]


def test_the_link_shows_what_is_asked_and_nothing_of_the_owner(house: House) -> None:
    case, seq, token = up(house)
    asked = case.desk.answers.question(case.number, seq, token)
    assert (asked.to, asked.reason, asked.answered_by) == ("客服主任", "业主要求上级处理", "")
    assert not any(secret in str(asked) for secret in (NAME, PHONE, UNIT))


def test_the_answer_is_an_acknowledgement_by_the_rung(house: House) -> None:
    case, seq, token = up(house)
    assert (
        case.desk.answers.take(case.number, seq, token, "陈主任") == f"{case.number} 已由您接手，前台已看到。"
    )
    event = case.view.events[-1]
    assert (event.kind, event.by, event.note) == (
        "acknowledged",
        "客服主任",
        "通过消息里的链接确认（陈主任）",
    )
    again = case.desk.answers.take(case.number, seq, token)
    assert again.startswith(f"{case.number} 已由客服主任在 ")
    assert case.desk.examine() == []


@pytest.mark.parametrize("wrong", ["", "a" * 26, "接" * 26])
def test_a_link_that_was_not_made_here_is_refused(house: House, wrong: str) -> None:
    case, seq, token = up(house)
    for place in ((case.number, seq, wrong), (case.number, seq + 1, token), ("261122-99", seq, token)):
        with pytest.raises(Refused, match="不是本前台发出的"):
            case.desk.answers.take(*place)
    assert case.view.unacknowledged == "客服主任"


def test_a_link_of_an_escalation_that_was_taken_back_asks_for_nothing(house: House) -> None:
    case, seq, token = up(house)
    case.undo()
    with pytest.raises(Refused, match="已经撤销"):
        case.desk.answers.question(case.number, seq, token)


def test_the_message_carries_the_link_where_there_is_an_address(house: House) -> None:
    case = house.open()
    access = case.desk._access
    access.settings = access.settings._replace(answers_url="https://desk.example.cn/")
    case.escalate()
    (notice,) = case.desk.notices.list()
    seq = case.view.events[-1].seq
    assert f"https://desk.example.cn{case.desk.answers.link(case.number, seq)}" in notice.body


@pytest.mark.parametrize("words", ["接 {}", "@前台 接单：{}", "我接{}", "收到 {} 马上到"])
def test_a_colleague_of_rank_answers_in_the_group(house: House, words: str) -> None:
    case, _, _ = up(house)
    house.desk("chen", "supervisor")
    assert case.desk.answers.said(words.format(case.number), "chen", "陈") == f"{case.number} 已由chen接手。"
    assert case.view.unacknowledged == "" and case.view.events[-1].by == "chen"


def test_strangers_and_receptionists_are_told_why_not(house: House) -> None:
    case, _, _ = up(house)
    house.desk("wang", "agent")
    answers = case.desk.answers
    assert "还没有登记" in answers.said(f"接 {case.number}", "nobody", "路人")
    assert "需要" in answers.said(f"接 {case.number}", "wang", "wang")
    assert "例如" in answers.said("好的", "wang", "wang")
    assert "没有工单" in answers.said("接 991231-77", "wang", "wang")
    assert case.view.unacknowledged == "客服主任"


def test_what_time_has_sent_up_is_answered_the_same_way(house: House) -> None:
    case = house.open().after(DAY)
    case.desk.sweep()
    seq = case.view.events[-1].seq
    token = case.desk.answers.link(case.number, seq).rsplit("/", 1)[1]
    case.desk.answers.take(case.number, seq, token)
    assert case.view.unacknowledged == ""
