"""The handover page (交接班): what the next shift finds, every line with somebody's name on it (A-DAY 08:28)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from frontdesk.domain.errors import Refused, StoreTrouble
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import one_line
from frontdesk.domain.sla import Clock, clocks
from frontdesk.domain.terms import CLOCKS, PAUSE_CAUSES
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, clock, day_start, iso, local, span

KINDS: Final = {
    "escalation": "上移未接",
    "morning": "早间任务",
    "promise": "承诺",
    "call": "未接来电",
    "due": "到期",
    "case": "案例时限",
    "pause": "挂起到期",
    "notice": "通知未达",
}
"""What a line is about, in the order of the page."""
MORNING: Final = 8 * HOUR + 30 * MINUTE
"""08:30: what the night has put off until somebody of the day is there (T33)."""
WAITS: Final = 16 * HOUR
"""How long a page that was given waits in front of whoever comes."""
_LISTED: Final = frozenset({"promise", "case", "acknowledge"})
"""Clocks that have lines of their own."""
_FORMAT: Final = 1


class Item(NamedTuple):
    """One line: `at` is when it falls due or happened, `whom` the masked person, `owner` who follows it.

    `key` is the same for the same matter on every page; `ticket` is "" for a call or a notice.
    """

    key: str
    kind: str
    ticket: str
    at: Instant
    words: str
    whom: str
    owner: str
    owner_name: str


class Page(NamedTuple):
    """What one shift gives to the next as it stood at `drawn_at`; `given_by` is "" where nobody has signed it over."""

    site: str
    drawn_at: Instant
    starts_at: Instant
    ends_at: Instant
    given_by: str
    given_name: str
    items: tuple[Item, ...]


class Matter(NamedTuple):
    """A line and whose it is: the giver's until somebody has taken it. `done`: there is nothing to do about it any more."""

    item: Item
    holder: str
    holder_name: str
    taken_at: Instant | None = None
    done: bool = False

    @property
    def waits(self) -> bool:
        """Nobody has taken it and it still is a matter."""
        return self.taken_at is None and not self.done


class Handover(NamedTuple):
    """A page with its two signatures; `id` is None for one that nobody has kept yet."""

    id: int | None
    page: Page
    lines: tuple[Matter, ...]
    given_at: Instant | None = None
    taken_at: Instant | None = None
    taken_by: str = ""
    taken_name: str = ""

    @property
    def waiting(self) -> tuple[Matter, ...]:
        """What nobody has taken."""
        return tuple(line for line in self.lines if line.waits)


Owner = tuple[str, str]
"""Login and name."""


def next_morning(now: Instant) -> Instant:
    """The first 08:30 in Shanghai at or after the instant."""
    today = day_start(now) + MORNING
    return today if now <= today else today + DAY


def of_ticket(
    ticket: Ticket, policy: Policy, whom: str, owner: Owner, now: Instant, ends_at: Instant
) -> Iterator[Item]:
    """What the next shift, which ends at `ends_at`, finds to do about a ticket; nothing about one that has ended.

    What is overdue is still to be done, so it stands on the page too.
    """
    if not ticket.open:
        return

    def item(kind: str, mark: str, at: Instant, words: str) -> Item:
        return Item(f"{mark}:{ticket.number}", kind, ticket.number, at, one_line(words), whom, *owner)

    until = max(ends_at, next_morning(now) + 1)
    waiting = ticket.unacknowledged
    if waiting is not None:
        yield item(
            "escalation",
            f"escalation-{waiting.at}",
            waiting.at,
            f"上移至{waiting.to}，还没有人说接：{ticket.title}",
        )
    for promise in ticket.promises:
        if promise.kept_at is None and not promise.withdrawn:
            kind = "morning" if _early(promise.due_at, until) else "promise"
            told = f"{promise.words}（{ticket.title}）"
            yield item(kind, f"promise-{promise.seq}", promise.due_at, told)
    for limit in ticket.limits:
        if limit.met_at is None and limit.due_at is not None and limit.due_at < until:
            kind = "morning" if _early(limit.due_at, until) else "case"
            yield item(
                kind,
                f"case-{limit.id}-{limit.due_at}",
                limit.due_at,
                f"{limit.label}（{limit.who}）：{ticket.title}",
            )
    if ticket.paused and ticket.pauses[-1].until < ends_at:
        pause = ticket.pauses[-1]
        cause = PAUSE_CAUSES.get(pause.cause, pause.cause)
        yield item(
            "pause", f"pause-{pause.at}", pause.until, f"{cause}的挂起到期，看能否恢复：{ticket.title}"
        )
    run = _first(clocks(ticket, policy), ends_at, {p.due_at for p in ticket.promises})
    if run is not None:
        yield item(
            "due", f"due-{run.kind}-{run.started_at}", run.due_at, f"{CLOCKS[run.kind]}：{ticket.title}"
        )


