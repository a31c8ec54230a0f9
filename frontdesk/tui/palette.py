"""Ctrl+P: every command by hanzi, pinyin or initials; made from the key table and the action table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from frontdesk.domain.pinyin import initials, matches
from frontdesk.tui import keys, ledger, outbox
from frontdesk.tui.actions import moves

if TYPE_CHECKING:
    from frontdesk.tui.app import Console


_LOOK = 0.02
"""Seconds between looks whether the console has started."""


class DeskCommands(Provider):
    """What can be done now."""

    async def search(self, query: str) -> Hits:
        """Commands that the query finds."""
        found = False
        await self._ready()
        for label, about, does, run in self._commands():
            if matches(query, label) or matches(query, about):
                found = True
                yield Hit(1.0 if label.startswith(query) else 0.9, _shown(label, about), run, label, does)
        if not found:
            yield Hit(0.2, "没有这个命令，换个说法，或按 Esc 返回", _nothing)
        work = cast("Console", self.app).desktop.work
        if work is not None and query.strip():
            sought = query.strip()
            about = "在工单、业主、手册里找"
            yield Hit(
                0.1 if found else 0.3, f"查找「{sought}」", partial(work.seeking.start, sought), "查找", about
            )

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        await self._ready()
        for label, about, does, run in self._commands():
            yield DiscoveryHit(_shown(label, about), run, label, does)

    async def _ready(self) -> None:
        """Whoever is quicker than the console waits for what it can do, and finds it under what was typed."""
        while cast("Console", self.app).desktop.work is None:
            await asyncio.sleep(_LOOK)

    def _commands(self) -> Iterator[tuple[str, str, str, Callable[[], None]]]:
        console = cast("Console", self.app)
        work = console.desktop.work
        if work is None:
            return
        yield "新单", "", "面谈、没有来电的诉求", work.errands.taking.start
        yield "查找", "", "工单、业主、手册：文字、拼音首字母、房号、电话尾号", work.seeking.start
        yield "找工单", "", "按单号打开，已关闭的也行", work.errands.find
        yield "交接班", "", "接上一班的，把手上的交给下一班，看往次", work.handover.start
        yield "值班", "", "每个岗位现在找谁，前台哪些时段没有人", work.handover.duty
        if work.attention.stopwatch.runs:
            yield "平静", "", "业主已平静，停止激动计时", work.attention.calm
        if work.attention.stopwatch.ends_with_the_call:
            yield "激动", "", "业主还在：开单以后接着计时", work.attention.upset_again
        elif not work.attention.stopwatch.runs:
            yield "激动", "", "业主情绪激动：开始三五分钟计时", work.attention.upset_again
        yield "突发", "", "正在处理的突发：现在念什么、谁到了、下次几点报", work.emergencies.show
        yield "教练", "", "每一步要怎么做、忌什么", work.coach
        yield "承诺账本", "", "还欠业主的承诺，先到期的在前", partial(ledger.show, work)
        yield "通知", "", "没发出去的通知：为什么，再发一遍", partial(outbox.show, work)
        yield "看板", "", "今日流量、时限、分类、三十天趋势、承诺", work.dashboard
        if work.view is not None:
            number = work.view.number[2:]
            for action in moves(work.view):
                yield action.label, number, action.does, partial(work.errands.start, action.name)
            yield "说明时限", number, "为什么是这个颜色", partial(work.errands.explain, work.view.number)
        for key in keys.KEYS:
            if key.palette:
                yield key.label, key.name, key.does, partial(console.desktop.action_press, key.action)


def _nothing() -> None:
    """Chosen by somebody who found nothing."""


def _shown(label: str, about: str) -> str:
    """`派单 (pd)  1122-03`."""
    return f"{label} ({initials(label)})" + (f"  {about}" if about else "")
