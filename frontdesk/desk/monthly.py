"""The month in points and in words: KPI 3:3:4 (R-000-10) and the service improvement report (R-000-19)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from frontdesk.desk.access import Access
from frontdesk.domain.errors import BadInput
from frontdesk.domain.kpi import Deed, Table, deed, departments, rank, works
from frontdesk.domain.timing import Instant, day_start, month_bounds
from frontdesk.store.days import Days

NOBODY = frozenset({"", "watch"})
"""Logins behind which stands no person."""


class Kpi(NamedTuple):
    """The month's points: who, over what, as of when."""

    site: str
    month: str
    until: Instant
    people: Table
    departments: Table


class Monthly:
    """Reports over a month that has begun, as of now or of its end."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules and the clock."""
        self._a = access
        self._days = Days(access.db, access.cipher)

    def bounds(self, month: str) -> tuple[Instant, Instant]:
        """The first instant of the month and the first that does not count; `BadInput` where it has not begun."""
        start, end = month_bounds(month)
        now = self._a.now()
        if start > now:
            raise BadInput("月份", f"{month} 还没有到", "请写本月或以前的月份")
        return start, min(end, now + 1)

    def kpi(self, month: str) -> Kpi:
        """3:3:4 of everybody who answered for a ticket in the month, and of every department that worked on one."""
        start, cut = bounds = self.bounds(month)
        own, theirs = list[Deed](), list[Deed]()
        active: dict[str, set[Instant]] = defaultdict(set)
        for log in self._a.tickets.several(self._days.open_between(start, cut), False):
            for event in log.events:
                if start <= event.at < cut:
                    active[event.by].add(day_start(event.at))
            found = deed(log.ticket, self._a.policies.of(log.ticket.policy), start, cut)
            for task in log.ticket.tasks:
                if task.done_at is not None and start <= task.done_at < cut:
                    active[f"部门 {task.department}"].add(day_start(task.done_at))
            if found is not None:
                theirs += departments(log.ticket, found, start, cut)
                own += [found] if found.owner not in NOBODY else []
        shifts = self._days.shifts(start, cut)
        unit, people = works(own, shifts.people, {name: len(days) for name, days in active.items()}, bounds)
        places = {name.removeprefix("部门 "): len(days) for name, days in active.items() if " " in name}
        other, rooms = works(theirs, shifts.duties, places, bounds)
        shown = self._shown([work.name for work in people])
        named = [work._replace(name=shown[work.name]) for work in people]
        return Kpi(
            self._a.settings.site,
            month,
            cut - 1,
            rank(named, unit),
            rank(rooms, other)._replace(starred=False),
        )

    def _shown(self, logins: list[str]) -> dict[str, str]:
        """Login → the name in the table, with the login beside it where two have the same name."""
        names = self._a.names()
        shown = {login: names.get(login, login) for login in logins}
        often = Counter(shown.values())
        return {login: name if often[name] == 1 else f"{name}（{login}）" for login, name in shown.items()}
