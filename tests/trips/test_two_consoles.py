"""Two desks, one ticket (DESIGN §4): the second to save is told what changed, keeps the text, and saves it then."""

from __future__ import annotations

import pytest

from tests.trips.driver import SOON, Console, Estate

WATER, TOLD = "6栋停水", "刚被改动（"


def stand_before(*desks: Console) -> str:
    """Everybody looks at the ticket about the water; its number."""
    (number,) = {desk.goes_to(WATER).number for desk in desks}
    return number


@pytest.mark.alone
def test_of_two_who_save_at_once_one_is_told_what_changed_and_saves_the_same_text_again(
    estate: Estate,
) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        texts = {lin: "水泵房说下午三点恢复", zhen: "业主问几点来水，答应问清楚就回"}
        for desk, text in texts.items():
            desk.press("F5").types(text).sees(text)
        with estate.held():
            for desk in texts:
                desk.press("F9").sees("正在保存")
        lin.until(lambda: any(TOLD in desk.text for desk in texts), "nobody is told")
        late, early = (lin, zhen) if TOLD in lin.text else (zhen, lin)

        early.sees(f"{number} 已保存")
        late.sees("记录）", texts[late], texts[early])
        late.press("F9").sees(f"{number} 已保存")
        early.sees(texts[late], within=SOON)
        assert estate.ticket(number).kinds[-2:] == ["noted", "noted"]


@pytest.mark.alone
def test_a_form_that_was_open_while_the_ticket_moved_on_is_told_and_then_saved(estate: Estate) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        zhen.picks("承诺时间").sees("承诺内容").types("下午来水前给您回电")
        zhen.press("Tab").types("2小时").sees("（2小时后）")
        lin.does("通报进展", "告诉业主水泵在修")

        zhen.press("F9").sees(TOLD, "通报进展）", "下午来水前给您回电", "2小时")
        zhen.press("F9").sees("承诺时间：已保存")
        lin.sees("下午来水前给您回电", within=SOON)
        assert estate.ticket(number).kinds[-2:] == ["progressed", "promised"]


@pytest.mark.alone
def test_who_only_watches_sees_a_ticket_taken_from_under_the_cursor_and_stays_where_he_is(
    estate: Estate,
) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        lin.does("作废", "与另一张重复")
        zhen.loses(f" {number} ", within=SOON).sees("下一步")
        assert estate.ticket(number).kinds[-1] == "voided"


@pytest.mark.alone
def test_a_sentence_begun_on_a_ticket_that_somebody_else_ends_stays_with_it(estate: Estate) -> None:
    with estate.console("xiaolin") as lin, estate.console("azhen") as zhen:
        number = stand_before(lin, zhen)
        zhen.press("F5").types("业主说还是没").sees("业主说还是没")
        lin.does("作废", "与另一张重复").loses(f" {number} ")
        zhen.sees("已作废", within=SOON).types("来水").sees("业主说还是没来水", f"─ {number} ")
        zhen.press("F3", "Down").loses(f"─ {number} ", "业主说还是没来水")
