"""The console played without a terminal: keys in, what the screen shows out, waiting on conditions."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget

from frontdesk.desk import Desk
from frontdesk.tui.app import Console
from frontdesk.tui.opening import Opening
from frontdesk.tui.work import Work
from tests.builders import House

PATIENCE = 20.0
WIDE, NARROW = (120, 36), (80, 24)


class Stage:
    """One console and the person before it."""

    def __init__(self, pilot: Pilot[int], console: Console, desk: Desk) -> None:
        self.pilot, self.console, self.desk = pilot, console, desk

    @property
    def work(self) -> Work:
        """The console at work."""
        assert self.console.desktop.work is not None
        return self.console.desktop.work

    @property
    def rows(self) -> list[str]:
        """What stands on the screen, a string a row."""
        compositor: Any = self.console.screen._compositor
        return ["".join(segment.text for segment in strip) for strip in compositor.render_strips()]

    @property
    def shown(self) -> str:
        """The whole screen as text."""
        return "\n".join(row.rstrip() for row in self.rows)

    @property
    def said(self) -> str:
        """The message line."""
        return self.console.desktop.said

    def pane(self, name: str) -> str:
        """What one pane shows, its blanks at the ends of rows dropped."""
        widget: Widget = self.console.screen.get_widget_by_id(name)
        area = widget.region
        cells: Any = self.console.screen._compositor
        strips = cells.render_strips()[area.y : area.bottom]
        return "\n".join(
            "".join(segment.text for segment in strip.crop(area.x, area.right)).rstrip() for strip in strips
        )

    async def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Text as an input method commits it."""
        driver = self.console._driver
        assert driver is not None
        for character in text:
            driver.send_message(Key(_character_to_key(character), character))
            await self.pilot.pause()

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to come true; the screen is the error message."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what or 'waited in vain'}; said: {self.said}\n{self.shown}"
            await self.pilot.pause(0.01)

    async def sees(self, *words: str) -> None:
        """Wait until all of these stand on the screen."""
        await self.until(lambda: all(word in self.shown for word in words), f"not seen: {words}")

    async def hears(self, words: str) -> None:
        """Wait until the message line says this."""
        await self.until(lambda: words in self.said, f"not said: {words}")

    def focused(self) -> str:
        """The id of what has the keys."""
        focused = self.console.desktop.focused
        return (focused.id or "") if focused is not None else ""


@asynccontextmanager
async def stage(house: House, size: tuple[int, int] = WIDE, desk: Desk | None = None) -> AsyncIterator[Stage]:
    """A console on a house, at work."""
    chosen = desk or house.desk()
    opening = Opening(lambda: chosen).start()
    assert opening.wait(PATIENCE)
    console = Console(opening)
    async with console.run_test(size=size) as pilot:
        on = Stage(pilot, console, chosen)
        await on.until(lambda: console.desktop.work is not None and console.desktop.work.note_area.is_mounted)
        await on.until(lambda: on.work.view is not None or not console.desktop.board.rows)
        try:
            yield on
        finally:
            # A console keeps what it has opened for good; the tests open hundreds in one process.
            gc.unfreeze()
