"""Tickets: append events and refresh the cache in one transaction; read the log, the open ones, and what is due."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from frontdesk.domain.chain import link
from frontdesk.domain.duties import next_at
from frontdesk.domain.errors import Conflict, KeyTrouble, Refused
from frontdesk.domain.moves import Draft
from frontdesk.domain.phones import phone_key
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import one_line
from frontdesk.domain.sla import FAR, clocks, face
from frontdesk.domain.terms import EVENTS
from frontdesk.domain.tickets import Event, Ticket, fold
from frontdesk.domain.timing import Instant, local
from frontdesk.domain.units import unit_key
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database
from frontdesk.store.notices import NoticeDraft, post
from frontdesk.store.open_tickets import UNIT

SEALED = "event.sealed"
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
"""An event's data as it is stored and hashed; made once, since `json.dumps` makes an encoder a call."""
_LONGEST = 40
"""Characters of what may be a ticket number; SQLite matches no pattern of arbitrary length."""


class Step(NamedTuple):
    """What one action adds to a ticket; `also` runs in the same transaction."""

    at: Instant
    by: str
    drafts: Sequence[Draft]
    policy: Policy
    notices: Sequence[NoticeDraft] = ()
    also: Callable[[sqlite3.Connection], None] | None = None


class RawEvent(NamedTuple):
    """One event as it is stored; `version` is what the ticket's cache says the newest one's `seq` is."""

    ticket_id: int
    number: str
    version: int
    seq: int
    at: Instant
    kind: str
    by: str
    data: str
    sealed: bytes | None
    hash: str


class Log(NamedTuple):
    """A ticket as it is kept: its row id, its events and the facts that they fold into."""

    id: int
    number: str
    events: tuple[Event, ...]
    ticket: Ticket


_FACTS = (
    *("version", "policy", "kind", "category", "priority", "channel", "status", "open", "lane"),
    *("base", "due_kind", "due_at", "risk_at", "action_at"),
    *("level", "title", "department", "case_owner", "incident", "closed_at"),
)
_IDENTITY = ("opened_at", "external_id", "unit_index", "phone_index", "unit_sealed")
"""Written again only where a step has changed them: most steps then touch half as many indexes."""
_CACHE = (*_FACTS, *_IDENTITY)
_INSERT = f"INSERT INTO ticket(number, {', '.join(_CACHE)}) VALUES ({', '.join('?' * (len(_CACHE) + 1))})"
_UPDATE, _STEP = (
    f"UPDATE ticket SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"
    for names in (_CACHE, _FACTS)
)
_EVENT = (
    'INSERT INTO event(ticket_id, seq, at, kind, "by", data, sealed, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
)


