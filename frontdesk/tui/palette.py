"""Ctrl+P: every command by hanzi, pinyin or initials; made from the key table and the action table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from frontdesk.domain.pinyin import initials, matches
from frontdesk.tui import keys
from frontdesk.tui.actions import moves

if TYPE_CHECKING:
    from frontdesk.tui.app import Console


class DeskCommands(Provider):
    """What can be done now."""

    async def search(self, query: str) -> Hits:
        """Commands that the query finds."""
        for name, does, run in self._commands():
            if matches(query, name):
                yield Hit(
                    1.0 if name.startswith(query) else 0.9, f"{name} ({initials(name)})", run, name, does
                )

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for name, does, run in self._commands():
            yield DiscoveryHit(f"{name} ({initials(name)})", run, name, does)

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        console = cast("Console", self.app)
        work = console.desktop.work
        if work is None:
            return
        yield "新单", "面谈、没有来电的诉求", work.errands.open_ticket
        if work.view is not None:
            for action in moves(work.view):
                name = f"{action.label} {work.view.number[2:]}"
                yield name, action.does, partial(work.errands.start, action.name)
            yield (
                f"说明时限 {work.view.number[2:]}",
                "为什么是这个颜色",
                partial(work.errands.explain, work.view.number),
            )
        for key in keys.KEYS:
            if key.palette:
                yield f"{key.label} {key.name}", key.does, partial(console.desktop.action_press, key.action)
