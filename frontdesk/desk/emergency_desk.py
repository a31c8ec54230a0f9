"""Emergencies (突发): one step opens the plan, bulletins every ten minutes, callers attached with one key, a timeline
for the file (R-000-03, T4–T6, A-DAY 09:15).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from frontdesk.desk.access import Access, private
from frontdesk.desk.case_work import taken
from frontdesk.desk.emergency_view import Attached, EmergencyView, Moment, Running, TaskView, Timeline
from frontdesk.desk.present import present
from frontdesk.desk.ticket_desk import NewTicket, TicketDesk, held_if_contested
from frontdesk.desk.views import TicketView
from frontdesk.domain import moves, plans
from frontdesk.domain.board import CallLine
from frontdesk.domain.categories import Department
from frontdesk.domain.errors import BadInput, Conflict, Refused
from frontdesk.domain.moves import Draft
from frontdesk.domain.phones import parse_phone, phone_key
from frontdesk.domain.plans import Bulletin, Plan
from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import Clock, clocks
from frontdesk.domain.tickets import Event, Task, Ticket
from frontdesk.domain.timing import MINUTE, Instant
from frontdesk.domain.units import unit_key
from frontdesk.store.calls import Call, Calls
from frontdesk.store.tickets import Log, Step, conflict

if TYPE_CHECKING:
    from frontdesk.domain.classify import Suggestion

SHOWN = ("on_site", "repair", "progress")
JUST_CALLED = 15 * MINUTE
"""How long a call without a ticket may still be one about what is going on."""


class EmergencyDesk:
    """Everything that is done in an emergency beyond what may be done to any ticket."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the plans and the clock."""
        self._a = access
        self._calls = Calls(access.db, access.cipher)

    # --- plans -------------------------------------------------------------------------------------------------

    def offered(self, number: str) -> tuple[Plan, ...]:
        """The plans, those that the ticket leads to first; none of those that are open on it."""
        log = self._load(number)
        ticket, first = log.ticket, self._led_to(log)
        rest = tuple(each for each in self._plans.values() if each not in first)
        return tuple(each for each in (*first, *rest) if each.id not in ticket.plans)

    def likely(self, number: str) -> Plan | None:
        """The plan to offer for an urgent ticket; None where none is pointed at, or one is open already."""
        log = self._load(number)
        t = log.ticket
        if t.priority != "urgent" or t.plans or t.incident:
            return None
        return next(iter(self._led_to(log)), None)

    def noted(self, number: str, text: str) -> Plan | None:
        """The plan for an emergency that a record on the ticket tells of; None where it tells of none, or one is open."""
        t = self._load(number).ticket
        if not t.open or t.plans or t.incident or not text.strip():
            return None
        guess = TicketDesk(self._a).suggest(text)
        if guess.priority != "urgent":
            return None
        return self.suggested(text, guess)

    def _led_to(self, log: Log) -> tuple[Plan, ...]:
        """By what was reported, and by what was written down since."""
        t = log.ticket
        notes = [str(event.data["note"]) for event in log.events if event.kind == "noted"]
        said = (t.text, *notes[-3:])
        dangers = TicketDesk(self._a).dangers((*said, t.title))
        return self._fitting("\n".join((*said, t.title)), dangers, t.case, t.category)

    def suggested(self, text: str, guess: Suggestion, category: str = "") -> Plan | None:
        """The plan for a report that is only being written down, by what it is taken for and the `category` that a
        person has given it; None where nothing points at one.
        """
        found = self._fitting(text, guess.dangers, guess.case or "", category or guess.category)
        return next(iter(found), None)

    def _fitting(self, text: str, dangers: Sequence[str], case: str, category: str) -> tuple[Plan, ...]:
        meant = self._a.categories.reader.read(text)[0]  # dtkr is 电梯困人
        return plans.fitting(self._plans.values(), dangers, f"{text}\n{meant}", case, category)

    @property
    def _plans(self) -> dict[str, Plan]:
        return dict(self._a.plans.plans)

    def _plan(self, plan_id: str, log: Log) -> Plan:
        if plan_id:
            found = self._plans.get(plan_id.strip().lower())
            if found is None:
                raise BadInput("预案", f"没有「{plan_id[:20]}」", f"可选：{self._choices()}")
            return found
        fitting = self._led_to(log)
        if not fitting:
            raise Refused(f"看不出 {log.number} 该用哪份预案。请写明：{self._choices()}")
        return fitting[0]

    def _choices(self) -> str:
        return "、".join(f"{plan.id} {plan.title}" for plan in self._plans.values())

    # --- opening -----------------------------------------------------------------------------------------------

    def open(self, number: str, plan_id: str = "", seen: int | None = None) -> TicketView:
        """Open the plan: urgent, its case taken up, every department's task sent, the group told; all or nothing.

        Empty `plan_id`: the one that the ticket leads to. A plan that is open already is left as it is, whoever opened it;
        a member's number means the incident's first ticket.
        """
        self._a.operator.writes()

        def save(conn: sqlite3.Connection | None = None) -> Log:
            log = self._head(number)
            ticket, policy = log.ticket, self._a.policies.of(log.ticket.policy)
            if not plan_id and ticket.plans:
                return log
            plan, now = self._plan(plan_id, log), max(self._a.now(), log.events[-1].at)
            if plan.id in ticket.plans:
                return log
            _unmoved(log, seen)
            drafts = self._opening(plan, ticket, policy, now)
            told = self._a.tells(ticket, drafts, policy, now, log.events)
            self._a.tickets.append(log, Step(now, self._a.operator.login, drafts, policy, told), conn)
            return log

        log = held_if_contested(self._a.tickets, save, seen is None)
        return self._present(self._a.tickets.load(log.id))

    def _opening(self, plan: Plan, ticket: Ticket, policy: Policy, now: Instant) -> list[Draft]:
        departments = self._a.categories.departments
        tasks = [
            (
                duty.department,
                duty.content,
                now + duty.minutes * MINUTE,
                duty.contact or _contact(departments.get(duty.department)),
            )
            for duty in plan.duties
        ]
        opened = {
            "plan": plan.id,
            "title": plan.title,
            "words": plan.version,
            "wanted": [[fact.id, fact.label] for fact in plan.facts if fact.required],
        }
        drafts = moves.open_plan(ticket, now, opened, tasks)
        if plan.case and ticket.case_at is None:
            case, _, _ = plan.case.partition("-")
            named = taken(self._a.handbook, policy, ticket, case, plan.case if plan.case != case else "")
            drafts = (*moves.take_case(ticket, now, named), *drafts)
        return [private(draft) for draft in drafts]

    # --- bulletins ---------------------------------------------------------------------------------------------

    def bulletin(self, number: str) -> Bulletin:
        """What is to be read out now, and when the next one is due (T6)."""
        log = self._head(number)
        return self._bulletin(log.ticket, self._open_plan(log.ticket))

    def _bulletin(self, ticket: Ticket, plan: Plan) -> Bulletin:
        policy, now = self._a.policies.of(ticket.policy), self._a.now()
        target = policy.targets["progress"]
        due = next(
            (run.due_at for run in clocks(ticket, policy) if run.kind == "progress" and run.counts), None
        )
        return plans.bulletin(plan, ticket, now, due, target.urgent_seconds or target.seconds)

    def _open_plan(self, ticket: Ticket) -> Plan:
        if not ticket.plan:
            raise Refused(
                f"{ticket.number} 还没有打开预案。请先打开：frontdesk emergency open {ticket.number}"
            )
        return self._plans.get(ticket.plan) or plans.plain(ticket.plan, ticket.title)

    def tell(self, number: str, words: str = "", heard: int | None = None) -> tuple[TicketView, str]:
        """The bulletin has been read out or sent: recorded on the incident's first ticket and on every open member, the
        group told; the next ten minutes begin. Answers the ticket and the words. With the last one, which says that it is
        over, the members are over too: each caller is then to be called back.

        `words` are those that were read, the current ones if empty. `heard` is how many bulletins there were before it:
        where a colleague has read one out meanwhile, this is none.
        """
        self._a.operator.writes()
        with self._a.tickets.holding() as conn:
            head = self._head(number)
            plan = self._open_plan(head.ticket)
            if heard is not None and len(head.ticket.bulletins) != heard:
                raise Conflict(f"{head.number} 刚由同事通报过，不用再念一遍。")
            over = head.ticket.cycle.resolved_at is not None
            told = words.strip() or self._bulletin(head.ticket, plan).text
            for log in (head, *self._members(head.number)):
                if log.id != head.id and not log.ticket.open:
                    continue
                now = max(self._a.now(), log.events[-1].at)
                made = moves.progress(log.ticket, now, told, told=True)
                if log.id != head.id and over and "resolve" in moves.legal(log.ticket):
                    made += moves.resolve(log.ticket, now, told)
                drafts = [private(draft) for draft in made]
                policy = self._a.policies.of(log.ticket.policy)
                sent = self._a.tells(log.ticket, drafts, policy, now, log.events)
                self._a.tickets.append(log, Step(now, self._a.operator.login, drafts, policy, sent), conn)
        return self._present(self._a.tickets.load(head.id)), told

    # --- callers -----------------------------------------------------------------------------------------------

    def next_caller(self) -> CallLine | None:
        """Whom F2 on the board attaches: who has rung longest, else the newest call that belongs to no ticket."""
        from frontdesk.desk.call_desk import CallDesk

        desk, now = CallDesk(self._a), self._a.now()
        ringing = [call for call in desk.live() if call.state == "ringing"]
        if ringing:
            return min(ringing, key=lambda call: (call.at, call.id))
        newest = (call for call in desk.list(9) if not call.ticket and now - call.at <= JUST_CALLED)
        return next(newest, None)

    def attach_caller(self, number: str, call_id: int) -> Attached:
        """Another caller about the same emergency: told the same bulletin, with a ticket and reply clock of their own.

        A caller of a flat that has a ticket in the incident is put down there. A call that rings is lifted by this.
        """
        self._a.operator.writes()
        head = self._head(number)
        if not plans.running(head.ticket):
            raise Refused(f"{head.number} 不是正在处理的突发。请先打开预案，或按普通来电受理。")
        plan, call = self._open_plan(head.ticket), self._calls.get(call_id)
        told = self._bulletin(head.ticket, plan).text
        family = (head, *self._members(head.number))
        if call.ticket_id is not None:
            return self._attached_already(call, family)
        name, unit = self._caller(call)
        same = next(
            (log for log in family if log.ticket.open and _same_flat(log.ticket, unit, call.phone)), None
        )
        if call.state in ("ringing", "missed"):
            self._calls.answer(call_id, self._a.now(), self._a.operator.login)
        if same is not None:
            return Attached(self._called(same, call, told), told, False)
        return Attached(self._joined(head, plan, call, (name, unit), told), told, True)

    def _attached_already(self, call: Call, family: Sequence[Log]) -> Attached:
        log = next((log for log in family if log.id == call.ticket_id), None)
        if log is None:
            raise Refused("这个来电已经记在另一张工单上。请打开那张工单，用「关联群发事件」归入。")
        return Attached(self._present(log), "", False)

    def _caller(self, call: Call) -> tuple[str, str]:
        known = self._calls.known(parse_phone(call.phone), self._a.now()).owners if call.phone else ()
        return (known[0].name, known[0].unit) if len(known) == 1 else (call.name, "")

    def _called(self, log: Log, call: Call, told: str) -> TicketView:
        def save(conn: sqlite3.Connection | None = None) -> None:
            found = self._a.tickets.load(log.id)
            now = max(self._a.now(), found.events[-1].at)
            sealed = {"phone": call.phone, "name": call.name}
            (draft,) = moves.call(found.ticket, now, call.id, True, sealed)
            drafts = [private(draft._replace(data={**draft.data, "told": told}))]
            policy = self._a.policies.of(found.ticket.policy)
            step = Step(
                now, self._a.operator.login, drafts, policy, also=lambda c: self._tie(c, call.id, log.id)
            )
            self._a.tickets.append(found, step, conn)

        held_if_contested(self._a.tickets, save)
        return self._present(self._a.tickets.load(log.id))

    def _joined(self, head: Log, plan: Plan, call: Call, who: tuple[str, str], told: str) -> TicketView:
        t, now, (name, unit) = head.ticket, self._a.now(), who
        new = NewTicket(
            text=f"同一突发（{head.number}）：{plan.title}",
            name=name,
            unit=unit,
            phone=call.phone,
            kind=t.kind,
            category=t.category,
            priority="urgent",
            channel="phone",
            title=plan.title,
            place=plans.where(t),
        )
        opened = TicketDesk(self._a).opening(new)
        linked = private(Draft("linked", {"incident": head.number, "told": told}))
        ticket_id = self._a.tickets.create(
            now,
            self._a.operator.login,
            [opened, linked],
            self._a.policy,
            also=lambda conn, made: self._tie(conn, call.id, made),
        )
        return self._present(self._a.tickets.load(ticket_id))

    @staticmethod
    def _tie(conn: sqlite3.Connection, call_id: int, ticket_id: int) -> None:
        """The call to the ticket, in the ticket's transaction; of two desks the slower one writes nothing at all."""
        row = conn.execute("SELECT ticket_id FROM call WHERE id = ?", (call_id,)).fetchone()
        if row is not None and row[0] is not None:
            raise Refused("这个来电刚被同事附上了。")
        Calls.attach(conn, call_id, ticket_id)

    # --- looking -----------------------------------------------------------------------------------------------

    def running(self) -> Running:
        """Every emergency whose plan is being worked, the oldest first; and what is urgent without one."""
        logs = tuple(self._a.tickets.several(self._a.tickets.urgent()))
        return Running(
            tuple(self._view(log) for log in logs if plans.running(log.ticket)),
            tuple((log.number, log.ticket.title) for log in logs if _unopened(log.ticket)),
            len(self._a.plans.problems),
        )

    def show(self, number: str) -> EmergencyView:
        """The emergency that a ticket belongs to; `Refused` where no plan was opened."""
        return self._view(self._head(number))

    def _view(self, log: Log) -> EmergencyView:
        t, now = log.ticket, self._a.now()
        policy, plan, members = self._a.policies.of(t.policy), self._open_plan(t), self._members(log.number)
        return EmergencyView(
            id=log.id,
            number=log.number,
            version=t.version,
            now=now,
            plan=plan.id,
            plan_title=plan.title,
            title=t.title,
            where=plans.where(t),
            since=t.urgent_since or t.opened_at,
            status=t.status,
            clocks=_clocks(t, policy),
            tasks=tuple(map(_task, t.tasks)),
            members=len(members),
            callers=len(members) + _again(log.events) + sum(_again(member.events) for member in members),
            bulletin=self._bulletin(t, plan),
            heard=len(t.bulletins),
            say=plan.say,
            never=plan.never,
            over=plan.over,
            calls=plan.calls,
            missing=t.missing,
        )

    def timeline(self, number: str) -> Timeline:
        """The whole incident as one ordered list for the file, masked."""
        head = self._head(number)
        t, now, names = head.ticket, self._a.now(), self._a.names()
        policy, members = self._a.policies.of(t.policy), self._members(head.number)
        opened = next((event for event in reversed(head.events) if event.kind == "plan_opened"), None)
        if opened is None:
            raise Refused(
                f"{head.number} 没有打开过预案，没有突发经过。看普通经过：ticket show {head.number}"
            )
        facts = dict(self._present(head).facts)
        labels = dict((*t.wanted, *t.asked))
        moments = [
            Moment(
                e.at, log.number, log.id == head.id, e.seq, e.kind, e.label, e.who, e.note, e.undone, e.hash
            )
            for log in (head, *members)
            for e in present(log, self._a.policies.of(log.ticket.policy), self._a.masks, names, now).events
        ]
        return Timeline(
            number=head.number,
            plan=opened.data["plan"],
            plan_title=opened.data["title"],
            version=opened.data["words"],
            title=t.title,
            where=plans.where(t),
            since=t.urgent_since or opened.at,
            resolved_at=t.cycle.resolved_at,
            now=now,
            members=tuple(log.number for log in members),
            clocks=_clocks(t, policy),
            tasks=tuple(map(_task, t.tasks)),
            facts=tuple((labels.get(name, name), value) for name, value in facts.items()),
            missing=t.missing,
            moments=tuple(sorted(moments, key=lambda each: (each.at, not each.head, each.number, each.seq))),
        )

    def write_timeline(self, number: str, path: Path) -> Path:
        """The timeline as Markdown in a file; one that is there is replaced whole."""
        from frontdesk.store.files import replace_file

        place = path.expanduser()
        if place.is_dir():
            raise BadInput("文件", f"{place} 是文件夹", "请写到一个文件，如 突发经过.md")
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, self.timeline_paper(number).encode())
        return place

    def timeline_paper(self, number: str) -> str:
        """The timeline as Markdown."""
        from frontdesk.desk.emergency_paper import markdown

        return markdown(self.timeline(number), self._a.settings.site)

    # --- the store ---------------------------------------------------------------------------------------------

    def _load(self, number: str) -> Log:
        return self._a.tickets.load(self._a.tickets.find(number))

    def _head(self, number: str) -> Log:
        """The incident's first ticket, also where a member's number is given."""
        log = self._load(number)
        return self._load(log.ticket.incident) if log.ticket.incident and not log.ticket.plans else log

    def _members(self, number: str) -> tuple[Log, ...]:
        return tuple(self._a.tickets.several(self._a.tickets.members(number)))

    def _present(self, log: Log) -> TicketView:
        policy = self._a.policies.of(log.ticket.policy)
        return present(log, policy, self._a.masks, self._a.names(), self._a.now())


