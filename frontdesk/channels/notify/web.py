"""One HTTP POST with every limit there is: seconds in all, bytes of the answer, no redirects. The only user of httpx."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from frontdesk.channels.notify.message import Outcome, dead, later
from frontdesk.domain.privacy import one_line, redact

if TYPE_CHECKING:
    import ssl

    import httpx

ANSWER: Final = 64 * 1024
"""No service says more than this; what does is no answer of theirs."""
_TEMPORARY: Final = (408, 425, 429)
_ELSEWHERE: Final = (301, 308)
"""Moved for good; the other redirects are what an office's log-in page does for a while."""
_LONGEST_WAIT: Final = 3600


class Answer(NamedTuple):
    """What a service answered with 2xx."""

    status: int
    body: bytes

    def document(self) -> dict[str, Any]:
        """The JSON object in it; {} where it holds none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def post(url: str, content: bytes, headers: Mapping[str, str], seconds: int) -> Answer | Outcome:
    """Send it: the answer to a 2xx, else how it failed. Nothing of `url` is ever repeated: it may hold a key."""
    import logging

    import httpx  # dear, and only for whoever sends

    # It would log every address, keys included, for whoever turns logging on.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        with httpx.Client(verify=_trust(), timeout=httpx.Timeout(seconds, connect=min(seconds, 5))) as client:
            return _exchange(client, url, content, headers, time.monotonic() + seconds)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        return dead("网址不能用，请检查 config.toml")
    except httpx.TimeoutException:
        return later(f"{seconds} 秒内没有回应")
    except httpx.ConnectError as error:
        return later("对方的证书不可信" if "CERTIFICATE" in str(error) else "连不上对方，请检查网络")
    except httpx.HTTPError as error:
        return later(f"连接中断（{type(error).__name__}）")


def _exchange(
    client: httpx.Client, url: str, content: bytes, headers: Mapping[str, str], end: float
) -> Answer | Outcome:
    """The answer as it comes, until it is whole, too long or too late; packed ones are not unpacked."""
    body = b""
    packing = {"Accept-Encoding": "identity"}
    with client.stream("POST", url, content=content, headers={**headers, **packing}) as reply:
        for part in reply.iter_raw():
            body += part
            if len(body) > ANSWER:
                return later("对方的回答长得不正常，可能被网关拦截")
            if time.monotonic() > end:
                return later("对方的回答迟迟没有结束")
        return _judged(reply.status_code, reply.headers.get("retry-after", ""), body)


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates takes longer than sending."""
    import httpx

    return httpx.create_ssl_context()


def _judged(status: int, retry_after: str, body: bytes) -> Answer | Outcome:
    if 200 <= status < 300:  # noqa: PLR2004
        return Answer(status, body)
    wait = min(int(retry_after), _LONGEST_WAIT) if retry_after.isdecimal() and len(retry_after) < 9 else 0  # noqa: PLR2004
    if status >= 500 or status in _TEMPORARY:  # noqa: PLR2004
        return later(f"对方暂时不能受理（HTTP {status}）", wait)
    if status in _ELSEWHERE:
        return dead(f"网址已搬走（HTTP {status}），请更新 config.toml")
    if status < 400:  # noqa: PLR2004
        return later(f"被转到别的网页（HTTP {status}），可能要先登录上网认证")
    return dead(f"对方拒收（HTTP {status}）")


def said(message: object, *hidden: str) -> str:
    """A service's own words, fit to be shown: one line, no personal data, none of our keys, not too long."""
    text = one_line(str(message))
    for secret in hidden:
        text = text.replace(secret, "***") if secret else text
    return redact(text).text[:80]


Codes = Mapping[Any, tuple[bool, str]]
"""A service's code → whether another try may help, and what it means."""
THROTTLED: Final = 60
"""Seconds to leave a service alone that says «too fast»."""


def meaning(codes: Codes, fast: tuple[Any, ...], code: Any, message: object, *hidden: str) -> Outcome:
    """The outcome of a refusal; one that nobody knows is tried again, which the number of tries bounds."""
    if code in fast:
        return later(f"发得太快，被限流（{code}）", THROTTLED)
    retry, words = codes.get(code, (True, ""))
    text = f"{words or '对方没有接受'}（{code}）"
    if not words and (shown := said(message, *hidden)):
        text = f"{text}：{shown}"
    return later(text) if retry else dead(text)


GARBLED: Final = later("对方答非所问，可能被网关拦截")
