"""The console. This package's top imports nothing heavy: the first picture stands before Textual is loaded."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.tui.splash import Counts


def terminal_problem() -> str | None:
    """Why the console cannot run where it was started, in Chinese; None where it can."""
    if not (os.isatty(0) and os.isatty(1)):
        return "控制台要在终端里打开。管道、重定向和读屏软件请用：frontdesk board"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return "这个终端（TERM=dumb）画不了控制台。请换一个终端，或用：frontdesk board"
    return None


def _import_bare(module: str, *without: str) -> None:
    """Import a module as it is where Python was built without those others, which both modules below are made for.

    Whoever needs the others afterwards imports them as ever. Only while there is no other thread that might just then.
    """
    if sys.modules.keys() & {module, *without}:
        return
    for name in without:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system is told that there is none
    try:
        import_module(module)
    finally:
        for name in without:
            del sys.modules[name]


def run(
    open_desk: Callable[[], Desk], glance: Callable[[], Counts | None] = lambda: None, first_page: str = ""
) -> int:
    """Open the console and stay until it is left; the exit status.

    `open_desk` runs in a thread while Textual is imported; what it raises is raised here once the terminal is restored.
    `glance` gives the first picture its counts; `first_page` may be `dashboard`.
    """
    # Nothing that is made before the first frame is garbage; the console turns the collector on again after it.
    gc.disable()
    from frontdesk.tui import splash
    from frontdesk.tui.opening import Opening

    splash.show(glance)
    # Nothing here is encrypted on the event loop or packed into archives: it saves 5 MiB, and time to the first frame.
    _import_bare("asyncio", "ssl")
    _import_bare("shutil", "bz2", "lzma")
    # Nothing is sealed with what OpenSSL calls legacy.
    os.environ.setdefault("CRYPTOGRAPHY_OPENSSL_NO_LEGACY", "1")
    opening = Opening(open_desk).start()
    from frontdesk.tui.terminal import DeskDriver, prepare_environment

    depth = prepare_environment()
    from frontdesk.tui.app import Console

    console = Console(opening, depth, first_page, driver_class=DeskDriver)
    console.run(mouse="SSH_CONNECTION" not in os.environ)
    console.drafts.save_now()
    if opening.error is not None:
        raise opening.error
    return console.return_code or 0
