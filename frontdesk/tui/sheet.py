"""A pane of text with a head: scrolls by keys, repaints what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Focus, MouseScrollDown, MouseScrollUp, Resize

from frontdesk.tui.paper import Line, Paper, rule
from frontdesk.tui.text import wrap


class Sheet(Paper, can_focus=True):
    """Title and lines; what does not fit is reached with the arrows, and the head says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll_by(1)", show=False),
        Binding("up", "scroll_by(-1)", show=False),
        Binding("pagedown", "scroll_page(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("home", "scroll_by(-100000)", show=False),
        Binding("end", "scroll_by(100000)", show=False),
    ]
    titled = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._title = ""
        self._body: Sequence[Line] = ()
        self._top = 0

    def write(self, title: str, body: Sequence[Line], *, keep_place: bool = False) -> None:
        """Other text; from its beginning unless `keep_place`."""
        self._title, self._body = title, body
        if not keep_place:
            self._top = 0
        self._layout_lines()

    def _layout_lines(self) -> None:
        room = max(self.size.height - self.titled, 1)
        self._top = max(0, min(self._top, len(self._body) - room))
        shown = list(self._body[self._top : self._top + room])
        if self.titled:
            more = len(self._body) > room
            place = f"{self._top + len(shown)}/{len(self._body)}" if more else ""
            shown.insert(0, rule(self._title, self.size.width, focused=self.has_focus, right=place))
        self.show(shown)

    def action_scroll_by(self, lines: int) -> None:
        """Up or down by lines."""
        self._top += lines
        self._layout_lines()

    def action_scroll_page(self, pages: int) -> None:
        """Up or down by what is in sight."""
        self.action_scroll_by(pages * max(self.size.height - 2, 1))

    def on_resize(self, _event: Resize) -> None:
        """Lay out anew."""
        self._layout_lines()

    def on_focus(self, _event: Focus) -> None:
        """The head shows where the keys go."""
        self.call_after_refresh(self._layout_lines)

    on_blur = on_focus

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.action_scroll_by(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.action_scroll_by(-3)


class Page(Sheet):
    """Text over the whole width: help, explanations, text to copy."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._paragraphs = ""

    def text(self, title: str, text: str) -> None:
        """Wrapped to the width; without a title there is no head either, so that selecting takes text alone."""
        self.titled = bool(title)
        self._paragraphs = text
        self.write(title, self._wrapped())

    def _wrapped(self) -> list[Line]:
        return [((part, "text"),) for part in wrap(self._paragraphs, max(self.size.width - 1, 20))]

    def on_resize(self, _event: Resize) -> None:
        """Wrap anew."""
        if self._paragraphs:
            self._body = self._wrapped()
        self._layout_lines()
