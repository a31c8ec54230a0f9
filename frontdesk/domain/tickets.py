"""A ticket is its append-only event log; `fold` turns the log into the frozen facts that every rule reads (DESIGN §2, §4)."""

# Annotations are evaluated here: NamedTuple would compile each one left as text, a fifth of what `ticket show` costs to start.

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from frontdesk.domain.timing import Instant

LOW_SCORE = 2
"""One or two stars force a follow-up and reopen the ticket upward (R-S10-04, X2)."""


class Event(NamedTuple):
    """One thing that happened. `data` holds JSON values without personal data; `sealed` holds what is encrypted at rest."""

    seq: int
    at: Instant
    kind: str
    by: str
    data: Mapping[str, Any]
    sealed: Mapping[str, str]
    hash: str = ""


class Caller(NamedTuple):
    """Who reported it, in clear: lives in memory only. Empty strings are gaps to fill (R-001-06)."""

    name: str = ""
    unit: str = ""
    phone: str = ""


class Task(NamedTuple):
    """One department's share of a ticket (R-001-12, R-001-17)."""

    number: int
    department: str
    content: str
    due_at: Instant
    contact: str
    dispatched_at: Instant
    accepted_at: Instant | None = None
    arrived_at: Instant | None = None
    done_at: Instant | None = None
    result: str = ""


class Promise(NamedTuple):
    """A time spoken or sent to an owner (承诺账本). `completion` replaces the resolution target (X1); a reply does not.

    `withdrawn_at`: when a newer completion date took its place.
    """

    seq: int
    made_at: Instant
    due_at: Instant
    words: str
    completion: bool
    by: str
    kept_at: Instant | None = None
    withdrawn_at: Instant | None = None

    @property
    def withdrawn(self) -> bool:
        """A newer date took its place."""
        return self.withdrawn_at is not None

    def kept(self, now: Instant) -> bool | None:
        """Whether it was kept; None while it is still owed, or was replaced before it fell due."""
        if self.kept_at is not None:
            return self.kept_at < self.due_at
        return False if (self.withdrawn_at or now) >= self.due_at else None

    def state(self, now: Instant) -> str:
        """owed, kept, broken or renegotiated (replaced by a newer date before it fell due), as terms.PROMISES names it."""
        kept = self.kept(now)
        if kept is None:
            return "renegotiated" if self.withdrawn else "owed"
        return "kept" if kept else "broken"


class Pause(NamedTuple):
    """A hold on the handling clocks; `until` is the date at which the desk looks again."""

    at: Instant
    cause: str
    until: Instant
    reason: str
    resumed_at: Instant | None = None


class Cycle(NamedTuple):
    """One run from opening or reopening to a resolution; reopening starts the next, and both are reported (DESIGN §5)."""

    started_at: Instant
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    ground: str = ""


class Escalation(NamedTuple):
    """One step up the ladder and who must say «接» (DESIGN §6).

    `heard_at` is when the receiver could first hear of it: what can wait leaves after the quiet hours. `person` is who was on
    duty for that rung, the first receiver (第一受理人). `marked`: its log names the duty that it did.
    """

    at: Instant
    level: int
    cause: str
    reason: str
    by: str
    to: str
    consent: str
    summary: str
    acknowledged_at: Instant | None = None
    acknowledged_by: str = ""
    heard_at: Instant = 0
    person: str = ""
    marked: bool = False


class FollowUp(NamedTuple):
    """One follow-up: 1–5 stars and the three questions of R-S10-02."""

    at: Instant
    score: int
    intake: str
    measures: str
    result: str
    form: str
    words: str


class Evidence(NamedTuple):
    """A stored photo or file (R-001-19), addressed by the SHA-256 of its content."""

    at: Instant
    digest: str
    media_type: str
    size: int
    caption: str


class CaseLimit(NamedTuple):
    """A limit of the handbook case that was taken up (T24–T39), with the words it had then.

    `due_at` None: it waits for what it counts from. `every` are the seconds after which it is due again, 0 for once.
    """

    id: str
    rule: str
    label: str
    who: str
    since: str
    started_at: Instant
    due_at: Instant | None
    every: int
    met_at: Instant | None = None


