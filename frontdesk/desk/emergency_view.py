"""What an emergency looks like from outside the desk: masked, ready for the board, the command line and the file."""

from __future__ import annotations

from typing import Any, NamedTuple

from frontdesk.desk.views import TicketView
from frontdesk.domain.plans import STAGES, Bulletin, Outside
from frontdesk.domain.sla import Clock
from frontdesk.domain.terms import CLOCKS
from frontdesk.domain.timing import Instant, iso

TASK_STATES = {"sent": "已派", "accepted": "已接", "arrived": "已到", "done": "已完"}
CLOCK_STATES = {
    "running": "计时中",
    "at_risk": "临期",
    "breached": "超时",
    "met": "按时",
    "met_late": "迟",
    "paused": "停表",
    "cancelled": "已取消",
}


class TaskView(NamedTuple):
    """One department's share and how far it is: sent, accepted, arrived or done."""

    number: int
    department: str
    content: str
    contact: str
    state: str
    due_at: Instant
    at: Instant
    """When it came to this state."""


class EmergencyView(NamedTuple):
    """One running emergency at `now`. `where` says no more than the building; `clocks` are on_site, repair, progress."""

    id: int
    number: str
    version: int
    now: Instant
    plan: str
    plan_title: str
    title: str
    where: str
    since: Instant
    status: str
    clocks: tuple[Clock, ...]
    tasks: tuple[TaskView, ...]
    members: int
    callers: int
    """Calls that were attached after the first one, on whatever ticket."""
    bulletin: Bulletin
    heard: int
    """How many bulletins there have been."""
    say: tuple[str, ...]
    never: tuple[str, ...]
    over: tuple[str, ...]
    calls: tuple[Outside, ...]
    missing: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """The entry of `emergency list --json`."""
        return {
            "number": self.number,
            "plan": self.plan,
            "plan_label": self.plan_title,
            "title": self.title,
            "where": self.where,
            "since": iso(self.since),
            "status": self.status,
            "clocks": [clock_json(run, self.now) for run in self.clocks],
            "tasks": [task_json(task) for task in self.tasks],
            "tickets": 1 + self.members,
            "callers": self.callers,
            "bulletin": bulletin_json(self.bulletin),
            "say": list(self.say),
            "never": list(self.never),
            "over": list(self.over),
            "calls": [{"who": each.who, "number": each.number, "when": each.when} for each in self.calls],
            "missing_facts": list(self.missing),
        }


def bulletin_json(told: Bulletin) -> dict[str, Any]:
    """What is to be read out and when it is due."""
    return {
        "stage": told.stage,
        "stage_label": STAGES[told.stage],
        "text": told.text,
        "due_at": iso(told.due_at) if told.due_at is not None else None,
    }


def clock_json(run: Clock, now: Instant) -> dict[str, Any]:
    """A clock of the emergency with its label."""
    return {
        "kind": run.kind,
        "kind_label": CLOCKS[run.kind],
        "source": run.source,
        "due_at": iso(run.due_at),
        "state": run.state(now),
        "met_at": iso(run.met_at) if run.met_at is not None else None,
    }


def task_json(task: TaskView) -> dict[str, Any]:
    """A department's task with its state."""
    return {
        "number": task.number,
        "department": task.department,
        "content": task.content,
        "contact": task.contact,
        "state": task.state,
        "state_label": TASK_STATES[task.state],
        "due_at": iso(task.due_at),
    }


class Running(NamedTuple):
    """What is going on: emergencies by their plans, and urgent tickets whose plan nobody has opened (number, title)."""

    emergencies: tuple[EmergencyView, ...]
    unopened: tuple[tuple[str, str], ...]
    problems: int = 0
    """Places in the manager's copies of plans that are not in order; the shipped ones stand in for them."""


class Attached(NamedTuple):
    """Where a caller was attached, and what the caller was told; `opened` where it became a ticket of its own."""

    view: TicketView
    told: str
    opened: bool


class Moment(NamedTuple):
    """One line of an incident's timeline."""

    at: Instant
    number: str
    head: bool
    seq: int
    kind: str
    label: str
    who: str
    note: str
    undone: bool
    hash: str


class Timeline(NamedTuple):
    """The whole incident, head and members, in one order, for the file."""

    number: str
    plan: str
    plan_title: str
    version: str
    """Of the plan's words, as they were when it was opened."""
    title: str
    where: str
    since: Instant
    resolved_at: Instant | None
    now: Instant
    members: tuple[str, ...]
    clocks: tuple[Clock, ...]
    tasks: tuple[TaskView, ...]
    facts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    moments: tuple[Moment, ...]

    def json(self) -> dict[str, Any]:
        """The document of `emergency timeline --json`."""
        return {
            "number": self.number,
            "plan": self.plan,
            "plan_label": self.plan_title,
            "plan_version": self.version,
            "title": self.title,
            "where": self.where,
            "since": iso(self.since),
            "resolved_at": iso(self.resolved_at) if self.resolved_at is not None else None,
            "members": list(self.members),
            "clocks": [clock_json(run, self.now) for run in self.clocks],
            "tasks": [task_json(task) for task in self.tasks],
            "facts": [{"label": label, "value": value} for label, value in self.facts],
            "missing_facts": list(self.missing),
            "timeline": [
                {
                    "at": iso(each.at),
                    "number": each.number,
                    "head": each.head,
                    "kind": each.kind,
                    "kind_label": each.label,
                    "by_name": each.who,
                    "note": each.note,
                    "undone": each.undone,
                    "hash": each.hash,
                }
                for each in self.moments
            ],
        }
