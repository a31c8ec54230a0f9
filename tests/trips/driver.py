"""A person before a terminal: presses keys, reads the screen cell by cell, waits for things to happen and never just waits.

The terminal is a real pseudo-terminal drawn by pyte, which also answers when it is asked where its cursor stands. A thread
reads it all the time, as a terminal does, so that several consoles can be open at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import pyte

from tests.processes import ROOT

PATIENCE = 30.0
"""Seconds that a person waits for what must happen; only a failing test waits so long."""

SOON = 2.0
"""The second within which one desk sees what another has done, and one more for a machine that is busy with other tests."""

DESK, NIGHT = (120, 36), (80, 24)
"""Columns and rows of the receptionist's and of the night operator's terminal."""

KEYS: Final[Mapping[str, str]] = {
    **dict(zip(("F1", "F2", "F3", "F4"), ("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"), strict=True)),
    **{f"F{5 + place}": f"\x1b[{code}~" for place, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24))},
    "Enter": "\r",
    "Esc": "\x1b",
    "Tab": "\t",
    "Up": "\x1b[A",
    "Down": "\x1b[B",
    "Right": "\x1b[C",
    "Left": "\x1b[D",
    "Home": "\x1b[H",
    "End": "\x1b[F",
    "Backspace": "\x7f",
    "Ctrl+P": "\x10",
}
_ESCAPES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b.")
_ALTERNATE = 1049
_FORM_IS_OPEN = "返回（留草稿）"
_NUMBER = r"\b\d{4}-\d+\b"


def _ticket(row: str) -> str:
    """The number of the ticket that a row of the list is about; empty where it is about none."""
    found = [match[0] for match in re.finditer(_NUMBER, row)]
    return found[-1] if found else ""


class Screen(pyte.Screen):
    """What stands on the terminal, when its bell sounded, and which titles it has had."""

    def __init__(self, size: tuple[int, int], answer: Callable[[bytes], None]) -> None:
        self.bells: list[float] = []
        self.titles: list[str] = []
        self._answer = answer
        super().__init__(*size)

    def bell(self, *_: Any) -> None:
        """Ring."""
        self.bells.append(time.monotonic())

    def set_title(self, param: str) -> None:
        """Name the window."""
        self.titles.append(param)

    def write_process_input(self, data: str) -> None:
        """Answer the program's question where the cursor stands."""
        self._answer(data.encode())

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """A program takes the alternate screen, which is empty."""
        super().set_mode(*modes, **kwargs)
        if _ALTERNATE in modes:
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """It gives it back: what it painted is gone."""
        super().reset_mode(*modes, **kwargs)
        if _ALTERNATE in modes:
            self.erase_in_display(2)
            self.cursor_position()

    def row(self, y: int) -> str:
        """A row by its cells; the second cell of a hanzi adds nothing."""
        line = self.buffer[y]
        return "".join(line[x].data for x in range(self.columns)).rstrip()


