"""The handover page: what the next shift finds, nothing without a name, shown again as it was signed (A-DAY 08:28)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput, Refused, StoreTrouble
from frontdesk.domain.handover import (
    KINDS,
    Handover,
    Item,
    Page,
    document,
    lines,
    next_morning,
    of_call,
    of_notice,
    of_ticket,
    ordered,
    packed,
    paper,
    rows,
    sign,
    unpacked,
)
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, instant, local
from tests.builders import TEN, Story

ZHOU = ("laozhou", "老周")
NIGHT_END = TEN + 12 * HOUR


def found(story: Story, ends_at: Instant = NIGHT_END) -> dict[str, Item]:
    """Kind → the item; every kind at most once."""
    items = list(of_ticket(story.ticket, story.policy, "**04 林**", ZHOU, story.now, ends_at))
    assert len({item.key for item in items}) == len(items)
    assert len({item.kind for item in items}) == len(items)
    return {item.kind: item for item in items}


def test_a_ticket_has_one_line_for_what_is_due_first_in_the_shift() -> None:
    story = Story()
    due = found(story)["due"]
    assert due.at == story.clock("red_light").due_at and "2小时处理：电梯停了" in due.words
    assert (due.ticket, due.whom, due.owner, due.owner_name) == ("261122-01", "**04 林**", *ZHOU)


def test_what_is_due_after_the_shift_is_left_to_the_one_after_it() -> None:
    story = Story().go("dispatch", "accept", "progress")
    assert set(found(story, TEN + HOUR)) == set()
    assert set(found(story, TEN + 2 * DAY)) == {"due"}


def test_an_overdue_clock_is_still_to_be_done_and_stands_on_the_page() -> None:
    story = Story().after(3 * HOUR)
    assert found(story, story.now + 1)["due"].at < story.now


def test_every_open_promise_stands_there_however_far_and_a_kept_one_does_not() -> None:
    story = Story().promise(due_in=5 * DAY)
    promise = found(story)["promise"]
    assert (promise.at, promise.words) == (TEN + 5 * DAY, "下午给您回话（电梯停了）")
    story.after(HOUR).progress()
    assert story.ticket.promises[0].kept_at == TEN + HOUR
    assert "promise" not in found(story)


def test_an_agreed_date_is_told_once_and_not_again_as_the_resolution() -> None:
    story = Story().dispatch(due_in=20 * HOUR).accept().promise(due_in=10 * HOUR, completion=True)
    items = found(story, TEN + 11 * HOUR)
    assert items["promise"].at == TEN + 10 * HOUR and "due" not in items


def test_what_waits_for_half_past_eight_is_a_task_of_the_morning() -> None:
    evening = instant(local(TEN).replace(hour=20, minute=20))
    story = Story(at=evening).promise(due_in=12 * HOUR + 10 * MINUTE)
    items = found(story, evening + 12 * HOUR + 10 * MINUTE)
    assert "promise" not in items and local(items["morning"].at).strftime("%H:%M") == "08:30"
    assert next_morning(evening) == items["morning"].at
    assert next_morning(items["morning"].at) == items["morning"].at
    assert next_morning(items["morning"].at + 1) == items["morning"].at + DAY


def test_a_limit_of_the_case_has_a_line_while_it_is_not_met() -> None:
    story = Story().case()
    limit = found(story, TEN + 2 * DAY)["case"]
    assert limit.at == TEN + DAY and "巡查（秩序部）" in limit.words
    assert "case" not in found(story, TEN + HOUR), "its time is not in this shift"


def test_an_escalation_that_nobody_has_acknowledged_stands_first() -> None:
    story = Story().escalate()
    items = found(story)
    assert ordered(items.values())[0].kind == "escalation"
    assert "上移至客服主任，还没有人说接" in items["escalation"].words
    assert "escalation" not in found(story.acknowledge())


def test_a_hold_whose_date_comes_up_is_looked_at_and_one_that_lasts_is_not() -> None:
    story = Story().go("dispatch", "accept").pause(until_in=6 * HOUR)
    hold = found(story)["pause"]
    assert hold.at == TEN + 6 * HOUR and "等配件的挂起到期" in hold.words
    assert "pause" not in found(Story().go("dispatch", "accept").pause(until_in=2 * DAY))


@pytest.mark.parametrize("last", ["void", "close"])
def test_a_ticket_that_has_ended_leaves_nothing(last: str) -> None:
    story = Story().promise(due_in=DAY)
    story.go("void") if last == "void" else story.go("dispatch", "accept", "resolve", "follow_up", "close")
    assert found(story, TEN + 9 * DAY) == {}


def test_the_key_of_a_matter_is_the_same_on_a_later_page() -> None:
    story = Story().promise(due_in=12 * HOUR).escalate()
    before = {item.key for item in found(story).values()}
    story.after(30 * MINUTE)
    after = {item.key for item in found(story, story.now + 12 * HOUR).values()}
    assert before == after


STEPS = (
    *(
        "note",
        "dispatch",
        "accept",
        "arrive",
        "progress",
        "promise",
        "pause",
        "resume",
        "resolve",
        "follow_up",
    ),
    *("decline", "close", "reopen", "escalate", "acknowledge", "case", "limit", "transfer", "void"),
)


@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9 * HOUR)), max_size=12),
    st.integers(0, 2 * DAY),
)
def test_whatever_has_happened_every_line_is_one_matter_with_a_name(
    steps: list[tuple[str, int]], shift: int
) -> None:
    story = Story()
    for step, seconds in steps:
        story.after(seconds)
        with contextlib.suppress(Refused, BadInput):
            story.go(step)
    ticket, ends_at = story.ticket, story.now + shift
    items = list(of_ticket(ticket, story.policy, "**04 林**", ZHOU, story.now, ends_at))
    assert len({item.key for item in items}) == len(items)
    assert all(item.owner_name and item.words and item.ticket == story.number for item in items)
    assert bool(items) <= ticket.open
    owed = {p.due_at for p in ticket.promises if p.kept_at is None and not p.withdrawn}
    if ticket.open:
        assert owed == {item.at for item in items if item.key.startswith("promise")}
        assert (ticket.unacknowledged is not None) == any(item.kind == "escalation" for item in items)
    later = list(of_ticket(ticket, story.policy, "**04 林**", ZHOU, story.now, ends_at + DAY))
    assert {item.key for item in items if item.kind != "due"} <= {item.key for item in later}
    assert sign(Page("", 0, 0, 0, *ZHOU, ordered(items))).items == ordered(items)


# --- the page ------------------------------------------------------------------------------------------------------


def page(*items: Item) -> Page:
    return Page("云栖苑", TEN, TEN + 2 * MINUTE, NIGHT_END, *ZHOU, ordered(items))


CALL = of_call(7, TEN - HOUR, "199****4821", ZHOU)
LOST = of_notice(3, TEN, "261122-01", "客服主任", "服务上移", ("lin", "小林"))


def test_a_page_with_nobody_s_name_on_a_line_cannot_be_signed() -> None:
    assert sign(page(CALL, LOST)) == page(CALL, LOST)
    for nobody in (("", ""), ("ghost", " ")):
        with pytest.raises(Refused, match="还有 1 件没有负责人（未接来电）"):
            sign(page(of_call(8, TEN, "", nobody), LOST))


def test_what_nobody_takes_keeps_the_giver_s_name() -> None:
    names = {"laozhou": "老周", "xiaolin": "小林", "lin": "小林二"}
    one, two = lines(page(CALL, LOST), {CALL.key: ("xiaolin", TEN)}, names)
    assert (one.holder_name, one.waits) == ("小林", False)
    assert (two.holder_name, two.waits, two.item.owner_name) == ("老周", True, "小林")
    done = lines(page(CALL), {}, names, still=())
    assert done[0].done and not done[0].waits


TEXT = st.text(max_size=20)
ITEM = st.builds(
    Item, TEXT, st.sampled_from(list(KINDS)), TEXT, st.integers(0, 1 << 33), TEXT, TEXT, TEXT, TEXT
)
PAGE = st.builds(
    Page, TEXT, st.integers(0, 1 << 33), st.integers(0, 1 << 33), st.integers(0, 1 << 33), TEXT, TEXT,
    st.lists(ITEM, max_size=5).map(tuple),
)  # fmt: skip


@given(PAGE)
def test_a_page_that_was_kept_is_the_page_that_was_signed(signed: Page) -> None:
    assert unpacked(packed(signed)) == signed


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"items": 3}', '{"items": [{"key": "a"}]}'])
def test_a_damaged_page_is_said_to_be_one(text: str) -> None:
    with pytest.raises(StoreTrouble, match="已损坏"):
        unpacked(text)


def test_the_paper_has_both_signatures_and_every_name() -> None:
    drawn = page(CALL, LOST)
    shown = lines(drawn, {CALL.key: ("xiaolin", TEN + 3 * MINUTE)}, {"laozhou": "老周", "xiaolin": "小林"})
    signed = Handover(4, drawn, shown, TEN, TEN + 3 * MINUTE, "xiaolin", "小林")
    text = "\n".join(paper(signed))
    assert "交接班记录　第 4 号" in text and "负责人：小林" in text
    assert "交班人：老周 11-22 10:00　签名：" in text and "接班人：小林 11-22 10:03　签名：" in text
    assert "现在：小林 11-22 10:03 接" in text and "现在：老周" in text
    unsigned = "\n".join(paper(Handover(None, page(), ())))
    assert "没有要交接的事项" in unsigned and unsigned.count("还没有签字") == 2


def test_the_document_names_who_follows_who_has_it_and_until_when() -> None:
    shown = Handover(4, page(CALL), lines(page(CALL), {}, {"laozhou": "老周"}), TEN)
    told = document(shown)
    assert told["given_at"] == "2026-11-22T10:00:00+08:00" and told["taken_at"] is None
    (item,) = told["items"]
    assert (item["kind_label"], item["ticket"], item["holder_name"]) == ("未接来电", None, "老周")
    assert rows(shown, TEN)[0][0] == "未接来电"