class Tickets:
    """The tickets of one database."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` seals what the events hold of people."""
        self._db, self._cipher = db, cipher

    # --- reading ---------------------------------------------------------------------------------------------

    def find(self, number: str) -> int:
        """The row id of a ticket number or of a unique tail of one (`1122-03`); `Refused` where there is none.

        A whole running number comes before a part of one: `99` is 261122-99, though there is a 261122-199.
        """
        wanted = one_line(number).upper()[:_LONGEST]
        with self._db.read() as conn:
            row = conn.execute("SELECT id FROM ticket WHERE number = ?", (wanted,)).fetchone()
            if row:
                return int(row[0])
            tail = _ending(conn, f"-{wanted}") or _ending(conn, wanted)
        shown = wanted[:20]
        if not wanted or not tail:
            raise Refused(f"没有工单「{shown}」。请核对单号。")
        if len(tail) > 1:
            raise Refused(f"「{shown}」对应不止一张工单（{'、'.join(r[1] for r in tail)}）。请写全单号。")
        return int(tail[0][0])

    def load(self, ticket_id: int, unseal: bool = True) -> Log:
        """The ticket's whole log. Without `unseal` people's data stays encrypted and the caller is empty."""
        with self._db.read() as conn:
            row = conn.execute("SELECT number FROM ticket WHERE id = ?", (ticket_id,)).fetchone()
            if row is None:
                raise Refused("这张工单不存在。")
            events = self._events(conn, ticket_id, unseal)
        return Log(ticket_id, row[0], events, fold(row[0], events))

    def _events(self, conn: sqlite3.Connection, ticket_id: int, unseal: bool) -> tuple[Event, ...]:
        rows = conn.execute(
            'SELECT seq, at, kind, "by", data, sealed, hash FROM event WHERE ticket_id = ? ORDER BY seq',
            (ticket_id,),
        )
        return tuple(self._event(row, unseal) for row in rows)

    def _event(self, row: Sequence[Any], unseal: bool = True) -> Event:
        seq, at, kind, by, data, sealed, digest = row
        private = json.loads(self._cipher.open(sealed, SEALED)) if sealed and unseal else {}
        return Event(seq, at, kind, by, json.loads(data), private, digest)

    def logs(
        self, opened_before: Instant | None = None, not_closed_before: Instant = 0, unseal: bool = False
    ) -> Iterator[Log]:
        """Tickets in order of opening: those opened before one instant and not ended before another, all by default.

        Without `unseal` people's data stays encrypted and every caller is empty.
        """
        yield from self.several(
            self._ids(opened_before if opened_before is not None else FAR, not_closed_before), unseal
        )

    def several(self, ids: Sequence[int], unseal: bool = True) -> Iterator[Log]:
        """The logs of these row ids, in their order."""
        for start in range(0, len(ids), 500):
            # One short snapshot a chunk: a long read would keep the log file from being folded back.
            chunk = ids[start : start + 500]
            with self._db.read() as conn:
                rows = conn.execute(
                    'SELECT t.id, t.number, e.seq, e.at, e.kind, e."by", e.data, e.sealed, e.hash FROM ticket t '
                    f"JOIN event e ON e.ticket_id = t.id WHERE t.id IN ({', '.join('?' * len(chunk))}) "
                    "ORDER BY t.id, e.seq",
                    chunk,
                ).fetchall()
            found = {
                log.id: log
                for log in _grouped((row[0], row[1], self._event(row[2:], unseal)) for row in rows)
            }
            yield from (found[ticket_id] for ticket_id in chunk if ticket_id in found)

    def _ids(self, opened_before: Instant, not_closed_before: Instant) -> list[int]:
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket WHERE opened_at < ? AND (closed_at IS NULL OR closed_at >= ?) "
                "ORDER BY opened_at, id",
                (opened_before, not_closed_before),
            )
            return [row[0] for row in rows]

    def raw_events(self) -> Iterator[RawEvent]:
        """Every event as stored, ticket by ticket, for the chain's verification; `seq` 0 for a ticket without any."""
        last = 0
        while True:
            with self._db.read() as conn:
                chunk = [
                    row[0]
                    for row in conn.execute(
                        "SELECT id FROM ticket WHERE id > ? ORDER BY id LIMIT 500", (last,)
                    )
                ]
                if not chunk:
                    return
                rows = conn.execute(
                    'SELECT t.id, t.number, t.version, coalesce(e.seq, 0), e.at, e.kind, e."by", e.data, e.sealed, e.hash '
                    "FROM ticket t LEFT JOIN event e ON e.ticket_id = t.id WHERE t.id BETWEEN ? AND ? ORDER BY t.id, e.seq",
                    (chunk[0], chunk[-1]),
                ).fetchall()
            yield from map(RawEvent._make, rows)
            last = chunk[-1]

    def entries(self) -> list[tuple[int, str]]:
        """(row id, number) of every ticket."""
        with self._db.read() as conn:
            return conn.execute("SELECT id, number FROM ticket ORDER BY id").fetchall()

    def missing(self) -> list[tuple[str, int]]:
        """(day as YYMMDD, how many) where fewer tickets are kept than numbers were given out."""
        with self._db.read() as conn:
            return conn.execute(
                "SELECT c.day, c.last - count(t.id) FROM counter c "
                "LEFT JOIN ticket t ON t.number > c.day || '-' AND t.number < c.day || '.' "
                "GROUP BY c.day HAVING count(t.id) < c.last ORDER BY c.day"
            ).fetchall()

    def stale(self, ticket_id: int, policy_of: Callable[[str], Policy]) -> list[str]:
        """Names of the cache columns that are not what the events say; one snapshot, so a writer cannot come between."""
        with self._db.read() as conn:
            log = self.load(ticket_id)
            wanted = self._cache(log.ticket, policy_of(log.ticket.policy))
            kept = conn.execute(
                f"SELECT {', '.join(_CACHE)} FROM ticket WHERE id = ?", (ticket_id,)
            ).fetchone()
        return [
            name
            for name, value, found in zip(_CACHE, wanted, kept, strict=True)
            if (self._unit(found) != log.ticket.caller.unit if name == "unit_sealed" else value != found)
        ]

    def _unit(self, sealed: bytes | None) -> str | None:
        try:
            return self._cipher.open(sealed, UNIT) if sealed else ""
        except KeyTrouble:
            return None

    def mend(self, ticket_id: int, policy_of: Callable[[str], Policy]) -> None:
        """Make the cache row what the events say; used by `doctor` only."""
        with self._db.write() as conn:
            ticket = self.load(ticket_id).ticket
            conn.execute(_UPDATE, (*self._cache(ticket, policy_of(ticket.policy)), ticket_id))

    def repeats(self, unit: str, category: str, since: Instant) -> list[tuple[str, str, str]]:
        """Tickets of the same unit and category opened since then: (number, title, status), newest first."""
        key = self._unit_index(unit)
        if key is None:
            return []
        with self._db.read() as conn:
            return conn.execute(
                "SELECT number, title, status FROM ticket WHERE unit_index = ? AND opened_at >= ? AND category = ? "
                "AND status <> 'void' ORDER BY opened_at DESC LIMIT 5",
                (key, since, category),
            ).fetchall()

    def of_unit(self, unit: str, since: Instant, most: int = 9) -> list[int]:
        """Row ids of the unit's newest tickets opened since then, whatever they are about."""
        key = self._unit_index(unit)
        if key is None:
            return []
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket WHERE unit_index = ? AND opened_at >= ? ORDER BY opened_at DESC LIMIT ?",
                (key, since, most),
            ).fetchall()
        return [int(row[0]) for row in rows]

    def repeated_at(self, unit: str, category: str, since: Instant, other_than: str) -> Instant | None:
        """When the unit's newest ticket of that category was opened since then, the ticket named aside; None without one."""
        key = self._unit_index(unit)
        if key is None:
            return None
        with self._db.read() as conn:
            row = conn.execute(
                "SELECT max(opened_at) FROM ticket WHERE unit_index = ? AND opened_at >= ? AND category = ? "
                "AND number <> ? AND status <> 'void'",
                (key, since, category, other_than),
            ).fetchone()
        return None if row[0] is None else int(row[0])

    def due(self, now: Instant, limit: int = 500) -> list[int]:
        """Row ids of tickets on which time demands something, oldest first; cost grows with what is due."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket WHERE action_at IS NOT NULL AND action_at <= ? ORDER BY action_at LIMIT ?",
                (now, limit),
            )
            return [row[0] for row in rows]

    def urgent(self) -> list[int]:
        """Row ids of the open urgent tickets, oldest first."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket INDEXED BY ix_ticket_open WHERE open = 1 AND priority = 'urgent' "
                "ORDER BY opened_at, id"
            )
            return [row[0] for row in rows]

    def members(self, incident: str) -> list[int]:
        """Row ids of the tickets that were linked to an incident, ended ones too, in order of opening; not its first one."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id FROM ticket WHERE incident = ? AND incident <> '' ORDER BY opened_at, id",
                (incident,),
            )
            return [row[0] for row in rows]

    def external_ids(self) -> set[str]:
        """Every identifier that an import has already brought in."""
        with self._db.read() as conn:
            return {
                row[0] for row in conn.execute("SELECT external_id FROM ticket WHERE external_id IS NOT NULL")
            }

    def left_the_house(self, ticket_id: int) -> frozenset[int]:
        """Numbers of the events whose notices have been sent or are being sent."""
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT event_seq FROM notice WHERE ticket_id = ? AND (state IN ('sending', 'sent') OR reached <> '')",
                (ticket_id,),
            )
            return frozenset(row[0] for row in rows)

    # --- writing ---------------------------------------------------------------------------------------------

    def create(
        self,
        at: Instant,
        by: str,
        drafts: Sequence[Draft],
        policy: Policy,
        also: Callable[[sqlite3.Connection, int], None] | None = None,
        tell: Callable[[Ticket], Sequence[NoticeDraft]] | None = None,
    ) -> int:
        """A new ticket from its first events; its number counts up within its Shanghai day. Answers the row id.

        `also` gets the row id, `tell` the ticket, whose notices are written; both in the same transaction.
        """
        with self._db.write() as conn:
            ticket_id = self.create_in(conn, [(at, by, draft) for draft in drafts], policy, tell)
            if also is not None:
                also(conn, ticket_id)
        return ticket_id

    def create_in(
        self,
        conn: sqlite3.Connection,
        drafts: Sequence[tuple[Instant, str, Draft]],
        policy: Policy,
        tell: Callable[[Ticket], Sequence[NoticeDraft]] | None = None,
    ) -> int:
        """As `create`, inside a transaction of the caller's; each draft brings its own time and author."""
        number = _number(conn, drafts[0][0])
        events, stored = self._chain(number, number, 0, drafts)
        ticket = fold(number, events)
        try:
            cursor = conn.execute(_INSERT, (number, *self._cache(ticket, policy)))
        except sqlite3.IntegrityError as error:
            # The number comes from the counter and is new; what can be there already is a number given elsewhere.
            raise Refused(
                f"外部编号「{ticket.external_id}」已经有工单了。请打开那张工单，或核对编号。"
            ) from error
        ticket_id = int(cursor.lastrowid or 0)
        conn.executemany(_EVENT, [(ticket_id, *row) for row in stored])
        if tell is not None:
            _post(conn, ticket_id, events[-1], tell(ticket))
        return ticket_id

    def append(self, log: Log, step: Step, conn: sqlite3.Connection | None = None) -> None:
        """Add a step's events to a ticket: all or nothing, in a transaction of its own or inside the caller's.

        `Conflict` tells what changed where somebody else wrote since `log` was read: that also keeps what time demands
        from being done twice, since its mark is part of the log (duties.py).
        """
        if conn is None:
            with self._db.write() as own:
                self.append(log, step, own)
                return
        row = conn.execute("SELECT version FROM ticket WHERE id = ?", (log.id,)).fetchone()
        if row is None or row[0] != log.ticket.version:
            raise conflict(log.number, _news(conn, log))
        before = log.events[-1].hash
        drafts = [(step.at, step.by, draft) for draft in step.drafts]
        events, stored = self._chain(log.number, before, log.ticket.version, drafts)
        ticket = fold(log.number, (*log.events, *events))
        if _told_apart(ticket) == _told_apart(log.ticket):
            conn.execute(_STEP, (*_facts(ticket, step.policy), log.id))
        else:
            conn.execute(_UPDATE, (*self._cache(ticket, step.policy), log.id))
        conn.executemany(_EVENT, [(log.id, *row) for row in stored])
        self._restate(conn, log, ticket)
        _withdraw(conn, log.id, events)
        _post(conn, log.id, events[-1], step.notices)
        if step.also is not None:
            step.also(conn)

    def _restate(self, conn: sqlite3.Connection, log: Log, ticket: Ticket) -> None:
        """The search index follows a correction; a new ticket it takes in by itself, later."""
        before = log.ticket
        if (ticket.title, ticket.text, ticket.caller) != (before.title, before.text, before.caller):
            from frontdesk.store.search_index import restate  # most steps correct nothing

            restate(conn, self._db, self._cipher, log.id, before, ticket)

    def holding(self) -> AbstractContextManager[sqlite3.Connection]:
        """A write transaction for `append`: what is loaded inside stays the newest until its end."""
        return self._db.write()

    def _chain(
        self, number: str, before: str, version: int, drafts: Sequence[tuple[Instant, str, Draft]]
    ) -> tuple[list[Event], list[tuple[Any, ...]]]:
        events, stored = [], []
        for seq, (at, by, draft) in enumerate(drafts, version + 1):
            data = _json(draft.data)
            private = {name: value for name, value in draft.sealed.items() if value}
            sealed = self._cipher.seal(_json(private), SEALED) if private else None
            before = link(before, seq=seq, at=at, kind=draft.kind, by=by, data=data, sealed=sealed)
            events.append(Event(seq, at, draft.kind, by, draft.data, private, before))
            stored.append((seq, at, draft.kind, by, data, sealed, before))
        return events, stored

    def _cache(self, ticket: Ticket, policy: Policy) -> tuple[Any, ...]:
        return (*_facts(ticket, policy), *self._identity(ticket))

    def _identity(self, ticket: Ticket) -> tuple[Any, ...]:
        unit, phone = ticket.caller.unit, phone_key(ticket.caller.phone)
        return (
            ticket.opened_at,
            ticket.external_id or None,
            self._unit_index(unit),
            self._cipher.index(phone, "phone") if phone else None,
            self._cipher.seal(unit, UNIT) if unit else None,
        )

    def _unit_index(self, unit: str) -> bytes | None:
        return self._cipher.index(unit_key(unit), "unit") if unit else None


