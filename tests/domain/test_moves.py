"""Which step may follow which, and the Chinese reason where none may (DESIGN §4)."""

from __future__ import annotations

import re

import pytest

from frontdesk.domain import moves
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.terms import STATUSES
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import POLICY, ROADS, TEN, Story, at_status

WORK = {"new", "dispatched", "accepted", "in_progress"}
OPEN = WORK | {"paused", "resolved"}
HANDED_OUT = WORK - {"new"}
LEGAL: dict[str, set[str]] = {
    "note": OPEN | {"closed"},
    "correct": OPEN,
    "case": OPEN,
    "limit": OPEN,
    "facts": OPEN,
    "plan": WORK | {"paused"},
    "dispatch": WORK,
    "accept": HANDED_OUT,
    "arrive": HANDED_OUT,
    "progress": OPEN,
    "promise": WORK | {"paused"},
    "pause": WORK,
    "resume": {"paused"},
    "resolve": WORK,
    "follow_up": {"resolved"},
    "decline": {"resolved"},
    "close": {"resolved"},
    "reopen": {"resolved", "closed"},
    "escalate": OPEN,
    "acknowledge": OPEN,
    "transfer": OPEN,
    "evidence": OPEN | {"closed"},
    "call": OPEN | {"closed"},
    "merge": OPEN,
    "link": OPEN,
    "void": OPEN,
}
"""DESIGN §4, written down a second time on purpose."""

SATISFIED = {"close": "follow_up", "acknowledge": "escalate", "limit": "case", "facts": "case"}
"""What a move needs besides its status."""
PAIRS = [(status, move) for move in LEGAL for status in ROADS]


def test_the_table_knows_every_move() -> None:
    assert set(LEGAL) | {"undo"} == set(moves.VERBS)


@pytest.mark.parametrize("status, move", [pair for pair in PAIRS if pair[0] not in LEGAL[pair[1]]])
def test_an_illegal_move_is_refused_with_the_reason(status: str, move: str) -> None:
    story = at_status(Story(), status)
    with pytest.raises(Refused) as refused:
        story.go(move)
    words = str(refused.value)
    assert STATUSES[status] in words and f"不能{moves.VERBS[move]}" in words
    assert re.search("请|需要时", words), "says what to do instead"
    assert move not in moves.legal(story.ticket)


@pytest.mark.parametrize("status, move", [pair for pair in PAIRS if pair[0] in LEGAL[pair[1]]])
def test_a_legal_move_adds_to_the_log(status: str, move: str) -> None:
    story = at_status(Story(), status)
    if needed := SATISFIED.get(move):
        story.go(needed)
    if (status, move) in {("accepted", "accept"), ("in_progress", "accept"), ("in_progress", "arrive")}:
        story.dispatch("保洁部")  # the first task has been through that already
    before = len(story.log)
    assert move in moves.legal(story.ticket)
    story.go(move)
    assert len(story.log) > before


def test_the_menu_offers_only_what_has_something_to_act_on() -> None:
    story = Story().dispatch()
    assert {"accept", "arrive"} <= set(moves.legal(story.ticket))
    story.accept().arrive()
    assert not {"accept", "arrive", "acknowledge"} & set(moves.legal(story.ticket))
    assert "acknowledge" in moves.legal(story.escalate().ticket)


@pytest.mark.parametrize("step", ["void", "pause", "escalate", "reopen", "transfer", "merge"])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_what_needs_a_reason_is_not_done_without(step: str, reason: str) -> None:
    story = at_status(Story(), "closed" if step == "reopen" else "accepted")
    now, ticket = story.now, story.ticket
    calls = {
        "void": lambda: moves.void(ticket, now, reason),
        "pause": lambda: moves.pause(ticket, now, "parts", now + DAY, reason),
        "escalate": lambda: moves.escalate(ticket, now, POLICY, level=None, reason=reason, consent="同意"),
        "reopen": lambda: moves.reopen(ticket, now, reason),
        "transfer": lambda: moves.transfer(ticket, now, "wang", reason),
        "merge": lambda: moves.merge(ticket, now, "261121-07", reason),
    }
    with pytest.raises(BadInput, match="没有填写"):
        calls[step]()


