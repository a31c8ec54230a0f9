"""Residents and operators: administration through SQLModel sessions, everything personal sealed on the way in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, delete, select, update

from frontdesk.domain.errors import Refused
from frontdesk.domain.people import Resident
from frontdesk.domain.phones import phone_key
from frontdesk.domain.timing import Instant
from frontdesk.domain.units import unit_key
from frontdesk.store.cipher import Cipher
from frontdesk.store.database import Database
from frontdesk.store.rows import AuditRow, OperatorRow, ResidentPhoneRow, ResidentRow, SearchStateRow

NAME, UNIT, PHONES, NOTE = "resident.name", "resident.unit", "resident.phones", "resident.note"


class People:
    """The residents and operators of one database."""

    def __init__(self, db: Database, cipher: Cipher) -> None:
        """`cipher` seals names, numbers, units and notes."""
        self._db, self._cipher = db, cipher

    def put(self, residents: Iterable[Resident], now: Instant, dry_run: bool = False) -> list[str]:
        """Add or update residents in one transaction; the same unit and name is the same resident.

        Answers `added`, `changed` or `same` for each, in order; a second import of the same rows answers only `same`.
        With `dry_run` it answers what it would do and writes nothing.
        """
        wanted = [(self._identity(resident), resident) for resident in residents]
        with self._db.session(write=not dry_run) as session:
            found = select(ResidentRow).where(
                col(ResidentRow.identity).in_([key for key, _resident in wanted])
            )
            kept = {row.identity: row for row in session.exec(found)}
            outcomes, touched = [], list[tuple[ResidentRow, Resident]]()
            for identity, resident in wanted:
                row = kept.get(identity)
                outcomes.append(_outcome(None if row is None else self._resident(row), resident))
                if outcomes[-1] != "same" and not dry_run:
                    touched.append((self._filled(row or _blank(identity), resident, now), resident))
            self._save(session, touched)
        return outcomes

    def _identity(self, resident: Resident) -> bytes:
        return self._cipher.index(f"{unit_key(resident.unit)}|{resident.name}", "resident")

    def _filled(self, row: ResidentRow, resident: Resident, now: Instant) -> ResidentRow:
        row.unit_index = self._cipher.index(unit_key(resident.unit), "unit")
        row.name_sealed = self._cipher.seal(resident.name, NAME)
        row.unit_sealed = self._cipher.seal(resident.unit, UNIT)
        row.phones_sealed = self._cipher.seal(json.dumps(resident.phones), PHONES)
        row.note_sealed = self._cipher.seal(resident.note, NOTE) if resident.note else None
        row.tags = "、".join(resident.tags)
        row.moved_in = resident.moved_in.isoformat() if resident.moved_in else ""
        row.updated_at = now
        return row

    def _save(self, session: Session, touched: list[tuple[ResidentRow, Resident]]) -> None:
        """All rows, then all their phone indexes: a handful of statements for a whole batch."""
        changed = [row.id for row, _resident in touched if row.id is not None]
        if changed:
            # The search index takes them in anew, and everybody behind them.
            first = func.min(col(SearchStateRow.people), min(changed) - 1)
            session.exec(update(SearchStateRow).values(people=first))
        session.add_all(row for row, _resident in touched)
        session.flush()
        session.exec(delete(ResidentPhoneRow).where(col(ResidentPhoneRow.resident_id).in_(changed)))
        for row, resident in touched:
            assert row.id is not None
            keys = {key for phone in resident.phones if (key := phone_key(phone))}
            session.add_all(
                ResidentPhoneRow(resident_id=row.id, phone_index=self._cipher.index(key, "phone"))
                for key in sorted(keys)
            )

    def _resident(self, row: ResidentRow) -> Resident:
        return Resident(
            name=self._cipher.open(row.name_sealed, NAME),
            phones=tuple(json.loads(self._cipher.open(row.phones_sealed, PHONES))),
            unit=self._cipher.open(row.unit_sealed, UNIT),
            tags=tuple(row.tags.split("、")) if row.tags else (),
            moved_in=date.fromisoformat(row.moved_in) if row.moved_in else None,
            note=self._cipher.open(row.note_sealed, NOTE) if row.note_sealed else "",
        )

    def residents(self) -> Iterator[Resident]:
        """Every resident in clear, in the order of their first import; only for an audited export."""
        with self._db.session() as session:
            for row in session.exec(select(ResidentRow).order_by(col(ResidentRow.id))):
                yield self._resident(row)

    def count(self) -> int:
        """How many residents there are."""
        with self._db.session() as session:
            return session.exec(select(func.count()).select_from(ResidentRow)).one()

    def operators(self) -> list[tuple[str, str, str, bool]]:
        """(login, name, role, active) of everybody at the desk."""
        with self._db.session() as session:
            rows = session.exec(select(OperatorRow).order_by(col(OperatorRow.id))).all()
            return [(row.login, row.name, row.role, row.active) for row in rows]

    def set_operator(self, login: str, name: str, role: str, active: bool = True) -> None:
        """Add or change an operator; one admin must always remain."""
        with self._db.session(write=True) as session:
            row = session.exec(select(OperatorRow).where(OperatorRow.login == login)).first()
            row = row or OperatorRow(login=login, name=name, role=role)
            row.name, row.role, row.active = name, role, active
            session.add(row)
            session.flush()
            admins = select(func.count()).where(col(OperatorRow.role) == "admin", col(OperatorRow.active))
            if session.exec(admins).one() == 0:
                raise Refused("至少要留一位在用的管理员。")

    def audit(self, at: Instant, by: str, what: str, reason: str) -> None:
        """Record that somebody took out or saw more than a mask shows."""
        with self._db.session(write=True) as session:
            session.add(AuditRow(at=at, by=by, what=what, reason=reason))


def _outcome(kept: Resident | None, resident: Resident) -> str:
    if kept is None:
        return "added"
    return "same" if kept == resident else "changed"


def _blank(identity: bytes) -> ResidentRow:
    return ResidentRow(
        identity=identity, unit_index=b"", name_sealed=b"", unit_sealed=b"", phones_sealed=b"", updated_at=0
    )
