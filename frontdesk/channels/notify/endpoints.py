"""`[notify]` of config.toml: where notices can be sent, and which recipient is reached where."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from frontdesk.domain.errors import BadInput

KINDS: Final = {
    "dingtalk": "钉钉群机器人",
    "wecom": "企业微信群机器人",
    "feishu": "飞书群机器人",
    "json": "通用网址（JSON）",
    "smtp": "电子邮件",
    "aliyun": "阿里云短信",
    "tencent": "腾讯云短信",
    "apprise": "apprise 支持的其他服务",
}
SMS: Final = frozenset({"aliyun", "tencent"})
SHOWING: Final = frozenset({"smtp", "wecom"})
"""Kinds that show more of the day's summary than its words."""
OWNER, GROUP, ANYBODY = "owner", "group", "*"
MOST: Final = 5
"""Endpoints of one route: all of them must be done with well before another process may take the notice over."""
PARAMS: Final = {"number": "单号", "text": "正文", "site": "小区名称", "kind": "事项"}
"""What a template of a short message can be filled with."""
SECRETS: Final = ("token", "secret")
"""Entries that name a secret of the store; never the secret itself."""

_WHERE = "config.toml 的 notify"
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "dingtalk": ("token",),
    "wecom": ("token",),
    "feishu": ("token",),
    "json": ("base",),
    "smtp": ("host", "sender", "to"),
    "aliyun": ("key_id", "secret", "sign", "template"),
    "tencent": ("key_id", "secret", "sign", "template", "app_id"),
    "apprise": ("secret",),
}
_SMS_FIELDS: Final[Mapping[str, Any]] = {
    **{"key_id": "", "secret": "", "sign": "", "template": "", "templates": {}, "params": ["number", "text"]},
    "longest": 35,
}
_FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "dingtalk": {"base": "https://oapi.dingtalk.com", "token": "", "secret": "", "at_all": False},
    "wecom": {"base": "https://qyapi.weixin.qq.com", "token": "", "at_all": False},
    "feishu": {"base": "https://open.feishu.cn", "token": "", "secret": "", "at_all": False},
    "json": {"base": "", "token": "", "secret": ""},
    "smtp": {
        **{"host": "", "port": 465, "tls": "tls", "ca": "", "user": "", "secret": "", "sender": "", "to": []}
    },
    "aliyun": {"base": "https://dysmsapi.aliyuncs.com", **_SMS_FIELDS},
    "tencent": {
        **{"base": "https://sms.tencentcloudapi.com", "region": "ap-guangzhou", "app_id": "", **_SMS_FIELDS}
    },
    "apprise": {"secret": ""},
}
"""The entries of each kind with their defaults, whose types are the entries'."""
_SPELLED: Final = {("smtp", "sender"): "from", ("json", "base"): "url"}
"""Entries that are spelled otherwise in the file than here."""
_SECRET_NAME = re.compile(r"[\w-]{1,20}")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_WANTED: Final = {bool: "true 或 false，不加引号", int: "一个整数，不加引号", str: "一段文字，两边加引号"}
_COMMON: Final = {"kind", "seconds"}
_SECONDS: Final = range(1, 21)


