"""Text on its way to the screen: made harmless, measured in cells, cut and wrapped as Chinese is (DESIGN §10).

Everything a database, a caller or a keyboard supplied passes `clean` before it is painted, so that no control character, no
escape sequence and no direction override ever reaches the terminal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size

TAIL: Final = ".."
CARRIED = 3
"""Units that may move to the next line for the sake of a mark: a row of marks must not empty a line."""
_GETA: Final = (
    "〓"  # the printers' mark for a glyph that is not in the case, two cells wide like what it stands for
)
_PICTOGRAPHS: Final = ((0x1F000, 0x1FAFF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x231A, 0x23FF))

_NEVER_FIRST: Final = frozenset("，。、；：？！）】」』》〉”’％,.;:?!)]}%…")
_NEVER_LAST: Final = frozenset("（【「『《〈“‘([{")
_UNIT: Final = re.compile(r"\n|[ \t　]+|[!-~]+|.", re.S)


class _Cleaner(dict[int, str]):
    """Filled as characters are met, so that `str.translate` stays one C loop."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = _shown(chr(code))
        return shown


def _shown(character: str) -> str:
    if character in "\n\r\t\v\f\u2028\u2029\x85":
        return " "
    if unicodedata.category(character)[0] == "C" or get_character_cell_size(character) == 0:
        return ""
    wide = get_character_cell_size(character) > 1
    if wide and any(first <= ord(character) <= last for first, last in _PICTOGRAPHS):
        return _GETA
    return character


_CLEANER: Final = _Cleaner()


def clean(text: str) -> str:
    """One harmless line: controls, escapes and invisible characters gone, line breaks as blanks, emoji as 〓."""
    return text if text.isascii() and text.isprintable() else text.translate(_CLEANER)


def width(text: str) -> int:
    """How many terminal cells the text takes."""
    return cell_len(text)


def clip(text: str, cells: int, tail: str = TAIL) -> str:
    """The text in at most `cells` cells; what does not fit ends in `..`."""
    if cell_len(text) <= cells:
        return text
    room = cells - len(tail)
    if room < 0:
        return tail[:cells]
    used, kept = 0, []
    for character in text:
        used += get_character_cell_size(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept) + tail


def fit(text: str, cells: int) -> str:
    """The text in exactly `cells` cells, cut or padded with blanks."""
    cut = clip(text, cells)
    return cut + " " * (cells - cell_len(cut))


@lru_cache(maxsize=512)
def wrap(text: str, cells: int) -> tuple[str, ...]:
    """Lines of at most `cells` cells, broken between any two hanzi but never before `，` or after `（` (避头尾).

    Words of Latin letters and digits stay whole while they fit on a line. Line breaks in the text are kept.
    """
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        lines += _wrapped(clean(paragraph).rstrip(), max(cells, 2))
    return tuple(lines)


def _wrapped(paragraph: str, cells: int) -> list[str]:
    lines: list[str] = []
    units: list[str] = []
    used = 0
    for unit in _units(paragraph, cells):
        size = cell_len(unit)
        if used + size > cells:
            carried = _carry(units, unit)
            lines.append("".join(units).rstrip())
            units, used = carried, sum(map(cell_len, carried))
            if unit.isspace():
                continue
        units.append(unit)
        used += size
    return [*lines, "".join(units).rstrip()]


def _units(paragraph: str, cells: int) -> list[str]:
    out: list[str] = []
    for unit in _UNIT.findall(paragraph):
        out += [unit[start : start + cells] for start in range(0, len(unit), cells)]
    return out


def _carry(units: list[str], unit: str) -> list[str]:
    """What moves down with the unit so that neither line breaks the rule."""
    carried: list[str] = []
    first = unit
    while len(units) > 1 and len(carried) < CARRIED and (first[0] in _NEVER_FIRST or units[-1][-1] in _NEVER_LAST):
        first = units.pop()
        carried.insert(0, first)
    return carried
