"""What a request is about: kind, category, priority and handbook case, each with the words that say so (R-001-04, R-001-09, R-001-10).

The rules are data (data/categories.toml, explained at its top): weights on words, and on words that stand in one sentence.
Nothing is learned and nothing is random, so the same text is always suggested the same way and the reasons are the whole truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from frontdesk.domain import emergency
from frontdesk.domain.errors import BadInput
from frontdesk.domain.pinyin import loose, spelled
from frontdesk.domain.terms import KINDS, PRIORITIES

FILE: Final = "categories.toml"
READ_AT_MOST = 2_000
"""Characters that are looked at: what a caller wants is said by then, and 10,000 hanzi must not slow a key press."""

_SENTENCE: Final = re.compile(r"[。！？!?；;\n]+")
_LATIN: Final = re.compile(r"(?<![A-Za-z])[a-z]{2,24}(?![A-Za-z])")
_LEAD = 1.5
_CASE_AT_LEAST = 3.0
_OWN_KIND = 2.0
_URGENT_HELP = 6.0
_HIGH_AT_LEAST = 4.0
_MISSING = "请补上"


@dataclass(frozen=True, slots=True)
class Rule:
    """`parts` must all be found in one sentence, each by any of its words, and none of `unless` with them."""

    weight: float
    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A category (identifier = Chinese path), the department it is dispatched to, and what it is when nothing else is said."""

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
class Categories:
    """The parsed file. `all` and `departments` keep the file's order."""

    all: Mapping[str, Category]
    departments: Mapping[str, Department]
    fallback: str
    words: tuple[str, ...]
    rules: Mapping[str, tuple[tuple[tuple[str, str], Rule], ...]]
    cases: Mapping[str, tuple[str, ...]]
    shorthand: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CaseHit:
    """A handbook case that fits, best first; `reasons` are the words, such as `困 + 电梯`."""

    id: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the desk offers and a person confirms; `confidence` 0-1 is about the category, `reasons` are Chinese sentences."""

    kind: str
    category: str
    priority: str
    case: str | None
    reasons: tuple[str, ...]
    confidence: float
    cases: tuple[CaseHit, ...]


@dataclass(slots=True)
class _Tally:
    score: float
    words: list[tuple[float, str]]

    def because(self, most: int = 2) -> str:
        best = sorted(self.words, key=lambda hit: -hit[0])
        return "、".join(dict.fromkeys(words for _, words in best[:most]))


_Scores = dict[str, _Tally]


def classify(text: str, categories: Categories) -> Suggestion:
    """Suggests for what was typed or written (hanzi, or pinyin shorthand such as `dtkr`); never fails, even on an empty text."""
    said, expanded = _expand(text[:READ_AT_MOST], categories.shorthand)
    scores, dangers = _weigh(said, categories)
    category, confidence = _category(scores["category"], categories.fallback)
    home = categories.all[category]
    danger, spared = emergency.judge(said, dangers)
    if dangers and danger is None:
        scores["kind"].pop("help", None)  # the words that call for help are the ones that were denied, past or feared
    kind = _kind(scores["kind"], home, danger is not None)
    priority, grounds = _priority(scores["priority"], home, kind, danger, spared)
    cases = _cases(scores["case"], category, categories)
    reasons = [f"{typed} 即 {meant}" for typed, meant in expanded]
    reasons += [_sentence(category, scores["category"].get(category))]
    reasons += [_sentence(KINDS[kind], scores["kind"].get(kind))]
    reasons += [f"{PRIORITIES[priority]}，{grounds}"]
    reasons += [f"案例{cases[0].id}，因为：{'、'.join(cases[0].reasons)}"] if cases else []
    return Suggestion(kind, category, priority, cases[0].id if cases else None, tuple(reasons), confidence, cases)


def _sentence(label: str, tally: _Tally | None) -> str:
    return f"{label}，因为：{tally.because()}" if tally and tally.words else f"{label}，没有更明确的线索，请核对"


def _expand(text: str, shorthand: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The text with pinyin shorthand spelled out. Two letters count only when they are all that was typed: `td` is also a name."""
    met: list[tuple[str, str]] = []
    alone = len(text.strip()) == 2  # noqa: PLR2004

    def replace(match: re.Match[str]) -> str:
        typed = match[0]
        meant = shorthand.get(typed) or shorthand.get(loose(typed))
        if meant is None or (len(typed) == 2 and not alone):  # noqa: PLR2004
            return typed
        met.append((typed, meant))
        return meant

    return (_LATIN.sub(replace, text), met) if not text.isspace() else (text, met)


