"""A pane of text with a head: scrolls by keys, repaints what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Focus, MouseScrollDown, MouseScrollUp, Resize

from frontdesk.tui.paper import Line, Paper, rule
from frontdesk.tui.text import wrap

Painter = Callable[[int], Sequence[Line]]
"""Lines for a width in cells."""


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
        self._painter: Painter = lambda _cells: ()
        self._body: Sequence[Line] = ()
        self._top = 0

    def write(self, title: str, painter: Painter, *, keep_place: bool = False) -> None:
        """Other text; from its beginning unless `keep_place`. Without a title there is no head: selecting takes text alone."""
        self._title, self._painter = title, painter
        self.titled = bool(title)
        if not keep_place:
            self._top = 0
        self._paint()

    def _paint(self) -> None:
        self._body = self._painter(max(self.size.width, 20))
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
        """Paint for the new width."""
        self._paint()

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


def headed(text: str) -> Painter:
    """Plain text, wrapped, whose first paragraph is what one came for: it stands out, and apart."""
    first, _, rest = text.partition("\n")
    return lambda cells: [*(((part, "strong"),) for part in wrap(first, cells - 1)), (), *prose(rest)(cells)]


def prose(text: str) -> Painter:
    """Plain text, wrapped."""
    return lambda cells: [((part, "text"),) for part in wrap(text, cells - 1)]
