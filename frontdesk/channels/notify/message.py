"""What a sender gets and what it answers."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from typing import Final, NamedTuple

from frontdesk.domain.enclosure import Enclosure

MARK: Final = "…"
"""Stands where a text was cut."""


class Outcome(NamedTuple):
    """How a sending ended. `error` is Chinese and masked, "" where there is nothing to say.

    `retry`: another try may succeed; `wait`: the seconds the service wants to be left alone before that.
    A success may carry an error too: part of the addresses were refused.
    """

    ok: bool
    retry: bool = False
    error: str = ""
    wait: int = 0


SENT: Final = Outcome(True)


def dead(error: str) -> Outcome:
    """Refused for good: trying again changes nothing until a person has."""
    return Outcome(False, error=error)


def later(error: str, wait: int = 0) -> Outcome:
    """Not now; worth another try."""
    return Outcome(False, True, error, wait)


def utf8(text: str) -> int:
    """The bytes of a text; a half character counts as the `?` it is sent as."""
    return len(text.encode("utf-8", "replace"))


def quoted(text: str) -> int:
    """The bytes of a text between the quotes of JSON."""
    return len(encoded(text)) - 2


def encoded(value: object) -> bytes:
    """JSON as it goes over the wire: hanzi as themselves, which is what the services count."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def cut(text: str, most: int, size: Callable[[str], int] = utf8) -> str:
    """The text in at most `most` bytes, with `…` where something is missing; never cut inside a character."""
    if size(text) <= most:
        return text
    if most < size(MARK):
        return ""
    # The size only grows with the text, so the longest beginning that fits is found by halving.
    fits = bisect_right(range(len(text) + 1), most - size(MARK), key=lambda end: size(text[:end])) - 1
    return text[:fits] + MARK


class Message(NamedTuple):
    """One thing to be told. Masked already, but for `phone`, which is filled for a short message to an owner alone.

    `key` is the same in every try, and `tail` shows it to eyes: that is how a message that came twice is recognised.
    """

    key: str
    title: str
    body: str
    tail: str
    kind: str = ""
    ticket: str = ""
    to: str = ""
    site: str = ""
    urgent: bool = False
    phone: str = ""
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def markdown(self) -> bool:
        """Whether the words are Markdown: the day's summary is, everything else is plain."""
        return self.kind == "summary"

    def enclosed(self, media: str) -> Enclosure | None:
        """What goes with the words in that media type."""
        return next((each for each in self.enclosures if each.media == media), None)

    def text(self, most: int, size: Callable[[str], int] = utf8) -> str:
        """Body and tail in at most `most` bytes; what is cut is the body, never the tail."""
        end = f"\n{self.tail}"
        return cut(self.body, most - size(end), size) + end

    def __repr__(self) -> str:
        """Without the number and without the words: a message in a traceback must tell nothing."""
        return f"Message({self.key})"
