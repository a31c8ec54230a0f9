"""How like a sentence is to the handbook's words: pairs of characters, the rarer the weightier."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from frontdesk.domain.playbook import BLANK, Handbook


def _grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters; marks and blanks part them."""
    parts = re.split(r"[\W_]+", BLANK.sub("，", text))
    return frozenset(part[at : at + 2] for part in parts for at in range(len(part) - 1))


@lru_cache(maxsize=4)
def _rarity(handbook: Handbook) -> dict[str, float]:
    """How much a pair says: the rarer among the phrases, the more."""
    texts = [phrase.text for phrase in handbook.phrases]
    counted = Counter(gram for text in texts for gram in _grams(text))
    return {gram: math.log(1 + len(texts) / count) for gram, count in counted.items()}


def likeness(handbook: Handbook, text: str, other: str, least: int = 2) -> float:
    """0 for fewer than `least` pairs in common (one in a long sentence is chance), 1 for the same words."""
    rarity = _rarity(handbook)
    rare = max(rarity.values(), default=1.0)

    def weight(grams: Iterable[str]) -> float:
        return sum(rarity.get(gram, rare) for gram in grams)

    mine, theirs = _grams(text), _grams(other)
    shared = mine & theirs
    return weight(shared) / math.sqrt(weight(mine) * weight(theirs)) if len(shared) >= least else 0.0
