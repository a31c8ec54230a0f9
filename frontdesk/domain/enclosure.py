"""What goes with a notice where the carrier can show it: the same words as a page, and as a picture."""

from __future__ import annotations

from typing import Final, NamedTuple

HTML: Final = "text/html"
PNG: Final = "image/png"


class Enclosure(NamedTuple):
    """A file by its name and media type; masked as the notice is, and named without personal data."""

    name: str
    media: str
    data: bytes
