"""Words that nobody at the desk may say to an owner: absolute promises, threats, blame, diagnoses, verdicts.

`words-forbidden.toml` in data/handbook/ holds them: `[[group]]` with `id`, `label`, `remedy`, `words`, optional
`unless`, longer words that hold one of them and are harmless (不一定), and `said_only`, where staff may read them in
what they are told to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from frontdesk.domain.entries import Entry

_QUOTED: Final = re.compile(r"「[^」]*」")


class Found(NamedTuple):
    """A forbidden word in a text: the word, what it is (绝对的承诺), and what to say instead."""

    word: str
    label: str
    remedy: str


class Group(NamedTuple):
    """Words of one sort, and the longer words that are harmless although they hold one."""

    label: str
    remedy: str
    words: tuple[str, ...]
    unless: tuple[str, ...]
    said_only: bool


class Words(NamedTuple):
    """All forbidden words (never-promise marks of REQUIREMENTS §6, R-S2-05, R-000-11)."""

    groups: tuple[Group, ...] = ()

    def found(self, text: str, *, staff: bool = False) -> Iterator[Found]:
        """Every forbidden word of the text, in the order of the file. A line for the `staff` may quote them in 「」."""
        said = _QUOTED.sub("", text) if staff else text
        for group in self.groups:
            if staff and group.said_only:
                continue
            rest = said
            for harmless in group.unless:
                rest = rest.replace(harmless, "")
            for word in group.words:
                if word in rest:
                    yield Found(word, group.label, group.remedy)


def holds(written: str, text: str) -> bool:
    """Whether the text has all parts of a word as the handbook writes it: `规划+车位/库` wants 规划 and one of the others."""
    return all(any(word in text for word in alternatives(part)) for part in written.split("+"))


def alternatives(part: str) -> list[str]:
    """The words of which one is wanted: `车位/库`."""
    return [word for word in part.split("/") if word]


def has_gap(written: str) -> bool:
    """Whether a part is empty (`规划+`), so that nothing could ever hold it."""
    return not all(map(alternatives, written.split("+")))


def parse_words(entry: Entry) -> Words:
    """The forbidden words of one file; `BadEntry` where it is not in order."""
    words = Words(tuple(_groups(entry.entries("group", needed=True))))
    entry.done()
    return words


def _groups(entries: Iterable[Entry]) -> Iterator[Group]:
    for entry in entries:
        entry.text("id")
        group = Group(
            entry.text("label"),
            entry.text("remedy"),
            entry.texts("words", needed=True),
            entry.texts("unless"),
            entry.flag("said_only"),
        )
        entry.done()
        yield group
