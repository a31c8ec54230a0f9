"""Categories, departments and the words that point at them; categories.toml explains how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Final, NamedTuple

from frontdesk.domain.entries import Entry
from frontdesk.domain.terms import KINDS, PRIORITIES
from frontdesk.domain.typed import Reader

Sets = Mapping[str, tuple[str, ...]]
"""Words that many rules share, by `<name>`."""

_WEIGHT: Final = re.compile(r"-?[1-9]\d?")
_WEIGHED_PRIORITIES: Final = ("urgent", "high", "low")


@dataclass(frozen=True, slots=True)
class Rule:
    """`parts` must all be found in one sentence, each by any of its words, and none of `unless` with them."""

    weight: float
    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]


class Goal(NamedTuple):
    """What a rule speaks for: `category`, `kind`, `priority`, `case` or `upset`, and which one."""

    axis: str
    name: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category (its id is its path), its department, and the kind and priority it has by default."""

    id: str
    department: str
    kind: str
    priority: str


@dataclass(frozen=True, slots=True)
class Department:
    """Who gets the task (R-001-11): contact label and default limit in minutes (R-001-12)."""

    id: str
    contact: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure an answer is, in thousandths of log-odds (scripts/fit_weights.py); `ask_below` is in per cent."""

    ask_below: int = 70
    start: int = 0
    lead: int = 2000
    strength: int = 1000
    letter: int = 0


@dataclass(frozen=True, eq=False)
class Categories:
    """The parsed file; `all` and `departments` keep its order.

    `fallback` is taken without any clue, `in_danger` where all that is clear is that somebody must come at once.
    `rules` lists by word every rule the word may satisfy; `cases` gives the categories a case belongs to;
    `reader` reads what was typed in pinyin; `upset` are the words of an upset owner; `confidence` is fitted.
    """

    all: Mapping[str, Category]
    departments: Mapping[str, Department]
    fallback: str
    in_danger: str
    rules: Mapping[str, tuple[tuple[Goal, Rule], ...]]
    cases: Mapping[str, tuple[str, ...]]
    reader: Reader
    upset: tuple[Rule, ...]
    confidence: Confidence


def parse_categories(doc: Mapping[str, Any]) -> Categories:
    """Checks and prepares the parsed categories.toml; `BadInput` names the entry, what is wrong and what to
    do.
    """
    file = Entry(doc, "categories.toml")
    sets = _sets(file) if "sets" in doc else {}
    departments = {each.id: each for each in map(_department, file.entries("department", needed=True))}
    gathered: list[tuple[Goal, Rule]] = []
    known: dict[str, Category] = {}
    for entry in file.entries("category", needed=True):
        category = _category(entry, departments)
        known[category.id] = category
        gathered += _rules(entry, Goal("category", category.id), sets)
    for axis, names in (("kind", tuple(KINDS)), ("priority", _WEIGHED_PRIORITIES)):
        gathered += _axis(file, axis, names, sets)
    cases: dict[str, tuple[str, ...]] = {}
    for entry in file.entries("case", needed=True):
        name, cases[name] = _within(entry, known)
        gathered += _rules(entry, Goal("case", name), sets)
    upset = _upset(file, sets) if "upset" in doc else []
    rules = _by_word([*gathered, *upset])
    confidence = _confidence(file) if "confidence" in doc else Confidence()
    reader = _reader(Entry(file.table_of("shorthand"), "categories.toml [shorthand]"), rules)
    fallback, speaks = file.choice("fallback", known), tuple(rule for _, rule in upset)
    in_danger = file.choice("in_danger", known) if "in_danger" in doc else fallback
    parsed = Categories(known, departments, fallback, in_danger, rules, cases, reader, speaks, confidence)
    file.done()
    return parsed


def _department(entry: Entry) -> Department:
    minutes = entry.number("minutes")
    if minutes is None or minutes <= 0:
        raise entry.bad("minutes 没有写，或不大于 0", "请写默认时限的分钟数")
    department = Department(entry.text("id"), entry.text("contact"), minutes)
    entry.done()
    return department


def _category(entry: Entry, departments: Mapping[str, Department]) -> Category:
    return Category(
        entry.text("id"),
        entry.choice("department", departments),
        entry.choice("kind", KINDS),
        entry.choice("priority", PRIORITIES),
    )


def _within(entry: Entry, known: Mapping[str, Category]) -> tuple[str, tuple[str, ...]]:
    within = entry.texts("within", needed=True)
    for name in within:
        if name not in known:
            raise entry.bad(f"类别「{name}」不存在", "请改成 [[category]] 里的一个 id")
    return entry.text("id"), within


def _axis(file: Entry, axis: str, names: tuple[str, ...], sets: Sets) -> list[tuple[Goal, Rule]]:
    rules: list[tuple[Goal, Rule]] = []
    table = file.table_of(axis)
    for name, words in table.items():
        entry = Entry({"words": words}, f"{file.where} [{axis}.{name}]")
        if name not in names:
            raise entry.bad(f"「{name}」不认识", f"只能用 {'、'.join(names)}")
        rules += _rules(entry, Goal(axis, name), sets)
    return rules


def _upset(file: Entry, sets: Sets) -> list[tuple[Goal, Rule]]:
    entry = Entry({"words": file.table_of("upset")}, f"{file.where} [upset]")
    return _rules(entry, Goal("upset", "upset"), sets)


def _sets(file: Entry) -> Sets:
    entry = Entry(file.table_of("sets"), f"{file.where} [sets]")
    return {f"<{name}>": entry.texts(name, needed=True) for name in entry.table}


def _confidence(file: Entry) -> Confidence:
    entry = Entry(file.table_of("confidence"), f"{file.where} [confidence]")
    numbers = {}
    for field in fields(Confidence):
        number = entry.number(field.name)
        if number is None:
            raise entry.bad(f"没有写 {field.name}", "请补上，或从安装包里恢复这一段")
        numbers[field.name] = number
    entry.done()
    return Confidence(**numbers)


def _weigh(words: Entry, weight: str) -> None:
    if not _WEIGHT.fullmatch(weight):
        raise words.bad(f"「{weight}」不是分值", "分值写 1 到 99，可以加负号")


def _rules(entry: Entry, goal: Goal, sets: Sets) -> list[tuple[Goal, Rule]]:
    rules: list[tuple[Goal, Rule]] = []
    words = Entry(entry.table_of("words"), f"{entry.where} words")
    for weight in words.table:
        _weigh(words, weight)
        rules += [(goal, _rule(words, float(weight), word, sets)) for word in words.texts(weight)]
    entry.done()
    return rules


def _rule(words: Entry, weight: float, written: str, sets: Sets) -> Rule:
    wanted, _, unwanted = written.partition("!")
    parts = tuple(_words(part, sets) for part in wanted.split("+"))
    unless = _words(unwanted, sets) if unwanted else ()
    if any("<" in word for word in (*chain.from_iterable(parts), *unless)):
        raise words.bad(f"「{written}」里的 <…> 不认识", "请写成 [sets] 里有的名字")
    if not all(all(part) for part in parts) or not all(unless) or "+" in unwanted:
        raise words.bad(f"「{written}」写错了", "请检查 + / ! 的两边，! 后面只能用 /")
    return Rule(weight, parts, unless)


def _words(part: str, sets: Sets) -> tuple[str, ...]:
    return tuple(chain.from_iterable(sets.get(word, (word,)) for word in part.split("/")))


def _by_word(gathered: list[tuple[Goal, Rule]]) -> dict[str, tuple[tuple[Goal, Rule], ...]]:
    index: dict[str, list[tuple[Goal, Rule]]] = {}
    for goal, rule in gathered:
        for word in {word: None for part in rule.parts for word in part}:
            index.setdefault(word, []).append((goal, rule))
    return {word: tuple(rules) for word, rules in index.items()}


def _reader(entry: Entry, rules: Mapping[str, tuple[tuple[Goal, Rule], ...]]) -> Reader:
    heed = ("category", "case")

    def known() -> dict[str, float]:
        return {
            word: max((rule.weight for goal, rule in found if goal.axis in heed), default=0.0)
            for word, found in rules.items()
        }

    typed = {key: str(meant) for key, meant in entry.table_of("typed").items()}
    reader = Reader(typed, entry.texts("words", needed=True), known)
    entry.done()
    return reader
