"""Residents, operators, and files that come in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli import out, pipes
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.terms import ROLES

if TYPE_CHECKING:
    from frontdesk.desk.imports import ImportReport

SHOWN = 50
"""Bad rows on the screen; `--report` writes all of them."""

Report = Annotated[Path | None, typer.Option("--report", help="把每一行错误写进这个 csv")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，什么都不写")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(residents, name="residents", help="业主/住户资料", no_args_is_help=True)
    app.add_typer(operator, name="operator", help="前台人员与角色", no_args_is_help=True)


residents = Commands()


@residents.command(
    "import",
    help="导入业主资料（csv、xlsx，UTF-8 或 GB18030）。好的行都导入，坏的行逐条报告；有坏行时退出码 1",
)
def residents_import(
    file: Annotated[
        Path,
        typer.Argument(metavar="文件", help="表头：姓名、电话、房号、标签、入住日期、备注；- 为标准输入"),
    ],
    dry_run: DryRun = False,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Bring residents in."""
    pipes.only_file(report, "错误.csv")
    with opened() as desk, progress(as_json) as advance:
        done = desk.imports.residents(file, dry_run, advance)
    return told(done, dry_run, report, as_json)


@residents.command("export", help="导出业主资料（脱敏）；--clear 导出明文，限项目经理，须写理由并记入审计")
def residents_export(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到哪个 csv；- 为标准输出")],
    clear: Annotated[bool, typer.Option("--clear", help="导出明文")] = False,
    reason: Annotated[str, typer.Option(help="导出明文的理由")] = "",
) -> int:
    """Take residents out."""
    with opened() as desk:
        to_pipe = pipes.named(file)
        count = desk.people.export(pipes.stdout() if to_pipe else file, clear, reason)
    where = "标准输出" if to_pipe else f" {file}"
    told = f"已导出 {count} 户到{where}（{'明文，已记入审计' if clear else '脱敏'}）。"
    if to_pipe:
        out.warn(told)
    else:
        out.say(told)
    return 0


operator = Commands()
Login = Annotated[str, typer.Argument(metavar="账号", help="账号：登录名或 SSH 用户名")]
Role = Annotated[str, typer.Option(help="、".join(f"{key} {label}" for key, label in ROLES.items()))]


@operator.command("list", help="谁可以坐在前台")
def operator_list(as_json: Json = False) -> int:
    """Everybody at the desk."""
    with opened() as desk:
        people = desk.people.operators()
    if as_json:
        names = ("login", "name", "role", "active")
        out.document({"operators": [dict(zip(names, person, strict=True)) for person in people]})
        return 0
    rows = [
        (login, name, ROLES.get(role, role), "" if active else "已停用")
        for login, name, role, active in people
    ]
    out.say(out.columns([("账号", "姓名", "角色", ""), *rows]))
    return 0


@operator.command("add", help="登记或修改一位前台人员；限管理员")
def operator_add(
    login: Login, name: Annotated[str, typer.Option(help="屏幕上显示的称呼")] = "", role: Role = "agent"
) -> int:
    """Add or change an operator."""
    with opened() as desk:
        desk.people.set_operator(login, name, role)
    out.say(f"已登记 {login}（{ROLES[role]}）。")
    return 0


@operator.command("disable", help="停用一位前台人员；限管理员")
def operator_disable(login: Login) -> int:
    """Nobody may use this login any more; what was done under it stays."""
    with opened() as desk:
        desk.people.disable_operator(login)
    out.say(f"已停用 {login}。")
    return 0


@contextmanager
def progress(quiet: bool, words: str = "导入") -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr where somebody is watching; hears the share done, 0–1."""
    import sys

    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(words), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done: bar.update(task, completed=done)


def told(done: ImportReport, dry_run: bool, report: Path | None, as_json: bool) -> int:
    """Say what an import did; 1 where a row did not go in."""
    if report is not None:
        _write_report(done, report)
    if as_json:
        out.document(
            {
                "added": done.added,
                "changed": done.changed,
                "same": done.same,
                "dry_run": dry_run,
                "errors": [{"line": line, "reason": reason} for line, reason in done.errors],
            }
        )
    else:
        verb = "试导入（没有写入）" if dry_run else "导入完成"
        out.say(
            f"{verb}：共 {done.total} 行，新增 {done.added}，更新 {done.changed}，相同 {done.same}，"
            f"错误 {len(done.errors)}。"
        )
        if done.ignored_columns:
            out.say(f"没有用到的列：{'、'.join(done.ignored_columns)}")
        for line, reason in done.errors[:SHOWN]:
            out.warn(reason if reason.startswith("「第") else f"第 {line} 行：{reason}")
        if len(done.errors) > SHOWN:
            out.warn(f"……另有 {len(done.errors) - SHOWN} 行有错，用 --report 文件.csv 写出全部。")
    return 1 if done.errors else 0


def _write_report(done: ImportReport, path: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("行号", "原因"))
    writer.writerows(done.errors)
    path.expanduser().write_text(text.getvalue(), encoding="utf-8-sig", newline="")
