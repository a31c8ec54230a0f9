"""Fits what sounds like danger, and writes the [alarm] of data/categories.toml.

Usage: python -m scripts.fit_alarm [--write]. Everything it is fitted on is this project's own: the wordings in
tests/domain/wordings.py, the handbook's sentences and the made-up estate. What is printed is measured on folds that the
fit has not seen, and on wordings that it never sees.
"""

from __future__ import annotations

import argparse
import random
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from math import exp, log, sqrt
from pathlib import Path
from typing import Final

from frontdesk.domain.alarm import Ear, grams, score
from frontdesk.domain.categories import Categories
from scripts.bench.understand import FILE, categories
from tests.domain import wordings

FOLDS: Final = 5
ROUNDS: Final = 80
RATE: Final = 0.3
SHRINK: Final = 0.002
KEPT: Final = 2000
"""Characters and pairs that are kept: those that part danger from the rest best."""
CLOSE: Final = 6
"""How often what only sounds like danger counts: a desk hears far more of it than of danger."""
QUIET: Final = 22
"""Among the other sentences one in a thousand this many may sound like danger."""
SENTENCE: Final = range(5, 41)
_DANGERS: Final = re.compile("fire|gas|fallen|falling|theft|emergency|B2|B6")
"""Files of the handbook that speak of danger, and are therefore no example of its absence."""

Example = tuple[frozenset[str], bool, int]
"""What a wording is made of, whether it is a danger, and how often it counts."""


def texts(value: object) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def ordinary() -> list[str]:
    """Sentences of the handbook and of the made-up estate."""
    folder = FILE.parent
    files = [path for path in sorted(folder.glob("handbook/*.toml")) if not _DANGERS.search(path.name)]
    found = [part for path in files for text in texts(_read(path)) for part in re.split("[。！？；]", text)]
    calls = _read(folder / "sample" / "day.toml")
    return [part for part in found if len(part) in SENTENCE] + [
        text for text in texts(calls) if len(text) > 5
    ]


def _read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def examples(rules: Categories) -> list[Example]:
    """Characters and pairs of every wording as the desk reads it, and whether it is a danger."""

    def seen(words: Iterable[str], danger: bool, times: int = 1) -> list[Example]:
        read = (rules.reader.read(text)[0] for text in words)
        return [(frozenset(gram for gram, _ in grams(text)), danger, times) for text in read]

    return [
        *seen((*wordings.ALARMS, *wordings.FRAGMENTS), True),
        *seen((*wordings.NO_ALARMS, *wordings.EVERYDAY), False, CLOSE),
        *seen(ordinary(), False),
    ]


def telling(given: Collection[Example]) -> set[str]:
    """The `KEPT` characters and pairs that say most about danger (likelihood ratio)."""
    loud, quiet = Counter[str](), Counter[str]()
    for found, danger, _ in given:
        (loud if danger else quiet).update(found)
    share = sum(danger for _, danger, _ in given) / len(given)

    def says(gram: str) -> float:
        yes, no = loud[gram] + 0.1, quiet[gram] + 0.1
        return yes * log(yes / (yes + no) / share) + no * log(no / (yes + no) / (1 - share))

    often = (gram for gram in loud.keys() | quiet.keys() if loud[gram] + quiet[gram] > 1)
    return set(sorted(often, key=lambda gram: (-says(gram), gram))[:KEPT])


def fit(given: Collection[Example]) -> Ear:
    """Logistic regression, each weight with a step of its own, lightly shrunk."""
    kept = telling(given)
    rows = [(sorted(found & kept), 1 / sqrt(len(found) + 1), danger, times) for found, danger, times in given]
    weights, slopes, start = dict.fromkeys(sorted(kept), 0.0), dict.fromkeys(kept, 1e-6), 0.0
    chance = random.Random(0)
    for _ in range(ROUNDS):
        chance.shuffle(rows)
        for found, share, danger, times in rows:
            off = danger - 1 / (1 + exp(-start - share * sum(weights[gram] for gram in found)))
            start += 0.02 * times * off
            for gram in found:
                slope = times * off * share - SHRINK * weights[gram]
                slopes[gram] += slope * slope
                weights[gram] += RATE * slope / sqrt(slopes[gram])
    return Ear(start, weights)


def _score(ear: Ear, found: Collection[str]) -> float:
    return ear.start + sum(ear.weights.get(gram, 0.0) for gram in found) / sqrt(len(found) + 1)


def held_out(given: list[Example]) -> Ear:
    """Prints what each fold gets from a fit on the others; answers the fit on all, as sharp as the folds ask for."""
    answers: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        ear = fit([row for number, row in enumerate(given) if number % FOLDS != fold])
        answers += [(_score(ear, found), danger) for found, danger, _ in given[fold::FOLDS]]
    quiet = sorted((mark for mark, danger in answers if not danger), reverse=True)
    bar = quiet[len(quiet) * QUIET // 1000]
    dangers = [mark > bar for mark, danger in answers if danger]
    print(
        f"{len(given)} wordings, {len(dangers)} of danger; held out: heard {sum(dangers) / len(dangers):.3f}"
    )
    ear = fit(given)
    return Ear(ear.start - bar, ear.weights)


def written(ear: Ear) -> str:
    """The words of each weight, in tenths, strongest first."""
    rows: dict[int, list[str]] = {}
    for gram, weight in sorted(ear.weights.items()):
        if tenths := max(-99, min(99, round(weight * 10))):
            rows.setdefault(tenths, []).append(gram)
    lines = [
        f"{weight} = [{', '.join(f'{chr(34)}{gram}{chr(34)}' for gram in rows[weight])}]"
        for weight in sorted(rows, reverse=True)
    ]
    return f"[alarm]\nstart = {round(ear.start * 10)}\n[alarm.words]\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Prints the cross-validation; `--write` puts the weights into categories.toml."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    given, rules = asked.parse_args(), categories()
    found = examples(rules)
    random.Random(0).shuffle(found)
    ear = held_out(found)

    def sounds(text: str) -> bool:
        return score(rules.reader.read(text)[0], ear) > 0

    for name, words in (("danger", wordings.UNHEARD_ALARMS), ("no danger", wordings.UNHEARD_OTHERS)):
        print(f"never fitted, {name}: heard {sum(map(sounds, words))} of {len(words)}")
    if given.write:
        text = FILE.read_text(encoding="utf-8")
        FILE.write_text(
            re.sub(r"(?ms)^\[alarm\]\n.*?\n(?=\n|\Z)", lambda _: written(ear), text), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
