"""The desk is opened while Textual is imported: whoever is ready first waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontdesk.desk import Changes, Desk
    from frontdesk.domain.board import Board


class Opening:
    """One attempt to open the desk and read its board, in a thread."""

    def __init__(self, factory: Callable[[], Desk]) -> None:
        self._factory = factory
        self._done = threading.Event()
        self._told: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self.desk: Desk | None = None
        self.board: Board | None = None
        self.changes: Changes | None = None
        self.error: Exception | None = None

    def start(self) -> Opening:
        """Begin; returns itself."""
        threading.Thread(target=self._open, name="desk-open", daemon=True).start()
        return self

    def _open(self) -> None:
        try:
            desk = self._factory()
            # Before the board is read: what is written from now on is seen as a change.
            self.changes = desk.changes()
            self.board = desk.board()
            # This thread ends, and nothing else would: a connection and its statements hold each other.
            desk.close()
            self.desk = desk
        except Exception as error:
            self.error = error
        with self._lock:
            self._done.set()
            told = self._told
        if told is not None:
            told()

    def wait(self, seconds: float) -> bool:
        """True once it is open or has failed."""
        return self._done.wait(seconds)

    def tell(self, when_done: Callable[[], None]) -> None:
        """Call back from the opening thread when it is done; at once where it is already."""
        with self._lock:
            if not self._done.is_set():
                self._told = when_done
                return
        when_done()
