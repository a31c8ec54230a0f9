"""A night at 80x24 (A-DAY 23:50): six matters, a phone, no mouse, nothing but keys."""

from __future__ import annotations

from tests.trips.driver import NIGHT, Estate


def test_six_matters_of_a_night_are_worked_by_keys_alone(estate: Estate) -> None:
    with estate.console("laozhou", size=NIGHT, TERM="xterm") as desk:
        desk.sees("老周(前台客服)", "未结工单 F3", "F10 退出")

        # A gas smell: nobody is polite about it.
        estate.does("call", "log", "--phone", "19900001302")
        desk.sees("响铃").press("F2").sees("新单  199****1302").types("厨房有煤气味，头晕").sees("紧急")
        desk.press("F9").sees("已开单")
        gas = desk.found(r"(\d{6}-\d+) 已开单")
        desk.goes_to(gas[2:]).sees("急")
        desk.picks("通报进展").sees("告知业主").types("请业主开窗关阀、到楼外等，已通知燃气抢修").press(
            "F9"
        ).sees("通报进展：已保存")

        # The noise: a phrase with a time in it becomes a promise.
        desk.goes_to("楼上装修").press("F4").sees("话术 F4").press("5", "1").sees("51").press("Enter").sees(
            "填空"
        )
        desk.fills("30分钟").press("F9").loses("填空")
        desk.press("F9").sees("已保存")
        noise = "26" + desk.found(r"─ (\d{4}-\d+) 噪音扰民")

        # Somebody who called while nobody was there.
        desk.press("F2").sees("来电 F2", "未接").press("Enter").sees("数字选", "处理完毕")
        desk.chooses("处理完毕").loses("数字选")
        desk.press("F3").sees("未结工单 F3")

        # The valve: the owner is back earlier, the hold ends.
        desk.goes_to("入户水阀").picks("恢复").sees("恢复：已保存")
        valve = "26" + desk.found(r"─ (\d{4}-\d+) 给排水漏水")

        # The dog: dispatched at night for the morning.
        desk.goes_to("草坪狗粪").picks("派单").sees("责任部门").press("F9").sees("派单：已保存")
        dog = "26" + desk.found(r"─ (\d{4}-\d+) 虫害宠物")

        # The gate guard's manners: called back long ago, the owner was content, closed.
        desk.goes_to("西门保安").press("F7").sees("受理过程").press("1", "1", "1", "5").sees("5 很满意")
        desk.press("F9").sees("回访：已保存")
        guard = "26" + desk.found(r"─ (\d{4}-\d+) 人员")
        desk.picks("关闭").sees("关闭依据").press("F9").sees("关闭：已保存")
        desk.press("F10")
        assert desk.ends() == 0

    done = {
        number: [kind for kind, by, _ in estate.ticket(number).events if by == "laozhou"]
        for number in (gas, noise, valve, dog, guard)
    }
    assert done[gas][0] == "opened" and done[gas][-1] == "progressed"
    assert done[noise][-2:] == ["noted", "promised"]
    assert (done[valve][-1], done[dog][-1], done[guard][-2:]) == (
        "resumed",
        "dispatched",
        ["followed_up", "closed"],
    )
    assert estate.rows("SELECT count(*) FROM call WHERE state = 'missed'") == [(2,)]
