"""The month in points and in words: KPI 3:3:4 (R-000-10) and the service improvement report (R-000-19)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from frontdesk.desk.access import Access
from frontdesk.domain.errors import BadInput
from frontdesk.domain.kpi import Deed, Table, deed, departments, rank, works
from frontdesk.domain.timing import Instant, day_start, local, month_bounds
from frontdesk.store.days import Days

if TYPE_CHECKING:
    from frontdesk.domain.measures import Measure
    from frontdesk.domain.service import Handling
    from frontdesk.sheets.service_report import Service

MONTHS = 6
"""Months of a trend, this one included."""

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

    def service(self, month: str) -> Service:
        """The improvement report over the month, with the five before it for the trend. Nothing personal is read for it."""
        from frontdesk.domain.facts import facts
        from frontdesk.domain.service import chosen, handling, lesson, previous, rates
        from frontdesk.domain.tallies import tally_month
        from frontdesk.sheets.service_report import Service

        start, cut = self.bounds(month)
        months = [previous(month, back) for back in range(MONTHS - 1, -1, -1)]
        found, lessons = [], []
        handled: dict[str, list[Handling]] = {name: [] for name in months}
        ends = {name: min(month_bounds(name)[1], cut) for name in months}
        ids = self._days.open_between(month_bounds(months[0])[0], cut)
        for log in self._a.tickets.several(ids, False):
            policy = self._a.policies.of(log.ticket.policy)
            found.append(facts(log.ticket._replace(title=""), policy, ""))
            if (taught := lesson(log.ticket, policy, start, cut)) is not None:
                lessons.append(taught)
            name = f"{local(log.ticket.opened_at):%Y-%m}"
            if name in handled and (told := handling(log.ticket, policy, ends[name])) is not None:
                handled[name].append(told)
        tallies = [tally_month(found, name, self._a.now()) for name in months]
        # Months before the desk was in use are no trend.
        used = next((place for place, tally in enumerate(tallies) if any(tally.totals)), MONTHS - 1)
        return Service(
            site=self._a.settings.site,
            until=cut - 1,
            tallies=tuple(tallies[used:]),
            rates=tuple(rates(handled[name], month_bounds(name)[0], ends[name]) for name in months[used:]),
            measures=self._measures(),
            lessons=tuple(chosen(lessons)),
            cases={case.id: case.title for case in self._a.handbook.cases.values()},
        )

    def _measures(self) -> tuple[Measure, ...]:
        """The manager's measures; none where there is no file."""
        from frontdesk.domain.measures import FILE, parse_measures

        path = self._a.settings.home / FILE
        if not path.exists():
            return ()
        people = [name for login, name in self._a.names().items() if login not in NOBODY]
        return parse_measures(self._a.document(FILE), tuple(self._a.categories.all), people)
