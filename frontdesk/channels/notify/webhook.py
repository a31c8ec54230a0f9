"""Any system of the company's own that takes JSON. It must answer 2xx once it has the notice."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, encoded
from frontdesk.channels.notify.web import meaning, post

_FINE: Final = (0, "0", None)


def signature(secret: str, seconds: int, content: bytes) -> str:
    """Hex HMAC-SHA256, keyed by the secret, over `timestamp.body`: nobody can alter or replay a body unseen."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + content, hashlib.sha256).hexdigest()


def webhook(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """POST the notice. `Idempotency-Key` is the same in every try, so that the receiver can drop a double."""
    content = encoded(
        {
            **{"id": message.key, "kind": message.kind, "ticket": message.ticket, "to": message.to},
            **{"title": message.title, "text": message.body, "site": message.site, "urgent": message.urgent},
        }
    )
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
    if token := secrets.get("token", ""):
        headers["Authorization"] = f"Bearer {token}"
    if secret := secrets.get("secret", ""):
        now = int(time.time())
        headers["X-Frontdesk-Timestamp"] = str(now)
        headers["X-Frontdesk-Signature"] = f"sha256={signature(secret, now, content)}"
    answer = post(endpoint.base, content, headers, endpoint.seconds)
    if isinstance(answer, Outcome):
        return answer
    found = answer.document()
    if found.get("errcode") not in _FINE:
        return meaning({}, (), found["errcode"], found.get("errmsg", ""), token, secret)
    if found.get("success") is False:
        return meaning({}, (), "success=false", found.get("message", ""), token, secret)
    return SENT
