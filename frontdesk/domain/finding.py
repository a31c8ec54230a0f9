"""What it means that a word finds a text, and what an index must hold so that nothing which matches is missed.

Chinese is found as it stands, two characters being the common case; Latin letters also as pinyin or initials of the
title. An index keeps pairs of characters and short runs of initials: it names candidates, `Query.hits` decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from itertools import pairwise
from typing import Final

from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import half_width, phone_key
from frontdesk.domain.pinyin import Key, finder, initials, loose, search_key, spelled
from frontdesk.domain.pinyin_table import SYLLABLES
from frontdesk.domain.units import unit_key

LONGEST: Final = 60
"""Characters of a query; what lies behind them is not looked for."""
GRAM: Final = 4
TAIL: Final = 4
"""Digits of a phone number's end from which on it is looked up: fewer would fit a fifth of an estate."""
_RUNS: Final = re.compile("[a-z0-9]+|[^a-z0-9]+")
_LETTERS: Final = re.compile("[A-Za-zＡ-Ｚａ-ｚ]+")
_LATIN: Final = re.compile("[a-z0-9]")
_COUNTED: Final = re.compile("[0-9a-zA-Z０-９Ａ-Ｚａ-ｚ零〇一二两三四五六七八九十百甲乙丙丁]")
_BUILDING: Final = re.compile("栋|幢|座|号楼|单元|-|－|#|^[A-Za-z]+[0-9]*$")
"""What makes a word the beginning of a unit: 三楼 is a floor, and 12 anything."""
_WIDE: Final = range(0xFF01, 0xFF5F)
_MARKS: Final = {code: chr(code + 0xFEE0) for code in range(0x80) if not chr(code).isalnum()}
"""ASCII marks as characters that SQLite's `ascii` tokenizer takes for letters."""


class _Folded(dict[int, str | None]):
    """Small half-width letters without blanks and apostrophes; filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code - 0xFEE0 if code in _WIDE else code)
        self[code] = found = None if character.isspace() or character in "'’" else character.lower()
        return found


_FOLDED = _Folded()


def folded(text: str) -> str:
    """The text as it is compared: small, half width, without blanks."""
    return text.translate(_FOLDED)


def body(title: str, text: str) -> str:
    """A ticket's title and text, folded; a title that only repeats the text's beginning is left out."""
    title, text = folded(title), folded(text)
    return text if title in text else f"{title}\n{text}"


# --- what an index holds -----------------------------------------------------------------------------------------


def pairs(text: str) -> str:
    """The terms of a folded body, parted by blanks: each pair of neighbours, and each line's last character alone."""
    terms: dict[str, None] = {}
    for line in text.translate(_MARKS | {10: "\n"}).split("\n"):
        terms.update(dict.fromkeys(a + b for a, b in pairwise(line)))
        terms.update(dict.fromkeys(line[-1:]))
    return " ".join(terms)


def letters(title: str) -> str:
    """A title's initials with n and l as one, which much of the south does not tell apart."""
    return initials(title).replace("n", "l")


def grams(run: str) -> str:
    """The terms of a title's `letters`: each two, each four, and the last three."""
    terms = [run[place : place + size] for size in (2, GRAM) for place in range(len(run) - size + 1)]
    return " ".join(dict.fromkeys([*terms, run[-3:]] if len(run) >= GRAM - 1 else terms))


def phone_parts(raw: str) -> list[str]:
    """Under what a number is found: each of its ends from four digits on."""
    digits = (phone_key(raw) or "").lstrip("+")
    return [f"phone {digits[-size:]}" for size in range(TAIL, len(digits) + 1)]


def unit_parts(raw: str) -> list[str]:
    """Under what a unit is found: itself, the parts it begins with (3, 3-2) and those it ends in (501, 2-501)."""
    try:
        key = unit_key(raw)
    except BadInput:
        return []
    pieces = re.sub("^([A-Z]+)(?=[0-9])", r"\1-", key).split("-")
    starts = ("-".join(pieces[:size]) for size in range(1, len(pieces)))
    ends = ("-".join(pieces[place:]) for place in range(1, len(pieces)))
    return [f"unit {key}", *(f"in {start}" for start in starts), *(f"unit {end}" for end in ends)]


