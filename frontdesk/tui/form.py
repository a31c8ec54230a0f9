"""A form as values: fields, what is typed into them, how they are checked and painted. No widget knows what a form is for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.pinyin import matches
from frontdesk.domain.timing import Instant, clock, parse, span
from frontdesk.tui.paper import Line, Span, line
from frontdesk.tui.text import clean, clip, fit, width, wrap

Kind = Literal["line", "text", "choice", "time"]
Values = dict[str, str]
TEXT_ROWS = 3
DIGITS: Final = {**{str(n): n for n in range(1, 10)}, **{chr(0xFF10 + n): n for n in range(1, 10)}}
"""Digit keys, full-width ones included: an input method may leave those."""


class Field(NamedTuple):
    """One thing to fill in. `value` is what stands there at first; for a choice an identifier out of `options`."""

    name: str
    label: str
    kind: Kind = "line"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    needed: bool = False
    hint: str = ""
    likely: tuple[str, ...] = ()
    """Options that stand in front of the others."""

    def shown(self, value: str) -> str:
        """The value as people read it."""
        return next((label for key, label in self.options if key == value), value) if self.options else value

    def problem(self, value: str, now: Instant) -> str:
        """What is wrong with the value, in Chinese; "" where nothing is."""
        if not value.strip():
            return "还没有填" if self.needed else ""
        if self.kind == "time":
            try:
                parse(value, now, self.label)
            except BadInput as error:
                return f"{error.problem}。{error.remedy}"
        return ""

    def read_back(self, value: str, now: Instant) -> str:
        """A time as the desk understood it: `= 明日08:30（18小时后）`; "" for everything else."""
        if self.kind != "time" or not value.strip() or self.problem(value, now):
            return ""
        at = parse(value, now, self.label)
        away = f"{span(at - now)}后" if at >= now else f"{span(now - at)}前"
        return f"= {clock(at, now)}（{away}）"

    def fitting(self, query: str) -> list[tuple[str, str]]:
        """The options that a query finds: hanzi, pinyin, initials; all of them for an empty one."""
        found = [(key, label) for key, label in self.options if not query or matches(query, label)]
        places = {key: place for place, key in enumerate(self.likely)}
        return sorted(found, key=lambda option: places.get(option[0], len(places)))[:9]

    def offered(self, query: str) -> list[tuple[str, str]]:
        """What the digits choose from: what a query finds, and all of them where it finds nothing."""
        return self.fitting(query) or self.fitting("")


class Form(NamedTuple):
    """A title, paragraphs to read first, fields. `slot` is where its draft is kept; "" for a form that needs none."""

    title: str
    fields: tuple[Field, ...]
    slot: str = ""
    preface: tuple[Span, ...] = ()
    confirm: str = "F9"
    unasked: bool = False
    """It opened by itself: for a moment it takes no Enter that was meant for something else."""

    def ranked(self, likely: Mapping[str, tuple[str, ...]]) -> Form:
        """The same, its choices led by what is likely now; a choice that is not named stays as it is."""
        fields = tuple(each._replace(likely=likely.get(each.name, each.likely)) for each in self.fields)
        return self._replace(fields=fields)

    def start(self, draft: str = "") -> Values:
        """The first values: the fields' own, overlaid by a draft's."""
        values = {field.name: field.value for field in self.fields}
        return values | {name: value for name, value in thaw(draft).items() if name in values}


@dataclass(slots=True, eq=False)
class Filling:
    """A form being filled in; `sent` gets the values."""

    form: Form
    values: Values
    sent: Callable[[Values], None]
    at: int = 0
    hints: dict[str, str] = dataclasses.field(default_factory=dict)
    faults: dict[str, str] = dataclasses.field(default_factory=dict)
    touched: set[str] = dataclasses.field(default_factory=set)
    since: float = 0.0
    """Seconds of the monotonic clock at which it was opened."""
    sending: bool = False
    """On its way to the desk: it is not sent a second time."""

    def empty(self, guessed: Collection[str] = ()) -> bool:
        """Nothing is filled in: every field is as it was opened, but for those that the desk has `guessed`."""
        return all(
            each.name in guessed or self.values.get(each.name, "").strip() == each.value.strip()
            for each in self.form.fields
        )


def freeze(values: Mapping[str, str]) -> str:
    """Values as a draft's text."""
    return json.dumps({name: value for name, value in values.items() if value}, ensure_ascii=False)


def thaw(draft: str) -> Values:
    """Values out of a draft's text; a damaged draft is an empty one."""
    try:
        found = json.loads(draft) if draft else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


