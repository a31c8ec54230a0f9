"""The record being written (F5)."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TextArea


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
