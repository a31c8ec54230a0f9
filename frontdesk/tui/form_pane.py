"""The form on the screen: painted as text, with one live editor lying over the field that has the keys.

One editor of each kind serves every field of every form, so opening a form mounts nothing and costs a repaint; focus stays on
the one screen, so the input method's window stays where the text is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.events import Key, Resize
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from frontdesk.domain.timing import Instant
from frontdesk.tui.editors import LineEditor, LongEditor, Overlay
from frontdesk.tui.form import DIGITS, Field, Filling, Form, Sheeted, Status, Values, paint
from frontdesk.tui.paper import Paper, rule
from frontdesk.tui.text import clip

STARTLED = 0.6
"""Seconds that a hand needs to notice a form that opened by itself."""
_LEAPS: Final = {"pagedown": 1, "pageup": -1}
"""Keys that a text would take for itself, of three rows."""


class FormPane(Widget):
    """One form at a time, with others waiting underneath it (a blank asked for while a ticket is being written)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "go(1)", show=False),
        Binding("shift+tab,up", "go(-1)", show=False),
        Binding("pagedown", "leap(1)", show=False),
        Binding("pageup", "leap(-1)", show=False),
    ]

    class Edited(Message):
        """A field has another value."""

        def __init__(self, filling: Filling, name: str) -> None:
            super().__init__()
            self.filling, self.name = filling, name

    def __init__(
        self,
        now: Callable[[], Instant],
        emptied: Callable[[], None],
        *,
        id: str | None = None,  # noqa: A002 - Textual's
    ) -> None:
        """`emptied` is called when the last form has been put away, before whatever its values set going."""
        super().__init__(id=id)
        self._now, self._emptied = now, emptied
        self._stack: list[Filling] = []
        self._query = ""
        self._top = 0
        self._overlay = Overlay(self.boxes)
        self._sheeted = Sheeted([], [], 0)
        self.paper = Paper(id="form-paper")
        self.line_editor = LineEditor(self._takes)
        self.long_editor = LongEditor(self._confirms)
        self.confirmed: Callable[[Filling], bool] = lambda _filling: False
        """Asked at Enter in a text, which is a new line unless it takes it."""
        self.turned: Callable[[], None] = lambda: None
        """Told that another field has the keys."""
        self.told: Callable[[str], None] = lambda _words: None
        """Told what the person should know of what they typed."""

    @property
    def layout(self) -> Layout:
        """Ours, whatever the stylesheet says."""
        return self._overlay

    def compose(self) -> Any:
        """The paper and the two editors."""
        yield self.paper
        yield self.line_editor
        yield self.long_editor

    # --- what the console asks ---------------------------------------------------------------------------------

    @property
    def filling(self) -> Filling | None:
        """The form that is open."""
        return self._stack[-1] if self._stack else None

    def open(
        self,
        form: Form,
        values: Values,
        sent: Callable[[Values], None],
    ) -> Filling:
        """Show a form over whatever is open; the first empty field that matters gets the keys."""
        filling = Filling(form, values, sent, since=monotonic())
        empty = (at for at, each in enumerate(form.fields) if not values.get(each.name))
        filling.at = next(empty, 0)
        self._stack.append(filling)
        self._turn()
        return filling

    def close(self, filling: Filling | None = None) -> None:
        """Put a form away, the open one unless told; the one underneath is back as it was."""
        gone = filling or self.filling
        if gone is None or gone not in self._stack:
            return
        self._stack.remove(gone)
        if self._stack:
            self._turn()
        else:
            self._emptied()

    def send(self) -> None:
        """Check, then hand the values over; the first fault gets the keys."""
        filling = self.filling
        if filling is None or filling.sending:
            return
        if not self._resolve_choice():
            self._turn()
            return
        now = self._now()
        filling.faults = {
            each.name: problem
            for each in filling.form.fields
            if (problem := each.problem(filling.values.get(each.name, ""), now))
        }
        if filling.faults:
            filling.at = next(
                at for at, each in enumerate(filling.form.fields) if each.name in filling.faults
            )
            self._turn()
            return
        filling.sent(dict(filling.values))

    def blame(self, label: str, words: str) -> None:
        """What the desk found wrong, beside the field of that label, or at the top."""
        filling = self.filling
        if filling is None:
            return
        names = {each.label: each.name for each in filling.form.fields}
        name = names.get(label) or next(
            (n for known, n in names.items() if known in label or label in known), ""
        )
        filling.faults = {name: words}
        if name:
            filling.at = next(at for at, each in enumerate(filling.form.fields) if each.name == name)
        self._turn()

    def offer(
        self,
        filling: Filling,
        values: Mapping[str, str],
        hints: Mapping[str, str],
        likely: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Fill in what nobody has touched, say why beside it, and put what is likely in front of the choices."""
        filling.hints.update(hints)
        here = filling.form.fields[filling.at].name
        # Not under a finger that is about to press a digit.
        filling.form = filling.form.ranked({name: each for name, each in likely.items() if name != here})
        for name, value in values.items():
            if name not in filling.touched:
                filling.values[name] = value
        if filling is self.filling:
            self._paint()

    def swap(self, filling: Filling, form: Form) -> None:
        """Other fields for a form that is open: what is filled in stays, new fields start with their values."""
        name = filling.form.fields[filling.at].name
        filling.values = {each.name: each.value for each in form.fields} | filling.values
        filling.form = form
        filling.at = next((at for at, each in enumerate(form.fields) if each.name == name), 0)
        if filling is self.filling:
            self._turn()

    def add(self, name: str, sentence: str) -> bool:
        """Write a sentence into a text field of the open form; False where it has no such field."""
        filling = self.filling
        if filling is None or all(each.name != name for each in filling.form.fields):
            return False
        before = filling.values.get(name, "").rstrip()
        filling.values[name] = f"{before}\n{sentence}" if before else sentence
        filling.at = next(at for at, each in enumerate(filling.form.fields) if each.name == name)
        self._turn()
        self._edited(filling.form.fields[filling.at])
        return True

    def take_keys(self) -> None:
        """The keys go to the field that is being filled in."""
        self._turn()

    # --- moving ------------------------------------------------------------------------------------------------

    def action_go(self, by: int) -> None:
        """Another field."""
        filling = self.filling
        if filling is None:
            return
        if not self._resolve_choice():
            self._turn()
            return
        filling.at = max(0, min(filling.at + by, len(filling.form.fields) - 1))
        self._turn()

    def action_leap(self, by: int) -> None:
        """The next thing to choose, or the one before; behind the last one the end of the form, else its beginning."""
        filling = self.filling
        if filling is None:
            return
        fields, ends = filling.form.fields, (len(filling.form.fields) - 1 if by > 0 else 0)
        ahead = range(filling.at + by, ends + by, by)
        to = next((at for at in ahead if fields[at].kind == "choice"), ends)
        self.action_go(to - filling.at)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the next field, or the end of the form."""
        event.stop()
        filling = self.filling
        if filling is None or (filling.form.unasked and monotonic() - filling.since < STARTLED):
            return
        if filling.at == len(filling.form.fields) - 1 and not self._stray:
            self.send()
        else:
            self.action_go(1)

    def _turn(self) -> None:
        """Bring the editor to the field that has the keys."""
        filling = self.filling
        if filling is None or not self.is_attached:
            return
        self._query = ""
        self.turned()
        current, value = (
            filling.form.fields[filling.at],
            filling.values.get(filling.form.fields[filling.at].name, ""),
        )
        self._paint()
        self._expect()
        if current.kind == "text":
            self.long_editor.put(value)
            editor: Widget = self.long_editor
        else:
            with self.line_editor.prevent(Input.Changed):
                choice = current.kind == "choice"
                self.line_editor.value = "" if choice else value
            self.line_editor.cursor_position = len(self.line_editor.value)
            editor = self.line_editor
        self.paper.refresh(layout=True)
        self.screen.set_focus(editor, scroll_visible=False)

    def _expect(self) -> None:
        """In an empty field stands what it expects, cut to the room that there is; in a choice what is chosen."""
        filling = self.filling
        if filling is None:
            return
        current = filling.form.fields[filling.at]
        chosen = current.shown(filling.values.get(current.name, ""))
        said = chosen if current.kind == "choice" else current.hint
        editor = self.long_editor if current.kind == "text" else self.line_editor
        editor.placeholder = clip(said, max(self.size.width - self._sheeted.indent - 2, 1))

    # --- typing ------------------------------------------------------------------------------------------------

    def _takes(self, event: Key) -> bool:
        filling = self.filling
        current = filling.form.fields[filling.at] if filling else None
        if filling is None or current is None or current.kind != "choice":
            return False
        place = DIGITS.get(event.character or "")
        if place is None:
            return False
        found = current.offered(self._query)
        if place > len(found):
            if self._stray:
                self._resolve_choice()
                self._turn()
                return True
            return False
        if self._stray:
            self._forget_stray(current)
        self._choose(current, found[place - 1][0])
        if filling.at < len(filling.form.fields) - 1:
            self.action_go(1)
        else:
            self._turn()
        return True

    def _confirms(self, event: Key) -> bool:
        if event.key in _LEAPS:
            self.action_leap(_LEAPS[event.key])
            return True
        return event.key == "enter" and self.filling is not None and self.confirmed(self.filling)

    def _choose(self, current: Field, value: str) -> None:
        filling = self.filling
        if filling is not None:
            filling.values[current.name] = value
            self._query = ""
            self._edited(current)

    @property
    def _stray(self) -> bool:
        """Whether something was typed into a choice that finds nothing."""
        filling = self.filling
        if filling is None or not self._query:
            return False
        current = filling.form.fields[filling.at]
        return current.kind == "choice" and not current.fitting(self._query)

    def _forget_stray(self, current: Field) -> None:
        self.told(f"「{self._query[:12]}」在「{current.label}」里找不到，已清掉")
        self._query = ""

    def _resolve_choice(self) -> bool:
        """What was typed into a choice becomes the best of what it finds; False where it finds nothing: it is cleared."""
        filling = self.filling
        if filling is None or not self._query:
            return True
        current = filling.form.fields[filling.at]
        if self._stray:
            self._forget_stray(current)
            return False
        if current.kind == "choice":
            self._choose(current, current.fitting(self._query)[0][0])
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """A line was edited."""
        event.stop()
        filling = self.filling
        if filling is None:
            return
        current = filling.form.fields[filling.at]
        if current.kind == "choice":
            self._query = event.value.strip()
            self._paint()
        elif current.kind != "text" and filling.values.get(current.name, "") != event.value:
            filling.values[current.name] = event.value
            self._edited(current)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """A text was edited."""
        event.stop()
        filling = self.filling
        if filling is None:
            return
        current = filling.form.fields[filling.at]
        if current.kind == "text" and filling.values.get(current.name, "") != event.text_area.text:
            filling.values[current.name] = event.text_area.text
            self._edited(current)

    def _edited(self, current: Field) -> None:
        filling = self.filling
        if filling is not None:
            filling.touched.add(current.name)
            filling.faults.pop(current.name, None)
            self._paint()
            self.post_message(self.Edited(filling, current.name))

    # --- painting ----------------------------------------------------------------------------------------------

    def _paint(self) -> None:
        filling = self.filling
        if filling is None or not self.size.width:
            return
        status = Status(filling.values, filling.hints, filling.faults, filling.at, self._query)
        before = self._sheeted
        self._sheeted = paint(filling.form, status, self._now(), self.size.width)
        room = max(self.size.height - 1, 1)
        row, height = self._sheeted.rows[filling.at] if self._sheeted.rows else (0, 1)
        below = next((r for r, _ in self._sheeted.rows if r > row), len(self._sheeted.lines))
        if row < self._top or max(below, row + height) > self._top + room:
            self._top = max(0, min(row - 1, len(self._sheeted.lines) - room))
        self._top = min(self._top, row)
        missing = sum(1 for each in filling.form.fields if each.needed and not filling.values.get(each.name))
        right = (
            f"还缺 {missing} 项"
            if missing
            else f"{filling.form.confirm} 确认"
            if filling.form.confirm == "F8"
            else "F9 保存"
        )
        head = rule(filling.form.title, self.size.width, focused=True, right=right)
        self.paper.show([head, *self._sheeted.lines[self._top : self._top + room]])
        if before.rows != self._sheeted.rows:
            self.paper.refresh(layout=True)

    def boxes(self, size: Size) -> dict[Widget, Region]:
        """Where the paper and the editor stand, relative to the pane."""
        found: dict[Widget, Region] = {self.paper: Region(0, 0, size.width, size.height)}
        filling = self.filling
        if filling is None or filling.at >= len(self._sheeted.rows):
            return found
        row, height = self._sheeted.rows[filling.at]
        editor = self.long_editor if filling.form.fields[filling.at].kind == "text" else self.line_editor
        indent = self._sheeted.indent
        found[editor] = Region(indent, 1 + row - self._top, max(size.width - indent - 1, 1), height)
        return found

    def on_resize(self, _event: Resize) -> None:
        """Lay out anew."""
        self._paint()
        self._expect()
        self.paper.refresh(layout=True)
