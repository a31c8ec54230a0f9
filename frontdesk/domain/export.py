"""What leaves the house as data: one table of columns from which files, `ticket export --schema` and README are made.

Values are plain: a text, whole numbers, true or false, an `Instant`; None where there is nothing to say. How a time or
a text is written is the file format's matter (sheets/exports.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.facts import TicketFacts, facts
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import Masks, restore
from frontdesk.domain.sla import FAR, face, sla_state
from frontdesk.domain.terms import CHANNELS, CLOSE_GROUNDS, KINDS, PRIORITIES, SLA_STATES, STATUSES
from frontdesk.domain.tickets import Event, Ticket, undone
from frontdesk.domain.timing import MINUTE, Instant

Value = str | int | bool | None

TYPES: Final = {"text": "文字", "integer": "整数", "boolean": "是否", "time": "时间"}
"""The types of a column and their labels."""

GROUNDS: Final = {**CLOSE_GROUNDS, "imported": "历史导入", "void": "作废", "merged": "并入他单"}
FREE: Final = ("title", "text", "place", "happened", "outcome")
"""What people wrote: redacted, the originals are put back only in clear."""


class Subject:
    """One ticket as a row is made from it; `originals` are the numbers behind the tokens of its free text, for `clear` alone."""

    def __init__(
        self,
        ticket: Ticket,
        events: Sequence[Event],
        policy: Policy,
        names: Mapping[str, str],
        now: Instant,
        clear: bool = False,
    ) -> None:
        self.ticket, self.policy, self.names, self.now, self.clear = ticket, policy, names, now, clear
        self._events = events

    @cached_property
    def facts(self) -> TicketFacts:
        """What the month's figures would count of it."""
        return facts(self.ticket, self.policy, "")

    @cached_property
    def due(self) -> tuple[str, Instant | None]:
        """The SLA state and when the next limit falls due."""
        shown = face(self.ticket, self.policy)
        return sla_state(shown, self.now), shown.due_at if shown.due_at < FAR else None

    @property
    def ground(self) -> str:
        """How it ended, "" while it is open."""
        return self.facts.spans[-1].ground if self.facts.spans else ""

    def free(self, field: str) -> str:
        """A text that people wrote, redacted unless in clear."""
        text: str = getattr(self.ticket, field)
        return restore(text, self._originals.get(field, ())) if self.clear else text

    @cached_property
    def _originals(self) -> dict[str, tuple[tuple[str, str], ...]]:
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        gone = undone(self._events)
        for event in self._events:
            if event.kind in ("opened", "corrected") and event.seq not in gone:
                kept = json.loads(event.sealed.get("found", "{}"))
                for field in FREE:
                    if field in event.data:
                        found[field] = tuple((token, original) for token, original in kept.get(field, ()))
        return found

    def person(self, field: str) -> str:
        """Name, unit or number of who reported it, masked as for an agent unless in clear."""
        value: str = getattr(self.ticket.caller, field)
        mask: Callable[[str], str] = getattr(Masks(), field)
        return value if self.clear or not value else mask(value)


class Column(NamedTuple):
    """One column of the export. `personal` ones are masked unless a manager exports in clear."""

    name: str
    kind: str
    label: str
    meaning: str
    of: Callable[[Subject], Value]
    personal: bool = False


def _ticket(name: str) -> Callable[[Subject], Any]:
    return lambda subject: getattr(subject.ticket, name)


def _optional(name: str) -> Callable[[Subject], Any]:
    return lambda subject: getattr(subject.ticket, name) or None


def _labelled(name: str, labels: Mapping[str, str]) -> Callable[[Subject], Any]:
    return lambda subject: labels.get(getattr(subject.ticket, name), getattr(subject.ticket, name))


def _free(name: str) -> Callable[[Subject], Any]:
    return lambda subject: subject.free(name) or None


def _person(name: str) -> Callable[[Subject], Any]:
    return lambda subject: subject.person(name) or None


def _paused(subject: Subject) -> int:
    ends = (
        (pause.resumed_at or subject.ticket.ended_at or subject.now, pause.at)
        for pause in subject.ticket.pauses
    )
    return sum(max(end - start, 0) for end, start in ends) // MINUTE


def _newest(subject: Subject, field: str) -> Any:
    done = subject.facts.resolutions
    return getattr(done[-1], field) if done else None


def _codes(labels: Mapping[str, str]) -> str:
    return "、".join(f"{key} {label}" for key, label in labels.items())


