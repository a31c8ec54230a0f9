"""Finding tickets and residents by whatever somebody remembers: words, pinyin, a unit, the end of a number.

Open tickets, and those that are not in the index yet, are held folded in memory and read as they are; they come first
anyway. Of the ended ones the index names candidates, newest first, and each is held against the query itself, so that
the answer is the one that reading every ticket would give. One letter or one syllable would name half an estate: as
pinyin it is looked for in the open tickets and in the newest `WINDOW` others.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from heapq import merge
from itertools import accumulate, islice
from typing import Any, NamedTuple

from frontdesk.domain.board import BoardRow
from frontdesk.domain.finding import Query, Word, body, folded, letters, need, need_letters, need_one
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database
from frontdesk.store.search_index import NAME, RESIDENT_UNIT, TEXT, SearchIndex

WINDOW = 2000
"""Ended tickets that are read through where no index can name candidates."""
HELD = 20_000
"""Tickets waiting for the index that are held in memory at most; what an unfinished import left is indexed first."""
CACHE = 8000
"""KiB of pages that a connection may keep once it has searched."""
HOUSES = 500
"""Units or numbers that one part of them may stand for."""

_SHOWN = ", ".join(f"t.{'unit_sealed' if name == 'unit' else name}" for name in BoardRow._fields)
_LENGTH = len(BoardRow._fields)
_ROW = f"SELECT {_SHOWN}, t.unit_index, t.phone_index FROM"
_OPEN = f"{_ROW} ticket t INDEXED BY ix_ticket_open WHERE t.open = 1"
_WAITING = f"{_ROW} ticket t WHERE t.id > ? ORDER BY t.id DESC LIMIT {HELD}"
_INDEXED = "CROSS JOIN ticket t ON t.id = s.rowid WHERE"
_PAIRS = f"{_ROW} search_pairs s {_INDEXED} search_pairs MATCH ? AND t.open = 0 ORDER BY s.rowid DESC"
_LETTERS = f"{_ROW} search_letters s {_INDEXED} search_letters MATCH ? AND t.open = 0 ORDER BY s.rowid DESC"
_NEWEST = f"{_ROW} ticket t WHERE t.open = 0 ORDER BY t.id DESC LIMIT {WINDOW}"
_OF_UNIT = f"{_ROW} ticket t WHERE t.unit_index = ? AND t.open = 0 ORDER BY t.opened_at DESC"
_OF_PHONE = f"{_ROW} ticket t WHERE t.phone_index = ? AND t.open = 0 ORDER BY t.opened_at DESC"
_NUMBERED = (
    f"{_ROW} counter s CROSS JOIN ticket t ON t.number = s.day || '-' || ?1 "
    "WHERE s.last >= ?2 AND s.day LIKE '%' || ?3 AND t.open = 0 ORDER BY s.day DESC"
)
_TEXT = f"SELECT {TEXT} FROM ticket t WHERE t.id = ?"
_PART = f"SELECT whole FROM search_part WHERE part = ? LIMIT {HOUSES}"
_PERSON = "SELECT id, name_sealed, unit_sealed, tags FROM resident WHERE {} LIMIT 50"
_PERSON_BY = {
    "name": _PERSON.format("identity = ?"),
    "unit": _PERSON.format("unit_index = ?"),
    "phone": _PERSON.format("id IN (SELECT resident_id FROM resident_phone WHERE phone_index = ?)"),
}
_WHY = ("", "number", "unit", "phone", "words", "pinyin")
_WORDS = "words"
_TITLE = BoardRow._fields.index("title")


class Found(NamedTuple):
    """A ticket that matches and by what: number, unit, phone, words or pinyin."""

    row: BoardRow
    why: str


class Person(NamedTuple):
    """A resident that matches, in clear; masked by the desk before anybody sees it. `why`: name, unit or phone."""

    id: int
    name: str
    unit: str
    tags: tuple[str, ...]
    why: str


class Search:
    """Looks through one database. Safe in any thread: what it holds in memory is replaced whole, never changed."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` makes the keyed parts that units, phones and names are found by."""
        self._db, self._cipher = db, cipher
        self._live = _Live(None, 0, ())

    def tickets(self, query: Query, limit: int) -> list[Found]:
        """The matching tickets: one named by its whole number, then open ones before ended ones, words before pinyin,
        newest first; newest goes by the order in which they were written down.
        """
        if not query.words or limit < 1:
            return []
        with self._db.read() as conn:
            live = self._live = self._current(conn)
            asked = _Asked(query, tuple(self._wholes(conn, word, live) for word in query.words))
            found = live.matching(asked, limit)
            # An ended ticket comes before an open one only where it is named by its whole number.
            room = limit if asked.numbered else limit - sum(not entry.ended for entry, _why in found)
            if room > 0:
                found += (_ended_plain if asked.plain else _ended)(conn, asked, live.ids, room)
        if not asked.plain:
            found.sort(key=asked.order)
        return [Found(entry.row, why) for entry, why in found[:limit]]

    def people(self, query: Query, limit: int) -> list[Person]:
        """Residents whose name, unit or phone matches every word, in the order of their first import."""
        if not query.words or limit < 1:
            return []
        with self._db.read() as conn:
            sets = [self._persons(conn, word) for word in query.words]
        common = set(sets[0]).intersection(*sets[1:])
        return [sets[0][key] for key in sorted(common)][:limit]

    def _current(self, conn: sqlite3.Connection) -> _Live:
        """What is held in memory as of this snapshot; read again only where something changed."""
        version = conn.execute("PRAGMA data_version").fetchone()[0]
        mark = (conn, version, conn.total_changes)
        if self._live.mark == mark:
            return self._live
        # Room for the pages of the index: every other reader does with a few.
        conn.execute(f"PRAGMA cache_size=-{CACHE}")
        known = {entry.row: entry.body for entry in self._live.entries}
        last = conn.execute("SELECT tickets FROM search_state").fetchone()[0]
        rows = {row[0]: row for row in conn.execute(_OPEN)}
        rows.update((row[0], row) for row in conn.execute(_WAITING, (last,)))
        entries = []
        for entry in map(_entry, rows.values()):
            text = known.get(entry.row) or body(entry.row.title, _text(conn, entry.row.id))
            entries.append(entry._replace(body=text))
        entries.sort(key=lambda entry: (entry.ended, -entry.row.id))
        return _Live(mark, last, tuple(entries))

    def _wholes(self, conn: sqlite3.Connection, word: Word, live: _Live) -> frozenset[bytes]:
        """Keyed units and numbers that the word may mean, those of tickets not in the index yet too."""
        if not word.parts:
            return frozenset()
        if live.parts is None:
            live.parts = {}
            for part, whole in SearchIndex(self._db, self._cipher).fresh_parts(conn, live.last):
                live.parts.setdefault(part, set()).add(whole)
        found = set[bytes]()
        for key in (self._cipher.index(part, "search") for part in word.parts):
            found.update(live.parts.get(key, ()), (row[0] for row in conn.execute(_PART, (key,))))
        return frozenset(found)

    def _persons(self, conn: sqlite3.Connection, word: Word) -> dict[int, Person]:
        """Row id → resident, of those whom the word may mean."""
        out: dict[int, Person] = {}
        phones = [part for part in word.parts if part.startswith("phone")]
        units = [part for part in word.parts if not part.startswith("phone")]
        wholes = {
            "name": set.intersection(*self._having(conn, word.name)) if word.name else set[bytes](),
            "unit": set[bytes]().union(*self._having(conn, units)),
            "phone": set[bytes]().union(*self._having(conn, phones)),
        }
        for why, each in wholes.items():
            for whole in each:
                for resident, name, unit, tags in conn.execute(_PERSON_BY[why], (whole,)):
                    clear = self._cipher.open(name, NAME), self._cipher.open(unit, RESIDENT_UNIT)
                    # Pairs in another order are another name.
                    if why != "name" or word.latin or word.text in folded(clear[0]):
                        out.setdefault(
                            resident,
                            Person(resident, *clear, tuple(tags.split("、")) if tags else (), why),
                        )
        return out

    def _having(self, conn: sqlite3.Connection, parts: list[str]) -> list[set[bytes]]:
        keys = (self._cipher.index(part, "search") for part in parts)
        return [{row[0] for row in conn.execute(_PART, (key,))} for key in keys]


