"""What the tests stand on: a desk in a home of its own, a clock that the test moves, tickets told step by step.

`Story` tells a ticket in memory, by the domain's moves alone; `Case` tells one at a real desk. Both know the same
steps, each with words of its own, so that `ROADS` leads either of them to any status.
"""

from __future__ import annotations

import functools
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

from frontdesk.bootstrap import open_desk
from frontdesk.desk import Desk
from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.desk.views import TicketView
from frontdesk.domain import moves
from frontdesk.domain.categories import Categories, parse_categories
from frontdesk.domain.classify import Suggestion, classify
from frontdesk.domain.ear import Ear, parse_ear
from frontdesk.domain.moves import Draft, Moves
from frontdesk.domain.policy import Policy, parse_policy
from frontdesk.domain.sla import Clock, clocks, face, sla_state
from frontdesk.domain.tickets import Event, Ticket, fold
from frontdesk.domain.timing import DAY, HOUR, Instant, instant
from frontdesk.settings import Settings, shipped
from frontdesk.store.database import Database

TEN: Instant = instant(datetime(2026, 11, 22, 10, 0))
"""Sunday 2026-11-22 10:00 in Shanghai, when every test begins."""

NAME, UNIT, PHONE = "林晚舟", "7栋3单元2604", "19900004821"
"""An invented owner; none of these strings may ever be found in clear in a home's files."""

POLICY_TEXT = shipped("policy.toml").read_text(encoding="utf-8")
POLICY: Policy = parse_policy(tomllib.loads(POLICY_TEXT))


