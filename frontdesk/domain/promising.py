"""Times said to an owner: without a date, far ahead (T12, T13, T14), and those that a record still tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from frontdesk.domain.timing import DAY, Instant, day_start, local

Pledge = tuple[str, Instant]
"""A sentence of the record and the time that it promises."""

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


def standing(record: str, pledges: Sequence[Pledge]) -> list[Pledge]:
    """The pledges whose time the record tells, whatever was changed of the words round it; deleted, it was not said.

    A sentence that stands there whole is looked for first, so that of two with the same time the right one is left.
    """
    found: set[int] = set()
    for whole in (True, False):
        for place, (words, due_at) in enumerate(pledges):
            told = words if whole else _time(words, due_at)
            if place not in found and told in record:
                record = record.replace(told, "\n", 1)
                found.add(place)
    return [pledges[place] for place in sorted(found)]


def _time(words: str, due_at: Instant) -> str:
    """The time as `phrases.moment` wrote it into the sentence, on whatever day that was."""
    when = local(due_at)
    day = rf"今天|明天|后天|{when.month}月{when.day}日"
    told = re.search(rf"(?:{day}){when.hour}:{when.minute:02d}", words)
    return told[0] if told else words
