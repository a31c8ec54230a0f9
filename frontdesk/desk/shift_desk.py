"""Use cases on duty: a roster comes in, who answers now, hours without anybody, and the morning view (T7, R-000-02)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from frontdesk.desk.access import Access
from frontdesk.domain.errors import BadInput
from frontdesk.domain.morning import morning, morning_text
from frontdesk.domain.privacy import Masks
from frontdesk.domain.roster import (
    AHEAD,
    DUTIES,
    SOURCES,
    Answering,
    Person,
    Turn,
    answering,
    day_and_duty,
    gaps,
    on_duty,
    roster_columns,
    standing,
    turn_from_row,
)
from frontdesk.domain.terms import ROLES
from frontdesk.domain.timing import DAY, HOUR, MINUTE, WEEK, Instant, clock, day_start, instant, local
from frontdesk.store.notices import NoticeDraft, post
from frontdesk.store.shifts import Replaced, Shifts

LATE: Final = 6 * HOUR
"""A morning view that could not be sent in the morning is not news any more."""
EVENING: Final = 17 * HOUR + 30 * MINUTE
"""When the night begins where no roster says."""
_ALSO: Final = {
    "前台": "agent",
    "夜班值班员": "agent",
    "夜班": "agent",
    "主任": "supervisor",
    "经理": "manager",
}
"""What rosters call the ladder's duties besides the names of terms.py and of the ladder itself."""


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What an import did: `removed` are the turns that gave way, `kept` the (day, duty) that kept theirs for a bad row."""

    added: int
    same: int
    removed: tuple[Turn, ...]
    kept: tuple[tuple[Instant, str], ...]
    errors: tuple[tuple[int, str], ...]
    ignored_columns: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows read."""
        return self.added + self.same + len(self.errors)


class Post(NamedTuple):
    """A duty now: who answers, None where nobody does; `contact` is a department's, for when the roster names nobody."""

    duty: str
    label: str
    found: Answering | None
    contact: str

    def words(self, now: Instant) -> tuple[str, str]:
        """Whom to ask, and why them."""
        found = self.found
        if found is None:
            return self.contact or "无人", "没有排班" + ("，用部门联系方式" if self.contact else "")
        why = SOURCES[found.source]
        if found.source in ("above", "below"):
            why += f"（{label(found.held)}）"
        if found.at is not None and found.source in ("roster", "next"):
            why += f"，{clock(found.at, now)} {'下班' if found.source == 'roster' else '上班'}"
        return found.names, why


class OnDuty(NamedTuple):
    """Every duty now, and the hours of the next seven days in which nobody sits at the front desk."""

    now: Instant
    posts: tuple[Post, ...]
    gaps: tuple[tuple[Instant, Instant], ...]

    @property
    def gap_words(self) -> tuple[str, ...]:
        """The hours without anybody, a line each."""
        return tuple(f"{clock(begins, self.now)} 至 {clock(ends, self.now)}" for begins, ends in self.gaps)


def label(duty: str) -> str:
    """A duty as people call it."""
    return ROLES.get(duty, duty)


