"""One search over tickets, residents and the handbook, masked for the reader; quick enough to be asked at every key."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from frontdesk.desk.access import Access
from frontdesk.domain.board import BoardRow
from frontdesk.domain.errors import StoreTrouble
from frontdesk.domain.finding import Query
from frontdesk.domain.pinyin import Key, finder, search_key
from frontdesk.domain.playbook import single_words
from frontdesk.domain.terms import STATUSES
from frontdesk.domain.timing import clock
from frontdesk.store.search import Found, Person, Search
from frontdesk.store.search_index import SearchIndex

WHY = {
    "number": "单号",
    "unit": "房号",
    "phone": "电话",
    "words": "文字",
    "pinyin": "拼音",
    "name": "姓名",
}
"""By what a hit was found, in Chinese."""
LATELY = 256
"""Tickets that may wait for the index: they are found all the same, and a batch costs less than as many single ones."""
MOMENT = 0.2
"""Seconds that one search gives to the index, so that a great import is taken in over a few key presses."""
PEOPLE, PAGES = 5, 3
"""Residents and pages of the handbook among the hits, at most."""


class Hit(NamedTuple):
    """One thing found. `kind`: ticket, resident, case or topic; `id` is its row id, or its id in the handbook.

    `number` is a ticket's; `detail` tells it apart, masked; `why` is by what it was found, in Chinese.
    """

    kind: str
    id: int | str
    number: str
    title: str
    detail: str
    why: str
    open: bool = False


class SearchDesk:
    """Looks things up. Safe in any thread."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the handbook and the reader's masks."""
        self._a = access
        self._pages: tuple[object, list[tuple[Key, Hit]]] = (None, [])

    @cached_property
    def _search(self) -> Search:
        return Search(self._a.db, self._a.cipher)

    @cached_property
    def _index(self) -> SearchIndex:
        return SearchIndex(self._a.db, self._a.cipher)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """What matches every word: Chinese of any length, pinyin, initials, a unit or the part of one, four or more
        last digits of a phone, a ticket's number or its end.

        Open tickets first, then residents and the handbook's pages, then ended tickets; each newest first.
        """
        query = Query(text)
        if not query.words or limit < 1:
            return []
        self._keep_up()
        people = [self._resident(person) for person in self._search.people(query, min(PEOPLE, limit))]
        aside = [*people, *islice(self._handbook(text), PAGES)][:limit]
        found = self._search.tickets(query, max(limit - len(aside), limit // 2))
        tickets = [self._ticket(each) for each in found]
        named = [hit for hit in tickets if hit.number == text.strip()]
        still_open = [hit for hit in tickets if hit.open and hit not in named]
        ended = [hit for hit in tickets if not hit.open and hit not in named]
        return [*named, *still_open, *aside, *ended][:limit]

    def complete(self, advance: Callable[[int], None] = lambda _left: None) -> None:
        """Take everything that waits into the index; `advance` hears how much is left."""
        self._index.catch_up(advance=advance)

    def waiting(self) -> int:
        """How many tickets and residents are not in the index yet."""
        return sum(self._index.waiting())

    def _keep_up(self) -> None:
        tickets, people = self._index.waiting()
        if tickets > LATELY or people:
            # A disk that is full or read-only must not keep anybody from finding what is there.
            with contextlib.suppress(StoreTrouble):
                self._index.catch_up(MOMENT)

    def _ticket(self, found: Found) -> Hit:
        row, now = found.row, self._a.now()
        shown = [self._a.unit_of(row.unit), STATUSES[row.status], clock(row.opened_at, now), row.category]
        return Hit("ticket", row.id, row.number, row.title, _line(shown), WHY[found.why], not _ended(row))

    def _resident(self, person: Person) -> Hit:
        masks = self._a.masks
        shown = [masks.unit(person.unit), *person.tags]
        return Hit("resident", person.id, "", masks.name(person.name), _line(shown), WHY[person.why])

    def _handbook(self, text: str) -> list[Hit]:
        """Cases and topics whose title, keywords or scenarios match."""
        book = self._a.handbook
        if self._pages[0] is not book:
            cases = [
                (
                    search_key(c.id, c.title, *single_words(c.keywords), *(s.title for s in c.scenarios)),
                    _page("case", c.id, c.title, c.categories),
                )
                for c in book.cases.values()
            ]
            topics = [
                (search_key(t.title, *single_words(t.keywords)), _page("topic", t.id, t.title, t.categories))
                for t in book.topics.values()
            ]
            self._pages = (book, cases + topics)
        found = finder(text)
        return [hit for key, hit in self._pages[1] if found(key)]


def _page(kind: str, name: str, title: str, categories: Sequence[str]) -> Hit:
    return Hit(kind, name, "", title, _line(["手册", *categories[:2]]), "手册")


def _ended(row: BoardRow) -> bool:
    return row.status in ("closed", "void")


def _line(parts: Sequence[str]) -> str:
    return "  ".join(part for part in parts if part)
