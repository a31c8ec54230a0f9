"""The desk of one command: opened, told about once, closed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from frontdesk.cli import out

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.domain.timing import Instant


@contextmanager
def opened(site: str = "") -> Iterator[Desk]:
    """The desk of this machine's home, set up on its first use; what a first run must tell goes to stderr."""
    from frontdesk.bootstrap import open_desk

    desk = open_desk(site=site)
    try:
        if desk.welcome:
            out.warn(desk.welcome)
        yield desk
    finally:
        desk.close()


def moment(desk: Desk, text: str | None, field: str) -> Instant | None:
    """The instant behind an option's value, None where it was not given; naive times are Asia/Shanghai."""
    from frontdesk.domain.timing import parse

    return parse(text, desk.now(), field) if text else None