class ShiftDesk:
    """The roster and what stands on it."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules and the clock."""
        self._a = access
        self._shifts = Shifts(access.db)

    # --- the roster ------------------------------------------------------------------------------------------

    def import_roster(self, path: Path, dry_run: bool = False) -> RosterReport:
        """Turns from csv or xlsx. They replace what their days and duties had; the same file again changes nothing.

        Good rows go in, bad ones are reported; the day and duty that a bad row names loses nothing that it had.
        """
        from frontdesk.channels.tables import BadRow, read_table

        self._a.operator.needs("supervisor", "manager", "admin")
        duties, people, now = self._words(), self._people(), self._a.now()
        turns: dict[tuple[str, str, str], list[tuple[int, Turn]]] = {}
        errors: list[tuple[int, str]] = []
        kept: set[tuple[Instant, str]] = set()
        with read_table(path.expanduser()) as table:
            columns = roster_columns(table.columns)
            for row in table.rows:
                if isinstance(row, BadRow):
                    errors.append((row.line, row.problem))
                    continue
                try:
                    turn = turn_from_row(
                        row.values, columns, line=row.line, now=now, duties=duties, people=people
                    )
                    mine = turns.setdefault((turn.login, turn.name, turn.duty), [])
                    _apart(turn, row.line, mine)
                except BadInput as bad:
                    errors.append((row.line, str(bad)))
                    if (named := day_and_duty(row.values, columns, duties)) is not None:
                        kept.add(named)
                else:
                    mine.append((row.line, turn))
            ignored = tuple(column for column in table.columns if column not in columns)
        done: Replaced = self._shifts.replace(
            [turn for mine in turns.values() for _line, turn in mine], kept, dry_run
        )
        return RosterReport(done.added, done.same, done.removed, tuple(sorted(kept)), tuple(errors), ignored)

    def _words(self) -> dict[str, str]:
        """What may stand under 岗位 → the duty; where a department is called like a rung of the ladder, that is meant."""
        words = _ALSO | {name: name for name in self._a.categories.departments}
        words |= {rung.name: rung.role for rung in self._a.policy.ladder if rung.name and rung.role in DUTIES}
        return words | {ROLES[duty]: duty for duty in DUTIES} | {duty: duty for duty in DUTIES}

    def _people(self) -> list[Person]:
        return [Person(*row) for row in self._shifts.people()]

    def turns(self, start: Instant, end: Instant) -> tuple[Turn, ...]:
        """The turns that reach into [start, end)."""
        return self._shifts.turns(start, end)

    def on_duty(self) -> OnDuty:
        """Every duty now with its fallback, and the gaps of the front desk in the next seven days."""
        now, people = self._a.now(), self._people()
        turns = self._shifts.turns(now, now + WEEK)
        words = self._words()
        departments = {n: each for n, each in self._a.categories.departments.items() if words[n] == n}
        posts = [Post(duty, label(duty), answering(turns, duty, now, people), "") for duty in DUTIES]
        posts += [
            Post(name, name, answering(turns, name, now, people), each.contact)
            for name, each in departments.items()
        ]
        sound = standing(turns, people)
        return OnDuty(now, tuple(posts), gaps(sound, "agent", now, now + WEEK))

    def answering(self, duty: str, at: Instant | None = None) -> Answering | None:
        """Who answers for a duty, with the fallbacks of domain/roster.py."""
        now = self._a.now() if at is None else at
        return answering(self._shifts.turns(now, now + AHEAD), duty, now, self._people())

    # --- the morning -----------------------------------------------------------------------------------------

    def morning(self, now: Instant | None = None) -> str:
        """What the night was and what today owes, masked as everything that leaves the house (R-000-05)."""
        from frontdesk.desk.handover_desk import HandoverDesk

        at = self._a.now() if now is None else now
        since, names, masks = self._evening(at), self._a.names(), Masks.for_role("agent")
        logs = self._a.tickets.logs(at + 1, since, unseal=True)
        found = (
            (
                log.ticket._replace(case_owner=names.get(log.ticket.case_owner, log.ticket.case_owner)),
                self._a.policies.of(log.ticket.policy),
                masks.unit(log.ticket.caller.unit),
            )
            for log in logs
        )
        told = HandoverDesk(self._a).told(at)
        return morning_text(morning(self._a.settings.site, found, since, at, told))

    def send_morning(self) -> list[str]:
        """Send today's at once, whatever the clock says; nothing where it has been sent."""
        self._a.operator.needs("supervisor", "manager", "admin")
        if not self.morning_to:
            raise BadInput(
                "config.toml 的 morning.to", "没有写发给谁", "请写层级的名字或「群」，如 客服主任、群"
            )
        return _send(self._a, self._a.now())

    @property
    def morning_to(self) -> list[tuple[str, str]]:
        """(audience, name) of everybody who gets it."""
        return recipients(self._a.settings.morning_to)

    def _evening(self, now: Instant) -> Instant:
        """When the night began: with the desk's turn that crossed midnight, else at half past five."""
        midnight = day_start(now)
        night = on_duty(self._shifts.turns(midnight - 1, midnight + 1), "agent", midnight)
        return night[0].starts_at if night and night[0].starts_at < midnight else midnight - DAY + EVENING


def _apart(turn: Turn, line: int, earlier: list[tuple[int, Turn]]) -> None:
    """`BadInput` where the same person stands the same duty twice at once; `earlier` are that person's turns of it."""
    for before, other in earlier:
        if turn.starts_at < other.ends_at and other.starts_at < turn.ends_at:
            raise BadInput(
                f"第 {line} 行 开始", f"与第 {before} 行是同一个人、时间重叠的班", "请核对并删去一行"
            )


def morning_due(access: Access, now: Instant) -> list[str]:
    """Put today's morning view into the outbox once its time has come; answers what was done, a line each.

    Exactly once a day however many watchers ask. Costs one look at a clock, and from then on one at an index.
    """
    wanted = morning_at(access.settings.morning, now)
    return _send(access, now) if wanted is not None and wanted <= now < wanted + LATE else []


def _send(access: Access, now: Instant) -> list[str]:
    """The notice's key and its text are one transaction."""
    people = recipients(access.settings.morning_to)
    key = f"morning:{local(now):%Y-%m-%d}"
    if not people or _sent(access, key):
        return []
    text = ShiftDesk(access).morning(now)
    with access.db.write() as conn:
        if _sent(access, key):
            return []
        for place, (audience, name) in enumerate(people):
            mark = f"{key}:{name}" if place else key
            post(conn, now, NoticeDraft("morning", name, text, audience, key=mark))
    return [f"晨报已交付发送：{'、'.join(name for _audience, name in people)}"]


def _sent(access: Access, key: str) -> bool:
    with access.db.read() as conn:
        return conn.execute("SELECT 1 FROM notice WHERE key = ?", (key,)).fetchone() is not None


def morning_at(text: str, now: Instant) -> Instant | None:
    """The moment of today that `[morning] time` names (settings has checked it); None where it is switched off."""
    if not text:
        return None
    hour, _, minute = text.partition(":")
    return day_start(now) + int(hour) * HOUR + int(minute) * MINUTE


def recipients(text: str) -> list[tuple[str, str]]:
    """(audience, name) of everybody that `[morning] to` names; 群 is the group."""
    names = [name for name in re.split(r"[、,，;；\s]+", text) if name]
    return [("group" if name.endswith("群") else "staff", name) for name in dict.fromkeys(names)]


def day_of(text: str, now: Instant) -> Instant:
    """Midnight of the day that an option names, today for ""; `BadInput` otherwise."""
    words = {"": 0, "今天": 0, "明天": 1, "昨天": -1}
    if text in words:
        return day_start(now) + words[text] * DAY
    try:
        return instant(datetime.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise BadInput("日期", f"「{text[:20]}」认不出是哪一天", "请写成 2026-11-22、今天或明天") from None
