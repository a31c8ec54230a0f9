"""How long an upset owner has been upset: three minutes, five minutes, then somebody else takes over (T11, R-S1-06)."""

from __future__ import annotations

from typing import Final

from frontdesk.domain.timing import MINUTE, Instant
from frontdesk.tui.paper import Line

SOON: Final = 3 * MINUTE
LATE: Final = 5 * MINUTE
FORGOTTEN: Final = 15 * MINUTE
"""After so long nobody is on the phone any more."""


class Stopwatch:
    """Runs from the first upset word, or from the command, until the owner is calm or handed up."""

    def __init__(self) -> None:
        self._since: Instant | None = None
        self._told = 0

    @property
    def runs(self) -> bool:
        """Whether an owner is upset now."""
        return self._since is not None

    def start(self, now: Instant) -> bool:
        """Begin; False where it runs already."""
        if self._since is not None:
            return False
        self._since, self._told = now, 0
        return True

    def stop(self) -> None:
        """Calm again, or handed up."""
        self._since = None

    def tick(self, now: Instant) -> tuple[str, str]:
        """What there is to say at this second, and its look; said once each."""
        if self._since is None:
            return "", ""
        passed = now - self._since
        if passed >= FORGOTTEN:
            self.stop()
            return "", ""
        for count, (limit, words, look) in enumerate(_WORDS, 1):
            if passed >= limit and self._told < count and (count == len(_WORDS) or passed < _WORDS[count][0]):
                self._told = count
                return words, look
        return "", ""

    def chip(self, now: Instant) -> Line:
        """`激动02:13` for the status line; yellow from three minutes on, red from five."""
        if self._since is None:
            return ()
        passed = max(now - self._since, 0)
        look = "chip-breached" if passed >= LATE else "chip-at_risk" if passed >= SOON else "warn"
        return ((" ", "text"), (f" 激动{passed // 60:02d}:{passed % 60:02d} ", look))


_WORDS: Final = (
    (SOON, "业主情绪激动已三分钟：仍未缓和，征询同意后按 F8 上移", "warn"),
    (LATE, "业主情绪激动已五分钟：请马上征询同意，按 F8 上移（T11）", "error"),
)
