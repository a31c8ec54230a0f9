"""`[notify]` of config.toml: every slip named with its entry and what to do, and nothing secret let in."""

from __future__ import annotations

import tomllib

import pytest

from frontdesk.channels.notify.endpoints import MOST, Notify, parse_notify
from frontdesk.channels.notify.senders import LIMIT
from frontdesk.desk.delivery import LEASE
from frontdesk.domain.errors import BadInput
from frontdesk.settings import CONFIG

GOOD = """
tries = 5
[endpoints."值班群"]
kind = "dingtalk"
token = "群"
secret = "群加签"
[endpoints."微信群"]
kind = "wecom"
token = "微信群"
[endpoints."总台"]
kind = "json"
url = "https://hub.example.com/in"
[endpoints."邮箱"]
kind = "smtp"
host = "smtp.example.com"
from = "desk@example.com"
to = ["a@example.com"]
[endpoints."短信"]
kind = "tencent"
key_id = "AKID"
secret = "短信"
sign = "云栖物业"
app_id = "1400"
templates = { opened = "11" }
[routes]
"客服主任" = ["值班群", "邮箱", "值班群"]
group = "微信群"
owner = ["短信"]
"*" = ["总台"]
"""


def parsed(text: str) -> Notify:
    return parse_notify(tomllib.loads(text))


def names(notify: Notify, audience: str, recipient: str) -> list[str]:
    return [endpoint.name for endpoint in notify.route(audience, recipient)]


def test_a_recipient_is_reached_by_name_then_as_a_group_then_as_anybody() -> None:
    notify = parsed(GOOD)
    assert notify.tries == 5 and notify.endpoints["邮箱"].port == 465
    assert names(notify, "staff", "客服主任") == ["值班群", "邮箱"]
    assert names(notify, "staff", "工程部") == ["总台"]
    assert names(notify, "group", "突发群") == names(notify, "group", "group") == ["微信群"]
    assert names(notify, "owner", "客服主任") == ["短信"]
    assert names(parsed(GOOD.replace("owner =", "'业主' = ['总台']\n#")), "owner", "业主") == []
    assert names(parsed(""), "staff", "客服主任") == []


