"""What goes over the line, in bytes: it is the same on every machine, so it is tested and not only measured (DESIGN §12)."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from frontdesk.tui.splash import paint
from tests.builders import House, Time
from tests.processes import ROOT
from tests.tui.terminals import Terminal

HEAVY = ("sqlmodel", "sqlalchemy", "typer", "pydantic", "openpyxl", "pypinyin", "xlsxwriter", "keyring")
FIRST_FRAME = """
import sys
import frontdesk.tui.app as app
from frontdesk.cli import main
settled = app.Console.settle
def look(self):
    print("|".join(name for name in {heavy!r} if name in sys.modules), file=open({path!r}, "w"))
    settled(self)
app.Console.settle = look
sys.exit(main([]))
"""

NEVER_NEEDED = (
    *("ssl", "_ssl", "hashlib", "_hashlib", "bz2", "lzma"),
    *("typer", "click", "sqlmodel", "sqlalchemy", "alembic", "httpx", "frontdesk.domain.classify", "tomllib"),
)
AT_REST = """
import sys
before = set(sys.modules)
import os, threading, time
def tell():
    while not os.path.exists({ask!r}):
        time.sleep(0.05)
    loaded = sys.modules.keys() - before
    import ssl
    print("|".join(name for name in {names!r} if name in loaded), ssl.create_default_context().verify_mode.name, file=open({path!r}, "w"))
threading.Thread(target=tell, daemon=True).start()
from frontdesk.cli import main
sys.exit(main([]))
"""
"""What a console has loaded that shows a ticket and waits; and whether it can still send over TLS."""


@pytest.fixture
def busy(house: House) -> Path:
    """A home with 60 open tickets, the clock being the machine's: the console under the terminal has no other."""
    house.time = Time(int(time.time()) - 3600)
    for place in range(60):
        house.open(text=f"楼道灯不亮，第{place}次报修", unit=f"7-3-{2601 + place % 4}")
    return house.home


@pytest.mark.alone
def test_boot_key_and_idle_bytes(busy: Path) -> None:
    with Terminal(busy, (140, 40)) as terminal:
        terminal.sees("未结工单", "话术 F4", "下一步")
        terminal.quiet(1.0)
        assert len(terminal.out) <= 45_000
        for _ in range(3):
            terminal.press(b"\x1b[B", 0.6)
        # The row left and the row entered; the details follow when the cursor rests and are counted apart.
        sizes = [len(terminal.press(b"\x1b[B", 0.1)) for _ in range(10)]
        assert sorted(sizes)[len(sizes) // 2] <= 600
        terminal.quiet(1.0)
        idle = terminal.quiet(4.0)
        assert len(idle) <= 400


def test_heavy_packages_are_absent_at_the_first_frame(busy: Path, tmp_path: Path) -> None:
    told = tmp_path / "modules"
    with Terminal(busy, code=FIRST_FRAME.format(heavy=HEAVY, path=str(told))) as terminal:
        terminal.until(lambda: told.exists() and told.read_text().endswith("\n"))
    assert told.read_text() == "\n"


def test_a_console_that_shows_a_ticket_holds_no_second_openssl_nor_what_only_a_call_needs(
    busy: Path, tmp_path: Path
) -> None:
    with Terminal(busy) as terminal:  # reads the hand-edited files, so that the next one has them parsed
        terminal.sees("下一步", "话术 F4")
        terminal.quiet(1.0)
    ask, told = tmp_path / "ask", tmp_path / "modules"
    with Terminal(busy, code=AT_REST.format(names=NEVER_NEEDED, ask=str(ask), path=str(told))) as terminal:
        terminal.sees("下一步", "话术 F4")
        terminal.press(b"\x1b[B", 1.0)
        ask.touch()
        terminal.until(lambda: told.exists() and told.read_text().endswith("\n"))
    assert told.read_text() == " CERT_REQUIRED\n"


def test_the_package_itself_imports_neither_textual_nor_the_desk() -> None:
    code = "import sys, frontdesk.tui; print([n for n in sys.modules if n.startswith(('textual', 'rich', 'frontdesk.desk'))])"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_the_first_picture_is_plain_and_holds_only_counts(busy: Path) -> None:
    with Terminal(busy) as terminal:
        terminal.sees("未结")
        first = terminal.out[:400].decode(errors="replace")
        assert "未结 60" in first
    assert b"\x1b[2J" in paint(None)
