"""Typing in the ticket list looks for tickets, owners and pages of the handbook (F3, then type)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from frontdesk.tui.panes.menu import Choice
from frontdesk.tui.panes.typed import LONGEST

if TYPE_CHECKING:
    from frontdesk.desk.search_desk import Hit
    from frontdesk.tui.work import Work

MOST = 40
"""Hits; who wants another one types another character."""
KINDS = {"resident": "业主", "case": "案例", "topic": "手册"}


class Seeking:
    """One search; it is asked anew at every key, off the loop."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def type(self, character: str) -> None:
        """A character typed into the ticket list: open the search, or go on with it."""
        menu = self._work.menu
        if self._work.desktop.scene.task != "menu" or not menu.seeks:
            self.start()
        menu.ask(character)

    def start(self, sought: str = "") -> None:
        """Wait for what is to be found: text, pinyin, initials, a unit, the end of a phone or of a number."""
        self._work.show_menu("", [])
        self._work.menu.seek("查找", self._ask)
        if sought:
            self._work.menu.ask(sought[:LONGEST])

    def _ask(self, sought: str) -> None:
        work = self._work

        def found(hits: list[Hit]) -> None:
            work.menu.found(sought, [self._choice(hit) for hit in hits])

        if sought:
            work.console.clerk.newest("search", lambda: work.desk.search(sought, MOST), found)
        else:
            work.console.clerk.forget("search")
            work.menu.found(sought, ())

    def _choice(self, hit: Hit) -> Choice:
        label = hit.number[2:] if hit.kind == "ticket" else KINDS[hit.kind]
        label += f" {hit.id}" if hit.kind == "case" else ""
        return Choice(label, f"{hit.title}  {hit.detail}  {hit.why}", partial(self._open, hit))

    def _open(self, hit: Hit) -> None:
        from frontdesk.tui.book import case_page, topic_page  # most are looking for a ticket

        work = self._work
        if hit.kind == "ticket":
            work.console.clerk.ask("read", lambda: work.desk.tickets.by_id(int(hit.id)), work.attention.visit)
        elif hit.kind == "resident":
            work.errands.taking.from_owner(int(hit.id), hit.title, hit.detail)
        elif hit.kind == "case":
            case = work.desk.handbook.cases[str(hit.id)]
            work.show_page(f"案例 {case.id} {case.title}", partial(case_page, case))
        else:
            topic = work.desk.handbook.topics[str(hit.id)]
            work.show_page(topic.title, partial(topic_page, topic))
