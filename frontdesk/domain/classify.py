"""What a request is about: kind, category, priority and case, each with the words that say so (R-001-09).

The rules are data (data/categories.toml): weights on words, and on words that stand in one sentence. Nothing
is learned and nothing is random, so the same text is always suggested the same way, and the reasons are the
whole truth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from frontdesk.domain import emergency
from frontdesk.domain.categories import Categories, Category, Department, Goal, Rule, parse_categories
from frontdesk.domain.emergency import Place
from frontdesk.domain.pinyin import loose
from frontdesk.domain.terms import KINDS, PRIORITIES

__all__ = ["CaseHit", "Categories", "Category", "Department", "Suggestion", "classify", "parse_categories"]

READ_AT_MOST: Final = 2_000
"""Characters looked at: what a caller wants is said by then, and 10,000 hanzi must not slow a key press."""

_SENTENCE: Final = re.compile(r"[。！？!?；;\n]+")
_LATIN: Final = re.compile(r"(?<![A-Za-z])[a-z]{2,24}(?![A-Za-z])")
_SHORT = 2
_LEAD = 1.5
_CASE_AT_LEAST = 3.0
_OWN_KIND = 2.0
_URGENT_HELP = 6.0
_HIGH_AT_LEAST = 3.0
_HIGH_IN_A_QUESTION = 4.0


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A handbook case that fits, best first; `reasons` are the words, such as `困 + 电梯`."""

    id: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the desk offers and a person confirms.

    `confidence` (0 to 1) is about the category. `reasons` are Chinese sentences about the shorthand, the
    category, the kind, the priority and the case, in this order.
    """

    kind: str
    category: str
    priority: str
    case: str | None
    reasons: tuple[str, ...]
    confidence: float
    cases: tuple[CaseHit, ...]


@dataclass(slots=True)
class _Tally:
    score: float
    words: list[tuple[float, str]]

    def add(self, weight: float, words: str) -> None:
        self.score += weight
        self.words.append((weight, words))

    def best(self) -> tuple[str, ...]:
        """The two weightiest grounds."""
        ranked = sorted(self.words, key=lambda hit: -hit[0])
        return tuple(dict.fromkeys(words for _, words in ranked[:2]))


_Scores = dict[str, _Tally]
_DANGER: Final = Goal("priority", "urgent")


def classify(text: str, categories: Categories) -> Suggestion:
    """Suggests for what was typed: hanzi, or pinyin shorthand such as `dtkr`; never fails, even on nothing."""
    said, expanded = _expand(text[:READ_AT_MOST], categories.shorthand)
    scores, dangers = _weigh(said, categories)
    category, confidence = _category(scores["category"], categories.fallback)
    home = categories.all[category]
    danger, spared = emergency.judge(dangers)
    if dangers and danger is None:
        # The words that call for help are the very ones that were denied, past or only feared.
        scores["kind"].pop("help", None)
    kind = _kind(scores["kind"], home, danger is not None)
    priority, grounds = _priority(scores["priority"], home, kind, danger, spared)
    cases = _cases(scores["case"], category, categories)
    reasons = [f"{typed} 即 {meant}" for typed, meant in expanded]
    reasons += [_sentence(category, scores["category"].get(category))]
    reasons += [_sentence(KINDS[kind], scores["kind"].get(kind))]
    reasons += [f"{PRIORITIES[priority]}，{grounds}"]
    reasons += [f"案例{case.id}，因为：{'、'.join(case.reasons)}" for case in cases[:1]]
    best = cases[0].id if cases else None
    return Suggestion(kind, category, priority, best, tuple(reasons), confidence, cases)


def _sentence(label: str, tally: _Tally | None) -> str:
    grounds = f"因为：{'、'.join(tally.best())}" if tally and tally.words else "没有更明确的线索，请核对"
    return f"{label}，{grounds}"


def _expand(text: str, shorthand: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The text with pinyin shorthand spelled out; two letters count only alone, for `td` is also a name."""
    met: list[tuple[str, str]] = []
    alone = len(text.strip()) == _SHORT

    def replace(match: re.Match[str]) -> str:
        typed = match[0]
        meant = shorthand.get(typed) or shorthand.get(loose(typed))
        if meant is None or (len(typed) == _SHORT and not alone):
            return typed
        met.append((typed, meant))
        return meant

    return _LATIN.sub(replace, text), met


