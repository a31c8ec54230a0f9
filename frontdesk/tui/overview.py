"""The dashboard as lines of an exact size, and where its cursor can stand: one pure function (DESIGN §10).

From 100×30 on three bands: today beside promises and people, limits beside categories, the trend over the whole width.
Smaller: today beside the trend, limits beside categories. Nothing scrolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from frontdesk.domain.board import FACES
from frontdesk.domain.dashboard import Dashboard, Hour, Share
from frontdesk.domain.timing import Instant, local
from frontdesk.tui.plots import Pen, across, axis, upright
from frontdesk.tui.text import clean, clip, fit, width

Span = tuple[str, str]
Line = tuple[Span, ...]
Key = tuple[str, str]
"""What the cursor is on: a topic (hour, day, state, category, owner, pledge) and which of them."""

LEAST: Final = (80, 22)
ROOMY: Final = (100, 30)
"""Columns and rows: what the smallest console has for a page, and from where on there are three bands."""
STATES: Final = len(FACES) - 1
_LABEL, _TAIL = 5, 6
_WEEK: Final = "一二三四五六日"
_ON: Final = "spot"


class Spot(NamedTuple):
    """A place for the cursor."""

    key: Key
    x: int
    y: int
    cells: int


class Page(NamedTuple):
    """What is painted, and the places for the cursor. `categories` and `owners` are how many lines there was room for."""

    lines: tuple[Line, ...]
    spots: tuple[Spot, ...]
    categories: int
    owners: int


class _Block(NamedTuple):
    """Lines of exactly the same width, and their spots."""

    lines: list[Line]
    spots: list[Spot]


class _Series(NamedTuple):
    label: str
    values: Sequence[int]
    look: str
    figure: int
    most: int


def paint(found: Dashboard, now: Instant, cells: int, rows: int, pen: Pen, at: Key | None) -> Page:
    """The whole page in `cells` × `rows`; `at` is where the cursor stands."""
    if cells >= ROOMY[0] and rows >= ROOMY[1]:
        return _three_bands(found, now, cells, rows, pen, at)
    return _two_bands(found, now, cells, rows, pen, at)


def _three_bands(found: Dashboard, now: Instant, cells: int, rows: int, pen: Pen, at: Key | None) -> Page:
    gap = 2
    left = (cells - gap) // 2
    right = cells - gap - left
    middle = STATES + 1 + max(0, (rows - 36) // 3)
    room = rows - 1 - middle - 2
    upper = room * 10 // 21
    owners, categories = max(upper - len(found.pledged(now)) - 2, 1), middle - 1
    beside = _stack(
        [_pledges(found, now, right, pen, at), _owners(found, now, right, owners, pen, at)], right, upper
    )
    bands = [
        _beside(_flow(found, left, upper, pen, at), beside, gap, left, right, upper + 1),
        _beside(
            _states(found, now, left, pen, at),
            _categories(found, now, right, categories, pen, at),
            gap,
            left,
            right,
            middle + 1,
        ),
        _trend(found, cells, room - upper, pen, at),
    ]
    return _page(found, now, _stack(bands, cells, rows - 1), cells, pen, at, categories, owners)


def _two_bands(found: Dashboard, now: Instant, cells: int, rows: int, pen: Pen, at: Key | None) -> Page:
    gap = 1
    left = max(38, cells // 2 - 2)
    right = cells - gap - left
    lower = STATES + 2
    upper = rows - 1 - lower
    categories = STATES
    limits = _stack([_states(found, now, left, pen, at), _pledge_line(found, now, left, at)], left, lower)
    bands = [
        _beside(
            _flow(found, left, upper, pen, at),
            _trend(found, right, upper, pen, at),
            gap,
            left,
            right,
            upper,
        ),
        _beside(limits, _categories(found, now, right, categories, pen, at), gap, left, right, lower),
    ]
    return _page(found, now, _stack(bands, cells, rows - 1), cells, pen, at, categories, 0)


def _page(
    found: Dashboard,
    now: Instant,
    body: _Block,
    cells: int,
    pen: Pen,
    at: Key | None,
    categories: int,
    owners: int,
) -> Page:
    head = _head(found, now, cells, pen, about(found, now, at, categories, owners))
    spots = [spot._replace(y=spot.y + 1) for spot in body.spots]
    return Page((head, *body.lines), tuple(spots), categories, owners)


def _head(found: Dashboard, now: Instant, cells: int, pen: Pen, words: str) -> Line:
    """`─ 看板 11-26 周四 14:23  未结26 ──── 11-24 周二 新增41 关闭38 结转45 ─`."""
    when = local(now)
    name = f"看板 {when:%m-%d} 周{_WEEK[when.weekday()]} {when:%H:%M}  未结{len(found.rows)}"
    right = f" {words} {pen.rule}" if words else ""
    gap = max(cells - width(name) - width(right) - 3 - bool(right), 0)
    line = ((f"{pen.rule} ", "rule"), (name, "title-on"), (" " + pen.rule * gap, "rule"), (right, "strong"))
    return _fitted(line, cells)


def about(found: Dashboard, now: Instant, at: Key | None, categories: int, owners: int) -> str:
    """The figures under the cursor, in words."""
    topic, key = at or ("", "")
    if topic == "hour":
        hour = next(each for each in found.hours if str(each.start) == key)
        return f"{local(hour.start):%H}时 {_told(hour)}"
    if topic == "day":
        day = next(each for each in found.days if str(each.start) == key)
        when = local(day.start)
        return f"{when:%m-%d} 周{_WEEK[when.weekday()]} 新增{day.opened} 关闭{day.closed} 结转{day.carried}"
    shares = {
        "state": lambda: found.states(now),
        "category": lambda: found.categories(now, categories),
        "owner": lambda: found.owners(now, owners),
        "pledge": lambda: found.pledged(now),
    }
    if topic not in shares:
        return ""
    if topic == "pledge" and not key:
        return "今日到期的承诺"
    share = next((each for each in shares[topic]() if each.key == key), None)
    if share is None:
        return ""
    late = f" 超时{share.late}" if share.late and key != "breached" else ""
    return f"{clip(clean(share.label), 24)} {share.size}件{late}"


def _told(hour: Hour) -> str:
    return f"新增{hour.opened} 关闭{hour.closed} 接听{hour.answered} 未接{hour.missed}"


# --- plots over time ------------------------------------------------------------------------------------------------


def _flow(found: Dashboard, cells: int, rows: int, pen: Pen, at: Key | None) -> _Block:
    """Today by the hour."""
    total, by_hour = found.total, found.hours
    tickets = max((max(each.opened, each.closed) for each in by_hour), default=0)
    calls = max((max(each.answered, each.missed) for each in by_hour), default=0)
    series = [
        _Series("新增", [each.opened for each in by_hour], "word-new", total.opened, tickets),
        _Series("关闭", [each.closed for each in by_hour], "good", total.closed, tickets),
        _Series("接听", [each.answered for each in by_hour], "text", total.answered, calls),
        _Series("未接", [each.missed for each in by_hour], "word-breached", total.missed, calls),
    ]
    unit = _unit(cells, len(by_hour))
    step = 3 if unit > 1 else 6
    labels = [(place * unit, str(place)) for place in range(0, len(by_hour), step)]
    keys = [("hour", str(each.start)) for each in by_hour]
    return _over_time("今日流量（按小时）", series, labels, keys, (cells, rows, unit), pen, at)


def _trend(found: Dashboard, cells: int, rows: int, pen: Pen, at: Key | None) -> _Block:
    """Thirty days; what was opened and what was closed stand on one scale."""
    by_day = found.days
    flow = max((max(each.opened, each.closed) for each in by_day), default=0)
    stock = max((each.carried for each in by_day), default=0)
    series = [
        _Series("新增", [each.opened for each in by_day], "word-new", by_day[-1].opened, flow),
        _Series("关闭", [each.closed for each in by_day], "good", by_day[-1].closed, flow),
        _Series("结转", [each.carried for each in by_day], "warn", by_day[-1].carried, stock),
    ]
    unit = _unit(cells, len(by_day))
    step = max(1, 10 // unit)
    labels = [
        (place * unit, f"{local(by_day[place].start):%m-%d}")
        for place in range(0, len(by_day) - step // 2, step)
    ]
    labels.append(((len(by_day) - 1) * unit, "今日"))
    keys = [("day", str(each.start)) for each in by_day]
    return _over_time(f"近{len(by_day)}天（右边是今日）", series, labels, keys, (cells, rows, unit), pen, at)


def _unit(cells: int, buckets: int) -> int:
    return max(1, min(3, (cells - _LABEL - _TAIL) // buckets))


def _over_time(
    title: str,
    series: Sequence[_Series],
    labels: Sequence[tuple[int, str]],
    keys: Sequence[Key],
    size: tuple[int, int, int],
    pen: Pen,
    at: Key | None,
) -> _Block:
    cells, rows, unit = size
    high = max(1, (rows - 2) // len(series))
    room = len(keys) * unit
    lines: list[Line] = [((title, "title"),)]
    for each in series:
        drawn = upright(each.values, each.most, high, unit, pen)
        for place, bars in enumerate(drawn):
            last = place == high - 1
            label = each.label if last else ""
            peak = f"峰{max(each.values, default=0)}" if place == 0 and not last else ""
            tail: Span = (str(each.figure), "strong") if last else (peak, "dim")
            lines.append(((fit(label, _LABEL), "head"), (bars, each.look), (_right(tail[0], _TAIL), tail[1])))
    y = len(lines)
    lines.append(((" " * _LABEL, "text"), *_marked(axis(labels, room), unit, keys, at)))
    spots = [Spot(key, _LABEL + place * unit, y, unit) for place, key in enumerate(keys)]
    return _Block([_fitted(line, cells) for line in lines], spots)


def _marked(text: str, unit: int, keys: Sequence[Key], at: Key | None) -> Line:
    """The axis, set off under the cursor's bar."""
    if at not in keys:
        return ((text, "dim"),)
    start = keys.index(at) * unit
    cut = [_cells(text, 0, start), _cells(text, start, start + unit), _cells(text, start + unit, width(text))]
    return tuple((part, look) for part, look in zip(cut, ("dim", _ON, "dim"), strict=True) if part)


