"""Editions of a month's sheet: open while the month may still change, then frozen, and a new one only with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from frontdesk.domain.days import Day
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.month import Month
from frontdesk.domain.tallies import Figures
from frontdesk.domain.timing import DAY, Instant, local, month_bounds

GRACE: Final = 3 * DAY
"""So long after its end a month may still change; the first export after that closes it."""

OPEN, CLOSED = "open", "closed"
_NAMED: Final = 20
_NOTHING: Final = Figures()


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition as it is kept.

    `digest` is that of the figures; `flow` day → (numbers opened, numbers closed), `until` the instant up to which
    the days were complete; `marks` day → what has changed in it since it was first written.
    """

    month: str
    number: int
    at: Instant
    by: str
    reason: str
    digest: str
    state: str
    totals: Figures = _NOTHING
    flow: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    until: Instant = 0
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Frozen: only a reissue makes another."""
        return self.state == CLOSED

    @property
    def document(self) -> dict[str, Any]:
        """What is kept beside the columns, as JSON values."""
        flow = {day: [list(new), list(gone)] for day, (new, gone) in self.flow.items()}
        marks = {day: list(texts) for day, texts in self.marks.items()}
        return {"totals": list(self.totals), "flow": flow, "until": self.until, "marks": marks}


def from_document(head: Sequence[Any], document: Mapping[str, Any]) -> Edition:
    """The edition of its columns and `document`; a figure that an older one did not know is 0."""
    totals = Figures(*document["totals"][: len(Figures._fields)])
    flow = {day: (tuple(new), tuple(gone)) for day, (new, gone) in document["flow"].items()}
    marks = {day: tuple(texts) for day, texts in document["marks"].items()}
    month, number, at, by, reason, digest, state = head
    return Edition(month, number, at, by, reason, digest, state, totals, flow, document["until"], marks)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of an export: `close` before its time, or `reissue` a frozen month, with the reason."""

    by: str
    now: Instant
    close: bool = False
    reissue: bool = False
    reason: str = ""


def next_edition(last: Edition | None, month: Month, wish: Wish) -> Edition:
    """The edition that this export writes; `last` itself where nothing is new.

    `Refused` where a frozen month's data has changed and nobody asked for a new edition, `BadInput` where a wish
    makes no sense.
    """
    end = month_bounds(month.tally.month)[1]
    if wish.close and wish.now < end:
        raise BadInput("--close", f"{month.tally.month} 还没有过完", "请等月末之后再定稿")
    if wish.reissue:
        return _reissued(last, month, wish)
    if last is not None and last.closed:
        if last.digest != month.digest:
            raise Frozen(last, month)
        return last
    closes = wish.close or wish.now >= end + GRACE
    if last is not None and last.digest == month.digest and not closes:
        return last
    return _made(last, month, wish, (1, CLOSED if closes else OPEN))


def _reissued(last: Edition | None, month: Month, wish: Wish) -> Edition:
    if not wish.reason.strip():
        raise BadInput("--reason", "没有填写", "重出已定稿的月份要写明原因，如 --reason 补录两件漏单")
    if last is None or not last.closed:
        raise Refused(f"{month.tally.month} 还没有定稿，不用重出。直接导出即可，数据会是最新的。")
    if last.digest == month.digest:
        raise Refused(f"{month.tally.month} 定稿以后数据没有变动，不用重出。")
    return _made(last, month, wish, (last.number + 1, CLOSED))


def _made(last: Edition | None, month: Month, wish: Wish, kind: tuple[int, str]) -> Edition:
    marks = dict(last.marks) if last is not None else {}
    for day, text in late(last, month, wish.now):
        marks[day] = (*marks.get(day, ()), text)
    flow = {day.name: (day.opened, day.closed) for day in month.own_days}
    # The day of the newest change is not over while its month runs: what is added to it later is not late.
    until = month.own_days[-1].start if month.tally.as_of < month.tally.end else month.tally.end
    number, state = kind
    return Edition(
        *(month.tally.month, number, wish.now, wish.by, wish.reason.strip(), month.digest, state),
        totals=month.tally.totals,
        flow=flow,
        until=until,
        marks=marks,
    )


def late(last: Edition | None, month: Month, now: Instant) -> list[tuple[str, str]]:
    """(day, what has changed in it) for the days that were complete when `last` was written."""
    if last is None:
        return []
    found = []
    for day in month.own_days:
        if day.start < last.until and (text := _difference(day, last.flow.get(day.name, ((), ())))):
            found.append((day.name, f"{local(now):%m-%d} 发现：{text}"))
    return found


def _difference(day: Day, before: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    parts = []
    for name, now, then in (("新增", day.opened, before[0]), ("关闭", day.closed, before[1])):
        more, less = _without(now, then), _without(then, now)
        for sign, numbers in (("多", more), ("少", less)):
            if numbers:
                named = "、".join(numbers[:_NAMED]) + ("…" if len(numbers) > _NAMED else "")
                parts.append(f"{name}{sign} {len(numbers)} 件（{named}）")
    return "，".join(parts)


def _without(numbers: Sequence[str], others: Sequence[str]) -> list[str]:
    """The numbers less the others, each as often as it stands there."""
    return sorted((Counter(numbers) - Counter(others)).elements())


class Frozen(Refused):
    """A frozen month's data has changed since; the file stays."""

    def __init__(self, last: Edition, month: Month) -> None:
        changed = late(last, month, 0)
        told = f"有变动的日子：{'、'.join(day[5:] for day, _ in changed[:_NAMED])}" if changed else ""
        told = told or "工单的分类、时效或回访等有变动"
        super().__init__(
            f"{last.month} 已于 {local(last.at):%Y-%m-%d} 定稿（第{last.number}版），其后数据又变了（{told}），文件没有动。"
            f"要出新版，请项目经理运行：frontdesk export --month {last.month} --reissue --reason 原因"
        )
