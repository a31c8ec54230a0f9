"""What every kind of table is read into before its header is known, and how much of it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from frontdesk.domain.errors import BadInput

MIB: Final = 1024 * 1024


class Record(NamedTuple):
    """The cells of one row and the line of the file, counted from 1, on which it starts."""

    line: int
    cells: list[str]


class BadRow(NamedTuple):
    """A row that cannot be read: its line and what is wrong, in Chinese, without its content."""

    line: int
    problem: str


Records = Iterator[Record | BadRow]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it can fill the memory; text streams, there it only spares a slip of hours.

    `unpacked_bytes`, `ratio` and `cells` bound what a workbook may become: its XML, how far that was
    compressed, and the rectangle its cells span.
    """

    text_bytes: int = 200 * MIB
    workbook_bytes: int = 64 * MIB
    unpacked_bytes: int = 256 * MIB
    ratio: int = 200
    cells: int = 4_000_000
    columns: int = 300


def check_size(size: int, limit: int) -> None:
    """`BadInput` for a file that is empty or larger than `limit` bytes."""
    if not size:
        raise BadInput("文件", "是空的", "请选一个有表头和数据的文件")
    if size > limit:
        raise BadInput(
            "文件", f"有 {size // MIB} MB，超过上限 {limit // MIB} MB", "请按月份或楼栋拆成几个文件"
        )
