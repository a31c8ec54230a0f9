"""The parts that work behind the screen, each alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk.domain.board import CallLine
from frontdesk.domain.errors import BadInput
from frontdesk.domain.playbook import Phrase
from frontdesk.tui import saying
from frontdesk.tui.clerk import Clerk, Done
from frontdesk.tui.drafts import DraftKeeper
from frontdesk.tui.notes import Notebook
from frontdesk.tui.opening import Opening
from frontdesk.tui.paper import line, rule
from frontdesk.tui.ringing import Ringing
from tests.builders import TEN, House


class Home:
    """Takes what the clerk brings back, as the event loop would."""

    def __init__(self) -> None:
        self.arrived: list[Done] = []

    def post_message(self, message: Done) -> bool:
        self.arrived.append(message)
        return True

    def deliver(self, count: int) -> None:
        """Wait for so many answers and hand them over."""
        end = time.monotonic() + 10
        while len(self.arrived) < count:
            assert time.monotonic() < end
            time.sleep(0.001)
        for message in self.arrived[:count]:
            message.deliver()
        del self.arrived[:count]


def clerk() -> tuple[Clerk, Home, list[Exception]]:
    home, errors = Home(), list[Exception]()
    return Clerk(home, errors.append), home, errors  # type: ignore[arg-type]


def test_calls_of_a_lane_come_back_in_order() -> None:
    desk, home, _ = clerk()
    got: list[int] = []
    for number in range(20):
        desk.ask("write", lambda number=number: number, got.append)  # type: ignore[misc]
    assert desk.busy("write")
    home.deliver(20)
    assert got == list(range(20))
    assert not desk.busy("write")


def test_a_lane_that_waits_does_not_hold_up_another() -> None:
    desk, home, _ = clerk()
    gate, got = threading.Event(), list[str]()
    desk.ask("write", gate.wait, lambda _: got.append("write"))
    desk.ask("read", lambda: "read", got.append)
    home.deliver(1)
    assert got == ["read"]
    gate.set()
    home.deliver(1)
    assert got == ["read", "write"]


def test_an_answer_that_was_overtaken_is_dropped() -> None:
    desk, home, _ = clerk()
    gate, got = threading.Event(), list[str]()
    desk.newest("view", lambda: str(gate.wait()), got.append)
    desk.newest("view", lambda: "new", got.append)
    gate.set()
    home.deliver(2)
    assert got == ["new"]


def test_errors_go_to_who_asked_or_to_the_console() -> None:
    desk, home, errors = clerk()
    mine: list[Exception] = []
    desk.ask("read", lambda: 1 / 0)
    desk.ask("read", lambda: 1 / 0, sorry=mine.append)
    home.deliver(2)
    assert [type(error) for error in (*errors, *mine)] == [ZeroDivisionError] * 2


class Drawer:
    """Drafts in memory; may be full."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.full = False

    def save(self, slot: str, text: str) -> None:
        if self.full:
            raise OSError(28, "full")
        self.kept[slot] = text

    def all(self) -> dict[str, str]:
        return self.kept


def keeper() -> tuple[DraftKeeper, Drawer, Home, list[Callable[[], None]]]:
    desk, home, _ = clerk()
    later: list[Callable[[], None]] = []
    drawer = Drawer()
    return DraftKeeper(desk, lambda _seconds, call: later.append(call)), drawer, home, later


def test_drafts_are_written_at_a_pause_and_once() -> None:
    drafts, drawer, home, later = keeper()
    drafts.use(drawer)
    for text in ("噪", "噪音", "噪音扰民"):
        drafts.keep("note:1", text)
    assert len(later) == 1
    later[0]()
    home.deliver(1)
    assert drawer.kept == {"note:1": "噪音扰民"}


def test_what_was_typed_before_the_desk_was_open_is_written_after() -> None:
    drafts, drawer, home, later = keeper()
    drafts.keep("note:1", "早")
    later[0]()
    assert drawer.kept == {}
    drafts.use(drawer)
    home.deliver(1)
    assert drawer.kept == {"note:1": "早"}


def test_last_words_write_what_waits_and_one_failure_keeps_no_other_back() -> None:
    drafts, drawer, _home, _later = keeper()
    drafts.use(drawer)
    drafts.keep("note:1", "一")
    drafts.save_now()
    assert drawer.kept == {"note:1": "一"}
    drawer.full = True
    with pytest.raises(OSError, match="full"):
        drafts.save_now()


def test_a_full_disk_is_told_and_tried_again_with_the_next_key() -> None:
    drafts, drawer, home, later = keeper()
    told: list[Exception] = []
    drafts.trouble = told.append
    drafts.use(drawer)
    drawer.full = True
    drafts.keep("note:1", "一")
    later.pop()()
    home.deliver(1)
    assert len(told) == 1
    drawer.full = False
    drafts.keep("note:1", "一二")
    later.pop()()
    home.deliver(1)
    assert drawer.kept == {"note:1": "一二"}


def test_a_notebook_comes_back_from_its_drafts() -> None:
    first = Notebook()
    page = first.page(7)
    page.text, page.promises, page.owed = "半句", [("今天16:30回电", TEN)], [("明天9:00上门", TEN)]
    second = Notebook()
    assert second.restore(
        first.slots(7) | {"form:open:-": "{}", "note:x": "?", "form:promises:8": "[broken"}
    ) == [7]
    assert second.page(7) == page
    assert second.page(8).promises == []


