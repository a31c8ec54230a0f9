"""Two desks, one ticket (DESIGN §4): the second to save is told what changed, keeps the text, and saves it then."""

from __future__ import annotations

import signal

from tests.trips.driver import Estate

LEAK = "6栋停水"


def test_the_second_to_save_is_told_what_changed_and_saves_the_same_text_again(estate: Estate) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        zhen.goes_to(LEAK)
        number = "26" + zhen.found(r"─ (\d{4}-\d+) 给排水漏水")
        zhen.press("F5").types("业主问几点来水，答应问清楚就回").sees("问清楚就回")
        zhen.kill(
            signal.SIGSTOP
        )  # she is called away: what 小林 does now has not reached her screen when she presses F9
        lin.goes_to(LEAK).press("F5").types("水泵房说下午三点恢复").press("F9").sees(f"{number} 已保存")
        zhen.press("F9").kill(signal.SIGCONT)

        zhen.sees("刚被改动（", "记录）", "业主问几点来水，答应问清楚就回")
        zhen.sees("水泵房说下午三点恢复")
        zhen.press("F9").sees(f"{number} 已保存")
        lin.sees("业主问几点来水")

        ticket = estate.ticket(number)
        assert ticket.kinds[-2:] == ["noted", "noted"]
        assert [by for _, by, _ in ticket.events[-2:]] == ["xiaolin", "azhen"]


def test_a_form_that_was_open_while_the_ticket_moved_on_is_told_and_then_saved(estate: Estate) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        zhen.goes_to(LEAK)
        number = "26" + zhen.found(r"─ (\d{4}-\d+) 给排水漏水")
        zhen.picks("承诺时间").sees("承诺内容").types("下午来水前给您回电")
        zhen.press("Tab").types("2小时").sees("（2小时后）")
        lin.goes_to(LEAK).picks("通报进展").sees("告知业主").types("告诉业主水泵在修").press("F9").sees(
            "通报进展：已保存"
        )

        zhen.press("F9").sees("刚被改动（", "通报进展）", "下午来水前给您回电", "2小时")
        zhen.press("F9").sees("承诺时间：已保存")
        assert estate.ticket(number).kinds[-2:] == ["progressed", "promised"]
        lin.sees("下午来水前给您回电")
