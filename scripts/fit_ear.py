"""Fits what a note sounds like, and writes data/ear.toml.

Usage: python -m scripts.fit_ear [--write]. Everything it is fitted on is this project's own: the made-up calls and
wordings in tests/domain, the handbook's sentences and the made-up estate. What is printed is measured on folds that
the fit has not seen, and on calls and wordings that it never sees.
"""

from __future__ import annotations

import argparse
import random
import re
import tomllib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import exp, log, sqrt
from pathlib import Path
from typing import Final, NamedTuple

from frontdesk.domain.categories import Categories
from frontdesk.domain.classify import READ_AT_MOST, classify
from frontdesk.domain.dangers import NAMED, PLAIN
from frontdesk.domain.ear import POINTS, Ear, Voice, Voices, grams, loudness, score
from frontdesk.domain.terms import DANGERS, KINDS
from scripts.bench.understand import FILE, Gold, accepted, categories, words_of
from tests.domain import calls as known
from tests.domain import wordings
from tests.domain.calls import BESIDE, HEARD, NEAR, Danger

FOLDS: Final = 5
ROUNDS: Final = 80
CALL_ROUNDS: Final = 24
RATE: Final = 0.3
SHRINK: Final = 0.0005
CALL_SHRINK: Final = 0.0002
CALL_KEPT: Final = 2000
"""Those that are kept for which danger it is, for kinds, and for categories."""
FAINT: Final = 0.85
"""Weights below this are left out: many small ones say little and weigh on every console."""
KEPT: Final = 8000
"""Characters and pairs that are kept for danger: those that part it from the rest best."""
CLOSE: Final = 10
"""How often what only sounds like danger counts: a desk hears far more of it than of danger."""
QUIET: Final = 40
"""Among the other sentences one in a thousand this many may sound like danger."""
SENTENCE: Final = range(5, 41)
WRITTEN: Final = Path(FILE).with_name("ear.toml")
HEAD: Final = """\
# 听着像什么：categories.toml 的规则没有说到的话，凭字和词来听。
# [danger] 听着像出了事，先当作紧急，由人确认，[which.…] 是像哪一种；[kind.…]、[category.…] 给性质、类别添分，短的记录才用，长信只按规则。
# 每个字、每两个相连的字有一个分值（十分之一），由 scripts/fit_ear.py 按本软件自己编写的来电和说法（tests/domain）、
# 手册和虚构小区里的句子算出，没有用到任何外来文字，不要手改。删去一段，那一段就只按规则判断。
"""
_DANGERS: Final = re.compile("fire|gas|fallen|falling|theft|lost|violence|suicidal|rescue|emergency|B2|B6")
"""Files of the handbook that speak of danger, and are therefore no example of its absence."""

Example = tuple[frozenset[str], bool, int]
"""What a wording is made of, whether it is a danger, and how often it counts."""


