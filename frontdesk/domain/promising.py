"""Times said to an owner without a date, and those that lie far ahead (T12, T13, T14)."""

from __future__ import annotations

from typing import Final

from frontdesk.domain.timing import DAY, Instant, day_start

REPLY_WITHIN: Final = DAY
"""R-S5-01: whoever cannot answer on the spot agrees on a time within 24 hours."""


def by_default(now: Instant, completion: bool) -> Instant:
    """When a promise without a date falls due: what was agreed is done the same day, a reply comes within 24 hours."""
    return day_start(now) + DAY if completion else now + REPLY_WITHIN


def too_far(now: Instant, due_at: Instant, completion: bool) -> bool:
    """True for a reply later than in 24 hours: it is taken, and the record says that it needs a reason.

    A date of completion may lie as far ahead as the work needs (R-S9-02).
    """
    return not completion and due_at - now > REPLY_WITHIN
