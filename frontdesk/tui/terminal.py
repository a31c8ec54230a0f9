"""Where Textual and real terminals part: the known holes, closed in one place (DESIGN §10, findings on terminals).

- a byte that is no UTF-8 (a GBK paste) must not end the console: `DeskDriver.run_input_thread`
- a bad line brings several keys at once; F9 must not overtake the sentence before it: `DeskDriver._keep_order`
- a locale of GB18030 must not make it write GB bytes: `DeskDriver.__init__`
- SIGHUP, SIGTERM and a vanished terminal save what is being typed, give the terminal back, and end the process even when
  saving fails or writing blocks: `LastWords`
- SIGCONT to a dead terminal must not start drawing again; to a living one it redraws: `LastWords`
- a terminal without UTF-8, or one that draws ambiguous characters two cells wide, is found out: `PROBE`, `judge`
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import selectors
import signal
import sys
import termios
import time
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, Final, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Key
from textual.message import Message
from textual.message_pump import MessagePump

from frontdesk.tui.text import clean

RESTORE: Final = (
    "\x1b[0m\x1b[?2026l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?1004l\x1b[?7h"
    "\x1b[23;2t\x1b[?1049l\x1b[?25h"
)
"""Mouse, paste and focus reports off, wrapping on, title and screen as before, cursor shown."""

# Written where the first frame covers it: three texts, and after each the question where the cursor stands now.
PROBE: Final = "\x1b[H" + "".join(f"\r{text}\x1b[6n" for text in ("ab", "中", "●█")) + "\r\x1b[K"
NOT_UTF8: Final = "Terminal is not UTF-8 (zhongduan bu shi UTF-8). PuTTY: Window > Translation > UTF-8, reconnect. tmux: run tmux -u attach."
LAST_WORDS_SECONDS = 3
"""How long saving and restoring may take before the process ends all the same."""
LISTEN, AWAKE_SECONDS = 0.1, 2.0
"""Seconds between looks at a lone Escape, and for how long after the last key; later only a key or the end wakes it."""
KEY_SECONDS = 0.25
"""How long a key may keep the next one waiting, and how close behind it the next one must come to wait at all."""


def judge(columns: list[int]) -> str:
    """`utf8`, `wide` or `foreign` from the columns that the terminal answered; `utf8` where the answers mean nothing."""
    base, hanzi, ambiguous = columns
    if base != 2:  # noqa: PLR2004 - it did not even count `ab` right
        return "utf8"
    if hanzi != 2:  # noqa: PLR2004
        return "foreign"
    return "wide" if ambiguous > 2 else "utf8"  # noqa: PLR2004 - signs and block elements are widened apart


class Probed(Message):
    """The terminal has answered; `verdict` is one of `judge`'s."""

    def __init__(self, verdict: str) -> None:
        super().__init__()
        self.verdict = verdict


