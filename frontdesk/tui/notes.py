"""Records being written, one for each ticket, with the promises that phrases brought into them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from frontdesk.domain.timing import Instant

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView

NOTE, PROMISES = "note:", "form:promises:"
Promise = tuple[str, Instant]


@dataclass(slots=True)
class Page:
    """What is written for one ticket and not saved yet."""

    text: str = ""
    promises: list[Promise] = field(default_factory=list)


class Notebook:
    """Every ticket's page; drafts are its copy on disk."""

    def __init__(self) -> None:
        self._pages: dict[int, Page] = {}

    def page(self, ticket_id: int) -> Page:
        """The ticket's page, empty at first."""
        return self._pages.setdefault(ticket_id, Page())

    @property
    def texts(self) -> dict[int, str]:
        """Tickets with something written, and what."""
        return {number: page.text for number, page in self._pages.items() if page.text.strip()}

    def restore(self, drafts: dict[str, str]) -> list[int]:
        """Take drafts back in; the tickets that they belong to."""
        for slot, text in drafts.items():
            head, _, tail = slot.rpartition(":")
            if not tail.isdigit():
                continue
            if f"{head}:" == NOTE:
                self.page(int(tail)).text = text
            elif f"{head}:" == PROMISES:
                self.page(int(tail)).promises = unpack(text)
        return sorted(self.texts)

    def slots(self, ticket_id: int) -> dict[str, str]:
        """The page as drafts: slot → text, "" for nothing."""
        page = self.page(ticket_id)
        return {f"{NOTE}{ticket_id}": page.text, f"{PROMISES}{ticket_id}": pack(page.promises)}


def pack(promises: list[Promise]) -> str:
    """Promises as a draft's text, "" for none."""
    return json.dumps(promises, ensure_ascii=False) if promises else ""


def unpack(text: str) -> list[Promise]:
    """Promises out of a draft's text; a damaged draft holds none."""
    try:
        return [(str(words), int(at)) for words, at in json.loads(text)]
    except (ValueError, TypeError):
        return []


class Saving:
    """One press of F9 on a page: note, then promises; what has been saved is not saved again when the rest is retried."""

    def __init__(self, view: TicketView, page: Page) -> None:
        self._number, self._seen = view.number, view.version
        self.text, self.promises = page.text, list(page.promises)

    def run(self, desk: Desk) -> TicketView:
        """In a thread. The note is guarded by the version that was seen; the promises follow on what the note made."""
        view: TicketView | None = None
        if self.text.strip():
            view = desk.tickets.note(self._number, self.text, seen=self._seen)
            self.text = ""
        for words, due_at in list(self.promises):
            seen = view.version if view else self._seen
            view = desk.tickets.promise(self._number, words, due_at, seen=seen)
            self.promises.remove((words, due_at))
        return view or desk.tickets.view(self._number)
