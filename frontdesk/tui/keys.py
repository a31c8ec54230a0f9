"""The one table of keys: bindings, the key bar, the palette, the help and README's list are made from it (DESIGN §10).

Function keys and digits only: letters begin Chinese input, and Ctrl combinations belong to terminals and multiplexers.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple


class Key(NamedTuple):
    """A key, how it is named, its label of two hanzi, the console's action, and what it does in a sentence.

    `bar` keys stand in the key bar, `palette` entries can be found with Ctrl+P.
    """

    key: str
    name: str
    label: str
    action: str
    does: str
    bar: bool = False
    palette: bool = False


KEYS: Final = (
    Key("f1", "F1", "帮助", "help", "当前栏目怎么用，全部按键", True),
    Key("f2", "F2", "接听", "answer", "接起正在响的电话并开新单；没有来电时到来电栏", True, True),
    Key("f3", "F3", "工单", "tickets", "到工单列表", True, True),
    Key("f4", "F4", "话术", "phrases", "到话术栏：数字选，回车插入记录，可打字或拼音首字母筛选", True, True),
    Key("f5", "F5", "记录", "note", "到处理记录，边听边写，半秒内自动存草稿", True, True),
    Key("f6", "F6", "换栏", "next_pane", "到下一栏", True),
    Key("f7", "F7", "回访", "follow_up", "登记回访：星级和三问", True, True),
    Key("f8", "F8", "上移", "escalate", "服务上移：原因、层级、业主意见；再按 F8 确认", True, True),
    Key("f9", "F9", "保存", "save", "保存记录或正在填的表", True, True),
    Key("f10", "F10", "退出", "leave", "退出；有没存的内容会先问", True, True),
    Key("f12", "F12", "复制", "copy", "复制当前话术或工单，并显示无边框的文字供选取", palette=True),
    Key("enter", "Enter", "打开", "open", "打开所选：工单的下一步、来电、话术插入"),
    Key("escape", "Esc", "返回", "back", "返回上一层；写了一半的会留作草稿"),
    Key(
        "ctrl+p", "Ctrl+P", "命令", "command_palette", "所有命令，可打汉字、拼音或首字母；不是命令的拿去查找"
    ),
    Key("ctrl+l", "Ctrl+L", "重画", "redraw", "屏幕花了时重画", palette=True),
)

Bar = tuple[tuple[str, str], ...]
"""A key bar: keys and what they do now."""

FORM_BAR: Final = (
    ("F9", "保存"),
    ("Enter", "下一项"),
    ("Tab", "换项"),
    ("PgDn", "下一选项"),
    ("F4", "话术"),
    ("Esc", "返回（留草稿）"),
)
ESCALATE_BAR: Final = (
    ("F8", "确认上移"),
    ("Enter", "下一项"),
    ("Tab", "换项"),
    ("F4", "话术"),
    ("Esc", "返回（留草稿）"),
)
MENU_BAR: Final = (("数字", "选一项"), ("Enter", "选中"), ("Esc", "返回"))
EMERGENCY_BAR: Final = (
    ("Enter", "念过了"),
    ("F2", "附上来电"),
    ("数字", "选，再按做下一步"),
    ("F3", "工单"),
    ("Esc", "返回"),
)
PAGE_BAR: Final = (("上下 PgUp PgDn", "翻看"), ("Esc", "返回"))
TAKE_BAR: Final = (("Enter", "接这一件"), ("数字", "接第几件"), ("F9", "全部接下"), ("Esc", "先不接"))
GIVE_BAR: Final = (("F9", "签字交班"), ("Enter", "看这张工单"), ("Esc", "先不交"))
LEAF_BARS: Final = {
    "dashboard": (
        ("方向键", "选数字"),
        ("Enter", "看工单"),
        ("F6", "回到工单"),
        ("F1", "帮助"),
        ("Esc", "返回"),
    ),
    "found": (("上下 PgUp PgDn", "选工单"), ("Enter", "打开"), ("Esc", "回看板")),
}
"""The key bars of the full pages that do more than scroll."""

PANES: Final = {
    "calls": (
        "来电栏",
        "上下选一个来电，回车看能做什么：接听、开单、关联到工单、未接回拨、处理完毕。",
        "响铃时屏幕上方有整行提示，按 F2 接起并开新单。",
    ),
    "tickets": (
        "工单列表",
        "按时限排序，应急在最上。状态是一个反白汉字加一个词：急 红 近 新 移 办 访 停。",
        "上下、PgUp、PgDn、Home、End 移动；回车列出这张工单现在能做的事，按数字选。",
        "直接打字就是查找：文字、拼音首字母、房号、电话尾号、单号都行，回车打开，Esc 返回。",
        "有「稿」的工单还有没存的记录。",
    ),
    "detail": (
        "工单详情",
        "第一行是下一步和剩余时间；下面是业主、时限、承诺和经过，新的在上。上下翻看。",
        "为什么是红的：回车菜单里的「说明时限」。",
    ),
    "note": (
        "处理记录",
        "直接写，半秒内存草稿，断线、断电、换单都不丢；F9 保存成一条记录。",
        "话术插入时会逐个问空格；约定的时间在保存时成为承诺，开始计时。",
    ),
    "phrases": (
        "话术栏",
        "数字选一条，全文在下面；再按同一数字或回车插入记录，F12 复制。",
        "打汉字、拼音或首字母筛选；退格清除。",
    ),
    "form": (
        "填表",
        "回车到下一项，最后一项回车即保存；写长文字时回车换行。Tab、上下换项，PgDn、PgUp 直接到下一个、上一个选项。",
        "选项按数字，或打字、拼音首字母找；开单时最像的几个排在最前。",
        "时间可写 10:05、明天 8:30、30分钟、2小时、11-25 9:00；下面会读回给你核对。",
        "Esc 返回时已填的留作草稿，再打开还在。",
    ),
    "emergency": (
        "突发看板",
        "上面一行一起突发，下面是选中的那起：现在念什么、各部门到哪一步、时限。",
        "念给来电人、发到群里以后按回车，记到这起突发的每张单上，下一个十分钟开始。",
        "又有人为同一件事来电：响铃时按 F2，接起、附上、另开一张单，一键做完；照上面念给他。",
        "数字选一起；再按同一数字列出能做的：接单、到场、办结。Esc 返回，突发还在走。",
    ),
    "menu": ("菜单", "数字选，或上下加回车；Esc 返回。"),
    "handover": (
        "交接班",
        "接班：回车或数字接一件，F9 全部接下；接过来的工单，首问责任人就是您，时限照走。",
        "没有接的仍在交班人名下，Ctrl+P 打「交接班」随时再接。交班：看一遍，F9 签字。",
    ),
    "dashboard": (
        "看板",
        "方向键在数字之间移动，最上面一行说明光标所在的数；回车列出它背后的工单，再回车打开，Esc 返回。",
        "新增按受理时间，关闭含作废和并单，重开的不算关闭；结转是当日终了仍未结的。",
        "响铃 60 秒没有接起算未接，回拨了也算；承诺只看今日到期的：到期前做到为兑现，到期未做到为失约。",
        "颜色每分钟更新，别处保存后自动重读。F6 轮到这里，也可 Ctrl+P 打 kb；frontdesk dashboard 直接打开。",
    ),
    "found": ("看板里的工单", "上下选，回车打开这张工单；Esc 回看板。"),
}
"""What F1 says about the pane that has the keys: its name, then sentences."""


def form_bar(escalates: bool, last: bool, text: bool) -> Bar:
    """The key bar of a form; what Enter does depends on whether its field is a text or the `last` one."""
    enter = "换行" if text else "确认" if last and escalates else "保存" if last else "下一项"
    return tuple(
        (key, enter if key == "Enter" else label) for key, label in (ESCALATE_BAR if escalates else FORM_BAR)
    )


@cache
def bar() -> Bar:
    """The key bar of the main screen."""
    return tuple((key.name, key.label) for key in KEYS if key.bar)


def markdown() -> str:
    """README's key table."""
    rows = [f"| {key.name} | {key.label} | {key.does} |" for key in KEYS]
    return "\n".join(["| 键 | 名称 | 作用 |", "| --- | --- | --- |", *rows]) + "\n"
