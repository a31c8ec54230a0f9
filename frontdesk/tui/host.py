"""A console watches the clocks where nobody else does, so that a desk without cron keeps its promises too (DESIGN §5)."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING, Final

from frontdesk.domain.errors import DeskError

if TYPE_CHECKING:
    from frontdesk.desk import Desk

EVERY: Final = 20.0
"""Seconds between two rounds; a lease outlasts two of them."""


class Host:
    """Asks every round whether the watch is free, in a thread of its own, and does what time demands if it is."""

    def __init__(self, desk: Desk, every: float = EVERY) -> None:
        self._desk, self._every = desk, every
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="desk-host", daemon=True).start()

    def end(self) -> None:
        """No further round."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self._desk.host_watch(self._holder)
            except DeskError:
                # Whoever works here is told by what they do themselves; the next round looks again.
                continue
            except Exception as error:  # the console must outlive its watch
                self._desk.fault(error)
