"""What to say now: one line a phrase, the full text of the chosen one below (F4)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from textual.events import Blur, Focus, Key
from textual.message import Message
from textual.strip import Strip

from frontdesk.domain.coaching import Advice
from frontdesk.domain.playbook import STEPS, Phrase
from frontdesk.tui.form import DIGITS
from frontdesk.tui.panes.typed import TypedList
from frontdesk.tui.paper import Line, line, strip
from frontdesk.tui.text import clean, fit, width, wrap

_ZERO: Final = ("0", "０")


class PhrasePane(TypedList[Phrase]):
    """Ranked phrases; two digits name one, the first digit being its step."""

    ground = "ground"

    class Wanted(Message):
        """What was typed asks for other phrases."""

    class Insert(Message):
        """This phrase is to go into the record."""

        def __init__(self, phrase: Phrase) -> None:
            super().__init__()
            self.phrase = phrase

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._topic = ""
        self._digits = ""
        self._coach: Mapping[str, Advice] = {}
        self._told: frozenset[str] = frozenset()
        self._sought_for = ""

    def offer(
        self,
        phrases: Sequence[Phrase],
        topic: str,
        coach: Mapping[str, Advice] | None = None,
        told: frozenset[str] = frozenset(),
        *,
        first: bool = False,
    ) -> None:
        """Other phrases; `topic` says for what, `coach` by step what to do and never to do, `told` are the ids of those
        that the owner has heard already. With `first` the best of them is looked at, whatever was before.
        """
        self._coach, self._told = coach or {}, told
        other, self._topic = self._topic != topic, topic
        searched, self._sought_for = self._sought_for != self.sought, self.sought
        # Somebody who is choosing keeps the place; whoever has not chosen sees what is best now.
        if first or searched or (not self.has_focus and (other or self._at == 0)):
            self._at = self._top = 0
            self._held = None
        self.fill(phrases)

    def identify(self, item: Phrase) -> Hashable:
        """The phrase's id."""
        return item.id

    def face(self, item: Phrase) -> Hashable:
        """What its row shows: a manager's copy may change it under the same id."""
        return item.digits, item.case, item.step, item.text, item.id in self._told

    @property
    def chosen(self) -> Phrase | None:
        """The phrase under the cursor."""
        return self.current

    def heading(self) -> tuple[str, str]:
        """What they are for, what was typed."""
        typed = f"  找:{self.sought}" if self.sought else f"  {self._topic}" if self._topic else ""
        place = f"{self._at + 1}/{len(self.items)}" if self.items else "没有合适的"
        return f"话术 F4{typed}{'  ' + self._digits if self._digits else ''}", place

    def paint(self, item: Phrase, cells: int, cursor: bool) -> Line:
        """`51 约定回复  几点来水  师傅说预计{预计时间}来水..`."""
        words = item.text.replace("{", "（").replace("}", "）")
        label = f" {item.case} " if item.case else " "
        told = item.id in self._told
        name = f"{label}{'已说' if told else STEPS[item.step]} "
        return (
            (item.digits, "key"),
            (name, "head"),
            (fit(clean(words), max(cells - 2 - width(name), 4)), "faint" if told else "text"),
        )

    # The full text takes the lower part.

    @property
    def _text(self) -> list[Line]:
        phrase = self.chosen
        if phrase is None:
            return []
        cells = self.size.width - 2
        marked = phrase.text.replace("{", "【").replace("}", "】")
        lines = [line((f" {part}", "strong")) for part in wrap(marked, cells)]
        if phrase.when:
            lines += [line((f" {part}", "dim")) for part in wrap(f"何时说：{phrase.when}", cells)]
        if phrase.confirm:
            lines += [line((f" {part}", "warn")) for part in wrap(f"先请{phrase.confirm}确认时间", cells)]
        if phrase.agreed:
            agreed = (
                f"统一口径，依据{phrase.agreed.source}，{phrase.agreed.review}前复核：照此说，不要自己发挥"
            )
            lines += [line((f" {part}", "warn")) for part in wrap(agreed, cells)]
        if phrase.caution:
            lines += [line((f" {part}", "error")) for part in wrap(f"切勿：{phrase.caution}", cells)]
        if (advice := self._coach.get(phrase.step)) is not None:
            for mark, told, look in (("要", advice.do, "dim"), ("忌", advice.never, "warn")):
                lines += [
                    line((f" {part}", look))
                    for each in told[:2]
                    for part in wrap(f"{mark} {each.text}", cells)
                ]
        return lines

    @property
    def room(self) -> int:
        """Rows for the list: what the text leaves, at least three."""
        return max(self.size.height - 1 - self._text_rows, 1)

    @property
    def _text_rows(self) -> int:
        return max(min(self.size.height // 3, self.size.height - 4), 2)

    def render_line(self, y: int) -> Strip:
        """List above, text below."""
        first = self.size.height - self._text_rows
        if y < first:
            return super().render_line(y)
        lines, cells = self._text, self.size.width
        return strip(lines[y - first] if y - first < len(lines) else (), cells, "raised")

    def _go(self, at: int) -> None:
        super()._go(at)
        self.refresh()

    # Keys

    def on_key(self, event: Key) -> None:
        """Digits choose, everything else that can be typed searches."""
        character = event.character or ""
        if character in DIGITS or character in _ZERO:
            event.stop()
            self._digit(str(DIGITS.get(character, 0)))
        elif self.typed(event):
            self._digits = ""
            self.post_message(self.Wanted())
            self.refresh()

    def _digit(self, digit: str) -> None:
        """The first digit goes to its step's first phrase, the second to the one that bears both."""
        for wanted in (self._digits + digit, digit) if self._digits else (digit,):
            found = self._with(wanted)
            if found is not None:
                self._digits = wanted if len(wanted) == 1 else ""
                self._go(found)
                self.refresh()
                return
        self._digits = ""

    def _with(self, digits: str) -> int | None:
        return next((at for at, item in enumerate(self.items) if item.digits.startswith(digits)), None)

    def choose(self) -> None:
        """Enter: into the record."""
        if (phrase := self.chosen) is not None:
            self.post_message(self.Insert(phrase))

    def clear(self) -> bool:
        """Forget what was typed; False where there was nothing."""
        had = bool(self.sought or self._digits)
        self.sought = self._digits = ""
        if had:
            self.post_message(self.Wanted())
            self.refresh()
        return had

    def on_focus(self, _event: Focus) -> None:
        """Begin anew with digits."""
        self._digits = ""

    def on_blur(self, _event: Blur) -> None:
        """Half a number means nothing later."""
        self._digits = ""