def test_dispatch_needs_content_limit_and_contact() -> None:
    story = Story()
    for department, content, contact in (("", "修", "周工"), ("工程部", " ", "周工"), ("工程部", "修", "")):
        with pytest.raises(BadInput, match="没有填写"):
            moves.dispatch(story.ticket, story.now, department, content, story.now + HOUR, contact)
    with pytest.raises(BadInput, match="已经过去"):
        moves.dispatch(story.ticket, story.now, "工程部", "修", story.now, "周工")


def test_times_given_must_lie_ahead() -> None:
    story = Story()
    with pytest.raises(BadInput, match="承诺时间"):
        story.promise(due_in=0)
    with pytest.raises(BadInput, match="恢复时间"):
        story.pause(until_in=-1)


def test_a_pause_has_only_three_grounds() -> None:
    for cause in ("owner", "parts", "third_party"):
        assert Story().pause(cause).ticket.pauses[0].cause == cause
    with pytest.raises(BadInput, match="等业主、等配件、等第三方"):
        Story().pause("lunch")


def test_one_of_several_tasks_must_be_named() -> None:
    story = Story().dispatch("工程部").dispatch("保洁部")
    with pytest.raises(Refused, match=r"1 工程部、2 保洁部.*哪一个"):
        story.accept()
    with pytest.raises(Refused, match="没有可以接单的部门任务"):
        story.accept(task=3)
    with pytest.raises(Refused, match="哪一个"):
        story.resolve()


# --- closing (DESIGN §4: four grounds) -----------------------------------------------------------------------


def test_satisfied_needs_a_follow_up() -> None:
    story = Story().resolve()
    with pytest.raises(Refused, match="还没有回访"):
        story.close("satisfied")
    story.follow_up(3).close("satisfied")
    assert (story.ticket.status, story.ticket.cycle.ground) == ("closed", "satisfied")


def test_signed_on_the_spot_needs_its_words_and_no_follow_up() -> None:
    story = Story().resolve()
    with pytest.raises(BadInput, match="关闭说明"):
        story.close("signed")
    assert story.close("signed", "林女士现场签字").ticket.cycle.ground == "signed"


def test_silence_closes_after_seven_days_to_the_second() -> None:
    story = Story().resolve()
    with pytest.raises(Refused, match="没有谢绝回访"):
        story.close("silence")
    story.after(HOUR).decline().after(7 * DAY - HOUR - 1)
    with pytest.raises(Refused, match="才满七天"):
        story.close("silence")
    assert story.after(1).close("silence").ticket.status == "closed"


def test_a_repeat_on_another_ticket_begins_the_seven_days_anew() -> None:
    story = Story().resolve().decline().after(8 * DAY)
    repeated_at = TEN + 3 * DAY
    with pytest.raises(Refused, match="又有来诉，重新起算"):
        story.close("silence", repeated_at=repeated_at)
    story.after(2 * DAY).close("silence", repeated_at=repeated_at)
    assert story.ticket.status == "closed"


@pytest.mark.parametrize("answered", [True, False])
def test_a_call_about_the_ticket_begins_the_seven_days_anew(answered: bool) -> None:
    story = Story().resolve().decline().after(6 * DAY).call(answered).after(DAY)
    with pytest.raises(Refused, match="又有来诉，重新起算"):
        story.close("silence")
    assert story.after(6 * DAY).close("silence").ticket.status == "closed"


def test_the_call_in_which_the_owner_declined_does_not_break_the_silence() -> None:
    story = Story().resolve().after(HOUR).call().after(MINUTE).decline().after(7 * DAY - HOUR - MINUTE)
    assert story.close("silence").ticket.status == "closed"


def test_reopening_forgets_that_follow_up_was_declined() -> None:
    story = Story().resolve().decline().after(DAY).reopen().after(DAY).resolve().after(8 * DAY)
    with pytest.raises(Refused, match="没有谢绝回访"):
        story.close("silence")


@pytest.mark.parametrize("reason", ["sensitive：家事", "敏感投诉不便回访：家事", "敏感投诉不便回访: 家事"])
def test_a_waiver_names_its_ground(reason: str) -> None:
    assert Story().resolve().close("waived", reason).ticket.cycle.ground == "waived"


