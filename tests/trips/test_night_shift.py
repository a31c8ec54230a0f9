"""A night at 80x24 (A-DAY 23:50): six matters, a phone, no mouse, nothing but keys."""

from __future__ import annotations

from tests.trips.driver import NIGHT, Console, Estate


def takes_a_call_about_gas(desk: Console, estate: Estate) -> str:
    """A gas smell: the console lets nobody be polite about it."""
    estate.does("call", "log", "--phone", "19900001302")
    desk.sees("响铃").press("F2").sees("新单  199****1302").types("厨房有煤气味，头晕").sees("紧急")
    gas = desk.press("F9").found(r"(\d{6}-\d+) 已开单")
    desk.sees("现在念 第一次通报", "燃气抢修已经叫了", "先打 燃气公司抢修")
    desk.goes_to(gas[2:]).sees("急 下一步").does("通报进展", "请业主开窗关阀、到楼外等，抢修已在路上")
    return gas


def promises_with_a_phrase(desk: Console) -> str:
    """The noise: a phrase of the handbook asks for its time, and the time is a promise."""
    noise = desk.goes_to("楼上装修").number
    desk.press("F4").sees("话术 F4").press("5", "1").press("Enter").sees("填空")
    desk.types("30分钟").sees("（30分钟后）").press("F9").loses("填空").sees("保存后承诺")
    desk.press("F9").sees(f"{noise} 已保存")
    return noise


def settles_a_missed_call(desk: Console) -> None:
    """Somebody who called while nobody was there has been called back."""
    desk.press("F2").sees("来电 F2", "未接").press("Enter").sees("数字选").chooses("处理完毕").loses("数字选")


def follows_up_and_closes(desk: Console) -> str:
    """An old matter: the owner was content."""
    guard = desk.goes_to("西门保安").number
    desk.press("F7").sees("受理过程").press("1", "1", "1", "5").sees("5 很满意")
    desk.press("F9").sees("回访：已保存").does("关闭")
    return guard


def test_six_matters_of_a_night_are_worked_by_keys_alone(estate: Estate) -> None:
    missed = "SELECT count(*) FROM call WHERE state = 'missed'"
    ((before,),) = estate.rows(missed)
    with estate.console("laozhou", size=NIGHT, TERM="xterm") as desk:
        desk.sees("老周(前台客服)", "未结工单 F3", "F10 退出")
        gas = takes_a_call_about_gas(desk, estate)
        noise = promises_with_a_phrase(desk)
        settles_a_missed_call(desk)
        valve = desk.goes_to("入户水阀").number
        desk.picks("恢复").sees("状态 已接单")
        dog = desk.goes_to("草坪狗粪").does("派单").number
        guard = follows_up_and_closes(desk)
        desk.press("F10")
        assert desk.ends() == 0

    def mine(number: str) -> list[str]:
        return [kind for kind, by, _ in estate.ticket(number).events if by == "laozhou"]

    assert mine(gas) == ["opened", *["dispatched"] * 3, "plan_opened", "progressed"]
    assert mine(noise) == ["noted", "promised"]
    assert (mine(valve), mine(dog), mine(guard)) == (["resumed"], ["dispatched"], ["followed_up", "closed"])
    assert estate.rows(missed) == [(before - 1,)]
    assert estate.run("doctor", by="chenzr").returncode == 0
