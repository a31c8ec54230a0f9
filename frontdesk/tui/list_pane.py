"""A list of any length: only rows in sight are made, the cursor holds an identity and never a position (DESIGN §2, §10)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from frontdesk.tui.paper import Line, rule, strip

Item = TypeVar("Item")
KEPT_STRIPS = 2_000


class ListPane(Widget, Generic[Item], can_focus=True):
    """Title, optional column heads, rows. Subclasses say how an item is identified and painted."""

    ground = "ground"
    heads = 0
    """Rows of column heads under the title."""

    class Moved(Message):
        """The cursor stands on another item now, or on none."""

        def __init__(self, pane: ListPane[Any]) -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> ListPane[Any]:
            """The pane, so that handlers can select by it."""
            return self.pane

    class Chosen(Message):
        """Enter on an item."""

        def __init__(self, pane: ListPane[Any], item: Any) -> None:
            super().__init__()
            self.pane, self.item = pane, item

        @property
        def control(self) -> ListPane[Any]:
            """The pane, so that handlers can select by it."""
            return self.pane

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self._at = 0
        self._held: Hashable | None = None
        self._top = 0
        self._strips: dict[Hashable, Strip] = {}

    # What subclasses say

    def identify(self, item: Item) -> Hashable:
        """What makes the item itself when the list changes."""
        raise NotImplementedError

    def face(self, item: Item) -> Hashable:
        """Everything that the item's painted row depends on, width and cursor apart."""
        return item

    def paint(self, item: Item, cells: int, cursor: bool) -> Line:
        """The item's row."""
        raise NotImplementedError

    def heading(self) -> tuple[str, str]:
        """Title and what stands at its right."""
        raise NotImplementedError

    def head(self, cells: int) -> Line:
        """The row of column heads."""
        return ()

    def place(self, identity: Hashable) -> int | None:
        """Where the item with that identity stands now; may take time in proportion to the list, once a refresh."""
        return next((at for at, item in enumerate(self.items) if self.identify(item) == identity), None)

    # What others ask and tell

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self.items[self._at] if 0 <= self._at < len(self.items) else None

    def fill(self, items: Sequence[Item]) -> None:
        """Other items; the cursor stays with its item, or where it was when that is gone."""
        before = self._held
        self.items = items
        found = self.place(before) if before is not None else None
        offset = self._at - self._top
        self._at = found if found is not None else max(0, min(self._at, len(items) - 1))
        self._top = self._at - offset
        self._settle()
        self.refresh()
        if self._held != before:
            self.post_message(self.Moved(self))

    def select(self, identity: Hashable) -> bool:
        """Put the cursor on that item; False where it is not in the list."""
        found = self.place(identity)
        if found is None:
            return False
        self._go(found)
        return True

    # Moving

    def on_key(self, event: Key) -> None:
        """Answered here and not by a binding, which would be looked for all the way up to the program (DESIGN §12)."""
        act = _KEYS.get(event.key)
        if act is not None:
            event.stop()
            act(self)

    def move(self, rows: int) -> None:
        """Up or down by so many rows."""
        self._go(self._at + rows)

    def turn(self, pages: int) -> None:
        """Up or down by what is in sight."""
        self._go(self._at + pages * max(self.room - 1, 1))

    def choose(self) -> None:
        """Enter."""
        if (item := self.current) is not None:
            self.post_message(self.Chosen(self, item))

    def _go(self, at: int) -> None:
        at = max(0, min(at, len(self.items) - 1))
        if at == self._at or not self.items:
            return
        old, top = self._at, self._top
        self._at = at
        self._settle()
        if self._top == top:
            first = 1 + self.heads - top
            self._repaint(0, first + old, first + at)
        else:
            self.refresh()
        self.post_message(self.Moved(self))

    def _settle(self) -> None:
        """Keep the cursor in sight, scrolling half a page at a time: a line at a time costs a screenful each key (findings)."""
        room, last = self.room, max(len(self.items) - self.room, 0)
        if not self._top <= self._at < self._top + room:
            self._top = self._at - room // 2
        self._top = max(0, min(self._top, last))
        item = self.current
        self._held = self.identify(item) if item is not None else None

    @property
    def room(self) -> int:
        """Rows for items."""
        return max(self.size.height - 1 - self.heads, 1)

    # Painting

    def _repaint(self, *rows: int) -> None:
        cells, height = self.size
        regions = [Region(0, y, cells, 1) for y in rows if 0 <= y < height]
        if regions:  # without any, Textual would repaint the whole pane
            self.refresh(*regions)

    def repaint_items(self, changed: Sequence[int]) -> None:
        """Repaint items by their place, all of them in sight."""
        self._repaint(*(1 + self.heads + at - self._top for at in changed))

    @property
    def in_sight(self) -> range:
        """The places of the items that are on the screen."""
        return range(self._top, min(self._top + self.room, len(self.items)))

    def render_line(self, y: int) -> Strip:
        """One row of cells, from the cache where nothing about it has changed."""
        cells = self.size.width
        if y == 0:
            name, right = self.heading()
            return strip(rule(name, cells, focused=self.has_focus, right=right), cells, self.ground)
        if y <= self.heads:
            return strip(self.head(cells), cells, self.ground)
        at = self._top + y - 1 - self.heads
        if at >= len(self.items):
            return strip((), cells, self.ground)
        item, cursor = self.items[at], at == self._at and self.shows_cursor
        key = (self.face(item), cursor, cells)
        made = self._strips.get(key)
        if made is None:
            if len(self._strips) > KEPT_STRIPS:
                self._strips.clear()
            made = self._strips[key] = strip(
                self.paint(item, cells, cursor), cells, self.ground, cursor=cursor
            )
        return made

    @property
    def shows_cursor(self) -> bool:
        """Whether the cursor row is set off; some lists have a cursor only while they have the keys."""
        return True

    def render(self) -> Any:
        """Never asked for: the pane is painted line by line."""
        return ""

    # Mouse and size

    def on_resize(self, _event: Resize) -> None:
        """The cursor stays in sight."""
        self._settle()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """A click moves the cursor, a second one chooses."""
        at = self._top + event.y - 1 - self.heads
        if event.y > self.heads and at < len(self.items):
            if at == self._at:
                self.choose()
            self._go(at)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self._go(self._at + 3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self._go(self._at - 3)


_KEYS: Final[Mapping[str, Callable[[ListPane[Any]], None]]] = {
    "down": lambda pane: pane.move(1),
    "up": lambda pane: pane.move(-1),
    "pagedown": lambda pane: pane.turn(1),
    "pageup": lambda pane: pane.turn(-1),
    "home": lambda pane: pane.move(-len(pane.items)),
    "end": lambda pane: pane.move(len(pane.items)),
    "enter": lambda pane: pane.choose(),
}