def _contact(department: Department | None) -> str:
    return department.contact if department is not None else "值班电话（请填写）"


def _unopened(ticket: Ticket) -> bool:
    """Urgent, still worked on, and on its own."""
    return not ticket.plans and not ticket.incident and ticket.cycle.resolved_at is None


def _unmoved(log: Log, seen: int | None) -> None:
    """What was seen is what is there; else somebody else was quicker."""
    if seen is not None and log.ticket.version != seen:
        raise conflict(log.number, [(e.by, e.kind) for e in log.events if e.seq > seen])


def _same_flat(ticket: Ticket, unit: str, phone: str) -> bool:
    if unit and ticket.caller.unit:
        return unit_key(unit) == unit_key(ticket.caller.unit)
    mine, theirs = (
        phone_key(phone) if phone else "",
        phone_key(ticket.caller.phone) if ticket.caller.phone else "",
    )
    return bool(mine) and mine == theirs


def _again(events: Iterable[Event]) -> int:
    return sum(event.kind == "called" for event in events)


def _clocks(ticket: Ticket, policy: Policy) -> tuple[Clock, ...]:
    found = [run for run in clocks(ticket, policy) if run.kind in SHOWN and not run.cancelled]
    return tuple(sorted(found, key=lambda run: SHOWN.index(run.kind)))


def _task(task: Task) -> TaskView:
    for state, at in (("done", task.done_at), ("arrived", task.arrived_at), ("accepted", task.accepted_at)):
        if at is not None:
            return TaskView(task.number, task.department, task.content, task.contact, state, task.due_at, at)
    return TaskView(
        task.number, task.department, task.content, task.contact, "sent", task.due_at, task.dispatched_at
    )
