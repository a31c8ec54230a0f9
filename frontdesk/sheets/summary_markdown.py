"""The daily summary as Markdown, as group robots read it (DingTalk, WeCom, Feishu): headings, lists, bold, nothing else.

Times are absolute, so that a message says the same whenever it is read, and a second one that says the same is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from frontdesk.domain.facts import Unclosed
from frontdesk.domain.privacy import one_line
from frontdesk.domain.terms import SLA_STATES
from frontdesk.domain.timing import Instant, clock, local
from frontdesk.sheets.summary import DaySummary, broken_line, day_lines, emergency_line, who

MESSAGE: Final = 3_800
"""Bytes of a message: WeCom takes 4,096 of Markdown, the others more, and a robot adds a line of its own."""
# Robots differ in whether they know a backslash; the full-width twin is no markup anywhere and reads the same.
_MARKS: Final = {ord(mark): chr(ord(mark) + 0xFEE0) for mark in "\\`*_[]<>#|~"}


def summary_markdown(day: DaySummary) -> str:
    """The whole summary."""
    head, body = message(day, 0)
    return f"{head.format(edition='')}\n{body}"


def message(day: DaySummary, most: int) -> tuple[str, str]:
    """(the line at the top, with `{edition}` to fill in, what stands below it) in at most so many bytes, 0 for any.

    The time as of which it is told stands in the top line alone. What does not fit is counted, never cut in a word.
    """
    site = plain(day.site).replace("{", "").replace("}", "")
    head = f"## 每日汇总 {site} {day.date} 截至 {local(day.now):%H:%M}{{edition}}"
    room = most - len(head.encode()) - 20 if most else 0
    kept = len(day.tickets)
    body = _body(day, kept)
    while room and len(body.encode()) > room and kept:
        # The list of the unclosed is the only part that has no natural end; the rest follows when it is empty.
        kept = kept * 3 // 4
        body = _body(day, kept)
    while room and len(body.encode()) > room:
        body = f"{body.rstrip('…').rstrip().rpartition(chr(10))[0]}\n…"
    return head, body


def plain(text: str) -> str:
    """Text of others on one line, in which nothing is markup."""
    return one_line(text).translate(_MARKS)


def _body(day: DaySummary, most: int) -> str:
    """Everything below the top line, with `most` of the unclosed and five more than that of any other section."""
    now = day.now
    lines = [f"- {plain(line)}" for line in day_lines(day)]
    states = f"：{day.states}" if day.tickets else ""
    lines.append(f"**未闭环 {len(day.tickets)} 件**{states}。" if day.tickets else "**没有未闭环的工单。**")
    cut = most + 5
    sections: tuple[tuple[str, list[str]], ...] = (
        ("突发", [plain(emergency_line(each, now)) for each in day.emergencies]),
        ("未接待回电", [f"{clock(ring.at, now)} {plain(ring.phone)}" for ring in day.calls.unreturned]),
        ("上移未确认", [_waiting(each, now) for each in day.waiting]),
        ("今日失约", [plain(broken_line(each, now)) for each in day.broken]),
        ("承诺待兑现（至明日）", [_promise(due, words, each, now) for due, words, each in day.promises]),
    )
    for title, found in sections:
        if found:
            lines += ["", f"### {title}（{len(found)}）", *(f"- {line}" for line in found[:cut])]
            lines += [f"- 另有 {len(found) - cut} 条"] if len(found) > cut else []
    lines += _followed(day, most)
    return "\n".join(lines)


def _followed(day: DaySummary, most: int) -> list[str]:
    lines: list[str] = []
    for name, found in day.followers:
        shown, most = found[:most], max(0, most - len(found))
        reds = sum(each.sla == "breached" for each in found)
        lines += ["", f"### {plain(who(name))}（{len(found)} 件{f'，超时 {reds} 件' if reds else ''}）"]
        lines += [_line(each, day.now) for each in shown]
        lines += [f"- 另有 {len(found) - len(shown)} 件"] if len(shown) < len(found) else []
    return lines


def _line(each: Unclosed, now: Instant) -> str:
    bold: Callable[[str], str] = (
        (lambda text: f"**{text}**") if each.sla == "breached" else (lambda text: text)
    )
    urgent = "，紧急" if each.priority == "urgent" else ""
    where = " ".join(filter(None, (each.number, each.unit, each.title)))
    due = f"，{clock(each.due_at, now)} 到期" if each.due_at is not None else ""
    return f"- {bold(SLA_STATES[each.sla])} {plain(where)}{f'，{plain(each.department)}' if each.department else ''}{urgent}{due}"


def _waiting(each: Unclosed, now: Instant) -> str:
    since = clock(each.escalated_at, now) if each.escalated_at is not None else ""
    return plain(f"{each.number} {each.title}：{since} 上移至{each.escalated_to}")


def _promise(due: Instant, words: str, each: Unclosed, now: Instant) -> str:
    late = "，已过期" if now >= due else ""
    return plain(f"{clock(due, now)} {each.number} {words}（{who(each.follower)}{late}）")
