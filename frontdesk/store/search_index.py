"""The search index: filled behind the desk's back, so that a save pays nothing for it (DESIGN §12).

`search_state` says how far the index goes. Tickets above that mark are read as they are (store/search.py), and whoever
searches, imports or examines takes them in, a batch to a transaction. Only a correction of a ticket that is already
in the index writes to it at once, in the transaction of its event.

Texts are the redacted ones. Units, phones and names are found by keyed indexes of their parts (DESIGN §7): ends of a
number from four digits on, the parts of a unit, pairs of a name's characters, its initials and pinyin. Without the
key a part shows no more than the whole numbers' indexes do: which rows agree. A surname alone is no part, for how
often each occurs is known of every city. SQLite only: another database would bring its own index of words.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from frontdesk.domain.errors import KeyTrouble
from frontdesk.domain.finding import body, grams, letters, name_parts, pairs, phone_parts, unit_parts
from frontdesk.domain.phones import phone_key
from frontdesk.domain.tickets import Ticket
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database
from frontdesk.store.open_tickets import UNIT
from frontdesk.store.tickets import SEALED, Tickets

BATCH = 500
"""Tickets taken in by one transaction: nobody who saves meanwhile waits longer than for a large save."""
EVER = float("inf")
NAME, RESIDENT_UNIT, PHONES = "resident.name", "resident.unit", "resident.phones"

TEXT = (
    "coalesce((SELECT r.text FROM search_restated r WHERE r.ticket_id = t.id), "
    "(SELECT json_extract(e.data, '$.text') FROM event e "
    "WHERE e.ticket_id = t.id AND e.seq = 1 AND json_valid(e.data)), '')"
)
"""A ticket's newest redacted text, as a column beside `ticket t`."""
_READ = f"""
SELECT t.id, t.version, t.title, {TEXT}, t.unit_index, t.unit_sealed, t.phone_index,
    EXISTS (SELECT 1 FROM event c WHERE c.ticket_id = t.id AND c.kind = 'corrected')
FROM ticket t WHERE t.id > ? ORDER BY t.id LIMIT ?
"""
_FRESH = "SELECT id, 0, '', '', unit_index, unit_sealed, phone_index, 0 FROM ticket WHERE id > ?"


class _Row(NamedTuple):
    id: int
    version: int
    title: str
    text: str
    unit_index: bytes | None
    unit_sealed: bytes | None
    phone_index: bytes | None
    corrected: int


Parts = list[tuple[bytes, bytes]]
"""(keyed part, whole)."""


