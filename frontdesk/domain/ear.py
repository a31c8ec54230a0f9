"""What a note sounds like where no rule names it: a second ear beside the rules of categories.toml (R-001-09, R-001-10).

Callers say what nobody wrote down. The ear adds up weights of single characters and of pairs of neighbours, fitted by
scripts/fit_ear.py on this project's own made-up calls: for danger, and for every kind and category that they have
examples of. What sounds like danger is judged like any other danger, so that what is denied, past or only feared stays
quiet; what sounds like a kind or category is a clue beside the others.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from math import exp, log, sqrt
from typing import Any, Final, NamedTuple

from frontdesk.domain.entries import Entry
from frontdesk.domain.patterns import pattern
from frontdesk.domain.terms import DANGERS, KINDS

_HANZI: Final = pattern("[\u4e00-\u9fff]+")
_WEIGHT: Final = pattern(r"-?[1-9]\d?")
_NAMED: Final = 3
_UNLIKE: Final = -5.5
"""Of 2,710 wordings of danger that a rule knows none lies below -4.4; a sixth of those that only share its words do."""
_TENTHS: Final = 10
POINTS: Final = 3.5
"""Points, as rules weigh, for one unit of log-odds."""
SHORT: Final = 30
"""Characters up to which a note is heard in full: the longer it is, the more there is for the rules to find."""


class Voice(NamedTuple):
    """Danger: weights by character or pair, and what is added to their sum; without weights it says nothing."""

    start: float
    weights: Mapping[str, float]

    def weigh(self, gram: str) -> float:
        """The weight of a character or pair, 0 where it is not known."""
        return self.weights.get(gram, 0.0)


class Voices(NamedTuple):
    """Answers that speak at the same time: what is added to the sum of each, and their weights by character or pair.

    Weights are tenths, in the order of the names: as many separate tables would be the larger part of a console.
    """

    names: tuple[str, ...]
    starts: tuple[float, ...]
    weights: Mapping[str, array[int]]

    def weigher(self, name: str) -> Callable[[str], float]:
        """What a character or pair weighs for one of them, 0 where it is not known."""
        at, weights = self.names.index(name), self.weights

        def weigh(gram: str) -> float:
            row = weights.get(gram)
            return row[at] / _TENTHS if row is not None else 0.0

        return weigh


class Heard(NamedTuple):
    """The weightiest words of a sentence that sounds like danger, and where the first of them stands."""

    words: str
    position: int


MUTE: Final = Voice(0.0, {})
SILENT: Final = Voices((), (), {})


class Ear(NamedTuple):
    """The voice of danger, and those of which danger it is, of kinds and of categories."""

    danger: Voice = MUTE
    which: Voices = SILENT
    kind: Voices = SILENT
    category: Voices = SILENT


DEAF: Final = Ear()


def parse_ear(doc: Mapping[str, Any]) -> Ear:
    """Checks the parsed ear.toml; any part of it may be missing. `BadInput` names the part and what is wrong."""
    file = Entry(doc, "ear.toml")
    shared: dict[str, str] = {}
    danger = _voice(Entry(file.table_of("danger"), "ear.toml [danger]"), shared) if "danger" in doc else MUTE
    which, kind, category = (
        _voices(file, axis, shared) if axis in doc else SILENT for axis in ("which", "kind", "category")
    )
    for axis, voices, known in (("which", which, DANGERS), ("kind", kind, KINDS)):
        for name in voices.names:
            if name not in known:
                raise Entry(doc, f"ear.toml [{axis}]").bad(f"「{name}」不认识", f"只能用 {'、'.join(known)}")
    file.done()
    return Ear(danger, which, kind, category)


def _voice(entry: Entry, shared: dict[str, str]) -> Voice:
    start, rows = _rows(entry)
    weights: dict[str, float] = {}
    for weight, found in rows:
        weights.update(dict.fromkeys((shared.setdefault(gram, gram) for gram in found), weight / _TENTHS))
    return Voice(start, weights)


def _voices(file: Entry, axis: str, shared: dict[str, str]) -> Voices:
    table = file.table_of(axis)
    parts = [_rows(Entry(part, f"ear.toml [{axis}.{name}]")) for name, part in table.items()]
    silence = array("b", bytes(len(parts)))
    weights: dict[str, array[int]] = {}
    for at, (_, rows) in enumerate(parts):
        for weight, found in rows:
            for gram in found:
                if gram not in weights:
                    weights[shared.setdefault(gram, gram)] = silence[:]
                weights[gram][at] = weight
    return Voices(tuple(table), tuple(start for start, _ in parts), weights)


def _rows(entry: Entry) -> tuple[float, list[tuple[int, list[str]]]]:
    start = entry.number("start")
    if start is None:
        raise entry.bad("没有写 start", "请补上，或从安装包里恢复这个文件")
    rows = []
    for weight in entry.table:
        if weight == "start":
            continue
        if not _WEIGHT.fullmatch(weight):
            raise entry.bad(f"「{weight}」不是分值", "分值写 1 到 99，可以加负号")
        rows.append((int(weight), entry.text(weight).split()))
    return start / _TENTHS, rows


def grams(text: str) -> Iterator[tuple[str, int]]:
    """Every character and every pair of neighbours, with its position; marks and letters part them."""
    for run in _HANZI.finditer(text):
        start, hanzi = run.start(), run[0]
        for at in range(len(hanzi)):
            yield hanzi[at], start + at
            if at:
                yield hanzi[at - 1 : at + 1], start + at - 1


def score(found: Collection[str], voice: Voice) -> float:
    """Above 0 the voice is in the grams `found`; a long text needs more of them."""
    return voice.start + sum(voice.weights.get(gram, 0.0) for gram in found) / sqrt(len(found) + 1)


def hear(sentence: str, ear: Ear) -> Heard | None:
    """What sounds like danger in a sentence, or None."""
    voice = ear.danger
    if not voice.weights or score({gram for gram, _ in grams(sentence)}, voice) <= 0:
        return None
    places = _places(sentence, voice.weigh)
    at, _ = max(places.values(), key=lambda place: place[1], default=(0, 0.0))
    return Heard(named(sentence, voice.weigh), at)


def unlike(sentence: str, ear: Ear) -> bool:
    """Whether nothing about a sentence sounds like danger, so that a word which names one must mean something else."""
    return bool(ear.danger.weights) and score({gram for gram, _ in grams(sentence)}, ear.danger) < _UNLIKE


def loudness(text: str) -> float:
    """How much what is heard counts, 0 to 1."""
    return min(1.0, SHORT / max(1, len(text)))


def sounds(text: str, voices: Voices) -> dict[str, float]:
    """Points by name: above 0 the text sounds more like it than like the mean of all; empty where nothing is known."""
    found = _firsts(text)
    known = [voices.weights[gram] for gram in sorted(found) if gram in voices.weights]
    if not known:
        return {}
    share = 1 / _TENTHS / sqrt(len(found) + 1)
    sums = map(sum, zip(*known, strict=True))
    scores = [start + share * each for start, each in zip(voices.starts, sums, strict=True)]
    peak = max(scores)
    mean = peak + log(sum(exp(each - peak) for each in scores) / len(scores))
    points = POINTS * loudness(text)
    return {name: points * (each - mean) for name, each in zip(voices.names, scores, strict=True)}


def named(text: str, speaks: Callable[[str], float]) -> str:
    """The up to three weightiest characters or pairs that speak for it, in the order they stand; `speaks`: weight."""
    places = _places(text, speaks)
    ranked = sorted(places, key=lambda gram: (-len(gram), -places[gram][1]))[:_NAMED]
    return " + ".join(sorted(ranked, key=lambda gram: places[gram][0]))


def _places(text: str, speaks: Callable[[str], float]) -> dict[str, tuple[int, float]]:
    """Where each that speaks for it stands first, and its weight."""
    weighed = ((gram, at, speaks(gram)) for gram, at in _firsts(text).items())
    return {gram: (at, weight) for gram, at, weight in weighed if weight > 0}


@lru_cache(maxsize=8)
def _firsts(text: str) -> Mapping[str, int]:
    """Where each character or pair stands first; kept, since every voice that speaks up asks."""
    found: dict[str, int] = {}
    for gram, at in grams(text):
        found.setdefault(gram, at)
    return found
