"""Services on loopback that receive notices: they check what the real ones check, and answer and fail as they do."""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN, SECRET = "made-up-token-0000", "SECmadeup0000"


class Request(NamedTuple):
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The address's parameters, decoded once."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


Reply = tuple[int, bytes, dict[str, str]]
Answers = Callable[[Request], Reply]


def ok(document: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    kind = {"Content-Type": "application/json"}
    return status, json.dumps(document, ensure_ascii=False).encode(), kind | headers


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The library lets five wait at the door; a real service lets nobody wait there for a second.
    request_queue_size = 64


class Service:
    """One service; `answers` decides, and may be changed between requests. `got` is what arrived."""

    def __init__(self, answers: Answers, tls: Path | None = None) -> None:
        self.answers = answers
        self.got: list[Request] = []
        self.leave = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                service.serve(self, Request(self.path, dict(self.headers), self.rfile.read(length)))

            def log_message(self, *_words: object) -> None:
                """Quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = trusted_by(tls).wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_port}"

    def serve(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        """Answer one request."""
        self.got.append(request)
        status, body, headers = self.answers(request)
        handler.close_connection = True
        if status == HANG:
            self.leave.wait(30)
            return
        length = headers.pop("half", str(len(body)))
        drips = headers.pop("drips", "")
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": length, "Connection": "close"}.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for at in range(0, len(body), 1 if drips else max(len(body), 1)):
                handler.wfile.write(body[at : at + (1 if drips else len(body))])
                if drips and self.leave.wait(float(drips)):
                    return
        except OSError:
            return  # the sender has heard enough

    def close(self) -> None:
        """End it, and whoever hangs in it."""
        self.leave.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


HANG = 0
"""Not a status: never answers."""


@contextmanager
def service(answers: Answers, tls: Path | None = None) -> Iterator[Service]:
    """A service for a test; with a certificate's file it speaks HTTPS."""
    made = Service(answers, tls)
    try:
        yield made
    finally:
        made.close()


class Post:
    """A mail server's rules; `answers` maps a command to what it says instead of yes."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.mails: list[Any] = []

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if answer := self.answers.get(f"RCPT {address}") or self.answers.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _o: Any) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def mail_server(post: Post, **words: Any) -> Iterator[int]:
    """A mail server by those rules; its port."""
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), **words)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def certificate(path: Path) -> Path:
    """A certificate of 127.0.0.1 that only itself vouches for, with its key, written into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def trusted_by(paper: Path) -> ssl.SSLContext:
    """What a server needs to show that certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(paper)
    return made


def dingtalk(request: Request) -> Reply:
    """As oapi.dingtalk.com: token, then sign and time, then size."""
    query = request.query
    if query.get("access_token") != TOKEN:
        return ok({"errcode": 300005, "errmsg": "token is not exist"})
    text = f"{query.get('timestamp')}\n{SECRET}".encode()
    sign = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    fresh = abs(int(query.get("timestamp", 0)) / 1000 - time.time()) < 3600
    if query.get("sign") != sign or not fresh:
        return ok({"errcode": 310000, "errmsg": "sign not match"})
    form = request.json["msgtype"]
    wanted = {"text": {"content"}, "markdown": {"title", "text"}}.get(form)
    if len(request.body) > 20_000 or wanted is None or set(request.json[form]) != wanted:
        return ok({"errcode": 40035, "errmsg": "不合法的参数"})
    return ok({"errcode": 0, "errmsg": "ok"})


def wecom(request: Request) -> Reply:
    """As qyapi.weixin.qq.com: key, then the bytes of the text, or a picture and its digest."""
    if request.query.get("key") != TOKEN:
        return ok({"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"})
    form = request.json["msgtype"]
    if form == "image":
        picture = base64.b64decode(request.json[form]["base64"], validate=True)
        right = request.json[form]["md5"] == hashlib.md5(picture).hexdigest()
        fits = right and len(picture) <= 2 * 1024 * 1024
        return ok(
            {"errcode": 0, "errmsg": "ok"} if fits else {"errcode": 301019, "errmsg": "image md5 not match"}
        )
    if len(request.json[form]["content"].encode()) > {"text": 2048, "markdown": 4096}[form]:
        return ok({"errcode": 40058, "errmsg": "text.content exceed max length 2048"})
    return ok({"errcode": 0, "errmsg": "ok"})


def feishu(request: Request) -> Reply:
    """As open.feishu.cn: the token in the path, the sign in the body, its size."""
    if urlsplit(request.path).path != f"/open-apis/bot/v2/hook/{TOKEN}":
        return ok({"code": 19001, "data": {}, "msg": "param invalid: incoming webhook access token invalid"})
    found = request.json
    key = f"{found.get('timestamp')}\n{SECRET}".encode()
    sign = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    if found.get("sign") != sign or abs(int(found["timestamp"]) - time.time()) > 3600:
        return ok({"code": 19021, "msg": "sign match fail or timestamp is not within one hour"})
    if len(request.body) > 20_480:
        return ok({"code": 9499, "msg": "Bad Request", "data": {}})
    return ok({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})