class SearchIndex:
    """The index of one database, from the writer's side."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` opens units, phones and names, and makes the keyed parts."""
        self._db, self._cipher = db, cipher

    def waiting(self) -> tuple[int, int]:
        """(tickets, residents) that are not in the index yet."""
        with self._db.read() as conn:
            return waiting(conn)

    def catch_up(self, seconds: float = EVER, advance: Callable[[int], None] = lambda _left: None) -> bool:
        """Take in what waits, for about so many seconds; True when nothing is left. `advance` hears what is left.

        `StoreTrouble` where the database cannot be written.
        """
        end, known = time.monotonic() + seconds, set[bytes]()
        for take in (self._people, self._tickets):
            while take(known):
                if time.monotonic() > end:
                    return not any(self.waiting())
                advance(sum(self.waiting()))
        return True

    # --- tickets -----------------------------------------------------------------------------------------------

    def _tickets(self, known: set[bytes]) -> bool:
        """Take one batch in; False when there was none. What is dear is made before anybody has to wait for it."""
        with self._db.read() as conn:
            last = _state(conn)[0]
            rows = [_Row._make(row) for row in conn.execute(_READ, (last, BATCH))]
            texts = {row.id: self._newest_text(row) for row in rows if row.corrected}
            parts = self._ticket_parts(conn, rows, known)
        if not rows:
            return False
        bodies = [
            (row.id, pairs(body(row.title, texts.get(row.id, row.text))), grams(letters(row.title)))
            for row in rows
        ]
        with self._db.write() as conn:
            versions = conn.execute(
                "SELECT id, version FROM ticket WHERE id > ? AND id <= ? ORDER BY id", (last, rows[-1].id)
            ).fetchall()
            # Somebody else took the batch in, or corrected one of its tickets: another look, another batch.
            if _state(conn)[0] == last and versions == [(row.id, row.version) for row in rows]:
                conn.executemany(
                    "INSERT OR REPLACE INTO search_restated(ticket_id, text) VALUES (?, ?)", texts.items()
                )
                conn.executemany(
                    "INSERT INTO search_pairs(rowid, terms) VALUES (?, ?)", ((i, p) for i, p, _g in bodies)
                )
                conn.executemany(
                    "INSERT INTO search_letters(rowid, terms) VALUES (?, ?)",
                    ((i, g) for i, _p, g in bodies),
                )
                _keep(conn, parts)
                conn.execute("UPDATE search_state SET tickets = ?", (rows[-1].id,))
                known.update(whole for _part, whole in parts)
        return True

    def _newest_text(self, row: _Row) -> str:
        try:
            return Tickets(self._db, self._cipher).load(row.id, unseal=False).ticket.text
        except (ValueError, LookupError, TypeError):
            return row.text  # a forged record, of which `doctor` tells; the others must be found all the same

    def _ticket_parts(self, conn: sqlite3.Connection, rows: Iterable[_Row], known: set[bytes]) -> Parts:
        """The parts of units and phones not met before; most tickets come from a household that is known."""
        out: Parts = []
        known = set(known)
        for row in rows:
            if row.unit_index and row.unit_sealed and row.unit_index not in known:
                known.add(row.unit_index)
                out += self.parts(unit_parts(self._open(row.unit_sealed, UNIT)), row.unit_index)
            if row.phone_index and row.phone_index not in known:
                known.add(row.phone_index)
                out += self.parts(phone_parts(self._phone(conn, row.id, row.phone_index)), row.phone_index)
        return out

    def _phone(self, conn: sqlite3.Connection, ticket_id: int, index: bytes) -> str:
        """The number behind the ticket's index; of several that were written down, the one that it is made from."""
        for (sealed,) in conn.execute(
            "SELECT sealed FROM event WHERE ticket_id = ? AND sealed IS NOT NULL AND kind IN ('opened', 'corrected') "
            "ORDER BY seq DESC",
            (ticket_id,),
        ):
            phone = json.loads(self._open(sealed, SEALED) or "{}").get("phone", "")
            if phone and self._cipher.index(phone_key(phone) or "", "phone") == index:
                return str(phone)
        return ""

    def fresh_parts(self, conn: sqlite3.Connection, last: int) -> Parts:
        """The parts that the tickets above a mark of the index will bring."""
        return self._ticket_parts(conn, map(_Row._make, conn.execute(_FRESH, (last,)).fetchall()), set())

    def _open(self, sealed: bytes, column: str) -> str:
        try:
            return self._cipher.open(sealed, column)
        except KeyTrouble:
            return ""  # tampered with, of which `doctor` tells; the others must be found all the same

    def parts(self, names: Iterable[str], whole: bytes) -> Parts:
        """Each name's keyed index beside the whole."""
        return [(self._cipher.index(name, "search"), whole) for name in names]

    # --- residents ---------------------------------------------------------------------------------------------

    def _people(self, known: set[bytes]) -> bool:
        with self._db.read() as conn:
            last = _state(conn)[1]
            rows = conn.execute(
                "SELECT id, identity, unit_index, name_sealed, unit_sealed, phones_sealed FROM resident "
                "WHERE id > ? ORDER BY id LIMIT ?",
                (last, BATCH),
            ).fetchall()
        if not rows:
            return False
        parts: Parts = []
        for _id, identity, unit_index, name, unit, phones in rows:
            parts += self.parts(name_parts(self._open(name, NAME)), identity)
            if unit_index not in known:
                parts += self.parts(unit_parts(self._open(unit, RESIDENT_UNIT)), unit_index)
            for phone in json.loads(self._open(phones, PHONES) or "[]"):
                index = self._cipher.index(phone_key(phone) or "", "phone")
                parts += self.parts(phone_parts(phone), index)
                known.add(index)
            known.add(unit_index)
        with self._db.write() as conn:
            if _state(conn)[1] == last:
                _keep(conn, parts)
                conn.execute("UPDATE search_state SET people = ?", (rows[-1][0],))
        return True

    # --- doctor ------------------------------------------------------------------------------------------------

    def examine(self) -> list[str]:
        """Every difference between the index and what it is made from, a Chinese line each; all are mended."""
        self.catch_up()
        out = []
        if missing := self._missing_parts():
            out.append(f"房号、电话、姓名的检索索引缺 {missing} 条，已补上。")
        if differing := self._differing():
            self._clear()
            self.catch_up()
            out.append(f"检索索引与工单不符（{differing} 处），已重建。")
        self.tidy()
        return out

    def _differing(self) -> int:
        """In how many terms the index holds more or fewer tickets than there are."""
        wanted = {"search_pairs": Counter[str](), "search_letters": Counter[str]()}
        for title, text in self._texts():
            wanted["search_pairs"].update(pairs(body(title, text)).split(" "))
            wanted["search_letters"].update(grams(letters(title)).split())
        del wanted["search_pairs"][""]
        return sum(len(terms.items() ^ self._terms(table).items()) for table, terms in wanted.items())

    def _texts(self) -> Iterator[tuple[str, str]]:
        last = 0
        while True:
            with self._db.read() as conn:
                rows = [_Row._make(row) for row in conn.execute(_READ, (last, BATCH))]
                rows = [row for row in rows if row.id <= _state(conn)[0]]
                corrected = {row.id: self._newest_text(row) for row in rows if row.corrected}
            if not rows:
                return
            yield from ((row.title, corrected.get(row.id, row.text)) for row in rows)
            last = rows[-1].id

    def _terms(self, table: str) -> dict[str, int]:
        with self._db.read() as conn:
            conn.execute(f"CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab('main', '{table}', 'row')")
            try:
                return dict(conn.execute("SELECT term, doc FROM temp.search_terms").fetchall())
            finally:
                conn.execute("DROP TABLE temp.search_terms")

    def _clear(self) -> None:
        with self._db.write() as conn:
            for table in ("search_pairs", "search_letters"):
                conn.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
            conn.execute("UPDATE search_state SET tickets = 0")

    def _missing_parts(self) -> int:
        """Make every part anew and keep those that were not there; answers how many."""
        missing = 0
        with self._db.write() as conn:
            conn.execute("UPDATE search_state SET people = 0")
            before = conn.execute("SELECT count(*) FROM search_part").fetchone()[0]
        known = set[bytes]()
        while self._people(known):
            pass
        last = 0
        while True:
            with self._db.read() as conn:
                rows = [_Row._make(row) for row in conn.execute(_READ, (last, BATCH))]
                parts = self._ticket_parts(conn, rows, known)
            if parts:
                with self._db.write() as conn:
                    _keep(conn, parts)
                known.update(whole for _part, whole in parts)
            if not rows:
                break
            last = rows[-1].id
        with self._db.read() as conn:
            missing = conn.execute("SELECT count(*) FROM search_part").fetchone()[0] - before
        return int(missing)

    def tidy(self) -> None:
        """Fold the index's segments together, a short transaction at a time: many small ones make searching slower."""
        for table in ("search_pairs", "search_letters"):
            # FTS5 tells by the number of changed rows whether there was anything left to merge.
            size = -500
            while True:
                with self._db.write() as conn:
                    before = conn.total_changes
                    conn.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)", (size,))
                    if conn.total_changes - before < 2:  # noqa: PLR2004 - as SQLite documents it
                        break
                size = 500


