"""Which promises a save makes: those that stand in the record when it is saved, and the person is told (DESIGN §5, §10)."""

from __future__ import annotations

import pytest

from frontdesk.desk.ticket_desk import TicketDesk
from frontdesk.domain.errors import Refused
from frontdesk.domain.phrases import blanks
from tests.builders import House
from tests.tui.stage import Stage, stage


async def insert_timed(on: Stage, time: str) -> None:
    """A phrase with nothing to fill in but the time that it promises."""
    phrase = next(
        each
        for each in on.desk.handbook.phrases
        if blanks(each) and blanks(each) == each.needs and not each.confirm
    )
    forms = on.work.form.filling
    on.work.writing.insert(phrase)
    await on.until(lambda: on.work.form.filling is not forms)
    await on.type(time)
    await on.press("f9")
    await on.hears("保存后承诺")


async def test_a_sentence_that_is_deleted_before_saving_promises_nothing(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await insert_timed(on, "16:30")
        await on.press("ctrl+a", "delete")
        await on.hears("16:30 已从记录删去，不作承诺")
        await on.press("f9")
        await on.hears("没有要保存的记录")
        await on.type("业主说不用来了")
        await on.press("f9")
        await on.hears("已保存")
        assert "承诺" not in on.said and not case.view.promises
        await on.until(lambda: on.desk.drafts.all() == {})


async def test_of_two_promises_the_one_that_is_left_is_made_and_told(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await insert_timed(on, "16:30")
        await insert_timed(on, "17:30")
        await on.hears("保存后承诺 16:30、17:30，开始计时")
        first, second = on.work.note_area.text.splitlines()
        on.work.note_area.text = second.replace("今天", "好的，今天")
        await on.hears("16:30 已从记录删去，不作承诺；保存后承诺 17:30，开始计时")
        await on.press("f9")
        await on.hears("已保存，承诺 17:30")
        (promise,) = case.view.promises
        assert promise.words == second != first


async def test_what_was_deleted_from_a_new_ticket_promises_nothing(house: House) -> None:
    async with stage(house) as on:
        on.work.errands.taking.start()
        await on.until(lambda: on.work.form.filling is not None)
        await on.type("楼道灯不亮")
        await insert_timed(on, "16:30")
        await on.until(lambda: "今天16:30" in on.pane("form"))
        await on.press("ctrl+a", "delete")
        await on.hears("16:30 已从记录删去，不作承诺")
        await insert_timed(on, "17:30")
        await on.press("f9")
        await on.hears("，承诺 17:30")
        (row,) = on.desk.board().rows
        assert len(on.desk.tickets.by_id(row.id).promises) == 1


async def test_a_promise_that_could_not_be_saved_with_its_record_is_made_by_the_next_f9(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await insert_timed(on, "16:30")
        promise = TicketDesk.promise

        def fails(*_words: object, **_named: object) -> None:
            raise Refused("数据库忙。请再按一次。")

        monkeypatch.setattr(TicketDesk, "promise", fails)
        await on.press("f9")
        await on.hears("数据库忙")
        assert on.work.note_area.text == ""
        monkeypatch.setattr(TicketDesk, "promise", promise)
        await on.press("f9")
        await on.hears("已保存，承诺 16:30")
        assert len(case.view.promises) == 1
