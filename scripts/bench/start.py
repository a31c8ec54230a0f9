"""From exec to a picture: the counts that stand before Textual is loaded, and the full screen.

A full screen has the list filled to its last row, the status line and the keys; the sheet of the ticket under the cursor
follows and is shown for the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.bench.estate import build
from scripts.bench.measure import CONSOLE, PYTHON, Plan, Row, interleaved, pass_
from scripts.bench.terminal import Terminal

OPEN = 200
MINIMAL = (*PYTHON, str(Path(__file__).with_name("minimal.py")))


def rows(plan: Plan) -> list[Row]:
    """The first picture against `python -c pass`, the full screen against a minimal program."""
    home = build(plan.folder / "home", 2000, OPEN)

    def console(stands: Callable[[str], bool]) -> Callable[[], float]:
        return appears(CONSOLE, stands, home.environment)

    minimal = appears(MINIMAL, lambda text: "ready" in text)
    picture = interleaved(console(lambda text: f"未结 {OPEN}" in text), pass_(), plan.times(21))
    screen = interleaved(console(full), minimal, plan.times(15))
    sheet = interleaved(console(lambda text: full(text) and "下一步" in text), minimal, plan.times(9))
    return [
        picture.row("exec to the first picture, of `python -c pass`", 3),
        screen.row(f"exec to a full screen, {OPEN} open, of a minimal program", 1.3),
        sheet.row("exec to the first ticket's sheet beside it", None),
    ]


def appears(
    argv: Sequence[str], stands: Callable[[str], bool], environment: dict[str, str] | None = None
) -> Callable[[], float]:
    """A measurement: seconds from exec until such a picture stands."""

    def once() -> float:
        with Terminal(argv, environment) as terminal:
            return terminal.until(stands)

    return once


def full(text: str) -> bool:
    """The status line, a list of tickets down to its last row, and the keys."""
    lines = text.split("\n")
    listed = [line for line in lines if line[:1] in "急红近移新停访办" and line[1:2] == " "]
    return f"共{OPEN}" in text and len(listed) >= 20 and lines[-1].startswith("F1 ") and "F10" in lines[-1]
