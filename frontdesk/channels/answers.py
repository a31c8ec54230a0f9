"""A small web server for the answers that come from outside: the link in a message, and DingTalk's outgoing robot.

It listens on loopback unless told otherwise and stands behind the company's own HTTPS; it knows nothing of tickets but what the
callables it is given answer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import parse_qs

from frontdesk.domain.errors import BadInput, DeskError

LARGEST: Final = 16_384
"""Bytes of a request's body; a message in a group is far smaller."""
SECONDS: Final = 10
"""How long one request may take to arrive."""
STALE: Final = 3_600
"""Seconds after which a signed message is too old to be believed (DingTalk's own limit)."""


class Page(NamedTuple):
    """What a link shows: heading, lines, and the button's word where there is something to press."""

    heading: str
    lines: tuple[str, ...]
    button: str = ""


class Desk(NamedTuple):
    """What the server asks: the page behind a link, the answer pressed on it, a sentence from the group.

    `look(number, seq, token)`, `take(number, seq, token, name)`, `said(text, login, name)`; `secret` is the outgoing robot's, ""
    where there is none; `now` in whole UTC seconds; `fault` logs what was unexpected and answers its id.
    """

    look: Callable[[str, int, str], Page]
    take: Callable[[str, int, str, str], str]
    said: Callable[[str, str, str], str]
    secret: str
    now: Callable[[], int]
    fault: Callable[[BaseException], str]


def serve(listen: str, desk: Desk) -> ThreadingHTTPServer:
    """Begin to serve in threads of their own; `shutdown()` ends it. `BadInput` where the address cannot be had."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) < 65_536:  # noqa: PLR2004 - a port
        raise BadInput(
            "config.toml 的 answers.listen", f"「{listen[:40]}」不是地址", '请写成 "127.0.0.1:8737"'
        )

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    try:
        handler = type("Handler", (_Handler,), {"desk": desk})
        server = Server((host.strip("[]"), int(port)), handler)
    except OSError as error:
        raise BadInput(
            "config.toml 的 answers.listen",
            f"{listen} 用不了（{error.strerror}）",
            "请换一个端口，或停掉占用它的程序",
        ) from error
    threading.Thread(target=server.serve_forever, name="answers", daemon=True).start()
    return server


def signed(timestamp: str, sign: str, secret: str, now: int) -> bool:
    """Whether DingTalk's outgoing robot sent it: HMAC-SHA256 over timestamp and secret, and not older than an hour."""
    if (
        not secret
        or not timestamp.isascii()
        or not timestamp.isdigit()
        or len(timestamp) > len("1795312800000")
    ):
        return False
    made = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    fresh = abs(now - int(timestamp) // 1000) <= STALE
    return fresh and hmac.compare_digest(base64.b64encode(made), sign.encode("utf-8", "replace"))


class _Handler(BaseHTTPRequestHandler):
    """One request; the server's own subclass of it knows the desk."""

    desk: ClassVar[Desk]
    timeout = SECONDS
    server_version, sys_version = "frontdesk", ""

    def do_GET(self) -> None:
        where = _place(self.path)
        if where is None:
            self._page(HTTPStatus.NOT_FOUND, Page("没有这一页", ("请用消息里的完整链接。",)))
        else:
            self._answer(lambda: self.desk.look(*where))

    def do_POST(self) -> None:
        body = self._body()
        where = _place(self.path)
        if body is None:
            self._page(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Page("内容太长", ("请重新打开消息里的链接。",)))
        elif self.path == "/dingtalk":
            self._robot(body)
        elif where is None:
            self._page(HTTPStatus.NOT_FOUND, Page("没有这一页", ("请用消息里的完整链接。",)))
        else:
            name = parse_qs(body.decode("utf-8", "replace")).get("name", [""])[0]
            self._answer(lambda: Page(self.desk.take(*where, name), ()))

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
            return None
        return self.rfile.read(int(length))

    def _answer(self, ask: Callable[[], Page]) -> None:
        try:
            self._page(HTTPStatus.OK, ask())
        except DeskError as error:
            self._page(HTTPStatus.FORBIDDEN, Page("这个链接现在不能用", (str(error),)))
        except Exception as error:  # the last wall: whoever pressed reads a sentence, never a traceback
            number = self.desk.fault(error)
            self._page(HTTPStatus.INTERNAL_SERVER_ERROR, Page("出错了", (f"编号 {number}，请致电前台。",)))

    def _robot(self, body: bytes) -> None:
        given = (self.headers.get("timestamp", ""), self.headers.get("sign", ""))
        if not signed(*given, self.desk.secret, self.desk.now()):
            self._json(HTTPStatus.FORBIDDEN, {"errmsg": "签名不对"})
            return
        try:
            text, login, name = _sentence(body)
            answer = self.desk.said(text, login, name)
        except (ValueError, DeskError) as error:
            answer = str(error) if isinstance(error, DeskError) else "没有看懂这条消息。"
        except Exception as error:  # as above
            answer = f"出错了，编号 {self.desk.fault(error)}，请致电前台。"
        self._json(HTTPStatus.OK, {"msgtype": "text", "text": {"content": answer}})

    def _page(self, status: HTTPStatus, page: Page) -> None:
        self._send(status, "text/html", _html(page))

    def _json(self, status: HTTPStatus, document: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(document, ensure_ascii=False))

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        raw = text.encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(raw))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Frame-Options", "DENY"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library names it
        """The path holds the link's secret, so nothing of a request is written anywhere."""


def _place(path: str) -> tuple[str, int, str] | None:
    parts = path.split("?", 1)[0].split("/")
    if len(parts) != 5 or parts[:2] != ["", "a"]:  # noqa: PLR2004 - /a/number/seq/token
        return None
    number, seq, token = parts[2:]
    return (number, int(seq), token) if seq.isascii() and seq.isdigit() and len(seq) < 7 else None  # noqa: PLR2004


def _sentence(body: bytes) -> tuple[str, str, str]:
    """(text, the sender's id, the sender's name) of an outgoing robot's message; `ValueError` where it is none."""
    document = json.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("text"), dict):
        raise ValueError
    return (
        str(document["text"].get("content", "")),
        str(document.get("senderStaffId", "")),
        str(document.get("senderNick", "")),
    )


def _html(page: Page) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in page.lines)
    form = (
        '<form method="post"><input name="name" maxlength="20" placeholder="您的姓名（可不填）">'
        f"<button>{escape(page.button)}</button></form>"
        if page.button
        else ""
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>物业前台</title>'
        f"<style>{_STYLE}</style><main><h1>{escape(page.heading)}</h1>{lines}{form}</main></html>"
    )


_STYLE: Final = (
    "body{margin:0;background:#f3f4f6;font:17px/1.6 system-ui,sans-serif;color:#111}"
    "main{max-width:34rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:12px}"
    "h1{font-size:1.3rem;margin:0 0 1rem}p{margin:.4rem 0}"
    "input,button{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.8rem;margin-top:1rem;"
    "border-radius:8px;border:1px solid #c7ccd4}button{background:#b91c1c;color:#fff;border:0;font-weight:600}"
)
