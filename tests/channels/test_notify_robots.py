"""Senders against services that answer as the real ones do: refusals with 200, floods, hangs, half answers, other pages."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.notify import robots, web
from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import Message, Outcome, cut, quoted, utf8
from frontdesk.channels.notify.senders import send, send_picture
from frontdesk.channels.notify.webhook import signature
from frontdesk.domain.enclosure import PNG, Enclosure
from tests import services
from tests.services import HANG, SECRET, TOKEN, Reply, Request, Service, ok

KINDS = {"dingtalk": services.dingtalk, "wecom": services.wecom, "feishu": services.feishu}
BOTH = {"token": TOKEN, "secret": SECRET}
MESSAGE = Message(
    "1a2b3c4d-7", "【服务上移】261122-01", "【服务上移】261122-01 两小时未处理", "云栖苑 · 通知 7"
)


def fine(_request: Request) -> Reply:
    return ok({"errcode": 0, "code": 0})


@pytest.fixture
def server() -> Iterator[Service]:
    with services.service(fine) as made:
        yield made


def told(server: Service, kind: str, message: Message = MESSAGE, **secrets: str) -> Outcome:
    """One sending of that kind."""
    base = f"{server.url}/hook" if kind == "json" else server.url
    endpoint = Endpoint("值班群", kind, base=base, token="t", secret="s", seconds=1)
    return send(endpoint, BOTH | secrets, message)


def content(request: Request) -> str:
    """The text that a robot would show."""
    found: Any = request.json
    text: str = found["text"]["content"] if "text" in found else found["content"]["text"]
    return text


def test_the_days_summary_is_shown_as_markdown_where_the_service_can(server: Service) -> None:
    body = "## 每日汇总 云栖苑\n**未闭环 2 件**\n- 261122-01 电梯"
    summary = MESSAGE._replace(body=body, title="【每日汇总】云栖苑", kind="summary", urgent=True)
    for kind, answers in KINDS.items():
        server.answers = answers
        assert told(server, kind, summary) == Outcome(True), kind
    ding, wecom, feishu = (request.json for request in server.got)
    assert ding["markdown"] == {"title": summary.title, "text": f"{body}\n{MESSAGE.tail}"}
    assert wecom["markdown"] == {"content": f"{body}\n{MESSAGE.tail}"}
    assert feishu["content"]["text"].startswith("每日汇总 云栖苑\n未闭环 2 件\n- 261122-01")


def pictured(server: Service, data: bytes, token: str = TOKEN) -> Outcome:
    """One picture by a WeCom robot."""
    endpoint = Endpoint("值班群", "wecom", base=server.url, token="t", seconds=1)
    return send_picture(endpoint, {"token": token}, Enclosure("2026-11-22.png", PNG, data), 5)


def test_a_wecom_picture_is_the_file_and_its_digest(server: Service) -> None:
    server.answers = services.wecom
    data = b"\x89PNG" + bytes(range(256)) * 9
    assert pictured(server, data) == Outcome(True)
    (request,) = server.got
    assert request.query == {"key": TOKEN} and set(request.json) == {"msgtype", "image"}
    told = request.json["image"]
    assert base64.b64decode(told["base64"], validate=True) == data
    assert told["md5"] == hashlib.md5(data).hexdigest()
    assert not pictured(server, data, token="wrong").ok


def test_a_picture_that_wecom_does_not_take_is_not_sent(server: Service) -> None:
    server.answers = services.wecom
    assert pictured(server, bytes(2 * 1024 * 1024)).ok
    bad = pictured(server, bytes(2 * 1024 * 1024 + 1))
    assert (bad.ok, bad.retry) == (False, False) and "2 MB" in bad.error
    assert len(server.got) == 1


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "json"])
def test_robots_that_take_no_picture_and_webhooks_get_the_words_alone(server: Service, kind: str) -> None:
    server.answers = {**KINDS, "json": fine}[kind]
    card = Enclosure("2026-11-22.png", PNG, b"\x89PNG")
    summary = MESSAGE._replace(kind="summary")
    assert told(server, kind, summary).ok and told(server, kind, summary._replace(enclosures=(card,))).ok
    without, with_one = server.got
    assert len(with_one.body) == len(without.body) and b"png" not in with_one.body


@pytest.mark.parametrize("kind", KINDS)
def test_a_robot_takes_what_is_signed_as_its_service_says(server: Service, kind: str) -> None:
    server.answers = KINDS[kind]
    assert told(server, kind) == Outcome(True)
    assert content(server.got[0]) == f"{MESSAGE.body}\n{MESSAGE.tail}"


def test_the_dingtalk_sign_is_encoded_exactly_once(server: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "dingtalk_sign", lambda _secret, _now: "a+b/c=")
    told(server, "dingtalk")
    assert "&sign=a%2Bb%2Fc%3D" in server.got[0].path, "x-cold/dingtalk-robot#7 sends %252B"


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_address_may_be_stored_as_the_robots_page_offers_it(server: Service, kind: str) -> None:
    server.answers = KINDS[kind]
    pasted = {
        "dingtalk": f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}",
        "wecom": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}",
        "feishu": f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}",
    }
    assert told(server, kind, token=pasted[kind]).ok


@pytest.mark.parametrize(
    ("kind", "secret", "words"),
    [
        ("dingtalk", {"secret": "SECother"}, "加签"),
        ("feishu", {"secret": "other"}, "签名"),
        ("wecom", {}, ""),
    ],
)
def test_a_refusal_with_status_200_is_no_success(
    server: Service, kind: str, secret: dict[str, str], words: str
) -> None:
    server.answers = KINDS[kind]
    bad = told(server, kind, MESSAGE, **(secret or {"token": "wrong"}))
    assert not bad.ok and not bad.retry and words in bad.error
    assert not told(server, kind, token="wrong").ok


@pytest.mark.parametrize(
    ("kind", "answer", "retry", "wait", "words"),
    [
        (
            "dingtalk",
            {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
            True,
            60,
            "限流",
        ),
        ("dingtalk", {"errcode": 410100, "errmsg": "发送速度太快而限流"}, True, 60, "限流"),
        ("dingtalk", {"errcode": -1, "errmsg": "系统繁忙"}, True, 0, "繁忙"),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, False, 0, "关键词"),
        ("dingtalk", {"errcode": 310000, "errmsg": "invalid timestamp"}, False, 0, "本机时间"),
        ("dingtalk", {"errcode": 400013, "errmsg": "群已被解散"}, False, 0, "解散"),
        ("dingtalk", {"errcode": 400102, "errmsg": "机器人已停用"}, False, 0, "停用"),
        ("dingtalk", {"errcode": 77, "errmsg": "?"}, True, 0, "没有接受"),
        ("dingtalk", {"errmsg": "ok"}, True, 0, "答非所问"),
        ("dingtalk", {"errcode": True}, True, 0, "答非所问"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, True, 60, "限流"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, False, 0, "key"),
        ("wecom", {"errcode": 40058, "errmsg": "exceed max length"}, False, 0, "太长"),
        ("wecom", {"errcode": -1, "errmsg": "system busy"}, True, 0, "繁忙"),
        ("feishu", {"code": 11232, "msg": "create message trigger system frequency limit"}, True, 60, "限流"),
        ("feishu", {"code": 9499, "msg": "too many request"}, True, 60, "限流"),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, False, 0, "格式"),
        ("feishu", {"code": 19001, "msg": "param invalid"}, False, 0, "地址"),
        ("feishu", {"code": 19022, "msg": "Ip Not Allowed"}, False, 0, "白名单"),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, False, 0, "关键词"),
        ("json", {"errcode": 7, "errmsg": "没有这个人"}, True, 0, "没有这个人"),
        ("json", {"success": False, "message": "排队已满"}, True, 0, "排队已满"),
    ],
)
def test_every_code_is_dead_or_worth_another_try(
    server: Service, kind: str, answer: dict[str, object], retry: bool, wait: int, words: str
) -> None:
    server.answers = lambda _request: ok(answer)
    bad = told(server, kind)
    assert (bad.ok, bad.retry, bad.wait) == (False, retry, wait)
    assert words in bad.error


def test_feishus_first_version_answers_without_a_code(server: Service) -> None:
    server.answers = lambda _request: ok({"StatusCode": 0, "StatusMessage": "success", "Extra": None})
    assert told(server, "feishu").ok


@pytest.mark.parametrize("kind", [*KINDS, "json"])
@pytest.mark.parametrize(
    ("reply", "retry", "words"),
    [
        ((500, b"oops", {}), True, "HTTP 500"),
        ((502, b"<html>", {}), True, "HTTP 502"),
        ((429, b"", {"Retry-After": "120"}), True, "HTTP 429"),
        ((403, b"", {}), False, "HTTP 403"),
        ((404, b"", {}), False, "HTTP 404"),
        ((301, b"", {"Location": "http://127.0.0.1:1/"}), False, "搬走"),
        ((302, b"", {"Location": "http://127.0.0.1:1/login"}), True, "上网认证"),
        ((200, b"x" * 100_000, {}), True, "长得不正常"),
        ((200, b"{", {"half": "4000"}), True, "中断"),
        ((HANG, b"", {}), True, "没有回应"),
        ((200, b"{" * 9, {"drips": "0.3"}), True, "迟迟"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_whatever_comes_instead_of_an_answer_is_told_for_what_it_is(
    server: Service, kind: str, reply: Reply, retry: bool, words: str
) -> None:
    server.answers = lambda _request: (reply[0], reply[1], dict(reply[2]))
    bad = told(server, kind)
    assert (bad.ok, bad.retry) == (False, retry) and words in bad.error
    assert len(server.got) == 1, "a redirect is not followed with our keys"
    assert bad.wait == (120 if reply[0] == 429 else 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [b"<html>\xe7\x99\xbb\xe5\xbd\x95</html>", b"", b"null", b"[0]", b"0", b"\xff\xfe", b"[" * 60_000]
)
def test_a_page_of_the_gateway_is_no_success(server: Service, kind: str, body: bytes) -> None:
    server.answers = lambda _request: (200, body, {})
    bad = told(server, kind)
    assert (bad.ok, bad.retry) == (False, True) and "答非所问" in bad.error


@pytest.mark.parametrize("kind", [*KINDS, "json"])
def test_nobody_there_is_tried_again_and_no_key_is_told(kind: str) -> None:
    with services.service(fine) as gone:
        pass
    bad = told(gone, kind)
    assert (bad.ok, bad.retry) == (False, True) and "连不上" in bad.error
    assert TOKEN not in bad.error and SECRET not in bad.error and "127.0.0.1" not in bad.error


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    with services.service(fine, services.certificate(tmp_path / "server.pem")) as made:
        bad = told(made, "wecom")
    assert (bad.ok, bad.retry) == (False, True) and "证书" in bad.error
    assert made.got == [], "the key has not left"


def test_a_service_that_repeats_our_key_or_somebodys_number_is_not_quoted(server: Service) -> None:
    server.answers = lambda _request: ok(
        {"errcode": 7, "errmsg": f"{TOKEN}\n{SECRET} 19900004821 " + "长" * 99}
    )
    bad = told(server, "dingtalk")
    for secret in (TOKEN, SECRET, "19900004821", "\n"):
        assert secret not in bad.error
    assert len(bad.error) < 120


def test_the_log_of_the_library_holds_no_address(server: Service, caplog: pytest.LogCaptureFixture) -> None:
    server.answers = services.dingtalk
    with caplog.at_level(logging.DEBUG):
        told(server, "dingtalk")
    assert TOKEN not in caplog.text and "sign=" not in caplog.text


def test_the_webhook_can_be_checked_and_a_double_recognised(server: Service) -> None:
    for _ in range(2):
        assert told(server, "json", MESSAGE._replace(kind="escalated", to="客服主任", urgent=True)).ok
    first, again = server.got
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"] == "1a2b3c4d-7"
    assert first.headers["Authorization"] == f"Bearer {TOKEN}"
    at = int(first.headers["X-Frontdesk-Timestamp"])
    assert abs(at - time.time()) < 60
    assert first.headers["X-Frontdesk-Signature"] == f"sha256={signature(SECRET, at, first.body)}"
    assert first.json["text"] == MESSAGE.body and first.json["urgent"] is True


@pytest.mark.parametrize(("kind", "most"), [("dingtalk", 20_000), ("wecom", 2048), ("feishu", 20_000)])
@pytest.mark.parametrize("filler", ["漏", '"\\\n', "🏠", "a", "\x01"])
def test_a_long_message_is_cut_to_what_the_service_takes_and_keeps_its_number(
    server: Service, kind: str, most: int, filler: str
) -> None:
    server.answers = KINDS[kind]
    assert told(server, kind, MESSAGE._replace(body=filler * 24_000)).ok
    text = content(server.got[0])
    assert text.endswith(f"…\n{MESSAGE.tail}")
    size = utf8(text) if kind == "wecom" else len(server.got[0].body)
    assert most - 10 <= size <= most, "not much is given away"


def test_an_owners_words_call_nobody_in_feishu(server: Service) -> None:
    told(server, "feishu", MESSAGE._replace(body='<at user_id="all">所有人</at> 漏水'))
    assert "<at" not in content(server.got[0]) and "漏水" in content(server.got[0])


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_urgent_calls_everybody_where_that_is_wanted(server: Service, kind: str) -> None:
    server.answers = KINDS[kind]
    for at_all, urgent in ((True, True), (True, False), (False, True)):
        endpoint = Endpoint("群", kind, server.url, "t", "s", at_all=at_all)
        assert send(endpoint, BOTH, MESSAGE._replace(urgent=urgent, body="火" * 20_000)).ok
    marks = ['"isAtAll": true', '"@all"', "<at user_id"]
    called = [any(mark in got.body.decode().replace("\\", "") for mark in marks) for got in server.got]
    assert called == [True, False, False]


def test_what_never_comes_back_is_left_behind(server: Service) -> None:
    server.answers = lambda _request: (HANG, b"", {})
    endpoint = Endpoint("值班群", "dingtalk", base=server.url, token="t", seconds=20)
    begun = time.monotonic()
    bad = send(endpoint, BOTH, MESSAGE, limit=0.2)
    assert time.monotonic() - begun < 5
    assert (bad.ok, bad.retry) == (False, True) and "0.2 秒" in bad.error


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS, st.integers(0, 300))
def test_a_cut_text_fits_and_is_a_beginning(text: str, most: int) -> None:
    for size in (utf8, quoted):
        short = cut(text, most, size)
        assert size(short) <= most
        if size(text) <= most:
            assert short == text
        elif short:
            assert short[-1] == "…" and text.startswith(short[:-1])
            kept = len(short) - 1
            assert size(text[: kept + 1]) + size("…") > most, "one more character would not have fitted"


@given(TEXTS, st.integers(60, 400))
def test_the_tail_is_never_cut(body: str, most: int) -> None:
    text = MESSAGE._replace(body=body).text(most)
    assert utf8(text) <= most and text.endswith(MESSAGE.tail)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.integers(10**9, 10**13))
def test_a_sign_is_32_bytes_that_a_url_carries_and_every_part_counts(secret: str, at: int) -> None:
    for sign in (robots.dingtalk_sign, robots.feishu_sign):
        made = sign(secret, at)
        assert len(base64.b64decode(made, validate=True)) == 32
        assert unquote(quote(made, safe="")) == made
        assert made != sign(secret, at + 1) and made != sign(f"{secret}x", at)


def test_the_signs_are_those_of_the_documented_algorithms() -> None:
    # Calculated with openssl dgst -sha256 -hmac, as each service's documentation describes it.
    assert robots.dingtalk_sign("SECmadeup", 1_700_000_000_000) == DINGTALK
    assert robots.feishu_sign("demo", 1_700_000_000) == FEISHU
    assert signature("geheim", 1_700_000_000, b"{}") == WEBHOOK


DINGTALK = "OeaASaUwow6469KtHjlYcWPjtIyFfD4BQtiBLtwvXSk="
FEISHU = "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo="
WEBHOOK = "75e8aa01e776401a6bfda6664664c1271ca25506052e3b8c43308bdf92f3c8d5"


def test_a_message_in_a_traceback_tells_nothing() -> None:
    assert "19900004821" not in repr(MESSAGE._replace(phone="19900004821"))
    assert json.loads(json.dumps(MESSAGE.key)) in repr(MESSAGE)


def test_reading_certificates_is_done_once() -> None:
    assert web._trust() is web._trust()
