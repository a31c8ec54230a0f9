"""The desk's use cases, for console and command line alike: load → decide → save. Masked values leave, rows never do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from frontdesk.desk.access import Access, Operator
from frontdesk.desk.faults import record_fault
from frontdesk.domain.board import Board
from frontdesk.domain.timing import Instant
from frontdesk.settings import Settings

if TYPE_CHECKING:
    from frontdesk.desk.answers import Answers
    from frontdesk.desk.call_desk import CallDesk
    from frontdesk.desk.dashboard_desk import DashboardDesk
    from frontdesk.desk.emergency_desk import EmergencyDesk
    from frontdesk.desk.export_desk import ExportDesk
    from frontdesk.desk.handover_desk import HandoverDesk
    from frontdesk.desk.imports import Imports
    from frontdesk.desk.notice_desk import NoticeDesk
    from frontdesk.desk.people_desk import PeopleDesk
    from frontdesk.desk.policy_desk import PolicyDesk
    from frontdesk.desk.reports import Reports
    from frontdesk.desk.search_desk import Hit, SearchDesk
    from frontdesk.desk.sheet_desk import SheetDesk
    from frontdesk.desk.shift_desk import ShiftDesk
    from frontdesk.desk.ticket_desk import TicketDesk
    from frontdesk.domain.classify import Categories
    from frontdesk.domain.handbook import Handbook
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.policy import Policy
    from frontdesk.store.database import Changes as Changes
    from frontdesk.store.files import Drafts

__all__ = ["Desk", "Operator"]


class Desk:
    """One open front desk. Its parts are made on first use, so that a hot command pays only for what it needs."""

    def __init__(self, access: Access, welcome: str = "") -> None:
        """`welcome` is what a first run must tell once: where the key is and that it must be backed up."""
        self._access = access
        self.welcome = welcome

    @property
    def settings(self) -> Settings:
        """Where things are."""
        return self._access.settings

    @property
    def operator(self) -> Operator:
        """Who is at this desk."""
        return self._access.operator

    @property
    def policy(self) -> Policy:
        """The rules in force."""
        return self._access.policy

    @property
    def categories(self) -> Categories:
        """Categories and departments."""
        return self._access.categories

    @property
    def handbook(self) -> Handbook:
        """The standard handbook."""
        return self._access.handbook

    @property
    def handbook_problems(self) -> tuple[Problem, ...]:
        """The manager's copies of handbook files that are not in order; the shipped ones stand in for them."""
        return self._access.handbook_problems

    def handbook_changed(self) -> bool:
        """Whether the handbook's files have changed since it was read; cheap enough for every few seconds."""
        return self._access.handbook_changed()

    def reread_handbook(self) -> tuple[Problem, ...]:
        """Read the handbook again; answers what is wrong with the manager's copies."""
        self._access.reread_handbook()
        return self._access.handbook_problems

    def now(self) -> Instant:
        """Whole UTC seconds by the desk's clock."""
        return self._access.now()

    @cached_property
    def tickets(self) -> TicketDesk:
        """Use cases on tickets."""
        from frontdesk.desk.ticket_desk import TicketDesk  # each part is loaded when it is needed

        return TicketDesk(self._access)

    @cached_property
    def emergencies(self) -> EmergencyDesk:
        """Emergencies by their plans (突发预案)."""
        from frontdesk.desk.emergency_desk import EmergencyDesk

        return EmergencyDesk(self._access)

    @cached_property
    def calls(self) -> CallDesk:
        """Use cases on calls."""
        from frontdesk.desk.call_desk import CallDesk

        return CallDesk(self._access)

    @cached_property
    def people(self) -> PeopleDesk:
        """Residents and operators."""
        from frontdesk.desk.people_desk import PeopleDesk

        return PeopleDesk(self._access)

    @cached_property
    def rules(self) -> PolicyDesk:
        """The versions of the rules, and which tickets they measure."""
        from frontdesk.desk.policy_desk import PolicyDesk

        return PolicyDesk(self._access)

    @cached_property
    def imports(self) -> Imports:
        """Files that come in."""
        from frontdesk.desk.imports import Imports

        return Imports(self._access)

    @cached_property
    def exports(self) -> ExportDesk:
        """Tickets as data that goes out."""
        from frontdesk.desk.export_desk import ExportDesk

        return ExportDesk(self._access)

    @cached_property
    def notices(self) -> NoticeDesk:
        """The outbox."""
        from frontdesk.desk.notice_desk import NoticeDesk

        return NoticeDesk(self._access)

    @cached_property
    def answers(self) -> Answers:
        """Escalations acknowledged from outside."""
        from frontdesk.desk.answers import Answers

        return Answers(self._access)

    @cached_property
    def reports(self) -> Reports:
        """Sheets and summaries that go out."""
        from frontdesk.desk.reports import Reports

        return Reports(self._access)

    @cached_property
    def sheets(self) -> SheetDesk:
        """The monthly sheet and its editions."""
        from frontdesk.desk.sheet_desk import SheetDesk

        return SheetDesk(self._access)

    @cached_property
    def shifts(self) -> ShiftDesk:
        """The roster and the morning view."""
        from frontdesk.desk.shift_desk import ShiftDesk

        return ShiftDesk(self._access)

    @cached_property
    def handovers(self) -> HandoverDesk:
        """The change of shift."""
        from frontdesk.desk.handover_desk import HandoverDesk

        return HandoverDesk(self._access)

    @cached_property
    def searching(self) -> SearchDesk:
        """One search over everything, and its index."""
        from frontdesk.desk.search_desk import SearchDesk

        return SearchDesk(self._access)

    @cached_property
    def dashboard(self) -> DashboardDesk:
        """Today in figures."""
        from frontdesk.desk.dashboard_desk import DashboardDesk

        return DashboardDesk(self._access)

    @cached_property
    def drafts(self) -> Drafts:
        """What this operator is typing."""
        from frontdesk.store.files import Drafts

        return Drafts(self.settings.drafts, self._access.cipher, self.operator.login)

    def board(self) -> Board:
        """Everything the screen shows, in one read."""
        now, tickets = self.now(), self._access.open_tickets
        with self._access.db.read():
            return Board(
                now, tickets.rows(), self.calls.live(), tickets.opened_today(now), self._access.unit_of
            )

    def listing(self, every: bool = False, wanted: Mapping[str, str] | None = None, limit: int = -1) -> Board:
        """Tickets by their facts, newest first, ended ones too with `every`; as a board without calls (`ticket list`)."""
        rows = self._access.open_tickets.listing(every, wanted or {}, limit)
        return Board(self.now(), rows, (), 0, self._access.unit_of)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Tickets, residents and the handbook by whatever somebody remembers; call it off the event loop."""
        return self.searching.search(text, limit)

    def changes(self) -> Changes:
        """A watch for what other consoles and commands write; `wait` in a thread of its own."""
        return self._access.db.changes()

    def sweep(self, as_of: Instant | None = None) -> list[str]:
        """Do what time demands, once, and send nothing."""
        from frontdesk.desk.watch import sweep

        return sweep(self._access, as_of)

    def attend(self, as_of: Instant | None = None) -> list[str]:
        """One round of the watch: what time demands, and the outbox (`watch`)."""
        from frontdesk.desk.watch import attend

        return attend(self._access, as_of)

    def host_watch(self, holder: str) -> list[str]:
        """A console's round of the watch, where nobody else does it; from a thread of its own."""
        from frontdesk.desk.watch import host

        return host(self._access, holder)

    def examine(self) -> list[str]:
        """Rebuild and compare the caches, verify the chains (`doctor`)."""
        from frontdesk.desk.doctor import examine

        return examine(self._access)

    def reminders(self) -> list[str]:
        """What will need a manager soon (`doctor`)."""
        from frontdesk.desk.doctor import reminders

        return reminders(self._access)

    def verify(self) -> list[str]:
        """Verify every ticket's chain and change nothing (`audit verify`)."""
        from frontdesk.desk.doctor import verify

        return verify(self._access)

    def backup(self, path: Path) -> int:
        """Write database and evidence, without the key, into one file while everybody works on; answers its bytes."""
        from frontdesk.store.backup import backup

        self.operator.needs("manager", "admin")
        return backup(self._access.db, self.settings.evidence, path.expanduser())

    def key_status(self) -> tuple[str, str]:
        """(id of the master key that opens this database, where the key file is or would be)."""
        return self._access.db_key_id(), str(self.settings.key_file)

    def fault(self, error: BaseException) -> str:
        """Log an unexpected fault, masked; the id that the message shows."""
        return record_fault(self.settings.logs, error, self.now())

    def close(self) -> None:
        """Close this thread's connection."""
        self._access.db.close()
