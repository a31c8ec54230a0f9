"""What other consoles and commands write is seen within a fifth of a second, without a query (DESIGN §2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from frontdesk.domain.errors import DeskError

if TYPE_CHECKING:
    from frontdesk.desk import Changes, Desk

WAIT = 5.0
AFTER_TROUBLE = 2.0
"""Seconds before a database that could not be asked is asked again."""


class Watch:
    """Waits in a thread of its own and calls `changed` after somebody has written."""

    def __init__(self, desk: Desk, changes: Changes | None, changed: Callable[[], object]) -> None:
        """`changes` was begun before the board was read; where it is None a new one begins with a reading."""
        self._desk, self._changes, self._changed = desk, changes, changed
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._run, name="desk-watch", daemon=True).start()

    def end(self) -> None:
        """Stop at the next look."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                changes, self._changes = self._changes, None
                if changes is None:
                    changes = self._desk.changes()
                    # What was written between the board's last reading and this moment would otherwise stay unseen.
                    self._changed()
                while not self._ended.is_set():
                    if changes.wait(WAIT):
                        self._changed()
            except DeskError:
                # The board's own reading tells the person; here it only matters to look again.
                self._ended.wait(AFTER_TROUBLE)
