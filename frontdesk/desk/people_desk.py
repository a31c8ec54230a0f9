"""Residents and operators: administration, audited where more than a mask leaves the house."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import BinaryIO

from frontdesk.desk.access import Access
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.people import Resident
from frontdesk.domain.privacy import mask_name, mask_phone, mask_unit, one_line
from frontdesk.domain.terms import ROLES
from frontdesk.store.files import replace_file
from frontdesk.store.people import People

COLUMNS = ("姓名", "电话", "房号", "标签", "入住日期", "备注")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PeopleDesk:
    """Exports of residents, and who may sit at the desk."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the operator and the clock."""
        self._a = access
        self._people = People(access.db, access.cipher)

    def count(self) -> int:
        """How many residents there are."""
        return self._people.count()

    def export(self, target: Path | BinaryIO, clear: bool = False, reason: str = "") -> int:
        """Write all residents into a file or a stream as csv (UTF-8 with BOM), masked.

        In clear only for a manager with a reason, audited first.
        """
        if clear:
            self._a.operator.needs("manager", "admin")
            if not reason.strip():
                raise BadInput("导出理由", "没有填写", "导出明文必须写明用途")
            self._people.audit(
                self._a.now(), self._a.operator.login, "residents export --clear", one_line(reason)
            )
        else:
            self._a.operator.needs("supervisor", "manager", "admin")
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        count = 0
        for resident in self._people.residents():
            writer.writerow([_neutral(cell) for cell in _cells(resident, clear)])
            count += 1
        told = out.getvalue().encode("utf-8-sig")
        if isinstance(target, Path):
            replace_file(target.expanduser(), told)
        else:
            target.write(told)
            target.flush()
        return count

    def operators(self) -> list[tuple[str, str, str, bool]]:
        """(login, name, role, active) of everybody at the desk."""
        return self._people.operators()

    def set_operator(self, login: str, name: str = "", role: str = "agent", active: bool = True) -> None:
        """Add or change an operator; only an admin may."""
        self._a.operator.needs("admin")
        if role not in ROLES:
            raise BadInput(
                "角色", f"没有「{role[:20]}」", f"可选：{'、'.join(f'{k} {v}' for k, v in ROLES.items())}"
            )
        account = one_line(login)
        if not account or len(account) > 40 or account != login.strip():  # noqa: PLR2004
            raise BadInput("账号", "为空、过长或含有不可见字符", "请用 1–40 个字母、数字或汉字")
        self._people.set_operator(account, one_line(name)[:40] or account, role, active)

    def disable_operator(self, login: str) -> None:
        """Nobody may use the login any more; only an admin may, and one admin always remains."""
        self._a.operator.needs("admin")
        known = next((person for person in self.operators() if person[0] == login), None)
        if known is None:
            raise Refused(f"没有账号「{login[:40]}」。请用 operator list 核对。")
        self._people.set_operator(login, known[1], known[2], active=False)


def _cells(resident: Resident, clear: bool) -> tuple[str, ...]:
    moved = resident.moved_in.isoformat() if resident.moved_in else ""
    tags = "、".join(resident.tags)
    if clear:
        return resident.name, "、".join(resident.phones), resident.unit, tags, moved, resident.note
    phones = "、".join(mask_phone(phone) for phone in resident.phones)
    return mask_name(resident.name), phones, mask_unit(resident.unit), tags, moved, ""


def _neutral(cell: str) -> str:
    """A cell that no spreadsheet will run as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
