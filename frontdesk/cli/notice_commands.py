"""Notices: the outbox, where it leads, and the secrets that open the way."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from frontdesk.cli import out
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.errors import BadInput


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(notice, name="notice", help="通知：待发、重发、发往哪里", no_args_is_help=True)


notice = Commands()


@notice.command("list", help="待发和已发的通知")
def notice_list(
    every: Annotated[bool, typer.Option("--all", help="全部，不只最近 200 条")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="只看发送失败和没有去向的")] = False,
    as_json: Json = False,
) -> int:
    """The outbox."""
    with opened() as desk:
        found = desk.notices.list(-1 if every else 200, stuck=failed)
    if as_json:
        out.listing("notices", (line.json() for line in found))
        return 0
    head = ("编号", "单号", "收件", "状态", "次数", "错误", "内容")
    rows = [(str(n.id), n.ticket, n.to, n.label, str(n.tries), n.error, n.body) for n in found]
    out.say(out.columns([head, *rows]) if rows else "没有通知。")
    return 0


@notice.command("retry", help="重发失败或没有去向的通知")
def notice_retry(
    number: Annotated[int, typer.Argument(metavar="编号", min=1, help="通知编号，见 notice list")] = 0,
    failed: Annotated[bool, typer.Option("--failed", help="所有发送失败和没有去向的")] = False,
) -> int:
    """Queue one or all again."""
    if bool(number) == failed:
        raise BadInput("编号或 --failed", "要写其中一个", "例如 frontdesk notice retry 7")
    with opened() as desk:
        if failed:
            out.say(f"{desk.notices.retry_all()} 条通知已排队重发。")
            return 0
        desk.notices.retry(number)
    out.say(f"通知 {number} 已排队重发。")
    return 0


@notice.command("send", help="把到时间的通知现在发一遍；平时由 frontdesk watch 发")
def notice_send() -> int:
    """Deliver once, now."""
    with opened() as desk:
        lines = desk.notices.send()
    out.say("\n".join(lines) or "没有要发的通知。")
    return 0


@notice.command("endpoints", help="config.toml 里配置了哪些去向，密钥存好没有")
def notice_endpoints(as_json: Json = False) -> int:
    """Where notices can go, without secrets."""
    with opened() as desk:
        found = desk.notices.endpoints()
        config = desk.settings.config
    if as_json:
        out.document({"endpoints": [each._asdict() for each in found]})
        return 0
    if not found:
        out.say(f'还没有配置去向。请在 {config} 里写 [notify.endpoints."名字"]，样子见 README。')
        return 0
    rows = [
        (
            e.name,
            e.label,
            e.place,
            "、".join(e.recipients),
            f"缺 {'、'.join(e.missing)}" if e.missing else "齐",
        )
        for e in found
    ]
    out.say(out.columns([("名字", "种类", "地址", "收件", "密钥"), *rows]))
    return 0


@notice.command("test", help="向一个去向真的发一条测试消息")
def notice_test(
    name: Annotated[str, typer.Argument(metavar="名字", help="notice endpoints 里的名字")],
    phone: Annotated[str, typer.Option(help="试发短信时，收短信的手机号")] = "",
) -> int:
    """Send one test message for real."""
    with opened() as desk:
        out.say(desk.notices.test(name, phone))
    return 0


@notice.command("secret", help="存入一个密钥：从键盘（不显示）或标准输入读，不写在命令里")
def notice_secret(
    name: Annotated[str, typer.Argument(metavar="名称", help="config.toml 里 token 或 secret 写的名称")],
) -> int:
    """Keep a secret under its name; it is read where no process list and no history sees it."""
    if sys.stdin.isatty():
        import getpass

        try:
            value = getpass.getpass(f"「{name}」的密钥（不显示）：")
        except EOFError:
            value = ""
    else:
        value = sys.stdin.readline()
    with opened() as desk:
        desk.notices.keep_secret(name, value)
    out.say(f"密钥「{name}」已加密存好。")
    return 0
