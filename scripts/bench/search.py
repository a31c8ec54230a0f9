"""Search among a million tickets: Chinese, initials, and what the index weighs.

Ours answers the newest 20 tickets of a query, open ones first, each held against the query itself. The floors answer
the newest 20 of one ready-made expression: SQLite's FTS5 over the same pairs of characters, a B-tree over initials
that only finds beginnings, and LIKE.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

from frontdesk.domain.finding import Query, need
from frontdesk.domain.pinyin import initials
from frontdesk.store.search import CACHE, Search
from frontdesk.store.search_index import SearchIndex
from scripts.bench.estate import million
from scripts.bench.measure import Plan, Row, against, cpu, interleaved

LIMIT = 20
_SHOWN = "t.id, t.number, t.title, t.status, t.opened_at"
PAIRS = (
    f"SELECT {_SHOWN} FROM search_pairs s CROSS JOIN ticket t ON t.id = s.rowid "
    "WHERE search_pairs MATCH ?1 AND (instr(t.title, ?2) OR instr((SELECT json_extract(e.data, '$.text') "
    f"FROM event e WHERE e.ticket_id = t.id AND e.seq = 1), ?2)) ORDER BY s.rowid DESC LIMIT {LIMIT}"
)
LIKE = f"SELECT {_SHOWN} FROM ticket t WHERE t.title LIKE ? ORDER BY t.id DESC LIMIT {LIMIT}"
TREE = (
    f"SELECT {_SHOWN} FROM floor.initial s CROSS JOIN ticket t ON t.id = s.id "
    f"WHERE s.letters >= ? AND s.letters < ? ORDER BY s.id DESC LIMIT {LIMIT}"
)
SCAN = (
    "SELECT t.number FROM ticket t JOIN event e ON e.ticket_id = t.id AND e.seq = 1 "
    "WHERE instr(json_extract(e.data, '$.text'), ?) ORDER BY t.open DESC, t.id DESC LIMIT ?"
)
LENGTHS = range(2, 7)


def rows(plan: Plan) -> list[Row]:
    """Chinese of two to six characters, initials of as many, the index's size, and all that one key press asks."""
    home = million(plan)
    desk = home.desk()
    access = desk._access
    index = SearchIndex(access.db, access.cipher)
    if any(index.waiting()):
        index.catch_up()
        index.tidy()
    search, chance = Search(access.db, access.cipher), random.Random(19)
    with closing(sqlite3.connect(home.database)) as raw:
        raw.execute(f"PRAGMA cache_size=-{CACHE}")
        titles = _titles(raw, plan.million, chance)
        chinese = {size: _pieces(titles, size, chance) for size in LENGTHS}
        for size in (2, 4):
            _same(search, raw, chinese[size][1])
        every = [piece for size in LENGTHS for piece in chinese[size]]
        chance.shuffle(every)
        out = [_chinese(search, raw, every, "2 to 6", 2, plan)]
        out += [_chinese(search, raw, chinese[size], f"of these {size}", None, plan) for size in LENGTHS]
        rare = [
            piece
            for size in LENGTHS
            for piece in _pieces([_own_words(each) for each in titles], size, chance)
        ]
        chance.shuffle(rare)
        out += [_like(search, raw, rare, plan), _weight(raw)]
        out.append(_initials(search, raw, titles, plan))
    whole = cpu(_each(lambda piece: desk.search(piece, LIMIT), every), 50)
    whole()
    taken = [whole() * 1e3 for _ in range(plan.times(9))]
    return [
        *out,
        against("search as the console asks it, people and handbook too", taken, taken, None, "ms", "cpu"),
    ]


def _titles(raw: sqlite3.Connection, count: int, chance: random.Random) -> list[str]:
    found = (
        raw.execute("SELECT title FROM ticket WHERE id = ?", (1 + chance.randrange(count),)).fetchone()
        for _ in range(2000)
    )
    return [row[0] for row in found]