def _facts(ticket: Ticket, policy: Policy) -> tuple[Any, ...]:
    runs, t = clocks(ticket, policy), ticket
    shown = face(ticket, policy, runs)
    lane = 0 if shown.base == "emergency" else 1
    return (
        *(t.version, t.policy, t.kind, t.category, t.priority, t.channel, t.status, int(t.open), lane),
        *(shown.base, shown.due_kind, shown.due_at, shown.risk_at, next_at(t, policy, runs)),
        *(t.level, t.title, t.department, t.case_owner, t.incident, t.ended_at),
    )


def _ending(conn: sqlite3.Connection, tail: str) -> list[tuple[int, str]]:
    """At most three tickets (row id, number) whose numbers end so, newest first."""
    pattern = "%" + "".join("!" + c if c in "%_!" else c for c in tail)
    return conn.execute(
        "SELECT id, number FROM ticket WHERE number LIKE ? ESCAPE '!' ORDER BY id DESC LIMIT 3", (pattern,)
    ).fetchall()


def _told_apart(ticket: Ticket) -> tuple[Any, ...]:
    """What `_IDENTITY` is made of."""
    return ticket.opened_at, ticket.external_id, ticket.caller


def _grouped(rows: Iterable[tuple[int, str, Event]]) -> Iterator[Log]:
    ticket_id, number, events = 0, "", list[Event]()
    for next_id, next_number, event in rows:
        if next_id != ticket_id and events:
            yield Log(ticket_id, number, tuple(events), fold(number, events))
            events = []
        ticket_id, number = next_id, next_number
        events.append(event)
    if events:
        yield Log(ticket_id, number, tuple(events), fold(number, events))


