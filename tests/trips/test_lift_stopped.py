"""09:15, a lift has stopped (A-DAY): four letters, the plan, the second caller with one key, arrived, told, out, the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trips.driver import SOON, Estate
from tests.trips.test_ring_to_close import private_words

LIFE = ["opened", "case_taken", "dispatched", "dispatched", "dispatched", "plan_opened"]


@pytest.mark.alone
def test_a_lift_has_stopped(estate: Estate, tmp_path: Path) -> None:
    with estate.console("xiaolin") as desk, estate.console("laozhou") as other:
        desk.sees("下一步", "F2 接听")
        estate.does("call", "log", "--phone", "19900005678")
        desk.sees("上次承诺守约").press("F2").sees("新单  199****5678")
        desk.types("dtkr").sees("紧急：回车打开预案「电梯困人」", "B2 电梯困人")
        desk.press("Enter").sees("紧急：电梯困人", "1 打开预案").press("Enter")
        desk.sees(
            "突发 1/", "现在念 第一次通报", "3栋电梯困人", "已派 安保部", "已派 工程部", "先打 电梯维保单位"
        )
        desk.sees("通报剩09:", "还有 09:")
        number = estate.rows("SELECT number FROM ticket ORDER BY id DESC LIMIT 1")[0][0]
        assert estate.ticket(number).kinds == LIFE
        told = estate.rows("SELECT kind, audience FROM notice ORDER BY id DESC LIMIT 4")
        assert told == [("plan_opened", "group"), *[("dispatched", "staff")] * 3]
        other.sees("急2", within=2 * SOON)

        estate.does("call", "log", "--phone", "19900002414")
        desk.sees("响铃 00:").press("F2").sees("来电已附上", "来电+1").loses("响铃 00:")
        ((member,),) = estate.rows("SELECT number FROM ticket WHERE incident = ?", number)
        assert estate.ticket(member).kinds == ["opened", "linked"]
        assert "3栋电梯困人" in estate.ticket(member).data("linked")["told"]

        desk.press("1").sees("数字选", "1 到场").press("1").sees("部门任务", "1 安保部")
        desk.press("2").types("维保老周").press("F9").sees("到场：已保存", "已到 工程部", "现在念 有人到场")
        desk.press("Enter").sees("已通报，2 张单都记了", "现在念 还在处理")
        assert estate.ticket(member).kinds[-1] == estate.ticket(number).kinds[-1] == "progressed"

        for waiting in (3, 2, 1):
            desk.press("1").sees("数字选").chooses("办结").sees("处理结果")
            if waiting > 1:
                desk.sees("部门任务").press("1")
            desk.types("人已全部出来").press("F9").sees("办结：已保存").loses("处理结果")
        desk.sees("采集事实", "几点开始被困").types("00:01").press("F9").sees("采集事实：已保存")
        desk.sees("现在念 处理完毕", "念过这次就完", "待采 几点全部出来")
        desk.press("Enter").sees("没有按预案在处理的突发").press("Esc")
        assert estate.ticket(number).kinds[-3:] == ["resolved", "facts", "progressed"]
        assert estate.ticket(member).kinds[-1] == "resolved", "it is over for every caller"

        refused = estate.run("ticket", "close", number, "--ground", "signed", "--reason", "当面签字")
        assert refused.returncode == 1 and "关闭前要采到：几点全部出来" in refused.stderr
        paper = tmp_path / "经过.md"
        estate.does("emergency", "timeline", number, "--out", str(paper))
        text = paper.read_text(encoding="utf-8")
        assert text.index("打开预案") < text.index("维保老周") < text.index("处理完毕 | 人已全部出来")
        assert f"{member} | 小林 | 关联" in text
        found = json.loads(estate.does("emergency", "timeline", member, "--json"))
        assert (found["number"], found["members"]) == (number, [member])
        shown = desk.history + text
        assert not [word for word in private_words() if word in shown]
