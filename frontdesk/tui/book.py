"""Pages of the handbook: a case or a topic whole, and what to do and never to do in every step of a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from frontdesk.domain.playbook import STEPS, Case, Handbook, Topic
from frontdesk.tui.paper import Line, line
from frontdesk.tui.text import wrap

_MARKS = {
    "要": "text",
    "忌": "warn",
    "险": "error",
    "不许诺": "error",
    "不提": "error",
    "内部": "dim",
    "时限": "strong",
}


def case_page(case: Case, cells: int) -> list[Line]:
    """What the owner expects, who does what until when, what must never be promised or mentioned."""
    lines = [*_marked("险", case.risk, cells)]
    for scenario in case.scenarios:
        lines += [(), line((f"{scenario.id} {scenario.title}", "title"))]
        lines += _plain("业主想要：" + "；".join(scenario.expects), cells)
        limits = {limit.id: f"（{limit.rule} {limit.label}）" for limit in case.limits}
        for place, step in enumerate(scenario.steps, 1):
            inside = "（内部）" if step.internal else ""
            lines += _plain(
                f"{place}. {step.who}：{step.do}{limits.get(step.limit or '', '')}{inside}", cells
            )
        for mark, told in (
            ("险", scenario.risk),
            ("不许诺", scenario.never_promise),
            ("不提", scenario.never_mention),
            ("内部", scenario.internal),
        ):
            lines += _marked(mark, told, cells)
    if case.facts:
        lines += [(), line(("关闭前要采到", "title"))]
        lines += _plain("、".join(fact.label for fact in case.facts), cells)
    return lines


def topic_page(topic: Topic, cells: int) -> list[Line]:
    """What the owner does at once, what the desk does and never does, what may be said."""
    lines: list[Line] = []
    if topic.now:
        lines += [line(("请业主马上", "title")), *_marked("要", topic.now, cells)]
        lines += _plain(f"电话：{'、'.join(topic.call)}", cells) if topic.call else []
    lines += [*_marked("要", topic.do, cells), *_marked("忌", topic.never, cells)]
    for place, step in enumerate(topic.steps, 1):
        lines += _plain(f"{place}. {step.who}：{step.do}", cells)
    if topic.phrases:
        lines += [(), line(("可以这样说", "title"))]
        for phrase in topic.phrases:
            marked = phrase.text.replace("{", "【").replace("}", "】")
            lines += _plain(f"{STEPS[phrase.step]}：{marked}", cells)
    return lines


def coach_page(book: Handbook, upset: bool, channel: str, cells: int) -> list[Line]:
    """Every step of a call: what to do, what never to do."""
    lines: list[Line] = []
    for step, label in STEPS.items():
        advice = book.coach(step, upset=upset, channel=channel)
        lines += [line((f"{label}  {advice.title}", "title"))]
        lines += _marked("要", (each.text for each in advice.do), cells)
        lines += _marked("忌", (each.text for each in advice.never), cells)
        lines += [()]
    return lines


def _marked(mark: str, told: Iterable[str], cells: int) -> Iterator[Line]:
    for each in told:
        first, *rest = wrap(f"{mark} {each}", cells - 2)
        yield line((f" {first}", _MARKS[mark]))
        yield from (line((f"   {part}", _MARKS[mark])) for part in rest)


def _plain(text: str, cells: int) -> Iterator[Line]:
    return (line((f" {part}", "text")) for part in wrap(text, cells - 2))