def name_parts(name: str) -> list[str]:
    """Under what a person is found: pairs of characters, initials and pinyin. A surname alone is in nobody's parts."""
    plain = folded(name)
    said = spelled(name, name=True).replace(" ", "")
    terms = [*(a + b for a, b in pairwise(plain)), initials(name, name=True), said]
    return [f"name {term}" for term in dict.fromkeys(terms) if len(term) > 1]


def _key(title: str) -> Key:
    """What `pinyin.finder` looks through; Latin words of the title are no syllables that could break off."""
    key = search_key(title)
    return (*key[:2], search_key(_LETTERS.sub("0", title))[2]) if _LETTERS.search(title) else key


# --- what is looked for ------------------------------------------------------------------------------------------


class Word:
    """One word of a query."""

    def __init__(self, raw: str) -> None:
        """`raw` is the word as it was typed, without blanks around it."""
        self.raw, self.text = raw, folded(raw)
        self.latin = any(ch.isascii() and ch.isalpha() for ch in self.text)
        self._spelled = finder(raw) if self.latin else None

    def literal(self, folded_body: str) -> bool:
        """Whether the body holds the word as it stands."""
        return self.text in folded_body

    def said(self, title: str) -> bool:
        """Whether the title's pinyin or initials hold the word (`dtkr`, `loushui`, `dt困人`)."""
        if self._spelled is None:
            return False
        # Most of what is typed in letters is initials, and those alone are made in a tenth of the time.
        return (len(self.runs) == 1 and self.text in initials(title)) or self._spelled(_key(title))

    @cached_property
    def runs(self) -> list[str]:
        """The Latin and the other runs of the word."""
        return _RUNS.findall(self.text)

    @cached_property
    def must(self) -> list[str]:
        """Folded texts that every match of the word holds."""
        return [run for run in self.runs if not _LATIN.match(run)] if self.latin else [self.text]

    @cached_property
    def starts(self) -> list[str]:
        """The `letters` one of which a title must hold for `said`; they may be a single letter."""
        run = max(filter(_LATIN.match, self.runs), key=len, default="")
        return _readings(run)

    @cached_property
    def numbers(self) -> list[tuple[str, str]]:
        """(end of a day YYMMDD, running number) of tickets that the word may name."""
        day, dash, run = half_width(self.raw).rpartition("-")
        if not (run.isdecimal() and run.isascii() and (not day or (day.isdecimal() and len(day) <= 6))):  # noqa: PLR2004
            return []
        if dash:
            return [(day, run.zfill(2))]
        whole = [("", run.zfill(2))] if len(run) <= 4 else []  # noqa: PLR2004
        splits = (
            (run[:-size], run[-size:])
            for size in (2, 3)
            if 2 <= len(run) - size <= 6 and (size == 2 or run[-size] != "0")  # noqa: PLR2004
        )
        return [*whole, *splits]

    def named(self, number: str) -> bool:
        """Whether the word names the ticket of that number, whole or by its end."""
        day, _, run = number.partition("-")
        return any(day.endswith(end) and run == wanted for end, wanted in self.numbers)

    @cached_property
    def parts(self) -> list[str]:
        """Keyed parts of units and phones that the word may be."""
        if not _COUNTED.search(self.raw):
            return []
        digits = re.sub("[ -]", "", half_width(self.raw))
        phone = digits.lstrip("+") if digits.lstrip("+").isdecimal() and digits.isascii() else ""
        found = [f"phone {phone_key(phone) if len(phone) > 11 else phone}"] if len(phone) >= TAIL else []  # noqa: PLR2004
        for text, kind in ((self.raw, "unit"), (f"{self.raw.rstrip('-')}-99999", "in")):
            try:
                key = unit_key(text)
            except BadInput:
                continue
            key = key.removesuffix("99999").rstrip("-") if kind == "in" else key
            if kind == "unit" or _BUILDING.search(self.raw):
                found.append(f"{kind} {key}")
        return found

    @cached_property
    def name(self) -> list[str]:
        """Keyed parts that a resident of that name has, all of them; empty where the word is no name."""
        if len(self.text) < 2 or any(ch.isdecimal() for ch in self.text):  # noqa: PLR2004
            return []
        terms = [self.text] if self.text.isascii() else [a + b for a, b in pairwise(self.text)]
        return [f"name {term}" for term in terms]


