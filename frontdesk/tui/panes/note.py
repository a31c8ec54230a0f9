"""Text being written: the record (F5) and the long fields of forms, wrapped as Chinese is."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.document import _wrapped_document
from textual.events import Paste
from textual.widgets import TextArea

from frontdesk.tui.text import breaks, clean


def _wrap_offsets(text: str, width: int, tab_size: int, fold: bool = True, **_ignored: Any) -> list[int]:
    return breaks(text, width)


# Textual breaks lines at blanks alone, which Chinese has none of: whole sentences would move down, and lines begin with 。
_wrapped_document.compute_wrap_offsets = _wrap_offsets  # type: ignore[attr-defined, assignment]


class NoteArea(TextArea):
    """Plain text without decorations; what is typed goes up as Textual's own `Changed`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+a", "select_all", show=False)]

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(
            id=id,
            placeholder=placeholder,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
        )
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        """What is pasted comes in without control characters."""
        event.text = "\n".join(clean(part) for part in event.text.splitlines())

    def put(self, text: str) -> None:
        """Replace the text, cursor at its end; not something that was typed, so no `Changed` follows."""
        if text == self.text:
            return
        with self.prevent(TextArea.Changed):
            self.load_text(text)
        self.move_cursor(self.document.end)

    def add(self, sentence: str) -> None:
        """Write a sentence where the cursor is, on a line of its own after what is there."""
        before = self.document.get_line(self.cursor_location[0])[: self.cursor_location[1]]
        self.insert(("\n" if before.strip() else "") + sentence)