def test_only_the_two_waivers_exist_and_anonymous_means_out_of_reach() -> None:
    story = Story().resolve()
    for reason in ("", "太忙", "不想打：敏感投诉不便回访"):
        with pytest.raises(BadInput, match="免回访理由"):
            story.close("waived", reason)
    with pytest.raises(Refused, match="留有联系方式"):
        story.close("waived", "匿名无法联系：网上来的")
    nameless = Story(anonymous=True).resolve().close("waived", "匿名无法联系：网上来的")
    assert nameless.ticket.status == "closed"


def test_no_fifth_ground() -> None:
    with pytest.raises(BadInput, match="关闭依据"):
        Story().resolve().close("bored", "没事了")


@pytest.mark.parametrize("score", [1, 2])
def test_a_low_score_reopens_upward_with_the_owners_words(score: int) -> None:
    story = at_status(Story(), "resolved").follow_up(score, words="还是卡")
    ticket = story.ticket
    assert [event.kind for event in story.log[-3:]] == ["followed_up", "reopened", "escalated"]
    assert (ticket.status, ticket.level, len(ticket.cycles)) == ("in_progress", 1, 2)
    step = ticket.escalations[0]
    assert (step.cause, step.to) == ("dissatisfied", "客服主任") and "还是卡" in step.reason


def test_a_low_score_needs_the_owners_words() -> None:
    with pytest.raises(BadInput, match="业主原话"):
        Story().resolve().follow_up(1, words=" ")


@pytest.mark.parametrize("score", [0, 6, -1])
def test_stars_are_one_to_five(score: int) -> None:
    with pytest.raises(BadInput, match="满意度"):
        Story().resolve().follow_up(score)


def test_after_a_low_score_only_a_better_one_closes() -> None:
    story = Story().resolve().after(HOUR).follow_up(2, words="还是卡").after(HOUR).resolve()
    for ground, reason in (
        ("satisfied", ""),
        ("signed", "签了"),
        ("silence", ""),
        ("waived", "敏感投诉不便回访：x"),
    ):
        with pytest.raises(Refused, match="2 星"):
            story.close(ground, reason)
    with pytest.raises(Refused, match="低分"):
        story.decline()
    story.after(HOUR).follow_up(4).close()
    assert story.ticket.status == "closed"


def test_anonymous_and_sensitive_stay_exempt_even_after_a_low_score() -> None:
    story = Story(sensitive=True).resolve().after(HOUR).follow_up(1, words="不行").after(HOUR).resolve()
    assert story.close("waived", "敏感投诉不便回访：家事").ticket.status == "closed"


def test_a_second_low_score_goes_one_rung_higher() -> None:
    story = Story().resolve().after(HOUR).follow_up(1, words="不行").after(HOUR).resolve().after(HOUR)
    story.follow_up(2, words="还不行")
    assert [step.level for step in story.ticket.escalations] == [1, 2]


# --- escalation ----------------------------------------------------------------------------------------------


def test_the_button_goes_to_the_next_rung_and_takes_consent_and_summary_along() -> None:
    story = Story(outcome="今天修好").dispatch().promise().escalate()
    step = story.ticket.escalations[0]
    assert (step.level, step.to, step.cause, step.consent) == (1, "客服主任", "manual", "同意")
    for part in ("电梯停了", "业主期望：今天修好", "已派工程部", "已承诺"):
        assert part in step.summary


def test_without_the_owners_consent_nothing_goes_up() -> None:
    story = Story()
    with pytest.raises(BadInput, match="业主意见"):
        moves.escalate(story.ticket, story.now, POLICY, level=1, reason="要求上级", consent=" ")


def test_the_ladder_has_a_top_and_no_way_down() -> None:
    story = Story().escalate(2)
    with pytest.raises(Refused, match="不能往下移"):
        story.escalate(1)
    for level in (0, 4, -1):
        with pytest.raises(BadInput, match=r"1 客服主任、2 项目经理、3 公司客服中心"):
            story.escalate(level)
    assert story.escalate(3).escalate().ticket.level == 3, "at the top the topmost is called again"


