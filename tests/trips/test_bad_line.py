"""A bad line brings many keys in one packet (DESIGN §1): they do what they would have done one by one."""

from __future__ import annotations

from tests.trips.driver import NIGHT, Estate

NOISE = "楼上装修"


def test_a_sentence_and_its_f9_in_one_packet_are_saved_whole(estate: Estate) -> None:
    with estate.console("laozhou", size=NIGHT) as desk:
        number = desk.goes_to(NOISE).number
        desk.bursts("F5", "业主说楼上又开始钻了，保安正在上楼", "F9").sees(f"{number} 已保存").loses("[稿]")
        assert estate.ticket(number).data("noted")["note"] == "业主说楼上又开始钻了，保安正在上楼"


def test_a_form_filled_in_and_sent_in_one_packet_is_saved_whole(estate: Estate) -> None:
    with estate.console("laozhou", size=NIGHT) as desk:
        number = desk.goes_to(NOISE).number
        desk.picks("承诺时间").sees("承诺内容")
        desk.bursts("装修负责人下楼就给您回电", "Tab", "2小时", "Enter", "1", "F9").sees("承诺时间：已保存")
        assert estate.ticket(number).data("promised")["words"] == "装修负责人下楼就给您回电"


def test_what_follows_a_moved_cursor_in_the_same_packet_belongs_to_the_ticket_under_it(
    estate: Estate,
) -> None:
    with estate.console("laozhou", size=NIGHT) as desk:
        before = desk.goes_to(NOISE).number
        desk.bursts("Down", "F5", "写给下面这一张", "F9").until(lambda: desk.number != before)
        desk.sees(f"{desk.number} 已保存").loses("[稿]")
        assert "noted" not in estate.ticket(before).kinds
        assert estate.ticket(desk.number).data("noted")["note"] == "写给下面这一张"
        desk.press("F3").bursts("Up", "F8").sees(f"服务上移  {before}")
