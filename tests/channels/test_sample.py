"""The made-up estate: every row can be imported, every step of its day is legal, and the board it makes is alive."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from frontdesk.channels.tables import Row, read_table
from frontdesk.domain import moves, sla
from frontdesk.domain.moves import Draft, Moves
from frontdesk.domain.people import (
    Resident,
    parse_phone,
    phone_key,
    resident_columns,
    resident_from_row,
    unit_key,
)
from frontdesk.domain.policy import Policy, parse_policy
from frontdesk.domain.terms import CALL_STATES, CHANNELS, KINDS, PRIORITIES, ROLES, STATUSES
from frontdesk.domain.tickets import Event, Ticket, fold
from frontdesk.domain.timing import MINUTE

DATA = Path(__file__).parents[2] / "data"
NOW = 1_795_312_800  # 2026-11-22 10:00 in Shanghai
OPENED = {
    "name",
    "unit",
    "phone",
    "channel",
    "kind",
    "category",
    "priority",
    "title",
    "text",
    "place",
    "happened",
}
OPENED |= {"outcome", "case", "anonymous", "sensitive", "ref", "event"}


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def residents() -> list[Resident]:
    with read_table(DATA / "sample" / "residents.csv") as table:
        assert resident_columns(table.columns) == ()
        rows = list(table.rows)
    assert all(isinstance(row, Row) for row in rows)
    return [resident_from_row(row.values, row.line) for row in rows if isinstance(row, Row)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse_policy(toml("policy.toml"))


@pytest.fixture(scope="module")
def board(policy: Policy) -> dict[str, Ticket]:
    return {entry["ref"]: replay(entry, policy) for entry in toml("sample/day.toml")["ticket"]}


def replay(entry: dict[str, Any], policy: Policy) -> Ticket:
    """The ticket after its day; a step that the desk would refuse is refused here too."""
    log: list[Event] = []
    by = ""
    for step in entry["event"]:
        at, by = NOW - step["ago"] * MINUTE, step.get("by", by)
        assert not log or at >= log[-1].at, entry["ref"]
        drafts = opening(entry) if step["do"] == "open" else move(fold(entry["ref"], log), at, step, policy)
        for draft in drafts:
            log.append(Event(len(log) + 1, at, draft.kind, by, draft.data, draft.sealed))
    return fold(entry["ref"], log)


def opening(entry: dict[str, Any]) -> Moves:
    data = {name: entry[name] for name in OPENED & set(entry) - {"name", "unit", "phone", "ref", "event"}}
    return (Draft("opened", data, {name: entry.get(name, "") for name in ("name", "unit", "phone")}),)


def move(ticket: Ticket, at: int, step: dict[str, Any], policy: Policy) -> Moves:
    if step["do"] == "case":
        taken = {"case": step["case"], "scenario": "", "title": "", "limits": [], "wanted": []}
        return moves.take_case(ticket, at, taken)
    fields = {name: value for name, value in step.items() if name not in ("ago", "do", "by", "due")}
    if "due" in step:
        fields["until" if step["do"] == "pause" else "due_at"] = at + step["due"] * MINUTE
    if step["do"] in ("follow_up", "close", "escalate"):
        fields["policy"] = policy
    if step["do"] == "close":
        fields.setdefault("reason", "")
    answer = getattr(moves, step["do"])(ticket, at, **fields)
    assert isinstance(answer, tuple)
    return answer


def test_a_few_hundred_invented_residents(residents: list[Resident]) -> None:
    assert 300 <= len(residents) <= 400
    assert len({unit_key(r.unit) for r in residents}) == len(residents)
    buildings = {match[1] for r in residents if (match := re.match(r"(\d)栋", r.unit))}
    assert buildings == set("123456")
    phones = Counter(phone for r in residents for phone in r.phones)
    assert all(re.fullmatch(r"1990000\d{4}", phone) for phone in phones)
    assert [phone for phone, owners in phones.items() if owners > 1] == ["19900001101"]
    assert sum(len(r.phones) > 1 for r in residents) > 20
    assert {"欧阳明月", "司马怀竹"} <= {r.name for r in residents}
    tags = {tag for r in residents for tag in r.tags}
    assert {"夜班族", "注重绿化", "老人独居", "养宠"} <= tags


def test_operators_cover_the_roles_and_the_night() -> None:
    operators = toml("sample/operators.toml")["operator"]
    assert {o["role"] for o in operators} == set(ROLES) - {"admin"}
    assert len({o["login"] for o in operators}) == len(operators)
    assert all(re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", o["shift"]) for o in operators)
    assert any(o["shift"] > o["shift"][6:] for o in operators if o["role"] == "agent")


def test_what_was_written_down_is_known_to_the_desk(residents: list[Resident]) -> None:
    known = {(unit_key(r.unit), phone) for r in residents for phone in r.phones}
    rules = toml("categories.toml")
    categories = {entry["id"] for entry in rules["category"]}
    departments = {entry["id"] for entry in rules["department"]}
    logins = {o["login"] for o in toml("sample/operators.toml")["operator"]}
    for ticket in toml("sample/day.toml")["ticket"]:
        assert set(ticket) <= OPENED, ticket["ref"]
        assert ticket["kind"] in KINDS and ticket["priority"] in PRIORITIES and ticket["channel"] in CHANNELS
        assert ticket["category"] in categories and len(ticket["title"]) <= 28
        assert ticket.get("anonymous") or (unit_key(ticket["unit"]), ticket["phone"]) in known, ticket["ref"]
        for step in ticket["event"]:
            assert step.get("by", "xiaolin") in logins and step.get("department", "工程部") in departments
        assert ticket["event"][0]["do"] == "open" and "by" in ticket["event"][0]


def test_calls_fit_their_tickets(residents: list[Resident]) -> None:
    day = toml("sample/day.toml")
    calls, tickets = day["call"], {ticket["ref"]: ticket for ticket in day["ticket"]}
    assert [call["ago"] for call in calls] == sorted(call["ago"] for call in calls)
    owners = {phone for r in residents for phone in r.phones}
    seen = set()
    for call in calls:
        assert call["state"] in CALL_STATES and (call["state"] == "missed") == ("by" not in call)
        key = phone_key(call["phone"])
        seen.add("known" if key in owners else parse_phone(call["phone"]).kind)
        if ref := call.get("ticket"):
            assert call["ago"] <= tickets[ref]["event"][0]["ago"]
    assert seen == {"known", "hidden", "extension", "mobile"}
    assert sum(call["state"] == "missed" for call in calls) == 3
    assert [call["ticket"] for call in calls if call["phone"] == "19900005678"] == ["leak"] * 3
    opened_by_phone = {r for r, t in tickets.items() if t["channel"] == "phone" and t["event"][0]["ago"] < 60}
    assert opened_by_phone <= {call.get("ticket") for call in calls}


def test_the_day_shows_every_state(board: dict[str, Ticket], policy: Policy) -> None:
    assert {t.status for t in board.values()} == set(STATUSES)
    looks = {ref: look(ticket, policy) for ref, ticket in board.items()}
    assert looks["lift"] == "emergency"
    assert {ref for ref, state in looks.items() if state == "breached"} == {"door", "fee", "tree"}
    assert {ref for ref, state in looks.items() if state == "at_risk"} == {
        "light",
        "charger",
        "noise",
        "smoke",
        "leak",
        "doorcode",
    }
    assert {looks[ref] for ref in ("lift_parts", "valve", "meter")} == {"paused"}
    assert (looks["parking"], looks["gas"], looks["dog"], looks["ramp"]) == (
        "escalated",
        "follow_up",
        "new",
        "working",
    )
    assert board["door"].unacknowledged and board["parking"].unacknowledged
    assert {board[ref].level for ref in ("renovation", "cleaning")} == {1} and board["committee"].level == 2
    assert not any(t.unacknowledged for ref, t in board.items() if ref not in ("door", "parking"))
    assert {t.cycle.ground for t in board.values() if t.status == "closed"} == {
        "satisfied",
        "signed",
        "waived",
        "silence",
    }


def look(ticket: Ticket, policy: Policy) -> str:
    face = sla.face(ticket, policy)
    if face.base in ("emergency", "closed"):
        return face.base
    if face.due_at <= NOW:
        return "breached"
    return "at_risk" if face.risk_at <= NOW else face.base


def test_the_leaks_last_promise_was_kept_and_the_next_is_running(board: dict[str, Ticket]) -> None:
    first, completion, last = board["leak"].promises
    assert first.kept_at is not None and first.kept_at < first.due_at
    assert completion.completion and completion.due_at > NOW
    assert last.kept_at is None and last.due_at - NOW == 55 * MINUTE


def test_only_invented_numbers() -> None:
    for path in sorted((DATA / "sample").iterdir()):
        numbers = re.findall(r"(?<!\d)\d{7,}(?!\d)", path.read_text(encoding="utf-8"))
        assert all(re.fullmatch(r"0?1990000\d{4}", number) for number in numbers), path.name
