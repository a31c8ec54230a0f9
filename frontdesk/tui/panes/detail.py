"""The ticket under the cursor in the order of a call: what to do next, who, the clocks, what was promised, the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from frontdesk.desk.views import EventView, TicketView
from frontdesk.domain.board import FACES
from frontdesk.domain.sla import Clock
from frontdesk.domain.terms import CHANNELS, CLOCKS, KINDS, PRIORITIES, STATUSES
from frontdesk.domain.timing import MINUTE, Instant, clock, instant, span
from frontdesk.tui.paper import Line, Span, line, measure
from frontdesk.tui.text import clean, clip, wrap

_LABEL = 5
_MET = {"met": ("按时", "good"), "met_late": ("迟", "warn")}


def ticket_title(view: TicketView) -> str:
    """`1122-03 给排水漏水 ···02`, the head of the pane."""
    return " ".join(part for part in (view.number[2:], view.category.rpartition("-")[2], view.unit) if part)


def paint_ticket(view: TicketView, now: Instant, cells: int) -> list[Line]:
    """The whole ticket as lines of at most `cells` cells."""
    return [
        *_next(view, now, cells),
        *_facts(view, cells),
        *_clocks(view, now, cells),
        *_promises(view, now, cells),
        *_tasks(view, now, cells),
        *_matter(view, cells),
        *_record(view.events, now, cells),
    ]


def hurries(view: TicketView, now: Instant) -> bool:
    """True while a clock of the ticket is shown with seconds."""
    return any(c.counts and 0 < c.due_at - now < 10 * MINUTE for c in view.clocks)


def _next(view: TicketView, now: Instant, cells: int) -> Iterator[Line]:
    """`红 下一步 10:05 前 回电通报进展  剩04:12`, over two lines where it does not fit on one."""
    words, _, tail = view.next_step.rpartition("（")
    if not tail.startswith(("剩", "已超")):  # a fact's label may have brackets of its own
        words = view.next_step
    rest = left(view.due_at, now) if view.due_at is not None else ""
    look = "button" if view.due_at is not None and now >= view.due_at else "next"
    head: Span = (FACES[view.look][0], f"chip-{view.look}")
    gap = cells - measure((head, (f" 下一步 {words} ", ""), (rest, "")))
    if gap >= 0:
        yield line(head, (f" 下一步 {words}{' ' * gap} ", "next"), (rest, look))
        return
    first, *more = wrap(f"下一步 {words}", cells - 3)
    yield line(head, (f" {first}", "next"))
    for part in more[:-1]:
        yield line((f"   {part}", "next"))
    tail = more[-1] if more else ""
    yield line(
        (f"   {tail}{' ' * max(cells - 3 - measure(((tail, ''), (rest, ''))), 1)}", "next"), (rest, look)
    )


def left(due: Instant, now: Instant) -> str:
    """`剩04:12` with seconds in the last ten minutes, else `剩 1小时20分`, `超 42分钟`."""
    rest = due - now
    if 0 < rest < 10 * MINUTE:
        return f"剩{rest // 60:02d}:{rest % 60:02d}"
    return f"剩 {span(rest)}" if rest > 0 else f"超 {span(rest)}"


def _facts(view: TicketView, cells: int) -> Iterator[Line]:
    """Who and what, as many side by side as fit."""
    who = "  ".join(part for part in (view.unit, view.name, view.phone) if part) or "未留姓名房号"
    kind = [KINDS[view.kind], view.category.rpartition("-")[2], PRIORITIES[view.priority]]
    kind.append(view.scenario or view.case if view.case_taken else f"{view.case}?" if view.case else "")
    state = STATUSES[view.status]
    if view.level:
        state += f" {view.level_name}" + ("（未确认）" if view.unacknowledged else "")
    if view.score is not None:
        state += f" {view.score}星"
    pairs = [("业主", who, "strong"), ("渠道", CHANNELS.get(view.channel, view.channel), "text")]
    pairs += [("类别", " ".join(part for part in kind if part), "text"), ("状态", state, "text")]
    pairs += [
        ("首问", view.owner_name, "text"),
        ("事件", view.incident, "text"),
        ("并入", view.merged_into, "text"),
    ]
    row: list[Span] = []
    for label, value, look in pairs:
        if not value:
            continue
        pair: list[Span] = [(f"{label} ", "head"), (clip(clean(value), cells - _LABEL), look)]
        if row and measure(row) + measure(pair) + 2 > cells:
            yield tuple(row)
            row = []
        row += [("  ", "text"), *pair] if row else pair
    yield tuple(row)
    if view.missing:
        yield from _field("待采", "、".join(view.missing), cells, "warn")
    if view.gaps:
        yield from _field("待补", "、".join(view.gaps), cells, "warn")


def _clocks(view: TicketView, now: Instant, cells: int) -> Iterator[Line]:
    """Open clocks first, then what was met."""
    runs = [run for run in view.clocks if not run.cancelled and run.kind != "promise"]
    runs.sort(key=lambda run: (run.met_at is not None, run.due_at))
    yield from _flow("时限", [_clock_words(run, now) for run in runs], cells)


def _promises(view: TicketView, now: Instant, cells: int) -> Iterator[Line]:
    """Each with the words that were said (承诺账本)."""
    for run in (run for run in view.clocks if run.kind == "promise" and not run.cancelled):
        _, (state, look) = _clock_words(run, now)
        yield line(("承诺 ", "head"), (f"{clock(run.due_at, now)} ", "strong"), (state, look))
        yield from (
            line((" " * _LABEL, "text"), (part, "text")) for part in wrap(run.words, cells - _LABEL - 1)
        )


def _clock_words(run: Clock, now: Instant) -> tuple[Span, Span]:
    state = run.state(now)
    if state in _MET:
        words, look = _MET[state]
    elif state == "paused":
        words, look = "停表", "dim"
    else:
        words = left(run.due_at, now)
        look = {"breached": "error", "at_risk": "warn"}.get(state, "text")
    name = run.words if run.kind in ("task", "acknowledge", "case") and run.words else CLOCKS[run.kind]
    return (f"{clean(name)} ", "dim"), (words.replace(" ", ""), look)


def _flow(label: str, parts: list[tuple[Span, Span]], cells: int) -> Iterator[Line]:
    """Short pairs side by side, as many as fit on a line, in columns of equal width where they are short."""
    row: list[Span] = [(f"{label} ", "head")]
    for name, state in parts:
        if len(row) > 1 and measure(row) + measure((name, state)) + 2 > cells:
            yield tuple(row)
            row = [(" " * _LABEL, "text")]
        if len(row) > 1:
            row.append(("  ", "text"))
        row += [name, state]
    if parts:
        yield tuple(row)


def _tasks(view: TicketView, now: Instant, cells: int) -> Iterator[Line]:
    for task in view.tasks:
        if task["done_at"]:
            state = "已完成"
        elif task["arrived_at"]:
            state = "已到场"
        else:
            state = "已接单" if task["accepted_at"] else "未接单"
        due = clock(instant(datetime.fromisoformat(task["due_at"])), now)
        yield from _field(
            "派单", f"{task['number']} {task['department']} {state} 限{due} {task['contact']}", cells, "text"
        )


def _matter(view: TicketView, cells: int) -> Iterator[Line]:
    yield from _field("诉求", view.text, cells, "text")
    for label, value in (("地点", view.place), ("时间", view.happened), ("期望", view.outcome)):
        if value:
            yield from _field(label, value, cells, "text")
    for item in view.evidence:
        yield from _field(
            "凭证", f"{item['caption'] or item['media_type']} {item['size'] // 1024}KB", cells, "text"
        )


def _record(events: tuple[EventView, ...], now: Instant, cells: int) -> Iterator[Line]:
    yield line(("经过 ", "head"), ("新的在上", "dim"))
    for event in reversed(events):
        when = clock(event.at, now)
        head = f"{when} {event.who} {event.label}"
        text = f"{head}：{event.note}" if event.note else head
        look = "faint" if event.undone else "text"
        first, *rest = wrap(text + ("（已撤销）" if event.undone else ""), cells - 1)
        yield line((first, look))
        yield from (line((f"  {more}", look)) for more in (wrap("".join(rest), cells - 3) if rest else ()))


def _field(label: str, value: str, cells: int, look: str) -> Iterator[Line]:
    rows = wrap(value, cells - _LABEL - 1) or ("",)
    for at, row in enumerate(rows):
        yield line((f"{label} " if at == 0 else " " * _LABEL, "head"), (row, look))
