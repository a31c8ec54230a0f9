"""The live editors that lie over a painted form, and the layout that puts them there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.events import Key
from textual.geometry import NULL_OFFSET, NULL_SPACING, Offset, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget
from textual.widgets import Input

from frontdesk.tui.panes.note import NoteArea
from frontdesk.tui.text import width


class LineEditor(Input):
    """A line; digits go to a choice first."""

    def __init__(self, wants: Callable[[Key], bool]) -> None:
        """`wants` takes a key and says whether it did."""
        super().__init__(id="line-editor", compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._wants = wants

    def on_key(self, event: Key) -> None:
        """Before Input sees it."""
        if self._wants(event):
            event.stop()
            event.prevent_default()

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the next character appears; Textual's answer is one cell too far at the end of the line."""
        written = width(self.value[: self.cursor_position])
        return self.content_region.offset + Offset(written - int(self.scroll_offset.x), 0)


class LongEditor(NoteArea):
    """Several lines; Enter may mean more than another one."""

    def __init__(self, wants: Callable[[Key], bool]) -> None:
        """`wants` takes a key and says whether it did."""
        super().__init__(id="long-editor")
        self._wants = wants

    def on_key(self, event: Key) -> None:
        """Before TextArea sees it."""
        if self._wants(event):
            event.stop()
            event.prevent_default()


class Overlay(Layout):
    """Children where `boxes` says, the first of them underneath; a child that it does not name is not shown."""

    name = "overlay"

    def __init__(self, boxes: Callable[[Size], Mapping[Widget, Region]]) -> None:
        self._boxes = boxes

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Textual's question where the children are."""
        boxes = self._boxes(size)
        return [
            WidgetPlacement(boxes[child], NULL_OFFSET, NULL_SPACING, child, order=child is not children[0])
            for child in children
            if child in boxes
        ]
