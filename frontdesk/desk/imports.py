"""Files that come in: residents, old tickets, the made-up estate. Good rows go in, bad rows are reported, none is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from frontdesk.channels.tables import BadRow, Table, read_table
from frontdesk.desk.access import Access, private
from frontdesk.desk.ticket_desk import NewTicket, TicketDesk
from frontdesk.domain.errors import BadInput
from frontdesk.domain.moves import Draft
from frontdesk.domain.people import (
    Resident,
    TicketDraftRow,
    resident_columns,
    resident_from_row,
    ticket_columns,
    ticket_fields_from_row,
)
from frontdesk.domain.timing import DAY, MINUTE, Instant

BATCH = 200
"""Rows per transaction: short enough that a desk beside the import never waits."""

Advance = Callable[[float], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `errors` holds (line, reason) of every row that did not go in."""

    added: int
    changed: int
    same: int
    errors: tuple[tuple[int, str], ...]
    ignored_columns: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows read."""
        return self.added + self.changed + self.same + len(self.errors)


class Imports:
    """Everything that reads a table into the store."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules and the clock."""
        self._a = access

    def residents(
        self, path: Path, dry_run: bool = False, advance: Advance = lambda _done: None
    ) -> ImportReport:
        """Owners and residents from csv or xlsx. The same unit and name is the same person; re-importing changes nothing.

        `dry_run` reads, checks and compares, and writes nothing. `advance` hears the share of the file done, 0–1.
        """
        from frontdesk.store.people import People

        self._a.operator.needs("supervisor", "manager", "admin")
        people, now = People(self._a.db, self._a.cipher), self._a.now()
        errors: list[tuple[int, str]] = []
        outcomes: list[str] = []
        with read_table(path.expanduser()) as table:
            ignored = resident_columns(table.columns)
            for batch in _batches(self._residents(table, errors)):
                outcomes += people.put(batch, now, dry_run)
                advance(_done(table))
        counts = [outcomes.count(word) for word in ("added", "changed", "same")]
        return ImportReport(counts[0], counts[1], counts[2], tuple(errors), ignored)

    @staticmethod
    def _residents(table: Table, errors: list[tuple[int, str]]) -> Iterator[Resident]:
        seen: dict[tuple[str, str], int] = {}
        for row in table.rows:
            if isinstance(row, BadRow):
                errors.append((row.line, row.problem))
                continue
            try:
                resident = resident_from_row(row.values, row.line)
            except BadInput as bad:
                errors.append((row.line, str(bad)))
                continue
            first = seen.setdefault((resident.unit, resident.name), row.line)
            if first != row.line:
                errors.append(
                    (row.line, f"与第 {first} 行是同一房号同一姓名。请合并成一行，几个电话用、隔开。")
                )
                continue
            yield resident

    def tickets(
        self,
        path: Path,
        mapping: Mapping[str, str] | None = None,
        spread: tuple[Instant, Instant] | None = None,
        status: str = "",
        dry_run: bool = False,
        advance: Advance = lambda _done: None,
    ) -> ImportReport:
        """Old tickets from csv, xlsx or jsonl, idempotent by external_id (by content where a row has none).

        `mapping` column → field. Rows without a usable time get one inside `spread` [first, last], always the same one.
        `status` is for rows that do not say theirs.
        """
        errors: list[tuple[int, str]] = []
        added = same = 0
        with read_table(path.expanduser()) as table:
            columns = ticket_columns(table.columns, mapping)
            kept, now = self._a.tickets.external_ids(), self._a.now()
            rows = _rows(table, columns, now, spread, errors)
            fresh = _fresh(rows, kept, errors)
            for batch in _batches(fresh):
                new = [(line, row) for line, row in batch if row.external_id not in kept]
                same += len(batch) - len(new)
                added += self._write(new, status, errors, dry_run)
                advance(_done(table))
        return ImportReport(
            added, 0, same, tuple(sorted(errors)), tuple(c for c in table.columns if c not in columns)
        )

    def _write(
        self,
        rows: list[tuple[int, TicketDraftRow]],
        status: str,
        errors: list[tuple[int, str]],
        dry_run: bool,
    ) -> int:
        desk, policy, ready = TicketDesk(self._a), self._a.policy, []
        for line, row in rows:
            try:
                ready.append(self._history(desk, row, status))
            except BadInput as bad:
                errors.append((line, str(bad)))
        if ready and not dry_run:
            with self._a.db.write() as conn:
                for drafts in ready:
                    self._a.tickets.create_in(conn, drafts, policy)
        return len(ready)

    def _history(
        self, desk: TicketDesk, row: TicketDraftRow, status: str
    ) -> list[tuple[Instant, str, Draft]]:
        opened = row.opened_at or 0
        new = NewTicket(
            text=row.text,
            title=row.title,
            name=row.name,
            unit=row.unit,
            phone=row.phone,
            kind=row.kind,
            category=row.category,
            priority=row.priority,
            channel=row.channel or "import",
            external_id=row.external_id,
            imported=True,
        )
        opening = desk.opening(new)
        steps = _steps(row.status or status or "new", opened, row.closed_at or opened, self._route(opening))
        by = self._a.operator.login
        return [(opened, by, opening), *((at, by, private(draft)) for at, draft in steps)]

    def _route(self, opening: Draft) -> tuple[str, int, str, str]:
        categories = self._a.categories
        category = categories.all.get(opening.data["category"]) or categories.all[categories.fallback]
        department = categories.departments[category.department]
        return department.id, department.minutes, department.contact, opening.data["title"]

    def load_sample(self) -> str:
        """The made-up estate with a day of calls; loading it twice changes nothing. Answers what it holds."""
        from frontdesk.desk.sample import load_sample

        return load_sample(self._a, self.residents)


