"""Typer in Chinese (DESIGN §8): its help and its usage errors, laid out by the width of cells, not of characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from frontdesk.cli.out import width

_KINDS = {"<str>": "文字", "<int>": "整数", "<int range>": "整数", "<path>": "路径", "<list[str]>": "文字"}
_WIDEST, _NARROWEST = 100, 40


def help_text(command: TyperCommand | TyperGroup, ctx: Any) -> str:
    """Usage, what it does, arguments, options, commands."""
    params = command.get_params(ctx)
    arguments = [param for param in params if isinstance(param, TyperArgument)]
    usage = ["[选项]", *(_argument(param) for param in arguments)]
    sections = [("参数", [(_shown(param), param.help or "") for param in arguments])]
    sections.append(
        ("选项", [_option(param, ctx) for param in params if not isinstance(param, TyperArgument)])
    )
    if isinstance(command, TyperGroup):
        usage.append("命令 …")
        children = [(name, command.get_command(ctx, name)) for name in command.list_commands(ctx)]
        sections.append(("命令", [(name, child.help or "") for name, child in children if child is not None]))
    parts = [f"用法：{ctx.command_path} {' '.join(usage)}", "\n".join(_wrapped(command.help or "", 2, 2))]
    parts += ["\n".join([f"{title}：", *_list(rows)]) for title, rows in sections if rows]
    return "\n\n".join(parts)


def _shown(param: Any) -> str:
    return str(param.metavar or param.name)


def _argument(param: TyperArgument) -> str:
    return _shown(param) if param.required else f"[{_shown(param)}]"


def _option(param: Any, ctx: Any) -> tuple[str, str]:
    names = ", ".join(sorted(param.opts, key=len))
    if not isinstance(param, TyperOption) or "--help" in param.opts:
        return names, "显示这份说明"
    kind = "" if param.is_flag else f" {_KINDS.get(param.display_type(ctx), '值')}"
    notes = ["必填"] if param.required else []
    if param.default not in (None, "", False) and not param.required and not callable(param.default):
        notes.append(f"默认 {param.default}")
    return f"{names}{kind}", f"{param.help or ''}{f'（{chr(0xFF0C).join(notes)}）' if notes else ''}"


def _list(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Two columns, the second one wrapped under itself."""
    room = max(width(name) for name, _words in rows) + 4
    for name, words in rows:
        first, *rest = _wrapped(words, room, 0)
        yield f"  {name}{' ' * (room - 2 - width(name))}{first}".rstrip()
        yield from (" " * room + line for line in rest)


def _wrapped(text: str, left: int, indent: int) -> list[str]:
    """Lines that fit beside `left` cells; Chinese breaks anywhere but before a mark, Latin words stay whole."""
    room = max(_NARROWEST, min(_WIDEST, get_terminal_size().columns) - left)
    lines = [""]
    for piece in re.findall(r"[!-~]+ ?|.[，。；：、）」？！]*", text):
        if width(lines[-1]) + width(piece.rstrip()) > room:
            lines.append("")
        lines[-1] += piece if lines[-1] or piece != " " else ""
    return [" " * indent + line.rstrip() for line in lines]


def usage_words(error: typer.TyperException) -> str:
    """What is wrong with the words of a command, and where the help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "frontdesk"
    return f"{_problem(error)}。用法请看：{path} --help"


def _problem(error: typer.TyperException) -> str:
    param, message = getattr(error, "param", None), error.message
    name = "" if param is None else _shown(param) if isinstance(param, TyperArgument) else param.opts[0]
    option = getattr(error, "option_name", "")
    quoted = re.findall(r"'([^']*)'", message)
    match type(error).__name__, message.split(" ")[0]:
        case "MissingParameter", _:
            words = f"缺少 {name}"
        case "NoSuchOption", _:
            words = f"没有选项 {option}{_near(getattr(error, 'possibilities', None) or ())}"
        case "BadOptionUsage", _:
            words = f"{option} 后面{'不能写值' if 'does not take' in message else '要写一个值'}"
        case "BadParameter", _:
            words = f"{name} {message}"
        case _, "Got":
            words = f"多写了 {message.partition(') (')[2].removesuffix(')')}"
        case _, "No":
            words = f"没有命令「{''.join(quoted[:1])}」{_near(quoted[1:])}"
        case _:
            words = "命令的写法不对"
    return words


def _near(names: Sequence[str]) -> str:
    return f"，您要的是 {'、'.join(names)} 吗" if names else ""