class Console:
    """A terminal with a program in it and the person before it; every step answers the console, so that steps can be told in a row."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = DESK
    ) -> None:
        self._news = threading.Condition()
        self._raw = bytearray()
        self._rows: list[str] = [""] * size[1]
        self._ever: set[str] = set()
        self._screen = Screen(size, self._write)
        self._stream = pyte.ByteStream(self._screen)
        self._line, self.pid = _spawned(command, environment, size)
        self._process = os.pidfd_open(self.pid)
        self._status: int | None = None
        self._spent = 0.0
        self._line_open, self._closed_at = True, 0.0
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # --- hands -------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> Self:
        """Keys by their names, digits and letters as they are."""
        for key in keys:
            self._write(KEYS.get(key, key).encode())
        return self

    def bursts(self, *keys: str) -> Self:
        """As `press`, but a bad line brings them all at once, in one packet."""
        return self.sends("".join(KEYS.get(key, key) for key in keys).encode())

    def types(self, words: str) -> Self:
        """Text as an input method commits it."""
        return self.sends(words.encode())

    def sends(self, raw: bytes) -> Self:
        """Bytes that no proper keyboard sends."""
        self._write(raw)
        return self

    def resize(self, width: int, height: int) -> Self:
        """Drag the window's corner."""
        with self._news:
            self._screen.resize(height, width)
            self._rows = [""] * height
            self._screen.dirty.update(range(height))
        _set_size(self._line, (width, height))
        return self

    def goes_to(self, matter: str) -> Self:
        """F3, to the top, and down the list until the cursor stands on the row that says this; its details follow."""
        for _ in range(3):  # a row that changes places meanwhile may pass the cursor by
            self.press("F3", "Home").until(lambda: self._place()[0] == 1, "not at the top of the list")
            while matter not in (row := self._under_the_cursor()) and self._place()[0] < self._place()[1]:
                place, ticket = self._place()[0], _ticket(row)
                # A row that went up meanwhile took the cursor along: the next one stands at the same place.
                self.press("Down").until(
                    lambda place=place, ticket=ticket: (  # type: ignore[misc]
                        self._place()[0] > place or _ticket(self._under_the_cursor()) not in ("", ticket)
                    ),
                    "the cursor does not move",
                )
            if matter in row:
                break
        assert matter in row, f"no such ticket: {matter}\n{self.text}"
        number = _ticket(row)
        return self.until(lambda: self.number == number, f"no details of {number}")

    @property
    def number(self) -> str:
        """The tail of the ticket's number whose details are shown, such as 1122-13."""
        head = re.search(rf"[─-] ({_NUMBER}) ", self.text)
        return head[1] if head else ""

    def _place(self) -> tuple[int, int]:
        found = re.search(r"按时限排序 [─-]+ (\d+)/(\d+)", self.text)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def _under_the_cursor(self) -> str:
        """The row of the list that is set off from all the others."""
        with self._news:
            top = next(
                (y for y, row in enumerate(self._rows) if row.startswith("状态    剩余")), len(self._rows)
            )
            listed = [
                y for y in range(top, len(self._rows)) if re.search(_NUMBER, self._rows[y].partition("│")[0])
            ]
            cells = [self._screen.buffer[y][8] for y in listed]
            looks = [(cell.bg, cell.reverse) for cell in cells]
            alone = [y for y, look in zip(listed, looks, strict=True) if looks.count(look) == 1]
            return self._rows[alone[0]].partition("│")[0] if alone else ""

    def picks(self, label: str) -> Self:
        """Enter on the ticket, then what the menu offers under that label."""
        return self.press("Enter").sees("数字选").chooses(label)

    def chooses(self, label: str) -> Self:
        """The digit that stands beside the label in the menu; a label without one is found by its initials."""
        line = self.found(rf"((?:\d| ) {label} +[a-z]+)").split()
        return self.press(line[0]) if line[0].isdigit() else self.types(line[1]).press("Enter")

    def does(self, label: str, words: str = "") -> Self:
        """What the menu offers under that label, to the end: the words where its form's cursor is, the rest as offered, F9."""
        self.picks(label).sees(_FORM_IS_OPEN)
        return self.types(words).press("F9").sees(f"{label}：已保存").loses(_FORM_IS_OPEN)

    # --- eyes and ears -----------------------------------------------------------------------------------------

    def sees(self, *words: str, within: float = PATIENCE) -> Self:
        """Look until all of these stand on the screen."""
        return self.until(lambda: all(word in self.text for word in words), f"not seen: {words}", within)

    def loses(self, *words: str, within: float = PATIENCE) -> Self:
        """Look until none of these stands on the screen any more."""
        return self.until(
            lambda: not any(word in self.text for word in words), f"still seen: {words}", within
        )

    def until(self, condition: Callable[[], object], what: str = "", within: float = PATIENCE) -> Self:
        """Wait until something is true of what the terminal shows; the screen is the error message."""
        end = time.monotonic() + within
        with self._news:
            while not condition():
                # What a program has not painted when it ends, it will not paint any more.
                end = end if self._line_open else min(end, self._closed_at + 1.0)
                left = end - time.monotonic()
                assert left > 0, f"{what or 'waited in vain'}\n{self.text}"
                self._news.wait(min(left, 0.2))
        return self

    @property
    def rows(self) -> list[str]:
        """The screen as it stands now, a string a row."""
        return list(self._rows)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self._rows)

    def cells(self, y: int) -> list[str]:
        """A row cell by cell; the second cell of a hanzi is empty."""
        with self._news:
            return [self._screen.buffer[y][x].data for x in range(self._screen.columns)]

    def found(self, pattern: str) -> str:
        """What the first group of the pattern stands for on the screen."""
        self.until(lambda: re.search(pattern, self.text), f"not found: {pattern}")
        match = re.search(pattern, self.text)
        assert match is not None
        return match[1]

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's cursor: where an input method opens its window."""
        with self._news:
            return self._screen.cursor.x, self._screen.cursor.y

    @property
    def title(self) -> str:
        """The window's title."""
        return self._screen.titles[-1] if self._screen.titles else ""

    @property
    def bells(self) -> list[float]:
        """When the bell sounded, in seconds of the monotonic clock."""
        return list(self._screen.bells)

    @property
    def raw(self) -> bytes:
        """Every byte that came."""
        return bytes(self._raw)

    def colours(self) -> set[str]:
        """Every colour in which something stands on the screen, ink and ground."""
        with self._news:
            cells = [
                self._screen.buffer[y][x]
                for y in range(self._screen.lines)
                for x in range(self._screen.columns)
            ]
        return {colour for cell in cells for colour in (cell.fg, cell.bg)}

    @property
    def history(self) -> str:
        """Every row as it has stood at any moment, and whatever was written to the terminal in one piece."""
        with self._news:
            return "\n".join([*self._ever, _ESCAPES.sub("\n", self._raw.decode(errors="replace"))])

    # --- the end -----------------------------------------------------------------------------------------------

    def ends(self, within: float = PATIENCE) -> int:
        """Wait until the program is gone; its exit status, negative for a signal."""
        if self._status is None:
            assert select.select([self._process], [], [], within)[0], f"still running\n{self.text}"
            _, status, used = os.wait4(self.pid, 0)
            self._status, self._spent = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
        return self._status

    @property
    def hung_up(self) -> bool:
        """Whether the program has let go of its terminal."""
        return not self._line_open

    @property
    def spent(self) -> float:
        """Seconds of the processor that the program has used so far, or in its whole life."""
        if self._status is not None:
            return self._spent
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self, number: int = signal.SIGKILL) -> Self:
        """Send the process a signal."""
        os.kill(self.pid, number)
        return self

    def hang_up(self) -> Self:
        """The terminal is gone: its window closed, its line cut."""
        self._hung_up.set()
        self._reader.join(PATIENCE)
        os.close(self._line)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            self.kill().ends()
        if not self._hung_up.is_set():
            self.hang_up()
        os.close(self._process)

    # --- the terminal ------------------------------------------------------------------------------------------

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._line, view) :]

    def _read(self) -> None:
        while not self._hung_up.is_set():
            if not select.select([self._line], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._line, 65_536)
            except OSError:  # EIO: the program is gone
                data = b""
            with self._news:
                if data:
                    self._draw(data)
                else:
                    self._line_open, self._closed_at = False, time.monotonic()
                self._news.notify_all()
            if not data:
                return

    def _draw(self, data: bytes) -> None:
        self._raw += data
        self._stream.feed(data)
        for y in self._screen.dirty:
            if y < len(self._rows):
                self._rows[y] = self._screen.row(y)
                self._ever.add(self._rows[y])
        self._screen.dirty.clear()


