"""What every use case stands on: who asks, what time it is, which rules hold, where things are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.privacy import Masks, clean, one_line, redact
from frontdesk.domain.terms import ROLES
from frontdesk.domain.timing import Instant
from frontdesk.settings import Settings

if TYPE_CHECKING:
    from frontdesk.desk.shelf import PlanShelf, Shelf, Shelved
    from frontdesk.domain.classify import Categories
    from frontdesk.domain.ear import Ear
    from frontdesk.domain.handbook import Handbook
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.moves import Draft
    from frontdesk.domain.plan_check import ReadPlans
    from frontdesk.domain.plans import Plan
    from frontdesk.domain.policy import Policy
    from frontdesk.domain.tickets import Event, Ticket
    from frontdesk.store.cipher import Cipher
    from frontdesk.store.database import Database
    from frontdesk.store.notices import NoticeDraft
    from frontdesk.store.open_tickets import OpenTickets
    from frontdesk.store.policies import Policies
    from frontdesk.store.tickets import Tickets

_T = TypeVar("_T")


class Operator(NamedTuple):
    """Who is at this desk; one person, one role (DESIGN §7)."""

    login: str
    name: str
    role: str

    def writes(self) -> None:
        """`Refused` for an auditor, who reads everything and changes nothing."""
        if self.role == "auditor":
            raise Refused("审计只能查看，不能改动。请找前台同事。")

    def needs(self, *roles: str) -> None:
        """`Refused` where the operator has none of the roles."""
        if self.role not in roles:
            wanted = "、".join(ROLES[role] for role in roles)
            raise Refused(f"您的角色是「{ROLES[self.role]}」，这一步需要{wanted}。请找有权限的同事。")


class Access:
    """The open database with its key, rules and clock. Thread-safe: every thread gets its own connection."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        cipher: Cipher,
        operator: Operator,
        clock: Callable[[], Instant],
        read_toml: Callable[[str], Mapping[str, Any]],
    ) -> None:
        """`read_toml(name)` gives the parsed shipped or overridden document."""
        self.settings, self.db, self.cipher, self.operator, self.now = settings, db, cipher, operator, clock
        self.masks = Masks.for_role(operator.role)
        self._read_toml = read_toml
        self._planned: tuple[object, ReadPlans] | None = None

    def seen_by(self, operator: Operator, clock: Callable[[], Instant]) -> Access:
        """The same house for another operator at another time: how the made-up day is replayed."""
        return Access(self.settings, self.db, self.cipher, operator, clock, self._read_toml)

    @cached_property
    def tickets(self) -> Tickets:
        """The store's tickets."""
        from frontdesk.store.tickets import Tickets  # a board or a ring needs less than all of the store

        return Tickets(self.db, self.cipher)

    @cached_property
    def open_tickets(self) -> OpenTickets:
        """The store's open tickets, as the board reads them."""
        from frontdesk.store.open_tickets import OpenTickets

        return OpenTickets(self.db, self.cipher)

    @cached_property
    def policies(self) -> Policies:
        """Every policy version that tickets were opened under."""
        from frontdesk.store.policies import Policies

        return Policies(self.db)

    @cached_property
    def policy(self) -> Policy:
        """The rules in force now, recorded so that tickets opened under them can be replayed."""
        from frontdesk.desk.almanac import frozen
        from frontdesk.domain.policy import parse_policy

        document = frozen(self._read_toml("policy.toml"))
        policy = parse_policy(document)
        self.policies.keep(policy, document, self.now())
        return policy

    def document(self, name: str) -> Mapping[str, Any]:
        """A parsed TOML document of the home, or the shipped one; `BadInput` where it cannot be read."""
        return self._read_toml(name)

    @cached_property
    def categories(self) -> Categories:
        """Categories, departments and the words that point at them."""
        from frontdesk.domain.categories import parse_categories

        return self._kept("categories", parse_categories)

    @cached_property
    def ear(self) -> Ear:
        """What kinds, categories and danger sound like; not before something is typed."""
        from frontdesk.domain.ear import DEAF, parse_ear

        try:
            return self._kept("ear", parse_ear)
        except BadInput:
            return (
                DEAF  # `handbook check` says what is wrong; the written rules must go on knowing an emergency
            )

    def _kept(self, name: str, parse: Callable[[Mapping[str, Any]], _T]) -> _T:
        """A file as it was parsed last; `BadInput` where what lies there now is not in order."""
        from frontdesk.desk.kept import keep, recall, signature

        file, path = f"{name}.toml", self.settings.cache / f"{name}.json"
        files = signature([self.settings.resource(file)])
        if kept := recall(path, files):
            with suppress(
                BadInput, KeyError
            ):  # the file itself has the last word, and says what is wrong with it
                return parse(kept[file])
        document = self._read_toml(file)
        found = parse(document)
        keep(path, files, {file: document})
        return found

    @property
    def handbook(self) -> Handbook:
        """The standard handbook (客服标准化手册), the manager's copies standing in for shipped files."""
        return self._shelved[1].book

    @property
    def handbook_problems(self) -> tuple[Problem, ...]:
        """The manager's copies that are not in order and were passed over."""
        return self._shelved[1].problems

    def handbook_changed(self) -> bool:
        """Whether its files are others than those it was read from; a look at their times, no file is opened."""
        return "_shelved" in self.__dict__ and self._shelf.signature() != self._shelved[0]

    def reread_handbook(self) -> None:
        """Let the next look at the handbook read its files again."""
        self.__dict__.pop("_shelved", None)

    @property
    def plans(self) -> ReadPlans:
        """The emergency plans, the manager's copies standing in for shipped files; and what is wrong with those.

        Read again where a file has changed: a console is open for weeks, and a plan is corrected for the next emergency.
        """
        seen, held = self._plan_shelf.signature(), self._planned
        if held is None or held[0] != seen:
            held = self._planned = (seen, self._plan_shelf.read())
        return held[1]

    @cached_property
    def _plan_shelf(self) -> PlanShelf:
        from frontdesk.desk.shelf import PlanShelf

        return PlanShelf(self.settings)

    @cached_property
    def _shelf(self) -> Shelf:
        from frontdesk.desk.shelf import Shelf

        return Shelf(self.settings)

    @cached_property
    def _shelved(self) -> tuple[object, Shelved]:
        """The files' signature, taken first so that a change while reading shows, and what they say."""
        return self._shelf.signature(), self._shelf.read(self.categories.all)

    def tells(
        self,
        ticket: Ticket,
        drafts: Sequence[Draft],
        policy: Policy,
        now: Instant,
        events: Sequence[Event] = (),
    ) -> Sequence[NoticeDraft]:
        """The notices that these steps on the ticket write, for whoever they must reach; `events` is its log so far."""
        from frontdesk.desk.telling import House, notices  # who only looks tells nobody
        from frontdesk.domain.tickets import Event, fold

        def after() -> Ticket:
            made = (
                Event(seq, now, draft.kind, "", draft.data, draft.sealed)
                for seq, draft in enumerate(drafts, ticket.version + 1)
            )
            return fold(ticket.number, (*events, *made)) if events else ticket

        owners = "owner" in self.settings.notify.get("routes", {})
        house = House(self.settings.site, owners, self._link, self._plan)
        return notices(ticket, drafts, policy, now, house, after)

    def _plan(self, name: str) -> Plan | None:
        return self.plans.plans.get(name)

    def _link(self, number: str, seq: int) -> str:
        """Where the escalation with that event number is answered; "" where the desk has no address outside."""
        if not self.settings.answers_url:
            return ""
        from frontdesk.desk.answers import Answers

        return self.settings.answers_url.rstrip("/") + Answers(self).link(number, seq)

    def names(self) -> dict[str, str]:
        """Login → name of everybody who has ever had a desk, and of the watcher."""
        with self.db.read() as conn:
            return {"watch": "系统", **dict(conn.execute("SELECT login, name FROM operator").fetchall())}

    def db_key_id(self) -> str:
        """The id of the master key that the database was made with."""
        with self.db.read() as conn:
            return str(conn.execute("SELECT key_id FROM vault").fetchone()[0])

    def unit_of(self, sealed: bytes | None) -> str:
        """A board row's unit as this operator may see it."""
        return self.masks.unit(self.open_tickets.unit(sealed)) if sealed else ""


