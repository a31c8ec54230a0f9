"""The emergency board: every running emergency in a line, and of the chosen one what to read out, who is where, what to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.events import Key

from frontdesk.desk.emergency_view import TASK_STATES, EmergencyView, Running, TaskView
from frontdesk.domain.plans import STAGES, hour
from frontdesk.domain.sla import Clock
from frontdesk.domain.timing import Instant, span
from frontdesk.tui.form import DIGITS
from frontdesk.tui.panes.detail import left
from frontdesk.tui.paper import BLANK, Line, Span, line, measure, trim
from frontdesk.tui.sheet import Sheet
from frontdesk.tui.text import clean, clip, fit, wrap

NAMES = {"on_site": "到场", "repair": "修复", "progress": "通报"}
_STATES = {"sent": "warn", "accepted": "text", "arrived": "good", "done": "dim"}
_INDENT = 5


class EmergencyPane(Sheet):
    """Digits choose, Enter says that the bulletin was read out; arrows scroll where the terminal is low."""

    def __init__(
        self,
        choose: Callable[[int], None],
        read_out: Callable[[], None],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`choose` gets the digit, `read_out` is Enter."""
        super().__init__(id=id)
        self._choose, self._read_out = choose, read_out

    def on_key(self, event: Key) -> None:
        """Answered here; everything else is the desktop's."""
        place = DIGITS.get(event.character or "")
        if place is not None:
            event.stop()
            self._choose(place)
        elif event.key == "enter":
            event.stop()
            self._read_out()


def paint_board(board: Running, chosen: int, now: Instant, cells: int) -> list[Line]:
    """The board as lines of at most `cells` cells; `chosen` is the place among the emergencies."""
    found = board.emergencies
    lines = [_row(each, place, place == chosen, now, cells) for place, each in enumerate(found)]
    for number, title in board.unopened:
        lines.append(trim(line((f" 没开预案 {number[2:]} {title}", "warn")), cells))
    if board.problems:
        words = f" 预案有 {board.problems} 处不对，先用随附的；frontdesk plan check 看详情"
        lines.append(trim(line((words, "warn")), cells))
    if not found:
        words = "没有按预案在处理的突发。在工单上按回车，第一项「突发预案」就是打开一起。"
        return [*lines, BLANK, *(line((f" {part}", "text")) for part in wrap(words, cells - 2))]
    return [*lines, BLANK, *_chosen(found[chosen], now, cells)]


def board_title(found: Sequence[EmergencyView], chosen: int) -> str:
    """`突发 1/2  1126-24 电梯困人 3栋`."""
    if not found:
        return "突发"
    each = found[chosen]
    return f"突发 {chosen + 1}/{len(found)}  {each.number[2:]} {each.plan_title} {each.where}"


def _row(each: EmergencyView, place: int, chosen: bool, now: Instant, cells: int) -> Line:
    """`1 急 电梯困人 3栋  09:15起 6分钟  到场剩23:10  修复剩23:10  通报剩04:12  来电+1`."""
    digit = f" {place + 1} " if place + 1 <= max(DIGITS.values()) else "   "
    head: list[Span] = [(digit, "key"), ("急", "chip-emergency")]
    what = clip(clean(f" {each.plan_title} {each.where}"), 24)
    head.append((fit(what, 24), "strong" if chosen else "text"))
    head.append((f" {hour(each.since)}起 {span(now - each.since)}", "text"))
    tail: list[Span] = []
    for run in each.clocks:
        words, look = _left(run, now)
        tail += [(f"  {NAMES[run.kind]}", "dim"), (words, look)]
    if each.callers:
        tail.append((f"  来电+{each.callers}", "text"))
    room = cells - measure(head)
    while tail and measure(tail) > room:
        tail = tail[2:]  # the bulletin's clock stands last, and stays
    return (*head, *tail)


