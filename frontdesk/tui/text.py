"""Text on its way to the screen: made harmless, measured in cells, cut and wrapped as Chinese is (DESIGN §10).

Everything a database, a caller or a keyboard supplied passes `clean` before it is painted, so that no control character, no
escape sequence and no direction override ever reaches the terminal.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
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
    # By what every string knows of its characters: the tables of `unicodedata` are 1 MiB, and this asks for no more.
    if character.isspace() and character not in "\x1c\x1d\x1e\x1f":
        return character if character == "　" else " "
    if not character.isprintable() or get_character_cell_size(character) == 0:
        return ""
    wide = get_character_cell_size(character) > 1
    if wide and any(first <= ord(character) <= last for first, last in _PICTOGRAPHS):
        return _GETA
    return character


_CLEANER: Final = _Cleaner()


def clean(text: str) -> str:
    """One harmless line: controls, escapes and invisible characters gone, line breaks as blanks, emoji as 〓."""
    return text if text.isascii() and text.isprintable() else text.translate(_CLEANER)


width = cell_len
"""How many terminal cells a text takes."""


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
    """Lines of at most `cells` cells, broken as `breaks` says. Line breaks in the text are kept, blanks at a break are not."""
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        shown = clean(paragraph).rstrip()
        edges = [0, *breaks(shown, cells), len(shown)]
        parts = [shown[start:end].rstrip() for start, end in itertools.pairwise(edges)]
        lines += [parts[0], *(part.lstrip() for part in parts[1:])]
    return tuple(lines)


def breaks(text: str, cells: int) -> list[int]:
    """Where one line of text is broken to fit into `cells` cells: between any two hanzi, but never before `，` or after `（`
    (避头尾). Words of Latin letters and digits stay whole while they fit on a line.
    """
    found: list[int] = []
    units: list[tuple[int, str]] = []
    used = 0
    for index, unit in _units(text, max(cells, 2)):
        size = cell_len(unit)
        if used + size > cells and units:
            carried = _carry(units, unit)
            found.append(carried[0][0] if carried else index)
            units, used = carried, sum(cell_len(each) for _, each in carried)
        units.append((index, unit))
        used += size
    return found


def _units(text: str, cells: int) -> Iterator[tuple[int, str]]:
    """What is not broken, and where it stands; a Latin word that is longer than a line is cut."""
    for match in _UNIT.finditer(text):
        unit, index = match[0], match.start()
        for start in range(0, len(unit), cells):
            yield index + start, unit[start : start + cells]


def _carry(units: list[tuple[int, str]], unit: str) -> list[tuple[int, str]]:
    """What moves down with the unit so that neither line breaks the rule."""
    carried: list[tuple[int, str]] = []
    first = unit
    while len(units) > 1 and len(carried) < CARRIED and _bound(units[-1][1], first):
        carried.insert(0, units.pop())
        first = carried[0][1]
    return carried


def _bound(last: str, first: str) -> bool:
    return first[0] in _NEVER_FIRST or last[-1] in _NEVER_LAST