def _own_words(title: str) -> str:
    """What hardly two owners say alike: LIKE finds twenty of a common word among the newest few hundred tickets."""
    return title.rpartition("，")[2]


def _pieces(titles: list[str], size: int, chance: random.Random) -> list[str]:
    """Pieces of titles of that many hanzi, from anywhere in them."""
    out = []
    for title in titles:
        if len(title) < size:
            continue
        start = chance.randrange(len(title) - size + 1)
        piece = title[start : start + size]
        if all("一" <= ch <= "鿿" for ch in piece):
            out.append(piece)
    return out


def _each(act: Callable[[str], object], values: list[str]) -> Callable[[], object]:
    """A call that takes the next value each time."""
    rest: Iterator[str] = cycle(values)
    return lambda: act(next(rest))


def _same(search: Search, raw: sqlite3.Connection, piece: str) -> None:
    """What is found is what reading every ticket's text finds."""
    wanted = raw.execute(SCAN, (piece, LIMIT)).fetchall()
    assert [(hit.row.number,) for hit in search.tickets(Query(piece), LIMIT)] == wanted


def _chinese(
    search: Search, raw: sqlite3.Connection, pieces: list[str], which: str, at_most: float | None, plan: Plan
) -> Row:
    ours = _each(lambda piece: search.tickets(Query(piece), LIMIT), pieces)
    ready = {piece: need([piece]) for piece in pieces}
    floor = _each(lambda piece: raw.execute(PAIRS, (ready[piece], piece)).fetchall(), pieces)
    pair = interleaved(cpu(ours, 80), cpu(floor, 80), plan.times(9))
    return pair.row(f"search {which} characters, {plan.million:,} tickets", at_most, "µs", "cpu")


def _like(search: Search, raw: sqlite3.Connection, pieces: list[str], plan: Plan) -> Row:
    ours = _each(lambda piece: search.tickets(Query(piece), LIMIT), pieces)
    floor = _each(lambda piece: raw.execute(LIKE, (f"%{piece}%",)).fetchall(), pieces)
    pair = interleaved(cpu(ours, 7), cpu(floor, 7), plan.times(7))
    return pair.row("search 2 to 6 characters of rare words, against LIKE", 0.01, "ms", "cpu")


def _weight(raw: sqlite3.Connection) -> Row:
    """The index of the text against the text itself, which lies in the tickets' first events."""
    text = raw.execute(
        "SELECT sum(length(cast(json_extract(data, '$.text') AS blob))) FROM event WHERE seq = 1"
    ).fetchone()[0]
    index = raw.execute("SELECT sum(length(block)) FROM search_pairs_data").fetchone()[0]
    return against(
        "search index of the texts, against the texts", [index / 1e6], [text / 1e6], 0.75, "MB", "bytes"
    )


def _initials(search: Search, raw: sqlite3.Connection, titles: list[str], plan: Plan) -> Row:
    _tree(raw, plan.folder / "initials.db")
    starts = [
        letters[: 2 + place % 5] for place, title in enumerate(titles) if len(letters := _letters(title)) > 6
    ]
    ours = _each(lambda start: search.tickets(Query(start), LIMIT), starts)
    floor = _each(lambda start: raw.execute(TREE, (start, f"{start}~")).fetchall(), starts)
    pair = interleaved(cpu(ours, 25), cpu(floor, 25), plan.times(5))
    return pair.row("search 2 to 6 initials anywhere, against a B-tree prefix", 2, "µs", "cpu")


def _letters(title: str) -> str:
    return initials(title).lstrip("0123456789")


def _tree(raw: sqlite3.Connection, path: Path) -> None:
    raw.execute("ATTACH ? AS floor", (str(path),))
    raw.execute(
        "CREATE TABLE floor.initial(letters TEXT, id INTEGER, PRIMARY KEY (letters, id)) WITHOUT ROWID"
    )
    made = sorted((_letters(title), row) for row, title in raw.execute("SELECT id, title FROM ticket"))
    raw.executemany("INSERT INTO floor.initial VALUES (?, ?)", made)
    raw.commit()