class Time:
    """A desk's clock that stands still until the test moves it."""

    def __init__(self, now: Instant = TEN) -> None:
        self.now = now

    def __call__(self) -> Instant:
        return self.now

    def forward(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds


ROADS: Mapping[str, tuple[str, ...]] = {
    "new": (),
    "dispatched": ("dispatch",),
    "accepted": ("dispatch", "accept"),
    "in_progress": ("dispatch", "accept", "arrive"),
    "paused": ("dispatch", "accept", "pause"),
    "resolved": ("dispatch", "accept", "resolve"),
    "closed": ("dispatch", "accept", "resolve", "follow_up", "close"),
    "void": ("void",),
}
"""Status → the steps that lead to it from the opening."""


class Walks(Protocol):
    """Whatever can be led along a road."""

    def go(self, *steps: str) -> Self: ...


def at_status(walker: Any, status: str) -> Any:
    """The walker after the steps that lead to that status."""
    return walker.go(*ROADS[status])


class Story:
    """A ticket in memory: each step asks the domain's move and adds its events to the log."""

    def __init__(self, at: Instant = TEN, by: str = "lin", policy: Policy = POLICY, **opened: Any) -> None:
        self.now, self.by, self.policy, self.number = at, by, policy, "261122-01"
        facts = {
            "policy": policy.version,
            "kind": "repair",
            "category": "工程维修-电梯",
            "priority": "normal",
            "channel": "phone",
            "title": "电梯停了",
            "text": "电梯停了",
        }
        sealed = {} if opened.get("anonymous") else {"name": NAME, "unit": UNIT, "phone": PHONE}
        self.log: tuple[Event, ...] = (Event(1, at, "opened", by, facts | opened, sealed),)

    @property
    def ticket(self) -> Ticket:
        """The facts at the newest event, folded anew."""
        return fold(self.number, self.log)

    def after(self, seconds: int) -> Self:
        """Let time pass."""
        self.now += seconds
        return self

    def as_(self, by: str) -> Self:
        """Somebody else acts from here on."""
        self.by = by
        return self

    def go(self, *steps: str) -> Self:
        """The named steps, one after the other at once."""
        for step in steps:
            getattr(self, step)()
        return self

    def write(self, *drafts: Draft) -> Self:
        """Add events as they are, without asking whether they are legal."""
        seq = self.log[-1].seq
        self.log += tuple(
            Event(seq + place, self.now, draft.kind, self.by, draft.data, draft.sealed)
            for place, draft in enumerate(drafts, 1)
        )
        return self

    def _do(self, move: Callable[..., Moves], *words: Any, **named: Any) -> Self:
        return self.write(*move(self.ticket, self.now, *words, **named))

    def clocks(self, kind: str) -> list[Clock]:
        """Every clock of that kind, in the order in which they are due."""
        return [run for run in clocks(self.ticket, self.policy) if run.kind == kind]

    def clock(self, kind: str) -> Clock:
        """The only clock of that kind."""
        (run,) = self.clocks(kind)
        return run

    def state(self, kind: str) -> str:
        """The state of the only clock of that kind now."""
        return self.clock(kind).state(self.now)

    @property
    def sla(self) -> str:
        """The ticket's SLA state now."""
        return sla_state(face(self.ticket, self.policy), self.now)

    # Each step with the words of an ordinary day.

    def note(self, text: str = "记一笔") -> Self:
        return self._do(moves.note, text)

    def correct(self, data: Mapping[str, Any] | None = None, sealed: Mapping[str, str] | None = None) -> Self:
        chosen = {"priority": "high"} if data is None and sealed is None else data or {}
        return self._do(moves.correct, chosen, sealed or {})

    def plan(self, plan: str = "lift", departments: Sequence[str] = ("安保部", "工程部")) -> Self:
        opened = {"plan": plan, "title": "电梯困人", "words": "0" * 12, "wanted": []}
        tasks = [(each, "到现场", self.now + 30 * 60, "值班") for each in departments]
        return self._do(moves.open_plan, opened, tasks)

    def dispatch(self, department: str = "工程部", due_in: int = 2 * HOUR) -> Self:
        return self._do(moves.dispatch, department, "查修电梯", self.now + due_in, "值班工程师")

    def accept(self, task: int | None = None) -> Self:
        return self._do(moves.accept, "周工", task)

    def arrive(self, task: int | None = None) -> Self:
        return self._do(moves.arrive, "周工", task)

    def progress(self, told: bool = True) -> Self:
        return self._do(moves.progress, "配件在路上", told)

    def promise(self, due_in: int = 4 * HOUR, completion: bool = False) -> Self:
        return self._do(moves.promise, "下午给您回话", self.now + due_in, completion)

    def pause(self, cause: str = "parts", until_in: int = 2 * DAY) -> Self:
        return self._do(moves.pause, cause, self.now + until_in, "等曳引轮到货")

    def resume(self) -> Self:
        return self._do(moves.resume)

    def resolve(self, task: int | None = None) -> Self:
        return self._do(moves.resolve, "换好曳引轮，试运行正常", task)

    def follow_up(self, score: int = 5, words: str = "修得好") -> Self:
        asked = {"intake": "满意", "measures": "满意", "result": "满意", "form": "phone"}
        return self._do(moves.follow_up, self.policy, score=score, words=words, **asked)

    def decline(self) -> Self:
        return self._do(moves.decline, "别再打来了")

    def close(self, ground: str = "satisfied", reason: str = "", repeated_at: Instant | None = None) -> Self:
        return self._do(moves.close, self.policy, ground, reason, repeated_at)

    def reopen(self) -> Self:
        return self._do(moves.reopen, "又停了")

    def escalate(self, level: int | None = None) -> Self:
        return self._do(moves.escalate, self.policy, level=level, reason="业主要求上级处理", consent="同意")

    def acknowledge(self) -> Self:
        return self._do(moves.acknowledge, "接")

    def case(self) -> Self:
        when = {"start": self.log[0].at, "due_at": self.log[0].at + DAY, "every": DAY}
        limit = {"id": "patrol", "rule": "T36", "label": "巡查", "who": "秩序部", "since": "受理", **when}
        taken = {
            "case": "B6",
            "scenario": "B6-1",
            "title": "烟感",
            "limits": [limit],
            "wanted": [["cause", "原因"]],
        }
        return self._do(moves.take_case, taken)

    def limit(self) -> Self:
        return self._do(moves.limit, "patrol")

    def facts(self) -> Self:
        return self._do(moves.facts, {"cause": "灰尘"})

    def transfer(self, to: str = "wang") -> Self:
        return self._do(moves.transfer, to, "下班交接")

    def evidence(self, digest: str = "ab" * 32) -> Self:
        return self._do(moves.evidence, digest, "image/jpeg", 1024, "修好的样子")

    def call(self, answered: bool = True) -> Self:
        return self._do(moves.call, 1, answered, {"phone": PHONE})

    def merge(self, into: str = "261121-07") -> Self:
        return self._do(moves.merge, into, "同一件事")

    def link(self, incident: str = "261121-09") -> Self:
        return self._do(moves.link, incident, "已统一告知")

    def rebase(self, policy: Policy, reason: str = "规则改了") -> Self:
        """From here on this story is measured by that policy."""
        self._do(moves.rebase, policy, reason)
        self.policy = policy
        return self

    def void(self) -> Self:
        return self._do(moves.void, "误开")

    def undo(self, left: frozenset[int] = frozenset()) -> Self:
        return self.write(*moves.undo(self.log, self.by, left))


class Case:
    """A ticket at a real desk: the same steps as `Story`, through the desk's use cases."""

    def __init__(self, desk: Desk, time: Time, number: str) -> None:
        self.desk, self.time, self.number = desk, time, number

    @property
    def view(self) -> TicketView:
        """The ticket as this desk's operator sees it now."""
        return self.desk.tickets.view(self.number)

    def after(self, seconds: int) -> Self:
        """Let time pass."""
        self.time.forward(seconds)
        return self

    def at(self, desk: Desk) -> Self:
        """Go on at another desk."""
        self.desk = desk
        return self

    def go(self, *steps: str) -> Self:
        """The named steps, one after the other at once."""
        for step in steps:
            getattr(self, step)()
        return self

    def note(self, text: str = "记一笔", seen: int | None = None) -> Self:
        self.desk.tickets.note(self.number, text, seen)
        return self

    def correct(self, **changes: str) -> Self:
        self.desk.tickets.correct(self.number, changes or {"priority": "high"})
        return self

    def plan(self, plan: str = "lift") -> Self:
        self.desk.emergencies.open(self.number, plan)
        return self

    def dispatch(self, department: str = "工程部") -> Self:
        self.desk.tickets.dispatch(self.number, department)
        return self

    def accept(self, task: int | None = None) -> Self:
        self.desk.tickets.accept(self.number, "周工", task)
        return self

    def arrive(self, task: int | None = None) -> Self:
        self.desk.tickets.arrive(self.number, "周工", task)
        return self

    def progress(self, told: bool = True) -> Self:
        self.desk.tickets.progress(self.number, "配件在路上", told)
        return self

    def promise(self, due_in: int = 4 * HOUR, completion: bool = False) -> Self:
        self.desk.tickets.promise(self.number, "下午给您回话", self.time.now + due_in, completion)
        return self

    def pause(self, cause: str = "parts", until_in: int = 2 * DAY) -> Self:
        self.desk.tickets.pause(self.number, cause, self.time.now + until_in, "等曳引轮到货")
        return self

    def resume(self) -> Self:
        self.desk.tickets.resume(self.number)
        return self

    def resolve(self, task: int | None = None) -> Self:
        self.desk.tickets.resolve(self.number, "换好曳引轮，试运行正常", task)
        return self

    def follow_up(self, score: int = 5, words: str = "修得好") -> Self:
        self.desk.tickets.follow_up(self.number, score, "满意", "满意", "满意", words=words)
        return self

    def decline(self) -> Self:
        self.desk.tickets.decline(self.number, "别再打来了")
        return self

    def close(self, ground: str = "satisfied", reason: str = "") -> Self:
        self.desk.tickets.close(self.number, ground, reason)
        return self

    def reopen(self) -> Self:
        self.desk.tickets.reopen(self.number, "又停了")
        return self

    def escalate(self, level: int | None = None) -> Self:
        self.desk.tickets.escalate(self.number, "业主要求上级处理", "同意", level)
        return self

    def acknowledge(self) -> Self:
        self.desk.tickets.acknowledge(self.number, "接")
        return self

    def case(self) -> Self:
        self.desk.tickets.case(self.number, "B2")
        return self

    def limit(self) -> Self:
        self.desk.tickets.case_limit(self.number, "patrol")
        return self

    def facts(self) -> Self:
        self.desk.tickets.facts(self.number, {"effect": "没有不适"})
        return self

    def transfer(self, to: str = "wang") -> Self:
        self.desk.tickets.transfer(self.number, to, "下班交接")
        return self

    def evidence(self) -> Self:
        photo = self.desk.settings.home / "现场.png"
        photo.write_bytes(PNG)
        self.desk.tickets.attach_file(self.number, photo, "修好的样子")
        return self

    def call(self) -> Self:
        card = self.desk.calls.ring(PHONE)
        self.desk.calls.answer(card.call_id)
        self.desk.tickets.attach_call(self.number, card.call_id)
        return self

    def merge(self) -> Self:
        self.desk.tickets.merge(self.number, self._other(), "同一件事")
        return self

    def link(self) -> Self:
        self.desk.tickets.link(self.number, self._other(), "已统一告知")
        return self

    def _other(self) -> str:
        return self.desk.tickets.open(NewTicket(text="整栋停水")).number

    def void(self) -> Self:
        self.desk.tickets.void(self.number, "误开")
        return self

    def undo(self) -> Self:
        self.desk.tickets.undo(self.number)
        return self


PNG = b"\x89PNG\r\n\x1a\n" + b"photo of a machine room " * 40
"""Enough of a picture for the desk, which looks at the first bytes."""


@functools.cache
def categories() -> Categories:
    """The shipped categories, parsed once: doing that at every desk takes longer than most of the tests."""
    return parse_categories(tomllib.loads(shipped("categories.toml").read_text(encoding="utf-8")))


@functools.cache
def ear() -> Ear:
    """The shipped ear."""
    return parse_ear(tomllib.loads(shipped("ear.toml").read_text(encoding="utf-8")))


def suggest(text: str) -> Suggestion:
    """What the shipped rules and the shipped ear make of a text."""
    return classify(text, categories(), ear())


class House:
    """A home with its own database and key; each operator gets a desk of their own on it, as processes would."""

    def __init__(self, home: Path, time: Time | None = None) -> None:
        self.home, self.time = home, time or Time()

    def settings(self, operator: str = "lin", **changes: Any) -> Settings:
        """The settings of an operator in this home, without looking at the environment."""
        return Settings(
            home=self.home,
            database=self.home / "data" / "frontdesk.db",
            key_file=self.home / "settings" / "master.key",
            operator=operator,
            site="云栖苑",
            use_keyring=False,
        )._replace(**changes)

    def desk(self, operator: str = "lin", role: str = "") -> Desk:
        """A new desk of that operator; the first one in a home is its admin, others are registered with `role`."""
        if role:
            with Database(self.settings().database).write() as conn:
                words = "INSERT INTO operator(login, name, role, active) VALUES (?, ?, ?, 1)"
                conn.execute(words, (operator, operator, role))
        desk = open_desk(self.settings(operator), self.time)
        if not (self.home / "categories.toml").exists():
            vars(desk._access).update(categories=categories(), ear=ear())
        return desk

    def open(self, desk: Desk | None = None, **facts: Any) -> Case:
        """A ticket just opened, with an owner unless `facts` says otherwise."""
        chosen = desk or self.desk()
        told: dict[str, Any] = {"text": "电梯停了", "name": NAME, "unit": UNIT, "phone": PHONE}
        return Case(chosen, self.time, chosen.tickets.open(NewTicket(**(told | facts))).number)

    def copy(self, home: Path) -> House:
        """The same house at another place, with a clock of its own."""
        shutil.copytree(self.home, home)
        return House(home, Time(self.time.now))
