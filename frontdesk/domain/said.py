"""A text in its sentences, and where the rules of categories.toml are satisfied in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from frontdesk.domain.categories import Rule
from frontdesk.domain.patterns import pattern

_CLAUSE: Final = pattern("[，,：:]")
_SENTENCE: Final = pattern(r"[。！？!?；;\n]+")
LEAD: Final = 2.0
"""What the first sentence counts: callers come to the point at once, and a letter has its title."""
_LATE: Final = 0.45
_LATE_AFTER: Final = 120
_SPOKEN: Final = 100
_REACH: Final = 24
_BLANK: Final = "\0"


class Said:
    """A text with the words that the rules know in it; `strays` is whether it is longer than a call's note."""

    def __init__(self, text: str, rules: Iterable[str]) -> None:
        """`rules` are the words to look for."""
        self.text = text
        self.sentences = [part for part in _SENTENCE.split(text) if part]
        # Single words are looked for in the whole text: the question mark itself is a clue, and no sentence
        # holds it.
        characters = set(text)
        self.present = [word for word in rules if word[:1] in characters and word in text]
        self.strays = len(text) > _SPOKEN
        self._found = frozenset(self.present)
        self._lead = len(self.sentences[0]) if len(self.sentences) > 1 else -1

    def hit(self, rule: Rule) -> tuple[str, float]:
        """The words that satisfy the rule, joined by ` + ` (or empty), and what the place they stand in counts."""
        if any(self._found.isdisjoint(part) for part in rule.parts):
            return "", 0.0
        if len(rule.parts) == 1 and not rule.unless:
            word = next(word for word in rule.parts[0] if word in self._found)
            return word, self._counts(self.text.find(word))
        start = 0
        for sentence in self.sentences:
            for words, position in met(rule, sentence):
                return words, self._counts(start + position)
            start += len(sentence) + 1
        return "", 0.0

    def _counts(self, position: int) -> float:
        if position <= self._lead:
            return LEAD
        return _LATE if position > _LATE_AFTER else 1.0


def met(rule: Rule, sentence: str) -> Iterator[tuple[str, int]]:
    """Where the rule is satisfied within reach of its first part: the words, and the position of that part.

    An exception rules out all within reach of it. Beside danger it must be closer, since one that is silenced costs
    a person: 全是烟头 rules out the 全是烟 it covers and no other, and 差点 what its own clause says or the one
    before it.
    """
    unless = [each for each in rule.unless if each in sentence]
    close = bool(unless) and rule.goal.axis == "danger"
    if close:
        sentence, unless = _uncovered(rule, sentence, unless)
    for word in rule.parts[0]:
        start = sentence.find(word)
        while start >= 0:
            first = max(0, start - _REACH)
            near = sentence[first : start + len(word) + _REACH]
            others = [next((each for each in part if each in near), "") for part in rule.parts[1:]]
            if all(others):
                scope = _beside(rule, near, start - first, word) if close and unless else near
                if not any(each in scope for each in unless):
                    yield " + ".join(dict.fromkeys((word, *others))), start
            start = sentence.find(word, start + 1)


def _uncovered(rule: Rule, sentence: str, unless: list[str]) -> tuple[str, list[str]]:
    """The sentence without what is covered by exceptions that hold the danger itself, and the other exceptions."""
    others = []
    for each in unless:
        if any(word in each for word in rule.parts[0]):
            sentence = sentence.replace(each, _BLANK * len(each))
        else:
            others.append(each)
    return sentence, others


def _beside(rule: Rule, near: str, position: int, word: str) -> str:
    """From the first clause of the words that satisfy the rule, each nearest to `word` at `position`, to the clause
    after their last.
    """
    places = [(position, position + len(word))]
    for part in rule.parts[1:]:
        found = (at for each in part for at in _every(each, near))
        places.append(min(found, key=lambda place: abs(place[0] - position)))
    start = max((match.end() for match in _CLAUSE.finditer(near, 0, min(places)[0])), default=0)
    ends = [match.start() for match in _CLAUSE.finditer(near, max(end for _, end in places))]
    return near[start : ends[1] if len(ends) > 1 else len(near)]


def _every(word: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)