class Telling(NamedTuple):
    """A bulletin, and what it could tell: how many departments were there, and whether it was over."""

    at: Instant
    arrived: int
    over: bool


_NOTHING: Mapping[str, int] = MappingProxyType({})


class Ticket(NamedTuple):
    """The facts of a ticket at its newest event. `version` is that event's number and guards against lost updates."""

    number: str
    version: int = 0
    policy: str = ""
    kind: str = "complaint"
    category: str = ""
    priority: str = "normal"
    channel: str = "phone"
    title: str = ""
    text: str = ""
    place: str = ""
    happened: str = ""
    outcome: str = ""
    case: str = ""
    anonymous: bool = False
    sensitive: bool = False
    external_id: str = ""
    caller: Caller = Caller()
    opened_at: Instant = 0
    opened_by: str = ""
    case_owner: str = ""
    stage: str = "new"
    urgent_since: Instant | None = None
    contacts: tuple[Instant, ...] = ()
    called_at: Instant | None = None
    handled_at: Instant | None = None
    arrived_at: Instant | None = None
    declined_at: Instant | None = None
    voided_at: Instant | None = None
    merged_into: str = ""
    incident: str = ""
    tasks: tuple[Task, ...] = ()
    promises: tuple[Promise, ...] = ()
    pauses: tuple[Pause, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    case_at: Instant | None = None
    """When the case was taken up; until then `case` is what the words suggest."""
    scenario: str = ""
    limits: tuple[CaseLimit, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    """The facts that the case demands before closing, as (id, label)."""
    collected: tuple[str, ...] = ()
    acted: Mapping[str, int] = _NOTHING
    """What time has demanded and got: what about → how far (duties.py)."""
    repeated_at: Instant | None = None
    """When the same unit last complained of the same on another ticket while this one waited out its quiet days."""
    plans: tuple[str, ...] = ()
    """The emergency plans that were opened in this cycle, by id, the newest last; the facts they demand are in `asked`."""
    asked: tuple[tuple[str, str], ...] = ()
    bulletins: tuple[Telling, ...] = ()
    """How often it was told since the plan was opened how far it is (T6)."""

    @property
    def plan(self) -> str:
        """The newest emergency plan, empty without one."""
        return self.plans[-1] if self.plans else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The labels of the case's facts that nobody has collected yet."""
        return tuple(
            label for name, label in dict((*self.wanted, *self.asked)).items() if name not in self.collected
        )

    @property
    def cycle(self) -> Cycle:
        """The current run towards a resolution."""
        return self.cycles[-1]

    @property
    def status(self) -> str:
        """The status identifier of DESIGN §4, a function of the facts."""
        if self.voided_at is not None:
            return "void"
        if self.cycle.closed_at is not None:
            return "closed"
        if self.cycle.resolved_at is not None:
            return "resolved"
        return "paused" if self.paused else self.stage

    @property
    def ended_at(self) -> Instant | None:
        """When it was closed or voided; None while open."""
        return self.cycle.closed_at if self.voided_at is None else self.voided_at

    @property
    def open(self) -> bool:
        """Neither closed nor void."""
        return self.ended_at is None

    @property
    def paused(self) -> bool:
        """A hold without a resumption."""
        return bool(self.pauses) and self.pauses[-1].resumed_at is None

    @property
    def level(self) -> int:
        """The highest rung reached; 0 is the front desk."""
        return max((step.level for step in self.escalations), default=0)

    @property
    def unacknowledged(self) -> Escalation | None:
        """The newest escalation that nobody has said «接» to."""
        return next((s for s in reversed(self.escalations) if s.acknowledged_at is None), None)

    @property
    def first_response_at(self) -> Instant | None:
        """The first human contact with the owner (DESIGN §5)."""
        return min(self.contacts, default=None)

    @property
    def department(self) -> str:
        """The department of the newest task, empty before the first dispatch."""
        return self.tasks[-1].department if self.tasks else ""

    @property
    def score(self) -> int | None:
        """The satisfaction of the newest follow-up in this cycle, 1–5 (T17)."""
        inside = [f.score for f in self.follow_ups if f.at >= self.cycle.started_at]
        return inside[-1] if inside else None

    @property
    def low(self) -> bool:
        """The newest follow-up gave one or two stars: only a better one allows closing (X2)."""
        return self.score is not None and self.score <= LOW_SCORE

    @property
    def quiet_since(self) -> Instant | None:
        """When the silence that may close the ticket began; None where the owner has not declined follow-up (R-S10-05).

        It begins with the resolution, and anew with every later call or ticket about the same matter.
        """
        if self.declined_at is None or self.cycle.resolved_at is None:
            return None
        again = max(self.called_at or 0, self.repeated_at or 0)
        return again if again > self.declined_at else self.cycle.resolved_at

    def task(self, number: int | None = None) -> Task | None:
        """The task with that number, or the newest one that is not done."""
        if number is not None:
            return next((task for task in self.tasks if task.number == number), None)
        return next((task for task in reversed(self.tasks) if task.done_at is None), None)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The labels of R-001-06/07 that are still empty; an anonymous ticket lacks no person."""
        person = (
            ()
            if self.anonymous
            else (("姓名", self.caller.name), ("房号", self.caller.unit), ("联系方式", self.caller.phone))
        )
        matter = (
            ("时间", self.happened),
            ("地点", self.place),
            ("具体事项", self.text),
            ("期望解决方式", self.outcome),
        )
        return tuple(label for label, value in (*person, *matter) if not value)


def undone(events: Iterable[Event]) -> frozenset[int]:
    """The numbers of the events that a later `undone` event took back."""
    return frozenset(seq for event in events if event.kind == "undone" for seq in event.data["seqs"])


def fold(number: str, events: Iterable[Event]) -> Ticket:
    """The ticket that a log describes; the log starts with `opened`. Pure: same log, same ticket."""
    log = tuple(events)
    void = undone(log)
    ticket = Ticket(number, log[-1].seq if log else 0)
    for event in log:
        if event.seq not in void and (step := _STEPS.get(event.kind)):
            ticket = step(ticket, event)
    return ticket


def _opened(ticket: Ticket, event: Event) -> Ticket:
    data, sealed = event.data, event.sealed
    spoken = data["channel"] in ("phone", "walk_in") and not data.get("imported")
    return Ticket(
        ticket.number,
        ticket.version,
        **{name: data[name] for name in _OPENED_FIELDS if name in data},
        caller=Caller(sealed.get("name", ""), sealed.get("unit", ""), sealed.get("phone", "")),
        opened_at=event.at,
        opened_by=event.by,
        case_owner=data.get("case_owner", event.by),
        urgent_since=event.at if data["priority"] == "urgent" else None,
        contacts=(event.at,) if spoken else (),
        cycles=(Cycle(event.at),),
    )


_OPENED_FIELDS = (
    *(
        "policy",
        "kind",
        "category",
        "priority",
        "channel",
        "title",
        "text",
        "place",
        "happened",
        "outcome",
        "case",
    ),
    *("anonymous", "sensitive", "external_id", "incident"),
)


def _corrected(ticket: Ticket, event: Event) -> Ticket:
    person = {name: event.sealed.get(name, "") for name in event.data.get("fields", ())}
    facts = {name: event.data[name] for name in _OPENED_FIELDS[1:] if name in event.data}
    since = ticket.urgent_since
    if "priority" in facts:
        since = (since or event.at) if facts["priority"] == "urgent" else None
    return ticket._replace(caller=ticket.caller._replace(**person), urgent_since=since, **facts)


def _contact(ticket: Ticket, event: Event) -> Ticket:
    """A human spoke with the owner: keeps every reply promise that is still open."""
    kept = tuple(
        p._replace(kept_at=event.at) if p.kept_at is None and not p.completion and not p.withdrawn else p
        for p in ticket.promises
    )
    return ticket._replace(contacts=(*ticket.contacts, event.at), promises=kept)


def _called(ticket: Ticket, event: Event) -> Ticket:
    after = ticket._replace(called_at=event.at)
    return _contact(after, event) if event.data.get("answered") else after


def _handled(ticket: Ticket, event: Event, stage: str) -> Ticket:
    order = ("new", "dispatched", "accepted", "in_progress")
    ahead = max(ticket.stage, stage, key=order.index)
    return ticket._replace(stage=ahead, handled_at=ticket.handled_at or event.at)


def _with_task(ticket: Ticket, event: Event, **change: Any) -> Ticket:
    number = event.data.get("task")
    return ticket._replace(
        tasks=tuple(t._replace(**change) if t.number == number else t for t in ticket.tasks)
    )


def _dispatched(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    task = Task(d["task"], d["department"], d["content"], d["due_at"], d["contact"], event.at)
    return ticket._replace(
        tasks=(*ticket.tasks, task), stage="dispatched" if ticket.stage == "new" else ticket.stage
    )


def _accepted(ticket: Ticket, event: Event) -> Ticket:
    return _handled(_with_task(ticket, event, accepted_at=event.at), event, "accepted")


def _arrived(ticket: Ticket, event: Event) -> Ticket:
    after = _handled(_with_task(ticket, event, arrived_at=event.at), event, "in_progress")
    return after._replace(arrived_at=after.arrived_at or event.at)


def _task_done(ticket: Ticket, event: Event) -> Ticket:
    after = _with_task(ticket, event, done_at=event.at, result=event.data.get("result", ""))
    return _handled(after, event, "in_progress")


def _progressed(ticket: Ticket, event: Event) -> Ticket:
    after = ticket
    if event.data.get("told"):
        there = sum(task.arrived_at is not None for task in ticket.tasks)
        telling = Telling(event.at, there, ticket.cycle.resolved_at is not None)
        after = _contact(ticket, event)._replace(bulletins=(*ticket.bulletins, telling))
    return _handled(after, event, "in_progress") if after.stage != "new" else after


def _promised(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    told = _contact(ticket, event)
    completion = bool(d.get("completion"))
    earlier = tuple(
        p._replace(withdrawn_at=event.at)
        if completion and p.completion and p.kept_at is None and not p.withdrawn
        else p
        for p in told.promises
    )
    new = Promise(event.seq, event.at, d["due_at"], d["words"], completion, event.by)
    return told._replace(promises=(*earlier, new))


def _paused(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    return ticket._replace(pauses=(*ticket.pauses, Pause(event.at, d["cause"], d["until"], d["reason"])))


def _resumed(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(pauses=(*ticket.pauses[:-1], ticket.pauses[-1]._replace(resumed_at=event.at)))


def _resolved(ticket: Ticket, event: Event) -> Ticket:
    after = _resumed(ticket, event) if ticket.paused else ticket
    promises = tuple(
        p._replace(kept_at=event.at) if p.completion and p.kept_at is None and not p.withdrawn else p
        for p in after.promises
    )
    tasks = tuple(t._replace(done_at=event.at) if t.done_at is None else t for t in after.tasks)
    cycles = (*after.cycles[:-1], after.cycle._replace(resolved_at=event.at))
    done = after._replace(promises=promises, tasks=tasks, cycles=cycles)
    return _handled(done, event, "in_progress")


def _followed_up(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    step = FollowUp(event.at, d["score"], d["intake"], d["measures"], d["result"], d["form"], d["words"])
    return _contact(ticket, event)._replace(follow_ups=(*ticket.follow_ups, step))


def _declined(ticket: Ticket, event: Event) -> Ticket:
    return _contact(ticket, event)._replace(declined_at=event.at)


def _closed(ticket: Ticket, event: Event) -> Ticket:
    cycle = ticket.cycle._replace(resolved_at=ticket.cycle.resolved_at or event.at, closed_at=event.at)
    # A case may ask for the closing itself by a certain hour (T38): with it every limit has come to its end.
    limits = tuple(x._replace(met_at=event.at) if x.met_at is None and x.due_at else x for x in ticket.limits)
    cycles = (*ticket.cycles[:-1], cycle._replace(ground=event.data["ground"]))
    return ticket._replace(cycles=cycles, limits=limits)


def _reopened(ticket: Ticket, event: Event) -> Ticket:
    # A plan is worked once a cycle: what has come back is opened anew.
    again = ticket._replace(cycles=(*ticket.cycles, Cycle(event.at)), stage="in_progress", declined_at=None)
    return again._replace(plans=())


def _escalated(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    step = Escalation(
        event.at,
        d["level"],
        d["cause"],
        d["reason"],
        event.by,
        d["to"],
        d.get("consent", ""),
        d.get("summary", ""),
        heard_at=d.get("heard_at", event.at),
        person=d.get("person", ""),
        marked="done" in d,
    )
    return _acted(ticket, event)._replace(escalations=(*ticket.escalations, step))


def _acted(ticket: Ticket, event: Event) -> Ticket:
    done = event.data.get("done")
    return ticket._replace(acted={**ticket.acted, **done}) if done else ticket


def _reminded(ticket: Ticket, event: Event) -> Ticket:
    again = event.data.get("repeated_at")
    after = _acted(ticket, event)
    return after if again is None else after._replace(repeated_at=again)


def _acknowledged(ticket: Ticket, event: Event) -> Ticket:
    steps = tuple(
        s._replace(acknowledged_at=event.at, acknowledged_by=event.by) if s.acknowledged_at is None else s
        for s in ticket.escalations
    )
    return ticket._replace(escalations=steps)


def _transferred(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(case_owner=event.data["to"])


def _voided(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(voided_at=event.at)


def _evidence(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    item = Evidence(event.at, d["digest"], d["media_type"], d["size"], d.get("caption", ""))
    return ticket._replace(evidence=(*ticket.evidence, item))


def _merged(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(voided_at=event.at, merged_into=event.data["into"])


def _linked(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(incident=event.data["incident"])


def _rebased(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(policy=event.data["policy"])


def _case_taken(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    limits = tuple(
        CaseLimit(x["id"], x["rule"], x["label"], x["who"], x["since"], x["start"], x["due_at"], x["every"])
        for x in d["limits"]
    )
    done = {x.id: x for x in ticket.limits if x.met_at is not None} if d["case"] == ticket.case else {}
    return ticket._replace(
        case=d["case"],
        case_at=event.at,
        scenario=d["scenario"],
        limits=tuple(done.get(x.id, x) for x in limits),
        wanted=tuple((name, label) for name, label in d["wanted"]),
    )


def _case_limit(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    change: dict[str, Any] = {"met_at": event.at}
    if d["due_at"] is not None:
        change = {"started_at": d.get("start", event.at), "due_at": d["due_at"]}
    return ticket._replace(
        limits=tuple(x._replace(**change) if x.id == d["limit"] else x for x in ticket.limits)
    )


def _facts(ticket: Ticket, event: Event) -> Ticket:
    return ticket._replace(collected=tuple(dict.fromkeys((*ticket.collected, *event.data["facts"]))))


def _plan_opened(ticket: Ticket, event: Event) -> Ticket:
    d = event.data
    asked = dict((*ticket.asked, *((name, label) for name, label in d["wanted"])))
    return ticket._replace(
        plans=(*ticket.plans, d["plan"]),
        asked=tuple(asked.items()),
        bulletins=(),
    )


_STEPS: dict[str, Callable[[Ticket, Event], Ticket]] = {
    "opened": _opened,
    "called": _called,
    "corrected": _corrected,
    "case_taken": _case_taken,
    "case_limit": _case_limit,
    "facts": _facts,
    "dispatched": _dispatched,
    "accepted": _accepted,
    "arrived": _arrived,
    "progressed": _progressed,
    "promised": _promised,
    "paused": _paused,
    "resumed": _resumed,
    "task_done": _task_done,
    "resolved": _resolved,
    "followed_up": _followed_up,
    "declined": _declined,
    "closed": _closed,
    "reopened": _reopened,
    "escalated": _escalated,
    "acknowledged": _acknowledged,
    "reminded": _reminded,
    "transferred": _transferred,
    "voided": _voided,
    "evidence": _evidence,
    "merged": _merged,
    "linked": _linked,
    "rebased": _rebased,
    "plan_opened": _plan_opened,
}