def _left(run: Clock, now: Instant) -> tuple[str, str]:
    """How a clock stands: `剩04:12`, `超3分钟`, `按时`, `迟`."""
    state = run.state(now)
    if state in ("met", "met_late"):
        return ("按时", "good") if state == "met" else ("迟", "warn")
    words = left(run.due_at, now).replace(" ", "")
    return words, {"breached": "error", "at_risk": "warn"}.get(state, "text")


def _chosen(each: EmergencyView, now: Instant, cells: int) -> Iterator[Line]:
    yield from _bulletin(each, now, cells)
    yield BLANK
    yield from _clocks(each, now, cells)
    yield BLANK
    for task in each.tasks:
        yield from _task(task, now, cells)
    if not any(task.state in ("arrived", "done") for task in each.tasks):
        yield BLANK
        for call in each.calls:
            yield from _field(
                "先打",
                f"{call.who}  {call.number}" + (f"（{call.when}）" if call.when else ""),
                cells,
                "warn",
            )
    yield BLANK
    for text in each.say:
        yield from _field("可说", text, cells, "text")
    for text in each.never:
        yield from _field("忌", text, cells, "error")
    for text in each.over:
        # Before anybody is told that it is over, this has to be so.
        yield from _field("完了", text, cells, "warn" if each.bulletin.stage == "solved" else "dim")
    if each.missing:
        yield from _field("待采", "、".join(each.missing), cells, "warn")


def _bulletin(each: EmergencyView, now: Instant, cells: int) -> Iterator[Line]:
    """What to read out now, set off; with minutes and seconds to the next one."""
    due = each.bulletin.due_at
    if due is None:
        rest, look = "念过这次就完", "next"
    else:
        seconds = due - now
        words = f"{abs(seconds) // 60:02d}:{abs(seconds) % 60:02d}"
        rest, look = (f"还有 {words}", "next") if seconds > 0 else (f"该念了 超{words}", "button")
    head = f" 现在念 {STAGES[each.bulletin.stage]}"
    gap = " " * max(cells - measure(((head, ""), (rest, ""))) - 2, 1)
    yield line((head + gap, "next"), (f" {rest} ", look))
    yield from (line((f"  {part}", "strong")) for part in wrap(each.bulletin.text, cells - 4))


def _clocks(each: EmergencyView, now: Instant, cells: int) -> Iterator[Line]:
    """` 到场 09:45前 剩23分钟   修复 …`, a line where they fit."""
    row: list[Span] = []
    for run in each.clocks:
        words, look = _left(run, now)
        met = f" {hour(run.met_at)}" if run.met_at is not None else ""
        part: list[Span] = [
            (f" {NAMES[run.kind]} ", "head"),
            (f"{hour(run.due_at)}前 ", "text"),
            (words + met, look),
            ("  ", "text"),
        ]
        if row and measure(row) + measure(part) > cells:
            yield tuple(row)
            row = []
        row += part
    yield tuple(row)


def _task(task: TaskView, now: Instant, cells: int) -> Iterator[Line]:
    """`派 安保部  09:25前  到困人楼层门外守着…  联系人`."""
    state = TASK_STATES[task.state]
    late = task.state not in ("arrived", "done") and now >= task.due_at
    head: tuple[Span, ...] = (
        (f" {state} ", "error" if late else _STATES[task.state]),
        (fit(task.department, 9), "strong"),
        (
            fit(hour(task.at) if task.state != "sent" else f"限{hour(task.due_at)}", 10),
            "text",
        ),
    )
    indent = measure(head)
    first, *rest = wrap(task.content, cells - indent - 1)
    yield (*head, (clean(first), "text"))
    yield from (line((" " * indent, "text"), (part, "text")) for part in rest)


def _field(label: str, value: str, cells: int, look: str) -> Iterator[Line]:
    for at, part in enumerate(wrap(value, cells - _INDENT - 2)):
        yield line((fit(f" {label}", _INDENT + 1) if at == 0 else " " * (_INDENT + 1), "head"), (part, look))
