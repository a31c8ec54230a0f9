"""What the desk looks like today, in figures: flow, limits, categories, thirty days, promises, who has how many (DESIGN §10).

One frozen value, recoloured for any later moment without I/O as the board is. Days and hours are Shanghai's and half-open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from frontdesk.domain.board import FACES, BoardRow
from frontdesk.domain.tickets import Promise
from frontdesk.domain.timing import DAY, HOUR, Instant, day_start

DAYS: Final = 30
"""How far the trend looks back, today included."""
RANG: Final = 60
"""Seconds within which a call must have been lifted; later it was missed, even where somebody called back."""
REST: Final = "…"
"""The key of all the categories and people that have no line of their own."""
NONE: Final = "未分类"
PLEDGES: Final = {"kept": "兑现", "broken": "失约", "owed": "未到"}

MEANINGS: Final[Mapping[str, str]] = {
    "opened": "该时段受理的工单，不论现在怎样。",
    "closed": "该时段关闭、作废或并入他单，且没有再重开的工单。",
    "carried": "该日终了（今日为此刻）仍未结的工单：前一日结转 + 新增 - 关闭。",
    "answered": f"响铃 {RANG} 秒内接起的来电，事后补登并开了单的也算。",
    "missed": f"响铃 {RANG} 秒没有接起的来电，事后回拨了也算未接。",
    "kept": "今日到期的承诺里，到期之前已做到的。",
    "broken": "今日到期的承诺里，到期时还没有做到的。",
    "owed": "今日到期的承诺里，还没有到时间的。",
}
"""What each figure counts; the JSON carries it and the page's help says it."""


class Hour(NamedTuple):
    """What happened in the hour from `start` on."""

    start: Instant
    opened: int = 0
    closed: int = 0
    answered: int = 0
    missed: int = 0


class Day(NamedTuple):
    """A day of the trend; `carried` is what was still open at its end, today's at the moment of reading."""

    start: Instant
    opened: int
    closed: int
    carried: int


class Share(NamedTuple):
    """So many open tickets have this in common, `late` of them past their limit."""

    key: str
    label: str
    size: int
    late: int


class Pledge(NamedTuple):
    """A promise that falls due today; `ended_at` is when a newer one took its place or the ticket was ended."""

    ticket_id: int
    due_at: Instant
    kept_at: Instant | None
    ended_at: Instant | None

    def state(self, now: Instant) -> str:
        """A key of `PLEDGES`, or "" where it was let go before it fell due."""
        if self.kept_at is not None:
            return "kept" if self.kept_at < self.due_at else "broken"
        if self.ended_at is not None and self.ended_at < self.due_at:
            return ""
        return "broken" if now >= self.due_at else "owed"


class Ringing(NamedTuple):
    """When a call came, when it was lifted or seen to, and whether it led to a ticket."""

    at: Instant
    state: str
    answered_at: Instant | None
    ticket: bool

    def outcome(self, now: Instant) -> str:
        """answered, missed, or "" while it still rings."""
        if self.answered_at is not None and self.answered_at - self.at <= RANG:
            return "answered"
        if self.answered_at is None and self.ticket and self.state == "ringing":
            return "answered"
        return "" if self.state == "ringing" and now - self.at <= RANG else "missed"


def pledges(
    ticket_id: int, promises: Iterable[Promise], ended_at: Instant | None, day: Instant
) -> list[Pledge]:
    """The ticket's promises that fall due on the Shanghai day that starts at `day`."""
    found = []
    for each in promises:
        if day <= each.due_at < day + DAY:
            ends = [at for at in (each.withdrawn_at, ended_at) if at is not None]
            found.append(Pledge(ticket_id, each.due_at, each.kept_at, min(ends, default=None)))
    return found


