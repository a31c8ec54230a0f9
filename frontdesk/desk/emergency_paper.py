"""An emergency's timeline as Markdown, for the file."""

from __future__ import annotations

from collections.abc import Iterator

from frontdesk.desk.emergency_view import CLOCK_STATES, TASK_STATES, Timeline
from frontdesk.domain.terms import CLOCKS
from frontdesk.domain.timing import Instant, local, span


def markdown(told: Timeline, site: str) -> str:
    """The whole incident, from the plan to the last step, in one order."""
    return (
        "\n".join([*_head(told, site), *_clocks(told), *_tasks(told), *_facts(told), *_record(told)]) + "\n"
    )


def _when(at: Instant) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}"


def _cell(text: str) -> str:
    """Within a table: no line ends it early and no bar splits it."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _head(told: Timeline, site: str) -> Iterator[str]:
    ended = told.resolved_at
    lasted = f"{_when(ended)}，历时 {span(ended - told.since)}" if ended is not None else "还在处理"
    yield from (f"# 突发事件经过 {told.number}", "")
    yield f"- 小区：{site}" if site else "- 小区：（未填）"
    yield f"- 事项：{told.title}（预案「{told.plan_title}」，文字版本 {told.version}）"
    yield f"- 地点：{told.where}"
    yield f"- 开始：{_when(told.since)}"
    yield f"- 结束：{lasted}"
    if told.members:
        yield f"- 同一突发的工单：{'、'.join(told.members)}"
    yield f"- 整理：{_when(told.now)}；房号、姓名、电话已脱敏"


def _clocks(told: Timeline) -> Iterator[str]:
    yield from ("", "## 时限", "", "| 时限 | 依据 | 到期 | 达成 | 结果 |", "| --- | --- | --- | --- | --- |")
    for run in told.clocks:
        met = _when(run.met_at) if run.met_at is not None else "－"
        yield _row(CLOCKS[run.kind], run.source, _when(run.due_at), met, CLOCK_STATES[run.state(told.now)])


def _tasks(told: Timeline) -> Iterator[str]:
    yield from ("", "## 部门任务", "", "| 序 | 部门 | 任务 | 限 | 状态 |", "| --- | --- | --- | --- | --- |")
    for task in told.tasks:
        state = f"{TASK_STATES[task.state]} {local(task.at):%H:%M}"
        yield _row(str(task.number), task.department, task.content, f"{local(task.due_at):%H:%M}", state)


def _facts(told: Timeline) -> Iterator[str]:
    if told.facts or told.missing:
        yield from ("", "## 采集的事实", "")
        yield from (f"- {label}：{value}" for label, value in told.facts)
        yield from (f"- {label}：还没有采到" for label in told.missing)


def _record(told: Timeline) -> Iterator[str]:
    yield from ("", "## 经过", "", "| 时间 | 单号 | 谁 | 步骤 | 内容 |", "| --- | --- | --- | --- | --- |")
    for each in told.moments:
        note = each.note + ("（已撤销）" if each.undone else "")
        yield _row(_when(each.at), each.number, each.who, each.label, note)