def _state(conn: sqlite3.Connection) -> tuple[int, int]:
    tickets, people = conn.execute("SELECT tickets, people FROM search_state").fetchone()
    return int(tickets), int(people)


def waiting(conn: sqlite3.Connection) -> tuple[int, int]:
    """(tickets, residents) above the index's marks; row ids have no gaps worth counting."""
    marks = _state(conn)
    newest = conn.execute(
        "SELECT coalesce((SELECT max(id) FROM ticket), 0), coalesce((SELECT max(id) FROM resident), 0)"
    ).fetchone()
    return max(0, newest[0] - marks[0]), max(0, newest[1] - marks[1])


def _keep(conn: sqlite3.Connection, parts: Parts) -> None:
    conn.executemany("INSERT OR IGNORE INTO search_part(part, whole) VALUES (?, ?)", parts)


def restate(
    conn: sqlite3.Connection, db: Database, cipher: Cipher, ticket_id: int, before: Ticket, after: Ticket
) -> None:
    """Follow a correction of title, text or caller, in the transaction of its event."""
    if after.text != before.text:
        conn.execute(
            "INSERT OR REPLACE INTO search_restated(ticket_id, text) VALUES (?, ?)", (ticket_id, after.text)
        )
    if ticket_id > _state(conn)[0]:
        return
    for table, old, new in (
        ("search_pairs", *(pairs(body(each.title, each.text)) for each in (before, after))),
        ("search_letters", *(grams(letters(each.title)) for each in (before, after))),
    ):
        if old != new:
            conn.execute(
                f"INSERT INTO {table}({table}, rowid, terms) VALUES ('delete', ?, ?)", (ticket_id, old)
            )
            conn.execute(f"INSERT INTO {table}(rowid, terms) VALUES (?, ?)", (ticket_id, new))
    index, parts = SearchIndex(db, cipher), Parts()
    row = conn.execute("SELECT unit_index, phone_index FROM ticket WHERE id = ?", (ticket_id,)).fetchone()
    if row[0] and after.caller.unit != before.caller.unit:
        parts += index.parts(unit_parts(after.caller.unit), row[0])
    if row[1] and after.caller.phone != before.caller.phone:
        parts += index.parts(phone_parts(after.caller.phone), row[1])
    _keep(conn, parts)
