"""`-` where a file is asked for: standard output, or standard input, as elsewhere on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from frontdesk.cli import out
from frontdesk.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from typing import BinaryIO


def named(file: Path | str | None) -> bool:
    """Whether it is `-`."""
    return str(file) == "-"


def stdout(binary: str = "") -> BinaryIO:
    """Where the data goes, alone; `Refused` for a `binary` format that a terminal cannot show."""
    if binary and sys.stdout.isatty():
        raise Refused(f"{binary} 不能直接显示在终端上。请写一个文件名，或用 > 转到文件。")
    out.flush()
    return sys.stdout.buffer


def stdin() -> bytes:
    """All that is piped in."""
    if sys.stdin is None:
        raise BadInput("文件", "标准输入没有打开", "请用 | 或 < 送进来，或写一个文件名")
    return sys.stdin.buffer.read()


def only_file(file: Path | None, example: str) -> None:
    """Wrong usage where what cannot be piped is asked for as `-`: nobody means a file of that name."""
    if named(file):
        raise typer.BadParameter(f"这里不能用 -（标准输入输出）。请写文件名或文件夹，如 {example}")
