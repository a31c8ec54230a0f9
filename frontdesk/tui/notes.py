"""Records being written, one for each ticket, with the promises that phrases brought into them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from frontdesk.domain.promising import Pledge, standing

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView

NOTE, PROMISES, OWED = "note:", "form:promises:", "form:promises-owed:"


@dataclass(slots=True)
class Page:
    """What is written for one ticket and not saved yet."""

    text: str = ""
    promises: list[Pledge] = field(default_factory=list)
    """What phrases brought in; what was deleted since is still here, it may be put back."""
    owed: list[Pledge] = field(default_factory=list)
    """Told in a record that is saved, while the promise itself could not be."""

    @property
    def standing(self) -> list[Pledge]:
        """The promises that the text makes as it is now."""
        return standing(self.text, self.promises)


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
            elif f"{head}:" == OWED:
                self.page(int(tail)).owed = unpack(text)
        return sorted(self.texts)

    def slots(self, ticket_id: int) -> dict[str, str]:
        """The page as drafts: slot → text, "" for nothing."""
        page = self.page(ticket_id)
        return {
            f"{NOTE}{ticket_id}": page.text,
            f"{PROMISES}{ticket_id}": pack(page.promises),
            f"{OWED}{ticket_id}": pack(page.owed),
        }


def pack(promises: list[Pledge]) -> str:
    """Promises as a draft's text, "" for none."""
    return json.dumps(promises, ensure_ascii=False) if promises else ""


def unpack(text: str) -> list[Pledge]:
    """Promises out of a draft's text; a damaged draft holds none."""
    try:
        return [(str(words), int(at)) for words, at in json.loads(text)]
    except (ValueError, TypeError):
        return []


class Saving:
    """One press of F9 on a page: note, then promises; what has been saved is not saved again when the rest is retried."""

    def __init__(self, view: TicketView, text: str, promises: Iterable[Pledge]) -> None:
        self._number, self._seen = view.number, view.version
        self.text, self.promises = text, list(promises)

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
