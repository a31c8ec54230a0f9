"""Fits how sure an answer is on labelled messages, and writes the [confidence] of data/categories.toml.

Usage: python -m scripts.fit_weights FILE.jsonl… [--write]. The rules themselves are written by hand and are not
fitted: a layer of character bigrams fitted beside them lost accuracy in cross-validation, and so did a linear layer
over the rules' own scores for the kind. What is printed is measured on folds that the fit has not seen.
"""

from __future__ import annotations

import argparse
import random
import re
from math import exp, log
from typing import Final

from frontdesk.domain.classify import classify, surety
from frontdesk.domain.said import Said
from scripts.bench.understand import FILE, categories, ear, load, words_of

FOLDS: Final = 10
ROUNDS: Final = 400
RATE: Final = 0.5
SHRINK: Final = 0.002
NAMES: Final = ("start", "lead", "strength", "letter")

Row = tuple[tuple[float, ...], bool]


def rows(paths: list[str]) -> list[Row]:
    """(1, what confidence is read from) and whether the category is the label, for each message that has a clue."""
    rules = categories()
    found: list[Row] = []
    for gold in load(paths):
        guess = classify(words_of(gold), rules, ear())
        if guess.ranked:
            features = (1.0, *surety(guess.ranked, Said(words_of(gold), ()).strays))
            found.append((features, guess.category == gold["category"]))
    return found


def says(weights: tuple[float, ...], features: tuple[float, ...]) -> float:
    """The probability that the weights give."""
    return 1 / (1 + exp(-sum(w * x for w, x in zip(weights, features, strict=True))))


def fit(examples: list[Row]) -> tuple[float, ...]:
    """Logistic regression by gradient descent, lightly shrunk."""
    weights = (0.0,) * len(NAMES)
    for _ in range(ROUNDS):
        slope = [0.0] * len(NAMES)
        for features, right in examples:
            off = right - says(weights, features)
            slope = [s + off * x for s, x in zip(slope, features, strict=True)]
        weights = tuple(
            w + RATE * (s / len(examples) - SHRINK * w) for w, s in zip(weights, slope, strict=True)
        )
    return weights


def held_out(examples: list[Row]) -> list[tuple[float, bool]]:
    """What each fold's messages are given by a fit on all the others."""
    given = []
    for fold in range(FOLDS):
        weights = fit([row for number, row in enumerate(examples) if number % FOLDS != fold])
        given += [(says(weights, features), right) for features, right in examples[fold::FOLDS]]
    return given


def report(given: list[tuple[float, bool]]) -> None:
    """Brier and log loss against always saying the mean, and says/is by fifths."""
    mean = sum(right for _, right in given) / len(given)
    brier = sum((p - right) ** 2 for p, right in given) / len(given)
    loss = -sum(log(p if right else 1 - p) for p, right in given) / len(given)
    print(
        f"{len(given)} messages, right {mean:.3f}; held out: Brier {brier:.3f} (mean alone {mean * (1 - mean):.3f})"
    )
    print(f"log loss {loss:.3f}")
    ranked = sorted(given)
    for part in range(5):
        fifth = ranked[len(ranked) * part // 5 : len(ranked) * (part + 1) // 5]
        print(
            f"  says {sum(p for p, _ in fifth) / len(fifth):.2f}, is {sum(r for _, r in fifth) / len(fifth):.2f}"
        )


def main() -> None:
    """Prints the cross-validation and the weights; `--write` puts them into categories.toml."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", nargs="+")
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    examples = rows(given.file)
    random.Random(0).shuffle(examples)
    report(held_out(examples))
    text = FILE.read_text(encoding="utf-8")
    for name, weight in zip(NAMES, fit(examples), strict=True):
        print(f"{name} = {round(weight * 1000)}")
        text = re.sub(
            rf"(?ms)(^\[confidence\].*?^{name} = )-?\d+", rf"\g<1>{round(weight * 1000)}", text, count=1
        )
    if given.write:
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