class _Entry(NamedTuple):
    """A ticket to hold against a query; one that only the index named has no body yet."""

    row: BoardRow
    unit_index: bytes | None
    phone_index: bytes | None
    body: str

    @property
    def ended(self) -> bool:
        return self.row.status in ("closed", "void")


def _entry(row: tuple[Any, ...]) -> _Entry:
    shown = BoardRow._make(row[:_LENGTH])
    return _Entry(shown, row[_LENGTH], row[_LENGTH + 1], "")


_Hits = list[tuple[_Entry, str]]


class _Asked(NamedTuple):
    """A query, and beside each of its words the keyed units and numbers that it may mean."""

    query: Query
    wholes: tuple[frozenset[bytes], ...]

    @property
    def numbered(self) -> bool:
        """Whether a word may be a ticket's number."""
        return any(word.numbers for word in self.query.words)

    @property
    def plain(self) -> bool:
        """Whether it is one word that can only be meant as it stands, as most are: found in order, and by nothing else."""
        word = self.query.words[0]
        return len(self.query.words) == 1 and not (word.latin or word.numbers or self.wholes[0])

    def order(self, hit: tuple[_Entry, str]) -> tuple[bool, bool, bool, int]:
        """By this the hits are sorted."""
        entry, why = hit
        named = why == "number" and any(word.raw == entry.row.number for word in self.query.words)
        return not named, entry.ended, why == "pinyin", -entry.row.id

    def why(self, entry: _Entry, whole_body: Callable[[BoardRow], str]) -> str:
        """By what the ticket matches: the weakest of its words; "" where it does not."""
        weakest = 0
        for word, wholes in zip(self.query.words, self.wholes, strict=True):
            if word.numbers and word.named(entry.row.number):
                rank = 1
            elif wholes and (entry.unit_index in wholes or entry.phone_index in wholes):
                rank = 2 if entry.unit_index in wholes else 3
            elif word.text in (entry.body or entry.row.title) or word.text in whole_body(entry.row):
                rank = 4
            elif word.said(entry.row.title):
                rank = 5
            else:
                return ""
            weakest = max(weakest, rank)
        return _WHY[weakest]


