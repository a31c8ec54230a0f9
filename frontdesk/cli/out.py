"""What reaches the terminal: UTF-8 whatever the locale, one JSON document or plain text on stdout, messages on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, NoReturn

_SAFE = {10: "\n", 9: " "}
_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSAFE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *_MARKS), "") | _SAFE
"""Controls and direction overrides: a text that holds one must not steer somebody's terminal."""


def prepare() -> None:
    """Answer in UTF-8 also where the locale says otherwise (DESIGN §10); half characters become `?`."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def typed(word: str) -> str:
    """An argument as it was meant: shells hand over UTF-8 or GB18030 bytes whatever the locale says.

    The name of a file that is there stays as the system spells it.
    """
    if word.isascii() or os.path.exists(word):
        return word
    try:
        raw = os.fsencode(word)
    except UnicodeEncodeError:
        return word
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        # Two bytes of GB18030 may pass for a letter of UTF-8, three never for a hanzi: that one is a damaged text.
        hanzi = any(ch > "\u07ff" for ch in raw.decode("utf-8", "ignore"))
        return raw.decode(wrong.encoding if hanzi else "gb18030", "replace").replace("\ufffd", "?")


def guard(text: str) -> str:
    """The text without anything that a terminal would obey; lines stay lines."""
    # Translating costs ten times as much as looking, and nearly every text holds line ends and wide blanks alone.
    plain = text if text.isprintable() else text.replace("\n", "").replace("\u3000", "")
    return text if plain.isprintable() else text.translate(_UNSAFE)


def say(text: str) -> None:
    """A line, or several, on stdout."""
    _put(sys.stdout, text)


def warn(text: str) -> None:
    """A message on stderr; where nobody listens it is dropped."""
    try:
        _put(sys.stderr, text)
    except OSError:
        return


def _put(stream: IO[str] | None, text: str) -> None:
    if stream is not None:
        stream.write(guard(text) + "\n")


def document(value: Any) -> None:
    """One JSON document on stdout: a line for programs, indented for eyes."""
    import json

    eyes = sys.stdout is not None and sys.stdout.isatty()
    say(json.dumps(value, ensure_ascii=False, indent=2 if eyes else None))


def listing(name: str, values: Iterable[Any]) -> None:
    """One JSON document `{name: [values]}` on stdout, a value a line, written as they come: a hundred thousand tickets fit."""
    import json

    say(f'{{"{name}": [')
    for place, value in enumerate(values):
        say(("," if place else "") + json.dumps(value, ensure_ascii=False))
    say("]}")


def flush() -> None:
    """Hand over everything that was said; `OSError` where it cannot be."""
    for stream in (sys.stderr, sys.stdout):
        if stream is not None:
            stream.flush()


def abandon() -> None:
    """Nobody reads stdout any more: what is still in it goes nowhere, so that leaving raises nothing."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(code: int) -> NoReturn:
    """End the process at once; whoever cannot be told any more is not told."""
    with contextlib.suppress(OSError):
        flush()
    os._exit(code)


def width(text: str) -> int:
    """Cells that a terminal gives the text: two for each wide or full-width character."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(ch) else 1 + (east_asian_width(ch) in "WF") for ch in text)


def columns(rows: Iterable[Sequence[str]]) -> str:
    """Rows as aligned text, two blanks between the columns, nothing behind the last one."""
    found = [[guard(cell).replace("\n", " ") for cell in row] for row in rows]
    if not found:
        return ""
    sizes = [[width(cell) for cell in row] for row in found]
    widest = [max(size[place] for size in sizes) for place in range(len(found[0]))]
    return "\n".join(
        "  ".join(
            cell + " " * (room - size) for cell, size, room in zip(row, sized, widest, strict=True)
        ).rstrip()
        for row, sized in zip(found, sizes, strict=True)
    )


def deaf() -> None:
    """From now on Ctrl+C is not heard: who has pressed it may still be pressing it while Python ends."""
    import signal

    while True:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        except KeyboardInterrupt:
            continue
        return
