"""An event in the words of the record (经过): one plain Chinese line, without personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.domain.terms import CHANNELS, CLOSE_GROUNDS, ESCALATE_CAUSES, FOLLOW_UP_FORMS, PAUSE_CAUSES
from frontdesk.domain.tickets import Event
from frontdesk.domain.timing import Instant, clock


def words(event: Event, now: Instant) -> str:
    """What happened, as a line of the record; times relative to `now`."""
    say = _WORDS.get(event.kind)
    return say(event.data, now) if say else str(event.data.get("note", ""))


def _joined(*parts: str) -> str:
    return "，".join(part for part in parts if part)


def _opened(d: Mapping[str, Any], now: Instant) -> str:
    return _joined(f"{CHANNELS.get(d['channel'], d['channel'])}受理", str(d.get("title", "")))


def _corrected(d: Mapping[str, Any], now: Instant) -> str:
    names = {
        "kind": "类型",
        "category": "分类",
        "priority": "紧急程度",
        "title": "摘要",
        "place": "地点",
        "happened": "发生时间",
        "outcome": "期望",
        "case": "案例",
        "name": "姓名",
        "unit": "房号",
        "phone": "联系方式",
        "text": "事项",
        "anonymous": "匿名",
        "sensitive": "敏感",
    }
    changed = [names.get(name, name) for name in (*d.get("fields", ()), *d)]
    return "补正：" + "、".join(name for name in dict.fromkeys(changed) if name not in ("fields", "found"))


def _limited(d: Mapping[str, Any], now: Instant) -> str:
    return f"{d['label']}：" + ("办妥" if d["due_at"] is None else f"下次 {clock(d['due_at'], now)} 前")


def _dispatched(d: Mapping[str, Any], now: Instant) -> str:
    return f"派{d['department']}：{d['content']}，限 {clock(d['due_at'], now)}，联系人 {d['contact']}"


def _progressed(d: Mapping[str, Any], now: Instant) -> str:
    return _joined(str(d["note"]).rstrip("。"), "已告知业主" if d.get("told") else "未告知业主")


def _promised(d: Mapping[str, Any], now: Instant) -> str:
    kind = "（约定完成日期）" if d.get("completion") else "（超过 24 小时，需说明）" if d.get("far") else ""
    return f"承诺 {clock(d['due_at'], now)} 前：{d['words']}{kind}"


def _paused(d: Mapping[str, Any], now: Instant) -> str:
    cause = PAUSE_CAUSES.get(d["cause"], d["cause"])
    return f"{cause}：{d['reason']}，预计 {clock(d['until'], now)} 恢复"


def _followed_up(d: Mapping[str, Any], now: Instant) -> str:
    asked = (("受理", d["intake"]), ("措施", d["measures"]), ("结果", d["result"]))
    answers = "、".join(f"{label}{answer}" for label, answer in asked if answer)
    form = FOLLOW_UP_FORMS.get(d["form"], d["form"])
    return _joined(f"{form}回访 {d['score']} 星", answers, f"业主说：{d['words']}" if d["words"] else "")


def _closed(d: Mapping[str, Any], now: Instant) -> str:
    return _joined(CLOSE_GROUNDS.get(d["ground"], ""), str(d.get("reason", "")))


def _escalated(d: Mapping[str, Any], now: Instant) -> str:
    cause = ESCALATE_CAUSES.get(d["cause"], d["cause"])
    consent = f"业主{d['consent']}" if d.get("consent") else ""
    who = f"（第一受理人 {d['person_name']}）" if d.get("person_name") else ""
    return _joined(f"{cause}至{d['to']}{who}：{d['reason']}", consent)


_WORDS: dict[str, Callable[[Mapping[str, Any], Instant], str]] = {
    "opened": _opened,
    "called": lambda d, now: _joined(
        "业主再次来电" + ("" if d.get("answered") else "（未接）"), str(d.get("told", ""))
    ),
    "corrected": _corrected,
    "case_taken": lambda d, now: f"按案例 {d['scenario'] or d['case']} {d['title']} 办理",
    "case_limit": _limited,
    "facts": lambda d, now: f"采集事实 {len(d['facts'])} 项",
    "plan_opened": lambda d, now: f"突发预案「{d['title']}」，派 {d['tasks']} 个部门任务",
    "dispatched": _dispatched,
    "progressed": _progressed,
    "promised": _promised,
    "paused": _paused,
    "task_done": lambda d, now: f"部门任务 {d['task']} 完成：{d.get('result', '')}",
    "followed_up": _followed_up,
    "closed": _closed,
    "reopened": lambda d, now: str(d["reason"]),
    "escalated": _escalated,
    "transferred": lambda d, now: f"转给 {d['to']}：{d['reason']}",
    "voided": lambda d, now: str(d["reason"]),
    "evidence": lambda d, now: _joined(str(d.get("caption", "")), f"{d['media_type']}，{d['size']} 字节"),
    "merged": lambda d, now: f"并入 {d['into']}：{d['reason']}",
    "linked": lambda d, now: _joined(f"归入群发事件 {d['incident']}", str(d.get("told", ""))),
    "rebased": lambda d, now: f"时限改按规则 {d['policy']}：{d['reason']}",
    "undone": lambda d, now: "撤销上一步",
}
