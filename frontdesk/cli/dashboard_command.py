"""看板 from the command line: the console on its page, or the figures once for pipes, mail and screen readers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.board import FACES
from frontdesk.domain.dashboard import MEANINGS, PLEDGES
from frontdesk.domain.timing import iso, local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontdesk.domain.dashboard import Dashboard, Share
    from frontdesk.domain.timing import Instant

EVERY = 1_000_000
"""Lines for categories and people where nothing limits them."""
_BAR = 24
_STYLES = {
    "title": "bold cyan",
    "title-on": "bold yellow",
    "head": "cyan",
    "dim": "dim",
    "rule": "dim",
    "strong": "bold",
    "good": "green",
    "warn": "yellow",
    "chip-emergency": "bold white on magenta",
    "chip-breached": "bold white on red",
    "chip-at_risk": "black on yellow",
    "chip-new": "black on cyan",
    "chip-escalated": "bold white on blue",
    "word-breached": "red",
    "word-emergency": "magenta",
    "word-at_risk": "yellow",
    "word-new": "cyan",
    "word-escalated": "blue",
}
"""Colour repeats what the words say (DESIGN §10)."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the application."""
    words = "看板：今日流量、时限、分类、三十天趋势、承诺；在终端里打开控制台的看板页"
    app.command("dashboard", help=words)(dashboard)


def dashboard(
    once: Annotated[bool, typer.Option("--once", help="只打印一次，不打开控制台")] = False,
    as_json: Json = False,
) -> int:
    """Today in figures."""
    from frontdesk import tui

    if not (once or as_json) and tui.terminal_problem() is None:
        from frontdesk.bootstrap import glance, open_desk

        return tui.run(open_desk, glance, "dashboard")
    with opened() as desk:
        found = desk.dashboard.read()
        if as_json:
            out.document(_json(found))
        elif sys.stdout is not None and sys.stdout.isatty():
            _show(found)
        else:
            out.say(_text(found, desk.settings.site))
    return 0


def _show(found: Dashboard) -> None:
    """As the console's page, in the width of the terminal and as high as it needs."""
    from rich.console import Console
    from rich.text import Text

    from frontdesk.tui.overview import LEAST, ROOMY, paint
    from frontdesk.tui.plots import ASCII

    console = Console(highlight=False)
    cells = max(console.width, LEAST[0])
    rows = 33 if cells >= ROOMY[0] else LEAST[1]
    for line in paint(found, found.at, cells, rows, ASCII, None).lines:
        words = Text()
        for text, look in line:
            words.append(out.guard(text), _STYLES.get(look, ""))
        words.rstrip()
        console.print(words, no_wrap=True, overflow="ignore", crop=False)


def _text(found: Dashboard, site: str) -> str:
    """A figure a line, for whoever cannot see bars; the bars stand behind the figures."""
    from frontdesk.tui.plots import ASCII, across

    def bars(shares: Sequence[Share], head: str) -> str:
        most = max((share.size for share in shares), default=0)
        rows = [
            (
                share.label,
                str(share.size),
                f"超时{share.late}" if share.late else "",
                across(share.size, most, _BAR, ASCII),
            )
            for share in shares
        ]
        return out.columns([(head, "件数", "", ""), *rows])

    now, total = found.at, found.total
    told = f"未结{len(found.rows)}  新增{total.opened}  关闭{total.closed}  接听{total.answered}  未接{total.missed}"
    hours = [each for each in found.hours if any(each[1:])]
    by_hour = [(f"{local(each.start):%H}时", *map(str, each[1:])) for each in hours]
    by_day = [
        (f"{local(each.start):%Y-%m-%d}", str(each.opened), str(each.closed), str(each.carried))
        for each in found.days
    ]
    parts = [
        f"{site}  {local(now):%Y-%m-%d %H:%M}  {told}",
        out.columns([("今日", "新增", "关闭", "接听", "未接"), *by_hour]),
        bars(found.states(now), "时限"),
        bars(found.categories(now, EVERY), "未结分类"),
        bars(found.owners(now, EVERY), "首问责任人"),
        bars(found.pledged(now), "今日到期的承诺"),
        out.columns([("日期", "新增", "关闭", "结转"), *by_day]),
    ]
    return "\n\n".join(parts)


def _json(found: Dashboard) -> dict[str, Any]:
    """The document of `dashboard --json`."""
    now = found.at
    names = ("opened", "closed", "answered", "missed")
    return {
        "now": iso(now),
        "open": len(found.rows),
        "today": {name: getattr(found.total, name) for name in names},
        "hours": [
            {"at": iso(each.start), **{name: getattr(each, name) for name in names}} for each in found.hours
        ],
        "states": [
            {
                "state": each.key,
                "state_label": each.label,
                "sign": FACES[each.key][0],
                "open": each.size,
                "late": each.late,
            }
            for each in found.states(now)
        ],
        "categories": [
            {"category": each.key, "open": each.size, "late": each.late}
            for each in found.categories(now, EVERY)
        ],
        "owners": [
            {"login": each.key, "name": each.label, "open": each.size, "late": each.late}
            for each in found.owners(now, EVERY)
        ],
        "promises_due_today": {
            key: sum(each.state(now) == key for each in found.promises) for key in PLEDGES
        },
        "days": [
            {"date": _date(each.start), "opened": each.opened, "closed": each.closed, "carried": each.carried}
            for each in found.days
        ],
        "meanings": dict(MEANINGS),
    }


def _date(at: Instant) -> str:
    return f"{local(at):%Y-%m-%d}"
