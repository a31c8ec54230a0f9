"""Categories, departments and the words that point at them; categories.toml explains how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NamedTuple

from frontdesk.domain.entries import Entry
from frontdesk.domain.pinyin import loose, spelled
from frontdesk.domain.terms import KINDS, PRIORITIES

_WEIGHT: Final = re.compile(r"-?[1-9]\d?")
_WEIGHED_PRIORITIES: Final = ("urgent", "high", "low")


@dataclass(frozen=True, slots=True)
class Rule:
    """`parts` must all be found in one sentence, each by any of its words, and none of `unless` with them."""

    weight: float
    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]


class Goal(NamedTuple):
    """What a rule speaks for: `category`, `kind`, `priority` or `case`, and which one."""

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


@dataclass(frozen=True, eq=False)
class Categories:
    """The parsed file; `all` and `departments` keep its order.

    `rules` lists by word every rule the word may satisfy; `cases` gives the categories a case belongs to;
    `shorthand` what a pinyin abbreviation means.
    """

    all: Mapping[str, Category]
    departments: Mapping[str, Department]
    fallback: str
    rules: Mapping[str, tuple[tuple[Goal, Rule], ...]]
    cases: Mapping[str, tuple[str, ...]]
    shorthand: Mapping[str, str]


def parse_categories(doc: Mapping[str, Any]) -> Categories:
    """Checks and prepares the parsed categories.toml; `BadInput` names the entry, what is wrong and what to
    do.
    """
    file = Entry(doc, "categories.toml")
    departments = {each.id: each for each in map(_department, file.entries("department", needed=True))}
    gathered: list[tuple[Goal, Rule]] = []
    known: dict[str, Category] = {}
    for entry in file.entries("category", needed=True):
        category = _category(entry, departments)
        known[category.id] = category
        gathered += _rules(entry, Goal("category", category.id))
    for axis, names in (("kind", tuple(KINDS)), ("priority", _WEIGHED_PRIORITIES)):
        gathered += _axis(file, axis, names)
    cases: dict[str, tuple[str, ...]] = {}
    for entry in file.entries("case", needed=True):
        name, cases[name] = _within(entry, known)
        gathered += _rules(entry, Goal("case", name))
    shorthand = _shorthand(Entry(file.table_of("shorthand"), "categories.toml [shorthand]"))
    parsed = Categories(
        known, departments, file.choice("fallback", known), _by_word(gathered), cases, shorthand
    )
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


def _axis(file: Entry, axis: str, names: tuple[str, ...]) -> list[tuple[Goal, Rule]]:
    rules: list[tuple[Goal, Rule]] = []
    table = file.table_of(axis)
    for name, words in table.items():
        entry = Entry({"words": words}, f"{file.where} [{axis}.{name}]")
        if name not in names:
            raise entry.bad(f"「{name}」不认识", f"只能用 {'、'.join(names)}")
        rules += _rules(entry, Goal(axis, name))
    return rules


def _rules(entry: Entry, goal: Goal) -> list[tuple[Goal, Rule]]:
    rules: list[tuple[Goal, Rule]] = []
    words = Entry(entry.table_of("words"), f"{entry.where} words")
    for weight in words.table:
        if not _WEIGHT.fullmatch(weight):
            raise words.bad(f"「{weight}」不是分值", "分值写 1 到 99，可以加负号")
        rules += [(goal, _rule(words, float(weight), word)) for word in words.texts(weight)]
    entry.done()
    return rules


def _rule(words: Entry, weight: float, written: str) -> Rule:
    wanted, _, unwanted = written.partition("!")
    parts = tuple(tuple(part.split("/")) for part in wanted.split("+"))
    unless = tuple(unwanted.split("/")) if unwanted else ()
    if not all(all(part) for part in parts) or not all(unless) or "+" in unwanted:
        raise words.bad(f"「{written}」写错了", "请检查 + / ! 的两边，! 后面只能用 /")
    return Rule(weight, parts, unless)


def _by_word(gathered: list[tuple[Goal, Rule]]) -> dict[str, tuple[tuple[Goal, Rule], ...]]:
    index: dict[str, list[tuple[Goal, Rule]]] = {}
    for goal, rule in gathered:
        for word in {word: None for part in rule.parts for word in part}:
            index.setdefault(word, []).append((goal, rule))
    return {word: tuple(rules) for word, rules in index.items()}


def _shorthand(entry: Entry) -> dict[str, str]:
    """Every way of typing the listed words: each syllable in full or by its first letter; the first listed
    wins.
    """
    typed = {key: str(meant) for key, meant in entry.table_of("typed").items()}
    for word in entry.texts("words", needed=True):
        for syllables in product(*((said, said[0]) for said in spelled(word).split())):
            spelling = "".join(syllables)
            typed.setdefault(spelling, word)
            typed.setdefault(loose(spelling), word)
    entry.done()
    return typed
