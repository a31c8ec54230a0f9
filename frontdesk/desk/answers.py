"""Saying «接» from outside: by the link in a message, or by a sentence in the group (DESIGN §6).

Whoever has the link has the message, and the message went to the rung that was called: that is the authority. Each link is for
one escalation and is worth nothing once somebody has answered.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from frontdesk.desk.access import Access, Operator
from frontdesk.desk.ticket_desk import TicketDesk
from frontdesk.domain.errors import Refused
from frontdesk.domain.privacy import one_line
from frontdesk.domain.terms import RANKS
from frontdesk.domain.tickets import Escalation, undone
from frontdesk.domain.timing import clock

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

    from frontdesk.channels.answers import Page

_SAID: Final = re.compile(r"[接收]\s*(?:单|到)?\s*[:：#]?\s*([0-9][0-9-]{1,12})")


class Question(NamedTuple):
    """What the page behind a link shows: masked words only. `answered_by` is "" while nobody has said «接»."""

    number: str
    title: str
    to: str
    reason: str
    summary: str
    answered_by: str


Answer = TypeVar("Answer")


class Answers:
    """Answers that come from outside the desk."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the key and the clock; whose desk it is does not matter."""
        self._a = access

    def link(self, number: str, seq: int) -> str:
        """The path of the link that answers the escalation with that event number."""
        return f"/a/{number}/{seq}/{self._token(number, seq)}"

    def question(self, number: str, seq: int, token: str) -> Question:
        """What is asked; `Refused` for a link that was not made here."""
        step = self._step(number, seq, token)
        ticket = self._a.tickets.load(self._a.tickets.find(number)).ticket
        names = self._a.names()
        who = names.get(step.acknowledged_by, step.acknowledged_by)
        return Question(number, ticket.title, step.to, step.reason, step.summary, who)

    def take(self, number: str, seq: int, token: str, name: str = "") -> str:
        """Somebody behind the link says «接»; the sentence to show them. A second answer is told who was first."""
        step = self._step(number, seq, token)
        if step.acknowledged_at is not None:
            asked = self.question(number, seq, token)
            when = clock(step.acknowledged_at, self._a.now())
            return f"{number} 已由{asked.answered_by}在 {when} 接手。"
        policy = self._a.policies.of(self._a.tickets.load(self._a.tickets.find(number)).ticket.policy)
        rung = policy.rung(step.level)
        by = step.person or rung.name
        said = one_line(name)[:20]
        desk = TicketDesk(self._a.seen_by(Operator(by, said or by, rung.role), self._a.now))
        desk.acknowledge(number, f"通过消息里的链接确认{f'（{said}）' if said else ''}")
        return f"{number} 已由您接手，前台已看到。"

    def said(self, text: str, login: str, name: str) -> str:
        """A sentence from the group, such as «接 1122-03»; what to answer there. Only a known colleague of rank may."""
        found = _SAID.search(text)
        if found is None:
            return "要接手请写：接 单号，例如「接 1122-03」。"
        who = self._colleague(login, name)
        if who is None:
            return f"{one_line(name)[:20] or '您'}还没有登记为前台人员，请管理员登记后再接手。"
        try:
            view = TicketDesk(self._a.seen_by(who, self._a.now)).acknowledge(found[1], "在群里确认")
        except Refused as refused:
            return str(refused)
        return f"{view.number} 已由{who.name}接手。"

    def serve(self) -> ThreadingHTTPServer | None:
        """Wait for answers where the settings say, in threads of their own; None where they name no place."""
        if not self._a.settings.answers_listen:
            return None
        from frontdesk.channels import answers as web  # only the watcher answers
        from frontdesk.desk.faults import record_fault
        from frontdesk.store.secrets import Secrets

        robot = self._a.settings.answers_robot
        secret = Secrets(self._a.settings.secrets, self._a.cipher).get(robot) if robot else ""

        def fault(error: BaseException) -> str:
            return record_fault(self._a.settings.logs, error, self._a.now())

        desk = web.Desk(
            lambda number, seq, token: self._once(lambda: self._page(number, seq, token)),
            lambda number, seq, token, name: self._once(lambda: self.take(number, seq, token, name)),
            lambda text, login, name: self._once(lambda: self.said(text, login, name)),
            secret,
            self._a.now,
            fault,
        )
        return web.serve(self._a.settings.answers_listen, desk)

    def _once(self, ask: Callable[[], Answer]) -> Answer:
        """Every request has a thread, and so a connection, of its own."""
        try:
            return ask()
        finally:
            self._a.db.close()

    def _page(self, number: str, seq: int, token: str) -> Page:
        from frontdesk.channels.answers import Page

        asked = self.question(number, seq, token)
        lines = (f"上移至：{asked.to}", f"原因：{asked.reason}", asked.summary)
        if asked.answered_by:
            return Page(f"{number} {asked.title}", (*lines, f"已由{asked.answered_by}接手。"))
        return Page(f"{number} {asked.title}", lines, "接：由我接手")

    def _colleague(self, login: str, name: str) -> Operator | None:
        with self._a.db.read() as conn:
            rows = conn.execute(
                "SELECT login, name, role FROM operator WHERE active = 1 AND (login = ? OR name = ?)",
                (login, name),
            ).fetchall()
        exact = [row for row in rows if row[0] == login] or rows
        # Two of one name: nobody may answer in the other's.
        return Operator(*exact[0]) if len(exact) == 1 and exact[0][2] in RANKS else None

    def _step(self, number: str, seq: int, token: str) -> Escalation:
        if not hmac.compare_digest(self._token(number, seq).encode(), token.encode()):
            raise Refused("这个链接不是本前台发出的，或者不完整。请用最新一条消息里的链接。")
        log = self._a.tickets.load(self._a.tickets.find(number))
        gone = undone(log.events)
        places = [event.seq for event in log.events if event.kind == "escalated" and event.seq not in gone]
        if seq not in places:
            raise Refused(f"{number} 的这次上移已经撤销，不用接手。")
        return log.ticket.escalations[places.index(seq)]

    def _token(self, number: str, seq: int) -> str:
        return b32encode(self._a.cipher.index(f"{number}:{seq}", "answer")).decode().rstrip("=").lower()
