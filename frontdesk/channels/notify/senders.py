"""Every kind's sender, and the one way to use it: no sending takes longer than `LIMIT`, whatever the other side does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Final

from frontdesk.channels.notify.endpoints import SMS, Endpoint
from frontdesk.channels.notify.message import Message, Outcome, later
from frontdesk.domain.enclosure import Enclosure

Sender = Callable[[Endpoint, Mapping[str, str], Message], Outcome]

LIMIT: Final = 25
"""Seconds for one sending in all. Time-outs of libraries begin anew with every byte; this one does not."""
FOLLOWED: Final = frozenset({"wecom"})
"""Kinds whose picture follows the words in a message of its own."""


def _sender(kind: str) -> Sender:
    """Each is loaded when it is needed: nobody pays for a service that the company has not."""
    if kind in ("dingtalk", "wecom", "feishu"):
        from frontdesk.channels.notify import robots

        found: Sender = getattr(robots, kind)
        return found
    if kind in SMS:
        from frontdesk.channels.notify import sms

        found = getattr(sms, kind)
        return found
    if kind == "smtp":
        from frontdesk.channels.notify.mail import smtp

        return smtp
    if kind == "json":
        from frontdesk.channels.notify.webhook import webhook

        return webhook
    from frontdesk.channels.notify.other import apprise

    return apprise


def send(endpoint: Endpoint, secrets: Mapping[str, str], message: Message, limit: float = LIMIT) -> Outcome:
    """Send by that endpoint; `secrets` holds the values of `token` and `secret` under these names.

    What a sender does not expect is raised. One that does not come back is left behind in a thread of its own; should
    it succeed after all, the message comes twice with the same key.
    """
    return _within(limit, lambda: _sender(endpoint.kind)(endpoint, secrets, message))


def send_picture(endpoint: Endpoint, secrets: Mapping[str, str], picture: Enclosure, limit: float) -> Outcome:
    """Send what follows the words by an endpoint of a `FOLLOWED` kind; as `send` otherwise."""
    from frontdesk.channels.notify.robots import wecom_picture

    return _within(limit, lambda: wecom_picture(endpoint, secrets, picture))


def _within(limit: float, sending: Callable[[], Outcome]) -> Outcome:
    answers: queue.Queue[Outcome | Exception] = queue.Queue()

    def work() -> None:
        try:
            answers.put(sending())
        except Exception as error:
            answers.put(error)

    threading.Thread(target=work, name="notice", daemon=True).start()
    try:
        answer = answers.get(timeout=limit)
    except queue.Empty:
        return later(f"{round(limit, 1):g} 秒内没有发完")
    if isinstance(answer, Exception):
        raise answer
    return answer