class Call(NamedTuple):
    """What a call is made of, how much hearing it counts, what the rules alone give each answer (log-odds), and which
    answer is right.
    """

    found: tuple[str, ...]
    loud: float
    rules: tuple[float, ...]
    right: int


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

    calm = (words_of(call) for call in HEARD if "紧急" not in accepted(call, "priority"))
    return [
        *seen((*wordings.ALARMS, *wordings.FRAGMENTS), True),
        *seen((*(each.words for each in known.DANGERS), *(pair["danger"] for pair in BESIDE)), True),
        *seen(wordings.NO_ALARMS, False, 3 * CLOSE),
        *seen((*wordings.EVERYDAY, *NEAR, *(pair["harmless"] for pair in BESIDE)), False, CLOSE),
        *seen((*ordinary(), *calm), False),
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


def fit(given: Collection[Example]) -> Voice:
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
    return Voice(start, weights)


def sorting(given: Collection[Call], answers: int) -> set[str]:
    """The `CALL_KEPT` characters and pairs that say most about which answer is right (likelihood ratio)."""
    given = [call for call in given if call.loud]
    right = Counter(call.right for call in given)
    shares = [right[answer] / len(given) for answer in range(answers)]
    counts: dict[str, Counter[int]] = {}
    for call in given:
        for gram in call.found:
            counts.setdefault(gram, Counter())[call.right] += 1

    def says(gram: str) -> float:
        seen, total = counts[gram], counts[gram].total()
        parts = (((seen[answer] + 0.3 * share) / (total + 0.3), share) for answer, share in enumerate(shares))
        return total * sum(part * log(part / share) for part, share in parts if share)

    often = (gram for gram, seen in counts.items() if seen.total() > 1)
    return set(sorted(often, key=lambda gram: (-says(gram), gram))[:CALL_KEPT])


def _folds(size: int) -> Iterator[tuple[list[int], range]]:
    """For each fold the places of the others and its own."""
    for fold in range(FOLDS):
        yield [at for at in range(size) if at % FOLDS != fold], range(fold, size, FOLDS)


def held_out(given: list[Example]) -> Voice:
    """Prints what each fold gets from a fit on the others; answers the fit on all, as sharp as the folds ask for."""
    answers: list[tuple[float, bool]] = []
    for others, own in _folds(len(given)):
        voice = fit([given[at] for at in others])
        answers += [(score(given[at][0], voice), given[at][1]) for at in own]
    quiet = sorted((mark for mark, danger in answers if not danger), reverse=True)
    bar = quiet[len(quiet) * QUIET // 1000]
    dangers = [mark > bar for mark, danger in answers if danger]
    print(
        f"{len(given)} wordings, {len(dangers)} of danger; held out: heard {sum(dangers) / len(dangers):.3f}"
    )
    voice = fit(given)
    return Voice(voice.start - bar, voice.weights)


def fit_voices(given: Collection[Call], names: tuple[str, ...]) -> Voices:
    """A voice for each name, together as likely as can be beside what the rules give (multinomial logistic)."""
    weights = {gram: [0.0] * len(names) for gram in sorted(sorting(given, len(names)))}
    slopes = {gram: [1e-6] * len(names) for gram in weights}
    starts = silence = [0.0] * len(names)
    rows = [
        ([gram for gram in call.found if gram in weights], call.loud / sqrt(len(call.found) + 1), call)
        for call in given
    ]
    chance = random.Random(0)
    for _ in range(CALL_ROUNDS):
        chance.shuffle(rows)
        for found, share, call in rows:
            heard = map(sum, zip(silence, *(weights[gram] for gram in found), strict=True))
            sums = [
                rule + call.loud * start + share * each
                for rule, start, each in zip(call.rules, starts, heard, strict=True)
            ]
            peak = max(sums)
            odds = [exp(each - peak) for each in sums]
            total = sum(odds)
            off = [-each / total for each in odds]
            off[call.right] += 1
            starts = [start + 0.01 * call.loud * each for start, each in zip(starts, off, strict=True)]
            steps = [each * share for each in off]
            for gram in found:
                old, slope = weights[gram], slopes[gram]
                moves = [step - CALL_SHRINK * weight for step, weight in zip(steps, old, strict=True)]
                slopes[gram] = slope = [s + move * move for s, move in zip(slope, moves, strict=True)]
                weights[gram] = [
                    w + RATE * move / sqrt(s) for w, move, s in zip(old, moves, slope, strict=True)
                ]
    rounded = {gram: array("b", map(_tenths, row)) for gram, row in weights.items()}
    return Voices(names, tuple(starts), {gram: row for gram, row in rounded.items() if any(row)})


def _tenths(weight: float) -> int:
    return 0 if abs(weight) < FAINT else max(-99, min(99, round(weight * 10)))


def nameable(dangers: Collection[Danger]) -> tuple[str, ...]:
    """Those that there are examples of: who only cries for help is none."""
    known = {each.kinds[0] for each in dangers}
    return tuple(name for name in DANGERS if name in known)


def of_danger(dangers: Collection[Danger], rules: Categories) -> list[Call]:
    """Dangers with what the rules name, and the first of those that each may be taken for."""
    names = nameable(dangers)
    calls = []
    for each in dangers:
        read, found = rules.reader.read(each.words)[0], classify(each.words, rules).dangers
        given = tuple(NAMED / POINTS if name in found else 0.0 for name in names)
        parts = tuple(sorted({gram for gram, _ in grams(read)}))
        calls.append(Call(parts, loudness(read), given, names.index(each.kinds[0])))
    return calls


def which_danger(dangers: list[Danger], rules: Categories, ear: Ear) -> Voices:
    """Prints how often each fold's dangers are told apart by a fit on the others; answers the voices fitted on all."""
    calls, names, right, given = of_danger(dangers, rules), nameable(dangers), 0, 0
    for others, own in _folds(len(dangers)):
        apart = ear._replace(which=fit_voices([calls[at] for at in others], names))
        found = ((classify(dangers[at].words, rules, apart).dangers, dangers[at].kinds) for at in own)
        firsts = [answers[0] in kinds for answers, kinds in found if answers]
        right, given = right + sum(firsts), given + len(firsts)
    print(f"{given} dangers that are heard, which one: held out {right / given:.3f}")
    return fit_voices(calls, names)


def of_category(golds: list[Gold], rules: Categories) -> list[Call]:
    """The calls with what the rules alone say of their category."""
    names = tuple(rules.all)
    calls = []
    for gold in golds:
        points = {each.category: each.score for each in classify(words_of(gold), rules).ranked}
        given = tuple(points.get(name, 0.0) / POINTS for name in names)
        calls.append(Call(*_heard(gold, rules), given, names.index(gold["category"])))
    return calls


def of_kind(golds: list[Gold], rules: Categories, ear: Ear) -> list[Call]:
    """The calls with what the rules say of their kind, once the ear has heard the category; those that say it plainly
    are not heard.
    """
    names, labels = tuple(KINDS), list(KINDS.values())
    calls = []
    for gold in golds:
        points = dict(classify(words_of(gold), rules, ear).kinds)
        given = tuple(points[name] / POINTS for name in names)
        found, loud = _heard(gold, rules)
        plain = max(points.values()) >= PLAIN
        calls.append(Call(found, 0.0 if plain else loud, given, labels.index(gold["kind"])))
    return calls


def _heard(gold: Gold, rules: Categories) -> tuple[tuple[str, ...], float]:
    read = rules.reader.read(words_of(gold)[:READ_AT_MOST])[0]
    return tuple(sorted({gram for gram, _ in grams(read)})), loudness(read)


def call_voices(golds: list[Gold], rules: Categories) -> Ear:
    """Prints what each fold's calls get from a fit on the others; answers the voices fitted on all."""
    category, kinds = of_category(golds, rules), [Call((), 0.0, (), 0)] * len(golds)
    answers: dict[str, list[tuple[Gold, str]]] = {"category": [], "kind": []}
    ears: list[Ear] = []
    for others, own in _folds(len(golds)):
        voices = fit_voices([category[at] for at in others], tuple(rules.all))
        ears.append(Ear(category=voices))
        for at, call in zip(own, of_kind([golds[at] for at in own], rules, ears[-1]), strict=True):
            kinds[at] = call
    for deaf, (others, own) in zip(ears, _folds(len(golds)), strict=True):
        ear = deaf._replace(kind=fit_voices([kinds[at] for at in others], tuple(KINDS)))
        for at in own:
            found = classify(words_of(golds[at]), rules, ear)
            answers["category"].append((golds[at], found.category))
            answers["kind"].append((golds[at], KINDS[found.kind]))
    for axis, given in answers.items():
        strict = sum(gold[axis] == answer for gold, answer in given) / len(given)
        lenient = sum(answer in accepted(gold, axis) for gold, answer in given) / len(given)
        print(f"{len(given)} calls, {axis}: held out {strict:.3f}, lenient {lenient:.3f}")
    return Ear(kind=fit_voices(kinds, tuple(KINDS)), category=fit_voices(category, tuple(rules.all)))


def written(ear: Ear) -> str:
    """The file: for each voice the words of each weight, in tenths, strongest first."""
    danger = {gram: round(weight * 10) for gram, weight in ear.danger.weights.items()}
    parts = [_part("danger", ear.danger.start, danger)]
    for axis, voices in (("which", ear.which), ("kind", ear.kind), ("category", ear.category)):
        for at, (name, start) in enumerate(zip(voices.names, voices.starts, strict=True)):
            weights = {gram: row[at] for gram, row in voices.weights.items()}
            parts.append(
                _part(f'{axis}."{name}"' if axis == "category" else f"{axis}.{name}", start, weights)
            )
    return HEAD + "".join(parts)


def _part(name: str, start: float, weights: Mapping[str, int]) -> str:
    rows: dict[int, list[str]] = {}
    for gram, weight in sorted(weights.items()):
        if weight:
            rows.setdefault(max(-99, min(99, weight)), []).append(gram)
    lines = [f"{weight} = '{' '.join(rows[weight])}'\n" for weight in sorted(rows, reverse=True)]
    return f"\n[{name}]\nstart = {round(start * 10)}\n{''.join(lines)}"


def main() -> None:
    """Prints the cross-validation; `--write` puts the weights into ear.toml."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    given, rules = asked.parse_args(), categories()
    found, golds, dangers = examples(rules), list(HEARD), list(known.DANGERS)
    chance = random.Random(0)
    for each in (found, golds, dangers):
        chance.shuffle(each)
    ear = call_voices(golds, rules)._replace(danger=held_out(found))
    ear = ear._replace(which=which_danger(dangers, rules, ear))
    if given.write:
        WRITTEN.write_text(written(ear), encoding="utf-8")


if __name__ == "__main__":
    main()
