"""Everything else, by the optional `apprise`, which knows a hundred services and answers only yes or no."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, dead, later


def apprise(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """Send by the address that the secret holds.

    A yes means that the service answered 200; what it wrote into the answer is not looked at. So the services that
    refuse with 200 have senders of their own here.
    """
    try:
        import apprise as library
    except ImportError:
        return dead("没有安装 apprise。请运行 pip install 'frontdesk[apprise]'")
    # What it warns of would be printed across the console, addresses included.
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    sender = library.Apprise()
    if not sender.add(secrets["secret"]):
        return dead("apprise 认不出这个地址")
    done = sender.notify(body=f"{message.body}\n{message.tail}", title=message.title)
    return SENT if done else later("apprise 没有发成")