class Endpoint(NamedTuple):
    """One way out of the house. Empty where the kind has no use for an entry; `token` and `secret` are names.

    `at_all`: what is urgent calls everybody in the group, muted or not.
    """

    name: str
    kind: str
    base: str = ""
    token: str = ""
    secret: str = ""
    seconds: int = 10
    host: str = ""
    port: int = 0
    tls: str = ""
    ca: str = ""
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    region: str = ""
    app_id: str = ""
    key_id: str = ""
    sign: str = ""
    template: str = ""
    templates: Mapping[str, str] = {}
    params: tuple[str, ...] = ()
    longest: int = 0
    at_all: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets it needs."""
        return tuple(name for name in (self.token, self.secret) if name)

    @property
    def place(self) -> str:
        """Where it leads, without anything secret."""
        if self.kind == "smtp":
            return f"{self.host}:{self.port}"
        return urlsplit(self.base).netloc.rpartition("@")[2]


class Notify(NamedTuple):
    """Everything about sending; `tries` is how often a notice is tried before it is given up."""

    endpoints: Mapping[str, Endpoint] = {}
    routes: Mapping[str, tuple[str, ...]] = {}
    tries: int = 8

    def route(self, audience: str, recipient: str) -> tuple[Endpoint, ...]:
        """Where a recipient is reached; () for nowhere. An owner is never reached by what stands for everybody."""
        if audience == OWNER:
            names = self.routes.get(OWNER, ())
        else:
            wanted = (recipient, *((GROUP,) if audience == GROUP else ()), ANYBODY)
            names = next((self.routes[name] for name in wanted if name in self.routes), ())
        return tuple(self.endpoints[name] for name in names)


def parse_notify(document: Mapping[str, Any]) -> Notify:
    """`BadInput` names the entry that cannot be used."""
    _known(_WHERE, document, ("tries", "endpoints", "routes"))
    tries = document.get("tries", 8)
    if type(tries) is not int or not 1 <= tries <= 50:  # noqa: PLR2004
        raise BadInput(f"{_WHERE}.tries", f"「{tries}」不能用", "请写 1 到 50 的整数，不加引号")
    found = {
        name: _endpoint(name, entry)
        for name, entry in _table(f"{_WHERE}.endpoints", document.get("endpoints", {})).items()
    }
    routes = {
        to: _route(to, names, found)
        for to, names in _table(f"{_WHERE}.routes", document.get("routes", {})).items()
    }
    return Notify(found, routes, tries)


def _table(where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(where, "不是一个小节", f"请写成 [{where.removeprefix('config.toml 的 ')}]")
    return value


def _known(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    if unknown := [name for name in given if name not in known]:
        raise BadInput(where, f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(known)}")


def _endpoint(name: str, entry: object) -> Endpoint:
    where = f"{_WHERE}.endpoints.{name}"
    given = dict(_table(where, entry))
    if not name.isprintable() or not 0 < len(name) <= 20:  # noqa: PLR2004
        raise BadInput(where, "名字不能用", "请用 1 到 20 个字的名字")
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        choice = "、".join(f"{key}（{label}）" for key, label in KINDS.items())
        raise BadInput(f"{where}.kind", "没有写，或认不出", f"可用的有 {choice}")
    spelling = {field: _SPELLED.get((kind, field), field) for field in _FIELDS[kind]}
    _known(where, given, (*sorted(_COMMON), *spelling.values()))
    values: dict[str, Any] = {}
    for field, default in _FIELDS[kind].items():
        values[field] = _value(f"{where}.{spelling[field]}", given.get(spelling[field], default), default)
    for field in _REQUIRED[kind]:
        if not values[field] and not (field == "template" and values.get("templates")):
            raise BadInput(f"{where}.{spelling[field]}", "没有填写", _remedy(field))
    seconds = given.get("seconds", 10)
    if type(seconds) is not int or seconds not in _SECONDS:
        raise BadInput(f"{where}.seconds", f"「{seconds}」不能用", "请写 1 到 20 的整数，是最多等多少秒")
    endpoint = Endpoint(name, kind, seconds=seconds, **values)
    _proper(where, endpoint, spelling)
    return endpoint


def _remedy(field: str) -> str:
    if field in SECRETS:
        return "请写密钥的名称，再用 frontdesk notice secret 名称 存入密钥"
    return "请补上这一项"


def _value(where: str, value: object, default: object) -> Any:
    if isinstance(default, list):
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(w, str) and w.isprintable() for w in words):
            raise BadInput(where, "写法不对", '请写成 ["…", "…"]')
        return tuple(words)
    if isinstance(default, dict):
        table = _table(where, value)
        if not all(isinstance(word, str) and word.isprintable() for word in table.values()):
            raise BadInput(where, "写法不对", '请写成 事项 = "模板编号"')
        return dict(table)
    if type(value) is not type(default):
        wanted = _WANTED[type(default)]
        raise BadInput(where, f"「{value}」写法不对", f"请写成{wanted}")
    if isinstance(value, str) and not value.isprintable():
        raise BadInput(where, "含有看不见的字符", "请重新输入这一项")
    return value


def _proper(where: str, e: Endpoint, spelling: Mapping[str, str]) -> None:
    for field in SECRETS:
        if (name := getattr(e, field)) and not _SECRET_NAME.fullmatch(name):
            # Whoever pastes the secret itself here is told before it is in a backup of the file.
            raise BadInput(
                f"{where}.{field}",
                "像是密钥本身，或名称太长",
                "这里只写名称（20 字以内，字母、汉字、数字、下划线），"
                "密钥用 frontdesk notice secret 名称 存入；已写进文件的密钥请作废重发",
            )
    if e.base:
        _address(f"{where}.{spelling['base']}", e.base)
    if e.kind == "smtp":
        _mail(where, e)
    if e.kind in SMS:
        if wrong := [name for name in e.params if name not in PARAMS]:
            known = "、".join(f"{key}（{label}）" for key, label in PARAMS.items())
            raise BadInput(f"{where}.params", f"不认识 {'、'.join(wrong)}", f"可用的有 {known}")
        if not 1 <= e.longest <= 500:  # noqa: PLR2004
            raise BadInput(
                f"{where}.longest", f"「{e.longest}」不能用", "请写 1 到 500，是每个变量最多几个字"
            )


def _address(where: str, base: str) -> None:
    try:
        parts = urlsplit(base)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.fragment or " " in base:
        raise BadInput(where, "不是网址", "请写成 https://主机/路径")
    if parts.scheme == "http" and not _nearby(host):
        raise BadInput(where, "是明文网址，密钥会被看到", "外网地址请用 https://")


def _nearby(host: str) -> bool:
    """A host of the office's own network, where a service may have no certificate."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))


