"""The first picture: counts in plain escape codes, before Textual is even imported (DESIGN §12). No personal data."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol


class Counts(Protocol):
    """What can be told without a key."""

    @property
    def open(self) -> int:
        """Open tickets."""

    @property
    def breached(self) -> int:
        """Past their limit."""

    @property
    def emergencies(self) -> int:
        """Emergencies."""


def paint(counts: Counts | None) -> bytes:
    """The screen cleared, a bar, the counts."""
    told = ""
    if counts is not None:
        told = f"未结 {counts.open}  超时 {counts.breached}  应急 {counts.emergencies}"
    return f"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H 物业前台  {told}  正在打开，请稍候".encode()


def show(glance: Callable[[], Counts | None]) -> None:
    """Paint it on the terminal."""
    os.write(1, paint(glance()))
