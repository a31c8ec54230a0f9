"""E-mail over smtplib, encrypted unless the server is the office's own."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from html import escape

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, dead, later
from frontdesk.channels.notify.web import said
from frontdesk.domain.enclosure import HTML, PNG
from frontdesk.domain.privacy import one_line

SUBJECT = 80
PERMANENT = 500
"""Answers from here on are for good, those below for now (RFC 5321)."""


def letter(endpoint: Endpoint, message: Message) -> EmailMessage:
    """The mail; its Message-ID is the same in every try, so that servers and clients show a double once."""
    mail = EmailMessage()
    mail["Subject"] = one_line(message.title)[:SUBJECT]
    mail["From"], mail["To"] = endpoint.sender, ", ".join(endpoint.to)
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = f"<{message.key}@{endpoint.sender.rpartition('@')[2]}>"
    mail["X-Frontdesk-Notice"] = message.key
    mail["Auto-Submitted"] = "auto-generated"
    if message.urgent:
        mail["Importance"], mail["X-Priority"] = "high", "1"
    mail.set_content(f"{message.body}\n\n{message.tail}\n")
    if (page := message.enclosed(HTML)) is not None:
        mail.add_alternative(_with_tail(page.data.decode(), message.tail), subtype="html")
    if (card := message.enclosed(PNG)) is not None:
        mail.add_attachment(card.data, *card.media.split("/"), filename=card.name)
    return mail


def _with_tail(page: str, tail: str) -> str:
    """The page with the notice's number under it, which a reader who is shown the page would not see elsewhere."""
    above, end, rest = page.rpartition("</body>")
    return f'{above}<p align="center" style="font-size:12px;color:#6b7785">{escape(tail)}</p>{end}{rest}'


def smtp(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """Send it; an answer 4xx is tried again, 5xx is not."""
    secret = secrets.get("secret", "")
    try:
        server = _connected(endpoint)
        try:
            if endpoint.user:
                server.login(endpoint.user, secret)
            refused = server.send_message(letter(endpoint, message))
        finally:
            # Taken is taken: a server that hangs up without a good-bye changes nothing about that.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        return _answered(error, secret)
    except (smtplib.SMTPException, OSError) as error:
        return _broken(error, endpoint.seconds)
    return SENT._replace(error=f"{len(refused)} 个收件人被拒") if refused else SENT


def _connected(endpoint: Endpoint) -> smtplib.SMTP:
    trust = ssl.create_default_context(cafile=endpoint.ca or None)
    if endpoint.tls == "tls":
        return smtplib.SMTP_SSL(endpoint.host, endpoint.port, timeout=endpoint.seconds, context=trust)
    server = smtplib.SMTP(endpoint.host, endpoint.port, timeout=endpoint.seconds)
    if endpoint.tls == "starttls":
        try:
            server.starttls(context=trust)
        except BaseException:
            server.close()
            raise
    return server


def _answered(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException, secret: str) -> Outcome:
    """What the server said about it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        # One address that may be taken later is reason enough to try again.
        code, text = min(codes), "收件人被拒"
    else:
        words = error.smtp_error
        told = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        refused = isinstance(error, smtplib.SMTPAuthenticationError)
        code = error.smtp_code
        text = "账号或密码不对" if refused else f"邮件服务器没有接受：{said(told, secret)}"
    return dead(f"{text}（{code}）") if code >= PERMANENT else later(f"{text}（{code}）")


def _broken(error: smtplib.SMTPException | OSError, seconds: int) -> Outcome:
    """What became of the connection."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return dead("邮件服务器不支持所要的加密或登录方式")
    meanings: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, "邮件服务器的证书不可信"),
        (TimeoutError, f"邮件服务器 {seconds} 秒内没有回应"),
        (socket.gaierror, "找不到邮件服务器，请检查网络和 host"),
        (ConnectionRefusedError, "连不上邮件服务器"),
        (smtplib.SMTPServerDisconnected, "邮件服务器挂断，或没有回应"),
    )
    other = f"与邮件服务器的连接中断（{type(error).__name__}）"
    return later(next((words for kind, words in meanings if isinstance(error, kind)), other))
