"""Running the house: setting up, board, calls, watch, doctor, backup, key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from frontdesk.cli import hot, out, pipes, render
from frontdesk.cli.group import Commands
from frontdesk.cli.session import moment, opened
from frontdesk.domain.errors import StoreTrouble

Json = Annotated[bool, typer.Option("--json", help="只输出一份 JSON")]
At = Annotated[str, typer.Option("--at", help="什么时候，如 2026-11-22 10:05，不写就是现在")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.command("init", help="建立前台的家目录；重复运行无害")(init)
    app.command("board", help="把未结工单打印一次，供管道和读屏软件")(board)
    app.command("watch", help="检查时限：催办、上移、恢复、静默关闭，并发出通知；每件只做一次")(watch)
    app.command("doctor", help="按经过重建缓存并比较，核对每张工单的链")(doctor)
    app.command("backup", help="在线备份数据库和凭证（不含密钥）")(backup)
    app.command("restore", help="从备份恢复；原来的数据另存一份")(restore)
    for name, group, words in (
        ("call", call, "来电：登记、接听、未接"),
        ("key", key, "主密钥"),
        ("audit", audit, "经过的链是否完好"),
    ):
        app.add_typer(group, name=name, help=words, no_args_is_help=True)


def init(
    site: Annotated[str, typer.Option(help="小区（项目）名称")] = "",
    sample: Annotated[bool, typer.Option("--sample", help="装入虚构的「幸福花园」，供练习")] = False,
) -> int:
    """Set the home up; with `--sample` load the made-up estate."""
    with opened(site or ("幸福花园" if sample else "")) as desk:
        out.say(f"家目录：{desk.settings.home}")
        if site and site.strip() != desk.settings.site:
            out.warn(f"小区名称仍是「{desk.settings.site}」。要改请编辑 {desk.settings.config}。")
        if sample:
            out.say(desk.imports.load_sample())
    return 0


def board(as_json: Json = False) -> int:
    """The board once."""
    return hot.board(as_json)


def watch(
    once: Annotated[bool, typer.Option("--once", help="检查一遍就结束")] = False,
    as_of: Annotated[str, typer.Option("--as-of", help="按这个时间检查，不写就是现在")] = "",
    every: Annotated[int, typer.Option("--every", min=1, max=3600, help="每隔几秒检查一遍")] = 30,
) -> int:
    """Sweep the clocks, once or until interrupted; until then also wait for answers from outside, where the settings say."""
    with opened() as desk:
        if not once:
            desk.answers.serve()
        while True:
            try:
                for line in desk.attend(moment(desk, as_of, "检查时间")):
                    out.say(line)
            except StoreTrouble as trouble:
                # A watcher outlives a backup that holds the database, or a disk that is full for a while.
                if once:
                    raise
                out.warn(str(trouble))
            out.flush()
            if once:
                return 0
            time.sleep(every)


def doctor() -> int:
    """Rebuild and compare; status 1 where something was found."""
    with opened() as desk:
        found, soon = desk.examine(), desk.reminders()
    for line in found:
        out.say(line)
    for line in soon:
        out.warn(f"提醒：{line}")
    out.warn(f"发现 {len(found)} 处问题。" if found else "没有发现问题。")
    return 1 if found else 0


def backup(file: Annotated[Path, typer.Argument(metavar="文件", help="备份文件，如 frontdesk.tar")]) -> int:
    """Write a backup while everybody works on."""
    pipes.only_file(file, "frontdesk.tar")
    with opened() as desk:
        size = desk.backup(file)
        number, where = desk.key_status()
    out.say(f"已备份到 {file}（{size:,} 字节）。密钥（编号 {number}）不在里面，请另存 {where}。")
    return 0


def restore(file: Annotated[Path, typer.Argument(metavar="文件", help="backup 写出的文件")]) -> int:
    """Bring a backup back."""
    from frontdesk.bootstrap import restore as bring_back

    pipes.only_file(file, "frontdesk.tar")

    out.say(f"已恢复（数据库版本 {bring_back(file)}）。原来的数据另存为 *.before-restore。")
    return 0


call = Commands()


@call.command("log", help="登记一个来电，所有打开的前台都会响铃")
def call_log(
    phone: Annotated[str, typer.Option(help="来电号码，怎么写都行；隐藏号码写 anonymous")],
    name: Annotated[str, typer.Option(help="交换机送来的名字")] = "",
    at: At = "",
    as_json: Json = False,
) -> int:
    """Ring."""
    return hot.call_log(phone, name, at, as_json)


@call.command("list", help="最近的来电")
def call_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多几条")] = 50, as_json: Json = False
) -> int:
    """The newest calls."""
    with opened() as desk:
        found = desk.calls.list(limit)
        if as_json:
            out.document({"calls": [render.call_json(line) for line in found]})
        else:
            out.say(render.calls_text(found, desk.now()))
    return 0


CallId = Annotated[int, typer.Argument(metavar="编号", help="来电编号，见 call list")]


@call.command("answer", help="接听")
def call_answer(number: CallId) -> int:
    """Lift the call."""
    with opened() as desk:
        out.say(render.card_text(desk.calls.answer(number)))
    return 0


@call.command("miss", help="标为未接，等待回电")
def call_miss(number: CallId) -> int:
    """Nobody lifted it."""
    with opened() as desk:
        out.say(render.card_text(desk.calls.miss(number)))
    return 0


@call.command("done", help="这个来电没有别的事了")
def call_done(number: CallId) -> int:
    """Nothing more to do about it."""
    with opened() as desk:
        out.say(render.card_text(desk.calls.done(number)))
    return 0


key = Commands()


@key.command("status", help="数据库用的是哪把密钥，密钥文件在哪里")
def key_status() -> int:
    """Which key, and where."""
    with opened() as desk:
        number, where = desk.key_status()
    out.say(
        f"数据库的密钥编号 {number}；密钥文件 {where}（{'在' if Path(where).exists() else '不在，用的是钥匙串或系统凭据'}）。"
    )
    return 0


audit = Commands()


@audit.command("verify", help="核对每张工单的经过有没有被改动")
def audit_verify() -> int:
    """Verify the chains; status 1 where one is broken."""
    with opened() as desk:
        found = desk.verify()
    for line in found:
        out.say(line)
    out.warn(f"发现 {len(found)} 处断链。" if found else "经过完好。")
    return 1 if found else 0
