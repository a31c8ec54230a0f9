"""Rebuild the caches from the events, compare, verify the chains: what `doctor` reports (DESIGN §2)."""

from __future__ import annotations

from frontdesk.desk.access import Access
from frontdesk.domain.chain import link


def examine(access: Access) -> list[str]:
    """Every difference between caches and events, and every broken chain, a Chinese line each; caches are mended.

    A broken chain is reported and left: nothing may rewrite what happened.
    """
    found = [*_integrity(access), *_chains(access)]
    for log in access.tickets.logs(unseal=True):
        policy = access.policies.of(log.ticket.policy)
        wanted, kept = access.tickets.cache(log.ticket, policy), access.tickets.cached(log.id)
        if differing := [name for name, value in wanted.items() if kept[name] != value]:
            access.tickets.rewrite_cache(log, policy)
            found.append(f"{log.number} 缓存与经过不符（{'、'.join(differing)}），已按经过重建。")
    return found


def _integrity(access: Access) -> list[str]:
    with access.db.read() as conn:
        lines = [row[0] for row in conn.execute("PRAGMA integrity_check(20)")]
        orphans = conn.execute("PRAGMA foreign_key_check").fetchall()
    out = [] if lines == ["ok"] else [f"数据库文件损坏：{line}" for line in lines]
    return out + [f"数据库引用断裂：{row[0]} 第 {row[1]} 行" for row in orphans]


def _chains(access: Access) -> list[str]:
    out, current, before, expected = [], "", "", 0
    broken: set[str] = set()
    for number, seq, at, kind, by, data, sealed, kept in access.tickets.raw_events():
        if number != current:
            current, before, expected = number, number, 0
        expected += 1
        made = link(before, seq=seq, at=at, kind=kind, by=by, data=data, sealed=sealed)
        if (made != kept or seq != expected) and number not in broken:
            broken.add(number)
            out.append(f"{number} 的经过在第 {seq} 条断链：记录被改动或缺失。请保留现场并从备份核对。")
        before = kept
    return out