def _early(due: Instant, until: Instant) -> bool:
    """Due in the half hour up to 08:30 of a morning on the page."""
    return due < until and 0 <= MORNING - (due - day_start(due)) < 30 * MINUTE


def _first(runs: Iterable[Clock], ends_at: Instant, listed: Collection[Instant]) -> Clock | None:
    """What is due first of the clocks without a line of their own; a date that was agreed has the promise's line (X1)."""
    owed = [
        run
        for run in runs
        if run.counts
        and run.kind not in _LISTED
        and run.due_at < ends_at
        and not (run.source == "X1" and run.due_at in listed)
    ]
    return min(owed, key=lambda run: (run.due_at, run.kind), default=None)


def of_call(call_id: int, at: Instant, whom: str, owner: Owner) -> Item:
    """A missed call that nobody has called back."""
    return Item(f"call:{call_id}", "call", "", at, "没有人回拨", whom, *owner)


def of_notice(notice_id: int, at: Instant, ticket: str, recipient: str, kind: str, owner: Owner) -> Item:
    """A notice that was given up: whoever it was for knows nothing."""
    words = f"{kind}通知没有送到，请改用电话告知"
    return Item(f"notice:{notice_id}", "notice", ticket, at, words, recipient, *owner)


def ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    """By kind as the page has them, in each what is due first."""
    place = {kind: at for at, kind in enumerate(KINDS)}
    return tuple(sorted(items, key=lambda item: (place[item.kind], item.at, item.key)))


def sign(page: Page) -> Page:
    """The page, fit to be signed: `Refused` while a line has nobody's name on it."""
    nobody = [item for item in page.items if not item.owner or not item.owner_name.strip()]
    if nobody:
        told = "、".join(item.ticket or KINDS[item.kind] for item in nobody[:5])
        raise Refused(f"还有 {len(nobody)} 件没有负责人（{told}），不能交班。请先转交给具体的人。")
    return page


def lines(
    page: Page,
    held: Mapping[str, tuple[str, Instant | None]],
    names: Mapping[str, str],
    still: Collection[str] | None = None,
) -> tuple[Matter, ...]:
    """The page's lines: `held` key → (login of who has it, when it was taken); `still` the keys that are matters still."""
    found = []
    for item in page.items:
        holder, taken_at = held.get(item.key, (page.given_by or item.owner, None))
        done = still is not None and item.key not in still
        found.append(Matter(item, holder, names.get(holder, holder), taken_at, done))
    return tuple(found)


# --- kept and shown ----------------------------------------------------------------------------------------------


def packed(page: Page) -> str:
    """The page as it is kept: JSON without anything in clear."""
    whole = page._asdict() | {"format": _FORMAT, "items": [item._asdict() for item in page.items]}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Page:
    """A kept page; `StoreTrouble` where it is damaged."""
    try:
        found = json.loads(text)
        items = tuple(Item(**{name: item[name] for name in Item._fields}) for item in found["items"])
        return Page(**{name: found[name] for name in Page._fields if name != "items"}, items=items)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreTrouble("这页交接记录已损坏，读不出来。请从备份恢复，或运行 frontdesk doctor。") from error


def state_words(line: Matter, now: Instant) -> str:
    """Whose it is: `小林 08:29 接`, `已办`, or the giver's name while nobody has taken it."""
    if line.taken_at is not None:
        return f"{line.holder_name} {clock(line.taken_at, now)} 接"
    return "已办" if line.done else line.holder_name


def when_words(item: Item, now: Instant) -> str:
    """`09:00`, `超 42分钟`; for a call when it rang."""
    if item.kind in ("call", "notice", "escalation"):
        return clock(item.at, now)
    return clock(item.at, now) if item.at > now else f"超 {span(now - item.at)}"


