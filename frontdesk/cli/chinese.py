"""Typer with its help in Chinese (DESIGN §8): the headings are the library's, the words are ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_WORDS = (
    ("Usage: ", "用法："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("[OPTIONS]", "[选项]"),
    ("COMMAND [ARGS]...", "命令 [参数]…"),
    ("Show this message and exit.", "显示这份说明"),
    ("[required]", "[必填]"),
    ("[default: ", "[默认 "),
    (" INTEGER RANGE", " 整数"),
    (" INTEGER", " 整数"),
    (" TEXT", " 文字"),
    (" PATH", " 路径"),
)


def _in_chinese(text: str) -> str:
    for theirs, ours in _WORDS:
        text = text.replace(theirs, ours)
    return text


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return _in_chinese(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return _in_chinese(super().get_help(ctx))


class Commands(typer.Typer):
    """A group of commands whose help reads in Chinese."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=_Group, rich_markup_mode=None, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """As Typer's."""
        return super().command(name, cls=_Command, **settings)
