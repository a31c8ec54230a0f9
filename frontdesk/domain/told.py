"""What an owner has heard already: the same apology is not offered twice (R-S2, A-DAY)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from frontdesk.domain.playbook import BLANK, Phrase

_LEAST: Final = 6
"""Characters of a phrase, blanks apart, that must be found: shorter ones turn up by chance."""


def told(phrases: Iterable[Phrase], record: str) -> frozenset[str]:
    """Ids of the phrases that stand in the record, with their blanks filled in whatever way."""
    return frozenset(phrase.id for phrase in phrases if _stands(phrase.text, record))


def _stands(text: str, record: str) -> bool:
    parts = [part for part in BLANK.split(text)[::2] if part]
    if sum(map(len, parts)) < _LEAST:
        return False
    at = 0
    for part in parts:
        found = record.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
