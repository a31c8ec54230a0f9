"""Mail through a real SMTP conversation: encrypted, refused for now, refused for good, hung up on."""

from __future__ import annotations

import email
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import Message, Outcome
from frontdesk.channels.notify.senders import send
from tests.services import certificate, trusted_by

MESSAGE = Message(
    *(
        "1a2b3c4d-7",
        "【服务上移】261122-01\r\nBcc: x@example.com",
        "两小时未处理，请回复「接」。",
        "云栖苑 · 通知 7",
    ),
    urgent=True,
)
PASSWORD = "made-up-password"


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


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, both in one file."""
    return certificate(tmp_path_factory.mktemp("tls") / "server.pem")


def allowed(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = given.login == b"desk" and given.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture(params=["tls", "starttls", "none"])
def office(request: pytest.FixtureRequest, paper: Path) -> Iterator[tuple[Post, Endpoint]]:
    """A mail server and the endpoint that leads to it, in each way of encryption."""
    post, tls = Post(), request.param
    words: dict[str, Any] = {"authenticator": allowed, "auth_require_tls": False}
    if tls == "tls":
        words["ssl_context"] = trusted_by(paper)
    if tls == "starttls":
        words |= {"tls_context": trusted_by(paper), "require_starttls": True}
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), **words)
    controller.start()
    endpoint = Endpoint(
        *("经理邮箱", "smtp"),
        **{"host": "127.0.0.1", "port": controller.port, "tls": tls, "seconds": 2, "ca": str(paper)},
        sender="desk@example.com",
        to=("manager@example.com", "chen@example.com"),
    )
    yield post, endpoint
    controller.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


Office = tuple[Post, Endpoint]


def told(endpoint: Endpoint, secret: str = "") -> Outcome:
    return send(endpoint, {"secret": secret} if secret else {}, MESSAGE)


def test_a_mail_arrives_whole_and_shows_its_number(office: Office) -> None:
    post, endpoint = office
    assert told(endpoint) == Outcome(True)
    (mail,) = post.mails
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == "【服务上移】261122-01 Bcc: x@example.com" and mail["Bcc"] is None
    assert mail["To"] == "manager@example.com, chen@example.com"
    assert mail["Message-ID"] == "<1a2b3c4d-7@example.com>" and mail["Importance"] == "high"
    assert mail.get_content().replace("\r\n", "\n") == "两小时未处理，请回复「接」。\n\n云栖苑 · 通知 7\n"


def test_the_password_is_tried_once_and_never_told(office: Office) -> None:
    post, endpoint = office
    assert told(endpoint._replace(user="desk"), PASSWORD).ok
    bad = told(endpoint._replace(user="desk"), "wrong-password")
    assert (bad.ok, bad.retry) == (False, False) and "账号或密码不对" in bad.error
    assert "wrong-password" not in bad.error and len(post.mails) == 1


@pytest.mark.parametrize(
    ("answers", "retry", "words"),
    [
        ({"RCPT": "550 no such user"}, False, "收件人被拒（550）"),
        ({"RCPT": "450 mailbox busy"}, True, "收件人被拒（450）"),
        ({"RCPT": "550 no", "RCPT chen@example.com": "451 later"}, True, "收件人被拒（451）"),
        ({"MAIL": "553 sender not allowed"}, False, "（553）"),
        ({"DATA": "552 message too large"}, False, "（552）"),
        ({"DATA": "451 try again later"}, True, "（451）"),
        ({"DATA": "554 spam, call 19900004821"}, False, "【电话1】"),
    ],
)
def test_now_or_never_is_what_the_server_says(
    office: Office, answers: dict[str, str], retry: bool, words: str
) -> None:
    post, endpoint = office
    post.answers = answers
    bad = told(endpoint)
    assert (bad.ok, bad.retry) == (False, retry) and words in bad.error
    assert "@" not in bad.error and post.mails == []


def test_one_refused_address_of_two_is_told_beside_the_success(office: Office) -> None:
    post, endpoint = office
    post.answers = {"RCPT chen@example.com": "550 no such user"}
    assert told(endpoint) == Outcome(True, error="1 个收件人被拒")
    assert len(post.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(office: Office) -> None:
    post, endpoint = office
    if endpoint.tls != "none":
        bad = told(endpoint._replace(ca=""))
        assert (bad.ok, bad.retry) == (False, True) and "证书" in bad.error
        assert post.mails == []


def test_a_server_without_encryption_gets_no_password() -> None:
    controller = Controller(Post(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        endpoint = Endpoint(
            *("邮箱", "smtp"),
            host="127.0.0.1",
            port=controller.port,
            tls="starttls",
            sender="a@b.c",
            to=("d@e.f",),
        )
        bad = told(endpoint)
        assert (bad.ok, bad.retry) == (False, False) and "不支持" in bad.error
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("said", "words"),
    [(b"", "挂断"), (b"220 hi\r\n250 ", "挂断"), (None, "没有回应"), (b"421 too busy\r\n", "421")],
)
def test_a_server_that_hangs_up_or_says_nothing_is_tried_again(said: bytes | None, words: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    leave = threading.Event()

    def serve() -> None:
        taken, _ = listening.accept()
        with taken:
            if said is None:
                leave.wait(10)
            else:
                taken.sendall(said)
                taken.recv(1000)

    thread = threading.Thread(target=serve)
    thread.start()
    endpoint = Endpoint(
        "邮箱", "smtp", host="127.0.0.1", port=listening.getsockname()[1], tls="none", seconds=1
    )
    bad = told(endpoint._replace(sender="a@b.c", to=("d@e.f",)))
    leave.set()
    thread.join()
    listening.close()
    assert (bad.ok, bad.retry) == (False, True) and words in bad.error


def test_nobody_there_is_tried_again() -> None:
    endpoint = Endpoint(
        "邮箱", "smtp", host="127.0.0.1", port=free_port(), tls="none", sender="a@b.c", to=("d@e.f",)
    )
    bad = told(endpoint)
    assert (bad.ok, bad.retry, bad.error) == (False, True, "连不上邮件服务器")
