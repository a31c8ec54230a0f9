"""`frontdesk notice`: the outbox, where it leads, and secrets that never stand in a command."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator

import pexpect
import pytest

from tests import services
from tests.builders import House
from tests.cli.conftest import PROGRAM, Command, Shell
from tests.services import TOKEN, Service, ok


@pytest.fixture
def robot() -> Iterator[Service]:
    with services.service(lambda _request: ok({"errcode": 0})) as made:
        yield made


def configure(house: House, robot: Service, route: str = "*") -> None:
    text = f"""
[notify.endpoints."值班群"]
kind = "wecom"
base = "{robot.url}"
token = "群"
[notify.routes]
"{route}" = ["值班群"]
"""
    with (house.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def keep(monkeypatch: pytest.MonkeyPatch, frontdesk: Command, value: str, name: str = "群") -> object:
    monkeypatch.setattr("sys.stdin", io.StringIO(value))
    return frontdesk("notice", "secret", name)


def test_from_nothing_to_a_message_that_arrives(
    house: House, robot: Service, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有配置" in frontdesk("notice", "endpoints").out
    assert frontdesk("notice", "endpoints", "--json").json == {"endpoints": []}
    configure(house, robot)
    shown = frontdesk("notice", "endpoints").out
    assert "企业微信群机器人" in shown and "缺 群" in shown and robot.url.removeprefix("http://") in shown
    assert "frontdesk notice secret 群" in frontdesk("notice", "test", "值班群").err
    keep(monkeypatch, frontdesk, f"{TOKEN}\n")
    (found,) = frontdesk("notice", "endpoints", "--json").json["endpoints"]
    assert (found["missing"], found["recipients"]) == ([], ["*"])
    assert "已发出" in frontdesk("notice", "test", "值班群").out
    assert robot.got[0].query == {"key": TOKEN}
    house.open().dispatch()
    sent = frontdesk("notice", "send")
    assert sent.code == 0 and "已发" in sent.out and TOKEN not in sent.out
    assert frontdesk("notice", "send").out == "没有要发的通知。\n"
    (line,) = frontdesk("notice", "list", "--json").json["notices"]
    wanted = {
        "ticket": "261122-01",
        "kind": "dispatched",
        "to": "工程部",
        "state": "sent",
        "tries": 1,
        "error": "",
    }
    assert wanted.items() <= line.items() and isinstance(line["id"], int)


def test_what_failed_is_listed_and_sent_again(
    house: House, robot: Service, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(house, robot, "客服主任")
    keep(monkeypatch, frontdesk, TOKEN)
    case = house.open().dispatch().escalate()
    robot.answers = lambda _request: ok({"errcode": 93000, "errmsg": "invalid webhook url"})
    frontdesk("notice", "send")
    listed = frontdesk("notice", "list", "--failed").out
    assert "发送失败" in listed and "没有去向" in listed and "93000" in listed
    assert {n["state"] for n in frontdesk("notice", "list", "--failed", "--json").json["notices"]} == {
        "failed",
        "unrouted",
    }
    for wrong in ((), ("1", "--failed")):
        refused = frontdesk("notice", "retry", *wrong)
        assert refused.code == 1 and "要写其中一个" in refused.err
    assert "通知 2 已排队重发" in frontdesk("notice", "retry", "2").out
    assert "1 条通知已排队重发" in frontdesk("notice", "retry", "--failed").out
    robot.answers = lambda _request: ok({"errcode": 0})
    frontdesk("notice", "send")
    assert sorted(n.state for n in case.desk.notices.list()) == ["sent", "unrouted"]
    assert len(frontdesk("notice", "list", "--all", "--json").json["notices"]) == 2


@pytest.mark.parametrize("value", ["", "\n", "   \n", "a\x1bb\n", "长" * 3000])
def test_a_secret_that_is_none_is_refused(
    frontdesk: Command, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    refused = keep(monkeypatch, frontdesk, value)
    assert getattr(refused, "code", 0) == 1 and "「密钥」" in getattr(refused, "err", "")


def test_a_secrets_name_is_a_short_word(frontdesk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = keep(monkeypatch, frontdesk, TOKEN, "https://oapi.dingtalk.com/robot/send?access_token=x")
    assert getattr(refused, "code", 0) == 1 and "「名称」" in getattr(refused, "err", "")


def test_a_secret_comes_through_a_pipe(house: House, shell: Shell) -> None:
    done = subprocess.run(
        [*PROGRAM, "notice", "secret", "群"],
        input=f"{TOKEN}\n",
        env=shell.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "已加密存好" in done.stdout and TOKEN not in done.stdout + done.stderr
    files = [path for path in house.home.rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


def test_a_secret_is_asked_for_at_a_terminal_and_not_shown(house: House, shell: Shell) -> None:
    child: pexpect.spawn[str] = pexpect.spawn(
        PROGRAM[0],
        [*PROGRAM[1:], "notice", "secret", "群"],
        env={**shell.environment, "TERM": "dumb"} | {"HOME": os.environ.get("HOME", "/")},
        encoding="utf-8",
        timeout=30,
    )
    child.expect("不显示")
    child.sendline(TOKEN)
    child.expect("已加密存好")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert TOKEN not in str(child.before)


def test_nothing_typed_at_the_terminal_keeps_nothing(house: House, shell: Shell) -> None:
    child: pexpect.spawn[str] = pexpect.spawn(
        PROGRAM[0],
        [*PROGRAM[1:], "notice", "secret", "群"],
        env={**shell.environment, "TERM": "dumb"},
        encoding="utf-8",
        timeout=30,
    )
    child.expect("不显示")
    child.sendeof()
    child.expect("「密钥」")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
