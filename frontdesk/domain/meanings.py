"""What every figure of the monthly sheet means: the one source of the sheet's 说明 page and of README's section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A figure's column heading and its definition, for the reader of the sheet."""

    label: str
    text: str


FIGURES: Final[Mapping[str, Meaning]] = {
    "carried_over": Meaning("上期结转", "月初零时尚未关闭的工单。"),
    "opened": Meaning("本期新增", "本月受理的工单，加上关闭后在本月重开的。"),
    "reopened": Meaning(
        "其中重开", "本期新增里关闭后又重开的；处理完毕、等待回访时退回重办的仍是同一件，不计在内。"
    ),
    "closed": Meaning("本期关闭", "本月关闭、作废或并入他单的工单；关闭、重开、再关闭的计两次。"),
    "void": Meaning("其中作废", "本期关闭里误开作废或重复并单的；它们不计入时效、满意度、上移和承诺。"),
    "still_open": Meaning("结转下期", "月末（当月为数据截至时刻）仍未关闭的工单。"),
    "on_time": Meaning(
        "按时办结",
        "本月处理完毕且早于时限的次数；挂起停表，与业主约定办结日期的以约定为准，重开的每轮各算一次。",
    ),
    "late": Meaning(
        "超时办结", "本月处理完毕而时限已到或已过的次数；尚未办结的不在此列，见未闭环页和时限页的逾期。"
    ),
    "satisfied": Meaning("满意", "本月回访得 4–5 星的次数，以及未经回访、现场签字满意而关闭的件数。"),
    "fair": Meaning("基本满意", "本月回访得 3 星的次数。"),
    "dissatisfied": Meaning(
        "不满意", "本月回访得 1–2 星的次数；须再次处理并上移，所以同一件可能先不满意、后满意。"
    ),
    "escalated": Meaning("服务上移", "本月发生的上移次数：人工上移、超时升级、回访不满意三种。"),
    "kept": Meaning("承诺兑现", "向业主说定的时间，在到期之前做到的次数，按做到之日计。"),
    "broken": Meaning("承诺失约", "说定的时间到了仍未做到的次数，按到期之日计；事后补做或改期不抵消。"),
}
"""Every figure's heading and definition, in the order of `tallies.Figures`."""

RATES: Final = (
    Meaning("按时率", "按时办结 ÷（按时办结＋超时办结）；没有办结的显示「—」。"),
    Meaning("满意率", "满意 ÷（满意＋基本满意＋不满意）；没有回访的显示「—」。"),
    Meaning(
        "环比、同比",
        "本月减上月、本月减去年同月，比率为相差的百分点；那个月已定稿的取定稿数，没有数据的显示「—」。",
    ),
)
DAILY: Final = (
    Meaning("日初在办", "当日零时尚未关闭的工单，等于前一日的日末在办。"),
    Meaning("日末在办", "日初在办 ＋ 当日新增 － 当日关闭；月末一日等于结转下期。"),
    Meaning("补记变动", "某日报出以后，该日的新增或关闭又有增减（补录、撤销）的，注明发现日期和单号。"),
)
TIMES: Final = (
    Meaning("到期前做到", "时限到期之前做到的次数，按做到之日计。"),
    Meaning("逾期", "到期时仍未做到的次数，按到期之日计；挂起的顺延，到期前已撤销的不计。"),
    Meaning("其中仍未做到", "逾期里到数据截至时仍未做到的。"),
    Meaning("如期率", "到期前做到 ÷（到期前做到＋逾期）；95% 起为达标，85% 起为关注，以下为不达标。"),
    Meaning("平均用时", "本月做到的各次，从起算到做到的小时数的平均，含挂起和夜间。"),
)
AFTERCARE: Final = (
    Meaning("回访次数", "本月登记了星级的回访，同一件可有几次。"),
    Meaning("平均星级", "各次回访星级的平均。"),
    Meaning("签字满意、静默、免访", "本月关闭的工单里，现场签字满意、谢绝回访且七日无再诉、免回访的件数。"),
)
CLIMBS: Final = (
    Meaning("上移次数", "同汇总页的服务上移，按原因和上移到的层级分列；一件可有几次。"),
    Meaning("确认接手", "被上移者说「接」的时间；至数据截至时没有人说的为未确认。"),
    Meaning("等了（分钟）", "从上移到确认接手的分钟数。"),
)
REPEATS: Final = (
    Meaning("重复诉求", "本月受理的工单，同一房号同一分类在此前七天内已报过一次；作废和并单的不计。"),
    Meaning("群发事件", "多位业主报同一件事、归在一张牵头工单下的；计牵头工单和归入的工单。"),
)
UNFINISHED: Final = (
    Meaning("已历时", "从受理（重开的从最近一次重开）到数据截至的天数。"),
    Meaning("最近到期", "还在走的各个时限里最先到期的一个；挂起而没有别的时限的为空。"),
)
READING: Final = (
    Meaning("期间", "每月一日零时起，至次月一日零时之前，北京时间。事情发生在哪个月就计入哪个月。"),
    Meaning("数据截至", "已过完的月份为月末二十四时；当月为最后一笔记录的时间，其后没有新的变动。"),
    Meaning(
        "分类与部门",
        "月末（当月为数据截至时）工单上的分类和最近一次派单的部门；其后改的从改的那个月起算，上月结转因此改类的列在本页。",
    ),
    Meaning("时限状态", "超时、临期、时限内、挂起，按数据截至时刻判断；剩余不足两成为临期。"),
    Meaning(
        "定稿与版次",
        "月末三天后的第一次导出即定稿（也可提前定稿），其后数据有变也不再改动；由经理写明原因重出的为下一版。",
    ),
    Meaning(
        "备注、原因分析、改进措施", "由人填写，重新导出时按分类名原样保留；其余内容每次整表重算，请勿手改。"
    ),
    Meaning("看明细", "点任一数字即跳到相应的工单；相应的工单不相邻时，单号写在该格的批注里。"),
    Meaning("脱敏", "明细不含姓名和电话，房号按岗位权限显示。"),
    Meaning("单引号", "文字以等号、加号、减号或 @ 起头的，前面加了单引号，以免被表格软件当成公式执行。"),
)

CHAPTERS: Final[Mapping[str, tuple[Meaning, ...]]] = {
    "汇总": (*FIGURES.values(), *RATES),
    "每日": DAILY,
    "时限": TIMES,
    "回访与满意度": AFTERCARE,
    "升级": CLIMBS,
    "重复投诉与群发事件": REPEATS,
    "未闭环": UNFINISHED,
    "怎样读这份表": READING,
}
"""Every definition, by the page that it is needed on."""

README_START, README_END = "<!-- figures -->", "<!-- /figures -->"


def readme() -> str:
    """README's section on the figures, between its two marks."""
    return "\n".join((README_START, *_lines(), README_END))


def _lines() -> Iterator[str]:
    for chapter, meanings in CHAPTERS.items():
        yield ""
        yield f"| {chapter} | 含义 |"
        yield "| --- | --- |"
        yield from (f"| {meaning.label} | {meaning.text} |" for meaning in meanings)
    yield ""
