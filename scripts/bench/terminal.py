"""A program under a pseudo-terminal of 120×36: when its picture stands, what a key costs, what it does when left alone.

What it writes is kept with its time and replayed through an emulator afterwards, so that the emulator costs it nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pyte
from wcwidth import wcswidth

COLUMNS, ROWS = 120, 36
DOWN = b"\x1b[B"

_ANSWERS = {b"\x1b[c": b"\x1b[?62;c", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What a program asks of its terminal, and what terminals of today say."""
_WHERE = re.compile(rb"\r([^\x1b\r]*)\x1b\[6n")
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[[?0-9;]*\$p|\x1b\[[0-9;]*t|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""Modes and titles: they change no cell, and the emulator would print some of them."""


class Spent(NamedTuple):
    """What the program did in a span of time: seconds until its last byte, CPU seconds, bytes."""

    wall: float
    cpu: float
    sent: int


class Picture:
    """The cells that bytes leave on a screen."""

    def __init__(self) -> None:
        """An empty screen."""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """More bytes."""
        self._stream.feed(_UNKNOWN.sub(b"", data))

    @property
    def text(self) -> str:
        """What can be read, a line a row; a wide character stands once."""
        return "\n".join(row.rstrip() for row in self._screen.display)


class Terminal:
    """One running program."""

    def __init__(self, argv: Sequence[str], environment: dict[str, str] | None = None) -> None:
        """Execute it; the clock starts here."""
        self._end, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        name = os.ttyname(slave)
        around = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            **(environment or {}),
        }
        for stray in ("LINES", "COLUMNS", "NO_COLOR", "SSH_CONNECTION", "TMUX"):
            around.pop(stray, None)
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
            *((os.POSIX_SPAWN_DUP2, 0, fd) for fd in (1, 2)),
        ]
        self.chunks: list[tuple[float, bytes]] = []
        self._picture, self._replayed = Picture(), 0
        self.started = time.perf_counter()
        self.process = os.posix_spawn(argv[0], list(argv), around, file_actions=actions, setsid=True)
        os.close(slave)

    def __enter__(self) -> Terminal:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, whatever it thinks of that."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._end)

    # --- reading -----------------------------------------------------------------------------------------------

    def listen(self, seconds: float) -> int:
        """Take what comes for so long, answering what it asks; how many bytes came."""
        end, came = time.perf_counter() + seconds, 0
        while (left := end - time.perf_counter()) > 0:
            came += self._take(left)
        return came

    def settle(self, quiet: float, limit: float = 20.0) -> int:
        """Take what comes until nothing has come for `quiet` seconds; how many bytes came."""
        end, came = time.perf_counter() + limit, 0
        while taken := self._take(quiet):
            came += taken
            if time.perf_counter() > end:
                raise TimeoutError("the program never stops writing")
        return came

    def _take(self, seconds: float) -> int:
        if not select.select([self._end], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(self._end, 65536)
        except OSError as error:
            raise RuntimeError(f"the program has ended; it had written:\n{self.text}") from error
        self.chunks.append((time.perf_counter(), data))
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._end, answer)
        for text in _WHERE.findall(data):
            os.write(self._end, b"\x1b[1;%dR" % (1 + wcswidth(text.decode())))
        return len(data)

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        for _, data in self.chunks[self._replayed :]:
            self._picture.feed(data)
        self._replayed = len(self.chunks)
        return self._picture.text

    def until(self, stands: Callable[[str], bool], limit: float = 30.0) -> float:
        """Seconds from execution to the bytes with which such a picture stood for the first time."""
        while not stands(self.text):
            if time.perf_counter() - self.started > limit:
                raise TimeoutError(f"the picture never came; there stands:\n{self.text}")
            self.listen(0.1)
        picture = Picture()
        for when, data in self.chunks:
            picture.feed(data)
            if stands(picture.text):
                return when - self.started
        raise AssertionError("it stood there a moment ago")

    # --- measuring ---------------------------------------------------------------------------------------------

    def press(self, key: bytes, quiet: float) -> Spent:
        """Press a key and wait until the program has been quiet for so long; it must have answered."""
        first, busy, start = len(self.chunks), self.cpu, time.perf_counter()
        os.write(self._end, key)
        while not self._take(1.0):
            if time.perf_counter() - start > 10:
                raise TimeoutError("no answer to a key")
        self.settle(quiet)
        sent = sum(len(data) for _, data in self.chunks[first:])
        return Spent(self.chunks[-1][0] - start, self.cpu - busy, sent)

    def idle(self, seconds: float) -> Spent:
        """Leave it alone for so long."""
        busy = self.cpu
        sent = self.listen(seconds)
        return Spent(seconds, self.cpu - busy, sent)

    @property
    def cpu(self) -> float:
        """CPU seconds of all its threads since it started, from the kernel's clock of that process."""
        return time.clock_gettime(~self.process << 3 | 2)

    @property
    def resident(self) -> float:
        """MiB of its memory that lie in RAM."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