def _cells(text: str, start: int, end: int) -> str:
    """The characters that begin in these cells."""
    out, x = "", 0
    for character in text:
        if start <= x < end:
            out += character
        x += width(character)
    return out


# --- bars of what is open ---------------------------------------------------------------------------------------------


def _states(found: Dashboard, now: Instant, cells: int, pen: Pen, at: Key | None) -> _Block:
    """A bar for each state: the chip, the word, how many."""
    shares = found.states(now)
    most = max((share.size for share in shares), default=0)
    title = f"时限  未结{sum(share.size for share in shares)}"
    lines: list[Line] = [_fitted(((title, "title"),), cells)]
    spots = []
    for share in shares:
        key = ("state", share.key)
        bar = across(share.size, most, cells - 8 - _TAIL, pen)
        look = f"word-{share.key}" if share.size else "dim"
        row: Line = (
            (FACES[share.key][0], f"chip-{share.key}"),
            (fit(f" {share.label}", 6), look),
            (bar, look),
            (_right(str(share.size), _TAIL), "strong" if share.size else "dim"),
        )
        spots.append(Spot(key, 0, len(lines), cells))
        lines.append(_cursor(row, cells, key == at))
    return _Block(lines, spots)


def _categories(found: Dashboard, now: Instant, cells: int, most: int, pen: Pen, at: Key | None) -> _Block:
    shares = found.categories(now, most)
    return _shares("未结分类（其中超时）", "category", shares, cells, pen, at)


