"""Use cases of the change of shift: the page is drawn, signed by who goes and by who comes, and kept (A-DAY 08:28)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Final

from frontdesk.desk.access import Access
from frontdesk.desk.call_desk import state
from frontdesk.desk.ticket_desk import TicketDesk
from frontdesk.domain.errors import Refused
from frontdesk.domain.handover import (
    WAITS,
    Handover,
    Item,
    Owner,
    Page,
    lines,
    of_call,
    of_notice,
    of_ticket,
    ordered,
    packed,
    sign,
    unpacked,
)
from frontdesk.domain.privacy import Masks, redact
from frontdesk.domain.roster import Turn, next_shift, on_duty
from frontdesk.domain.terms import EVENTS, RANKS
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, clock
from frontdesk.store.calls import Call, Calls
from frontdesk.store.shifts import Kept, Shifts
from frontdesk.store.tickets import Log

REASON: Final = "交接班"
"""What the log says of a ticket that changed hands with the shift; no clock is touched (DESIGN §4)."""
EARLY, AFTER = 30 * MINUTE, HOUR
"""Around the beginning of somebody's own turn the page lies in front of them."""
NEWS: Final = 3 * DAY
"""How far back a notice that nobody got is news."""
_MOST_CALLS: Final = 200


class Quicker(Refused):
    """Somebody else has taken it."""