def _mail(where: str, e: Endpoint) -> None:
    if e.tls not in ("tls", "starttls", "none"):
        raise BadInput(f"{where}.tls", f"「{e.tls}」认不出", '请写 "tls"、"starttls" 或 "none"')
    if not 1 <= e.port <= 65_535:  # noqa: PLR2004
        raise BadInput(f"{where}.port", f"「{e.port}」不能用", "请写 1 到 65535")
    if e.tls == "none" and (e.user or not _nearby(e.host)):
        raise BadInput(f"{where}.tls", "不加密会泄露内容和密码", '请写 "tls" 或 "starttls"')
    if bool(e.user) != bool(e.secret):
        raise BadInput(f"{where}.user", "和 secret 要么都写，要么都不写", "请补上另一项")
    for field, addresses in (("from", (e.sender,)), ("to", e.to)):
        if wrong := [one for one in addresses if not _ADDRESS.fullmatch(one)]:
            raise BadInput(f"{where}.{field}", f"「{wrong[0]}」不是邮箱地址", "请写成 名字@公司.com")
    if e.ca and not Path(e.ca).is_file():
        raise BadInput(f"{where}.ca", "找不到这个文件", "请写证书文件的完整路径")


def _route(to: str, value: object, known: Mapping[str, Endpoint]) -> tuple[str, ...]:
    where = f"{_WHERE}.routes.{to}"
    names: tuple[str, ...] = tuple(dict.fromkeys(_value(where, value, [])))
    if missing := [name for name in names if name not in known]:
        have = "、".join(known) or "（还没有）"
        raise BadInput(where, f"没有叫 {'、'.join(missing)} 的端点", f"已配置的有 {have}")
    most = 1 if to == OWNER else MOST
    if not 1 <= len(names) <= most:
        raise BadInput(
            where, f"写了 {len(names)} 个端点", "请写 1 个" if most == 1 else f"请写 1 到 {most} 个"
        )
    texts = [name for name in names if (known[name].kind in SMS) != (to == OWNER)]
    if texts and to == OWNER:
        raise BadInput(where, f"「{texts[0]}」不是短信", "给业主只发短信，请写 aliyun 或 tencent 的端点")
    if texts:
        raise BadInput(where, f"「{texts[0]}」是短信，只能发给业主", "短信端点只写在 owner 下面")
    return names
