"""Tickets as data for the company's own tools: masked as an agent sees them, in clear only for a manager with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from frontdesk.desk.access import Access
from frontdesk.domain.errors import BadInput
from frontdesk.domain.export import Column, Subject, row
from frontdesk.domain.privacy import one_line
from frontdesk.domain.timing import Instant, iso
from frontdesk.sheets.exports import Writer, into_place, through_a_file, writer
from frontdesk.store.extracts import Extracts, Scope

__all__ = ["ExportDesk", "Scope"]

Advance = Callable[[float], None]


class ExportDesk:
    """Exports of tickets."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the operator and the clock."""
        self._a = access

    def tickets(
        self,
        target: Path | BinaryIO,
        kind: str,
        columns: Sequence[Column],
        scope: Scope,
        clear: str | None = None,
        advance: Advance = lambda _done: None,
    ) -> int:
        """Write the tickets of `scope` into a file or a stream; how many there were.

        `clear` is the reason why personal columns are not masked, None where they are; only a manager may, and it is
        audited before the first ticket is read. `advance` hears the share done, 0–1.
        """
        if clear is not None:
            self._audit(kind, columns, scope, clear)
        if isinstance(target, Path):
            with into_place(target) as file:
                return self._write(writer(kind, file, columns), columns, scope, clear is not None, advance)
        if kind in ("xlsx", "parquet"):
            with through_a_file(target) as file:
                return self._write(writer(kind, file, columns), columns, scope, clear is not None, advance)
        return self._write(writer(kind, target, columns), columns, scope, clear is not None, advance)

    def _audit(self, kind: str, columns: Sequence[Column], scope: Scope, reason: str) -> None:
        from frontdesk.store.people import People

        self._a.operator.needs("manager", "admin")
        if not one_line(reason):
            raise BadInput("导出理由", "没有填写", "导出明文必须写明用途，例如 --reason 业委会核查")
        personal = ",".join(column.name for column in columns if column.personal) or "-"
        which = "open" if scope.still_open else "all"
        what = f"ticket export --clear {kind} {which} {_day(scope.first)}..{_day(scope.last)} {personal}"
        People(self._a.db, self._a.cipher).audit(
            self._a.now(), self._a.operator.login, what, one_line(reason)
        )

    def _write(
        self, out: Writer, columns: Sequence[Column], scope: Scope, clear: bool, advance: Advance
    ) -> int:
        extracts, names, now = Extracts(self._a.db), self._a.names(), self._a.now()
        total, done = extracts.count(scope), 0
        for page in extracts.pages(scope):
            for log in self._a.tickets.several(page):
                policy = self._a.policies.of(log.ticket.policy)
                out.row(row(Subject(log.ticket, log.events, policy, names, now, clear), columns))
                done += 1
            advance(min(1.0, done / total) if total else 1.0)
        out.end()
        return done


def _day(at: Instant) -> str:
    return iso(at)[:10]
