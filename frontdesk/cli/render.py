"""The desk's values as JSON documents and as plain text that pipes and screen readers take line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from frontdesk.cli.out import columns
from frontdesk.domain.board import FACES, NEVER, BoardRow
from frontdesk.domain.terms import CALL_STATES, CLOCKS, KINDS, PICKED_UP, PRIORITIES, SLA_STATES, STATUSES
from frontdesk.domain.timing import Instant, clock, iso, local

if TYPE_CHECKING:
    from frontdesk.desk.views import CallerCard, TicketView
    from frontdesk.domain.board import Board, CallLine

BOARD_HEAD = ("状态", "剩余", "房号", "事项", "单号", "首问")
CALL_HEAD = ("来电", "时间", "号码", "来电人", "房号", "未结", "单号", "接听")


def board_json(board: Board) -> dict[str, Any]:
    """The document of `board --json`: now, calls, tickets, counts (DESIGN §8)."""
    now = board.at
    return {
        "now": iso(now),
        "calls": [call_json(line) for line in board.calls],
        "tickets": [_row_json(row, board.unit_of(row.unit), now) for row in board.rows],
        "counts": board.counts(now)._asdict(),
    }


def call_json(line: CallLine) -> dict[str, Any]:
    """A call of a list; personal fields as the reader's role may see them."""
    return {
        "id": line.id,
        "at": iso(line.at),
        "state": line.state,
        "state_label": CALL_STATES[line.state],
        "phone": line.phone,
        "name": line.who,
        "unit": line.unit,
        "open_tickets": line.open_tickets,
        "ticket": line.ticket or None,
        "answered_by": line.answered_by or None,
        "seen_to_by": line.seen_to_by or None,
        "picked_up": line.picked_up or None,
        "picked_up_label": PICKED_UP.get(line.picked_up),
    }


def _row_json(row: BoardRow, unit: str, now: Instant) -> dict[str, Any]:
    sla = row.sla(now)
    return {
        "number": row.number,
        "kind": row.kind,
        "kind_label": KINDS[row.kind],
        "category": row.category,
        "priority": row.priority,
        "priority_label": PRIORITIES[row.priority],
        "status": row.status,
        "status_label": STATUSES[row.status],
        "sla": sla,
        "sla_label": SLA_STATES[sla],
        "due_at": iso(row.due_at) if row.due_at < NEVER else None,
        "due_kind": row.due_kind or None,
        "escalation_level": row.level,
        "unit": unit,
        "title": row.title,
        "case_owner": row.case_owner,
        "opened_at": iso(row.opened_at),
    }


def board_line(board: Board, site: str) -> str:
    """The status line: where, when, how many."""
    counts = board.counts(board.at)
    told = f"超时{counts.breached}  将超{counts.at_risk}  应急{counts.emergency}  未结{counts.open}  今日{counts.today}"
    return f"{site}  {local(board.at):%Y-%m-%d %H:%M}  {told}"


def board_rows(board: Board) -> list[tuple[str, ...]]:
    """The tickets' cells under `BOARD_HEAD`; the state is a hanzi and a word, never colour alone."""
    now = board.at
    return [
        (
            f"{FACES[row.look(now)][0]} {row.word(now)}",
            row.remaining(now),
            board.unit_of(row.unit) or "-",
            row.title,
            row.number,
            row.case_owner,
        )
        for row in board.rows
    ]


def board_text(board: Board, site: str) -> str:
    """The whole board as aligned lines."""
    parts = [board_line(board, site)]
    if board.calls:
        parts.append(calls_text(board.calls, board.at))
    parts.append(columns([BOARD_HEAD, *board_rows(board)]) if board.rows else "没有未结的工单。")
    return "\n\n".join(parts)


def call_rows(calls: tuple[CallLine, ...], now: Instant) -> list[tuple[str, ...]]:
    """The calls' cells under `CALL_HEAD`."""
    return [
        (
            f"{line.id} {CALL_STATES[line.state]}",
            clock(line.at, now),
            line.phone,
            line.who or "-",
            line.unit or "-",
            f"{line.open_tickets}件",
            line.ticket or "-",
            line.answered_by or (f"未接，{line.seen_to_by} 处理" if line.seen_to_by else "-"),
        )
        for line in calls
    ]


def calls_text(calls: tuple[CallLine, ...], now: Instant) -> str:
    """Calls as aligned lines."""
    return columns([CALL_HEAD, *call_rows(calls, now)]) if calls else "没有来电记录。"


def card_text(card: CallerCard) -> str:
    """What the desk knows of a caller."""
    lines = [f"来电 {card.call_id}（{CALL_STATES[card.state]}）  {card.headline}"]
    lines += [f"  可能是：{' '.join([o.unit, o.name, *o.tags])}" for o in card.owners if len(card.owners) > 1]
    lines += [f"  未结：{number} {title}" for number, title in card.open_tickets]
    return "\n".join(lines)


def ticket_text(view: TicketView) -> str:
    """A ticket as a person reads it from top to bottom: what, who, what next, clocks, record."""
    now = view.now
    words = (
        KINDS[view.kind],
        view.category,
        PRIORITIES[view.priority],
        STATUSES[view.status],
        SLA_STATES[view.sla],
    )
    lines = [f"{view.number}  {view.title}", "  ".join(words)]
    person = "  ".join(part for part in (view.unit, view.name, view.phone) if part)
    facts = (
        ("下一步", view.next_step),
        ("业主", person),
        ("受理", clock(view.opened_at, now)),
        ("首问", view.owner_name),
        ("部门", view.department),
        ("上移", _escalated(view)),
        ("案例", view.case),
        ("时间", view.happened),
        ("地点", view.place),
        ("期望", view.outcome),
        ("缺少", "、".join(view.gaps)),
        ("群发事件", view.incident),
        ("并入", view.merged_into),
        ("满意度", f"{view.score} 星" if view.score is not None else ""),
    )
    lines += [f"{label}：{value}" for label, value in facts if value]
    lines += ["", view.text]
    if view.clocks:
        lines += ["", "时限：", columns(_clock_rows(view))]
    record = [(f"  {clock(e.at, now)}", e.label, e.who, _struck(e.note, e.undone)) for e in view.events]
    return "\n".join([*lines, "", "经过：", columns(record)])


def _escalated(view: TicketView) -> str:
    if not view.level:
        return ""
    return view.level_name + (f"（{view.unacknowledged}还没有确认）" if view.unacknowledged else "")


def _clock_rows(view: TicketView) -> list[tuple[str, ...]]:
    states = {"running": "计时中", "at_risk": "临期", "breached": "超时", "met": "按时", "met_late": "迟了"}
    states |= {"paused": "停表", "cancelled": "已取消"}
    return [
        (f"  {clock(c.due_at, view.now)}", CLOCKS[c.kind], states[c.state(view.now)], c.source, c.words)
        for c in view.clocks
    ]


def _struck(note: str, undone: bool) -> str:
    return f"（已撤销）{note}" if undone else note
