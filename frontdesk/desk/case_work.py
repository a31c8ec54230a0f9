"""A handbook case taken up by a ticket: its limits become clocks, its facts are asked for before closing (T24–T39)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.plans import Plan
from frontdesk.domain.playbook import Case, Fact, Handbook, Limit, due
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import one_line
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, MINUTE, Instant, clock, parse


def find(handbook: Handbook, case_id: str, scenario: str = "") -> tuple[Case, str]:
    """The case, and the id of its scenario ("" for none); `BadInput` where the handbook has no such."""
    name, _, within = case_id.strip().upper().partition("-")
    case = handbook.cases.get(name)
    if case is None:
        raise BadInput("案例", f"手册里没有「{case_id[:20]}」", f"可选：{'、'.join(handbook.cases)}")
    chosen = scenario.strip().upper() or (f"{name}-{within}" if within else "")
    ids = [each.id for each in case.scenarios]
    if chosen and chosen not in ids:
        raise BadInput("情形", f"案例 {name} 没有「{chosen[:20]}」", f"可选：{'、'.join(ids)}")
    return case, chosen or (ids[0] if len(ids) == 1 else "")


def taken(
    handbook: Handbook, policy: Policy, ticket: Ticket, case_id: str, scenario: str = ""
) -> dict[str, Any]:
    """The event's data: the case's limits and wanted facts as the handbook has them now.

    Limits that the policy runs for every ticket anyway (T4–T6) are left to it.
    """
    case, chosen = find(handbook, case_id, scenario)
    sources = {source for each in policy.targets.values() for source in (each.source, each.urgent_source)}
    limits = [
        {
            **{
                "id": limit.id,
                "rule": limit.rule,
                "label": limit.label,
                "who": limit.who,
                "since": limit.since,
            },
            **{"start": ticket.opened_at, "every": _every(limit) if limit.repeats else 0},
            "due_at": due(limit, ticket.opened_at) if limit.from_intake else None,
        }
        for limit in case.clocks(chosen or None)
        if limit.rule not in sources
    ]
    wanted = [[fact.id, fact.label] for fact in case.wanted(chosen or None) if fact.required]
    titles = {each.id: each.title for each in case.scenarios}
    title = titles.get(chosen, case.title)
    return {"case": case.id, "scenario": chosen, "title": title, "limits": limits, "wanted": wanted}


def _every(limit: Limit) -> int:
    return limit.minutes * MINUTE if limit.minutes else max(limit.days or 1, 1) * DAY


def first_due(
    handbook: Handbook, ticket: Ticket, name: str, now: Instant, since: Instant | None = None
) -> tuple[Instant | None, Instant | None]:
    """(due, since) of a limit that has waited until now; twice None for one that runs already."""
    waits = any(each.id == name and each.due_at is None for each in ticket.limits)
    case = handbook.cases.get(ticket.case)
    found = next((each for each in case.limits if each.id == name), None) if case and waits else None
    if waits and found is None:
        raise Refused(f"手册已经没有案例 {ticket.case} 的这条时限。请重新采用案例。")
    if found is None:
        return None, None
    start = _since(found, now, since)
    return due(found, start), start


def _since(limit: Limit, now: Instant, since: Instant | None) -> Instant:
    """What the limit counts from: now, when it happened, or, for what comes days before it (T34), when it will."""
    field = "从何时起算"
    if limit.days is not None and limit.days < 0:
        if since is None:
            what = limit.since.removesuffix("之前")
            raise BadInput(field, f"「{limit.label}」要知道那是什么时候", f"请写{what}的时间，如 明天 9:00")
        return since
    if since is not None and now < since <= now + DAY:
        since -= DAY  # an hour alone is the last one that has been, not the next
    if since is not None and since > now:
        raise BadInput(field, f"{clock(since, now)} 还没到", "请填已经发生的时间")
    return now if since is None else since


def wanted(
    handbook: Handbook, plans: Mapping[str, Plan], case_id: str, scenario: str, plan_id: str
) -> tuple[Fact, ...]:
    """The facts to ask for: those of the case, then those of the emergency plan that is open."""
    case, plan = handbook.cases.get(case_id), plans.get(plan_id)
    return (*(case.wanted(scenario or None) if case else ()), *(plan.facts if plan else ()))


def checked(
    handbook: Handbook, plans: Mapping[str, Plan], ticket: Ticket, values: Mapping[str, str], now: Instant
) -> dict[str, str]:
    """Fact id → what is kept of it; empty answers are dropped, a wrong one is a `BadInput`."""
    opened = (fact for name in ticket.plans for fact in wanted(handbook, plans, "", "", name))
    known = {fact.id: fact for fact in (*wanted(handbook, plans, ticket.case, ticket.scenario, ""), *opened)}
    for name in values:
        if name not in known:
            raise BadInput(
                "事实", f"案例 {ticket.case or '（无）'} 不采「{name[:20]}」", f"可采：{'、'.join(known)}"
            )
    return {name: _fact(known[name], value, now) for name, value in values.items() if value.strip()}


def _fact(fact: Fact, value: str, now: Instant) -> str:
    said = one_line(value)[:200]
    if fact.kind == "time":
        at = parse(said, now, fact.label)
        # An hour alone is the last one that has been, not the next.
        if at - DAY <= now < at and len(said) <= len("23:59"):
            at -= DAY
        if at > now:
            raise BadInput(fact.label, f"{clock(at, now)} 还没到", "请填已经发生的时间")
        return clock(at, now)
    if fact.kind == "choice" and said not in fact.choices:
        raise BadInput(fact.label, f"「{said[:20]}」不在可选之列", f"可选：{'、'.join(fact.choices)}")
    return said
