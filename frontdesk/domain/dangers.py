"""What is dangerous in a text now, and which danger it is (R-001-10): by the rules, and by what it sounds like."""

from __future__ import annotations

from typing import Final

from frontdesk.domain import emergency
from frontdesk.domain.categories import Rule
from frontdesk.domain.ear import Ear, hear, sounds, unlike
from frontdesk.domain.emergency import Place
from frontdesk.domain.said import Said, met
from frontdesk.domain.terms import DANGERS

PLAIN: Final = 6.0
"""Points by the rules from which a kind or a danger is said plainly, so that nothing is heard beside it."""

NAMED: Final = 7.0
"""Points, beside what it sounds like, for a danger that the rules name."""

_BRIEF: Final = 80
_RANKS: Final = {danger: rank for rank, danger in enumerate(DANGERS)}


def places(rule: Rule, sentences: list[str]) -> list[Place]:
    """Where the danger itself (the rule's first part) stands in sentences that satisfy the rule."""
    return [
        Place(words, position, sentence, following, rule.goal.name, rule.weight >= PLAIN)
        for sentence, following in zip(sentences, [*sentences[1:], ""], strict=True)
        for words, position in met(rule, sentence)
    ]


def judge(said: Said, named: list[Place], ear: Ear) -> tuple[tuple[Place, ...], str | None]:
    """The dangers that are now, or why those that are named do not count; where none is named, what is overheard."""
    if not named:
        return emergency.judge(_overheard(said, ear), len(said.text))
    now, spared = emergency.judge(named, len(said.text))
    if now and not any(place.plain or not unlike(place.sentence, ear) for place in named):
        return (), f"因为：{now[0].words}，整句听着不像险情，不按紧急"
    return now, spared


def _overheard(said: Said, ear: Ear) -> list[Place]:
    """Where a note sounds like danger although no rule names one; who is in it is brief."""
    if len(said.text) > _BRIEF:
        return []
    heard = []
    for at, sentence in enumerate(said.sentences):
        if found := hear(sentence, ear):
            following = "".join(said.sentences[at + 1 : at + 2])
            heard.append(Place(f"听着像险情：{found.words}", found.position, sentence, following))
    return heard


def which(now: tuple[Place, ...], text: str, ear: Ear) -> tuple[str, ...]:
    """Which dangers they are, the likeliest first: those that are named, and what the whole sounds like where that says
    more (被车撞 names an injury, and 压在车底下了 sounds like somebody who is stuck).
    """
    named = _gravest(now)
    points = {**dict.fromkeys(named, 0.0), **sounds(text, ear.which)} if now else {}
    for danger in named:
        points[danger] += NAMED
    likeliest = max(points, key=lambda danger: points[danger], default="")
    found = {*named, likeliest} - {""}
    return tuple(sorted(found, key=lambda danger: (-points[danger], _RANKS[danger])))


def _gravest(now: tuple[Place, ...]) -> set[str]:
    """The dangers that are named: of those that the same words name (被困在电梯里) the gravest alone."""
    found: dict[tuple[str, int], str] = {}
    for place in now:
        if place.danger:
            at = place.sentence, place.position
            found[at] = min(place.danger, found.get(at, place.danger), key=_RANKS.__getitem__)
    return set(found.values())