def hours(
    day: Instant, now: Instant, opened: Sequence[int], closed: Sequence[int], calls: Iterable[Ringing]
) -> tuple[Hour, ...]:
    """The day's twenty-four hours from counts by hour and the day's calls."""
    told = Counter(((call.at - day) // HOUR, call.outcome(now)) for call in calls)
    return tuple(
        Hour(day + place * HOUR, opened[place], closed[place], told[place, "answered"], told[place, "missed"])
        for place in range(DAY // HOUR)
    )


def days(first: Instant, flow: Sequence[tuple[int, int]], still_open: int) -> tuple[Day, ...]:
    """The trend from (opened, closed) a day, oldest first, and what is open at its end: carried + opened - closed, day by day."""
    carried = still_open - sum(opened - closed for opened, closed in flow)
    found = []
    for place, (opened, closed) in enumerate(flow):
        carried += opened - closed
        found.append(Day(first + place * DAY, opened, closed, carried))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the page shows, as of `at`. `rows` are the open tickets in the board's order; `names` login → name."""

    at: Instant
    rows: Sequence[BoardRow]
    hours: tuple[Hour, ...]
    days: tuple[Day, ...]
    promises: tuple[Pledge, ...]
    names: Mapping[str, str]
    unit_of: Callable[[bytes | None], str]

    @property
    def total(self) -> Hour:
        """The whole day in one line."""
        sums = (sum(each[place] for each in self.hours) for place in range(1, len(Hour._fields)))
        return Hour(day_start(self.at), *sums)

    def states(self, now: Instant) -> tuple[Share, ...]:
        """Every state of an open ticket in the board's order, empty ones too; together they are all that is open."""
        counts, late = Counter[str](), Counter[str]()
        for row in self.rows:
            look = row.look(now)
            counts[look] += 1
            late[look] += now >= row.due_at
        return tuple(
            Share(look, word, counts[look], late[look])
            for look, (_hanzi, word) in FACES.items()
            if look != "closed"
        )

    def categories(self, now: Instant, most: int) -> tuple[Share, ...]:
        """The categories with the most open tickets, at most `most` lines, the last for all the rest."""
        return self._shares(now, most, lambda row: row.category, lambda key: key or NONE, "类")

    def owners(self, now: Instant, most: int) -> tuple[Share, ...]:
        """Who has how many open tickets (首问责任人), at most `most` lines, the last for all the rest."""
        return self._shares(
            now, most, lambda row: row.case_owner, lambda key: self.names.get(key, key) or "无人", "人"
        )

    def pledged(self, now: Instant) -> tuple[Share, ...]:
        """Today's promises by what became of them."""
        counts = Counter(each.state(now) for each in self.promises)
        return tuple(Share(key, label, counts[key], 0) for key, label in PLEDGES.items())

    def chosen(self, topic: str, key: str, now: Instant, most: int) -> list[BoardRow]:
        """The open tickets behind a line: `topic` is state, category or owner, `most` what the lines were made with."""
        if topic == "state":
            return [row for row in self.rows if row.look(now) == key]
        kind = {"category": ("category", self.categories), "owner": ("case_owner", self.owners)}[topic]
        if key != REST:
            return [row for row in self.rows if getattr(row, kind[0]) == key]
        named = {share.key for share in kind[1](now, most)}
        return [row for row in self.rows if getattr(row, kind[0]) not in named]

    def _shares(
        self,
        now: Instant,
        most: int,
        key_of: Callable[[BoardRow], str],
        name: Callable[[str], str],
        counter: str,
    ) -> tuple[Share, ...]:
        counts, late = Counter[str](), Counter[str]()
        for row in self.rows:
            key = key_of(row)
            counts[key] += 1
            late[key] += now >= row.due_at
        order = sorted(counts, key=lambda key: (-counts[key], key))
        kept = order if len(order) <= most else order[: most - 1]
        found = [Share(key, name(key), counts[key], late[key]) for key in kept]
        if rest := order[len(kept) :]:
            more = sum(counts[key] for key in rest), sum(late[key] for key in rest)
            found.append(Share(REST, f"其余{len(rest)}{counter}", *more))
        return tuple(found)
