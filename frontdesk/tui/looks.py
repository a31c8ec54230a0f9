"""Every colour of the console, once: exact entries of the 256-colour table and what they become at sixteen (DESIGN §10).

A look is named after what it means. Painting code speaks of looks alone; `glass.py` turns their colours into what the terminal
can show; the theme's variables carry the same colours into console.tcss.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from rich.color import Color
from rich.style import Style


class Ink(NamedTuple):
    """A colour: its hex, its entry of the 256-colour table, its number 0–7 at sixteen colours."""

    hex: str
    entry: int
    basic: int


INKS: Final = {
    "ground": Ink("#121212", 233, 0),
    "raised": Ink("#1c1c1c", 234, 0),
    "bar": Ink("#262626", 235, 0),
    "cursor": Ink("#303030", 236, 7),
    "faint": Ink("#585858", 240, 7),
    "dim": Ink("#8a8a8a", 245, 7),
    "text": Ink("#d0d0d0", 252, 7),
    "white": Ink("#ffffff", 231, 7),
    "black": Ink("#000000", 16, 0),
    "amber": Ink("#ffaf00", 214, 3),
    "straw": Ink("#ffd75f", 221, 3),
    "sky": Ink("#87d7ff", 117, 6),
    "steel": Ink("#87afff", 111, 7),
    "blue": Ink("#005faf", 25, 6),
    "red": Ink("#af0000", 124, 1),
    "rose": Ink("#ff8787", 210, 7),
    "purple": Ink("#870087", 90, 5),
    "violet": Ink("#ff87ff", 213, 7),
    "green": Ink("#87d787", 114, 2),
}

SURFACES: Final = frozenset({"ground", "raised", "bar", "cursor"})
"""Backgrounds that only set areas apart; every other background carries meaning and survives without colours as reverse video."""


class Look(NamedTuple):
    """Foreground, background ("" keeps the row's own) and whether it is bold."""

    ink: str
    ground: str = ""
    bold: bool = False


LOOKS: Final = {
    "text": Look("text"),
    "strong": Look("white", bold=True),
    "dim": Look("dim"),
    "faint": Look("faint"),
    "rule": Look("faint"),
    "title": Look("sky", bold=True),
    "title-on": Look("amber", bold=True),
    "key": Look("amber", bold=True),
    "head": Look("sky"),
    "next": Look("straw", "cursor"),
    "warn": Look("straw"),
    "spot": Look("white", "cursor", bold=True),
    "error": Look("rose", bold=True),
    "good": Look("green"),
    "ring": Look("white", "purple", bold=True),
    "button": Look("white", "red", bold=True),
    "chip-emergency": Look("white", "purple", bold=True),
    "chip-breached": Look("white", "red", bold=True),
    "chip-at_risk": Look("black", "amber"),
    "chip-new": Look("black", "sky"),
    "chip-escalated": Look("white", "blue", bold=True),
    "chip-working": Look("text"),
    "chip-follow_up": Look("dim"),
    "chip-paused": Look("dim"),
    "chip-closed": Look("dim"),
    "word-emergency": Look("violet"),
    "word-breached": Look("rose"),
    "word-at_risk": Look("straw"),
    "word-new": Look("sky"),
    "word-escalated": Look("steel"),
    "word-working": Look("text"),
    "word-follow_up": Look("dim"),
    "word-paused": Look("dim"),
    "word-closed": Look("dim"),
}


@cache
def style(look: str, ground: str, cursor: bool = False) -> Style:
    """The Rich style of a look on a ground; under the cursor the row is bold and keeps only meaningful backgrounds."""
    ink, own, bold = LOOKS[look]
    under = own if own and own not in SURFACES else "cursor" if cursor else own or ground
    if cursor and not own and ink in ("dim", "faint"):
        ink = "text"
    return Style(color=_rich(ink), bgcolor=_rich(under), bold=(bold or cursor) and ink != "black")


@cache
def _rich(ink: str) -> Color:
    return Color.parse(INKS[ink].hex)


def theme_variables() -> dict[str, str]:
    """The inks as CSS variables, `$ink-amber` and so on."""
    return {f"ink-{name}": ink.hex for name, ink in INKS.items()}
