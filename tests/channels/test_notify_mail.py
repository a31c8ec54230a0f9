"""Mail through a real SMTP conversation: encrypted, refused for now, refused for good, hung up on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.mail import letter
from frontdesk.channels.notify.message import Message, Outcome
from frontdesk.channels.notify.senders import send
from frontdesk.domain.enclosure import HTML, PNG, Enclosure
from tests.services import Post, certificate, free_port, mail_server, trusted_by

MESSAGE = Message(
    *(
        "1a2b3c4d-7",
        "【服务上移】261122-01\r\nBcc: x@example.com",
        "两小时未处理，请回复「接」。",
        "云栖苑 · 通知 7",
    ),
    urgent=True,
)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PASSWORD = "made-up-password"


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
    with mail_server(post, **words) as port:
        endpoint = Endpoint(
            *("经理邮箱", "smtp"),
            **{"host": "127.0.0.1", "port": port, "tls": tls, "seconds": 2, "ca": str(paper)},
            sender="desk@example.com",
            to=("manager@example.com", "chen@example.com"),
        )
        yield post, endpoint


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


def test_the_days_summary_is_a_page_beside_the_words_with_its_picture_attached(office: Office) -> None:
    post, endpoint = office
    page = (
        "<!DOCTYPE html>\n<html><body><p>每日汇总 2026-11-22</p>"
        + "<p>电梯停了</p>" * 200
        + "</body></html>\n"
    )
    enclosures = (
        Enclosure("2026-11-22.html", HTML, page.encode()),
        Enclosure("2026-11-22.png", PNG, PICTURE),
    )
    body = "## 每日汇总 云栖苑 2026-11-22\n**未闭环 2 件**"
    message = MESSAGE._replace(body=body, tail="云栖<苑> · 通知 7", enclosures=enclosures)
    assert send(endpoint, {}, message) == Outcome(True)
    (mail,) = post.mails
    assert mail.get_content_type() == "multipart/mixed" and mail["Message-ID"] == "<1a2b3c4d-7@example.com>"
    words, shown = mail.get_body(("plain",)), mail.get_body(("html",))
    assert (words.get_content_charset(), shown.get_content_charset()) == ("utf-8", "utf-8")
    assert words.get_content().replace("\r\n", "\n") == f"{body}\n\n云栖<苑> · 通知 7\n"
    html = shown.get_content().replace("\r\n", "\n")
    assert html.startswith(page.partition("</body>")[0]) and html.endswith(
        "云栖&lt;苑&gt; · 通知 7</p></body></html>\n"
    )
    (picture,) = mail.iter_attachments()
    assert (picture.get_filename(), picture.get_content_type()) == ("2026-11-22.png", "image/png")
    assert picture.get_content() == PICTURE, "to the byte"


@pytest.mark.parametrize("media", [HTML, PNG])
def test_either_form_may_go_alone(media: str) -> None:
    endpoint = Endpoint("邮箱", "smtp", sender="a@b.c", to=("d@e.f",))
    mail = letter(endpoint, MESSAGE._replace(enclosures=(Enclosure("x", media, b"<p>x</p>"),)))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", media]
    assert mail.get_content_type() == f"multipart/{'alternative' if media == HTML else 'mixed'}"


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
    with mail_server(Post()) as port:
        endpoint = Endpoint(
            *("邮箱", "smtp"),
            host="127.0.0.1",
            port=port,
            tls="starttls",
            sender="a@b.c",
            to=("d@e.f",),
        )
        bad = told(endpoint)
        assert (bad.ok, bad.retry) == (False, False) and "不支持" in bad.error


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
