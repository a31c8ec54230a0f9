"""Groups of commands on Typer, made to start fast: only the command that is asked for is built, and without pydantic.

Typer builds every command of an application, and reads each value by a pydantic adapter; both together cost three
times as much as Typer itself (DESIGN §12: any command within 16 × `python -c pass`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from frontdesk.cli.chinese import help_text


class Commands(typer.Typer):
    """A group of commands whose help reads in Chinese."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=_Group, rich_markup_mode=None, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """As Typer's."""
        return super().command(name, cls=_Command, **settings)


def narrowed(app: typer.Typer, args: Sequence[str]) -> typer.Typer:
    """The application without the commands that were not asked for; the whole where the words lead nowhere."""
    word = args[0] if args else ""
    groups = [group for group in app.registered_groups if group.name == word]
    commands = [command for command in app.registered_commands if command.name == word]
    if not groups and not commands:
        return app
    part = copy.copy(app)
    part.registered_commands, part.registered_groups = commands, [copy.copy(group) for group in groups]
    for group in part.registered_groups:
        if group.typer_instance is not None:
            group.typer_instance = narrowed(group.typer_instance, args[1:])
    return part


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return help_text(self, ctx)

    def get_params(self, ctx: Any) -> list[Any]:
        return _read_by_us(super().get_params(ctx))


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return help_text(self, ctx)

    def get_params(self, ctx: Any) -> list[Any]:
        return _read_by_us(super().get_params(ctx))


def _read_by_us(params: list[Any]) -> list[Any]:
    for param in params:
        param.get_runtime_param = _Reader
    return params


class _Reader:
    """Reads what our commands take: texts, whole numbers within their range, paths, and lists of texts."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as the command's annotation wants it; wrong usage where it is none."""
        if param.multiple:
            return list(value or ())
        wanted = param.type_descriptor.annotation
        kinds = get_args(wanted) or (wanted,)
        if not isinstance(value, str):
            return value
        if Path in kinds:
            return Path(value)
        return _number(value, param, ctx) if int in kinds else value


def _number(text: str, param: Any, ctx: Any) -> int:
    try:
        number = int(text)
    except ValueError:
        raise typer.BadParameter("要填整数", ctx, param) from None
    limits = param.type_descriptor.parameter_info
    for limit, wrong, words in ((limits.min, int.__lt__, "小于"), (limits.max, int.__gt__, "大于")):
        if limit is not None and wrong(number, limit):
            raise typer.BadParameter(f"不能{words} {limit}", ctx, param)
    return number
