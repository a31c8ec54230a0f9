"""Draws README's picture: the real console under a pseudo-terminal on the made-up estate, while a call comes in.

`scripts/picture.py [FILE]` writes an SVG (data/picture.svg unless told). Every word begins at its cell and hanzi are set apart
from Latin letters, so both line up whatever font the reader has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pexpect
import pyte
from rich.cells import cell_len

ROOT = Path(__file__).parents[1]
COLUMNS, ROWS = 120, 36
CELL_WIDTH, CELL_HEIGHT, BASE = 9, 20, 15
INK, GROUND = "#d0d0d0", "#121212"
HANZI, LATIN = 18, 15
"""Font sizes at which a hanzi is as wide as two cells and a letter of a monospaced font (0.6 em) as one."""
STYLE = f"""text.h {{ font: {HANZI}px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }}
text.l {{ font: {LATIN}px "DejaVu Sans Mono", Menlo, monospace }}
text.b {{ font-weight: bold }}"""
CALLER = "19900005678"
"""Somebody of the made-up estate, with a history."""
PATIENCE = 60.0
# What the emulator does not know and would print.
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_WORD = re.compile("[\u2e80-\uffef]+|[^\u2e80-\uffef ]+")

Run = tuple[int, str, str, str, bool]
"""Column, text, ink, ground, bold."""


def main() -> int:
    """Draw it."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data" / "picture.svg"
    with tempfile.TemporaryDirectory() as home:
        environment = {
            name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "LINES", "COLUMNS")
        } | {"FRONTDESK_HOME": home, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        command(environment | {"FRONTDESK_OPERATOR": "admin"}, "init", "--sample")
        screen = photograph(environment | {"FRONTDESK_OPERATOR": "xiaolin"})
    target.write_text(svg(screen), encoding="utf-8")
    return 0


def command(environment: dict[str, str], *words: str) -> None:
    """Run a command of the front desk."""
    subprocess.run(
        [sys.executable, "-m", "frontdesk", *words], env=environment, check=True, capture_output=True
    )


def photograph(environment: dict[str, str]) -> pyte.Screen:
    """The console's screen a moment after a call has begun to ring."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    console = pexpect.spawn(
        sys.executable, ["-m", "frontdesk"], env=environment, dimensions=(ROWS, COLUMNS), timeout=None
    )
    called = False
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            try:
                data: Any = console.read_nonblocking(65_536, timeout=0.5)
                stream.feed(_UNKNOWN.sub(b"", data))
                continue
            except pexpect.TIMEOUT:
                shown = text(screen)
            if not called and "下一步" in shown and "话术 F4" in shown:
                command(environment, "call", "log", "--phone", CALLER)
                called = True
            elif called and "响铃 00:0" in shown and "F2 接听" in shown:
                return screen
    finally:
        console.close(force=True)
    raise SystemExit(f"The console did not come to show what was waited for:\n{text(screen)}")


def text(screen: pyte.Screen) -> str:
    """The screen without its looks."""
    return "\n".join("".join(screen.buffer[y][x].data for x in range(COLUMNS)) for y in range(ROWS))


def runs(screen: pyte.Screen, y: int) -> Iterator[Run]:
    """A row's stretches of equal look."""
    start, held, kept = 0, ("", "", False), ""
    for x in range(COLUMNS):
        cell = screen.buffer[y][x]
        look = (colour(cell.fg, INK), colour(cell.bg, GROUND), bool(cell.bold))
        look = (look[1], look[0], look[2]) if cell.reverse else look
        if look != held and cell.data:
            if kept:
                yield start, kept, *held
            start, held, kept = x, look, ""
        kept += cell.data
    yield start, kept, *held


def colour(name: str, default: str) -> str:
    """pyte's colour as CSS."""
    return default if name == "default" else f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name


def svg(screen: pyte.Screen) -> str:
    """The picture: grounds, and every word at its cell."""
    width, height = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<rect width="{width}" height="{height}" fill="{GROUND}"/>',
        f"<style>{STYLE}</style>",
    ]
    for y in range(ROWS):
        for start, words, ink, ground, bold in runs(screen, y):
            if ground != GROUND:
                out.append(
                    f'<rect x="{start * CELL_WIDTH}" y="{y * CELL_HEIGHT}" width="{cell_len(words) * CELL_WIDTH}" '
                    f'height="{CELL_HEIGHT}" fill="{ground}"/>'
                )
            for match in _WORD.finditer(words):
                x = (start + cell_len(words[: match.start()])) * CELL_WIDTH
                kind = ("h" if cell_len(match[0][0]) > 1 else "l") + (" b" if bold else "")
                out.append(
                    f'<text class="{kind}" x="{x}" y="{y * CELL_HEIGHT + BASE}" fill="{ink}">{escape(match[0])}</text>'
                )
    return "\n".join([*out, "</svg>", ""])


if __name__ == "__main__":
    sys.exit(main())
