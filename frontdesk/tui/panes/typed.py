"""Lists that are searched by typing."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Key
from textual.geometry import Offset

from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.text import clean, width

Item = TypeVar("Item")
LONGEST = 20
"""Characters of a search."""


class TypedList(ListPane[Item]):
    """What is typed stands in the title, and the input method's window beside it."""

    sought = ""

    def typed(self, event: Key) -> bool:
        """Take a key into the query; False where it is none of ours."""
        character = event.character
        if event.key == "backspace" and self.sought:
            self.sought = self.sought[:-1]
        elif character and character.isprintable() and not character.isspace() and len(self.sought) < LONGEST:
            self.sought += character
        else:
            return False
        event.stop()
        event.prevent_default()
        return True

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the input method's window belongs: after what was typed."""
        name, _ = self.heading()
        return self.region.offset + Offset(min(2 + width(clean(name)), max(self.size.width - 1, 0)), 0)