def _weigh(text: str, categories: Categories) -> tuple[dict[str, _Scores], list[tuple[str, int, str]]]:
    """Scores by axis and name, and the places where a danger is named (words, position, the sentence's words in full)."""
    scores: dict[str, _Scores] = {"category": {}, "kind": {}, "priority": {}, "case": {}}
    dangers: list[tuple[str, int, str]] = []
    sentences = [part for part in _SENTENCE.split(text) if part]
    # The question mark itself is a clue of an enquiry, so single words are looked for in the whole text.
    found = [word for word in categories.words if word in text]
    present = frozenset(found)
    seen: set[int] = set()
    for word in found:
        for (axis, name), rule in categories.rules[word]:
            if id(rule) in seen:
                continue
            seen.add(id(rule))
            hit = _hit(rule, sentences, present, text)
            if hit is None:
                continue
            words, lead = hit
            weight = rule.weight * (_LEAD if lead and len(sentences) > 1 else 1.0)
            tally = scores[axis].setdefault(name, _Tally(0.0, []))
            tally.score += weight
            tally.words.append((weight, words))
            if (axis, name) == ("priority", "urgent"):
                dangers += _places(rule, sentences, words)
    return scores, dangers


def _hit(rule: Rule, sentences: list[str], present: frozenset[str], text: str) -> tuple[str, bool] | None:
    """The words that satisfy the rule joined by ` + `, and whether they stand in the first sentence."""
    if any(present.isdisjoint(part) for part in rule.parts):
        return None
    if len(rule.parts) == 1 and not rule.unless:
        word = next(word for word in rule.parts[0] if word in present)
        return word, bool(sentences) and word in sentences[0]
    for number, sentence in enumerate(sentences or [text]):
        words = [next((word for word in part if word in sentence), "") for part in rule.parts]
        if all(words) and not any(word in sentence for word in rule.unless):
            return " + ".join(dict.fromkeys(words)), number == 0
    return None


def _places(rule: Rule, sentences: list[str], words: str) -> list[tuple[str, int, str]]:
    """Every place where the danger itself (the rule's first part) is named in a sentence that satisfies the rule."""
    places = []
    for sentence in sentences:
        if any(word in sentence for word in rule.unless):
            continue
        if all(any(word in sentence for word in part) for part in rule.parts):
            places += [(words, match.start(), sentence) for word in rule.parts[0] for match in re.finditer(re.escape(word), sentence)]
    return places


def _category(scores: _Scores, fallback: str) -> tuple[str, float]:
    ranked = sorted(scores.items(), key=lambda entry: -entry[1].score)
    if not ranked or ranked[0][1].score <= 0:
        return fallback, 0.0
    best = ranked[0][1].score
    second = max(ranked[1][1].score, 0.0) if len(ranked) > 1 else 0.0
    return ranked[0][0], round(best / (best + second + 2), 2)


def _kind(scores: _Scores, home: Category, urgent: bool) -> str:
    total = {kind: scores[kind].score if kind in scores else 0.0 for kind in KINDS}
    total[home.kind] += _OWN_KIND
    if urgent:
        total["help"] += _URGENT_HELP
    return max(total, key=lambda kind: total[kind])


def _priority(scores: _Scores, home: Category, kind: str, danger: str | None, spared: str | None) -> tuple[str, str]:
    """Priority and its grounds. Danger now is always urgent (R-001-10); danger past or only feared is still high."""
    if danger:
        return "urgent", f"因为：{danger}"
    high = scores.get("high")
    asked = kind in ("enquiry", "suggestion")
    if spared:
        return "high", spared
    if high and high.score >= (_HIGH_AT_LEAST if asked else 3.0):
        return "high", f"因为：{high.because()}"
    if asked:
        return "low" if home.priority != "high" or "low" in scores else "normal", f"因为：{KINDS[kind]}"
    return home.priority, f"{home.id}通常如此"


def _cases(scores: _Scores, category: str, categories: Categories) -> tuple[CaseHit, ...]:
    hits = [
        CaseHit(name, tally.score, (tally.because(),))
        for name, tally in scores.items()
        if tally.score >= _CASE_AT_LEAST and category in categories.cases[name]
    ]
    return tuple(sorted(hits, key=lambda hit: -hit.score))


def parse_categories(doc: Mapping[str, Any]) -> Categories:
    """Checks and prepares the parsed categories.toml; `BadInput` names the entry, what is wrong and what to do."""
    departments = {entry["id"]: _department(entry) for entry in _entries(doc, "department")}
    known = {entry["id"]: _one_category(entry, departments) for entry in _entries(doc, "category")}
    fallback = _text(doc, "fallback", FILE)
    if fallback not in known:
        raise BadInput(f"{FILE} fallback", f"「{fallback}」不是已有的类别", "请改成 category 里的一个 id")
    gathered: list[tuple[tuple[str, str], Rule]] = []
    for entry in doc["category"]:
        gathered += _rules(("category", entry["id"]), entry.get("words"), f"类别 {entry['id']}")
    for axis, names in (("kind", KINDS), ("priority", ("urgent", "high", "low"))):
        for name, words in _table(doc, axis).items():
            if name not in names:
                raise BadInput(f"{FILE} [{axis}.{name}]", "没有这个名称", f"只能用 {'、'.join(names)}")
            gathered += _rules((axis, name), words, f"[{axis}.{name}]")
    cases: dict[str, tuple[str, ...]] = {}
    for entry in _entries(doc, "case"):
        cases[entry["id"]] = _within(entry, known)
        gathered += _rules(("case", entry["id"]), entry.get("words"), f"案例 {entry['id']}")
    index: dict[str, list[tuple[tuple[str, str], Rule]]] = {}
    for goal, rule in gathered:
        for word in dict.fromkeys(word for part in rule.parts for word in part):
            index.setdefault(word, []).append((goal, rule))
    rules = {word: tuple(found) for word, found in index.items()}
    return Categories(known, departments, fallback, tuple(rules), rules, cases, _shorthand(_table(doc, "shorthand")))


