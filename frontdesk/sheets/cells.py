"""Text on its way into a cell: harmless in Excel, WPS and LibreOffice, and in a CSV made from it."""

from __future__ import annotations

from typing import Final

from frontdesk.domain.privacy import clean, one_line
from frontdesk.domain.timing import HOUR, Instant

LIMIT: Final = 32_767
"""What a cell holds, in UTF-16 units."""

# Chinese and Japanese Excel take the full-width forms for the same signs.
_TRIGGERS: Final = frozenset("=+-@＝＋－＠")
_EPOCH: Final = 25_569  # 1970-01-01 as a spreadsheet's day number


def data_text(text: str) -> str:
    """One line without controls, at most `LIMIT`; before what might be run as a formula stands a `'`.

    A string cell alone is safe only until it is edited or saved as CSV, and both lose a hidden quote mark.
    The visible one stays with the text wherever it goes.
    """
    plain = text.strip() if text.isprintable() and "  " not in text else one_line(text)
    return _fitted(f"'{plain}" if plain[:1] in _TRIGGERS else plain)


def note_text(text: str) -> str:
    """What a person wrote into a cell, less controls; it is the cell's format that keeps it from running."""
    return _fitted(clean(text, "备注", LIMIT))


def _fitted(text: str) -> str:
    if len(text) > LIMIT // 2 and len(text.encode("utf-16-le")) > 2 * LIMIT:
        text = text.encode("utf-16-le")[: 2 * (LIMIT - 1)].decode("utf-16-le", "ignore") + "…"
    # XlsxWriter would take such a text for its own XML and write it raw; a blank at the end prevents that.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def width(text: str) -> int:
    """Columns that one line takes; a hanzi takes two."""
    from rich.cells import cell_len

    return cell_len(text)


def lines(text: str, columns: int) -> int:
    """How many lines the text takes when it is wrapped at that many columns."""
    return sum(max(1, -(-width(line) // columns)) for line in text.split("\n"))


def serial(at: Instant) -> float:
    """The instant as a spreadsheet's date and time in Asia/Shanghai: days since 1899-12-30."""
    return _EPOCH + (at + 8 * HOUR) / 86_400
