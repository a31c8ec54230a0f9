"""The field's words: English identifier ↔ 中文 (DESIGN §3). Every label a person reads for an identifier is here."""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "repair": "报修",
    "complaint": "投诉",
    "enquiry": "咨询",
    "suggestion": "建议",
    "help": "求助",
}
"""R-001-04, with 求助 for help on the spot."""

PRIORITIES: Final = {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"}
"""R-001-09, R-001-10: danger to persons or a major facility failure is always `urgent`."""

DANGERS: Final = {
    "fire": "着火冒烟",
    "gas": "燃气泄漏",
    "lift": "电梯困人",
    "violence": "打架闯入",
    "hurt": "伤病",
    "shock": "触电",
    "suicidal": "轻生",
    "stuck": "困住卡住",
    "lost": "走失",
    "falling": "坠物倒塌",
    "flood": "水淹",
    "pipe": "爆管",
    "power": "断电救命",
    "cry": "呼救",
}
"""What makes a request urgent (R-001-10); it decides which plan and which words come first."""
CATEGORY_HINT: Final = "分类的中文路径，如 工程维修-电梯；全部见 categories.toml"

CHANNELS: Final = {
    "phone": "电话",
    "walk_in": "前台来访",
    "wechat": "微信",
    "app": "APP",
    "web": "网络",
    "import": "导入",
}

STATUSES: Final = {
    "new": "待受理",
    "dispatched": "已派单",
    "accepted": "已接单",
    "in_progress": "处理中",
    "paused": "挂起",
    "resolved": "待回访",
    "closed": "已关闭",
    "void": "已作废",
}

SLA_STATES: Final = {
    "on_track": "时限内",
    "at_risk": "临期",
    "breached": "超时",
    "paused": "挂起",
    "closed": "已闭环",
}

CLOCKS: Final = {
    "first_response": "首次响应",
    "red_light": "2小时处理",
    "resolution": "办结",
    "on_site": "应急到场",
    "repair": "应急修复",
    "progress": "通报进展",
    "task": "部门时限",
    "promise": "承诺",
    "follow_up": "回访",
    "silent_close": "静默关闭",
    "acknowledge": "上移确认",
    "case": "案例时限",
}

ROLES: Final = {
    "agent": "前台客服",
    "supervisor": "客服主任",
    "manager": "项目经理",
    "auditor": "审计",
    "admin": "管理员",
}

RANKS: Final = ("agent", "supervisor", "manager", "admin")
"""The roles that handle tickets, from below; whoever stands higher may answer for those below (DESIGN §6)."""

PAUSE_CAUSES: Final = {"owner": "等业主", "parts": "等配件", "third_party": "等第三方"}
"""The only three grounds for a pause (DESIGN §5)."""

CLOSE_GROUNDS: Final = {
    "satisfied": "回访满意",
    "signed": "现场签字满意",
    "silence": "谢绝回访且七日无再诉",
    "waived": "免回访",
}
"""R-S10-03, R-S4-06, R-S10-05, R-S10-06."""

WAIVERS: Final = {"anonymous": "匿名无法联系", "sensitive": "敏感投诉不便回访"}
"""R-S10-06 ② and ③; ① is the ground `signed`."""

ESCALATE_CAUSES: Final = {"manual": "服务上移", "breach": "超时升级", "dissatisfied": "回访不满意"}

FOLLOW_UP_FORMS: Final = {"phone": "电话", "visit": "上门访谈", "web": "网上回函", "survey": "调查问卷"}
"""R-S10-02."""

EVENTS: Final = {
    "opened": "受理",
    "called": "来电",
    "corrected": "补正",
    "case_taken": "采用案例",
    "case_limit": "案例时限",
    "facts": "采集事实",
    "noted": "记录",
    "plan_opened": "打开预案",
    "dispatched": "派单",
    "accepted": "接单",
    "arrived": "到场",
    "progressed": "通报进展",
    "promised": "承诺",
    "paused": "挂起",
    "resumed": "恢复",
    "task_done": "部门完成",
    "resolved": "处理完毕",
    "followed_up": "回访",
    "declined": "谢绝回访",
    "closed": "关闭",
    "reopened": "重开",
    "escalated": "服务上移",
    "acknowledged": "上移确认",
    "reminded": "催办",
    "transferred": "转交",
    "voided": "作废",
    "evidence": "凭证",
    "merged": "合并",
    "linked": "关联",
    "rebased": "换规则",
    "undone": "撤销",
}

PROMISES: Final = {"owed": "待兑现", "kept": "守约", "broken": "失约", "renegotiated": "已改期"}
"""How a promise stands in the ledger (承诺账本)."""

NOTICE_STATES: Final = {
    "queued": "待发",
    "sending": "发送中",
    "sent": "已发",
    "failed": "发送失败",
    "unrouted": "没有去向",
    "withdrawn": "已撤回",
}

CALL_STATES: Final = {"ringing": "响铃", "answered": "接听", "missed": "未接", "done": "已处理"}

PICKED_UP: Final = {"met": "三声内接听", "late": "超过三声"}
"""T8."""


def identifier(labels: dict[str, str], text: str) -> str | None:
    """The identifier for an identifier or its Chinese label; None where it is neither."""
    word = text.strip()
    if word in labels:
        return word
    return next((key for key, label in labels.items() if label == word), None)