def _owners(found: Dashboard, now: Instant, cells: int, most: int, pen: Pen, at: Key | None) -> _Block:
    return _shares("首问责任人（其中超时）", "owner", found.owners(now, most), cells, pen, at)


def _pledges(found: Dashboard, now: Instant, cells: int, pen: Pen, at: Key | None) -> _Block:
    shares = found.pledged(now)
    due = sum(share.size for share in shares)
    return _shares(f"今日到期的承诺  {due}", "pledge", shares, cells, pen, at)


def _pledge_line(found: Dashboard, now: Instant, cells: int, at: Key | None) -> _Block:
    """All of today's promises on one line."""
    told = "  ".join(f"{share.label}{share.size}" for share in found.pledged(now))
    key = ("pledge", "")
    line: Line = (("承诺 ", "head"), (f"今日 {told}", "text"))
    return _Block([_cursor(line, cells, key == at)], [Spot(key, 0, 0, cells)])


def _shares(title: str, topic: str, shares: Sequence[Share], cells: int, pen: Pen, at: Key | None) -> _Block:
    """`给排水漏水 ██████▌     6  超2`; the label is never cut for the bar's sake."""
    lines: list[Line] = [_fitted(((title, "title"),), cells)]
    spots = []
    most = max((share.size for share in shares), default=0)
    names = [clip(clean(_short(share.label, shares)), cells // 2) for share in shares]
    room = max((width(name) for name in names), default=0) + 1
    late = 7 if any(share.late for share in shares) else 0
    for share, name in zip(shares, names, strict=True):
        key = (topic, share.key)
        look = {"kept": "good", "broken": "word-breached"}.get(share.key, "text") if share.size else "dim"
        row: Line = (
            (fit(name, room), "text" if share.size else "dim"),
            (across(share.size, most, max(cells - room - _TAIL - late, 0), pen), look),
            (_right(str(share.size), _TAIL), "strong" if share.size else "dim"),
            (_right(f"超{share.late}" if share.late else "", late), "word-breached"),
        )
        spots.append(Spot(key, 0, len(lines), cells))
        lines.append(_cursor(row, cells, key == at))
    if not shares:
        lines.append(_fitted((("没有", "dim"),), cells))
    return _Block(lines, spots)


def _short(label: str, shares: Sequence[Share]) -> str:
    """The last part of a category's path, where no other line ends so."""
    leaf = label.rpartition("-")[2]
    same = sum(each.label.rpartition("-")[2] == leaf for each in shares)
    return leaf if same == 1 else label


# --- putting together -------------------------------------------------------------------------------------------------


def _right(text: str, cells: int) -> str:
    return " " * max(cells - width(text), 0) + clip(text, cells)


def _cursor(line: Line, cells: int, on: bool) -> Line:
    """The line; under the cursor its words stand out as a whole, the chip in front keeps its colour."""
    whole = _fitted(line, cells)
    return tuple((text, look if look.startswith("chip-") else _ON) for text, look in whole) if on else whole


def _fitted(line: Line, cells: int) -> Line:
    """The line in exactly `cells` cells."""
    used, out = 0, []
    for text, look in line:
        part = clip(text, cells - used)
        used += width(part)
        out.append((part, look))
    return (*out, (" " * (cells - used), "text")) if used < cells else tuple(out)


def _blank(cells: int) -> Line:
    return ((" " * cells, "text"),)


def _stack(blocks: Sequence[_Block], cells: int, rows: int) -> _Block:
    """One under the other, in exactly `rows` lines."""
    lines: list[Line] = []
    spots: list[Spot] = []
    for block in blocks:
        spots += [spot._replace(y=spot.y + len(lines)) for spot in block.spots]
        lines += block.lines
    lines = lines[:rows] + [_blank(cells)] * (rows - len(lines))
    return _Block(lines, [spot for spot in spots if spot.y < rows])


def _beside(a: _Block, b: _Block, gap: int, left: int, right: int, rows: int) -> _Block:
    """Two blocks side by side, in exactly `rows` lines."""
    one, two = _stack([a], left, rows), _stack([b], right, rows)
    lines = [(*x, (" " * gap, "text"), *y) for x, y in zip(one.lines, two.lines, strict=True)]
    return _Block(lines, [*one.spots, *(spot._replace(x=spot.x + left + gap) for spot in two.spots)])


def step(spots: Sequence[Spot], at: Key | None, across_by: int, down_by: int) -> Key | None:
    """Where the cursor goes from a spot: the nearest one in that direction, the same one where there is none."""
    here = next((spot for spot in spots if spot.key == at), None)
    if here is None:
        return spots[0].key if spots else None

    def cost(spot: Spot) -> tuple[int, int]:
        beside = max(spot.x - here.x - here.cells, here.x - spot.x - spot.cells, -1) + 1
        middle = abs(2 * spot.x + spot.cells - 2 * here.x - here.cells)
        far = abs(spot.y - here.y)
        return (beside + 4 * far if across_by else far + 2 * beside), middle

    ahead = [
        spot
        for spot in spots
        if (across_by > 0 and spot.x >= here.x + here.cells)
        or (across_by < 0 and spot.x + spot.cells <= here.x)
        or down_by * (spot.y - here.y) > 0
    ]
    return min(ahead, key=cost).key if ahead else at
