"""A made-up day for the summary's forms: something of everything, and words that would do harm if they were let."""

from __future__ import annotations

from frontdesk.domain.day import Broken, CallTally, Emergency, Ring
from frontdesk.domain.facts import Unclosed
from frontdesk.domain.tallies import Figures
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from frontdesk.sheets.summary import DaySummary
from tests.builders import TEN

HARM = "<script>alert(1)</script>&\"'**粗**[链](http://x)|`#"
NOW = TEN + 7 * HOUR + 30 * MINUTE


def ticket(number: str, title: str, sla: str, follower: str, **known: object) -> Unclosed:
    usual: dict[str, object] = {
        "unit": "**04",
        "category": "工程维修-电梯",
        "priority": "normal",
        "status": "in_progress",
        "due_at": NOW + HOUR,
        "next_step": "18:30 前 办结（剩 1小时）",
        "department": "工程部",
    }
    return Unclosed(number=number, title=title, sla=sla, follower=follower, **(usual | known))  # type: ignore[arg-type]


def full_day(harm: str = "电梯又停了") -> DaySummary:
    """17:30 of a busy Sunday; `harm` stands wherever somebody's words stand."""
    return DaySummary(
        site="云栖苑",
        now=NOW,
        figures=Figures(
            opened=12,
            reopened=1,
            closed=9,
            on_time=8,
            late=2,
            satisfied=5,
            fair=1,
            dissatisfied=1,
            escalated=2,
            kept=3,
            broken=1,
        ),
        tickets=(
            ticket("261122-01", harm, "on_track", "小林"),
            ticket("261120-05", "漏水", "breached", "阿珍", due_at=NOW - HOUR, priority="urgent"),
            ticket(
                *("261122-02", "占车位", "at_risk", "小林"),
                promises=((NOW - MINUTE, harm), (NOW + 3 * HOUR, "送配件"), (NOW + 5 * DAY, "完工")),
            ),
            ticket(
                "261121-07", "门禁", "paused", "", escalated_to="客服主任", escalated_at=NOW - 25 * MINUTE
            ),
        ),
        emergencies=(
            Emergency(
                "261122-09",
                harm,
                "**02",
                "工程维修-电梯",
                TEN,
                TEN + 6 * MINUTE,
                TEN + 19 * MINUTE,
                False,
                "小林",
            ),
            Emergency("261122-10", "煤气味", "**03", "安全", NOW - HOUR, None, None, True, "老周"),
        ),
        broken=(Broken("261122-03", TEN + HOUR, harm, "阿珍", None),),
        calls=CallTally(19, 17, 2, 1, (Ring(TEN, None, "199****0001"),)),
        stars=(1, 3, 4, 5, 5, 5, 5),
    )
