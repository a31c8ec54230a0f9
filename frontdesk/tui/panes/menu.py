"""What can be done now: numbered, searched by typing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from textual.events import Key
from textual.message import Message

from frontdesk.domain.pinyin import initials, matches
from frontdesk.tui.form import DIGITS
from frontdesk.tui.panes.typed import TypedList
from frontdesk.tui.paper import Line
from frontdesk.tui.text import fit


class Choice(NamedTuple):
    """A line of a menu: its name, what it does, and the doing."""

    label: str
    does: str
    run: Callable[[], None]


class MenuPane(TypedList[Choice]):
    """A menu; digits choose at once."""

    class Taken(Message):
        """This was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._title = ""
        self._all: Sequence[Choice] = ()
        self._asks: Callable[[str], None] | None = None

    def offer(self, title: str, choices: Sequence[Choice]) -> None:
        """Another menu."""
        self._asks = None
        self._title, self._all, self.sought = title, choices, ""
        self._at = self._top = 0
        self._held = None
        self._strips.clear()
        self.fill(choices)

    def seek(self, title: str, asks: Callable[[str], None]) -> None:
        """A search: whatever is typed, digits too, is asked for by `asks`, and `found` brings the answer."""
        self.offer(title, ())
        self._asks = asks

    @property
    def seeks(self) -> bool:
        """Whether it is a search."""
        return self._asks is not None

    def ask(self, character: str) -> None:
        """More of what is looked for."""
        self.sought += character
        self._ask()

    def found(self, sought: str, choices: Sequence[Choice]) -> None:
        """The answer; one that came too late is dropped."""
        if self.seeks and sought == self.sought:
            self._strips.clear()
            self.fill(choices)

    def _ask(self) -> None:
        if self._asks is not None:
            self._asks(self.sought)
            self.refresh()

    def identify(self, item: Choice) -> Hashable:
        """What it says."""
        return item.label, item.does

    def face(self, item: Choice) -> Hashable:
        """Its label and its place, which is its digit."""
        return self.identify(item), list(self.items).index(item)

    def heading(self) -> tuple[str, str]:
        """The title, what was typed."""
        if self.seeks:
            return (
                f"{self._title}  {self.sought}",
                f"{len(self.items)}项" if self.items else "没有" if self.sought else "",
            )
        return self._title + (f"  找:{self.sought}" if self.sought else ""), "数字选"

    def paint(self, item: Choice, cells: int, cursor: bool) -> Line:
        """`1 派单      pd  交给责任部门：内容、时限、联系人`."""
        if self.seeks:
            return (fit(item.label, 11), "strong"), (fit(item.does, max(cells - 11, 4)), "text")
        place = list(self.items).index(item) + 1
        digit = f" {place} " if place <= 9 else "   "  # noqa: PLR2004 - there are nine digits
        return (
            (digit, "key"),
            (fit(item.label, 13), "strong"),
            (fit(initials(item.label), 7), "dim"),
            (fit(item.does, max(cells - 23, 4)), "text"),
        )

    def on_key(self, event: Key) -> None:
        """Digits choose, everything else that can be typed searches."""
        if self.seeks:
            if self.typed(event):
                self._ask()
            return
        place = DIGITS.get(event.character or "")
        if place is not None:
            event.stop()
            if place <= len(self.items):
                self._take(self.items[place - 1])
        elif self.typed(event):
            self._held = None
            self._strips.clear()
            self.fill(
                [
                    each
                    for each in self._all
                    if matches(self.sought, each.label) or matches(self.sought, each.does)
                ]
            )
            self.refresh()

    def choose(self) -> None:
        """Enter."""
        if (item := self.current) is not None:
            self._take(item)

    def _take(self, item: Choice) -> None:
        self.post_message(self.Taken(item))
