"""Short messages through the services' own SDKs, and the rest through apprise, against loopback."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import Message, Outcome
from frontdesk.channels.notify.senders import send
from frontdesk.channels.notify.sms import filled, verdict
from tests import services
from tests.services import HANG, Reply, Service, ok

WITH_APPRISE = pytest.mark.filterwarnings("ignore:'imghdr'")
"""It asks for that module where Python still has it."""
PHONE, SECRET = "19900004821", "made-up-secret"
MESSAGE = Message(
    "1a2b3c4d-7",
    "【受理】261122-01",
    "您的报修已受理，工程师今天 12:00 前联系您。",
    "云栖苑 · 通知 7",
    kind="opened",
    ticket="261122-01",
    site="云栖苑",
    phone=PHONE,
)


def endpoint(kind: str, url: str, **changes: Any) -> Endpoint:
    made = Endpoint(
        name="短信",
        kind=kind,
        base=url,
        secret="短信",
        seconds=1,
        key_id="id",
        sign="云栖物业",
        template="SMS_1",
        params=("number", "text"),
        longest=35,
        app_id="1400",
        region="ap-guangzhou",
    )
    return made._replace(**changes)


def aliyun(code: str, message: str = "m", status: int = 200) -> Reply:
    return ok({"Code": code, "Message": message, "BizId": "1", "RequestId": "r"}, status)


def tencent(code: str, message: str = "m") -> Reply:
    one = {"SerialNo": "1", "PhoneNumber": f"+86{PHONE}", "Fee": 1, "SessionContext": "", "Code": code}
    return ok(
        {"Response": {"SendStatusSet": [one | {"Message": message, "IsoCode": "CN"}], "RequestId": "r"}}
    )


def tencent_error(code: str) -> Reply:
    return ok({"Response": {"Error": {"Code": code, "Message": f"{code} {PHONE}"}, "RequestId": "r"}})


FINE = {"aliyun": aliyun("OK"), "tencent": tencent("Ok")}


@pytest.fixture
def server() -> Iterator[Service]:
    with services.service(lambda _request: FINE["aliyun"]) as made:
        yield made


def told(server: Service, kind: str, reply: Reply, **changes: Any) -> Outcome:
    server.answers = lambda _request: (reply[0], reply[1], dict(reply[2]))
    return send(endpoint(kind, server.url, **changes), {"secret": SECRET}, MESSAGE)


def test_aliyun_gets_its_template_filled(server: Service) -> None:
    assert told(server, "aliyun", FINE["aliyun"]) == Outcome(True)
    query = server.got[0].query
    assert (query["PhoneNumbers"], query["SignName"], query["TemplateCode"]) == (PHONE, "云栖物业", "SMS_1")
    assert json.loads(query["TemplateParam"]) == {"number": "261122-01", "text": MESSAGE.body}
    assert query["OutId"] == MESSAGE.key
    assert SECRET not in server.got[0].path + str(server.got[0].headers), "the secret signs and stays here"


def test_tencent_gets_its_template_filled(server: Service) -> None:
    assert told(server, "tencent", FINE["tencent"], params=("number",)) == Outcome(True)
    found = server.got[0].json
    assert found["PhoneNumberSet"] == [f"+86{PHONE}"] and found["TemplateParamSet"] == ["261122-01"]
    assert (found["SmsSdkAppId"], found["SignName"]) == ("1400", "云栖物业")
    assert found["SessionContext"] == MESSAGE.key


@pytest.mark.parametrize(
    ("kind", "reply", "retry", "wait", "words"),
    [
        ("aliyun", aliyun("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控"), True, 60, "限流"),
        ("aliyun", aliyun("isv.MOBILE_NUMBER_ILLEGAL", f"{PHONE} bad"), False, 0, "不能收短信"),
        ("aliyun", aliyun("isv.AMOUNT_NOT_ENOUGH"), True, 0, "余额"),
        ("aliyun", aliyun("isv.SMS_TEMPLATE_ILLEGAL"), False, 0, "模板"),
        ("aliyun", aliyun("isp.SYSTEM_ERROR"), True, 0, "isp.SYSTEM_ERROR"),
        ("aliyun", aliyun("SignatureDoesNotMatch", "s", 400), False, 0, "密钥不对"),
        ("aliyun", aliyun("InvalidAccessKeyId.NotFound", "s", 404), False, 0, "key_id"),
        ("aliyun", aliyun("Throttling.User", "s", 400), True, 60, "限流"),
        ("aliyun", aliyun("ServiceUnavailable", "s", 503), True, 0, "ServiceUnavailable"),
        ("tencent", tencent("LimitExceeded.PhoneNumberThirtySecondLimit"), True, 60, "限流"),
        ("tencent", tencent("FailedOperation.InsufficientBalanceInSmsPackage"), True, 0, "余额"),
        ("tencent", tencent("InvalidParameterValue.IncorrectPhoneNumber", PHONE), False, 0, "不能收短信"),
        ("tencent", tencent("InternalError.Timeout"), True, 0, "InternalError"),
        ("tencent", tencent_error("AuthFailure.SignatureFailure"), False, 0, "密钥不对"),
        ("tencent", tencent_error("RequestLimitExceeded"), True, 60, "限流"),
        ("tencent", tencent_error("UnauthorizedOperation.RequestIpNotInWhitelist"), False, 0, "Unauthorized"),
    ],
)
def test_every_code_is_dead_or_worth_another_try(
    server: Service, kind: str, reply: Reply, retry: bool, wait: int, words: str
) -> None:
    bad = told(server, kind, reply)
    assert (bad.ok, bad.retry, bad.wait) == (False, retry, wait)
    assert words in bad.error and PHONE not in bad.error
    assert len(server.got) == 1, "trying again is ours to decide"


@pytest.mark.parametrize("kind", FINE)
@pytest.mark.parametrize(
    "reply",
    [
        (500, b"oops", {}),
        (200, b"<html>", {}),
        (200, b"{}", {}),
        (200, b"", {}),
        (200, b"{", {"half": "4000"}),
        (HANG, b"", {}),
    ],
    ids=lambda reply: str(reply)[:18],
)
def test_whatever_comes_instead_of_an_answer_is_tried_again(server: Service, kind: str, reply: Reply) -> None:
    bad = told(server, kind, reply)
    assert (bad.ok, bad.retry) == (False, True) and bad.error
    assert PHONE not in bad.error and SECRET not in bad.error and "127.0.0.1" not in bad.error


@WITH_APPRISE
@pytest.mark.parametrize("kind", [*FINE, "apprise"])
def test_nobody_there_is_tried_again(kind: str) -> None:
    with services.service(lambda _request: FINE["aliyun"]) as gone:
        pass
    secret = gone.url.replace("http", "json") if kind == "apprise" else SECRET
    bad = send(endpoint(kind, gone.url), {"secret": secret}, MESSAGE)
    assert (bad.ok, bad.retry) == (False, True) and bad.error


def test_a_kind_of_notice_has_its_own_template_or_none(server: Service) -> None:
    mine = {"templates": {"opened": "SMS_9"}, "template": ""}
    assert told(server, "aliyun", FINE["aliyun"], **mine).ok
    assert server.got[0].query["TemplateCode"] == "SMS_9"
    for kind, reply in FINE.items():
        bad = told(server, kind, reply, templates={"closed": "SMS_9"}, template="")
        assert (bad.ok, bad.retry) == (False, False) and "模板" in bad.error
    assert len(server.got) == 1


def test_a_variable_is_no_longer_than_a_template_may_take() -> None:
    made = endpoint("aliyun", "", params=("site", "kind", "text"), longest=8)
    assert filled(made, MESSAGE) == ["云栖苑", "受理", "您的报修已受理…"]


def test_families_of_codes_end_where_they_end() -> None:
    assert verdict("Throttling", "").wait and not verdict("ThrottlingX", "").wait
    assert not verdict("isv.SOMETHING_NEW", "").retry and verdict("", "").retry


@pytest.mark.parametrize(
    ("kind", "module"),
    [("aliyun", "alibabacloud_dysmsapi20170525"), ("tencent", "tencentcloud"), ("apprise", "apprise")],
)
def test_an_extra_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, kind: str, module: str
) -> None:
    real = builtins.__import__

    def without(name: str, *words: Any, **named: Any) -> Any:
        if name.partition(".")[0] == module:
            raise ModuleNotFoundError(name)
        return real(name, *words, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    bad = send(endpoint(kind, "http://127.0.0.1:1"), {"secret": SECRET}, MESSAGE)
    assert (bad.ok, bad.retry) == (False, False) and "pip install 'frontdesk[" in bad.error


@WITH_APPRISE
def test_apprise_sends_to_what_we_have_no_sender_for(
    server: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    where = server.url.replace("http", "json")
    done = send(endpoint("apprise", ""), {"secret": f"{where}/in"}, MESSAGE)
    assert done == Outcome(True)
    assert MESSAGE.body in server.got[0].body.decode() or MESSAGE.body in json.dumps(
        server.got[0].json, ensure_ascii=False
    )
    server.answers = lambda _request: (500, b"", {})
    assert send(endpoint("apprise", ""), {"secret": f"{where}/in"}, MESSAGE).retry
    wrong = send(endpoint("apprise", ""), {"secret": "nosuch://x"}, MESSAGE)
    assert (wrong.ok, wrong.retry) == (False, False)
    said = capfd.readouterr()
    assert said.out + said.err == "", "nothing is printed across the console"
