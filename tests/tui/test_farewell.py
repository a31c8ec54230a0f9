"""The end of a call: the owner is told number and time, and what belonged to the call ends with it (A-DAY 08:42, 10:05)."""

from __future__ import annotations

import pytest

from frontdesk.domain.phrases import blanks
from frontdesk.domain.timing import DAY, MINUTE
from frontdesk.tui.farewell import parting
from frontdesk.tui.stopwatch import FORGOTTEN, Stopwatch
from tests.builders import PHONE, House
from tests.tui.stage import NARROW, WIDE, Stage, stage

UPSET = "楼道灯不亮，第三次打电话了！！再不处理我就打12345，你们是骗子，我要曝光你们"


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hand that is never too quick, but where a test says so."""
    monkeypatch.setattr("frontdesk.tui.farewell.STARTLED", 0.0)


async def take_the_call(on: Stage, house: House, text: str) -> None:
    house.desk().calls.ring(PHONE)
    await on.sees("响铃 00:00")
    await on.press("f2")
    await on.until(lambda: on.console.desktop.scene.task == "form")
    await on.type(text)
    await on.until(lambda: "因为" in on.pane("form"))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_after_f9_number_and_time_lie_ready_and_enter_marks_them_as_said(
    house: House, size: tuple[int, int]
) -> None:
    async with stage(house, size) as on:
        await take_the_call(on, house, "楼道灯不亮")
        await on.press("f9")
        await on.until(lambda: on.focused() == "phrases", "the sentence has the keys")
        view = on.work.view
        assert view is not None and view.status == "dispatched"
        (progress,) = [run.due_at for run in view.clocks if run.kind == "progress"]
        sentence = f"我都记好了，单号{view.number}，明天10:00前给您回话，以后报单号就能查到。您还有别的事吗？"
        chosen = on.work.phrases_pane.chosen
        assert chosen is not None and chosen.text == sentence
        await on.sees(view.number, "明天10:00前")
        await on.press("enter")
        await on.hears("单号和时间业主知道了")
        assert on.focused() == "tickets"
        after = on.desk.tickets.by_id(view.id)
        assert [event.note for event in after.events if event.kind == "noted"] == [sentence]
        assert [(each.due_at, each.state) for each in after.promises] == [(progress, "owed")]
        await on.until(lambda: not any(view.number in each.text for each in on.work.phrases_pane.items))


async def test_an_enter_that_came_too_soon_tells_nobody_anything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.tui.farewell.STARTLED", 1e9)
    async with stage(house) as on:
        await take_the_call(on, house, "楼道灯不亮")
        await on.press("f9")
        await on.until(lambda: on.focused() == "phrases")
        await on.press("enter")
        assert on.focused() == "phrases" and not on.console.clerk.busy("write")
        monkeypatch.setattr("frontdesk.tui.farewell.STARTLED", 0.0)
        await on.press("enter")
        await on.hears("业主知道了")


async def test_a_time_that_was_promised_in_the_call_is_told_again_and_not_promised_twice(
    house: House,
) -> None:
    async with stage(house) as on:
        await take_the_call(on, house, "楼上卫生间漏水")
        await on.press("f4", "5", "2")
        await on.until(lambda: getattr(on.work.phrases_pane.chosen, "digits", "") == "52")
        await on.press("enter")
        await on.sees("填空")
        await on.type("30分钟")
        await on.press("f9")
        await on.sees("今天10:30前到您家查漏")
        await on.press("f9")
        await on.until(lambda: on.focused() == "phrases")
        await on.sees("今天10:30前给您")
        await on.press("enter")
        await on.hears("业主知道了")
        assert on.work.view is not None
        assert len(on.desk.tickets.by_id(on.work.view.id).promises) == 1


async def test_whoever_goes_on_to_another_ticket_finds_no_sentence_about_the_last(house: House) -> None:
    other = house.open(text="电梯门异响")
    async with stage(house) as on:
        await take_the_call(on, house, "楼道灯不亮")
        await on.press("f9")
        await on.until(lambda: on.focused() == "phrases")
        view = on.work.view
        assert view is not None
        on.work.attention.visit(other.view)
        await on.until(lambda: on.work.phrases_pane.items and ":" not in on.work.phrases_pane.items[0].id)


def test_without_a_clock_the_sentence_tells_the_number_alone(house: House) -> None:
    case = house.open(text="楼道灯不亮")
    book = case.desk.handbook
    found = parting(book, case.view._replace(clocks=()), house.time.now)
    assert found is not None and case.number in found.phrase.text and not blanks(found.phrase)
    assert found.until is None and not found.new
    late = parting(book, case.view, house.time.now + 2 * DAY)
    assert late is not None and late.until is None


async def test_the_stopwatch_ends_with_its_call_and_says_so(house: House) -> None:
    async with stage(house) as on:
        await take_the_call(on, house, UPSET)
        await on.sees("激动00:0")
        await on.press("f9")
        await on.hears("激动计时已停")
        await on.until(lambda: "激动0" not in on.pane("status"))


async def test_somebody_who_presses_it_again_keeps_it_running(house: House) -> None:
    async with stage(house) as on:
        await take_the_call(on, house, UPSET)
        await on.sees("激动00:0")
        await on.press("ctrl+p")
        await on.until(lambda: len(on.console.screen_stack) > 1)
        await on.type("jd")
        await on.sees("激动 (jd)", "接着计时")
        await on.press("enter")
        await on.hears("开单以后也不停")
        await on.press("f9")
        await on.hears("已开单")
        assert "激动计时已停" not in on.said and on.work.attention.stopwatch.runs


def test_the_stopwatch_knows_its_call_and_goes_on_from_where_it_was() -> None:
    watch = Stopwatch()
    assert watch.start(1000, "form:open:7")
    assert not watch.call_done("form:open:8") and not watch.call_done("") and watch.runs
    assert watch.call_done("form:open:7")
    assert watch.start(1000 + 4 * MINUTE) and not watch.ends_with_the_call
    assert "激动04:00" in "".join(text for text, _ in watch.chip(1000 + 4 * MINUTE))
    watch.stop()
    assert watch.start(2000) and not watch.call_done("")
    assert "激动00:00" in "".join(text for text, _ in watch.chip(2000))
    watch.stop()
    watch.start(3000, "a")
    watch.call_done("a")
    watch.start(3000 + FORGOTTEN)
    assert "激动00:00" in "".join(text for text, _ in watch.chip(3000 + FORGOTTEN))
