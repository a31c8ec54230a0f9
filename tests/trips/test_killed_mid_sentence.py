"""Nothing typed is ever lost (DESIGN §10): the console killed, its terminal gone, the database locked, the disk full."""

from __future__ import annotations

import resource
import signal
import statistics
import time
from pathlib import Path

import pytest

from tests.trips.driver import Console, Estate

NOISE, FEE = "楼上装修", "停车费从固定"


def drafts(estate: Estate) -> dict[Path, bytes]:
    """The drawer's files and what is in them, which nobody can read."""
    return {path: path.read_bytes() for path in (estate.home / "drafts").glob("*.draft")}


def notes(estate: Estate) -> list[str]:
    """What was put on record, in order; the sample estate's day has no such events of its own."""
    asked = "SELECT json_extract(data, '$.note') FROM event WHERE kind = 'noted' ORDER BY ticket_id, seq"
    return [str(note) for (note,) in estate.rows(asked)]


def saved_anew(desk: Console, estate: Estate, known: dict[Path, bytes]) -> Console:
    """Wait until the drawer is not as it was known any more."""
    return desk.until(lambda: drafts(estate) != known, "what was typed reaches no draft")


def writes(desk: Console, words: str) -> Console:
    """F5, a few words, and a look that they stand there."""
    return desk.press("F5").types(words).sees(words)


@pytest.mark.alone
def test_killed_in_the_middle_of_a_sentence_the_next_start_offers_it_on_its_ticket(estate: Estate) -> None:
    waits = []
    with estate.console("xiaolin") as desk:
        desk.goes_to(NOISE).press("F5")
        for word in ("业主说", "楼上还在钻，", "孩子", "一直哭，", "已请"):
            known, typed = drafts(estate), time.monotonic()
            desk.types(word)
            saved_anew(desk, estate, known)
            waits.append(time.monotonic() - typed)
        assert desk.kill(signal.SIGKILL).ends() == -signal.SIGKILL
    assert statistics.median(waits) < 1.0, waits
    assert "一直哭".encode() not in b"".join(drafts(estate).values())

    with estate.console("laozhou") as other:
        other.sees("未结工单", "下一步").loses("业主说楼上还在钻")
    with estate.console("xiaolin") as desk:
        desk.sees("已恢复没存的内容：记录 1 份", "噪音扰民", "业主说楼上还在钻，孩子一直哭，已请")
        desk.types("安保上楼").press("F9").sees("已保存").loses("[稿]")
        desk.until(lambda: drafts(estate) == {}, "the draft outlives what was saved")
    assert notes(estate) == ["业主说楼上还在钻，孩子一直哭，已请安保上楼"]


def test_killed_while_a_call_is_taken_down_the_form_is_open_again(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        desk.sees("未结工单")
        estate.does("call", "log", "--phone", "19900005678")
        desk.sees("响铃").press("F2").sees("新单  199****5678").types("楼上卫生间漏水，天花").sees("因为：")
        desk.until(lambda: drafts(estate), "no draft").kill(signal.SIGKILL).ends()
    with estate.console("xiaolin") as desk:
        desk.sees("新单  199****5678", "楼上卫生间漏水，天花")
        desk.types("在滴水").press("F9").sees("已开单，已派工程部")
        desk.until(lambda: drafts(estate) == {}, "the draft outlives what was saved")


@pytest.mark.alone
def test_its_terminal_gone_it_ends_at_once_and_the_last_word_is_there(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        before = writes(desk.goes_to(NOISE), "线断之前的半句").spent
        assert desk.hang_up().ends(within=3.0) == 128 + signal.SIGHUP
        assert desk.spent - before < 0.5, "it spins on the terminal that is gone"
    with estate.console("xiaolin") as desk:
        desk.sees("已恢复没存的内容：记录 1 份", "线断之前的半句")


@pytest.mark.alone
def test_told_to_end_it_gives_the_terminal_back_and_keeps_every_ticket_s_text(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        writes(desk.goes_to(NOISE), "噪音的半句")
        writes(desk.goes_to(FEE), "收费的半句").kill(signal.SIGTERM)
        assert desk.ends(within=5.0) == 128 + signal.SIGTERM
        desk.until(lambda: not desk.text.strip(), "the console's picture is left behind")
    with estate.console("xiaolin") as desk:
        desk.sees("已恢复没存的内容：记录 2 份")
        desk.goes_to(NOISE).sees("噪音的半句").goes_to(FEE).sees("收费的半句")


def test_while_somebody_holds_the_database_saving_waits_and_writing_goes_on(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        number = desk.goes_to(NOISE).number
        writes(desk, "保安已经上楼")
        with estate.held():
            desk.press("F9").sees("正在保存")
            known = drafts(estate)
            saved_anew(desk.types("，门开了").sees("保安已经上楼，门开了"), estate, known)
            desk.press("F3", "Down").loses(f"─ {number} ")
        desk.sees(f"{number} 已保存").goes_to(NOISE).sees("，门开了", "[稿]")
        desk.press("F9").loses("[稿]").sees(f"{number} 已保存")
    assert notes(estate) == ["保安已经上楼", "，门开了"]


def test_on_a_full_disk_saving_fails_in_chinese_and_f9_works_once_there_is_room(estate: Estate) -> None:
    with estate.console("xiaolin") as desk:
        number = desk.goes_to(NOISE).number
        writes(desk, "磁盘满的时候写的")
        room = resource.prlimit(desk.pid, resource.RLIMIT_FSIZE)
        # Drafts are small and still fit: that they lie apart from the database is what saves them.
        resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, (4096, room[1]))
        desk.press("F9").sees("没有保存", "磁盘满的时候写的")
        desk.types("，还没存").sees("磁盘满的时候写的，还没存")
        resource.prlimit(desk.pid, resource.RLIMIT_FSIZE, room)
        desk.press("F9").sees(f"{number} 已保存").loses("[稿]")
    assert notes(estate) == ["磁盘满的时候写的，还没存"]
