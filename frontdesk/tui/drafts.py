"""What is being typed reaches the disk within half a second, whatever happens to the console (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from frontdesk.tui.clerk import Clerk

PAUSE = 0.3
"""Seconds of rest before a draft is written; with the writing itself well within the half second that is promised."""


class Drawer(Protocol):
    """Where drafts lie: the desk's encrypted files."""

    def save(self, slot: str, text: str) -> None:
        """Keep a text; an empty one is forgotten."""

    def all(self) -> dict[str, str]:
        """Every draft of this operator by slot."""


class DraftKeeper:
    """Collects what changed and writes it in a thread of its own; `save_now` writes the rest when the process must end."""

    def __init__(self, clerk: Clerk, later: Callable[[float, Callable[[], None]], object]) -> None:
        """`later(seconds, call)` is the event loop's timer."""
        self._clerk, self._later = clerk, later
        self._waiting: dict[str, str] = {}
        self._timed = False
        self._drawer: Drawer | None = None
        self.trouble: Callable[[Exception], None] = lambda _error: None

    def use(self, drawer: Drawer) -> None:
        """From now on drafts can be written; what was typed before is."""
        self._drawer = drawer
        self._flush()

    def keep(self, slot: str, text: str) -> None:
        """The slot's text as of now; an empty one is forgotten."""
        self._waiting[slot] = text
        if not self._timed:
            self._timed = True
            self._later(PAUSE, self._flush)

    def _flush(self) -> None:
        self._timed = False
        drawer = self._drawer
        if drawer is None:
            return
        for slot, text in list(self._waiting.items()):
            self._clerk.ask(
                "drafts",
                lambda slot=slot, text=text: drawer.save(slot, text),  # type: ignore[misc]
                lambda _none, slot=slot, text=text: self._written(slot, text),  # type: ignore[misc]
                self._failed,
            )

    def _written(self, slot: str, text: str) -> None:
        if self._waiting.get(slot) == text:
            del self._waiting[slot]

    def _failed(self, error: Exception) -> None:
        # Still waiting, so the next key press tries again; the person must know that nothing protects the text now.
        self.trouble(error)

    def save_now(self) -> None:
        """Write what is not written yet, on this thread; the first failure does not keep the others back."""
        drawer, failed = self._drawer, None
        for slot, text in list(self._waiting.items()) if drawer is not None else ():
            try:
                drawer.save(slot, text)  # type: ignore[union-attr]
            except Exception as error:
                failed = error
        if failed is not None:
            raise failed
