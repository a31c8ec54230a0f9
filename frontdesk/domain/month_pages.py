"""The further pages of the monthly sheet: clocks, follow-ups, escalations, repeats, incidents, what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from frontdesk.domain.facts import REPORTED, Run, Step, TicketFacts
from frontdesk.domain.sla import Face, sla_state
from frontdesk.domain.tallies import MonthTally, open_before
from frontdesk.domain.timing import WEEK, Instant

TRACED: Final = 120
"""So many ticket numbers at most stand in the note of a cell."""

GOOD, FAIR = 0.95, 0.85
"""The share met in time from which a target reads 达标, and from which 关注."""

LOW: Final = 2


def verdict(rate: float | None) -> str:
    """The word for a share of targets met in time."""
    if rate is None:
        return "—"
    return "达标" if rate >= GOOD else "关注" if rate >= FAIR else "不达标"


class Late(NamedTuple):
    """A target that fell due unmet in the month."""

    ticket: TicketFacts
    run: Run
    met_at: Instant | None


class Timeliness(NamedTuple):
    """How the runs of one clock came out; `late` counts those that fell due, `owed` those of them still not met."""

    name: str
    in_time: int = 0
    late: int = 0
    owed: int = 0
    met: int = 0
    seconds: int = 0
    numbers: tuple[str, ...] = ()
    """The first tickets that were in time."""

    @property
    def rate(self) -> float | None:
        """The share met in time; None where nothing fell due."""
        whole = self.in_time + self.late
        return self.in_time / whole if whole else None

    @property
    def hours(self) -> float | None:
        """How long it took on average to do what was done."""
        return self.seconds / self.met / 3600 if self.met else None


def quality(found: Iterable[TicketFacts], tally: MonthTally) -> list[TicketFacts]:
    """The tickets whose quality counts: all but mistakes and duplicates, in the order of their numbers."""
    chosen = (each for each in found if each.kind in tally.scope and not each.without_result(tally.cut))
    return sorted(chosen, key=lambda each: (each.spans[0].opened_at, each.number))


def timeliness(found: Iterable[TicketFacts], tally: MonthTally) -> tuple[list[Timeliness], list[Late]]:
    """Every reported clock in its order, and what was late, by clock and then by due time."""
    sums = {name: [0] * 5 for name in REPORTED}
    numbers: dict[str, list[str]] = {name: [] for name in REPORTED}
    late: list[Late] = []
    for each in quality(found, tally):
        for run in each.runs:
            before = sums[run.kind][0]
            _count(sums[run.kind], each, run, tally, late)
            if sums[run.kind][0] > before and before < TRACED:
                numbers[run.kind].append(each.number)
    late.sort(key=lambda one: (REPORTED.index(one.run.kind), one.run.due_at, one.ticket.number))
    return [_came_out(name, sums[name], numbers[name]) for name in REPORTED], late


def by_department(found: Iterable[TicketFacts], tally: MonthTally) -> dict[str, dict[str, Timeliness]]:
    """Department → clock → how its runs came out."""
    sums: dict[str, dict[str, list[int]]] = {}
    for each in quality(found, tally):
        group = sums.setdefault(each.department, {name: [0] * 5 for name in REPORTED})
        for run in each.runs:
            _count(group[run.kind], each, run, tally, [])
    return {
        name: {kind: _came_out(kind, group[kind]) for kind in REPORTED}
        for name, group in sorted(sums.items(), key=lambda one: (not one[0], one[0]))
        if any(any(counts) for counts in group.values())
    }


def _came_out(name: str, sums: Sequence[int], numbers: Iterable[str] = ()) -> Timeliness:
    in_time, late, owed, met, seconds = sums
    return Timeliness(name, in_time, late, owed, met, seconds, tuple(numbers))


def _count(sums: list[int], each: TicketFacts, run: Run, tally: MonthTally, late: list[Late]) -> None:
    start, cut = tally.start, tally.cut
    met = run.met_at if run.met_at is not None and run.met_at < cut else None
    if met is not None and met >= start:
        sums[0] += met < run.due_at
        sums[3] += 1
        sums[4] += met - run.started_at
    at = run.late_at
    if at is not None and start <= at < cut:
        sums[1] += 1
        sums[2] += met is None
        late.append(Late(each, run, met))


class Stars(NamedTuple):
    """The follow-ups of one category."""

    category: str
    scores: tuple[int, int, int, int, int]
    """How often one star, two … five."""
    signed: int
    silent: int
    waived: int


class Asked(NamedTuple):
    """A follow-up with one or two stars."""

    ticket: TicketFacts
    at: Instant
    score: int
    later: int | None
    """What the same ticket was given afterwards, within the month."""


def aftercare(found: Iterable[TicketFacts], tally: MonthTally) -> tuple[list[Stars], list[Asked]]:
    """What owners said, category by category, and every low score, the oldest first."""
    sums: dict[str, list[int]] = {}
    low: list[Asked] = []
    for each in quality(found, tally):
        counts = sums.setdefault(each.category, [0] * 8)
        inside = [(at, score) for at, score in each.scores if tally.start <= at < tally.cut]
        for place, (at, score) in enumerate(inside):
            counts[score - 1] += 1
            if score <= LOW:
                after = inside[place + 1 :]
                low.append(Asked(each, at, score, after[-1][1] if after else None))
        counts[5] += sum(tally.start <= at < tally.cut for at in each.signed)
        for span in each.spans:
            if span.closed_at is not None and tally.start <= span.closed_at < tally.cut:
                counts[6] += span.ground == "silence"
                counts[7] += span.ground == "waived"
    low.sort(key=lambda one: (one.at, one.ticket.number))
    rows = [Stars(name, (n[0], n[1], n[2], n[3], n[4]), *n[5:]) for name, n in sorted(sums.items()) if any(n)]
    return rows, low


class Climb(NamedTuple):
    """One step up the ladder in the month."""

    ticket: TicketFacts
    step: Step


def climbs(found: Iterable[TicketFacts], tally: MonthTally) -> list[Climb]:
    """Every escalation of the month, the oldest first."""
    rows = [
        Climb(each, step)
        for each in quality(found, tally)
        for step in each.steps
        if tally.start <= step.at < tally.cut
    ]
    return sorted(rows, key=lambda one: (one.step.at, one.ticket.number, one.step.level))


class Repeat(NamedTuple):
    """A household that came again with the same matter: the newer ticket and the one before."""

    ticket: TicketFacts
    before: TicketFacts


def repeats(found: Iterable[TicketFacts], tally: MonthTally) -> list[Repeat]:
    """Tickets of the month whose household had reported that category within seven days before, in that order.

    `found` must reach seven days back; see `quality` for what does not count.
    """
    last: dict[tuple[str, str], TicketFacts] = {}
    rows = []
    for each in quality(found, tally):
        opened = each.spans[0].opened_at
        if not each.household or opened >= tally.cut:
            continue
        key = each.household, each.category
        before = last.get(key)
        if before is not None and opened >= tally.start and opened - before.spans[0].opened_at <= WEEK:
            rows.append(Repeat(each, before))
        last[key] = each
    return rows


class Incident(NamedTuple):
    """One fault that many owners reported: its tickets, the leading one first where it is in reach."""

    number: str
    tickets: tuple[TicketFacts, ...]
    still_open: int


def incidents(found: Iterable[TicketFacts], tally: MonthTally) -> list[Incident]:
    """Incidents with a ticket that was new in the month or open in it, the oldest first."""
    known = quality(found, tally)
    groups: dict[str, list[TicketFacts]] = {}
    for each in known:
        if each.incident:
            groups.setdefault(each.incident, []).append(each)
    heads = {each.number: each for each in known if each.number in groups}
    rows = []
    for number, joined in groups.items():
        members = [heads[number]] if number in heads else []
        members += [each for each in joined if each.number != number]
        if any(_touches(each, tally) for each in members):
            still = sum(open_before(each, tally.cut) for each in members)
            rows.append(Incident(number, tuple(members), still))
    return sorted(rows, key=lambda one: (one.tickets[0].spans[0].opened_at, one.number))


def _touches(each: TicketFacts, tally: MonthTally) -> bool:
    return any(
        span.opened_at < tally.cut and (span.closed_at is None or span.closed_at >= tally.start)
        for span in each.spans
    )


class Unfinished(NamedTuple):
    """A ticket that was open when the count ended, and how it stood then."""

    ticket: TicketFacts
    sla: str
    since: Instant


_ORDER: Final = ("breached", "at_risk", "on_track", "paused")


def unfinished(found: Iterable[TicketFacts], tally: MonthTally) -> list[Unfinished]:
    """What is still open, red first and then by what is due first."""
    at = tally.cut - 1
    rows = [
        Unfinished(
            each, sla_state(Face(_base(each), "", each.due_at, each.risk_at), at), each.spans[-1].opened_at
        )
        for each in found
        if each.kind in tally.scope and open_before(each, tally.cut)
    ]
    return sorted(rows, key=lambda one: (_ORDER.index(one.sla), one.ticket.due_at, one.ticket.number))


def _base(each: TicketFacts) -> str:
    return "paused" if each.status == "paused" else "working"


def recategorised(found: Iterable[TicketFacts], tally: MonthTally) -> Iterator[tuple[str, str, str]]:
    """(number, category at the month's start, category now) of carried tickets that were moved in between."""
    moved: Sequence[TicketFacts] = [
        each for each in found if each.category_before and each.category_before != each.category
    ]
    for each in sorted(moved, key=lambda one: one.number):
        if each.kind in tally.scope and open_before(each, tally.start):
            yield each.number, each.category_before, each.category
