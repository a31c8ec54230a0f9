"""Use cases on tickets: load → decide (domain) → save, one event or one coherent group of events each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from frontdesk.desk.access import Access, private
from frontdesk.desk.present import present, promised
from frontdesk.desk.views import PromiseView, TicketView
from frontdesk.domain import moves
from frontdesk.domain.errors import BadInput, Conflict, Refused
from frontdesk.domain.moves import Draft, Moves
from frontdesk.domain.phones import parse_phone
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import clean, one_line, redact
from frontdesk.domain.record import words
from frontdesk.domain.terms import CHANNELS, KINDS, PRIORITIES, RANKS
from frontdesk.domain.tickets import Ticket, undone
from frontdesk.domain.timing import DAY, MINUTE, Instant, clock
from frontdesk.domain.units import unit_text
from frontdesk.store.tickets import Log, Step, Tickets, conflict

if TYPE_CHECKING:
    from frontdesk.domain.classify import Suggestion
    from frontdesk.domain.playbook import Fact
    from frontdesk.domain.upset import Upset
    from frontdesk.store.calls import Call, Calls
    from frontdesk.store.files import EvidenceFiles
    from frontdesk.store.notices import NoticeDraft

TITLE = 28
"""Characters of a title made from the text: what fits the board at 80 columns."""


class NewTicket(NamedTuple):
    """What intake asks for (R-001-06/07). Only `text` must be there; what is empty is a gap to fill later.

    Empty `kind`, `category`, `priority` and `case` are classified from the text. `at` is when it was reported, now if
    None; `imported` marks history, which is no human contact. With `call_id`, and with `resident_id` where a number is
    shared, the desk fills in whom it knows: nobody has to see a name to write it down.
    """

    text: str
    name: str = ""
    unit: str = ""
    phone: str = ""
    kind: str = ""
    category: str = ""
    priority: str = ""
    channel: str = "phone"
    title: str = ""
    place: str = ""
    happened: str = ""
    outcome: str = ""
    case: str = ""
    anonymous: bool = False
    sensitive: bool = False
    at: Instant | None = None
    call_id: int | None = None
    resident_id: int | None = None
    external_id: str = ""
    imported: bool = False


class EscalationPreview(NamedTuple):
    """What F8 shows before it acts: the rungs to choose from and the summary that will be handed over."""

    levels: tuple[tuple[int, str], ...]
    suggested: int
    summary: str
    receiver: str = ""
    """The suggested rung as it is named to an owner, with whoever the roster has there now (第一受理人)."""


class TicketDesk:
    """Everything that may be done to a ticket, for console and command line alike."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the operator and the clock."""
        self._a = access

    # --- looking -----------------------------------------------------------------------------------------------

    def view(self, number: str) -> TicketView:
        """The ticket of that number or unique tail of one, masked; `Refused` where there is none."""
        return self.by_id(self._a.tickets.find(number))

    def by_id(self, ticket_id: int) -> TicketView:
        """The ticket with that row id, masked."""
        return self._present(self._a.tickets.load(ticket_id))

    def several(self, ids: Sequence[int]) -> Iterator[TicketView]:
        """The tickets with these row ids, in their order, masked; read a few hundred at a time."""
        names, now = self._a.names(), self._a.now()
        for log in self._a.tickets.several(ids):
            yield present(log, self._a.policies.of(log.ticket.policy), self._a.masks, names, now)

    def _present(self, log: Log) -> TicketView:
        return present(
            log, self._a.policies.of(log.ticket.policy), self._a.masks, self._a.names(), self._a.now()
        )

    def promises(self, days: int = 0) -> list[PromiseView]:
        """The promise ledger (承诺账本): what is still owed, the soonest first, and with `days` what became of the others
        on tickets that were open within so many days."""
        now, names = self._a.now(), self._a.names()
        found = [
            each
            for log in self._a.tickets.logs(not_closed_before=now - days * DAY, unseal=True)
            for each in promised(log.ticket, self._a.masks, names, now)
            if days or (each.state == "owed" or (each.state == "broken" and each.kept_at is None))
            if log.ticket.open or days
        ]
        return sorted(found, key=lambda each: (each.due_at, each.ticket))

    def explain(self, number: str) -> str:
        """Why the ticket has its colour, in plain Chinese (DESIGN §5)."""
        from frontdesk.domain.explain import explain  # a question that few ask

        log = self._load(number)
        policy = self._a.policies.of(log.ticket.policy)
        return explain(log.ticket, policy, self._a.now(), self._a.names())

    def suggest(self, text: str) -> Suggestion:
        """Kind, category, priority and case that the text points at, with the reasons."""
        from frontdesk.domain.classify import classify  # who only looks classifies nothing

        return classify(clean(text, "具体事项"), self._a.categories, self._a.ear)

    def dangers(self, texts: Iterable[str]) -> tuple[str, ...]:
        """What is dangerous now by any of these texts (`terms.DANGERS`): by the first of them first."""
        heard = (danger for text in texts if text.strip() for danger in self.suggest(text).dangers)
        return tuple(dict.fromkeys(heard))

    def mood(self, text: str, calls_in_week: int = 0, open_repeats: int = 0) -> Upset:
        """How upset the caller is, by words, calls in seven days and open tickets about the same (T11)."""
        from frontdesk.domain.upset import upset

        return upset(text, self._a.categories, calls_in_week=calls_in_week, open_repeats=open_repeats)

    def repeats(
        self, unit: str, category: str, call_id: int | None = None, resident_id: int | None = None
    ) -> list[tuple[str, str, str]]:
        """Tickets of the same unit and category within 7 days: offered as a reopening (DESIGN §4).

        An empty `unit` is the one that a ticket opened from that call would get.
        """
        unit = self._unit_of(unit, call_id, resident_id)
        return self._a.tickets.repeats(unit, category, self._a.now() - 7 * DAY) if unit else []

    def heard_elsewhere(self, ticket_id: int) -> str:
        """What the records of the unit's other tickets of 7 days hold: nobody wants the same apology on each (R-S2)."""
        unit = self._a.tickets.load(ticket_id).ticket.caller.unit
        return self._records(unit, but=ticket_id)

    def heard_before(self, unit: str, call_id: int | None = None, resident_id: int | None = None) -> str:
        """The same for a ticket that is being taken; an empty `unit` is the one that it would get."""
        return self._records(self._unit_of(unit, call_id, resident_id))

    def _records(self, unit: str, but: int | None = None) -> str:
        now = self._a.now()
        lines: list[str] = []
        for each in self._a.tickets.of_unit(unit, now - 7 * DAY):
            if each != but:
                events = self._a.tickets.load(each, unseal=False).events
                gone = undone(events)
                lines += (words(event, now) for event in events if event.seq not in gone)
        return "\n".join(lines)

    def _unit_of(self, unit: str, call_id: int | None, resident_id: int | None) -> str:
        """The unit as it is kept, out of what was typed or of what the call or the owner tells; "" for none."""
        if not unit.strip() and (call_id is not None or resident_id is not None):
            call = self._call(call_id) if call_id is not None else None
            unit = self._known(NewTicket("", resident_id=resident_id), call).unit
        return unit_text(unit) if unit.strip() else ""

    def suggested_dispatch(self, number: str) -> tuple[str, str, Instant, str]:
        """Department, content, limit and contact by the ticket's category (R-001-13)."""
        ticket = self._load(number).ticket
        department, content, minutes, contact = self._route(ticket)
        return department, content, self._a.now() + minutes * MINUTE, contact

    def _route(self, ticket: Ticket) -> tuple[str, str, int, str]:
        categories = self._a.categories
        category = categories.all.get(ticket.category) or categories.all[categories.fallback]
        department = categories.departments[category.department]
        minutes = min(department.minutes, 30) if ticket.priority == "urgent" else department.minutes
        return department.id, ticket.title, minutes, department.contact

    def escalation_preview(self, number: str) -> EscalationPreview:
        """The rungs above the ticket and the summary that spares the owner a second telling (X4)."""
        log = self._load(number)
        policy = self._a.policies.of(log.ticket.policy)
        top = len(policy.ladder) - 1
        rungs = tuple((rung.level, rung.name) for rung in policy.ladder[max(1, log.ticket.level) :])
        now, suggested = self._a.now(), min(log.ticket.level + 1, top)
        rung = policy.rung(suggested)
        on_duty = first_receiver(self._a, rung.role, now)
        receiver = f"{rung.name}{on_duty[1]}" if on_duty else rung.name
        return EscalationPreview(rungs, suggested, moves.summary(log.ticket, now), receiver)

    # --- opening -----------------------------------------------------------------------------------------------

    def open(self, new: NewTicket) -> TicketView:
        """A new ticket; one opened from a call takes the call with it in the same transaction."""
        self._a.operator.writes()
        call = self._call(new.call_id) if new.call_id is not None else None
        known = call is not None or new.resident_id is not None
        draft = self.opening(self._known(new, call) if known else new)
        at = self._moment(new.at)

        def attach(conn: sqlite3.Connection, ticket_id: int) -> None:
            if call is not None:
                self._calls.attach(conn, call.id, ticket_id)

        drafts = [draft, *self._case_of(new, at)]

        def tell(ticket: Ticket) -> Sequence[NoticeDraft]:
            return self._a.tells(ticket, drafts, self._a.policy, at)

        who = self._a.operator.login
        ticket_id = self._a.tickets.create(at, who, drafts, self._a.policy, also=attach, tell=tell)
        return self.by_id(ticket_id)

    def _case_of(self, new: NewTicket, at: Instant) -> Moves:
        """A case that was named, and not guessed, is taken up at once."""
        if not new.case.strip():
            return ()
        from frontdesk.desk.case_work import taken

        named = taken(self._a.handbook, self._a.policy, Ticket("", opened_at=at), new.case)
        return (Draft("case_taken", named),)

    def _moment(self, at: Instant | None) -> Instant:
        now = self._a.now()
        if at is not None and at > now:
            raise BadInput("受理时间", f"{clock(at, now)} 还没到", "请填已经发生的时间")
        return now if at is None else at

    @cached_property
    def _calls(self) -> Calls:
        from frontdesk.store.calls import Calls

        return Calls(self._a.db, self._a.cipher)

    def _call(self, call_id: int) -> Call:
        return self._calls.get(call_id)

    def _known(self, new: NewTicket, call: Call | None) -> NewTicket:
        """What is empty, filled from the call and from its owner, where there is only one or one was chosen."""
        phone = call.phone if call is not None else ""
        owners = self._calls.known(parse_phone(phone), self._a.now()).owners if phone else ()
        if new.resident_id is not None:
            owners = (self._calls.owner(new.resident_id),)
        name, unit = (owners[0].name, owners[0].unit) if len(owners) == 1 else (call.name if call else "", "")
        return new._replace(name=new.name or name, unit=new.unit or unit, phone=new.phone or phone)

    def opening(self, new: NewTicket) -> Draft:
        """The `opened` event of a new ticket: checked, classified, cleaned and redacted."""
        text = clean(new.text, "具体事项")
        if not text:
            raise BadInput("具体事项", "没有填写", "请写下业主说的事")
        guess = self.suggest(text)
        data = {
            "policy": self._a.policy.version,
            "kind": _one_of("类型", new.kind, KINDS) or guess.kind,
            "category": self._category(new.category) or guess.category,
            "priority": _one_of("紧急程度", new.priority, PRIORITIES) or guess.priority,
            "channel": _one_of("渠道", new.channel, CHANNELS) or "phone",
            "case": guess.case or "",
            "title": _title(new.title or text),
            "text": text,
            "place": one_line(new.place),
            "happened": one_line(new.happened),
            "outcome": one_line(new.outcome),
            "anonymous": new.anonymous,
            "sensitive": new.sensitive,
            "external_id": one_line(new.external_id)[:80],
        }
        if new.imported:
            data["imported"] = True
        person = {"name": one_line(new.name)[:60], "unit": _unit(new.unit), "phone": one_line(new.phone)[:60]}
        return private(Draft("opened", data, {} if new.anonymous else person))

    def _category(self, category: str) -> str:
        if category and category not in self._a.categories.all:
            raise BadInput("分类", f"没有「{category[:30]}」", f"可选：{'、'.join(self._a.categories.all)}")
        return category

    # --- one event each ----------------------------------------------------------------------------------------

    def note(self, number: str, text: str, seen: int | None = None) -> TicketView:
        """Add to the record."""
        return self._do(number, seen, lambda t, now, _p: moves.note(t, now, text))

    def correct(self, number: str, changes: Mapping[str, str], seen: int | None = None) -> TicketView:
        """Fill gaps and mend classification: kind, category, priority, title, place, happened, outcome, case, text,
        name, unit, phone."""
        known = {"kind", "category", "priority", "title", "place", "happened", "outcome", "case", "text"}
        if stray := set(changes) - known - {"name", "unit", "phone"}:
            raise BadInput("补正", f"不认识 {'、'.join(sorted(stray))}", "请只改工单上有的项")
        data: dict[str, Any] = {name: one_line(value) for name, value in changes.items() if name in known}
        self._category(data.get("category", ""))
        if "title" in data:
            data["title"] = _title(data["title"])
        if "text" in changes:
            data["text"] = changes["text"]
        sealed = {name: one_line(changes[name])[:60] for name in ("name", "phone") if name in changes}
        if "unit" in changes:
            sealed["unit"] = _unit(changes["unit"])
        return self._do(number, seen, lambda t, now, _p: moves.correct(t, now, data, sealed))

    def case(self, number: str, case_id: str, scenario: str = "", seen: int | None = None) -> TicketView:
        """Work by a case of the handbook: its clocks start, its facts are to be collected before closing (T24–T39)."""
        from frontdesk.desk.case_work import taken

        def decide(t: Ticket, now: Instant, policy: Policy) -> Moves:
            moves.check(t, "case")
            return moves.take_case(t, now, taken(self._a.handbook, policy, t, case_id, scenario))

        return self._do(number, seen, decide)

    def case_limit(
        self, number: str, limit: str, since: Instant | None = None, seen: int | None = None
    ) -> TicketView:
        """What a case's limit waited for has happened (at `since`, or now), or it is met; a repeating one runs anew."""
        from frontdesk.desk.case_work import first_due

        def decide(t: Ticket, now: Instant, _p: Policy) -> Moves:
            moves.check(t, "limit")
            return moves.limit(t, now, limit, *first_due(self._a.handbook, t, limit, now, since))

        return self._do(number, seen, decide)

    def wanted(self, view: TicketView) -> tuple[Fact, ...]:
        """The facts that closing the ticket asks for, of its case and of its emergency plan."""
        from frontdesk.desk.case_work import wanted

        plans = self._a.plans.plans if view.plan else {}
        return wanted(self._a.handbook, plans, view.case, view.scenario, view.plan)

    def facts(self, number: str, values: Mapping[str, str], seen: int | None = None) -> TicketView:
        """Facts that the case demands, by their ids; what is empty stays to be collected."""
        from frontdesk.desk.case_work import checked

        def decide(t: Ticket, now: Instant, _p: Policy) -> Moves:
            moves.check(t, "facts")
            plans = self._a.plans.plans if t.plans else {}
            return moves.facts(t, now, checked(self._a.handbook, plans, t, values, now))

        return self._do(number, seen, decide)

    def dispatch(
        self,
        number: str,
        department: str = "",
        content: str = "",
        due_at: Instant | None = None,
        contact: str = "",
        seen: int | None = None,
    ) -> TicketView:
        """Hand a task to a department; what is empty comes from the category (R-001-13). The department is notified."""

        def decide(t: Ticket, now: Instant, _p: Policy) -> Moves:
            by_category, title, minutes, person = self._route(t)
            if department and department != by_category:
                known = self._a.categories.departments.get(department)
                if known is None:
                    names = "、".join(self._a.categories.departments)
                    raise BadInput("责任部门", f"没有「{department[:20]}」", f"可选：{names}")
                minutes, person = known.minutes, known.contact
            limit = due_at if due_at is not None else now + minutes * MINUTE
            return moves.dispatch(
                t, now, department or by_category, content or title, limit, contact or person
            )

        return self._do(number, seen, decide)

    def accept(
        self, number: str, who: str = "", task: int | None = None, seen: int | None = None
    ) -> TicketView:
        """The department takes the task (R-001-14)."""
        return self._do(number, seen, lambda t, now, _p: moves.accept(t, now, who, task))

    def arrive(
        self, number: str, who: str = "", task: int | None = None, seen: int | None = None
    ) -> TicketView:
        """Somebody is on site (T4)."""
        return self._do(number, seen, lambda t, now, _p: moves.arrive(t, now, who, task))

    def progress(self, number: str, text: str, told: bool = True, seen: int | None = None) -> TicketView:
        """How far it is; `told` where a human told the owner."""
        return self._do(number, seen, lambda t, now, _p: moves.progress(t, now, text, told))

    def promise(
        self,
        number: str,
        words: str,
        due_at: Instant | None = None,
        completion: bool = False,
        seen: int | None = None,
    ) -> TicketView:
        """A time told to the owner becomes a clock (承诺账本); without a time completion is due today, a reply in 24 h."""
        return self._do(number, seen, lambda t, now, _p: moves.promise(t, now, words, due_at, completion))

    def pause(
        self, number: str, cause: str, until: Instant, reason: str, seen: int | None = None
    ) -> TicketView:
        """Hold the handling clocks for the owner, parts or a third party."""
        return self._do(number, seen, lambda t, now, _p: moves.pause(t, now, cause, until, reason))

    def resume(self, number: str, text: str = "", seen: int | None = None) -> TicketView:
        """The hold ends."""
        return self._do(number, seen, lambda t, now, _p: moves.resume(t, now, text))

    def resolve(
        self, number: str, result: str, task: int | None = None, seen: int | None = None
    ) -> TicketView:
        """The work is done."""
        return self._do(number, seen, lambda t, now, _p: moves.resolve(t, now, result, task))

    def follow_up(
        self,
        number: str,
        score: int,
        intake: str = "",
        measures: str = "",
        result: str = "",
        form: str = "phone",
        words: str = "",
        seen: int | None = None,
    ) -> TicketView:
        """Stars and the three questions; one or two stars reopen the ticket and hand it up (X2)."""

        def decide(t: Ticket, now: Instant, policy: Policy) -> Moves:
            asked = moves.follow_up(
                t,
                now,
                policy,
                score=score,
                intake=intake,
                measures=measures,
                result=result,
                form=form,
                words=words,
            )
            return received(self._a, asked, policy, now)

        return self._do(number, seen, decide)

    def decline(self, number: str, words: str, seen: int | None = None) -> TicketView:
        """The owner wants no follow-up; the seven quiet days begin (R-S10-05)."""
        return self._do(number, seen, lambda t, now, _p: moves.decline(t, now, words))

    def close(self, number: str, ground: str, reason: str = "", seen: int | None = None) -> TicketView:
        """Close on one of the four grounds (DESIGN §4)."""

        def decide(t: Ticket, now: Instant, policy: Policy) -> Moves:
            since = t.cycle.resolved_at or now
            again = self._a.tickets.repeated_at(t.caller.unit, t.category, since, t.number)
            return moves.close(t, now, policy, ground, reason, again)

        return self._do(number, seen, decide)

    def reopen(self, number: str, reason: str, seen: int | None = None) -> TicketView:
        """A new cycle begins."""
        return self._do(number, seen, lambda t, now, _p: moves.reopen(t, now, reason))

    def transfer(
        self,
        number: str,
        to: str,
        reason: str,
        seen: int | None = None,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> TicketView:
        """Another case owner (首问责任人); no clock is touched. `also` runs in the same transaction."""
        return self._do(number, seen, lambda t, now, _p: moves.transfer(t, now, to, reason), also)

    def void(self, number: str, reason: str, seen: int | None = None) -> TicketView:
        """Opened by mistake."""
        return self._do(number, seen, lambda t, now, _p: moves.void(t, now, reason))

    def merge(self, number: str, into: str, reason: str, seen: int | None = None) -> TicketView:
        """A duplicate ends and points at the ticket that goes on."""
        target = self._load(into)
        if not target.ticket.open:
            raise Refused(f"{target.number} 已经结束，不能并入它。请并入还在处理的工单。")
        return self._do(number, seen, lambda t, now, _p: moves.merge(t, now, target.number, reason))

    def link(self, number: str, incident: str, told: str = "", seen: int | None = None) -> TicketView:
        """One fault, many owners: join an incident, with clocks of its own."""
        head = self._load(incident).number
        return self._do(number, seen, lambda t, now, _p: moves.link(t, now, head, told))

    def acknowledge(self, number: str, text: str = "", seen: int | None = None) -> TicketView:
        """The receiver says «接» (R-S8-01): only somebody of the rung's rank may."""

        def decide(t: Ticket, now: Instant, policy: Policy) -> Moves:
            made = moves.acknowledge(t, now, text)
            rung = policy.rung(t.unacknowledged.level if t.unacknowledged else 0)
            self._a.operator.needs(*RANKS[RANKS.index(rung.role) :])
            return made

        return self._do(number, seen, decide)

    def escalate(
        self,
        number: str,
        reason: str,
        consent: str,
        level: int | None = None,
        handed: str = "",
        seen: int | None = None,
    ) -> TicketView:
        """The button (服务上移): event, level and notice in one transaction."""

        def decide(t: Ticket, now: Instant, policy: Policy) -> Moves:
            up = moves.escalate(t, now, policy, level=level, reason=reason, consent=consent, handed=handed)
            return received(self._a, up, policy, now)

        return self._do(number, seen, decide)

    def attach_file(self, number: str, path: Path, caption: str = "", seen: int | None = None) -> TicketView:
        """A photo or paper becomes evidence (R-001-19), stored encrypted by its content's hash."""
        log = self._load(number)
        moves.check(log.ticket, "evidence")
        digest, media_type, size = self._files().put(path)
        return self._do(
            number, seen, lambda t, now, _p: moves.evidence(t, now, digest, media_type, size, caption)
        )

    def evidence(self, digest: str) -> bytes:
        """The content of a stored file; `StoreTrouble` where it is gone or altered."""
        return self._files().get(digest)

    def _files(self) -> EvidenceFiles:
        from frontdesk.store.files import EvidenceFiles

        return EvidenceFiles(self._a.settings.evidence, self._a.cipher)

    def attach_call(self, number: str, call_id: int, seen: int | None = None) -> TicketView:
        """Another call about the same matter; an answered one keeps reply promises."""
        call = self._call(call_id)
        log = self._load(number)
        sealed = {"phone": call.phone, "name": call.name}

        def decide(t: Ticket, now: Instant, _p: Policy) -> Moves:
            if self._call(call_id).ticket_id == log.id:
                raise Refused(f"这个来电已经关联到 {log.number} 了。")
            return moves.call(t, now, call.id, call.state in ("answered", "done"), sealed)

        return self._do(number, seen, decide, also=lambda conn: self._calls.attach(conn, call.id, log.id))

    def undo(self, number: str, seen: int | None = None) -> TicketView:
        """Take back the last step where nothing has left the house (DESIGN §4)."""
        log = self._load(number)

        def decide(_t: Ticket, _now: Instant, _p: Policy) -> Moves:
            return moves.undo(log.events, self._a.operator.login, self._a.tickets.left_the_house(log.id))

        # Held to the version just read: what a colleague adds meanwhile must not make this take back an older step.
        return self._do(number, log.ticket.version if seen is None else seen, decide)

    # --- the one road ------------------------------------------------------------------------------------------

    def _load(self, number: str) -> Log:
        return self._a.tickets.load(self._a.tickets.find(number))

    def _do(
        self,
        number: str,
        seen: int | None,
        decide: Callable[[Ticket, Instant, Policy], Moves],
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> TicketView:
        """Load, decide, save. With `seen` a ticket that has moved on since is a `Conflict`; without, it is read anew."""
        self._a.operator.writes()

        def save(conn: sqlite3.Connection | None = None) -> Log:
            log = self._load(number)
            # A reminder changes nothing that anybody decides by: what is being typed is not held up for it.
            news = [e for e in log.events if seen is not None and e.seq > seen and e.kind != "reminded"]
            if news:
                names = self._a.names()
                raise conflict(log.number, [(names.get(e.by, e.by), e.kind) for e in news])
            policy, now = self._a.policies.of(log.ticket.policy), max(self._a.now(), log.events[-1].at)
            drafts = [private(draft) for draft in decide(log.ticket, now, policy)]
            told = self._a.tells(log.ticket, drafts, policy, now, log.events)
            step = Step(now, self._a.operator.login, drafts, policy, told, also=also)
            self._a.tickets.append(log, step, conn)
            return log

        return self._present(self._a.tickets.load(held_if_contested(self._a.tickets, save, seen is None).id))


def received(access: Access, drafts: Moves, policy: Policy, now: Instant) -> Moves:
    """The drafts with the name of who is on duty for the rung that is called: the first receiver (第一受理人, R-S8-01).

    Where the roster names nobody for this moment the rung alone is called.
    """
    if not any(draft.kind == "escalated" for draft in drafts):
        return drafts

    def named(draft: Draft) -> Draft:
        if draft.kind != "escalated":
            return draft
        found = first_receiver(access, policy.rung(draft.data["level"]).role, now)
        if found is None:
            return draft
        login, name = found
        return draft._replace(data={**draft.data, "person": login, "person_name": name})

    return tuple(named(draft) for draft in drafts)


def first_receiver(access: Access, role: str, now: Instant) -> tuple[str, str] | None:
    """Login and name of whom the roster has on duty for the role at this moment."""
    from frontdesk.desk.shift_desk import ShiftDesk  # few steps hand anything up

    found = ShiftDesk(access).answering(role, now)
    return found.people[0] if found is not None and found.source == "roster" else None


Saved = TypeVar("Saved")


def held_if_contested(
    tickets: Tickets, save: Callable[[sqlite3.Connection | None], Saved], again: bool = True
) -> Saved:
    """Save; where another desk was quicker and `again`, once more while nobody else can write.

    Trying again outside would lose to the next one in the queue as often as there are others.
    """
    try:
        return save(None)
    except Conflict:
        if not again:
            raise
    with tickets.holding() as conn:
        return save(conn)


def _one_of(field: str, value: str, labels: Mapping[str, str]) -> str:
    if value and value not in labels:
        raise BadInput(field, f"「{value[:20]}」不在可选之列", f"可选：{'、'.join(labels)}")
    return value


def _unit(value: str) -> str:
    return unit_text(value) if value.strip() else ""


def _title(text: str) -> str:
    # Ten titles' length: a number that begins inside the title must be seen whole to be masked.
    masked = redact(one_line(text[: 10 * TITLE])).text
    end = min((place for mark in "。！？!?；;" if (place := masked.find(mark)) > 0), default=len(masked))
    return masked[: min(end, TITLE)]
