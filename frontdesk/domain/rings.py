"""Three rings (T8): whether a call was lifted in time."""

from __future__ import annotations

from typing import Final

from frontdesk.domain.timing import Instant

THREE_RINGS: Final = 15
"""Seconds: a Chinese exchange rings one second and rests four, so the fourth ring begins at fifteen."""


def picked_up(rang_at: Instant, answered_at: Instant | None, now: Instant) -> str:
    """`met` before the fourth ring, `late` from it on whether it was lifted or not, empty while it may still be met."""
    if answered_at is None:
        return "late" if now - rang_at >= THREE_RINGS else ""
    return "met" if answered_at - rang_at < THREE_RINGS else "late"