def _spawned(
    command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]
) -> tuple[int, int]:
    """The near end of a new terminal, and the process that leads a session at its far end: it opens the terminal itself,
    which makes it the controlling one."""
    near, far = os.openpty()
    _set_size(near, size)
    opened = (os.POSIX_SPAWN_OPEN, 0, os.ttyname(far), os.O_RDWR, 0)
    copied = [(os.POSIX_SPAWN_DUP2, 0, fd) for fd in (1, 2)]
    pid = os.posix_spawnp(command[0], list(command), environment, file_actions=[opened, *copied], setsid=True)
    os.close(far)
    return near, pid


def _set_size(terminal: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


class Record(NamedTuple):
    """A ticket's log as it lies in the database: kind, author and plain data of each event."""

    id: int
    events: Sequence[tuple[str, str, str]]

    @property
    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [kind for kind, _, _ in self.events]

    @property
    def authors(self) -> set[str]:
        """Who wrote it."""
        return {by for _, by, _ in self.events}

    def data(self, kind: str) -> dict[str, Any]:
        """What the newest event of that kind says."""
        newest = next(data for found, _, data in reversed(self.events) if found == kind)
        said: dict[str, Any] = json.loads(newest)
        return said


class Estate:
    """A home, and the processes that work on it: consoles, commands, whoever looks into the database from outside."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def environment(self, operator: str, **changes: str) -> dict[str, str]:
        """What a log-in of that operator would bring, without anything of the machine that runs the tests."""
        dropped = ("FRONTDESK_", "TEXTUAL", "SSH_", "TMUX", "DBUS_", "NO_COLOR", "COLORTERM", "LC_", "LANG")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        own = {"FRONTDESK_HOME": str(self.home), "FRONTDESK_OPERATOR": operator, "PYTHONPATH": str(ROOT)}
        return kept | own | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | changes

    def console(self, operator: str = "xiaolin", size: tuple[int, int] = DESK, **changes: str) -> Console:
        """Somebody opens the console."""
        return Console([sys.executable, "-m", "frontdesk"], self.environment(operator, **changes), size)

    def run(
        self, *words: str, by: str = "xiaolin", stdin: str = "", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """`frontdesk WORDS…` from another process, whatever comes of it."""
        return subprocess.run(
            [sys.executable, "-m", "frontdesk", *words],
            cwd=ROOT,
            env=self.environment(by, **changes),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def does(self, *words: str, by: str = "xiaolin") -> str:
        """As `run`, and it must succeed; what it printed."""
        done = self.run(*words, by=by)
        assert done.returncode == 0, f"{words}: {done.stderr or done.stdout}"
        return done.stdout

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database's tables, read past the product."""
        with contextlib.closing(sqlite3.connect(self.home / "data" / "frontdesk.db")) as database:
            return database.execute(question, values).fetchall()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Some other program holds the database, as a backup or an import does; nobody can save."""
        with contextlib.closing(
            sqlite3.connect(self.home / "data" / "frontdesk.db", isolation_level=None)
        ) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")

    def ticket(self, number: str) -> Record:
        """The raw events of the ticket of that number or tail of one."""
        ((ticket_id,),) = self.rows("SELECT id FROM ticket WHERE number LIKE ?", f"%{number}")
        return Record(
            ticket_id,
            self.rows("SELECT kind, by, data FROM event WHERE ticket_id = ? ORDER BY seq", ticket_id),
        )
