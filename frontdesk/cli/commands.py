"""Every command by Typer, in groups; each parses, calls one use case and prints. Usage errors are told in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from frontdesk.cli import house_commands, out, people_commands, report_commands, ticket_commands
from frontdesk.cli.chinese import Commands

USAGE = 2

app = Commands(
    name="frontdesk",
    help="物业客服前台。不带参数打开控制台；下面的命令供脚本、定时任务和管理人员使用。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for group in (house_commands, people_commands, ticket_commands, report_commands):
    group.add_to(app)


def run(args: Sequence[str]) -> int:
    """Run one command and answer its exit status; 2 for wrong usage."""
    try:
        answer: Any = app(list(args), standalone_mode=False, prog_name="frontdesk")
    except NoArgsIsHelpError as error:
        out.say(error.format_message())
        return USAGE
    except ClickException as error:
        out.warn(_words(error))
        return USAGE if isinstance(error, UsageError) else 1
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return 1
    return int(answer or 0)


def _words(error: ClickException) -> str:
    """What is wrong with the words of the command, and where the help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "frontdesk"
    name = getattr(error, "param", None)
    shown = "、".join([*name.opts, *name.secondary_opts]) if name is not None and name.opts else ""
    if isinstance(error, MissingParameter):
        told = f"缺少 {shown or '参数'}"
    elif isinstance(error, NoSuchOption):
        told = f"没有选项 {error.option_name}"
    elif isinstance(error, BadParameter):
        told = f"{shown or '参数'} 的值不能用"
    elif "No such command" in error.format_message():
        told = "没有这个命令"
    else:
        told = "命令的写法不对"
    return f"{told}。用法请看：{path} --help"
