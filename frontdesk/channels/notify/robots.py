"""Group robots of DingTalk, WeCom and Feishu. All three refuse with HTTP 200 and a code in the answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from frontdesk.channels.notify.endpoints import Endpoint
from frontdesk.channels.notify.message import SENT, Message, Outcome, dead, encoded, later, quoted
from frontdesk.channels.notify.web import GARBLED, Answer, Codes, meaning, post
from frontdesk.domain.enclosure import Enclosure

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
DINGTALK_BYTES, WECOM_BYTES, WECOM_MARKDOWN, FEISHU_BYTES = 20_000, 2048, 4096, 20_000
"""Bytes of the whole request, but for WeCom, which counts those of the text."""
WECOM_PICTURE: Final = 2 * 1024 * 1024
"""Bytes of the file itself."""

_DINGTALK: Final[Codes] = {
    -1: (True, "对方系统繁忙"),
    40035: (False, "消息格式不被接受"),
    43004: (False, "消息格式不被接受"),
    300001: (False, "机器人的 access_token 不对"),
    300005: (False, "机器人的 access_token 不对"),
    310000: (False, "安全设置不符：加签密钥、关键词、IP 段或本机时间"),
    400013: (False, "群已解散"),
    400101: (False, "机器人的 access_token 不对"),
    400102: (False, "机器人已停用"),
    400105: (False, "消息类型不被接受"),
    400106: (False, "机器人不存在"),
    430101: (False, "内容含有不安全的链接"),
    430102: (False, "内容含有不合适的文字"),
    430104: (False, "内容不合适"),
}
_DINGTALK_FAST: Final = (130101, 410100, 90030)
_WECOM: Final[Codes] = {
    -1: (True, "对方系统繁忙"),
    40008: (False, "消息类型不被接受"),
    40058: (False, "消息格式不被接受，或文字太长"),
    44004: (False, "内容是空的"),
    93000: (False, "机器人的 key 不对，或机器人已删除"),
    93004: (False, "机器人已停用"),
    93008: (False, "机器人不在群里"),
}
_WECOM_FAST: Final = (45009, 45033)
_FEISHU: Final[Codes] = {
    9499: (False, "消息格式不被接受"),
    10003: (False, "消息格式不被接受"),
    19001: (False, "机器人的地址不对，或机器人已删除"),
    19002: (False, "消息格式不被接受"),
    19007: (False, "机器人已停用"),
    19021: (False, "签名不符：加签密钥不对，或本机时间差了一小时以上"),
    19022: (False, "本机 IP 不在白名单"),
    19024: (False, "内容里没有设定的关键词"),
}
_FEISHU_FAST: Final = (11232, 11233, 11247, 99991400)
_MARKS = re.compile(r"^#{1,4} |\*\*", re.MULTILINE)
"""What a Feishu text would show as it stands."""
_PASTED = re.compile(r"https?://", re.IGNORECASE)


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """Keyed by the secret over `timestamp\\nsecret`, in base64; not yet encoded for a URL."""
    text = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


def feishu_sign(secret: str, seconds: int) -> str:
    """Keyed by `timestamp\\nsecret` over nothing, in base64."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def dingtalk(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """A DingTalk robot; with a secret the address carries time and sign, encoded exactly once."""
    token, secret = _from_query(secrets["token"], "access_token"), secrets.get("secret", "")
    url = f"{endpoint.base.rstrip('/')}/robot/send?access_token={quote(token, safe='')}"
    if secret:
        now = time.time_ns() // 1_000_000
        url += f"&timestamp={now}&sign={quote(dingtalk_sign(secret, now), safe='')}"
    form, place = ("markdown", "text") if message.markdown else ("text", "content")
    told: dict[str, str] = {place: ""} | ({"title": message.title} if message.markdown else {})
    frame: dict[str, Any] = {"msgtype": form, form: told}
    if endpoint.at_all and message.urgent:
        frame["at"] = {"isAtAll": True}
    told[place] = message.text(DINGTALK_BYTES - len(encoded(frame)), quoted)
    answer = post(url, encoded(frame), JSON, endpoint.seconds)
    return _checked(answer, "errcode", "errmsg", _DINGTALK, _DINGTALK_FAST, token, secret)


def wecom(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """A WeCom robot; its key stands in the address."""
    form, most = ("markdown", WECOM_MARKDOWN) if message.markdown else ("text", WECOM_BYTES)
    told: dict[str, Any] = {"content": message.text(most)}
    if endpoint.at_all and message.urgent and not message.markdown:
        told["mentioned_list"] = ["@all"]
    return _to_wecom(endpoint, secrets, form, told)


def wecom_picture(endpoint: Endpoint, secrets: Mapping[str, str], picture: Enclosure) -> Outcome:
    """A picture by a WeCom robot, which takes none beside words."""
    if len(picture.data) > WECOM_PICTURE:
        return dead(f"有 {len(picture.data) / 1024 / 1024:.1f} MB，机器人只收 2 MB 以内的")
    told = {
        "base64": base64.b64encode(picture.data).decode(),
        "md5": hashlib.md5(picture.data, usedforsecurity=False).hexdigest(),
    }
    return _to_wecom(endpoint, secrets, "image", told)


def _to_wecom(
    endpoint: Endpoint, secrets: Mapping[str, str], form: str, told: Mapping[str, object]
) -> Outcome:
    key = _from_query(secrets["token"], "key")
    url = f"{endpoint.base.rstrip('/')}/cgi-bin/webhook/send?key={quote(key, safe='')}"
    answer = post(url, encoded({"msgtype": form, form: told}), JSON, endpoint.seconds)
    return _checked(answer, "errcode", "errmsg", _WECOM, _WECOM_FAST, key)


def feishu(endpoint: Endpoint, secrets: Mapping[str, str], message: Message) -> Outcome:
    """A Feishu robot; its address ends with its token, time and sign stand in the body."""
    token, secret = _last_part(secrets["token"]), secrets.get("secret", "")
    frame: dict[str, Any] = {"msg_type": "text", "content": {"text": ""}}
    if secret:
        now = int(time.time())
        frame |= {"timestamp": str(now), "sign": feishu_sign(secret, now)}
    # In a Feishu text `<at …>` calls people; no owner's words may do that.
    plain = _MARKS.sub("", message.body) if message.markdown else message.body
    safe = message._replace(body=plain.replace("<", "＜"))
    call = '<at user_id="all">所有人</at>' if endpoint.at_all and message.urgent else ""
    room = FEISHU_BYTES - len(encoded(frame)) - quoted(call)
    frame["content"] = {"text": call + safe.text(room, quoted)}
    url = f"{endpoint.base.rstrip('/')}/open-apis/bot/v2/hook/{quote(token, safe='')}"
    answer = post(url, encoded(frame), JSON, endpoint.seconds)
    if isinstance(answer, Answer):
        found = answer.document()
        if "code" not in found and found.get("StatusCode") == 0:
            return SENT  # what its first version answers
        if found.get("code") == 9499 and "too many" in str(found.get("msg")).lower():  # noqa: PLR2004
            return later("发得太快，被限流（9499）", 60)
    return _checked(answer, "code", "msg", _FEISHU, _FEISHU_FAST, token, secret)


def _checked(
    answer: Answer | Outcome, code: str, words: str, codes: Codes, fast: tuple[int, ...], *hidden: str
) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    found = answer.document()
    value = found.get(code)
    if type(value) is not int:
        return GARBLED
    return SENT if value == 0 else meaning(codes, fast, value, found.get(words, ""), *hidden)


def _from_query(pasted: str, name: str) -> str:
    """The token alone, where somebody has stored the robot's whole address as the page offers it."""
    if not _PASTED.match(pasted):
        return pasted
    return parse_qs(urlsplit(pasted).query).get(name, [""])[0]


def _last_part(pasted: str) -> str:
    return urlsplit(pasted).path.rstrip("/").rpartition("/")[2] if _PASTED.match(pasted) else pasted