def test_acknowledging_answers_every_open_call_upward() -> None:
    story = Story().escalate(1).after(MINUTE).escalate(2).after(MINUTE).as_("zhao").acknowledge()
    assert {(s.acknowledged_at, s.acknowledged_by) for s in story.ticket.escalations} == {
        (TEN + 2 * MINUTE, "zhao")
    }
    with pytest.raises(Refused, match="没有等待确认"):
        story.acknowledge()


def test_the_case_owner_changes_only_to_somebody_else() -> None:
    story = Story().transfer("wang")
    assert story.ticket.case_owner == "wang"
    with pytest.raises(Refused, match="已经是 wang"):
        story.transfer("wang")


def test_a_ticket_is_not_joined_to_itself_and_a_file_not_added_twice() -> None:
    story = Story()
    with pytest.raises(Refused, match="并入它自己"):
        story.merge(story.number)
    with pytest.raises(Refused, match="关联到它自己"):
        story.link(story.number)
    with pytest.raises(Refused, match="已经在凭证里"):
        story.evidence().evidence()


def test_merging_ends_the_ticket_and_says_where_it_goes_on() -> None:
    story = Story().merge("261121-07")
    assert (story.ticket.status, story.ticket.merged_into) == ("void", "261121-07")


@pytest.mark.parametrize(
    "data", [{"kind": "party"}, {"priority": "asap"}, {"category": ""}, {"title": " "}, {"text": ""}]
)
def test_a_correction_to_nonsense_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        Story().correct(data)


def test_a_correction_must_correct_something() -> None:
    with pytest.raises(BadInput, match="没有任何改动"):
        Story().correct({}, {})


# --- undo ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status, step",
    [
        ("new", "note"),
        ("new", "correct"),
        ("new", "dispatch"),
        ("dispatched", "accept"),
        ("accepted", "arrive"),
        ("accepted", "pause"),
        ("paused", "resume"),
        ("accepted", "resolve"),
        ("closed", "reopen"),
        ("new", "transfer"),
        ("new", "evidence"),
        ("new", "link"),
        ("new", "merge"),
        ("new", "void"),
        ("new", "escalate"),
    ],
)
def test_an_inner_step_can_be_taken_back(status: str, step: str) -> None:
    story = at_status(Story(), status)
    before = story.ticket
    story.after(MINUTE).go(step).after(MINUTE).undo()
    assert story.ticket == before._replace(version=before.version + 2)


@pytest.mark.parametrize(
    "status, step",
    [
        ("new", "promise"),
        ("new", "progress"),
        ("new", "call"),
        ("resolved", "follow_up"),
        ("resolved", "decline"),
    ],
)
def test_what_the_owner_has_heard_cannot_be_taken_back(status: str, step: str) -> None:
    story = at_status(Story(), status).go(step)
    with pytest.raises(Refused, match="已告知业主"):
        story.undo()


def test_the_opening_is_voided_not_undone() -> None:
    with pytest.raises(Refused, match="误开的工单请作废"):
        Story().undo()


def test_nobody_takes_back_anothers_step() -> None:
    story = Story().dispatch()
    with pytest.raises(Refused, match=r"lin 做的，只能由本人撤销"):
        story.as_("wang").undo()


def test_what_has_left_the_house_stays() -> None:
    story = Story().dispatch()
    with pytest.raises(Refused, match="通知已经发出"):
        story.undo(left=frozenset({2}))
    story.note().undo(left=frozenset({2}))
    with pytest.raises(Refused, match="通知已经发出"):
        story.undo(left=frozenset({2}))


def test_undoing_again_goes_one_step_further_back() -> None:
    story = Story().dispatch().accept().undo().undo()
    assert (story.ticket.status, story.ticket.tasks) == ("new", ())
    with pytest.raises(Refused, match="不能撤销"):
        story.undo()


def test_a_low_scores_reopening_and_escalation_cannot_be_taken_back() -> None:
    story = Story().resolve().after(HOUR).follow_up(1, words="不行")
    with pytest.raises(Refused, match="不能撤销"):
        story.undo()
