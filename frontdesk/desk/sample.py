"""The made-up estate: its people, and a day replayed through the very use cases that the desk offers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from frontdesk.desk.access import Access, Operator
from frontdesk.desk.ticket_desk import NewTicket, TicketDesk
from frontdesk.domain.phones import parse_phone
from frontdesk.domain.timing import MINUTE, Instant
from frontdesk.settings import shipped
from frontdesk.store.calls import Calls
from frontdesk.store.people import People

Step = Mapping[str, Any]


def load_sample(access: Access, residents: Callable[[Path], Any]) -> str:
    """Load data/sample; `residents` imports its table. What is there already stays as it is; answers what was added."""
    folder = shipped("sample")
    people = People(access.db, access.cipher)
    staff = [Operator(o["login"], o["name"], o["role"]) for o in _toml(folder / "operators.toml")["operator"]]
    for person in staff:
        people.set_operator(person.login, person.name, person.role)
    report = residents(folder / "residents.csv")
    day = _Day(access, {person.login: person for person in staff})
    tickets, calls = day.replay(_toml(folder / "day.toml"))
    return f"示例小区「幸福花园」：新增住户 {report.added} 户、人员 {len(staff)} 位、工单 {tickets} 件、来电 {calls} 通。"


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


class _Day:
    """Moments in minutes before now, carried out in the order of time by whoever did them."""

    def __init__(self, access: Access, staff: Mapping[str, Operator]) -> None:
        self._a, self._staff, self._now = access, staff, access.now()
        self._numbers: dict[str, str] = {}

    def replay(self, document: Mapping[str, Any]) -> tuple[int, int]:
        """(tickets, calls) that were not there before."""
        kept = self._a.tickets.external_ids()
        fresh = [ticket for ticket in document["ticket"] if f"sample-{ticket['ref']}" not in kept]
        moments: list[tuple[float, int, Callable[[], Any]]] = []
        for ticket in fresh:
            by = "xiaolin"
            for step in ticket["event"]:
                by = step.get("by", by)
                moments.append((-step["ago"], len(moments), self._moment(ticket, step, by)))
        for _ago, _place, act in sorted(moments, key=lambda moment: moment[:2]):
            act()
        calls = sum(self._call(place, call) for place, call in enumerate(document["call"])) if fresh else 0
        return len(fresh), calls

    def _moment(self, ticket: Step, step: Step, by: str) -> Callable[[], Any]:
        at = self._now - int(step["ago"] * MINUTE)

        def act() -> None:
            desk = TicketDesk(self._a.seen_by(self._staff[by], lambda: at))
            if step["do"] == "open":
                fields = {name: value for name, value in ticket.items() if name not in ("ref", "event")}
                view = desk.open(NewTicket(**fields, at=at, external_id=f"sample-{ticket['ref']}"))
                self._numbers[ticket["ref"]] = view.number
            else:
                _STEPS[step["do"]](desk, self._numbers, self._numbers[ticket["ref"]], step, at)

        return act

    def _call(self, place: int, call: Step) -> int:
        calls, at = Calls(self._a.db, self._a.cipher), self._now - int(call["ago"] * MINUTE)
        call_id = calls.ring(at, parse_phone(call["phone"]), call.get("name", ""), f"sample-{place}")
        if call["state"] == "missed":
            calls.miss(call_id)
        else:
            calls.answer(call_id, at, call["by"])
            calls.done(call_id, at, call["by"])
        if number := self._numbers.get(call.get("ticket", "")):
            with self._a.db.write() as conn:
                calls.attach(conn, call_id, self._a.tickets.find(number))
        return 1


def _due(step: Step, at: Instant) -> Instant:
    return at + int(step["due"]) * MINUTE


def _follow_up(desk: TicketDesk, _numbers: Mapping[str, str], number: str, s: Step, _at: Instant) -> None:
    asked = {name: s[name] for name in ("intake", "measures", "result", "form", "words") if name in s}
    desk.follow_up(number, s["score"], **asked)


_STEPS: dict[str, Callable[[TicketDesk, Mapping[str, str], str, Step, Instant], Any]] = {
    "case": lambda d, _r, n, s, _at: d.case(n, s["case"]),
    "dispatch": lambda d, _r, n, s, at: d.dispatch(
        n, s["department"], s["content"], _due(s, at), s["contact"]
    ),
    "accept": lambda d, _r, n, s, _at: d.accept(n, s.get("who", ""), s.get("task")),
    "arrive": lambda d, _r, n, s, _at: d.arrive(n, s.get("who", ""), s.get("task")),
    "progress": lambda d, _r, n, s, _at: d.progress(n, s["text"], s.get("told", False)),
    "promise": lambda d, _r, n, s, at: d.promise(n, s["words"], _due(s, at), s.get("completion", False)),
    "pause": lambda d, _r, n, s, at: d.pause(n, s["cause"], _due(s, at), s["reason"]),
    "resume": lambda d, _r, n, s, _at: d.resume(n, s.get("text", "")),
    "resolve": lambda d, _r, n, s, _at: d.resolve(n, s["result"], s.get("task")),
    "follow_up": _follow_up,
    "decline": lambda d, _r, n, s, _at: d.decline(n, s["words"]),
    "close": lambda d, _r, n, s, _at: d.close(n, s["ground"], s.get("reason", "")),
    "escalate": lambda d, _r, n, s, _at: d.escalate(n, s["reason"], s["consent"], s.get("level")),
    "acknowledge": lambda d, _r, n, s, _at: d.acknowledge(n, s.get("text", "")),
    "note": lambda d, _r, n, s, _at: d.note(n, s["text"]),
    "link": lambda d, r, n, s, _at: d.link(n, r[s["incident"]], s.get("told", "")),
    "void": lambda d, _r, n, s, _at: d.void(n, s["reason"]),
}
