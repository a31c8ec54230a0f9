"""The outbox leaves the house: claimed in one short transaction, sent outside of any, recorded in another.

At least once: a process that dies in between leaves a claim that runs out after `LEASE`, and whoever comes next sends the
notice again. It carries the same key and shows the same number, so that a double is recognised; a receiver that honours
`Idempotency-Key` drops it. Any number of processes may deliver at once: a notice is claimed by one of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from frontdesk.channels.notify.endpoints import MOST, OWNER, Endpoint, Notify, parse_notify
from frontdesk.channels.notify.message import Message, Outcome, later
from frontdesk.channels.notify.pace import Pace
from frontdesk.channels.notify.senders import FOLLOWED, LIMIT, send, send_picture
from frontdesk.desk.access import Access
from frontdesk.desk.faults import record_fault
from frontdesk.domain.digest import sha256
from frontdesk.domain.enclosure import PNG
from frontdesk.domain.errors import BadInput, DeskError, KeyTrouble
from frontdesk.domain.phones import parse_phone
from frontdesk.domain.terms import EVENTS, NOTICE_STATES
from frontdesk.domain.timing import Instant
from frontdesk.store.notices import SINGLY, Claimed, Notices, Settled
from frontdesk.store.secrets import Secrets

BACK_OFF: Final = (30, 60, 120, 300, 900, 1800, 3600)
"""Seconds before the next try, by the number of tries so far; the last goes on."""
LEASE: Final = MOST * LIMIT + 55
"""Seconds that a claim holds: longer than every endpoint of a route may take."""
PATIENCE: Final = 60.0
"""Seconds after which a round begins nothing more, so that clocks are swept in between."""
_HEAD = re.compile(r"【(.{1,12}?)】|## (\S{1,12}) ")


def pause(key: str, tries: int) -> int:
    """Seconds until the next try: the step of `BACK_OFF`, up to a fifth more or less by the key, so that not all come at once."""
    step = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    lot = int.from_bytes(sha256(f"{key}:{tries}".encode()).digest()[:4]) / 0xFFFF_FFFF
    return round(step * (0.8 + 0.4 * lot))


def notify_of(access: Access) -> Notify:
    """`[notify]` of this home; `BadInput` names the entry that cannot be used."""
    return parse_notify(access.settings.notify)


def deliver(
    access: Access,
    now: Instant,
    limit: int = 500,
    awake: Callable[[Instant], Instant] = int,
    singly: int = SINGLY,
    patience: float = PATIENCE,
) -> list[str]:
    """Send what is due, urgent first, at most about `limit` notices; a line for each message and how it went.

    An endpoint that does not answer is asked once and not again in this round; a round begins nothing after `patience`
    seconds, and what is left is due as before. A slip in `[notify]` is told and keeps everything queued. `awake` answers
    the first moment, from a given one on, at which an owner may be written to: another try must keep the quiet hours that
    the first one kept. More than `singly` notices of one recipient that can wait become one message.
    """
    if not Notices(access.db).due(now):
        return []
    try:
        notify = notify_of(access)
    except BadInput as wrong:
        return [f"通知都没有发：{wrong}"]
    return _Round(access, notify, now, awake, singly).run(limit, patience)


def try_out(access: Access, endpoint: Endpoint, phone: str = "") -> Outcome:
    """Send one test message for real."""
    number = f"{access.db_key_id()}-test-{access.now()}"
    site = access.settings.site
    body = f"【测试】{site} 的前台通知可以送到这里，无需处理。"
    message = Message(
        number, f"【测试】{site}", body, "这是试发的一条", "test", "000000-00", "", site, phone=phone
    )
    return _sent(access, endpoint, message)


def _sent(access: Access, endpoint: Endpoint, message: Message) -> Outcome:
    """One sending. Words that are out never go twice: a picture that cannot follow them is told beside the success."""
    end = time.monotonic() + LIMIT
    outcome = _tried(access, endpoint, lambda secrets: send(endpoint, secrets, message))
    picture = message.enclosed(PNG) if endpoint.kind in FOLLOWED else None
    if picture is None or not outcome.ok:
        return outcome
    if _PACE.free(access.db_key_id(), endpoint, urgent=True):
        left = max(0.0, end - time.monotonic())
        shown = _tried(access, endpoint, lambda secrets: send_picture(endpoint, secrets, picture, left))
    else:
        shown = later("这一分钟发得够多了")
    return outcome if shown.ok else outcome._replace(error=f"文字已发，图片没有发出：{shown.error}")


def _tried(access: Access, endpoint: Endpoint, sending: Callable[[Mapping[str, str]], Outcome]) -> Outcome:
    """`sending` with the secrets of the endpoint; whatever a library throws is logged and may be tried again."""
    try:
        secrets = _secrets(access, endpoint)
        if missing := [getattr(endpoint, field) for field, value in secrets.items() if not value]:
            return later(f"还没有存密钥「{missing[0]}」，请运行 frontdesk notice secret {missing[0]} 存入")
        return sending(secrets)
    except DeskError as error:
        return later(str(error))
    except Exception as error:
        return later(f"发送出错，编号 {record_fault(access.settings.logs, error, access.now())}，已记入日志")


def _secrets(access: Access, endpoint: Endpoint) -> Mapping[str, str]:
    store = Secrets(access.settings.secrets, access.cipher)
    return {
        field: store.get(name) for field in ("token", "secret") if (name := str(getattr(endpoint, field)))
    }


_PACE = Pace()


class _Round:
    """One round of sending. Endpoints that were found out of order are remembered until its end."""

    def __init__(
        self, access: Access, notify: Notify, now: Instant, awake: Callable[[Instant], Instant], singly: int
    ) -> None:
        self._access, self._notify, self._awake, self._singly = access, notify, awake, singly
        self._notices = Notices(access.db)
        self._home = access.db_key_id()
        self._outcomes: dict[str, Outcome] = {}
        self._down: set[str] = set()
        self._begun, self._clock = now, time.monotonic()

    @property
    def _now(self) -> Instant:
        """The round takes time, and claims must run out by the clock of all."""
        return self._begun + int(time.monotonic() - self._clock)

    def run(self, limit: int, patience: float) -> list[str]:
        lines: list[str] = []
        done, end = 0, self._clock + patience
        while (
            done < limit
            and time.monotonic() < end
            and (claimed := self._notices.claim(self._now, self._now + LEASE, self._singly))
        ):
            done += len(claimed)
            # A try is counted when it begins: one too many has killed whoever began it, every time.
            worn = [notice for notice in claimed if notice.tries > self._notify.tries]
            if worn:
                lines.append(self._settle(worn, Settled("failed", "每次发送都被打断，不再重试")))
            if fresh := [notice for notice in claimed if notice.tries <= self._notify.tries]:
                lines.append(self._settle(fresh, self._handle(fresh)))
        return lines

    def _settle(self, claimed: Sequence[Claimed], how: Settled) -> str:
        """Record it; of those to be tried again the last try of some may have been this one."""
        now = self._now
        how = how._replace(error="；".join(filter(None, (*self._remarks(claimed), how.error))))
        ended = [
            n for n in claimed if how.state == "queued" and not how.untried and n.tries >= self._notify.tries
        ]
        rest = [notice for notice in claimed if notice not in ended]
        if ended:
            self._notices.settle(ended, now, how._replace(state="failed", next_at=None))
        if rest:
            self._notices.settle(rest, now, how)
        first = claimed[0]
        name = f"通知 {first.id}" + (f" 等 {len(claimed)} 条" if len(claimed) > 1 else "")
        words = f"{name} → {first.recipient}：{NOTICE_STATES['failed' if not rest else how.state]}"
        if rest and how.next_at is not None:
            words += f"，{how.next_at - now} 秒后再试"
        return f"{words}（{how.error}）" if how.error else words

    def _remarks(self, claimed: Sequence[Claimed]) -> Iterator[str]:
        """What was said of the endpoints that have it already: they are not asked again, and would be heard of no more."""
        had = sorted(frozenset.intersection(*(notice.reached for notice in claimed)))
        names = "|".join(map(re.escape, {*self._notify.endpoints, *had}))
        for said in dict.fromkeys(
            part for n in claimed for part in re.split(rf"；(?=(?:{names})：)", n.error)
        ):
            if said.startswith(tuple(f"{name}：" for name in had)):
                yield said

    def _handle(self, claimed: Sequence[Claimed]) -> Settled:
        """Send one message and answer what became of it."""
        first = claimed[0]
        route = self._notify.route(first.audience, first.recipient)
        if first.audience == OWNER:
            message = self._to_owner(first, route)
            if isinstance(message, Settled):
                return message
            if not first.urgent and (morning := self._awake(self._now)) > self._now:
                return Settled("queued", "免打扰时段，到时间再发", morning, untried=True)
            return self._send(claimed, route, message)
        if not route:
            return Settled("unrouted", f"notify.routes 里没有「{first.recipient}」", untried=True)
        return self._send(claimed, route, self._message(claimed))

    def _send(self, claimed: Sequence[Claimed], route: Sequence[Endpoint], message: Message) -> Settled:
        """By every endpoint of the route that not all of these have reached yet."""
        had = frozenset.intersection(*(notice.reached for notice in claimed))
        wanted = [endpoint for endpoint in route if endpoint.name not in had]
        asked = False
        for endpoint in wanted:
            name = endpoint.name
            if name in self._down:
                # What did not answer a moment ago is not asked for each of a hundred; nobody's tries are used up by that.
                continue
            if not _PACE.free(self._home, endpoint, message.urgent):
                self._outcomes[name] = later("这一分钟发得够多了，稍后再发")
                continue
            asked = True
            outcome = self._outcomes[name] = _sent(self._access, endpoint, message)
            if outcome.retry:
                self._down.add(name)
        ends = {endpoint.name: self._outcomes[endpoint.name] for endpoint in wanted}
        reached = [name for name, outcome in ends.items() if outcome.ok]
        error = "；".join(f"{name}：{outcome.error}" for name, outcome in ends.items() if outcome.error)
        if len(reached) == len(wanted):
            return Settled("sent", error, reached=reached)
        if not any(outcome.retry for outcome in ends.values()):
            return Settled("failed", error, reached=reached)
        wait = max(outcome.wait for outcome in ends.values())
        seconds = max(pause(message.key, max(notice.tries for notice in claimed)), wait)
        return Settled("queued", error, self._now + seconds, reached, untried=not asked)

    def _message(self, claimed: Sequence[Claimed]) -> Message:
        """The notice itself, or one message for many that lists their numbers (frappe #2967)."""
        first = claimed[0]
        if len(claimed) == 1:
            return self._single(first)
        ids = ",".join(str(notice.id) for notice in claimed)
        key = f"{self._home}-{first.id}x{len(claimed)}-{sha256(ids.encode()).hexdigest()[:8]}"
        title = f"【汇总】{first.recipient} 有 {len(claimed)} 条通知"
        groups: dict[str, dict[str, None]] = {}
        for notice in claimed:
            groups.setdefault(_label(notice), {})[notice.ticket or f"通知{notice.id}"] = None
        listed = "\n".join(f"{label} {len(found)} 件：{'、'.join(found)}" for label, found in groups.items())
        tail = f"{self._access.settings.site} · 通知 {first.id} 等 {len(claimed)} 条"
        return Message(key, title, f"{title}\n{listed}", tail, "digest", "", first.recipient, self._site)

    def _single(self, notice: Claimed, phone: str = "") -> Message:
        return Message(
            key=f"{self._home}-{notice.id}",
            title=f"【{_label(notice)}】{notice.ticket or self._site}",
            body=notice.body,
            tail=f"{self._site} · 通知 {notice.id}",
            kind=notice.kind,
            ticket=notice.ticket,
            to=notice.recipient,
            site=self._site,
            urgent=notice.urgent,
            phone=phone,
            enclosures=self._notices.enclosures(notice.id),
        )

    @property
    def _site(self) -> str:
        return self._access.settings.site

    def _to_owner(self, notice: Claimed, route: Sequence[Endpoint]) -> Message | Settled:
        """The message with the owner's number, unsealed for this sending alone; or why there is none."""
        if not route:
            return _withdrawn("没有配置业主短信（notify.routes 的 owner）")
        if notice.ticket_id is None:
            return _withdrawn("没有对应的工单")
        try:
            number = self._access.tickets.load(notice.ticket_id).ticket.caller.phone
        except KeyTrouble as error:
            return Settled("failed", str(error), untried=True)
        phone = parse_phone(number)
        if phone.kind != "mobile":
            return _withdrawn("工单留的不是手机号" if number else "工单没有留手机号")
        return self._single(notice, phone.digits)


def _withdrawn(why: str) -> Settled:
    return Settled("withdrawn", why, untried=True)


def _label(notice: Claimed) -> str:
    """What it is about, as its text begins, else by its kind."""
    head = _HEAD.match(notice.body)
    return head[1] or head[2] if head else EVENTS.get(notice.kind, notice.kind)