def _done(table: Table) -> float:
    return min(1.0, table.position() / table.size) if table.size else 1.0


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(
    table: Table,
    columns: dict[str, str],
    now: Instant,
    spread: tuple[Instant, Instant] | None,
    errors: list[tuple[int, str]],
) -> Iterator[tuple[int, TicketDraftRow]]:
    for row in table.rows:
        if isinstance(row, BadRow):
            errors.append((row.line, row.problem))
            continue
        try:
            lenient = spread is not None
            found = ticket_fields_from_row(
                row.values, columns, line=row.line, now=now, lenient_opening=lenient
            )
            yield row.line, _placed(found, row.line, spread)
        except BadInput as bad:
            errors.append((row.line, str(bad)))


def _placed(row: TicketDraftRow, line: int, spread: tuple[Instant, Instant] | None) -> TicketDraftRow:
    """The row with an identity and a time; both depend on its content alone, so a second run finds them again."""
    content = "\x1f".join((row.text, row.unit, row.phone, row.name, str(row.opened_at)))
    mark = hashlib.sha256((row.external_id or content).encode()).digest()
    external = row.external_id or f"内容-{mark.hex()[:16]}"
    if row.opened_at is not None:
        return replace(row, external_id=external)
    if spread is None:
        raise BadInput(f"第 {line} 行 受理时间", "没有填写", "请补上，或用 --at 指定没有时间的行算在哪天")
    first, last = spread
    return replace(
        row, external_id=external, opened_at=first + int.from_bytes(mark[:6], "big") % (last - first + 1)
    )


def _fresh(
    rows: Iterator[tuple[int, TicketDraftRow]], kept: set[str], errors: list[tuple[int, str]]
) -> Iterator[tuple[int, TicketDraftRow]]:
    """The rows whose identity this file has not used before; the others are reported with the line they repeat."""
    seen: dict[str, int] = {}
    for line, row in rows:
        first = seen.setdefault(row.external_id, line)
        if first == line:
            yield line, row
        else:
            errors.append((line, f"编号与第 {first} 行重复，没有导入。请核对是否同一件事。"))


def _steps(
    status: str, opened: Instant, closed: Instant, route: tuple[str, int, str, str]
) -> list[tuple[Instant, Draft]]:
    """The events that bring an old ticket to its status; history is taken as told, so no move is checked."""
    department, minutes, contact, title = route
    due = opened + minutes * MINUTE
    sent = Draft(
        "dispatched",
        {"task": 1, "department": department, "content": title, "due_at": due, "contact": contact},
    )
    taken = Draft("accepted", {"task": 1, "note": ""})
    going = Draft("progressed", {"note": "导入时正在处理", "told": False})
    held = Draft("paused", {"cause": "third_party", "until": opened + 7 * DAY, "reason": "导入时已挂起"})
    done = Draft("resolved", {"note": "导入时已处理完毕", "task": None})
    end = Draft("closed", {"ground": "imported", "reason": "历史导入"})
    void = Draft("voided", {"reason": "导入时已作废"})
    plan = {
        "new": [],
        "dispatched": [sent],
        "accepted": [sent, taken],
        "in_progress": [sent, taken, going],
        "paused": [sent, taken, held],
    }
    if status in plan:
        return [(opened, draft) for draft in plan[status]]
    return [(closed, draft) for draft in {"resolved": [done], "closed": [done, end], "void": [void]}[status]]
