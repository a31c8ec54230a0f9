"""The real console under a pseudo-terminal: bytes in, bytes out, and a pyte screen that they draw."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.processes import ROOT

PATIENCE = 30.0
CONSOLE = "import sys; from frontdesk.cli import main; sys.exit(main([]))"
"""What `frontdesk` starts; tests that break something put their own lines before it."""
# What pyte does not know and would print: mode reports, private CSI, strings to the terminal.
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_TITLE = re.compile(rb"\x1b\]2;([^\x07]*)\x07")


class Terminal:
    """A terminal with the console in it. `answers` are what it says to questions, by the bytes that ask."""

    def __init__(
        self,
        home: Path,
        size: tuple[int, int] = (120, 36),
        code: str = CONSOLE,
        answers: Mapping[bytes, bytes] | None = None,
        **environment: str,
    ) -> None:
        self.width, self.height = size
        self.screen = pyte.Screen(self.width, self.height)
        self._stream = pyte.ByteStream(self.screen)
        self.out = b""
        self.answers = dict(answers or {})
        self.status: int | None = None
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FRONTDESK_", "TEXTUAL", "SSH_", "TMUX"))
            and name not in ("NO_COLOR", "COLORTERM")
        }
        settings = {"FRONTDESK_HOME": str(home), "FRONTDESK_OPERATOR": "lin", "PYTHONPATH": str(ROOT)}
        self._start(code, kept | settings | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | environment)

    def _start(self, code: str, environment: Mapping[str, str]) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "-c", code], dict(environment))
        self.resize(self.width, self.height)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.width, self.height = width, height
        self.screen.resize(height, width)

    # --- reading -----------------------------------------------------------------------------------------------

    def _pump(self, seconds: float) -> bytes:
        # Not select: in a process that has opened many houses the terminal's number may lie above its 1024.
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return b""
        try:
            data = os.read(self.fd, 65_536)
        except OSError:
            return b""
        self.out += data
        for question, answer in self.answers.items():
            for _ in range(data.count(question)):
                os.write(self.fd, answer)
        self._stream.feed(_UNKNOWN.sub(b"", data))
        return data

    @property
    def rows(self) -> list[str]:
        """The screen, a string a row; the second cell of a hanzi is left out."""
        return [
            "".join(self.screen.buffer[y][x].data for x in range(self.width)).rstrip()
            for y in range(self.height)
        ]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    @property
    def titles(self) -> list[str]:
        """Every title that was set."""
        return [title.decode() for title in _TITLE.findall(self.out)]

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Read until something is true; the screen is the error message."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what or 'waited in vain'}\n{self.text}\n{self.out[-600:]!r}"
            self._pump(0.05)

    def sees(self, *words: str) -> None:
        """Read until all of these stand on the screen."""
        self.until(lambda: all(word in self.text for word in words), f"not seen: {words}")

    def quiet(self, seconds: float = 0.4) -> bytes:
        """What still comes until nothing has come for so long."""
        before = len(self.out)
        while self._pump(seconds):
            pass
        return self.out[before:]

    def press(self, keys: bytes, seconds: float = 0.4) -> bytes:
        """Write keys; what comes back until it is quiet."""
        os.write(self.fd, keys)
        return self.quiet(seconds)

    # --- ending ------------------------------------------------------------------------------------------------

    def ended(self) -> bool:
        """True once the console is gone; `status` then is its exit status, negative for a signal."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def until_ended(self) -> int:
        """Read until it is gone; its exit status."""
        self.until(self.ended, "still running")
        self.quiet(0.1)  # its last words may still be in the line
        assert self.status is not None
        return self.status

    def hang_up(self) -> None:
        """The other end of the line is gone."""
        os.close(self.fd)
        self.fd = -1

    def until_gone(self) -> int:
        """As `until_ended` after `hang_up`, when there is nothing left to read."""
        end = time.monotonic() + PATIENCE
        while not self.ended():
            assert time.monotonic() < end, "outlives its terminal"
            time.sleep(0.01)
        assert self.status is not None
        return self.status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)
