"""Categories, departments and the words that point at them; categories.toml explains how they are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Final, NamedTuple

from frontdesk.domain.entries import Entry
from frontdesk.domain.terms import DANGERS, KINDS, PRIORITIES
from frontdesk.domain.typed import Reader


class Words(dict[str, tuple[str, ...]]):
    """Lists of words by how they are written, `<name>` or `停/断/没`; every list and every word is kept once.

    Most are written in many rules, and the desk keeps the rules of all categories for as long as it is open.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __missing__(self, written: str) -> tuple[str, ...]:
        words = written.split("/")
        if "<" in written:
            words = [each for word in words for each in self.get(word, (word,))]
        made = self[written] = self.each(words)
        return made

    def each(self, words: Sequence[str]) -> tuple[str, ...]:
        """These words as the others know them."""
        return tuple(map(self._known.setdefault, words, words))


_WEIGHT: Final = re.compile(r"-?[1-9]\d?")
_WEIGHED_PRIORITIES: Final = ("high", "low")


class Goal(NamedTuple):
    """What a rule speaks for: `category`, `kind`, `priority`, `danger`, `case` or `upset`, and which one."""

    axis: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`parts` must all be found in one sentence, each by any of its words, and none of `unless` with them."""

    goal: Goal
    weight: float
    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]


class Category(NamedTuple):
    """A category (its id is its path), its department, and the kind and priority it has by default."""

    id: str
    department: str
    kind: str
    priority: str


class Home(NamedTuple):
    """Who deals with a danger: its category, and the case of the handbook that it is, or empty."""

    category: str
    case: str


class Department(NamedTuple):
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
    `homes` gives a danger's category and, where it is one of the handbook's, its case. `rules` lists by word every rule
    the word may satisfy; `cases` gives the categories a case belongs to; `reader` reads what was typed in pinyin;
    `upset` are the words of an upset owner; `confidence` is fitted.
    """

    all: Mapping[str, Category]
    departments: Mapping[str, Department]
    fallback: str
    in_danger: str
    homes: Mapping[str, Home]
    rules: Mapping[str, tuple[Rule, ...]]
    cases: Mapping[str, tuple[str, ...]]
    reader: Reader
    upset: tuple[Rule, ...]
    confidence: Confidence


def parse_categories(doc: Mapping[str, Any]) -> Categories:
    """Checks and prepares the parsed categories.toml; `BadInput` names the entry, what is wrong and what to
    do.
    """
    file = Entry(doc, "categories.toml")
    sets = _sets(file)
    departments = {each.id: each for each in map(_department, file.entries("department", needed=True))}
    gathered: list[Rule] = []
    known: dict[str, Category] = {}
    for entry in file.entries("category", needed=True):
        category = _category(entry, departments)
        known[category.id] = category
        gathered += _rules(entry, Goal("category", category.id), sets)
    for axis, names in (("kind", KINDS), ("priority", _WEIGHED_PRIORITIES)):
        for name, entry in _named(file, axis, names):
            gathered += _rules(Entry({"words": entry.table}, entry.where), Goal(axis, name), sets)
    fallback = file.choice("fallback", known)
    in_danger = file.choice("in_danger", known) if "in_danger" in doc else fallback
    cases: dict[str, tuple[str, ...]] = {}
    for entry in file.entries("case", needed=True):
        name, cases[name] = _within(entry, known)
        gathered += _rules(entry, Goal("case", name), sets)
    homes: dict[str, Home] = {}
    for name, entry in _named(file, "danger", DANGERS):
        homes[name] = _home(entry, known, cases, in_danger)
        words = {weight: found for weight, found in entry.table.items() if weight not in Home._fields}
        gathered += _rules(Entry({"words": words}, entry.where), Goal("danger", name), sets)
    upset = _upset(file, sets) if "upset" in doc else []
    rules = _by_word([*gathered, *upset])
    confidence = _confidence(file) if "confidence" in doc else Confidence()
    reader = _reader(Entry(file.table_of("shorthand"), "categories.toml [shorthand]"), rules)
    speaks = tuple(upset)
    parsed = Categories(
        known, departments, fallback, in_danger, homes, rules, cases, reader, speaks, confidence
    )
    file.done()
    return parsed


def _home(entry: Entry, known: Collection[str], cases: Collection[str], otherwise: str) -> Home:
    return Home(
        entry.choice("category", known) if "category" in entry.table else otherwise,
        entry.choice("case", cases) if "case" in entry.table else "",
    )


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


def _named(file: Entry, axis: str, names: Collection[str]) -> Iterator[tuple[str, Entry]]:
    """The tables of an axis by name, such as `[kind.repair]`."""
    for name, table in file.table_of(axis).items():
        entry = Entry(table, f"{file.where} [{axis}.{name}]")
        if name not in names:
            moved = (
                "；险情的词写在 [danger.fire] 这样的各段" if (axis, name) == ("priority", "urgent") else ""
            )
            raise entry.bad(f"「{name}」不认识", f"只能用 {'、'.join(names)}{moved}")
        yield name, entry


def _upset(file: Entry, sets: Words) -> list[Rule]:
    entry = Entry({"words": file.table_of("upset")}, f"{file.where} [upset]")
    return _rules(entry, Goal("upset", "upset"), sets)


def _sets(file: Entry) -> Words:
    sets = Words()
    if "sets" in file.table:
        entry = Entry(file.table_of("sets"), f"{file.where} [sets]")
        for name in entry.table:
            sets[f"<{name}>"] = sets.each(entry.texts(name, needed=True))
    return sets


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


def _rules(entry: Entry, goal: Goal, sets: Words) -> list[Rule]:
    rules: list[Rule] = []
    words = Entry(entry.table_of("words"), f"{entry.where} words")
    for weight in words.table:
        _weigh(words, weight)
        number = float(weight)
        rules += [_rule(words, goal, number, word, sets) for word in words.texts(weight)]
    entry.done()
    return rules


def _rule(words: Entry, goal: Goal, weight: float, written: str, sets: Words) -> Rule:
    wanted, _, unwanted = written.partition("!")
    parts = tuple(sets[part] for part in wanted.split("+"))
    unless = sets[unwanted] if unwanted else ()
    if any("<" in word for word in (*chain.from_iterable(parts), *unless)):
        raise words.bad(f"「{written}」里的 <…> 不认识", "请写成 [sets] 里有的名字")
    if not all(all(part) for part in parts) or not all(unless) or "+" in unwanted:
        raise words.bad(f"「{written}」写错了", "请检查 + / ! 的两边，! 后面只能用 /")
    return Rule(goal, weight, parts, unless)


def _by_word(gathered: list[Rule]) -> dict[str, tuple[Rule, ...]]:
    index: dict[str, list[Rule]] = {}
    for rule in gathered:
        for word in dict.fromkeys(chain.from_iterable(rule.parts)):
            index.setdefault(word, []).append(rule)
    return {word: tuple(rules) for word, rules in index.items()}


def _reader(entry: Entry, rules: Mapping[str, tuple[Rule, ...]]) -> Reader:
    heed = ("category", "case")

    def known() -> dict[str, float]:
        return {
            word: max((rule.weight for rule in found if rule.goal.axis in heed), default=0.0)
            for word, found in rules.items()
        }

    typed = {key: str(meant) for key, meant in entry.table_of("typed").items()}
    reader = Reader(typed, entry.texts("words", needed=True), known)
    entry.done()
    return reader