class Query:
    """What somebody typed: a ticket must match every word."""

    def __init__(self, raw: str) -> None:
        """Blanks part the words; what is longer than `LONGEST` is cut."""
        self.words: Sequence[Word] = [word for each in raw[:LONGEST].split() if (word := Word(each)).text]

    def literal(self, folded_body: str) -> bool:
        """Whether the body holds every word as it stands."""
        return all(word.literal(folded_body) for word in self.words)

    def hits(self, title: str, folded_body: str) -> bool:
        """Whether each word is in the body as it stands or in the title's pinyin."""
        return all(word.literal(folded_body) or word.said(title) for word in self.words)


def need(texts: Iterable[str]) -> str:
    """The FTS5 expression of bodies that hold all these folded texts, or more; "" where none is long enough."""
    terms: dict[str, None] = {}
    for text in texts:
        if len(text) > 1:
            terms.update(dict.fromkeys(a + b for a, b in pairwise(text.translate(_MARKS))))
    return " ".join(f'"{term}"' for term in terms)


def need_one(character: str) -> str:
    """The FTS5 expression of bodies that hold one character."""
    return f'"{character.translate(_MARKS)}" *'


def need_letters(runs: Iterable[str]) -> str:
    """The FTS5 expression of titles whose `letters` hold one of these runs, or more; single letters are left out."""
    found = []
    for run in runs:
        if len(run) == 3:  # noqa: PLR2004
            found.append(f'"{run}" *')
        elif len(run) > 1:
            size = min(GRAM, len(run))
            fours = dict.fromkeys(run[place : place + size] for place in range(len(run) - size + 1))
            found.append("(" + " AND ".join(f'"{gram}"' for gram in fours) + ")")
    return " OR ".join(found)


@cache
def _prefixes() -> frozenset[str]:
    return frozenset(_slack(said[:size]) for said in SYLLABLES.split() for size in range(1, len(said) + 1))


def _slack(spelling: str) -> str:
    return loose(spelling).replace("n", "l").replace("v", "u")


def _readings(run: str) -> list[str]:
    """The shortest `letters` that a title must hold where the run may be initials, pinyin or both mixed.

    The run is cut into beginnings of syllables in every way; a reading that holds another one adds nothing.
    """
    plain = run.replace("n", "l")
    if not run.isalpha() or len(run) > 32:  # noqa: PLR2004 - as pinyin.finder
        return [plain] if run else []
    ways: list[list[str]] = [[""], *(list[str]() for _ in run)]
    for end in range(1, len(run) + 1):
        found: set[str] = set()
        for start in range(max(0, end - 6), end):
            if ways[start] and run[start] not in "iuv" and _slack(run[start:end]) in _prefixes():
                found.update(way + plain[start] for way in ways[start])
        ways[end] = _least(found, str.endswith)
    return _least({plain, *ways[-1]}, str.__contains__)


def _least(ways: set[str], holds: Callable[[str, str], bool]) -> list[str]:
    """Those that hold none of the others, shortest first; to go on from a way, only its end counts."""
    found: list[str] = []
    for way in sorted(ways, key=lambda way: (len(way), way)):
        if not any(holds(way, kept) for kept in found):
            found.append(way)
    return found
