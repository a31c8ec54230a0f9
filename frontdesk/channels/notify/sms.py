"""Short messages to owners, through the SDK of whichever service the company has a contract with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, dead, encoded, later
from frontdesk.channels.notify.web import THROTTLED, said
from frontdesk.domain.terms import EVENTS

MISSING: Final = dead("没有安装短信组件。请运行 pip install 'frontdesk[sms]'")
_WORDS: Final = {
    "isv.AMOUNT_NOT_ENOUGH": "短信余额不足",
    "isv.OUT_OF_SERVICE": "短信服务已停，请检查余额",
    "isv.MOBILE_NUMBER_ILLEGAL": "号码不能收短信",
    "isv.BLACK_KEY_CONTROL_LIMIT": "内容含有不允许的词",
    "isv.SMS_SIGNATURE_ILLEGAL": "短信签名没有通过审核",
    "isv.SMS_TEMPLATE_ILLEGAL": "短信模板没有通过审核",
    "isv.TEMPLATE_MISSING_PARAMETERS": "模板变量不全",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "模板变量不合规定",
    "isv.PARAM_LENGTH_LIMIT": "模板变量太长",
    "SignatureDoesNotMatch": "密钥不对",
    "InvalidAccessKeyId.NotFound": "key_id 不存在",
    "FailedOperation.InsufficientBalanceInSmsPackage": "短信余额不足",
    "FailedOperation.SignatureIncorrectOrUnapproved": "短信签名没有通过审核",
    "FailedOperation.TemplateIncorrectOrUnapproved": "短信模板没有通过审核",
    "FailedOperation.PhoneNumberInBlacklist": "号码不愿收短信",
    "InvalidParameterValue.IncorrectPhoneNumber": "号码不能收短信",
    "AuthFailure.SignatureFailure": "密钥不对",
    "AuthFailure.SecretIdNotFound": "key_id 不存在",
    "AuthFailure.SignatureExpire": "本机时间不准",
}
_FAST: Final = ("isv.BUSINESS_LIMIT_CONTROL", "Throttling", "LimitExceeded", "RequestLimitExceeded")
_FOR_GOOD: Final = (
    *(
        "isv.",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "Forbidden",
        "InvalidParameter",
        "MissingParameter",
    ),
    *("AuthFailure", "FailedOperation", "UnauthorizedOperation", "UnsupportedOperation", "InvalidAction"),
)
_PAY_FIRST: Final = (
    *("isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "FailedOperation.InsufficientBalanceInSmsPackage"),
    "FailedOperation.FailResolvePacket",
)
"""Refusals that somebody may have mended an hour later."""


_NO_ANSWER: Final = ("", "ClientNetworkError", "ServerNetworkError")


def verdict(code: str, message: object, *hidden: str) -> Outcome:
    """What a service's code means; a family's code is the family, or goes on after a dot."""
    if code in _NO_ANSWER:
        return later("连不上短信服务，或它没有回应")
    if any(code == family or code.startswith(f"{family}.") for family in _FAST):
        return later(f"发得太快，被限流（{code}）", THROTTLED)
    # A code without a dot may be a library's own error, whose words name hosts.
    words = _WORDS.get(code) or ("." in code and said(message, *hidden)) or "对方没有接受"
    if code.startswith(_FOR_GOOD) and code not in _PAY_FIRST:
        return dead(f"{words}（{code}）")
    return later(f"{words}（{code}）")


def filled(endpoint: Endpoint, message: Message) -> list[str]:
    """The template's values in the order of `params`, each as long as a template may take."""
    words = {
        "number": message.ticket,
        "text": message.body,
        "site": message.site,
        "kind": EVENTS.get(message.kind, message.kind),
    }
    values = (" ".join(words[name].split()) for name in endpoint.params)
    return [v if len(v) <= endpoint.longest else f"{v[: endpoint.longest - 1]}…" for v in values]


def _template(endpoint: Endpoint, message: Message) -> str:
    return endpoint.templates.get(message.kind, endpoint.template)


def aliyun(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """Aliyun: the template's variables bear the names of `params`."""
    template, secret = _template(endpoint, message), secrets["secret"]
    if not template:
        return dead(f"「{message.kind}」没有配短信模板")
    try:
        from alibabacloud_dysmsapi20170525 import models
        from alibabacloud_dysmsapi20170525.client import Client
        from alibabacloud_tea_openapi.models import Config
        from darabonba.runtime import RuntimeOptions
        from Tea.exceptions import TeaException
    except ImportError:
        return MISSING
    where = urlsplit(endpoint.base)
    patience = endpoint.seconds * 1000
    client = Client(
        Config(
            access_key_id=endpoint.key_id,
            access_key_secret=secret,
            endpoint=where.netloc,
            protocol=where.scheme.upper(),
            connect_timeout=patience,
            read_timeout=patience,
        )
    )
    request = models.SendSmsRequest(
        phone_numbers=message.phone,
        sign_name=endpoint.sign,
        template_code=template,
        template_param=encoded(dict(zip(endpoint.params, filled(endpoint, message), strict=True))).decode(),
        out_id=message.key,
    )
    try:
        body = client.send_sms_with_options(request, RuntimeOptions(autoretry=False, max_attempts=1)).body
    except TeaException as error:
        return verdict(str(error.code or ""), error.message, secret, endpoint.key_id)
    if body is None or not body.code:
        return later("短信服务答非所问")
    return SENT if body.code == "OK" else verdict(body.code, body.message, secret, endpoint.key_id)


def tencent(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """Tencent: the template's variables are numbered as `params` stand."""
    template, secret = _template(endpoint, message), secrets["secret"]
    if not template:
        return dead(f"「{message.kind}」没有配短信模板")
    try:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
        from tencentcloud.sms.v20210111 import models
        from tencentcloud.sms.v20210111.sms_client import SmsClient
    except ImportError:
        return MISSING
    where = urlsplit(endpoint.base)
    profile = HttpProfile(protocol=where.scheme, endpoint=where.netloc, reqTimeout=endpoint.seconds)
    client = SmsClient(
        Credential(endpoint.key_id, secret), endpoint.region, ClientProfile(httpProfile=profile)
    )
    request = models.SendSmsRequest()
    request.PhoneNumberSet = [f"+86{message.phone}"]
    request.SmsSdkAppId, request.SignName, request.TemplateId = endpoint.app_id, endpoint.sign, template
    request.TemplateParamSet = filled(endpoint, message)
    request.SessionContext = message.key
    try:
        statuses = client.SendSms(request).SendStatusSet
    except TencentCloudSDKException as error:
        return verdict(str(error.get_code() or ""), error.get_message(), secret, endpoint.key_id)
    if not statuses:
        return later("短信服务答非所问")
    if statuses[0].Code == "Ok":
        return SENT
    return verdict(str(statuses[0].Code), statuses[0].Message, secret, endpoint.key_id)
