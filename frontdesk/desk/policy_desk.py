"""The rules over time: which versions there are, what one says, and moving open tickets to the one in force."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from frontdesk.desk.access import Access, private
from frontdesk.desk.ticket_desk import held_if_contested
from frontdesk.domain import moves
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import one_line
from frontdesk.store.policies import Kept, audit
from frontdesk.store.tickets import Step


class Rebased(NamedTuple):
    """A ticket that changed its rules, from which version to which."""

    number: str
    before: str
    version: str


class PolicyDesk:
    """Versions of the rules."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules in force and the operator."""
        self._a = access

    def versions(self) -> list[Kept]:
        """Every version that tickets were opened under, the newest first."""
        return self._a.policies.kept()

    def shown(self, version: str = "") -> tuple[Policy, Mapping[str, Any]]:
        """A version by the beginning of its name, with its document; the one in force where none is named."""
        wanted = one_line(version).lower()
        if not wanted:
            return self._a.policy, self._a.policies.document(self._a.policy.version)
        found = [each.version for each in self.versions() if each.version.startswith(wanted)]
        if len(found) != 1:
            problem = "有好几个" if found else "没有"
            raise Refused(f"{problem}以「{wanted[:20]}」开头的规则版本。全部版本见 policy list。")
        return self._a.policies.of(found[0]), self._a.policies.document(found[0])

    def rebase(self, numbers: Sequence[str], reason: str) -> list[Rebased]:
        """Measure these open tickets by the rules in force; all open ones that are not yet, where no number is given."""
        self._a.operator.needs("manager", "admin")
        if not reason.strip():
            raise BadInput("换规则的原因", "没有填写", "请写一句话，它会留在每张工单的经过里")
        policy = self._a.policy
        wanted = list(numbers) or self._a.policies.under_others(policy.version)
        return [self._rebase(number, policy, reason) for number in wanted]

    def _rebase(self, number: str, policy: Policy, reason: str) -> Rebased:
        def save(conn: sqlite3.Connection | None = None) -> Rebased:
            log = self._a.tickets.load(self._a.tickets.find(number))
            at = max(self._a.now(), log.events[-1].at)
            by, what = self._a.operator.login, f"policy rebase {log.number} {policy.version}"
            drafts = [private(draft) for draft in moves.rebase(log.ticket, at, policy, reason)]
            also = audit(at, by, what, str(drafts[0].data["reason"]))
            self._a.tickets.append(log, Step(at, by, drafts, policy, also=also), conn)
            return Rebased(log.number, log.ticket.policy, policy.version)

        return held_if_contested(self._a.tickets, save)
