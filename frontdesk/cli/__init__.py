"""The command line (DESIGN §8): scripts, cron and people at a shell do everything the console does, through the same desk.

Exit status: 0 done; 1 refused, not found or bad data, with the reason on stderr; 2 wrong usage; 130 interrupted;
141 where nobody reads the output any more, as a shell tells of other programs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from frontdesk.cli import out
from frontdesk.domain.errors import DeskError

REFUSED, INTERRUPTED, UNREAD = 1, 130, 141


def entry() -> NoReturn:
    """What the shell starts: `main` as a process.

    A command has flushed and closed what it opened by now, and taking the interpreter apart would cost as much as
    reading the board. The console has threads to end, so it leaves the long way.
    """
    code = main()
    if "textual" not in sys.modules:
        out.leave(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status; no failure leaves as a traceback."""
    out.prepare()
    try:
        code = _run([out.typed(word) for word in (sys.argv[1:] if argv is None else argv)])
        out.flush()
    except KeyboardInterrupt:
        out.deaf()
        code = INTERRUPTED
    except BrokenPipeError:
        out.abandon()
        code = UNREAD
    except DeskError as error:
        code = _failed(str(error))
    except OSError as error:
        code = _failed(_system_words(error))
    except Exception as error:  # the last wall: whatever it is, a person reads a sentence
        code = _failed(f"出错了，编号 {_fault(error)}，已记入日志。请把编号告诉管理员。")
    return code


def _run(args: list[str]) -> int:
    """The console, a hot command by its short road, or any command by Typer; importing Typer costs what a hot command may."""
    if not args:
        return _console()
    if args == ["--version"]:
        from frontdesk import __version__

        out.say(f"frontdesk {__version__}")
        return 0
    from frontdesk.cli.hot import attempt

    code = attempt(args)
    if code is None:
        from frontdesk.cli.commands import run

        code = run(args)
    return code


def _console() -> int:
    from frontdesk import tui

    if problem := tui.terminal_problem():
        return _failed(problem)
    from frontdesk.bootstrap import glance, open_desk

    return tui.run(open_desk, glance)


def _failed(words: str) -> int:
    """Say why on stderr. What was printed before the failure still goes out, where anybody reads it."""
    try:
        out.flush()
    except OSError:
        out.abandon()
    out.warn(words)
    return REFUSED


def _system_words(error: OSError) -> str:
    """What the system refused, in Chinese; the file's name where it is known."""
    import errno

    meanings = {
        errno.EACCES: "没有权限",
        errno.EPERM: "没有权限",
        errno.EROFS: "磁盘是只读的",
        errno.ENOSPC: "磁盘已满",
        errno.EDQUOT: "磁盘配额已满",
        errno.ENOENT: "找不到文件或文件夹",
        errno.EISDIR: "这是文件夹，不是文件",
        errno.ENOTDIR: "路径中有一段不是文件夹",
        errno.ENAMETOOLONG: "文件名太长",
        errno.EMFILE: "打开的文件太多",
    }
    what = meanings.get(error.errno or 0, error.strerror or type(error).__name__)
    where = f"（{error.filename}）" if isinstance(error.filename, str) else ""
    return f"系统没有让这一步完成：{what}{where}。请检查磁盘和权限后再试。"


def _fault(error: Exception) -> str:
    """Log the fault and answer its number; settings that cannot be read must not hide it."""
    from frontdesk.bootstrap import system_clock
    from frontdesk.desk.faults import record_fault
    from frontdesk.settings import load

    try:
        folder = load().logs
    except DeskError:
        return "（没有记下，设置也读不了）"
    return record_fault(folder, error, system_clock())
