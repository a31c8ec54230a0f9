"""Notices that did not get out: what went wrong with each, and sending again (a menu; the whole list is a page)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from frontdesk.domain.timing import Instant, clock
from frontdesk.tui.panes.menu import Choice
from frontdesk.tui.paper import Line, line
from frontdesk.tui.text import wrap

if TYPE_CHECKING:
    from frontdesk.desk.views import NoticeView
    from frontdesk.tui.work import Work


def show(work: Work) -> None:
    """Ask for them off the loop and offer what can be done."""
    work.console.clerk.ask("read", lambda: work.desk.notices.list(stuck=True), partial(_offer, work))


def _offer(work: Work, found: Sequence[NoticeView]) -> None:
    if not found:
        work.desktop.say("通知都发出去了，没有失败的", "good")
        return
    now = work.now
    choices = [
        Choice("全部重发", f"{len(found)} 条通知都再发一遍", partial(_again, work, None)),
        Choice("看清单", "每条发给谁、试了几次、为什么没发出", partial(_read, work, found, now)),
        *(Choice(n.to, f"#{n.id} {n.ticket[2:]} {n.error}", partial(_again, work, n.id)) for n in found),
    ]
    work.show_menu(f"没发出的通知 {len(found)} 条：选一条重发", choices)


def _again(work: Work, notice_id: int | None) -> None:
    def call() -> str:
        if notice_id is None:
            return f"{work.desk.notices.retry_all()} 条通知"
        work.desk.notices.retry(notice_id)
        return f"通知 {notice_id} "

    def done(what: str) -> None:
        work.desktop.say(f"{what}已排队，下一轮就发", "good")

    work.close_menu()
    work.console.clerk.ask("write", call, done)


def _read(work: Work, found: Sequence[NoticeView], now: Instant) -> None:
    work.close_menu()
    work.show_page(f"没发出的通知 {len(found)} 条", partial(page, found, now))


def page(found: Sequence[NoticeView], now: Instant, cells: int) -> list[Line]:
    """Each with its state, the reason and its words."""
    lines: list[Line] = []
    for n in found:
        lines += [
            line(
                (f"#{n.id} ", "key"),
                (f"{n.ticket[2:]}  {n.to}  ", "strong"),
                (n.label, "error" if n.state == "failed" else "warn"),
                (f"  {clock(n.created_at, now)} 写下，试了 {n.tries} 次", "dim"),
            )
        ]
        lines += [line((f"  {part}", "warn")) for part in wrap(n.error, cells - 3)]
        lines += [line((f"  {part}", "text")) for part in wrap(n.body, cells - 3)]
        lines += [()]
    return lines