class DeskDriver(LinuxDriver):
    """Textual's driver, writing UTF-8 to stdout and surviving what terminals send."""

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._file = utf8(cast(TextIOWrapper, sys.__stdout__))
        self._columns: list[int] = []
        self._key_at, self._key_wrote = 0.0, False
        self._ending, self._end = os.pipe()

    def start_application_mode(self) -> None:
        """As Textual does, then keep the old title and ask what the terminal can draw."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write("\x1b[22;2t" + PROBE)

    def stop_application_mode(self) -> None:
        """As Textual does, with the old title back."""
        self.write("\x1b[23;2t")
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Bytes to events until the console ends; a terminal that is gone counts as a hang-up."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        parser = XTermParser(self._debug)
        awake = 0.0
        with selectors.DefaultSelector() as selector:
            keys = selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._ending, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                came = selector.select(LISTEN if time.monotonic() < awake else None)
                if any(key is keys for key, _ in came):
                    awake = time.monotonic() + AWAKE_SECONDS
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def disable_input(self) -> None:
        """As Textual does, which waits for the thread that listens."""
        os.write(self._end, b"\n")
        super().disable_input()
        os.read(self._ending, 4096)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # EIO: the other end of the pseudo-terminal was closed
            return b""

    def process_message(self, message: Message) -> None:
        """Answers to the probe are ours; everything else is Textual's."""
        if isinstance(message, CursorPosition):
            self._columns.append(message.x)
            if len(self._columns) == 3:  # noqa: PLR2004 - PROBE asks three times
                self._app.post_message(Probed(judge(self._columns)))
            return
        if isinstance(message, Key):
            self._keep_order(message)
        super().process_message(message)

    def _keep_order(self, key: Key) -> None:
        """Let what the last key set going come to rest first, unless both merely write.

        Textual runs a function key at once, while the characters before it still queue up for their widget, and moves the
        focus behind whatever has arrived meanwhile: several keys in one packet would save half a sentence, or none.
        """
        character = key.character or ""
        writes = character.isprintable() and not character.isdigit() and character != ""
        if time.monotonic() - self._key_at < KEY_SECONDS and not (writes and self._key_wrote):
            rest = asyncio.run_coroutine_threadsafe(self._at_rest(), self._loop)
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                rest.result(KEY_SECONDS)
        self._key_at, self._key_wrote = time.monotonic(), writes

    async def _at_rest(self) -> None:
        """Follow a key: the program, the widget that has the keys, what it tells its parents, the focus that they move."""
        await _worked_off(self._app)
        focused = self._app.focused
        for pump in focused.ancestors_with_self if focused is not None else ():
            # Twice: once for the key, once for what the widget has then told itself.
            await _worked_off(pump)
            await _worked_off(pump)
        await _worked_off(self._app)


async def _worked_off(pump: MessagePump) -> None:
    """Wait until everything that is in its queue now has been dealt with."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()


def utf8(stream: TextIOWrapper) -> TextIOWrapper:
    """The stream, writing UTF-8 whatever the locale says."""
    stream.reconfigure(encoding="utf-8", errors="replace")
    return stream


class LastWords:
    """What happens when the process is told to end, or its terminal is gone.

    `save` writes what is being typed and may fail; the terminal is restored and the process ends with 128 + signal all the
    same, at the latest after `LAST_WORDS_SECONDS`. Saving runs in the signal handler, so a blocked event loop cannot stop it.
    """

    def __init__(self, save: Callable[[], None], redraw: Callable[[], None]) -> None:
        self._save, self._redraw = save, redraw
        self._fd = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self._before = termios.tcgetattr(self._fd) if os.isatty(self._fd) else None

    def install(self) -> None:
        """To be called once the driver has set its own handlers."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, self._leave)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        signal.signal(signal.SIGCONT, lambda _number, _frame: self._redraw())

    def _leave(self, number: int, _frame: object) -> None:
        signal.alarm(LAST_WORDS_SECONDS)
        try:
            self._save()
        finally:
            self._restore_and_end(128 + number)

    def _restore_and_end(self, status: int) -> None:
        try:
            os.write(1, RESTORE.encode())
            if self._before is not None:
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)
        finally:
            os._exit(status)


def prepare_environment() -> int:
    """Settings that Textual reads while it is imported; returns the colour depth: 256, 16, or 0 for NO_COLOR.

    Whatever TEXTUAL_* variables came with the log-in are dropped: one of them names code to import. So are LINES and COLUMNS,
    which would win over the terminal's own size and hold it fast.
    """
    for name in [name for name in os.environ if name.startswith("TEXTUAL") or name in ("LINES", "COLUMNS")]:
        del os.environ[name]
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"  # input methods commit plain UTF-8 then
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    if os.environ.pop("NO_COLOR", ""):
        return 0
    many = "256" in os.environ.get("TERM", "") or os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
    return 256 if many else 16


def title(words: str) -> str:
    """The sequence that names the window; nothing in the words can end it early."""
    return f"\x1b]2;{clean(words)[:60]}\x07"


def tmux_without_utf8(run: Callable[[list[str]], str]) -> bool:
    """True inside a tmux whose client was started without UTF-8; `run` executes a command and returns what it prints."""
    return "TMUX" in os.environ and run(["tmux", "display", "-p", "#{client_utf8}"]).strip() == "0"
