"""Whom a step must reach outside this screen, and in which words: departments, the ladder, the group, the owner.

Every word is masked: no name, no telephone number, no unit leaves in a notice (R-000-16).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from frontdesk.domain.moves import Draft
from frontdesk.domain.plans import Plan, group_words
from frontdesk.domain.policy import Policy
from frontdesk.domain.record import words
from frontdesk.domain.sla import clocks
from frontdesk.domain.terms import KINDS
from frontdesk.domain.tickets import Event, Ticket
from frontdesk.domain.timing import Instant, clock
from frontdesk.store.notices import NoticeDraft

GROUP: Final = "group"
"""The recipient that stands for everybody on site: the group in which an emergency is worked (一键联动, R-000-03)."""

Data = Mapping[str, Any]


class House(NamedTuple):
    """What the words need beside the ticket: the estate's name, whether there is a road to owners at all, the address of the
    link that answers the escalation with an event number ("" where links lead nowhere), and the plan with an id."""

    site: str
    owners: bool
    link: Callable[[str, int], str]
    plan: Callable[[str], Plan | None]


def notices(
    ticket: Ticket,
    drafts: Sequence[Draft],
    policy: Policy,
    now: Instant,
    house: House,
    after: Callable[[], Ticket],
) -> list[NoticeDraft]:
    """The notices of one step on the ticket; they are written in the step's own transaction. `after` answers the ticket as the
    step leaves it."""
    out: list[NoticeDraft] = []
    number, urgent = ticket.number, ticket.urgent_since is not None or _opens_plan(drafts)
    for seq, draft in enumerate(drafts, ticket.version + 1):
        if draft.kind == "escalated":
            out.append(_escalated(number, draft.data, house.link(number, seq)))
        elif draft.kind in _STAFF:
            out += _STAFF[draft.kind](number, ticket, draft.data, now)
        if house.owners and draft.kind in _OWNER and _reachable(ticket, draft):
            body = _OWNER[draft.kind](number, ticket, draft.data, policy, now)
            later = 0 if urgent else policy.quiet.over(now)
            out.append(NoticeDraft(draft.kind, "owner", f"【{house.site}】{body}", "owner", urgent, later))
    if not urgent:
        return out
    if not ticket.incident:
        out += _on_site(drafts, after(), now, house)
    return [each._replace(urgent=True) for each in out]


def _opens_plan(drafts: Sequence[Draft]) -> bool:
    return any(draft.kind == "plan_opened" for draft in drafts)


def _on_site(drafts: Sequence[Draft], after: Ticket, now: Instant, house: House) -> Iterator[NoticeDraft]:
    """What everybody on site hears of an emergency (R-000-03, T6): once for an incident, and opening its plan is one message
    although it sends every department its task."""
    plan = house.plan(after.plan) if after.plan else None
    for draft in drafts:
        if _opens_plan(drafts) and draft.kind != "plan_opened":
            continue
        told = str(draft.data.get("note", "")) if draft.data.get("told") else ""
        said = group_words(plan, after, draft.kind, now, told)
        if not said and draft.kind in ("escalated", "reopened"):
            event = Event(0, now, draft.kind, "", draft.data, {})
            said = f"【突发】{after.number} {after.title}：{words(event, now)}"
        if said:
            yield NoticeDraft(draft.kind, GROUP, said, GROUP, True)


def _dispatched(number: str, ticket: Ticket, d: Data, now: Instant) -> Iterator[NoticeDraft]:
    """The department (R-001-13), with content, limit and contact (R-001-12)."""
    limit = clock(d["due_at"], now)
    body = f"【派单】{number} {d['content']}，请于 {limit} 前完成，联系人 {d['contact']}，请确认接单。"
    yield NoticeDraft("dispatched", d["department"], body)


def _escalated(number: str, d: Data, link: str) -> NoticeDraft:
    """The receiver (R-S8-01), with the summary that spares the owner a second telling (X4) and the way to say «接»."""
    who = f"{d['person_name']}，" if d.get("person_name") else ""
    how = f"请点开接手：{link}" if link else "请回复「接」"
    body = f"【服务上移】{who}{number} {d['reason']}。{d['summary']}。{how}"
    return NoticeDraft("escalated", d["to"], body, not_before=d.get("heard_at", 0))


def _reminded(number: str, ticket: Ticket, d: Data, now: Instant) -> Iterator[NoticeDraft]:
    for whom, what in d["to"].items():
        audience = GROUP if whom == GROUP else "staff"
        yield NoticeDraft(
            "reminded",
            whom,
            f"【催办】{number} {ticket.title}：{what}。",
            audience,
            not_before=d.get("heard_at", 0),
        )


def _transferred(number: str, ticket: Ticket, d: Data, now: Instant) -> Iterator[NoticeDraft]:
    yield NoticeDraft("transferred", d["to"], f"【转交】{number} {ticket.title}，由您跟进：{d['reason']}。")


_STAFF: Final[Mapping[str, Callable[[str, Ticket, Data, Instant], Iterator[NoticeDraft]]]] = {
    "dispatched": _dispatched,
    "reminded": _reminded,
    "transferred": _transferred,
}


def _reachable(ticket: Ticket, draft: Draft) -> bool:
    """An owner who left a number, and did not ask to be left alone (R-S10-05); what is imported is long over."""
    quiet = ticket.anonymous or ticket.sensitive or ticket.declined_at is not None
    return bool(ticket.caller.phone) and not quiet and not draft.data.get("imported")


def _accepted_words(number: str, ticket: Ticket, d: Data, policy: Policy, now: Instant) -> str:
    owed = [run.due_at for run in clocks(ticket, policy) if run.kind == "progress" and run.counts]
    until = f"，{clock(min(owed), now)} 前告知您进展" if owed else ""
    return f"您反映的{_matter(ticket)}已受理，单号 {number}{until}。"


def _promised_words(number: str, ticket: Ticket, d: Data, policy: Policy, now: Instant) -> str:
    what = "完成处理" if d.get("completion") else "给您回复"
    return f"您的单号 {number}：我们约定在 {clock(d['due_at'], now)} 前{what}。"


def _dispatched_words(number: str, ticket: Ticket, d: Data, policy: Policy, now: Instant) -> str:
    return f"您的单号 {number} 已交{d['department']}处理，处理中有进展会再告知您。"


def _resolved_words(number: str, ticket: Ticket, d: Data, policy: Policy, now: Instant) -> str:
    return f"您的单号 {number} 已处理完毕，我们会回访您；若还有问题请直接来电。"


def _closed_words(number: str, ticket: Ticket, d: Data, policy: Policy, now: Instant) -> str:
    """T17: one to five stars, asked for when the matter is closed."""
    asked = "" if ticket.score is not None else "请为这次服务打 1 到 5 星，回复数字即可。"
    return f"您的单号 {number} 已办结。{asked}谢谢您的反映。"


def _matter(ticket: Ticket) -> str:
    """What it is about, without a word of the owner's own: those may hold what is private."""
    return f"{ticket.category.partition('-')[2] or ticket.category}{KINDS[ticket.kind]}"


_OWNER: Final[Mapping[str, Callable[[str, Ticket, Data, Policy, Instant], str]]] = {
    "opened": _accepted_words,
    "promised": _promised_words,
    "dispatched": _dispatched_words,
    "resolved": _resolved_words,
    "closed": _closed_words,
}
