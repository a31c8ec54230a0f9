"""Two desks, one ticket (DESIGN §4): the second to save is told what changed, keeps the text, and saves it then."""

from __future__ import annotations

from tests.trips.driver import SOON, Console, Estate

WATER = "6栋停水"


def stand_before(*desks: Console) -> str:
    """Everybody looks at the ticket about the water; its number."""
    (number,) = {desk.goes_to(WATER).number for desk in desks}
    return number


def test_a_form_that_was_open_while_the_ticket_moved_on_is_told_and_then_saved(estate: Estate) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        zhen.picks("承诺时间").sees("承诺内容").types("下午来水前给您回电")
        zhen.press("Tab").types("2小时").sees("（2小时后）")
        lin.does("通报进展", "告诉业主水泵在修")

        zhen.press("F9").sees("刚被改动（", "通报进展）", "下午来水前给您回电", "2小时")
        zhen.press("F9").sees("承诺时间：已保存")
        lin.sees("下午来水前给您回电", within=SOON)
        assert estate.ticket(number).kinds[-2:] == ["progressed", "promised"]


def test_who_only_watches_sees_a_ticket_taken_from_under_the_cursor_and_stays_where_he_is(
    estate: Estate,
) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        lin.picks("作废").sees("作废原因").types("与另一张重复").press("F9").sees("作废：已保存")
        zhen.loses(f" {number} ", within=SOON).sees("下一步")
        assert estate.ticket(number).kinds[-1] == "voided"