def _entries(doc: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    listed = doc.get(table)
    if not isinstance(listed, list) or not listed:
        raise BadInput(f"{FILE} [[{table}]]", "一条也没有", "请从安装包里恢复这个文件")
    seen: set[str] = set()
    for entry in listed:
        name = _text(entry, "id", f"[[{table}]]")
        if name in seen:
            raise BadInput(f"{FILE} [[{table}]] {name}", "写了两次", "请合并成一条")
        seen.add(name)
    return listed


def _text(entry: Mapping[str, Any], field: str, where: str) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{FILE} {where} {field}", "没有写或不是文字", _MISSING)
    return value


def _table(doc: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = doc.get(name)
    if not isinstance(value, dict):
        raise BadInput(f"{FILE} [{name}]", "没有这一段", "请从安装包里恢复这个文件")
    return value


def _department(entry: Mapping[str, Any]) -> Department:
    minutes = entry.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes <= 0:
        raise BadInput(f"{FILE} 部门 {entry['id']} minutes", "不是大于 0 的整数", "请写默认时限的分钟数")
    return Department(entry["id"], _text(entry, "contact", f"部门 {entry['id']}"), minutes)


def _one_category(entry: Mapping[str, Any], departments: Mapping[str, Department]) -> Category:
    where = f"类别 {entry['id']}"
    fields = [_text(entry, field, where) for field in ("department", "kind", "priority")]
    for value, allowed, field in zip(fields, (departments, KINDS, PRIORITIES), ("department", "kind", "priority"), strict=True):
        if value not in allowed:
            raise BadInput(f"{FILE} {where} {field}", f"「{value}」不认识", f"只能用 {'、'.join(allowed)}")
    return Category(entry["id"], *fields)


def _within(entry: Mapping[str, Any], known: Mapping[str, Category]) -> tuple[str, ...]:
    within = entry.get("within")
    if not isinstance(within, list) or not within:
        raise BadInput(f"{FILE} 案例 {entry['id']} within", "没有写类别", _MISSING)
    for name in within:
        if name not in known:
            raise BadInput(f"{FILE} 案例 {entry['id']} within", f"「{name}」不是已有的类别", "请改成 category 里的一个 id")
    return tuple(within)


def _rules(goal: tuple[str, str], words: object, where: str) -> list[tuple[tuple[str, str], Rule]]:
    if not isinstance(words, dict) or not words:
        raise BadInput(f"{FILE} {where} words", "没有写词", _MISSING)
    rules = []
    for weight, listed in words.items():
        if not re.fullmatch(r"-?[1-9]\d?", weight) or not isinstance(listed, list):
            raise BadInput(f"{FILE} {where} {weight}", "不是「分值 = [词, …]」", "分值写 1 到 99，可以加负号")
        rules += [(goal, _rule(float(weight), word, f"{where} {weight}")) for word in listed]
    return rules


def _rule(weight: float, word: object, where: str) -> Rule:
    if not isinstance(word, str):
        raise BadInput(f"{FILE} {where}", "里面有不是文字的内容", "请给每个词加上英文引号")
    wanted, _, unwanted = word.partition("!")
    parts = tuple(tuple(part.split("/")) for part in wanted.split("+"))
    unless = tuple(unwanted.split("/")) if unwanted else ()
    if not all(all(part) for part in parts) or not all(unless):
        raise BadInput(f"{FILE} {where}", f"「{word}」里有空的词", "请检查 + / ! 的两边")
    return Rule(weight, parts, unless)


def _shorthand(table: Mapping[str, Any]) -> dict[str, str]:
    """Every way of typing the listed words: each syllable in full or by its first letter; the first listed word wins."""
    typed: dict[str, str] = dict(table.get("typed", {}))
    for word in table.get("words", []):
        for syllables in product(*((said, said[0]) for said in spelled(word).split())):
            for spelling in _forms("".join(syllables)):
                typed.setdefault(spelling, word)
    return typed


def _forms(spelling: str) -> Iterable[str]:
    return (spelling, loose(spelling))
