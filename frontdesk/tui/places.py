"""Where everything stands, as one pure function of the terminal's size and what is going on (DESIGN §10).

From 100 columns on: left who calls and what is open, right facts, do, say, in the order of a call. Narrower: one column without
side borders, in which phrases, calls, menu and form take turns. Below 80×24: only the request for room.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LEAST_COLUMNS, LEAST_ROWS = 80, 24
WIDE = 100
CALL_ROWS: Final = 5


class Scene(NamedTuple):
    """What is going on. `task` is what the detail's place is used for: "", `form` or `menu`. `aside` is what a narrow screen
    shows in place of its usual panes: "", `phrases`, `calls`, or `tickets` over a form. `page` is the pane that lies over
    everything: "" for none, `page` for text."""

    ringing: bool = False
    message: bool = False
    task: str = ""
    aside: str = ""
    page: str = ""
    full: str = ""
    """A pane that has the whole room, a menu or form beside it where there is space: the emergency board."""


class Box(NamedTuple):
    """Column, row, width, height in cells."""

    x: int
    y: int
    width: int
    height: int


def places(width: int, height: int, scene: Scene) -> dict[str, Box]:
    """Pane → its box; a pane that is not named is not shown."""
    if width < LEAST_COLUMNS or height < LEAST_ROWS:
        return {"small": Box(0, 0, width, height)}
    found = {"status": Box(0, 0, width, 1)}
    top = 1
    if scene.ringing:
        found["ring"] = Box(0, 1, width, 1)
        top = 2
    wide = width >= WIDE
    if wide or not scene.message:
        found["keys"] = Box(0, height - 1, width, 1)
    if wide or scene.message:
        found["message"] = Box(0, height - 1 - wide, width, 1)
    room = Box(0, top, width, height - top - 1 - wide)
    if scene.page:
        return found | {scene.page: room}
    if scene.full:
        return found | _full(room, scene, wide=wide)
    return found | (_wide(room, scene) if wide else _narrow(room, scene))


def _full(room: Box, scene: Scene, *, wide: bool) -> dict[str, Box]:
    if not scene.task:
        return {scene.full: room}
    if not wide:
        return {scene.task: room}
    right = _right(room)
    left = room.width - right - 1
    return {
        scene.full: Box(0, room.y, left, room.height),
        "divider": Box(left, room.y, 1, room.height),
        scene.task: Box(left + 1, room.y, right, room.height),
    }


def _right(room: Box) -> int:
    return max(46, min(64, room.width * 2 // 5))


def _wide(room: Box, scene: Scene) -> dict[str, Box]:
    right = _right(room)
    left = room.width - right - 1
    found = {
        "calls": Box(0, room.y, left, CALL_ROWS),
        "tickets": Box(0, room.y + CALL_ROWS, left, room.height - CALL_ROWS),
        "divider": Box(left, room.y, 1, room.height),
    }
    phrases = max(8, room.height * 2 // 5)
    if scene.task:
        phrases = max(8, room.height // 3)
        return found | _stack(
            left + 1, room.y, right, ((scene.task, room.height - phrases), ("phrases", phrases))
        )
    note = 4 if room.height < 30 else 5  # noqa: PLR2004 - a line more on screens that have it
    rows = (("detail", room.height - phrases - note), ("note", note), ("phrases", phrases))
    return found | _stack(left + 1, room.y, right, rows)


def _narrow(room: Box, scene: Scene) -> dict[str, Box]:
    if scene.task and scene.aside not in ("phrases", "tickets"):
        return _stack(0, room.y, room.width, ((scene.task, room.height),))
    note = 3
    if scene.aside == "phrases":
        upper = max(5, room.height // 4)
        lower = (("phrases", room.height - upper - note), ("note", note))
        if scene.task:
            return _stack(0, room.y, room.width, (("phrases", room.height),))
        return _stack(0, room.y, room.width, (("tickets", upper), *lower))
    upper = (room.height - note) * 4 // 7
    first = "calls" if scene.aside == "calls" else "tickets"
    return _stack(
        0, room.y, room.width, ((first, upper), ("detail", room.height - upper - note), ("note", note))
    )


def _stack(x: int, y: int, width: int, rows: tuple[tuple[str, int], ...]) -> dict[str, Box]:
    found = {}
    for name, height in rows:
        found[name] = Box(x, y, width, height)
        y += height
    return found