class _Live:
    """Open tickets and those not in the index, the open ones first, newest first, as of one state of the database."""

    def __init__(self, mark: object, last: int, entries: tuple[_Entry, ...]) -> None:
        """`mark` names the state, `last` the last ticket in the index."""
        self.mark, self.last, self.entries = mark, last, entries
        self.ids = frozenset(entry.row.id for entry in entries)
        self.parts: dict[bytes, set[bytes]] | None = None

    @cached_property
    def _bodies(self) -> _Haystack:
        return _Haystack(entry.body for entry in self.entries)

    @cached_property
    def _letters(self) -> _Haystack:
        return _Haystack(letters(entry.row.title) for entry in self.entries)

    def matching(self, asked: _Asked, limit: int) -> _Hits:
        """The held tickets that match, and by what: at least the first so many."""
        words = asked.query.words
        if asked.plain:
            first = islice(self._bodies.places(words[0].text), limit)
            return [(self.entries[place], _WORDS) for place in first]
        driver = max(range(len(words)), key=lambda place: len(words[place].text))
        found: dict[int, tuple[_Entry, str]] = {}
        for places in self._ways(words[driver], asked.wholes[driver]):
            taken = 0
            for place in places:
                entry = self.entries[place]
                if place not in found and (why := asked.why(entry, _no_body)):
                    found[place] = (entry, why)
                    taken += 1
                    # Of one word each way is in order; of several, one may be pinyin, which stands behind.
                    if taken == limit and len(words) == 1 and not asked.numbered:
                        break
        return list(found.values())

    def _ways(self, word: Word, wholes: frozenset[bytes]) -> Iterator[Iterable[int]]:
        """Places of entries that may match: by the word as it stands, by what it may name, as pinyin."""
        every = range(len(self.entries))
        yield self._bodies.places(word.text)
        if wholes or word.numbers:
            rows = ((place, self.entries[place]) for place in every)
            yield (
                place
                for place, entry in rows
                if entry.unit_index in wholes
                or entry.phone_index in wholes
                or (word.numbers and word.named(entry.row.number))
            )
        if word.latin and any(len(start) == 1 for start in word.starts):
            yield every
        elif word.latin:
            yield merge(*map(self._letters.places, word.starts))


