"""Help and usage errors are Chinese, for every command there is (DESIGN §8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from frontdesk.cli.chinese import help_text
from frontdesk.cli.commands import app
from frontdesk.cli.out import width
from tests.cli.conftest import Command

HANZI = re.compile("[一-鿿]")


def tree(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from tree(child, (*words, name))


COMMANDS = dict(tree(typer.main.get_command(app)))


def test_every_command_of_the_contract_is_there() -> None:
    moves = (
        "open show list dispatch accept arrive progress promise pause resume resolve follow-up decline close reopen promises "
        "escalate acknowledge transfer void attach explain note correct merge link undo import export case limit fact"
    )
    assert {words[1] for words in COMMANDS if words[:1] == ("ticket",) and len(words) == 2} == set(
        moves.split()
    )
    others = (
        "init board watch doctor backup restore summary export suggest|call log|call list|call answer|call miss|call done"
        "|residents import|residents export|notice list|notice retry|handbook check|handbook list|handbook show"
        "|policy check|policy show|policy list|policy rebase|policy copy|operator list|operator add|key status|audit verify"
        "|search|train|report kpi|report service|handbook copy|dashboard"
    )
    first, *pairs = others.split("|")
    wanted = [(word,) for word in first.split()] + [tuple(pair.split()) for pair in pairs]
    assert set(wanted) <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_chinese_down_to_the_last_option(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    context = typer.Context(command, info_name=" ".join(("frontdesk", *words)))
    assert HANZI.search(command.help or ""), "the command itself"
    for param in command.get_params(context):
        assert "--help" in param.opts or HANZI.search(param.help or ""), param.name
    text = help_text(command, context)
    assert text.startswith(f"用法：frontdesk{''.join(f' {word}' for word in words)}")
    for theirs in (
        "Usage",
        "Options",
        "Arguments",
        "Commands",
        "Show this message",
        "default",
        "required",
        "<",
        "TEXT",
    ):
        assert theirs not in text
    assert max(map(width, text.splitlines())) <= 104


def test_help_answers_on_stdout_with_zero(frontdesk: Command) -> None:
    for args in (("--help",), ("ticket", "-h"), ("ticket", "open", "--help"), ("board", "--help")):
        shown = frontdesk(*args)
        assert (shown.code, shown.err) == (0, "") and shown.out.startswith("用法：frontdesk")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ("ticket show", "缺少 单号"),
        ("ticket void 261122-01", "缺少 --reason"),
        ("ticket shw 1", "没有命令「shw」，您要的是 show 吗"),
        ("summry", "没有命令「summry」，您要的是 summary 吗"),
        ("nichts", "没有命令「nichts」"),
        ("ticket list --statu new", "没有选项 --statu，您要的是 --status"),
        ("board --color", "没有选项 --color"),
        ("board now", "多写了 now"),
        ("ticket show 1 2 3", "多写了 2 3"),
        ("ticket open --text", "--text 后面要写一个值"),
        ("board --json=3", "--json 后面不能写值"),
        ("ticket follow-up 1 --score 五", "--score 要填整数"),
        ("call list --limit 0", "--limit 不能小于 1"),
        ("watch --every 9999", "--every 不能大于 3600"),
        ("call answer first", "编号 要填整数"),
    ],
)
def test_wrong_usage_says_what_is_wrong_and_where_the_help_is(
    frontdesk: Command, args: str, told: str
) -> None:
    wrong = frontdesk(*args.split())
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith(told) and "--help" in wrong.err
    assert len(wrong.err.splitlines()) == 1


def test_a_group_alone_answers_with_its_help_as_an_error(frontdesk: Command) -> None:
    alone = frontdesk("ticket")
    assert (alone.code, alone.out) == (2, "") and alone.err.startswith("用法：frontdesk ticket")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ("ticket list --kind 修理", "「类型」"),
        ("ticket list --status 没了", "「状态」"),
        ("ticket open --text 漏水 --at 昨天吧", "「受理时间」"),
        ("ticket open --text 漏水 --at 2030-01-01", "「受理时间」"),
        ("ticket open --text 漏水 --unit 天上", "「房号」"),
        ("call log --phone 19900001234 --at 25:00", "「来电时间」"),
        ("summary --date 三月", "「日期」"),
        ("export --month 2026-13", "「月份」"),
        ("handbook show Z9", "没有案例「Z9」"),
        ("notice retry 7", "没有编号 7 的通知"),
        ("call answer 7", "没有编号 7 的来电"),
        ("operator add wang --role boss", "「角色」"),
        ("ticket attach 261122-01", "「--file 或 --call」"),
        ("ticket correct 261122-01 --set unit", "「--set」"),
        ("suggest", "「要判断的话」"),
        ("suggest --file /nowhere/at/all", "找不到文件"),
        ("restore /nowhere/at/all", "「备份文件」"),
        ("ticket import /nowhere/at/all.csv", "文件"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_with_its_name(frontdesk: Command, args: str, told: str) -> None:
    refused = frontdesk(*args.split())
    assert (refused.code, refused.out) == (1, "")
    assert told in refused.err