def _weigh(text: str, categories: Categories) -> tuple[dict[str, _Scores], list[Place]]:
    """Scores by axis and name, and every place where a danger is named."""
    scores: dict[str, _Scores] = {"category": {}, "kind": {}, "priority": {}, "case": {}}
    dangers: list[Place] = []
    sentences = [part for part in _SENTENCE.split(text) if part]
    # Single words are looked for in the whole text: the question mark itself is a clue, and no sentence
    # holds it.
    present = [word for word in categories.rules if word in text]
    found = frozenset(present)
    seen: set[int] = set()
    for word in present:
        for goal, rule in categories.rules[word]:
            if id(rule) in seen:
                continue
            seen.add(id(rule))
            words, lead = _hit(rule, sentences, found)
            if not words:
                continue
            tally = scores[goal.axis].setdefault(goal.name, _Tally(0.0, []))
            tally.add(rule.weight * (_LEAD if lead and len(sentences) > 1 else 1.0), words)
            if goal == _DANGER:
                dangers += _places(rule, sentences, words)
    return scores, dangers


def _hit(rule: Rule, sentences: list[str], found: frozenset[str]) -> tuple[str, bool]:
    """The words that satisfy the rule, joined by ` + ` (or empty); whether they are in the first sentence."""
    if any(found.isdisjoint(part) for part in rule.parts):
        return "", False
    if len(rule.parts) == 1 and not rule.unless:
        word = next(word for word in rule.parts[0] if word in found)
        return word, bool(sentences) and word in sentences[0]
    for number, sentence in enumerate(sentences):
        if words := _in_sentence(rule, sentence):
            return words, number == 0
    return "", False


def _in_sentence(rule: Rule, sentence: str) -> str:
    words = [next((word for word in part if word in sentence), "") for part in rule.parts]
    if not all(words) or any(word in sentence for word in rule.unless):
        return ""
    return " + ".join(dict.fromkeys(words))


def _places(rule: Rule, sentences: list[str], words: str) -> list[Place]:
    """Where the danger itself (the rule's first part) stands in sentences that satisfy the rule."""
    return [
        Place(words, match.start(), sentence, following)
        for sentence, following in zip(sentences, [*sentences[1:], ""], strict=True)
        if _in_sentence(rule, sentence)
        for word in rule.parts[0]
        for match in re.finditer(re.escape(word), sentence)
    ]


def _category(scores: _Scores, fallback: str) -> tuple[str, float]:
    ranked = sorted(scores.items(), key=lambda entry: -entry[1].score)
    if not ranked or ranked[0][1].score <= 0:
        return fallback, 0.0
    best = ranked[0][1].score
    second = max(ranked[1][1].score, 0.0) if len(ranked) > 1 else 0.0
    return ranked[0][0], round(best / (best + second + 2), 2)


def _kind(scores: _Scores, home: Category, urgent: bool) -> str:
    total = {kind: scores[kind].score if kind in scores else 0.0 for kind in KINDS}
    total[home.kind] += _OWN_KIND
    if urgent:
        total["help"] += _URGENT_HELP
    return max(total, key=lambda kind: total[kind])


def _priority(
    scores: _Scores, home: Category, kind: str, danger: str | None, spared: str | None
) -> tuple[str, str]:
    """Priority and its grounds: danger now is always urgent (R-001-10), past or only feared it is high."""
    if danger:
        return "urgent", f"因为：{danger}"
    if spared:
        return "high", spared
    high = scores.get("high")
    asked = kind in ("enquiry", "suggestion")
    if high and high.score >= (_HIGH_IN_A_QUESTION if asked else _HIGH_AT_LEAST):
        return "high", f"因为：{'、'.join(high.best())}"
    if asked:
        return "low" if home.priority != "high" or "low" in scores else "normal", f"因为：{KINDS[kind]}"
    return home.priority, f"{home.id}通常如此"


def _cases(scores: _Scores, category: str, categories: Categories) -> tuple[CaseHit, ...]:
    hits = [
        CaseHit(name, tally.score, tally.best())
        for name, tally in scores.items()
        if tally.score >= _CASE_AT_LEAST and category in categories.cases[name]
    ]
    return tuple(sorted(hits, key=lambda hit: -hit.score))