PRIVATE_FIELDS = {
    "text": "具体事项",
    "title": "摘要",
    "place": "地点",
    "happened": "发生时间",
    "outcome": "期望",
    "note": "记录",
    "words": "原话",
    "reason": "原因",
    "content": "任务内容",
    "result": "结果",
    "summary": "交接摘要",
    "consent": "业主意见",
    "intake": "受理过程",
    "measures": "处理措施",
    "caption": "凭证说明",
    "told": "告知内容",
}
"""Fields of an event in which people write freely, with their labels: stored redacted, the originals encrypted beside
them (DESIGN §7)."""


def private(draft: Draft) -> Draft:
    """The draft with its free text cleaned and redacted; `found` in the sealed part keeps the originals per field."""
    import json  # only what writes redacts

    data, found = dict(draft.data), dict[str, list[tuple[str, str]]]()
    for name, value in draft.data.items():
        if not isinstance(value, str):
            continue
        if name not in PRIVATE_FIELDS:
            data[name] = one_line(value)
        else:
            masked = redact(clean(value, PRIVATE_FIELDS[name]))
            data[name] = masked.text
            if masked.found:
                found[name] = [(token, original) for token, original in masked.found]
    sealed = dict(draft.sealed)
    if found:
        sealed["found"] = json.dumps(found, ensure_ascii=False)
    return draft._replace(data=data, sealed=sealed)
