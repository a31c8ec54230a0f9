"""Rebuild the caches from the events, compare, verify the chains: what `doctor` reports (DESIGN §2)."""

from __future__ import annotations

from hashlib import sha256  # a whole history in one go is quicker through OpenSSL

from frontdesk.desk.access import Access
from frontdesk.domain.chain import link
from frontdesk.domain.errors import BadInput, KeyTrouble
from frontdesk.store.search_index import SearchIndex
from frontdesk.store.tickets import RawEvent


def examine(access: Access) -> list[str]:
    """Every difference between caches and events, and every broken chain, a Chinese line each; caches and the search index are
    mended.

    A broken chain is reported and left, its ticket's cache too: nothing may rewrite what happened.
    """
    found, broken = _integrity(access), _chains(access)
    found += broken.values()
    for ticket_id, number in access.tickets.entries():
        if ticket_id not in broken:
            found += _cache(access, ticket_id, number)
    return found + SearchIndex(access.db, access.cipher).examine()


def verify(access: Access) -> list[str]:
    """Every ticket whose record was altered or cut, a Chinese line each; nothing is changed."""
    return list(_chains(access).values())


def reminders(access: Access) -> list[str]:
    """What is in order and will not stay so, a Chinese line each: nobody has stated the public holidays of a near year."""
    from frontdesk.desk.almanac import public_days
    from frontdesk.domain.holidays import unstated

    try:
        document = access.policies.document(access.policy.version)
    except BadInput as bad:
        return [f"现行的 policy.toml 有错，没有采用：{bad}"]
    lacking = unstated(document, access.now(), public_days()["years"])
    return [] if lacking is None else [f"{lacking}。"]


def _cache(access: Access, ticket_id: int, number: str) -> list[str]:
    try:
        differing = access.tickets.stale(ticket_id, access.policies.of)
    except (KeyTrouble, ValueError, LookupError, TypeError) as error:
        # The chain holds, so somebody forged it whole; one such ticket must not hide the others from the report.
        return [f"{number} 的经过读不出来（{type(error).__name__}）：记录被改动过。请保留现场并从备份核对。"]
    if not differing:
        return []
    access.tickets.mend(ticket_id, access.policies.of)
    return [f"{number} 缓存与经过不符（{'、'.join(differing)}），已按经过重建。"]


def _integrity(access: Access) -> list[str]:
    with access.db.read() as conn:
        lines = [row[0] for row in conn.execute("PRAGMA integrity_check(20)")]
        orphans = conn.execute("PRAGMA foreign_key_check").fetchall()
    out = [] if lines == ["ok"] else [f"数据库文件损坏：{line}" for line in lines]
    out += [f"数据库引用断裂：{row[0]} 第 {row[1]} 行" for row in orphans]
    return out + [
        f"{day} 少了 {count} 张工单：被删除过。请从备份核对。" for day, count in access.tickets.missing()
    ]


def _chains(access: Access) -> dict[int, str]:
    """Ticket row id → what is wrong with its chain, for the broken ones; only the first break is told."""
    out: dict[int, str] = {}
    last: RawEvent | None = None
    for event in access.tickets.raw_events():
        if last is None or event.ticket_id != last.ticket_id:
            _check_end(last, out)
            before, expected = event.number, 1
        else:
            before, expected = last.hash, last.seq + 1
        if event.seq and not (event.seq == expected and _made(event, before) == event.hash):
            out.setdefault(event.ticket_id, _broken(event.number, event.seq))
        last = event
    _check_end(last, out)
    return out


def _made(event: RawEvent, before: str) -> str:
    e = event
    return link(
        before, seq=e.seq, at=e.at, kind=e.kind, by=e.by, data=e.data, sealed=e.sealed, made_by=sha256
    )


def _check_end(last: RawEvent | None, out: dict[int, str]) -> None:
    """The cache knows how many events there were: a log cut short has no broken link."""
    if last is not None and last.seq < last.version:
        out.setdefault(last.ticket_id, _broken(last.number, last.seq + 1))


def _broken(number: str, seq: int) -> str:
    return f"{number} 的经过在第 {seq} 条断链：记录被改动或缺失。请保留现场并从备份核对。"