def signatures(found: Handover, now: Instant) -> tuple[str, str]:
    """Who gave it and who took it, each with the time."""
    page = found.page
    if found.given_at is None:
        given = "还没有签字"
    elif not page.given_by:
        given = f"上一班没有签字（{clock(found.given_at, now)} 由接班人打开）"
    else:
        given = f"{page.given_name} {clock(found.given_at, now)}"
    taken = f"{found.taken_name} {clock(found.taken_at, now)}" if found.taken_at is not None else "还没有签字"
    return given, taken


def shift_words(page: Page, now: Instant) -> str:
    """`08:30–20:30`."""
    return f"{clock(page.starts_at, now)}–{clock(page.ends_at, now)}"


def rows(found: Handover, now: Instant) -> list[tuple[str, ...]]:
    """The page's cells: kind, when, ticket, whom, what, who follows, whose it is now."""
    out = list[tuple[str, ...]]()
    for line in found.lines:
        item = line.item
        out.append(
            (
                KINDS[item.kind],
                when_words(item, now),
                item.ticket or "-",
                item.whom or "-",
                item.words,
                item.owner_name,
                state_words(line, now),
            )
        )
    return out


HEAD: Final = ("事项", "时间", "单号", "业主", "要做什么", "负责人", "现在谁手上")


def document(found: Handover) -> dict[str, Any]:
    """The JSON of `handover --json`."""
    page = found.page

    def at(when: Instant | None) -> str | None:
        return iso(when) if when is not None else None

    return {
        "id": found.id,
        "site": page.site,
        "drawn_at": iso(page.drawn_at),
        "shift": {"from": iso(page.starts_at), "to": iso(page.ends_at)},
        "given_at": at(found.given_at),
        "given_by": page.given_by or None,
        "given_name": page.given_name or None,
        "taken_at": at(found.taken_at),
        "taken_by": found.taken_by or None,
        "taken_name": found.taken_name or None,
        "items": [
            {
                "key": line.item.key,
                "kind": line.item.kind,
                "kind_label": KINDS[line.item.kind],
                "ticket": line.item.ticket or None,
                "at": iso(line.item.at),
                "text": line.item.words,
                "with": line.item.whom or None,
                "owner": line.item.owner,
                "owner_name": line.item.owner_name,
                "holder": line.holder,
                "holder_name": line.holder_name,
                "taken_at": at(line.taken_at),
                "done": line.done,
            }
            for line in found.lines
        ],
    }


def paper(found: Handover) -> list[str]:
    """The page for the printer: a block a matter, room for two signatures below; whoever prints folds long lines."""
    page = found.page
    number = f"　第 {found.id} 号" if found.id else ""
    shift = f"{_stamp(page.starts_at)} 至 {_stamp(page.ends_at)}"
    out = [
        f"{one_line(page.site)}　交接班记录{number}",
        f"{local(page.drawn_at):%Y-%m-%d %H:%M}　下一班 {shift}　共 {len(found.lines)} 件",
        "",
    ]
    if not found.lines:
        out += ["没有要交接的事项。", ""]
    for place, line in enumerate(found.lines, 1):
        item = line.item
        head = " ".join(filter(None, (KINDS[item.kind], _stamp(item.at), item.ticket, item.whom)))
        held = line.holder_name + (f" {_stamp(line.taken_at)} 接" if line.taken_at is not None else "")
        out += [
            f"{place:2d}. {head}",
            f"    {item.words}",
            f"    负责人：{item.owner_name}　现在：{held}",
            "",
        ]
    given = f"{page.given_name or '上一班没有签字'} {_stamp(found.given_at)}" if found.given_at else ""
    taken = f"{found.taken_name} {_stamp(found.taken_at)}" if found.taken_at else ""
    out += [
        f"交班人：{given or '还没有签字'}　签名：__________",
        f"接班人：{taken or '还没有签字'}　签名：__________",
    ]
    return out


def _stamp(at: Instant) -> str:
    return f"{local(at):%m-%d %H:%M}"


def told(found: Sequence[Matter]) -> str:
    """`承诺 2，未接来电 1`: how many of what."""
    counts = {kind: sum(line.item.kind == kind for line in found) for kind in KINDS}
    return "，".join(f"{KINDS[kind]} {count}" for kind, count in counts.items() if count)
