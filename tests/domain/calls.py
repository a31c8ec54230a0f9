"""Made-up calls as a desk notes them, and messages as a city's hotline and web letters bring them, labelled: kind,
category, priority, and mostly the case and what else is not wrong (`accept`).

`heard/` is what scripts/fit_ear.py is fitted on; `unheard/` was written apart from it and is never given to it.
Beside the calls lie wordings of danger now with what it is, and wordings near it that are none; and for every word that usually means
that there is none, a danger that stands beside it and a harmless sentence with it (`word`, `danger`, `harmless`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

_FOLDER: Final = Path(__file__).parent


def _labelled(folder: str, name: str) -> list[dict[str, Any]]:
    lines = (_FOLDER / folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _wordings(folder: str, name: str) -> tuple[str, ...]:
    return tuple((_FOLDER / folder / f"{name}.txt").read_text(encoding="utf-8").splitlines())


class Danger(NamedTuple):
    """A wording of danger, and which of `terms.DANGERS` it is; where two would be right, both."""

    kinds: tuple[str, ...]
    words: str


def _dangers(folder: str) -> tuple[Danger, ...]:
    lines = (line.split("\t") for line in _wordings(folder, "dangers"))
    return tuple(Danger(tuple(kinds.split("/")), words) for kinds, words in lines)


HEARD: Final = [*_labelled("heard", "calls"), *_labelled("heard", "messages")]
UNHEARD: Final = _labelled("unheard", "calls")
UNHEARD_MESSAGES: Final = _labelled("unheard", "messages")
DANGERS: Final = _dangers("heard")
NEAR: Final = _wordings("heard", "near")
BESIDE: Final = _labelled("heard", "beside")
UNHEARD_BESIDE: Final = _labelled("unheard", "beside")
UNHEARD_DANGERS: Final = _dangers("unheard")
UNHEARD_NEAR: Final = _wordings("unheard", "near")
