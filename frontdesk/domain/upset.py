"""How upset a caller is, so that the coach and the 3/5-minute stopwatch are offered in time (R-S1-05…07, T11).

The words are data ([upset] in categories.toml); calls and repeats are facts that the desk knows. A person decides.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from frontdesk.domain.categories import Categories
from frontdesk.domain.patterns import pattern
from frontdesk.domain.said import Said

LEVELS: Final = ("calm", "tense", "upset")
"""calm 平静, tense 有情绪, upset 情绪激动."""

_TENSE: Final = 3.0
_UPSET: Final = 7.0
_SHOUTS: Final = pattern("[！!]{2,}|[？?]{2,}|[！!][？?]|[？?][！!]")
_SHOUT_WEIGHT: Final = 2.0
_THIRD_CALL: Final = 3
_CALL_WEIGHT: Final = 3.0
_REPEAT_WEIGHT: Final = 2.0
_READ_AT_MOST: Final = 2_000


class Upset(NamedTuple):
    """One of `LEVELS`, and Chinese grounds, weightiest first."""

    level: str
    reasons: tuple[str, ...]


def upset(text: str, categories: Categories, *, calls_in_week: int = 0, open_repeats: int = 0) -> Upset:
    """How upset: by what is said, the owner's calls in 7 days (this one included) and open tickets about the same."""
    read, _ = categories.reader.read(text[:_READ_AT_MOST])
    said = Said(read, categories.rules)
    grounds = [(rule.weight, words) for rule in categories.upset if (words := said.hit(rule)[0])]
    if shouted := _SHOUTS.search(read):
        grounds.append((_SHOUT_WEIGHT, f"连用 {shouted[0]}"))
    if calls_in_week >= _THIRD_CALL:
        grounds.append((_CALL_WEIGHT * (calls_in_week - _THIRD_CALL + 1), f"7 天内第 {calls_in_week} 次来电"))
    if open_repeats > 0:
        grounds.append((_REPEAT_WEIGHT * open_repeats, f"同一件事还有 {open_repeats} 张未办结"))
    grounds.sort(key=lambda ground: -ground[0])
    total = sum(weight for weight, _ in grounds)
    level = "upset" if total >= _UPSET else "tense" if total >= _TENSE else "calm"
    return Upset(level, tuple(dict.fromkeys(why for _, why in grounds)))