COLUMNS: Final = (
    Column("number", "text", "单号", "工单号，YYMMDD-当日序号；永不重复，适合作主键", _ticket("number")),
    Column("external_id", "text", "外部编号", "导入的工单在原系统里的编号", _optional("external_id")),
    Column("opened_at", "time", "受理时间", "受理的时刻", _ticket("opened_at")),
    Column("closed_at", "time", "关闭时间", "关闭、作废或并入他单的时刻；未结为空", _ticket("ended_at")),
    Column("kind", "text", "类型", _codes(KINDS), _ticket("kind")),
    Column("kind_label", "text", "类型名称", "类型的中文名", _labelled("kind", KINDS)),
    Column("category", "text", "分类", "分类的中文路径，如 工程维修-电梯", _optional("category")),
    Column("priority", "text", "紧急程度", _codes(PRIORITIES), _ticket("priority")),
    Column("priority_label", "text", "紧急程度名称", "紧急程度的中文名", _labelled("priority", PRIORITIES)),
    Column("channel", "text", "渠道", _codes(CHANNELS), _ticket("channel")),
    Column("channel_label", "text", "渠道名称", "渠道的中文名", _labelled("channel", CHANNELS)),
    Column("status", "text", "状态", _codes(STATUSES), _ticket("status")),
    Column("status_label", "text", "状态名称", "状态的中文名", _labelled("status", STATUSES)),
    Column("sla", "text", "时限状态", f"导出那一刻：{_codes(SLA_STATES)}", lambda s: s.due[0]),
    Column("due_at", "time", "到期时间", "未结工单最早到期的时限；没有在走的时限为空", lambda s: s.due[1]),
    Column("title", "text", "摘要", "一句话；其中的电话、证件、车牌等已换成【电话1】这样的记号", _free("title"), True),
    Column("text", "text", "诉求", "业主说的事，记号同上", _free("text"), True),
    Column("place", "text", "地点", "事情在哪里", _free("place"), True),
    Column("happened", "text", "发生时间", "业主说的发生时间，照原话", _free("happened"), True),
    Column("outcome", "text", "期望", "业主期望怎样解决", _free("outcome"), True),
    Column("name", "text", "姓名", "张**；匿名或未留为空", _person("name"), True),
    Column("unit", "text", "房号", "**02；未留为空", _person("unit"), True),
    Column("phone", "text", "电话", "138****5678；未留为空", _person("phone"), True),
    Column("anonymous", "boolean", "匿名", "业主要求匿名", _ticket("anonymous")),
    Column("department", "text", "责任部门", "最近一次派单的部门", _optional("department")),
    Column("case_owner", "text", "首问责任人账号", "首问责任人的账号", _ticket("case_owner")),
    Column(
        "case_owner_name",
        "text",
        "首问责任人",
        "首问责任人的称呼",
        lambda s: s.names.get(s.ticket.case_owner, s.ticket.case_owner),
    ),
    Column("first_response_at", "time", "首次响应", "第一次有人联系到业主的时刻", _ticket("first_response_at")),
    Column("resolved_at", "time", "办结时间", "最近一次处理完毕的时刻", lambda s: _newest(s, "at")),
    Column("on_time", "boolean", "按时办结", "最近一次处理完毕早于时限；没有办结时限的为空", lambda s: _newest(s, "on_time")),
    Column("score", "integer", "满意度", "最近一次回访的星级，1–5", _ticket("score")),
    Column("ground", "text", "关闭依据", _codes(GROUNDS), lambda s: s.ground or None),
    Column("reopened", "integer", "重开次数", "关闭后又重开的次数", lambda s: max(len(s.facts.spans) - 1, 0)),
    Column("level", "integer", "上移层级", "到过的最高层级，0 为前台", _ticket("level")),
    Column("escalated", "integer", "上移次数", "人工、超时、回访不满意三种上移的次数", lambda s: len(s.facts.escalations)),
    Column("promises_kept", "integer", "承诺兑现", "说定的时间之前做到的次数", lambda s: len(s.facts.kept)),
    Column(
        "promises_broken",
        "integer",
        "承诺失约",
        "说定的时间已到而没有做到的次数",
        lambda s: sum(due <= s.now for due in s.facts.broken),
    ),
    Column("paused_minutes", "integer", "挂起分钟", "等业主、配件或第三方的总分钟数", _paused),
    Column("case", "text", "案例", "手册案例，如 B2；没有采用时是按内容推荐的", _optional("case")),
    Column("incident", "text", "群发事件", "多户同一故障时的事件单号", _optional("incident")),
    Column("merged_into", "text", "并入", "重复的单并到哪一张", _optional("merged_into")),
    Column("policy", "text", "规则版本", "受理时的时限规则版本", _ticket("policy")),
)  # fmt: skip
"""Every column, in the order of the file. A name, once released, keeps its meaning and its type; new ones come at the end."""

NAMES: Final = {column.name: column for column in COLUMNS}


def chosen(fields: str) -> tuple[Column, ...]:
    """The columns named in `fields`, apart by commas, in that order; all where nothing is named."""
    names = [name.strip() for name in fields.replace("，", ",").split(",") if name.strip()]
    if not names:
        return COLUMNS
    by_label = {column.label: column.name for column in COLUMNS}
    found = [by_label.get(name, name) for name in names]
    if unknown := [name for name in found if name not in NAMES]:
        raise BadInput("--fields", f"没有「{unknown[0][:20]}」这一列", f"可选：{','.join(NAMES)}")
    if twice := [name for place, name in enumerate(found) if name in found[:place]]:
        raise BadInput("--fields", f"「{twice[0]}」写了两次", "每列只写一次")
    return tuple(NAMES[name] for name in found)


def row(subject: Subject, columns: Collection[Column]) -> list[Value]:
    """The ticket's values in these columns."""
    return [column.of(subject) for column in columns]


def schema() -> list[dict[str, Any]]:
    """The document of `ticket export --schema --json`."""
    return [
        {
            "name": column.name,
            "type": column.kind,
            "label": column.label,
            "personal": column.personal,
            "meaning": column.meaning,
        }
        for column in COLUMNS
    ]


def markdown() -> str:
    """README's table of columns."""
    rows = [
        f"| `{column.name}` | {column.kind} | {column.label} | {column.meaning}{'（脱敏）' if column.personal else ''} |"
        for column in COLUMNS
    ]
    return "\n".join(["| column | type | 名称 | 含义 |", "| --- | --- | --- | --- |", *rows]) + "\n"