def _number(conn: sqlite3.Connection, at: Instant) -> str:
    when = local(at)
    day = f"{when.year % 100:02d}{when.month:02d}{when.day:02d}"
    # Two statements: RETURNING alone would cost a fifth of the whole save.
    conn.execute(
        "INSERT INTO counter(day, last) VALUES (?, 1) ON CONFLICT(day) DO UPDATE SET last = last + 1", (day,)
    )
    last = conn.execute("SELECT last FROM counter WHERE day = ?", (day,)).fetchone()[0]
    return f"{day}-{last:02d}"


def _news(conn: sqlite3.Connection, log: Log) -> list[tuple[str, str]]:
    return conn.execute(
        'SELECT coalesce(o.name, e."by"), e.kind FROM event e LEFT JOIN operator o ON o.login = e."by" '
        "WHERE e.ticket_id = ? AND e.seq > ? ORDER BY e.seq",
        (log.id, log.ticket.version),
    ).fetchall()


def conflict(number: str, news: Iterable[tuple[str, str]]) -> Conflict:
    """Tells the slower of two desks what the quicker one did: (name, event kind) of each step since."""
    told = "、".join(f"{by}{EVENTS.get(kind, kind)}" for by, kind in news) or "已有改动"
    return Conflict(f"{number} 刚被改动（{told}）。已换成最新内容，您写的还在，请核对后再保存。")


