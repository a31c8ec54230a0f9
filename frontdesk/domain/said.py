"""A text in its sentences, and where the rules of categories.toml are satisfied in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from frontdesk.domain.patterns import pattern

if TYPE_CHECKING:
    from frontdesk.domain.categories import Rule

_SENTENCE: Final = pattern(r"[。！？!?；;\n]+")
LEAD: Final = 2.0
"""What the first sentence counts: callers come to the point at once, and a letter has its title."""
_LATE: Final = 0.45
_LATE_AFTER: Final = 120
_SPOKEN: Final = 100
_REACH: Final = 24


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
    """Where the rule is satisfied within reach of its first part: the words, and the position of that part."""
    for word in rule.parts[0]:
        start = sentence.find(word)
        while start >= 0:
            near = sentence[max(0, start - _REACH) : start + len(word) + _REACH]
            others = [next((each for each in part if each in near), "") for part in rule.parts[1:]]
            if all(others) and not any(each in near for each in rule.unless):
                yield " + ".join(dict.fromkeys((word, *others))), start
            start = sentence.find(word, start + 1)
