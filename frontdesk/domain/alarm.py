"""What sounds like danger although no rule names it: a second ear beside the rules of categories.toml (R-001-10).

Callers in fear say what nobody wrote down. The ear adds up weights of single characters and of pairs of neighbours,
fitted by scripts/fit_alarm.py on this project's own wordings; what it answers is judged like any other danger, so that
what is denied, past or only feared stays quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Final, NamedTuple

from frontdesk.domain.patterns import pattern

_HANZI: Final = pattern("[\u4e00-\u9fff]+")
_NAMED: Final = 3


class Ear(NamedTuple):
    """Weights by character or pair, and what is added to their sum; without weights it hears nothing."""

    start: float
    weights: Mapping[str, float]


class Heard(NamedTuple):
    """The weightiest words of a sentence that sounds like danger, and where the first of them stands."""

    words: str
    position: int


DEAF: Final = Ear(0.0, {})


def grams(text: str) -> Iterator[tuple[str, int]]:
    """Every character and every pair of neighbours, with its position; marks and letters part them."""
    for run in _HANZI.finditer(text):
        start, hanzi = run.start(), run[0]
        for at in range(len(hanzi)):
            yield hanzi[at], start + at
            if at:
                yield hanzi[at - 1 : at + 1], start + at - 1


def score(text: str, ear: Ear) -> float:
    """Above 0 it sounds like danger; each gram counts once, and a long sentence needs more of them."""
    found = {gram for gram, _ in grams(text)}
    return ear.start + sum(ear.weights.get(gram, 0.0) for gram in found) / sqrt(len(found) + 1)


def hear(sentence: str, ear: Ear) -> Heard | None:
    """What sounds like danger in a sentence, or None."""
    if not ear.weights or score(sentence, ear) <= 0:
        return None
    places = {gram: at for gram, at in reversed(list(grams(sentence))) if ear.weights.get(gram, 0.0) > 0}
    ranked = sorted(places, key=lambda gram: (-len(gram), -ear.weights[gram]))[:_NAMED]
    loudest = max(places, key=lambda gram: ear.weights[gram], default="")
    return Heard(" + ".join(sorted(ranked, key=places.__getitem__)), places.get(loudest, 0))
