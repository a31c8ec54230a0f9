"""What a request is about: kind, category, priority and case, each with the words that say so (R-001-09).

The rules are data (data/categories.toml): weights on words, and on words that stand near each other. Nothing is
random, so the same text is always suggested the same way, and the reasons are the whole truth. Only how sure the
answer is has been fitted (scripts/fit_weights.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Final

from frontdesk.domain import dangers
from frontdesk.domain.categories import (
    Categories,
    Category,
    Confidence,
    Department,
    Goal,
    Home,
    parse_categories,
)
from frontdesk.domain.dangers import PLAIN
from frontdesk.domain.ear import DEAF, Ear, sounds
from frontdesk.domain.ear import named as words_for
from frontdesk.domain.emergency import Place
from frontdesk.domain.said import LEAD, Said
from frontdesk.domain.terms import KINDS, PRIORITIES

__all__ = [
    "CaseHit",
    "Categories",
    "Category",
    "Choice",
    "Department",
    "Suggestion",
    "classify",
    "parse_categories",
    "surety",
]

READ_AT_MOST: Final = 2_000
"""Characters looked at: what a caller wants is said by then, and 10,000 hanzi must not slow a key press."""

CHOICES: Final = 3
"""Categories offered where the first is not sure."""

_FADING = 0.75
_CLEARLY = 5.0
_ASIDE = 0.4
_CASE_AT_LEAST = 3.0
_CASE_BEHIND = 1.5
_CLOSE = 0.6
_BESIDE = 0.55
_FAR = 0.3
_AT_HOME = 4.0
_OWN_KIND = 2.0
_STORY = 20
_LETTER = 130
_URGENT_HELP = 12.0
_HIGH_AT_LEAST = 4.0
_HIGH_IN_A_CALL = 1.0
_STRONG = 20.0
_SOLID = 10.0
_TOLD = 2.2


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A handbook case that fits, best first; `reasons` are the words, such as `困 + 电梯`."""

    id: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A category that may be meant, and the words that say so."""

    category: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the desk offers and a person confirms.

    `confidence` (0 to 1) is how often a person labels such a text with this category; below the house's threshold
    it is not `sure`, and `choices` offers three. `ranked` are all categories with a clue, `kinds` all kinds with their
    points, likeliest first. `dangers` are those of `terms.DANGERS` that are now, likeliest first. `reasons` are Chinese
    sentences about the shorthand, the category, the kind, the priority and the case, in this order.
    """

    kind: str
    category: str
    priority: str
    case: str | None
    reasons: tuple[str, ...]
    confidence: float
    cases: tuple[CaseHit, ...]
    ranked: tuple[Choice, ...]
    kinds: tuple[tuple[str, float], ...]
    dangers: tuple[str, ...]
    sure: bool

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The category alone where it is sure, else up to three, likeliest first."""
        return self.ranked[: 1 if self.sure else CHOICES] or (Choice(self.category, 0.0, ()),)


@dataclass(slots=True)
class _Tally:
    words: list[tuple[float, str]]
    heard: float = 0.0
    like: str = ""

    @property
    def said(self) -> float:
        """The weights, each counted less than the weightier before it: three words for dirt are not three heaps."""
        ranked = sorted((weight for weight, _ in self.words), key=abs, reverse=True)
        return sum(weight * _FADING**place for place, weight in enumerate(ranked))

    @property
    def score(self) -> float:
        """What is said, and what the ear adds."""
        return self.said + self.heard

    def best(self) -> tuple[str, ...]:
        """The two weightiest grounds, what the ear has heard before words that weigh less."""
        grounds = [*self.words, (self.heard, f"听着像：{self.like}")] if self.like else self.words
        ranked = sorted(grounds, key=lambda hit: -hit[0])
        return tuple(dict.fromkeys(words for weight, words in ranked[:2] if weight > 0))


_Scores = dict[str, _Tally]
_ASKS: Final = Goal("kind", "enquiry")


def classify(text: str, categories: Categories, ear: Ear = DEAF) -> Suggestion:
    """Suggests for what was typed: hanzi, or pinyin shorthand such as `dtkr`; never fails, even on nothing.

    `ear` adds what it sounds like to what the rules of the categories find.
    """
    read, expanded = categories.reader.read(text[:READ_AT_MOST])
    said = Said(read, categories.rules)
    scores, named = _weigh(said, categories)
    _listen(said, scores, categories, ear)
    now, spared = dangers.judge(said, named, ear)
    if named and not now:
        # The words that call for help are the very ones that were denied, past or only feared.
        scores["kind"].setdefault("help", _Tally([])).words.clear()
    these = dangers.which(now, read, ear)
    if now:
        _send_home(scores, now, these, categories)
    ranked = _rank(scores["category"])
    category = ranked[0].category if ranked else _case_home(scores["case"], categories)
    home = categories.all[category]
    if spared and len(text) > _LETTER:
        # A letter names many dangers; one that is not now is a clue to its weight and no more.
        scores["priority"].setdefault("high", _Tally([])).words.append((_TOLD, spared.removeprefix("因为：")))
        spared = None
    kinds = _kinds(scores["kind"], home, said, bool(now))
    kind = kinds[0][0]
    priority, grounds = _priority(scores["priority"], home, kind, now, spared)
    cases = _cases(scores["case"], category, ranked, categories)
    reasons = [f"{typed} 即 {meant}" for typed, meant in expanded]
    reasons += [_sentence(category, scores["category"].get(category) if ranked else None)]
    reasons += [_sentence(KINDS[kind], scores["kind"].get(kind))]
    reasons += [f"{PRIORITIES[priority]}，{grounds}"]
    reasons += [f"案例{case.id}，因为：{'、'.join(case.reasons)}" for case in cases[:1]]
    best = cases[0].id if cases else None
    confidence = _confidence(ranked, said, categories.confidence)
    sure = confidence * 100 >= categories.confidence.ask_below
    return Suggestion(
        kind, category, priority, best, tuple(reasons), confidence, cases, ranked, kinds, these, sure
    )


def _send_home(
    scores: dict[str, _Scores], now: tuple[Place, ...], named: tuple[str, ...], categories: Categories
) -> None:
    """Adds the categories and cases that deal with the dangers; that it only sounds like nobody's matter is no answer to
    danger.
    """
    if (tally := scores["category"].get(categories.fallback)) is not None:
        tally.heard, tally.like = 0.0, ""
    for danger in named or ("",):
        words = next((place.words for place in now if place.danger == danger), now[0].words)
        home = categories.homes.get(danger, Home(categories.in_danger, ""))
        scores["category"].setdefault(home.category, _Tally([])).words.append((_AT_HOME, words))
        if home.case:
            scores["case"].setdefault(home.case, _Tally([])).words.append((_AT_HOME, words))


def _sentence(label: str, tally: _Tally | None) -> str:
    best = tally.best() if tally else ()
    grounds = f"因为：{'、'.join(best)}" if best else "没有更明确的线索，请核对"
    return f"{label}，{grounds}"


def _weigh(said: Said, categories: Categories) -> tuple[dict[str, _Scores], list[Place]]:
    """Scores by axis and name, and every place where a danger is named."""
    scores: dict[str, _Scores] = {"category": {}, "kind": {}, "priority": {}, "case": {}}
    named: list[Place] = []
    seen: set[int] = set()
    for word in said.present:
        for rule in categories.rules[word]:
            goal = rule.goal
            if id(rule) in seen or goal.axis == "upset":
                continue
            seen.add(id(rule))
            words, counts = said.hit(rule)
            if not words:
                continue
            if goal == _ASKS and said.strays and counts != LEAD:
                counts *= _ASIDE  # a question in the midst of a complaint is a figure of speech
            if goal.axis == "danger":
                named += dangers.places(rule, said.sentences)
                continue
            tally = scores[goal.axis].setdefault(goal.name, _Tally([]))
            tally.words.append((rule.weight * counts, words))
    return scores, named


def _listen(said: Said, scores: dict[str, _Scores], categories: Categories, ear: Ear) -> None:
    """Adds what a note sounds like to the scores of kind and category."""
    axes = (("kind", ear.kind, KINDS), ("category", ear.category, categories.all))
    for axis, known, heeded in axes:
        for name, points in sounds(said.text, known).items():
            if name not in heeded:
                continue  # the house has struck it out
            tally = scores[axis].setdefault(name, _Tally([]))
            tally.heard = points
            if points > 0:
                tally.like = words_for(said.text, known.weigher(name))


def _rank(scores: _Scores) -> tuple[Choice, ...]:
    """What has a clue; of what is only heard, what is heard clearly: a greeting sounds like something, too."""
    found = [
        Choice(name, tally.score, tally.best())
        for name, tally in scores.items()
        if tally.words or tally.heard > _CLEARLY
    ]
    return tuple(sorted((each for each in found if each.score > 0), key=lambda each: -each.score))


def surety(ranked: tuple[Choice, ...], strays: bool) -> tuple[float, float, float]:
    """What confidence is read from: the lead over the second, the strength of the first, whether it is a letter."""
    best = ranked[0].score
    second = ranked[1].score if len(ranked) > 1 else 0.0
    return (best - second) / (best + second + _SOLID), min(best, _STRONG) / _STRONG, float(strays)


def _confidence(ranked: tuple[Choice, ...], said: Said, fitted: Confidence) -> float:
    if not ranked:
        return 0.0
    lead, strength, strays = surety(ranked, said.strays)
    sum_ = fitted.start + fitted.lead * lead + fitted.strength * strength + fitted.letter * strays
    return round(1 / (1 + exp(-sum_ / 1000)), 2)


def _kinds(scores: _Scores, home: Category, said: Said, urgent: bool) -> tuple[tuple[str, float], ...]:
    total = _spoken(scores, home, said)
    if max(total.values()) >= PLAIN:
        # The ear would hear complaints wherever somebody tells of a street and a year.
        for tally in scores.values():
            tally.heard, tally.like = 0.0, ""
    for kind in KINDS:
        total[kind] += scores[kind].heard if kind in scores else 0.0
    if urgent:
        # Whoever calls in danger wants help, whatever it sounds like; a letter may still complain of it.
        letter = len(said.text) > _LETTER
        total["help"] = _URGENT_HELP + (total["help"] if letter else max(total.values()))
    return tuple(sorted(total.items(), key=lambda each: -each[1]))


def _spoken(scores: _Scores, home: Category, said: Said) -> dict[str, float]:
    """Points of every kind by the rules alone."""
    total = {kind: scores[kind].said if kind in scores else 0.0 for kind in KINDS}
    # Who tells a story without asking anything complains, even about what is usually asked.
    tells = home.kind == "enquiry" and len(said.text) > _STORY
    total["complaint" if tells else home.kind] += _OWN_KIND
    if len(said.text) > _LETTER:
        total["complaint"] += _OWN_KIND
    return total


def _priority(
    scores: _Scores, home: Category, kind: str, now: tuple[Place, ...], spared: str | None
) -> tuple[str, str]:
    """Priority and its grounds: danger now is always urgent (R-001-10), past or only feared it is high."""
    if now:
        return "urgent", f"因为：{now[0].words}"
    if spared:
        return "high", spared
    high = scores.get("high")
    asked = kind in ("enquiry", "suggestion")
    # A fault that is called in is going on; the same in a complaint has lasted for months.
    called = kind in ("repair", "help")
    if high and high.score >= (_HIGH_IN_A_CALL if called else _HIGH_AT_LEAST):
        return "high", f"因为：{'、'.join(high.best())}"
    if asked:
        return "low" if home.priority != "high" or "low" in scores else "normal", f"因为：{KINDS[kind]}"
    return home.priority, f"{home.id}通常如此"


def _case_home(scores: _Scores, categories: Categories) -> str:
    """The category of the only thing that was said, a case (被困); else the fallback."""
    name = max(scores, key=lambda each: scores[each].score, default="")
    if name and scores[name].score >= _CASE_AT_LEAST:
        return categories.cases[name][0]
    return categories.fallback


def _cases(
    scores: _Scores, category: str, ranked: tuple[Choice, ...], categories: Categories
) -> tuple[CaseHit, ...]:
    """Cases of the category, behind them those of one that comes close, and those that are plainly told all the same:
    a letter complains of the bill first and of the lift that fell behind it. Once one fits, weaker ones stand behind it.
    """
    close = {category} | {each.category for each in ranked if each.score >= ranked[0].score * _CLOSE}

    def near(name: str) -> float:
        within = categories.cases[name]
        return 1.0 if category in within else _BESIDE if close.intersection(within) else _FAR

    hits = [CaseHit(name, tally.score * near(name), tally.best()) for name, tally in scores.items()]
    hits.sort(key=lambda hit: -hit.score)
    if not hits or hits[0].score < _CASE_AT_LEAST:
        return ()
    return tuple(hit for hit in hits if hit.score >= _CASE_BEHIND)
