"""The daily summary as a picture for the group: one portrait card that a phone shows whole and nobody has to open a file for.

The same day gives the same bytes on the same machine; what does not fit is counted, never cut off unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final

from frontdesk.domain.privacy import one_line
from frontdesk.domain.terms import SLA_STATES
from frontdesk.domain.timing import clock, local, span
from frontdesk.sheets.fonts import Faces, chinese
from frontdesk.sheets.summary import URGENCY, DaySummary, who
from frontdesk.sheets.summary_html import AMBER, COLOURS, GREEN, GREY, GROUND, INK, LINE, NAVY, RED, tiles

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH: Final = 1080
_EDGE, _PAD, _GAP = 40, 36, 28
_INNER: Final = WIDTH - 2 * _EDGE - 2 * _PAD
_PALE: Final = "#c9d6e6"
_MOST: Final = 4
"""Lines of a section; more are counted."""
_PEOPLE: Final = 8


def summary_png(day: DaySummary, faces: Faces | None = None) -> bytes:
    """The card as a PNG, 1080 pixels wide and as long as it takes; `Refused` where no font has Chinese."""
    from PIL import Image, ImageDraw

    chosen = faces or chinese()
    # Drawn twice: once to see how long it gets.
    height = _Card(ImageDraw.Draw(Image.new("RGB", (8, 8))), chosen).draw(day)
    image = Image.new("RGB", (WIDTH, height), GROUND)
    _Card(ImageDraw.Draw(image), chosen).draw(day)
    out = BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=9)
    return out.getvalue()


class _Card:
    """A pen that goes down the card; `y` is where it stands."""

    def __init__(self, pen: ImageDraw, faces: Faces) -> None:
        self._pen, self._faces, self.y = pen, faces, 0

    def draw(self, day: DaySummary) -> int:
        """Everything, from the top; answers the height."""
        self._head(day)
        self._tiles(day)
        self._state(day)
        self._people(day)
        for title, lines, colour in _sections(day):
            self._section(title, lines, colour)
        self._foot(day)
        return self.y

    # --- strokes ---------------------------------------------------------------------------------------------

    def _size(self, text: str, size: int, bold: bool = False) -> float:
        return self._faces.font(size, bold).getlength(text)

    def _write(self, x: float, y: float, text: str, size: int, colour: str, bold: bool = False) -> float:
        """Text whose line starts at (x, y); answers where it ends."""
        font = self._faces.font(size, bold)
        self._pen.text((x, y + size * 0.62), text, colour, font, anchor="lm")
        return x + font.getlength(text)

    def _fit(self, text: str, size: int, room: float, bold: bool = False) -> str:
        """The text, or as much of it as fits with an ellipsis."""
        if self._size(text, size, bold) <= room:
            return text
        while text and self._size(f"{text}…", size, bold) > room:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def _panel(self, height: int) -> int:
        """A white panel from here on; answers where the text in it starts."""
        box = (_EDGE, self.y, WIDTH - _EDGE, self.y + height)
        self._pen.rounded_rectangle(box, 22, "#ffffff")
        return self.y + _PAD

    # --- parts -----------------------------------------------------------------------------------------------

    def _head(self, day: DaySummary) -> None:
        self._pen.rectangle((0, 0, WIDTH, 250), NAVY)
        site = self._fit(one_line(day.site), 34, WIDTH - 2 * _EDGE)
        self._write(_EDGE + 8, 40, site, 34, _PALE)
        self._write(_EDGE + 8, 94, "每日汇总", 72, "#ffffff", bold=True)
        words = f"{day.date}　截至 {local(day.now):%H:%M}"
        self._write(WIDTH - _EDGE - 8 - self._size(words, 34), 130, words, 34, "#ffffff")
        self.y = 210

    def _tiles(self, day: DaySummary) -> None:
        top, high, wide = self._panel(340) - _PAD, 170, (WIDTH - 2 * _EDGE) / 3
        for place, (label, number, colour) in enumerate(tiles(day)):
            x, y = _EDGE + place % 3 * wide, top + place // 3 * high
            self._write(x + (wide - self._size(number, 72, True)) / 2, y + 24, number, 72, colour, True)
            self._write(x + (wide - self._size(label, 32)) / 2, y + 112, label, 32, GREY)
        for place in (1, 2):
            x = _EDGE + place * wide
            self._pen.line((x, top + 30, x, top + 2 * high - 30), LINE, 2)
        self._pen.line((_EDGE + 30, top + high, WIDTH - _EDGE - 30, top + high), LINE, 2)
        self.y = top + 340 + _GAP

    def _state(self, day: DaySummary) -> None:
        """What is open as one bar, and the day's other figures under it."""
        lines = _facts(day)
        y = self._panel(2 * _PAD + 112 + 56 * len(lines))
        x, total = float(_EDGE + _PAD), max(1, len(day.tickets))
        if not day.tickets:
            self._write(x, y + 20, "没有未闭环的工单", 40, GREEN, True)
        shares = [(sla, day.in_state(sla)) for sla in URGENCY if day.in_state(sla)]
        at = x
        for sla, count in shares:
            end = at + _INNER * count / total
            self._pen.rectangle((at, y, max(at + 2, end - 3), y + 40), COLOURS[sla])
            at = end
        at = x
        for sla, count in shares:
            self._pen.rectangle((at, y + 66, at + 24, y + 90), COLOURS[sla])
            at = self._write(at + 34, y + 58, f"{SLA_STATES[sla]} {count}", 32, INK) + 34
        for place, (label, words) in enumerate(lines):
            row = y + 124 + 56 * place
            self._write(x, row, label, 34, GREY)
            self._write(x + 170, row, self._fit(words, 34, _INNER - 170), 34, INK)
        self.y += 2 * _PAD + 112 + 56 * len(lines) + _GAP

    def _section(self, title: str, lines: Sequence[tuple[str, str]], colour: str) -> None:
        shown = lines[:_MOST]
        rows = sum(96 if second else 56 for _, second in shown)
        height = 2 * _PAD + 58 + rows + (52 if len(lines) > len(shown) else 0)
        y = self._panel(height)
        x = _EDGE + _PAD
        self._pen.rectangle((x, y + 4, x + 8, y + 44), colour)
        self._write(x + 24, y, f"{title}（{len(lines)}）", 38, colour, True)
        y += 66
        for first, second in shown:
            self._write(x, y, self._fit(first, 34, _INNER), 34, INK)
            if second:
                self._write(x, y + 44, self._fit(second, 28, _INNER), 28, GREY)
            y += 96 if second else 56
        if len(lines) > len(shown):
            self._write(x, y, f"另有 {len(lines) - len(shown)} 条", 30, GREY)
        self.y += height + _GAP

    def _people(self, day: DaySummary) -> None:
        """Who follows how many, as bars whose red part is late."""
        if not day.followers:
            return
        shown = day.followers[:_PEOPLE]
        more = len(day.followers) - len(shown)
        height = 2 * _PAD + 58 + 72 * len(shown) + (52 if more else 0)
        y = self._panel(height)
        x = float(_EDGE + _PAD)
        self._pen.rectangle((x, y + 4, x + 8, y + 44), NAVY)
        self._write(x + 24, y, "谁在跟进", 38, NAVY, True)
        y += 70
        widest, room = max(len(found) for _, found in shown), _INNER - 190 - 250
        for name, found in shown:
            reds = sum(each.sla == "breached" for each in found)
            self._write(x, y, self._fit(who(name), 34, 180), 34, INK if name else RED)
            start, end = x + 190, x + 190 + max(6, room * len(found) / widest)
            self._pen.rectangle((start, y + 6, end, y + 38), NAVY)
            if reds:
                self._pen.rectangle(
                    (start, y + 6, max(start + 6, start + (end - start) * reds / len(found)), y + 38), RED
                )
            words = f"{len(found)} 件"
            at = self._write(end + 14, y, words, 32, INK)
            if reds:
                self._write(at + 10, y, f"超时 {reds}", 32, RED, True)
            y += 72
        if more:
            self._write(x, y, f"另有 {more} 人", 30, GREY)
        self.y += height + _GAP

    def _foot(self, day: DaySummary) -> None:
        words = "房号、电话已脱敏　·　明细见前台或 frontdesk summary"
        self._write((WIDTH - self._size(words, 26)) / 2, self.y, words, 26, GREY)
        self.y += 26 + 44