def test_bases_are_the_services_own_until_somebody_says_otherwise() -> None:
    notify = parsed(GOOD + "[endpoints.'私有']\nkind='feishu'\ntoken='a'\nbase='http://10.0.0.7:8080'")
    assert notify.endpoints["值班群"].place == "oapi.dingtalk.com"
    assert notify.endpoints["私有"].place == "10.0.0.7:8080"
    assert notify.endpoints["值班群"].secrets == ("群", "群加签")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("tries = 5", "tries = 0", "tries"),
        ("tries = 5", "tries = true", "tries"),
        ("tries = 5", "trys = 5", ""),
        ("tries = 5", "tries = 5\nendpoint = 1", ""),
        ('kind = "dingtalk"', 'kind = "dingding"', "endpoints.值班群.kind"),
        ('kind = "dingtalk"', "", "endpoints.值班群.kind"),
        ('kind = "dingtalk"', "kind = 7", "endpoints.值班群.kind"),
        ('token = "群"', "", "endpoints.值班群.token"),
        ('token = "群"', "token = 7", "endpoints.值班群.token"),
        ('token = "群"', 'tokn = "群"', "endpoints.值班群"),
        ('token = "群"', f'token = "{"0123456789abcdef" * 4}"', "endpoints.值班群.token"),
        ('token = "群"', 'token = "https://oapi.dingtalk.com/robot/send"', "endpoints.值班群.token"),
        ('secret = "群加签"', 'secret = "SEC0123456789abcdef0123456789abcdef"', "endpoints.值班群.secret"),
        ('token = "群"', 'token = "群"\nbase = "ftp://x"', "endpoints.值班群.base"),
        ('token = "群"', 'token = "群"\nbase = "http://oapi.dingtalk.com"', "endpoints.值班群.base"),
        ('token = "群"', 'token = "群"\nbase = "https://u:p@x.com"', "endpoints.值班群.base"),
        ('token = "群"', 'token = "群"\nbase = "https://[::1"', "endpoints.值班群.base"),
        ('token = "群"', 'token = "群"\nbase = "https://x:99999"', "endpoints.值班群.base"),
        ('token = "群"', 'token = "群"\nseconds = 600', "endpoints.值班群.seconds"),
        ('token = "群"', 'token = "群"\nat_all = "yes"', "endpoints.值班群.at_all"),
        ('token = "群"', 'token = "群"\nat_all = 1', "endpoints.值班群.at_all"),
        ('url = "https://hub.example.com/in"', "", "endpoints.总台.url"),
        ('url = "https://hub.example.com/in"', 'url = "http://hub.example.com/in"', "endpoints.总台.url"),
        ('host = "smtp.example.com"', "", "endpoints.邮箱.host"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\ntls = "none"', "endpoints.邮箱.tls"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\ntls = "ssl"', "endpoints.邮箱.tls"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\nport = "465"', "endpoints.邮箱.port"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\nport = 0', "endpoints.邮箱.port"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\nuser = "desk"', "endpoints.邮箱.user"),
        ('host = "smtp.example.com"', 'host = "smtp.example.com"\nca = "/no"', "endpoints.邮箱.ca"),
        ('from = "desk@example.com"', 'from = "desk"', "endpoints.邮箱.from"),
        ('to = ["a@example.com"]', 'to = ["a@b.c, d@e.f"]', "endpoints.邮箱.to"),
        ('to = ["a@example.com"]', "to = [7]", "endpoints.邮箱.to"),
        ('to = ["a@example.com"]', "to = []", "endpoints.邮箱.to"),
        ('sign = "云栖物业"', 'sign = "云栖\\u001b"', "endpoints.短信.sign"),
        ('templates = { opened = "11" }', "templates = { opened = 11 }", "endpoints.短信.templates"),
        ('templates = { opened = "11" }', "", "endpoints.短信.template"),
        ('app_id = "1400"', 'app_id = "1400"\nparams = ["phone"]', "endpoints.短信.params"),
        ('app_id = "1400"', 'app_id = "1400"\nlongest = 0', "endpoints.短信.longest"),
        ('group = "微信群"', 'group = "没有的"', "routes.group"),
        ('group = "微信群"', "group = []", "routes.group"),
        ('group = "微信群"', 'group = "短信"', "routes.group"),
        ('owner = ["短信"]', 'owner = ["总台"]', "routes.owner"),
        ('owner = ["短信"]', 'owner = "总台"', "routes.owner"),
    ],
)
def test_each_slip_is_named_with_what_to_do(old: str, new: str, field: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as bad:
        parsed(GOOD.replace(old, new))
    assert bad.value.field == "config.toml 的 notify" + (f".{field}" if field else "")
    assert bad.value.problem and bad.value.remedy
    assert "0123456789abcdef" not in str(bad.value), "a secret that was pasted is not repeated"


@pytest.mark.parametrize(
    "text", ["endpoints = 1", "routes = []", "endpoints = { a = 1 }", "routes = { a = 1 }"]
)
def test_a_value_where_a_section_belongs_is_named(text: str) -> None:
    with pytest.raises(BadInput):
        parsed(text)


def test_the_example_in_the_config_is_right_once_its_marks_are_gone() -> None:
    example = CONFIG[CONFIG.index("# [notify.endpoints") :]
    document = tomllib.loads("\n".join(line.removeprefix("#") for line in example.splitlines()))
    notify = parse_notify(document["notify"])
    assert set(notify.endpoints) == {"值班群", "经理邮箱", "短信"}
    assert names(notify, "staff", "客服主任") == ["值班群", "经理邮箱"]


def test_a_claim_outlasts_every_endpoint_of_a_route() -> None:
    assert MOST * LIMIT < LEASE