class _Haystack:
    """Many texts in one: looking through them is one call instead of thousands."""

    def __init__(self, texts: Iterable[str]) -> None:
        parts = list(texts)
        self._text = "\0".join(parts)
        self._starts = list(accumulate((len(part) + 1 for part in parts), initial=0))

    def places(self, needle: str) -> Iterator[int]:
        """Which of the texts hold it, in their order."""
        at = self._text.find(needle)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield place
            at = self._text.find(needle, self._starts[place + 1])


# --- ended tickets -------------------------------------------------------------------------------------------------


def _ended(conn: sqlite3.Connection, asked: _Asked, held: frozenset[int], limit: int) -> _Hits:
    """The newest so many ended tickets of every way in which the query may be meant."""
    found: dict[int, tuple[_Entry, str]] = {}
    full = 9

    def whole_body(row: BoardRow) -> str:
        return body(row.title, _text(conn, row.id))

    for level, stream in _streams(conn, asked):
        if level > full:
            break
        taken = 0
        # What has the only word as it stands has been found by now, if it is to be found at all.
        text_of = whole_body if level < _PINYIN or len(asked.query.words) > 1 else _no_body
        for row in stream():
            if row[0] not in held and row[0] not in found:
                entry = _entry(row)
                if why := asked.why(entry, text_of):
                    found[row[0]] = (entry, why)
            taken += row[0] in found
            if taken == limit:
                full = level or full
                break
    return list(found.values())


def _ended_plain(conn: sqlite3.Connection, asked: _Asked, held: frozenset[int], limit: int) -> _Hits:
    """The same for one word that can only be meant as it stands: nothing but its characters is looked at."""
    text, found = asked.query.words[0].text, dict[int, tuple[_Entry, str]]()
    for _level, stream in _streams(conn, asked):
        for row in stream():
            ticket, title = row[0], row[_TITLE]
            if ticket in held or ticket in found:
                continue
            if text in title or text in body(title, _text(conn, ticket)):
                found[ticket] = (_entry(row), _WORDS)
                if len(found) == limit:
                    return list(found.values())
    return list(found.values())


def _no_body(_row: BoardRow) -> str:
    return ""


_PINYIN = 3
_Stream = Callable[[], Iterable[tuple[Any, ...]]]


def _streams(conn: sqlite3.Connection, asked: _Asked) -> Iterator[tuple[int, _Stream]]:
    """Candidates, newest first. What a level has found in plenty makes the levels above it needless."""

    def of(sql: str, *values: object) -> _Stream:
        return lambda: conn.execute(sql, values)

    for word, wholes in zip(asked.query.words, asked.wholes, strict=True):
        for end, run in word.numbers:
            yield 0, of(_NUMBERED, run, int(run), end)
        for whole in wholes:
            yield 0, of(_OF_UNIT, whole)
            yield 0, of(_OF_PHONE, whole)
    words = asked.query.words
    if terms := need(word.text for word in words):
        yield 2, of(_PAIRS, terms)
    else:
        # A common character is soon found among the newest; its list in the index would be read to the end first.
        yield 1, of(_NEWEST)
        yield 2, of(_PAIRS, " AND ".join(need_one(word.text) for word in words))
    if any(word.latin for word in words):
        yield from ((_PINYIN, of(sql, *values)) for sql, *values in _said(words))


def _said(words: Iterable[Word]) -> Iterator[tuple[str, ...]]:
    """The candidates' SQL with its value, where a word is meant as pinyin."""
    if terms := need(run for word in words for run in word.must):
        yield _PAIRS, terms
        return
    for word in words:
        if word.latin and (terms := need_letters(word.starts)):
            yield _LETTERS, terms
        if word.latin and any(len(start) == 1 for start in word.starts):
            yield (_NEWEST,)


def _text(conn: sqlite3.Connection, ticket_id: int) -> str:
    return str(conn.execute(_TEXT, (ticket_id,)).fetchone()[0])
