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
        self._call = ""
        self._before: Instant | None = None

    @property
    def runs(self) -> bool:
        """Whether an owner is upset now."""
        return self._since is not None

    @property
    def ends_with_the_call(self) -> bool:
        """Whether the end of a call will stop it."""
        return self.runs and self._call != ""

    def start(self, now: Instant, call: str = "") -> bool:
        """Begin; False where it runs already. `call` names the call that it is about, if any.

        Without one it goes on from where the end of a call has just stopped it: the owner is still there after all.
        """
        if self._since is not None:
            return False
        before, self._before = self._before, None
        again = not call and before is not None and now - before < FORGOTTEN
        self._since = before if again else now
        self._told, self._call = 0, call
        return True

    def keep(self) -> None:
        """A person wants it to go on when the call ends."""
        self._call = ""

    def call_done(self, call: str) -> bool:
        """That call's ticket is taken and the owner gone; False where it does not run for that call."""
        if self._since is None or not call or call != self._call:
            return False
        before = self._since
        self.stop()
        self._before = before
        return True

    def stop(self) -> None:
        """Calm again, or handed up."""
        self._since = self._before = None
        self._call = ""

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
