"""The promise ledger (承诺账本) as a menu: what is still owed to owners, the soonest first; a digit goes to the ticket."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from frontdesk.domain.timing import Instant, clock, span
from frontdesk.tui.panes.menu import Choice

if TYPE_CHECKING:
    from frontdesk.desk.views import PromiseView
    from frontdesk.tui.work import Work


def show(work: Work) -> None:
    """Ask for it off the loop and offer it."""
    work.console.clerk.ask("read", work.desk.tickets.promises, partial(_offer, work))


def _offer(work: Work, found: Sequence[PromiseView]) -> None:
    if not found:
        work.desktop.say("没有欠着的承诺", "good")
        return
    late = sum(each.state == "broken" for each in found)
    head = f"欠着的承诺 {len(found)} 个" + (f"，{late} 个已失约" if late else "")
    work.show_menu(head, [_choice(work, each, work.now) for each in found])


def _choice(work: Work, each: PromiseView, now: Instant) -> Choice:
    left = each.due_at - now
    when = f"超 {span(left)}" if left <= 0 else f"剩 {span(left)}"
    words = f"{when}  {each.unit} {each.words}（{each.by}）"
    return Choice(f"{clock(each.due_at, now)} {each.ticket[2:]}", words, partial(_visit, work, each.ticket))


def _visit(work: Work, number: str) -> None:
    work.close_menu()
    work.console.clerk.ask("read", partial(work.desk.tickets.view, number), work.attention.visit)
