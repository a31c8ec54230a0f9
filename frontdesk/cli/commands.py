"""Every command by Typer, in groups; each parses, calls one use case and prints. Usage errors are told in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from frontdesk.cli import (
    dashboard_command,
    emergency_commands,
    export_command,
    handbook_commands,
    house_commands,
    move_commands,
    notice_commands,
    out,
    people_commands,
    policy_commands,
    report_commands,
    search_command,
    shift_commands,
    train_command,
)
from frontdesk.cli.chinese import usage_words
from frontdesk.cli.group import Commands, narrowed

app = Commands(
    name="frontdesk",
    help="物业客服前台。不带参数打开控制台；下面的命令供脚本、定时任务和管理人员使用。frontdesk --version 显示版本。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for group in (
    house_commands,
    handbook_commands,
    policy_commands,
    people_commands,
    move_commands,
    report_commands,
    export_command,
    notice_commands,
    search_command,
    train_command,
    shift_commands,
    emergency_commands,
    dashboard_command,
):
    group.add_to(app)


@app.callback()
def _root() -> None:
    """Keeps the application a group also where `narrowed` leaves one command in it."""


def run(args: Sequence[str]) -> int:
    """Run one command by Typer and answer its exit status; 2 for wrong usage."""
    try:
        answer: Any = narrowed(app, args)(list(args), standalone_mode=False, prog_name="frontdesk")
    except typer.TyperException as error:
        # A group without a command answers with its help; that is no success, and stdout is for answers.
        out.warn(error.message if type(error).__name__ == "NoArgsIsHelpError" else usage_words(error))
        return error.exit_code
    except SystemExit as leaving:
        # Typer has its own way with a pipe that nobody reads; ours is one for all commands.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return 1
    return int(answer or 0)
