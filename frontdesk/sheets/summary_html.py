"""The daily summary as a mail: one column of tables with styles in line, nothing from outside, all text of others escaped.

Mail programs know no style sheets and no modern layout: what stands here is what Outlook, Foxmail and phones all show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from frontdesk.domain.facts import Unclosed
from frontdesk.domain.privacy import one_line
from frontdesk.domain.terms import SLA_STATES, STATUSES
from frontdesk.domain.timing import clock, local, span
from frontdesk.sheets.summary import DaySummary, broken_line, day_lines, emergency_line, who

INK, GREY, LINE, PAPER, GROUND = "#22303c", "#6b7785", "#dfe5ec", "#ffffff", "#eef2f6"
NAVY, RED, AMBER, GREEN, BLUE = "#1f3a5f", "#b3261e", "#b06a12", "#2e7d5b", "#2f6db5"
COLOURS: Final = {"breached": RED, "at_risk": AMBER, "on_track": GREEN, "paused": GREY}
"""A colour for each state; the word beside it says the same."""
_FONT: Final = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
_TABLE: Final = 'role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%"'


def summary_html(day: DaySummary) -> str:
    """The whole mail, UTF-8; 640 pixels at most and as narrow as the phone."""
    title = _text(f"每日汇总 {day.site} {day.date}")
    sections = (
        _section("突发", [_text(emergency_line(each, day.now)) for each in day.emergencies], RED),
        _section(
            "未接待回电",
            [f"{clock(ring.at, day.now)}　{_text(ring.phone)}" for ring in day.calls.unreturned],
            AMBER,
        ),
        _section("上移未确认", [_waiting(each, day) for each in day.waiting], RED),
        _section("今日失约", [_text(broken_line(each, day.now)) for each in day.broken], RED),
        _section("承诺待兑现（至明日）", [*_promises(day)], BLUE),
    )
    followers = "".join(_follower(name, found, day) for name, found in day.followers)
    if not day.tickets:
        followers = _row(
            f'<p style="margin:8px 0;font-size:15px;color:{GREEN}"><b>没有未闭环的工单。</b></p>'
        )
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title></head>\n"
        f'<body style="margin:0;padding:0;background:{GROUND};color:{INK};{_FONT};-webkit-text-size-adjust:100%">\n'
        f'<table {_TABLE} bgcolor="{GROUND}" style="background:{GROUND}"><tr><td align="center" style="padding:12px 8px">\n'
        f'<table {_TABLE} bgcolor="{PAPER}" style="max-width:640px;background:{PAPER};border-radius:10px;overflow:hidden">\n'
        f"{_head(day)}{_tiles(day)}{_lines(day)}{''.join(sections)}{followers}"
        f"{_foot()}"
        "</table>\n</td></tr></table>\n</body></html>\n"
    )


def _foot() -> str:
    return _row(
        f'<p style="margin:14px 0 16px;font-size:12px;color:{GREY}">房号、电话已脱敏；由前台按事件自动汇总。</p>'
    )


def _text(words: str) -> str:
    return escape(one_line(words))


def _row(inside: str) -> str:
    return f'<tr><td bgcolor="{PAPER}" style="padding:0 18px">{inside}</td></tr>\n'


def _head(day: DaySummary) -> str:
    return (
        f'<tr><td bgcolor="{NAVY}" style="background:{NAVY};padding:18px;color:#ffffff">'
        f'<div style="font-size:13px;color:#c9d6e6">{_text(day.site)}</div>'
        '<div style="font-size:23px;font-weight:bold;line-height:1.4">每日汇总</div>'
        f'<div style="font-size:14px;color:#c9d6e6">{day.date}　截至 {local(day.now):%H:%M}</div></td></tr>\n'
    )


def tiles(day: DaySummary) -> tuple[tuple[str, str, str], ...]:
    """The day in six numbers: (label, number, colour); the colour warns only where there is something to warn of."""
    f, red = day.figures, day.in_state("breached")
    return (
        ("未闭环", str(len(day.tickets)), NAVY),
        ("其中超时", str(red), RED if red else GREEN),
        ("当日受理", str(f.opened), NAVY),
        ("当日关闭", str(f.closed), NAVY),
        ("承诺兑现", str(f.kept), GREEN),
        ("承诺失约", str(f.broken), RED if f.broken else GREEN),
    )


def _tiles(day: DaySummary) -> str:
    def cell(label: str, number: str, colour: str) -> str:
        return (
            f'<td width="33%" align="center" bgcolor="{PAPER}" style="background:{PAPER};padding:10px 2px;border:1px solid {LINE}">'
            f'<div style="font-size:26px;font-weight:bold;color:{colour};line-height:1.2">{number}</div>'
            f'<div style="font-size:13px;color:{GREY}">{label}</div></td>'
        )

    shown = [cell(*tile) for tile in tiles(day)]
    rows = "".join(f"<tr>{''.join(shown[place : place + 3])}</tr>" for place in (0, 3))
    return f'<tr><td bgcolor="{PAPER}" style="padding:14px 18px 4px"><table {_TABLE} style="border-collapse:collapse">{rows}</table></td></tr>\n'


def _lines(day: DaySummary) -> str:
    states = [f"未闭环 {len(day.tickets)} 件：{day.states}。"] if day.tickets else []
    return _row(
        "".join(
            f'<p style="margin:6px 0;font-size:14px;line-height:1.6">{_text(line)}</p>'
            for line in (*day_lines(day), *states)
        )
    )


def _heading(words: str, colour: str) -> str:
    return (
        f'<div style="margin:16px 0 6px;padding-left:9px;border-left:4px solid {colour};font-size:16px;'
        f'font-weight:bold;line-height:1.3;color:{colour}">{words}</div>'
    )


def _section(title: str, lines: Sequence[str], colour: str) -> str:
    """Lines that are HTML already, under a heading; nothing where there are none."""
    if not lines:
        return ""
    rows = "".join(
        f'<div style="padding:6px 0;border-bottom:1px solid {LINE};font-size:14px;line-height:1.5">{line}</div>'
        for line in lines
    )
    return _row(f"{_heading(f'{title}（{len(lines)}）', colour)}{rows}")


def _waiting(each: Unclosed, day: DaySummary) -> str:
    since = each.escalated_at if each.escalated_at is not None else day.now
    words = f"{each.number} {each.title}：{clock(since, day.now)} 上移至{each.escalated_to}"
    return f'{_text(words)}<span style="color:{RED}">，已等 {span(day.now - since)}</span>'


def _promises(day: DaySummary) -> Iterable[str]:
    for due, words, each in day.promises:
        late = f'<span style="color:{RED}">，已过 {span(day.now - due)}</span>' if day.now >= due else ""
        told = f"{each.number} {words}（{who(each.follower)}）"
        yield f"<b>{clock(due, day.now)}</b>　{_text(told)}{late}"


def _follower(name: str, found: Sequence[Unclosed], day: DaySummary) -> str:
    reds = sum(each.sla == "breached" for each in found)
    red = f"，超时 {reds} 件" if reds else ""
    heading = _heading(f"{_text(who(name))}（{len(found)} 件{red}）", RED if reds else NAVY)
    return _row(f"{heading}{''.join(_ticket(each) for each in found)}")


def _ticket(each: Unclosed) -> str:
    colour = COLOURS[each.sla]
    chip = (
        f'<span style="display:inline-block;padding:0 6px;border-radius:4px;background:{colour};color:#ffffff;'
        f'font-size:12px;line-height:1.7">{SLA_STATES[each.sla]}</span>'
    )
    where = " ".join(filter(None, (each.number, each.unit)))
    parts = (STATUSES[each.status], each.department, "紧急" if each.priority == "urgent" else "")
    state = "，".join(filter(None, parts))
    return (
        f'<div style="padding:8px 0;border-bottom:1px solid {LINE};line-height:1.5">'
        f'<div style="font-size:15px">{chip} {_text(each.title)}</div>'
        f'<div style="font-size:13px;color:{GREY}">{_text(where)}　{_text(state)}</div>'
        f'<div style="font-size:13px;color:{colour}">{_text(each.next_step)}</div></div>'
    )
