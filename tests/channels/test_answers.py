"""The web server for answers from outside: real requests on loopback, kind ones and others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.answers import Desk, Page, serve, signed
from frontdesk.domain.errors import BadInput, Refused

NOW, SECRET = 1_795_312_800, "robot-secret"
Told = list[tuple[str, ...]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def port(told: Told) -> Iterator[int]:
    def look(number: str, seq: int, token: str) -> Page:
        if token == "boom":
            raise ZeroDivisionError
        if token != "good":
            raise Refused("这个链接不是本前台发出的。")
        return Page(f"{number} <电梯>", ("上移至：客服主任",), "接")

    def take(number: str, seq: int, token: str, name: str) -> str:
        look(number, seq, token)
        told.append((number, str(seq), name))
        return "已由您接手"

    def said(text: str, login: str, name: str) -> str:
        told.append((text, login, name))
        return "已接手"

    server = serve("127.0.0.1:0", Desk(look, take, said, SECRET, lambda: NOW, lambda error: "F-1"))
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def ask(
    port: int, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.getheaders())


def test_looking_changes_nothing_and_shows_the_button(port: int, told: Told) -> None:
    status, text, headers = ask(port, "GET", "/a/261122-03/4/good")
    assert status == 200 and "&lt;电梯&gt;" in text and "<button>接</button>" in text and told == []
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"


def test_pressing_answers_with_the_name_given(port: int, told: Told) -> None:
    status, text, _ = ask(port, "POST", "/a/261122-03/4/good", urlencode({"name": "陈主任"}).encode())
    assert (status, told) == (200, [("261122-03", "4", "陈主任")]) and "已由您接手" in text


@pytest.mark.parametrize(
    "path",
    ["/", "/a", "/a/1/2", "/a/1/x/good", "/a/1/2/good/3", "/a/1/99999999/good", "//a/1/2", "/a/1/²/good"],
)
def test_other_addresses_are_not_there(port: int, told: Told, path: str) -> None:
    quoted = path.encode().decode("latin-1")
    with socket.create_connection(("127.0.0.1", port), 20) as raw:
        raw.sendall(f"GET {quoted} HTTP/1.0\r\n\r\n".encode("latin-1"))
        answer = raw.makefile("rb").read()
    assert b" 404 " in answer.splitlines()[0] and told == []


def test_a_wrong_link_is_refused_in_chinese_and_a_fault_shows_its_number(port: int) -> None:
    assert ask(port, "GET", "/a/1/2/bad")[:2][0] == 403
    status, text, _ = ask(port, "GET", "/a/1/2/boom")
    assert status == 500 and "编号 F-1" in text and "ZeroDivision" not in text


def test_a_body_too_large_or_without_a_length_is_not_read(port: int, told: Told) -> None:
    assert ask(port, "POST", "/a/1/2/good", b"x" * 20_000)[0] == 413
    with socket.create_connection(("127.0.0.1", port), 20) as raw:
        raw.sendall(b"POST /a/1/2/good HTTP/1.0\r\n\r\n")
        assert b" 413 " in raw.makefile("rb").readline()
    assert told == []


def sign(timestamp: str) -> str:
    made = hmac.digest(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
    return base64.b64encode(made).decode()


def robot(
    port: int, content: object, timestamp: str = f"{NOW}000", mark: str | None = None
) -> tuple[int, str]:
    body = json.dumps(
        {"msgtype": "text", "text": {"content": content}, "senderNick": "陈主任", "senderStaffId": "chen"}
    ).encode()
    given = {"timestamp": timestamp, "sign": sign(timestamp) if mark is None else mark}
    return ask(port, "POST", "/dingtalk", body, **given)[:2]


def test_a_sentence_from_the_group_arrives_with_its_author(port: int, told: Told) -> None:
    status, text = robot(port, " 接 1122-03")
    assert status == 200 and json.loads(text) == {"msgtype": "text", "text": {"content": "已接手"}}
    assert told == [(" 接 1122-03", "chen", "陈主任")]


@pytest.mark.parametrize("late", [3_700, -3_700])
def test_an_unsigned_or_stale_sentence_is_not_heard(port: int, told: Told, late: int) -> None:
    assert robot(port, "接 1", mark="")[0] == robot(port, "接 1", mark="ä")[0] == 403
    assert robot(port, "接 1", timestamp=f"{NOW - late}000")[0] == 403
    assert told == []


def test_what_is_no_message_is_answered_all_the_same(port: int) -> None:
    headers = {"timestamp": f"{NOW}000", "sign": sign(f"{NOW}000")}
    for body in (b"", b"[]", b"{}", b"\xff\xfe", b'{"text": "x"}'):
        status, text, _ = ask(port, "POST", "/dingtalk", body, **headers)
        assert status == 200 and "没有看懂" in text


@given(st.text(max_size=20), st.text(max_size=60))
def test_no_guess_passes_for_a_signature(timestamp: str, mark: str) -> None:
    assert not signed(timestamp, mark, SECRET, NOW)
    assert not signed(f"{NOW}000", sign(f"{NOW}000"), "", NOW), "no secret, no robot"


@pytest.mark.parametrize("listen", ["", "8737", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_named(listen: str, told: Told) -> None:
    nothing = Desk(lambda *_: Page("", ()), lambda *_: "", lambda *_: "", "", lambda: NOW, lambda _: "")
    with pytest.raises(BadInput, match=r"answers\.listen"):
        serve(listen, nothing)


def test_a_port_in_use_is_named(port: int) -> None:
    nothing = Desk(lambda *_: Page("", ()), lambda *_: "", lambda *_: "", "", lambda: NOW, lambda _: "")
    with pytest.raises(BadInput, match="用不了"):
        serve(f"127.0.0.1:{port}", nothing)