class HandoverDesk:
    """Everything about the change of shift."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules and the clock."""
        self._a = access
        self._shifts = Shifts(access.db)
        # Kept pages may be read by anybody later: they are masked as an ordinary agent sees people.
        self._masks = Masks.for_role("agent")

    # --- drawing ---------------------------------------------------------------------------------------------

    def preview(self) -> Handover:
        """The page as this operator would sign it over now; nothing is kept."""
        me = self._a.operator
        return self._unsigned(self._draw((me.login, me.name), me.login))

    def _unsigned(self, page: Page) -> Handover:
        holders = self._holders(page)
        held: dict[str, tuple[str, Instant | None]] = {key: (who, None) for key, who in holders.items()}
        return Handover(None, page, lines(page, held, self._a.names()))

    def _draw(self, fallback: Owner, giver: str) -> Page:
        """What the next shift finds; `fallback` has what belongs to nobody who is still here."""
        now = self._a.now()
        starts_at, ends_at = next_shift(self._shifts.turns(now - HOUR, now + DAY), now)
        active = {login: name for login, name, _role in self._shifts.people()}
        followed: dict[str, Owner] = {}
        items: list[Item] = []
        for log in self._a.tickets.several([row.id for row in self._a.open_tickets.listing(False, {}, -1)]):
            login = log.ticket.case_owner
            owner = (login, active[login]) if login in active else fallback
            followed[log.number] = owner
            items += self._about(log, owner, now, ends_at)
        items += (of_call(call.id, call.at, self._caller(call), fallback) for call in self._missed(now))
        for lost in self._shifts.given_up(now - NEWS):
            owner, to = followed.get(lost.ticket, fallback), redact(lost.recipient).text
            kind = EVENTS.get(lost.kind, "")
            items.append(of_notice(lost.id, lost.at, lost.ticket, to, kind, owner))
        name = active.get(giver, giver)
        return Page(self._a.settings.site, now, starts_at, ends_at, giver, name, ordered(items))

    def _about(self, log: Log, owner: Owner, now: Instant, ends_at: Instant) -> Iterator[Item]:
        caller = log.ticket.caller
        name = "匿名" if log.ticket.anonymous else self._masks.name(caller.name)
        whom = " ".join(filter(None, (self._masks.unit(caller.unit), name)))
        return of_ticket(log.ticket, self._a.policies.of(log.ticket.policy), whom, owner, now, ends_at)

    def _missed(self, now: Instant) -> list[Call]:
        calls = Calls(self._a.db, self._a.cipher).live(now, _MOST_CALLS)
        return [call for call in calls if state(call, now) == "missed"]

    def _caller(self, call: Call) -> str:
        return " ".join(filter(None, (self._masks.phone(call.phone), self._masks.name(call.name))))

    def _holders(self, page: Page) -> dict[str, str]:
        """Whose each matter is until somebody takes it: whoever had it since an earlier page, else the giver."""
        earlier = self._shifts.untaken([item.key for item in page.items])
        active = {login for login, _name, _role in self._shifts.people()}
        return {
            item.key: held if (held := earlier.get(item.key, "")) in active else page.given_by or item.owner
            for item in page.items
        }

    # --- giving and taking -----------------------------------------------------------------------------------

    def give(self) -> Handover:
        """Sign the shift over. `Refused` while something has nobody's name on it, and where nothing has changed since."""
        self._a.operator.writes()
        me = self._a.operator
        page = sign(self._draw((me.login, me.name), me.login))
        before = self._newest()
        if before is not None and before.given_by == me.login and before.taken_at is None:
            same = [item.key for item in unpacked(before.page).items] == [item.key for item in page.items]
            if same and page.drawn_at - before.given_at < WAITS:
                when = clock(before.given_at, page.drawn_at)
                raise Refused(f"您 {when} 已经签过这一页，内容没有变化，还没有人接。请等下一班来接。")
        return self.show(self._keep(page))

    def _keep(self, page: Page) -> int:
        return self._shifts.give(page.drawn_at, page.given_by, packed(page), self._holders(page))

    def _newest(self) -> Kept | None:
        newest = self._shifts.newest()
        return self._shifts.get(newest) if newest is not None else None

    def waiting(self) -> Handover | None:
        """The page that was given last, while something on it is still nobody's but the giver's; None without one."""
        kept = self._newest()
        if kept is None or self._a.now() - kept.given_at >= WAITS:
            return None
        if all(taken_at is not None for _owner, taken_at in kept.held.values()):
            return None
        found = self._seen(kept, fresh=True)
        return found if found.waiting else None

    def at_start(self) -> Handover | None:
        """What lies in front of whoever opens the console: a page that waits, or one that their own turn begins with."""
        waits = self.waiting_for_me()
        if waits is not None:
            return waits
        now, turn, kept = self._a.now(), self._my_turn(), self._newest()
        if turn is None or (kept is not None and kept.given_at >= turn.starts_at - AFTER):
            return None
        found = self._unsigned(self._draw(self._outgoing(now), ""))
        return found if found.lines else None

    def waiting_for_me(self) -> Handover | None:
        """The page that waits, for those who sit at the front desk; None for whoever has given it."""
        me = self._a.operator
        # The one who set a small home up is its admin and sits at its desk.
        if me.role not in RANKS or (me.role not in ("agent", "admin") and self._my_turn() is None):
            return None
        found = self.waiting()
        return found if found is not None and found.page.given_by != me.login else None

    def _my_turn(self) -> Turn | None:
        """This operator's turn at the front desk that begins about now."""
        now, login = self._a.now(), self._a.operator.login
        found = [
            turn
            for turn in self._shifts.turns(now - AFTER, now + EARLY + 1)
            if (turn.login, turn.duty) == (login, "agent")
            and turn.starts_at - EARLY <= now < turn.starts_at + AFTER
        ]
        return found[0] if found else None

    def _outgoing(self, now: Instant) -> Owner:
        """Whoever had the desk before and has not signed: their name stays on what nobody takes."""
        me, active = self._a.operator, {login: name for login, name, _role in self._shifts.people()}
        turns = self._shifts.turns(now - 2 * HOUR, now + 1)
        before = sorted((turn.ends_at, turn.login) for turn in turns if turn.duty == "agent")
        here = [turn.login for turn in on_duty(turns, "agent", now)]
        for login in (*here, *(login for _end, login in reversed(before))):
            if login != me.login and login in active:
                return login, active[login]
        return me.login, me.name

    def take(self, handover_id: int | None = None, keys: Collection[str] = ()) -> Handover:
        """Take these matters, all that wait without `keys`; whoever takes first signs the page.

        A ticket's case owner becomes the taker, with 交接班 as the reason. `Refused` tells who was quicker.
        """
        self._a.operator.writes()
        if handover_id is None:
            found = self.waiting()
            if found is None or found.id is None:
                raise self._nothing_waits()
            handover_id = found.id
        kept = self._shifts.get(handover_id)
        page = unpacked(kept.page)
        if unknown := [key for key in keys if key not in kept.held]:
            raise Refused(
                f"第 {handover_id} 号交接里没有「{unknown[0][:40]}」。用 handover --show {handover_id} --json 看每一件的 key。"
            )
        wanted = [item for item in page.items if not keys or item.key in keys]
        lost: list[str] = []
        for item in wanted:
            try:
                # Whoever follows a ticket has all of its lines: a page must not name two people for one ticket.
                beside = [each.key for each in page.items if each.ticket == item.ticket and each.ticket]
                self._take(handover_id, item, beside)
            except Quicker as quicker:
                lost.append(str(quicker))
        if not page.items and kept.taken_at is None:
            with self._a.db.write() as conn:
                self._shifts.sign(conn, handover_id, self._a.operator.login, self._a.now())
        if lost and len(lost) == len(wanted):
            raise Quicker("；".join(dict.fromkeys(lost)) + "。")
        return self._seen(self._shifts.get(handover_id), fresh=True)

    def _nothing_waits(self) -> Refused:
        """Whoever comes second is told who has it."""
        kept, now = self._newest(), self._a.now()
        if kept is None or kept.taken_at is None or now - kept.given_at >= WAITS:
            return Refused("没有等着接的交接。上一班签字交班后，这里才有。")
        found = self._seen(kept, fresh=False)
        who = "、".join(dict.fromkeys(line.holder_name for line in found.lines if line.taken_at is not None))
        return Quicker(f"这一班已由{who or found.taken_name} {clock(kept.taken_at, now)} 接走，没有剩下的。")

    def take_up(self, keys: Collection[str] = ()) -> Handover:
        """Take from a page that nobody has signed over; it is kept without the giver's signature."""
        self._a.operator.writes()
        now, kept = self._a.now(), self._newest()
        if kept is None or kept.given_by or now - kept.given_at >= AFTER:
            return self.take(self._keep(self._draw(self._outgoing(now), "")), keys)
        return self.take(kept.id, keys)

    def _take(self, handover_id: int, item: Item, beside: Sequence[str]) -> None:
        """Mark and transfer in one transaction, so that a ticket's owner and the page never say two things."""
        mark = partial(self._mark, handover_id, item, beside)
        if item.ticket and self._others(item.ticket):
            try:
                TicketDesk(self._a).transfer(item.ticket, self._a.operator.login, REASON, also=mark)
            except Quicker:
                raise
            except Refused:
                # Closed, or already mine, since it was looked at: then there is nothing to transfer.
                if self._others(item.ticket):
                    raise
            else:
                return
        with self._a.db.write() as conn:
            mark(conn)

    def _others(self, number: str) -> bool:
        ticket = self._a.tickets.load(self._a.tickets.find(number), unseal=False).ticket
        return ticket.open and ticket.case_owner != self._a.operator.login

    def _mark(self, handover_id: int, item: Item, beside: Sequence[str], conn: sqlite3.Connection) -> None:
        me, now = self._a.operator.login, self._a.now()
        quicker = self._shifts.take(conn, handover_id, item.key, me, now)
        if quicker is not None and quicker[0] != me:
            who, when = self._a.names().get(quicker[0], quicker[0]), clock(quicker[1], now)
            raise Quicker(f"{item.ticket or '这一件'}已由{who} {when} 接走")
        for key in beside:
            self._shifts.take(conn, handover_id, key, me, now)

    # --- looking back ----------------------------------------------------------------------------------------

    def show(self, handover_id: int) -> Handover:
        """A page exactly as it was signed, and whose each thing is now."""
        return self._seen(self._shifts.get(handover_id), fresh=False)

    def seen(self, handover_id: int) -> Handover:
        """A page and whose each thing is, with what is done by now."""
        return self._seen(self._shifts.get(handover_id), fresh=True)

    def list(self, limit: int = 20) -> tuple[Handover, ...]:
        """The newest handovers, the newest first."""
        return tuple(self.show(handover_id) for handover_id in self._shifts.recent(limit))

    def told(self, now: Instant) -> str:
        """One sentence for the morning view: who gave what to whom, and what nobody has taken."""
        kept = self._newest()
        if kept is None or not 0 <= now - kept.given_at < WAITS:
            return "夜班没有签交接。"
        found = self._seen(kept, fresh=True)
        given = (
            f"{found.page.given_name} {clock(kept.given_at, now)} 交 {len(found.lines)} 件"
            if kept.given_by
            else "夜班没有签交接"
        )
        taken = (
            f"，{found.taken_name} {clock(found.taken_at, now)} 接"
            if found.taken_at is not None
            else "，还没有人接"
        )
        left: dict[str, int] = {}
        for line in found.waiting:
            left[line.holder_name] = left.get(line.holder_name, 0) + 1
        rest = "".join(f"，{count} 件还在{name}名下" for name, count in left.items())
        return f"{given}{taken}{rest}。"

    def _seen(self, kept: Kept, fresh: bool) -> Handover:
        page, names = unpacked(kept.page), self._a.names()
        still = self._still(page, kept) if fresh else None
        return Handover(
            kept.id,
            page,
            lines(page, kept.held, names, still),
            kept.given_at,
            kept.taken_at,
            kept.taken_by,
            names.get(kept.taken_by, kept.taken_by),
        )

    def _still(self, page: Page, kept: Kept) -> set[str]:
        """The keys of the page that are matters still; costs what nobody has taken."""
        now = self._a.now()
        open_keys = [item for item in page.items if kept.held[item.key][1] is None]
        found = {f"call:{call.id}" for call in self._missed(now)}
        found |= {f"notice:{lost.id}" for lost in self._shifts.given_up(now - NEWS - WAITS)}
        numbers = dict.fromkeys(item.ticket for item in open_keys if item.ticket)
        for log in self._a.tickets.several([self._a.tickets.find(number) for number in numbers]):
            found |= {item.key for item in self._about(log, ("", ""), now, page.ends_at)}
        return found
