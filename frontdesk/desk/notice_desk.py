"""The outbox as people see it, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from frontdesk.desk.access import Access
from frontdesk.desk.views import NoticeView
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.store.notices import Notices

_SECRET = re.compile(r"[\w-]{1,20}")
_LONGEST = 2000


class EndpointView(NamedTuple):
    """A way out of the house, without its secrets. `missing` names secrets that are not kept yet."""

    name: str
    kind: str
    label: str
    place: str
    recipients: tuple[str, ...]
    missing: tuple[str, ...]


class NoticeDesk:
    """Listing, sending and retrying notices."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store."""
        self._a = access
        self._notices = Notices(access.db)

    def list(self, limit: int = 200, stuck: bool = False) -> tuple[NoticeView, ...]:
        """The newest notices, unsent ones first; with `stuck` only those that wait for a person. No limit below 0."""
        return tuple(
            NoticeView(
                *(n.id, n.ticket, n.kind, n.recipient, n.state, n.tries, n.error, n.body),
                *(n.audience, n.urgent, n.created_at, n.next_at, n.sent_at),
            )
            for n in self._notices.list(limit, stuck)
        )

    def failed(self) -> int:
        """How many were given up, for the status line; cheap enough for every reading of the board."""
        return self._notices.failed()

    def retry(self, notice_id: int) -> None:
        """Queue a notice again that failed or had nowhere to go."""
        self._a.operator.writes()
        self._notices.retry(notice_id)

    def retry_all(self) -> int:
        """Queue everything again that failed or had nowhere to go; answers how many."""
        self._a.operator.writes()
        return self._notices.retry_all()

    def send(self) -> Sequence[str]:
        """Send what is due, once; a line for each message. `BadInput` for a slip in `[notify]`."""
        from frontdesk.desk.delivery import deliver, notify_of

        self._a.operator.writes()
        notify_of(self._a)
        rules = self._a.policy
        return deliver(self._a, self._a.now(), awake=rules.quiet.over, singly=rules.watch.digest_over)

    def endpoints(self) -> tuple[EndpointView, ...]:
        """What config.toml names, without secrets."""
        from frontdesk.channels.notify.endpoints import KINDS
        from frontdesk.desk.delivery import notify_of
        from frontdesk.store.secrets import Secrets

        notify, store = notify_of(self._a), Secrets(self._a.settings.secrets, self._a.cipher)
        return tuple(
            EndpointView(
                *(e.name, e.kind, KINDS[e.kind], e.place),
                tuple(to for to, names in notify.routes.items() if e.name in names),
                tuple(name for name in e.secrets if not store.has(name)),
            )
            for e in notify.endpoints.values()
        )

    def keep_secret(self, name: str, value: str) -> None:
        """Keep a secret that config.toml names; it is never shown again."""
        from frontdesk.store.secrets import Secrets

        self._a.operator.needs("manager", "admin")
        if not _SECRET.fullmatch(name):
            raise BadInput("名称", "不能用", "请用 1 到 20 个字母、汉字、数字、下划线或连字符")
        secret = value.strip()
        if not secret or len(secret) > _LONGEST or not secret.isprintable():
            raise BadInput("密钥", "是空的、太长，或含有看不见的字符", "请从服务的页面重新复制")
        Secrets(self._a.settings.secrets, self._a.cipher).put(name, secret)

    def test(self, name: str, phone: str = "") -> str:
        """Send one test message for real; answers how it went, `Refused` with the reason where it did not."""
        from frontdesk.channels.notify.endpoints import SMS
        from frontdesk.desk.delivery import notify_of, try_out
        from frontdesk.domain.phones import parse_phone

        self._a.operator.needs("supervisor", "manager", "admin")
        known = notify_of(self._a).endpoints
        if name not in known:
            raise Refused(f"没有叫「{name}」的端点。已配置的有 {'、'.join(known) or '（还没有）'}。")
        number = parse_phone(phone)
        if known[name].kind in SMS and number.kind != "mobile":
            raise BadInput("--phone", "没有写手机号，短信不知发给谁", "请加 --phone 您自己的手机号")
        outcome = try_out(self._a, known[name], number.digits)
        if not outcome.ok:
            again = "可稍后再试" if outcome.retry else "改好之前再试也没有用"
            raise Refused(f"「{name}」没有发成：{outcome.error}。{again}。")
        return f"「{name}」已发出一条测试消息，请到那边看看。{outcome.error}"