class Sheeted(NamedTuple):
    """A painted form: its lines, and for each field the row and height of its editor."""

    lines: list[Line]
    rows: list[tuple[int, int]]
    indent: int


class Status(NamedTuple):
    """What is being done to a form: values, hints and faults by field, the field that has the keys, and its search text."""

    values: Mapping[str, str]
    hints: Mapping[str, str]
    faults: Mapping[str, str]
    at: int
    query: str


def paint(form: Form, status: Status, now: Instant, cells: int) -> Sheeted:
    """The form as lines of at most `cells` cells; the focused field's place is left to its editor."""
    indent = max((width(field.label) for field in form.fields), default=4) + 3
    lines: list[Line] = []
    rows: list[tuple[int, int]] = []
    for text, look in form.preface:
        lines += [line((f" {part}", look)) for part in wrap(text, cells - 2)]
    if form.preface:
        lines.append(())
    if "" in status.faults:
        lines += [line((f" {part}", "error")) for part in wrap(status.faults[""], cells - 2)]
    for at, field in enumerate(form.fields):
        value = _value(field, status, at == status.at, indent, cells)
        rows.append((len(lines), len(value)))
        lines += value
        lines += _below(field, status, at == status.at, now, indent, cells)
    return Sheeted(lines, rows, indent)


def _value(field: Field, status: Status, focused: bool, indent: int, cells: int) -> list[Line]:
    """Label and value; what an empty field expects stands in its place. A text takes its rows only while it has the keys."""
    mark = "*" if field.needed else " "
    label: Span = (fit(f" {field.label}{mark}", indent), "title-on" if focused else "head")
    value, room = status.values.get(field.name, ""), cells - indent - 1
    if not value and not (focused and field.kind != "text"):
        first: Line = (label, (clip(clean(field.hint), room), "dim"))
    else:
        first = (label, (clip(clean(field.shown(value)), room), "text"))
    if field.kind != "text":
        return [first]
    written = wrap(value, room) if value else ()
    rows = TEXT_ROWS if focused else max(min(len(written), TEXT_ROWS), 1)
    if not value:
        return [first, *([()] * (rows - 1))]
    shown = list(written[:rows]) + [""] * (rows - len(written))
    return [(label if at == 0 else (" " * indent, "text"), (shown[at], "text")) for at in range(rows)]


def _below(field: Field, status: Status, focused: bool, now: Instant, indent: int, cells: int) -> list[Line]:
    """What is wrong, what can be chosen, how a time was understood, what the desk makes of it."""
    room, pad = cells - indent - 1, (" " * indent, "text")
    fault, value = status.faults.get(field.name), status.values.get(field.name, "")
    wrong = [line(pad, (part, "error")) for part in wrap(fault, room)] if fault else []
    if focused and field.kind == "choice":
        return [*wrong, *_options(field, status, indent, cells)]
    if wrong:
        return wrong
    if field.kind == "time" and value.strip():
        understood = field.read_back(value, now)
        if understood or focused:
            text = understood or field.problem(value, now)
            return [line(pad, (part, "good" if understood else "warn")) for part in wrap(text, room)]
    said = status.hints.get(field.name, "")
    if focused and not said and (value or width(field.hint) > room):
        said = field.hint
    return [line(pad, (part, "dim")) for part in wrap(said, room)] if said else []


def _options(field: Field, status: Status, indent: int, cells: int) -> list[Line]:
    """`1 报修  2 投诉 …`, the chosen one set off, as many to a line as fit."""
    chosen = status.values.get(field.name, "")
    lines: list[Line] = []
    row: list[Span] = [(" " * indent, "text")]
    used = indent
    for place, (key, label) in enumerate(field.offered(status.query), 1):
        text = clip(clean(label), cells - indent - 4)
        size = width(text) + 4
        if used + size > cells and len(row) > 1:
            lines.append(tuple(row))
            row, used = [(" " * indent, "text")], indent
        row += [(f"{place} ", "key"), (text, "strong" if key == chosen else "text"), ("  ", "text")]
        used += size
    lines.append(tuple(row))
    if status.query and not field.fitting(status.query):
        stray = clip(f"没有「{clean(status.query)}」，按数字直接选", cells - indent - 1)
        lines.append(line((" " * indent, "text"), (stray, "warn")))
    if len(field.options) > 9 and not status.query:  # noqa: PLR2004 - more than there are digits
        lines.append(line((" " * indent, "text"), ("打拼音首字母或汉字找其余的", "dim")))
    said = status.hints.get(field.name) or field.hint
    return [
        *lines,
        *(line((" " * indent, "text"), (part, "dim")) for part in wrap(said, cells - indent - 1) if said),
    ]
