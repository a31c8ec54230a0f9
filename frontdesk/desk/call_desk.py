"""Use cases on calls: a ring becomes a card before anybody lifts it (A-DAY 08:42)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontdesk.desk.access import Access
from frontdesk.domain.board import CallLine
from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import Phone, parse_phone
from frontdesk.domain.privacy import one_line
from frontdesk.domain.rings import picked_up
from frontdesk.domain.timing import Instant, clock
from frontdesk.store.calls import RING_SECONDS, Call, Calls, Known

if TYPE_CHECKING:
    from frontdesk.desk.views import CallerCard


class CallDesk:
    """Everything that may be done to a call."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the masks and the clock."""
        self._a = access
        self._calls = Calls(access.db, access.cipher)

    def ring(self, phone: str, name: str = "", at: Instant | None = None, uid: str = "") -> CallerCard:
        """Log a ringing call; every open console rings. Any spelling of a number will do, also none (hidden)."""
        now = self._a.now()
        when = now if at is None else at
        if when > now:
            raise BadInput("来电时间", f"{clock(when, now)} 还没到", "请填已经发生的时间")
        return self.card(self._calls.ring(when, parse_phone(phone), one_line(name)[:60], uid))

    def card(self, call_id: int) -> CallerCard:
        """What the desk knows of the caller: owners, tags, open tickets, calls in 30 days, the last promise."""
        from frontdesk.desk.views import CallerCard, OwnerView  # the board shows lines, no cards

        call = self._calls.get(call_id)
        phone, now = self._phone(call), self._a.now()
        known = self._calls.known(phone, now)
        return CallerCard(
            call_id=call.id,
            at=call.at,
            state=state(call, now),
            shown=self._a.masks.phone(call.phone),
            kind=phone.kind,
            owners=tuple(
                OwnerView(o.id, self._a.masks.name(o.name), self._a.masks.unit(o.unit), o.tags)
                for o in known.owners
            ),
            called=self._a.masks.name(call.name),
            open_tickets=known.open_tickets,
            calls_30_days=known.calls_30_days,
            calls_7_days=known.calls_7_days,
            last_promise=self._last_promise(known, now),
            ticket=self._number(call),
        )

    @staticmethod
    def _phone(call: Call) -> Phone:
        return parse_phone(call.phone)

    def _number(self, call: Call) -> str:
        return self._a.tickets.load(call.ticket_id, unseal=False).number if call.ticket_id else ""

    def _last_promise(self, known: Known, now: Instant) -> str:
        """Whether the newest promise on this caller's last tickets that fell due or was kept was kept, and how many of the
        last ones were; "" without one."""
        found = [
            (promise.made_at, kept)
            for ticket_id in known.recent[:5]
            for ticket in [self._a.tickets.load(ticket_id, unseal=False).ticket]
            for promise in ticket.promises
            if (kept := promise.kept(min(now, ticket.ended_at or now))) is not None
        ]
        if not found:
            return ""
        last = "上次承诺守约" if max(found)[1] else "上次承诺失约"
        if len(found) == 1:
            return last
        return f"{last}，近{len(found)}次守约{sum(kept for _, kept in found)}次"

    def answer(self, call_id: int) -> CallerCard:
        """This operator lifts the call (T8); the second to try is told who was quicker."""
        self._a.operator.writes()
        self._calls.answer(call_id, self._a.now(), self._a.operator.login)
        return self.card(call_id)

    def miss(self, call_id: int) -> CallerCard:
        """Nobody lifted it; it waits to be called back."""
        self._a.operator.writes()
        self._calls.miss(call_id)
        return self.card(call_id)

    def done(self, call_id: int) -> CallerCard:
        """Nothing more to do about the call."""
        self._a.operator.writes()
        self._calls.done(call_id, self._a.now(), self._a.operator.login)
        return self.card(call_id)

    def live(self, limit: int = 10) -> tuple[CallLine, ...]:
        """The calls that still need somebody, newest first."""
        return tuple(self._line(call) for call in self._calls.live(self._a.now(), limit))

    def list(self, limit: int = 50) -> tuple[CallLine, ...]:
        """The newest calls of any state."""
        return tuple(self._line(call) for call in self._calls.recent(limit))

    def _line(self, call: Call) -> CallLine:
        now, masks = self._a.now(), self._a.masks
        known = self._calls.known(self._phone(call), now)
        who, unit = masks.name(call.name), ""
        if len(known.owners) == 1:
            who, unit = masks.name(known.owners[0].name), masks.unit(known.owners[0].unit)
        elif known.owners:
            who = f"{len(known.owners)}位业主共用"
        shown = masks.phone(call.phone)
        number = self._number(call)
        return CallLine(
            call.id,
            call.at,
            state(call, now),
            shown,
            who,
            unit,
            len(known.open_tickets),
            number,
            call.answered_by if call.answered_at is not None else "",
            picked_up(call.at, call.answered_at, now),
            call.answered_by if call.answered_at is None else "",
        )


def state(call: Call, now: Instant) -> str:
    """The call's state now: one that has rung for a minute without an answer is missed, whatever its exchange said."""
    return "missed" if call.state == "ringing" and now - call.at >= RING_SECONDS else call.state
