"""The trend of the service report as a picture: new and closed tickets month by month, the open ones as a line."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final

from frontdesk.domain.errors import Refused
from frontdesk.sheets.book import AMBER, BLUE, GREEN
from frontdesk.sheets.fonts import Faces, chinese

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from frontdesk.domain.tallies import MonthTally

WIDTH, HEIGHT = 1600, 560
_INK, _GREY, _LINE = "#22303c", "#6b7785", "#dfe5ec"
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 40, 90, 470
_LEGEND: Final = (("新增", BLUE), ("关闭", GREEN), ("月末未闭环", AMBER))


def trend_png(tallies: Sequence[MonthTally], faces: Faces | None = None) -> bytes | None:
    """The picture, the same bytes for the same figures; None where no font has Chinese: the table says the same."""
    from PIL import Image, ImageDraw

    try:
        chosen = faces or chinese()
    except Refused:
        return None
    image = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    _draw(ImageDraw.Draw(image), chosen, tallies)
    out = BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=9)
    return out.getvalue()


def scale(most: int) -> tuple[int, int]:
    """(the top of the axis, the step between its lines): round numbers, at most eight steps."""
    step = next(s for s in (base * 10**power for power in range(9) for base in (1, 2, 5)) if most <= 8 * s)
    return max(step, -(-most // step) * step), step


def _draw(pen: ImageDraw, faces: Faces, tallies: Sequence[MonthTally]) -> None:
    figures = [each.totals for each in tallies]
    top, step = scale(max([1, *(max(f.opened, f.closed, f.still_open) for f in figures)]))
    small, label = faces.font(26), faces.font(24)

    def y(value: int) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / top

    for value in range(0, top + 1, step):
        pen.line((_LEFT, y(value), WIDTH - _RIGHT, y(value)), _LINE, 2)
        pen.text((_LEFT - 14, y(value)), str(value), _GREY, small, anchor="rm")
    wide = (WIDTH - _LEFT - _RIGHT) / len(figures)
    bar = min(90.0, wide * 0.3)
    points = []
    for place, (month, f) in enumerate(zip(tallies, figures, strict=True)):
        middle = _LEFT + wide * (place + 0.5)
        for value, colour, start in ((f.opened, BLUE, middle - bar - 3), (f.closed, GREEN, middle + 3)):
            pen.rectangle((start, y(value), start + bar, _BOTTOM), colour)
            if y(value) < _BOTTOM - 30:
                pen.text((start + bar / 2, y(value) + 16), str(value), "#ffffff", label, anchor="mm")
        pen.text((middle, _BOTTOM + 30), month.month, _INK, small, anchor="mm")
        points.append((middle, y(f.still_open)))
    pen.line(points, AMBER, 5, joint="curve")
    for (x, at), f in zip(points, figures, strict=True):
        pen.ellipse((x - 8, at - 8, x + 8, at + 8), "#ffffff", AMBER, 5)
        half = label.getlength(str(f.still_open)) / 2 + 10
        # On a plate of its own, for it stands on the bars.
        pen.rounded_rectangle((x - half, at - 48, x + half, at - 14), 8, "#ffffff", AMBER, 2)
        pen.text((x, at - 31), str(f.still_open), AMBER, label, anchor="mm")
    at = float(_LEFT)
    for name, colour in _LEGEND:
        pen.rectangle((at, 26, at + 28, 54), colour)
        pen.text((at + 40, 40), name, _INK, small, anchor="lm")
        at += 40 + small.getlength(name) + 46
    pen.text((WIDTH - _RIGHT, 40), "单位：件", _GREY, small, anchor="rm")