def call(number: int, state: str = "ringing", at: int = TEN) -> CallLine:
    return CallLine(number, at, state, "138****5678", "欧阳**", "···02", 2, "", "")


def test_the_bell_sounds_three_times_two_seconds_apart() -> None:
    ringing = Ringing()
    assert ringing.hear([call(1)]) == [1]
    rang = [second for second in range(12) if ringing.bell(TEN + second)]
    assert rang == [0, 3, 6]
    ringing.hear([call(1), call(2)])
    assert [second for second in range(12, 24) if ringing.bell(TEN + second)] == [12, 15, 18]


def test_the_bar_says_who_and_since_when_and_how_to_answer() -> None:
    ringing = Ringing()
    ringing.hear([call(2, at=TEN + 5), call(1), call(3, "missed")])
    ((text, look),) = ringing.line(TEN + 12, 80)
    assert look == "ring"
    assert text.startswith(" 响铃 00:12  138****5678  ···02  欧阳**")
    assert text.endswith("另有1个来电  F2 接听 ")
    ringing.hear([])
    assert ringing.line(TEN, 80) == ()
    assert not ringing.bell(TEN + 60)


def phrase(text: str, needs: tuple[str, ...] = (), confirm: str = "") -> Phrase:
    return Phrase("x-51", "51", "promise", "约", text, None, None, (), "", "", confirm, needs, ("约",))


def test_a_time_blank_is_spoken_as_a_moment_and_becomes_a_promise() -> None:
    sentence, due_at = saying.said(phrase("预计{预计时间}修好。", ("预计时间",)), {"预计时间": "90分钟"}, TEN)
    assert sentence == "预计今天11:30修好。"
    assert due_at == TEN + 5400


@pytest.mark.parametrize(
    ("typed", "spoken"), [("明天 9:00", "明天9:00"), ("2026-11-25 16:05", "11月25日16:05")]
)
def test_moments(typed: str, spoken: str) -> None:
    sentence, _ = saying.said(phrase("{约定时间}前回电。", ("约定时间",)), {"约定时间": typed}, TEN)
    assert sentence == f"{spoken}前回电。"


def test_blanks_are_asked_for_in_order_and_known_ones_are_filled_in() -> None:
    form = saying.ask(phrase("{称呼}，{部门}{预计时间}到。", ("预计时间",), "工程部"), {"部门": "工程部"})
    assert form is not None
    assert [(field.name, field.kind, field.value) for field in form.fields] == [
        ("称呼", "line", ""),
        ("部门", "line", "工程部"),
        ("预计时间", "time", ""),
        ("确认人", "line", ""),
    ]
    assert saying.ask(phrase("您好。"), {}) is None


def test_a_time_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="约定时间"):
        saying.said(phrase("{约定时间}前回电。", ("约定时间",)), {"约定时间": "尽快"}, TEN)


def test_opening_tells_when_it_is_done_even_if_it_fails() -> None:
    told = threading.Event()

    def fail() -> Any:
        raise RuntimeError("locked")

    opening = Opening(fail)
    opening.tell(told.set)
    opening.start()
    assert told.wait(10)
    assert isinstance(opening.error, RuntimeError) and opening.desk is None
    again = threading.Event()
    opening.tell(again.set)
    assert again.is_set()


def test_the_thread_that_opens_leaves_no_connection_behind(house: House) -> None:
    gone = threading.Event()

    def look(opening: Opening) -> None:
        desk = opening.desk
        assert desk is not None and opening.board is not None
        if getattr(desk._access.db._local, "conn", None) is None:
            gone.set()

    house.open()
    opening = Opening(house.desk)
    opening.tell(lambda: look(opening))  # is called in the thread that opens
    opening.start()
    assert gone.wait(10)
    assert opening.desk is not None and len(opening.desk.board().rows) == 1


def test_a_rule_and_a_line_take_nothing_raw() -> None:
    assert line(("a\x1bb", "text")) == (("ab", "text"),)
    assert "".join(text for text, _ in rule("来电\x07 F2", 30, focused=False)).startswith("─ 来电 F2 ─")


def test_beside_a_stopwatch_the_status_line_keeps_what_is_red_whole_at_80_columns() -> None:
    from frontdesk.domain.board import Counts
    from frontdesk.tui.panes.bars import status_line
    from frontdesk.tui.paper import measure

    counts, upset = Counts(12, 10, 11, 99, 123), (("  激动04:59 ", "chip-at_risk"),)
    for site, who in (("幸福花园", "小林"), ("一个名字很长很长的小区", "一个很长的名字")):
        for chip in ((), upset):
            line = status_line(site, who, "前台客服", TEN, counts, 80, chip)
            words = "".join(text for text, _ in line)
            assert measure(line) == 80
            assert ".." not in words.replace(who[:4], "").partition("10:00")[2], words
            assert all(each in words for each in ("红12", "近10", "急11"))
            assert ("激动04:59" in words) == bool(chip)
            assert words.count("今日") == words.count("今日123件")
    assert "今日123件" in "".join(
        text for text, _ in status_line("幸福花园", "小林", "前台客服", TEN, counts, 80)
    )
