#!/bin/sh
"exec" "${0%/*}/run" "understand" "$@"  # fmt: skip

# How well the console understands labelled messages: scripts/bench/understand.py FILE… (JSONL, one message a line:
# utterance or text, kind, category, priority, case, accept {field: [other answers that are not wrong]}).
# Strict counts the label alone, lenient also what is accepted. Exits 1 where an emergency is missed.

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from math import inf
from pathlib import Path
from signal import SIG_DFL, SIGPIPE, signal
from time import thread_time
from typing import Any, Final

from frontdesk.domain.classify import READ_AT_MOST, Categories, Suggestion, classify, parse_categories
from frontdesk.domain.ear import Ear, parse_ear
from frontdesk.domain.pinyin import initials, loose, spelled
from frontdesk.domain.said import Said
from frontdesk.domain.terms import KINDS, PRIORITIES

FILE: Final = Path(__file__).parents[2] / "data" / "categories.toml"
SPOKEN: Final = 100
PHRASE: Final = 12
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]+")
_CLAUSE: Final = re.compile(r"[。，,！!？?：:\s]")

Gold = dict[str, Any]


def load(paths: Iterable[str]) -> list[Gold]:
    """The labelled messages of JSONL files, in order."""
    return [
        json.loads(line)
        for path in paths
        for line in Path(path).read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def categories() -> Categories:
    """The shipped rules."""
    return parse_categories(tomllib.loads(FILE.read_text(encoding="utf-8")))


@cache
def ear() -> Ear:
    """The shipped ear."""
    return parse_ear(tomllib.loads(FILE.with_name("ear.toml").read_text(encoding="utf-8")))


def words_of(gold: Gold) -> str:
    """What was said."""
    return str(gold.get("utterance") or gold["text"])


def accepted(gold: Gold, field: str) -> list[Any]:
    """The label and every other answer that is not wrong."""
    return [gold[field], *gold.get("accept", {}).get(field, [])]


def answer(found: Suggestion) -> dict[str, Any]:
    """The suggestion in the words of the labels."""
    return {
        "kind": KINDS[found.kind],
        "category": found.category,
        "priority": PRIORITIES[found.priority],
        "case": found.case,
    }


def macro_f1(pairs: list[tuple[str, str]]) -> float:
    """Mean over the labels that occur of their F1; pairs of (label, answer)."""
    total = 0.0
    labels = {label for label, _ in pairs}
    for each in labels:
        right = sum(label == each == given for label, given in pairs)
        total += 2 * right / sum((label == each) + (given == each) for label, given in pairs)
    return total / len(labels)


def share(hits: Iterable[bool]) -> str:
    """A share and its count, or a dash where there is nothing to count."""
    found = list(hits)
    return f"{sum(found) / len(found):.3f}  ({sum(found)} of {len(found)})" if found else "-"


def ids(found: Suggestion) -> list[str | None]:
    """The cases offered, best first; None alone where none is."""
    return [case.id for case in found.cases] or [None]


def labels(golds: list[Gold], founds: list[Suggestion]) -> None:
    """Accuracy by field, F1 of the kind, cases, emergencies."""
    answers = [answer(found) for found in founds]
    pairs = list(zip(golds, answers, strict=True))
    for field in ("category", "kind", "priority"):
        print(f"{field:9} strict  ", share(gold[field] == given[field] for gold, given in pairs))
        print(f"{field:9} lenient ", share(given[field] in accepted(gold, field) for gold, given in pairs))
    print(f"kind      macro-F1 {macro_f1([(gold['kind'], given['kind']) for gold, given in pairs]):.3f}")
    cased = [(gold, found) for gold, found in zip(golds, founds, strict=True) if gold["case"]]
    for name in ("strict", "lenient"):
        for first in (1, 3):
            hits = (
                any(
                    case in (accepted(gold, "case") if name == "lenient" else [gold["case"]])
                    for case in ids(found)[:first]
                )
                for gold, found in cased
            )
            print(f"case@{first}    {name:7} ", share(hits))
    print("case      all, lenient ", share(given["case"] in accepted(gold, "case") for gold, given in pairs))
    alarms = [(gold, given) for gold, given in pairs if given["priority"] == "紧急"]
    urgent = [given["priority"] == "紧急" for gold, given in pairs if gold["priority"] == "紧急"]
    print("emergency recall   ", share(urgent))
    print("emergency precision", share("紧急" in accepted(gold, "priority") for gold, _ in alarms))


def calibration(golds: list[Gold], founds: list[Suggestion]) -> None:
    """Confidence against how often the category is the label; how often one of those offered is."""
    rows = [
        (found.confidence, found.category == gold["category"])
        for gold, found in zip(golds, founds, strict=True)
    ]
    brier = sum((confidence - right) ** 2 for confidence, right in rows) / len(rows)
    gap = 0.0
    for low in range(0, 100, 20):
        bin_ = [row for row in rows if low <= row[0] * 100 < low + 20 + (low == 80)]
        if bin_:
            said = sum(confidence for confidence, _ in bin_) / len(bin_)
            was = sum(right for _, right in bin_) / len(bin_)
            gap += abs(said - was) * len(bin_) / len(rows)
            print(
                f"confidence {low / 100:.1f}-{(low + 20) / 100:.1f}: says {said:.2f}, is {was:.2f} ({len(bin_)})"
            )
    print(f"confidence Brier {brier:.3f}, expected calibration error {gap:.3f}")
    print("sure, and right ", share(r for found, (_, r) in zip(founds, rows, strict=True) if found.sure))
    offered = (
        gold["category"] in [choice.category for choice in found.choices]
        for gold, found in zip(golds, founds, strict=True)
        if not found.sure
    )
    print("unsure, among three", share(offered))


def key_phrase(gold: Gold, rules: Categories) -> str:
    """The words of the message that name its case, as they stand in it; else its first clause."""
    text = words_of(gold)
    said = Said(text, rules.rules)
    for word in said.present:
        for rule in rules.rules[word]:
            if rule.goal == ("case", gold["case"]) and rule.weight > 0 and (words := said.hit(rule)[0]):
                found = [(text.find(each), len(each)) for each in words.split(" + ")]
                start, end = min(at for at, _ in found), max(at + size for at, size in found)
                if 1 < end - start <= PHRASE:
                    return text[start:end]
    return next((clause for clause in _CLAUSE.split(text) if len(clause) > 1), text)[-PHRASE:]


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: _HANZI.sub(lambda run: change(run[0]), text)


def _joined(text: str) -> str:
    return spelled(text).replace(" ", "")


TYPED: Final[dict[str, Callable[[str], str]]] = {
    "hanzi": lambda text: text,
    "full pinyin, blanks": _each(spelled),
    "full pinyin": _each(_joined),
    "fuzzy pinyin": _each(lambda run: loose(_joined(run))),
    "hanzi and pinyin": _each(
        lambda run: "".join(_joined(each) if at % 4 < 2 else each for at, each in enumerate(run))
    ),
    "pinyin and initials": _each(
        lambda run: "".join(_joined(each) if at % 2 == 0 else initials(each) for at, each in enumerate(run))
    ),
    "initials": _each(initials),
}


def typing(golds: list[Gold], rules: Categories) -> None:
    """Case@1 (lenient) of the key phrases, and of whole messages, when they are typed otherwise."""
    cased = [gold for gold in golds if gold["case"]]
    for name, typed in TYPED.items():
        phrases = (
            classify(typed(key_phrase(gold, rules)), rules, ear()).case in accepted(gold, "case")
            for gold in cased
        )
        whole = (
            classify(typed(words_of(gold)), rules, ear()).case in accepted(gold, "case") for gold in cased
        )
        print(f"case@1 {name:20} key phrase {share(phrases)}   whole message {share(whole)}")


def speed(golds: list[Gold], rules: Categories) -> None:
    """Milliseconds of one suggestion, warm, the best of three, on the processor's clock: others share the machine."""
    for name in ("hanzi", "full pinyin"):
        texts = [TYPED[name](words_of(gold)[:SPOKEN])[:READ_AT_MOST] for gold in golds]
        if name != "hanzi":
            texts = [text[:SPOKEN] for text in texts]
        taken = []
        for text in texts:
            best = inf
            for _ in range(3):
                start = thread_time()
                classify(text, rules, ear())
                best = min(best, thread_time() - start)
            taken.append(best * 1000)
        taken.sort()
        print(
            f"ms {name:12} p50 {taken[len(taken) // 2]:.2f}  p99 {taken[int(len(taken) * 0.99)]:.2f}"
            f"  ({SPOKEN} characters at most)"
        )


def main(paths: list[str]) -> int:
    """Prints the figures; 1 where an emergency was missed, 2 without a file."""
    if not paths:
        print("usage: scripts/bench/understand.py FILE.jsonl…", file=sys.stderr)
        return 2
    golds, rules = load(paths), categories()
    founds = [classify(words_of(gold), rules, ear()) for gold in golds]
    print(f"{len(golds)} messages")
    labels(golds, founds)
    calibration(golds, founds)
    typing(golds, rules)
    speed(golds, rules)
    missed = [
        gold
        for gold, found in zip(golds, founds, strict=True)
        if gold["priority"] == "紧急" and found.priority != "urgent"
    ]
    return 1 if missed else 0


if __name__ == "__main__":
    signal(SIGPIPE, SIG_DFL)  # its output is long, and may be cut by `head`
    sys.exit(main(sys.argv[1:]))