def _facts(day: DaySummary) -> list[tuple[str, str]]:
    """The day's other figures, a line each; what did not happen is left out."""
    f, calls = day.figures, day.calls
    lines = []
    if calls.total:
        missed = f"，未接 {calls.missed}（未回电 {len(calls.unreturned)}）" if calls.missed else "，没有未接"
        lines.append(("来电", f"{calls.total} 通，接听 {calls.answered}，三声内 {calls.quick}{missed}"))
    if f.satisfied + f.fair + f.dissatisfied:
        mean = f"，平均 {day.average:.1f} 星" if day.average is not None else ""
        lines.append(("满意度", f"满意 {f.satisfied}，基本满意 {f.fair}，不满意 {f.dissatisfied}{mean}"))
    if f.on_time + f.late:
        lines.append(("办结", f"{f.on_time + f.late} 件，按时 {f.on_time}，超时 {f.late}"))
    if f.escalated or f.reopened:
        lines.append(("上移重开", f"服务上移 {f.escalated} 次，重开 {f.reopened} 件"))
    return lines


def _sections(day: DaySummary) -> list[tuple[str, list[tuple[str, str]], str]]:
    """(title, lines of two rows, colour) of what must not be overlooked."""
    now = day.now

    def place(number: str, unit: str) -> str:
        return " ".join(filter(None, (number, unit)))

    emergencies = []
    for urgent in day.emergencies:
        there = (
            f"{span(urgent.arrived_at - urgent.since)}到场" if urgent.arrived_at is not None else "未记到场"
        )
        ended = (
            f"{span(urgent.resolved_at - urgent.since)}处理完毕"
            if urgent.resolved_at is not None
            else ("未处理完毕" if urgent.open else "已关闭")
        )
        words = f"{place(urgent.number, urgent.unit)}　{who(urgent.follower)}，{there}，{ended}"
        emergencies.append((f"{clock(urgent.since, now)}　{one_line(urgent.title)}", words))
    waiting = [
        (
            one_line(each.title),
            f"{place(each.number, each.unit)}　{clock(each.escalated_at or now, now)} 上移至{one_line(each.escalated_to)}，"
            f"已等 {span(now - (each.escalated_at or now))}",
        )
        for each in day.waiting
    ]
    broken = [
        (
            f"{clock(each.due_at, now)}　{one_line(each.words)}",
            f"{each.number}　{who(each.follower)}"
            f"{f'，{clock(each.kept_at, now)} 补做' if each.kept_at is not None else '，仍未做到'}",
        )
        for each in day.broken
    ]
    owed = [
        (
            f"{clock(due, now)}　{one_line(words)}",
            f"{each.number}　{who(each.follower)}{f'，已过 {span(now - due)}' if now >= due else ''}",
        )
        for due, words, each in day.promises
    ]
    missed = [(f"{clock(ring.at, now)}　{ring.phone}", "") for ring in day.calls.unreturned]
    found = (
        ("突发", emergencies, RED),
        ("上移未确认", waiting, RED),
        ("今日失约", broken, RED),
        ("未接待回电", missed, AMBER),
        ("承诺待兑现（至明日）", owed, NAVY),
    )
    return [section for section in found if section[1]]