def _post(conn: sqlite3.Connection, ticket_id: int, event: Event, notices: Iterable[NoticeDraft]) -> None:
    for notice in notices:
        post(conn, event.at, notice, ticket_id, event.seq)


def _withdraw(conn: sqlite3.Connection, ticket_id: int, events: Iterable[Event]) -> None:
    """A step taken back takes its unsent notices back; `Refused` where one has left at the last moment."""
    for seq in (seq for event in events if event.kind == "undone" for seq in event.data["seqs"]):
        conn.execute(
            "UPDATE notice SET state = 'withdrawn', next_at = NULL "
            "WHERE ticket_id = ? AND event_seq = ? AND state IN ('queued', 'failed', 'unrouted') AND reached = ''",
            (ticket_id, seq),
        )
        conn.execute(
            "DELETE FROM enclosure WHERE notice_id IN "
            "(SELECT id FROM notice WHERE ticket_id = ? AND event_seq = ? AND state = 'withdrawn')",
            (ticket_id, seq),
        )
        if conn.execute(
            "SELECT 1 FROM notice WHERE ticket_id = ? AND event_seq = ? AND state <> 'withdrawn'",
            (ticket_id, seq),
        ).fetchone():
            raise Refused("最后一步的通知刚刚发出，不能撤销。请用新的一步更正。")
