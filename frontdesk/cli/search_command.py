"""`frontdesk search`: tickets, residents and the handbook by whatever somebody remembers (DESIGN §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.search_desk import Hit

KINDS = {"ticket": "工单", "resident": "住户", "case": "案例", "topic": "手册"}
LONG = 5000
"""Tickets that take so long to get into the index that somebody should know what is happening."""


def add_to(app: typer.Typer) -> None:
    """Put the command on the application."""
    app.command(
        "search",
        help="检索工单、住户（脱敏）和手册：汉字、拼音或首字母、房号或其一部分、电话后四位起、单号或其尾部；"
        "几个词之间用空格，须都符合",
    )(search)


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="词…", help="如：漏水、dtkr、3-2-501、7栋 漏水、0821")
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多几条")] = 20,
    as_json: Json = False,
) -> int:
    """What matches every word: open tickets first, then people and the handbook, then ended tickets."""
    text = " ".join(words)
    with opened() as desk:
        if desk.searching.waiting() > LONG:
            out.warn("有大量工单还没有编入检索索引，正在编入，只需一次……")
            desk.searching.complete()
        hits = desk.search(text, limit)
        if as_json:
            out.document(_document(desk, text, hits))
        elif hits:
            rows = [(KINDS[hit.kind], hit.number or "-", hit.title, hit.detail, hit.why) for hit in hits]
            out.say(out.columns([("类别", "单号", "事项", "说明", "按"), *rows]))
        else:
            out.warn(f"没有找到「{text[:40]}」。")
    return 0


def _document(desk: Desk, text: str, hits: list[Hit]) -> dict[str, Any]:
    """Tickets whole, in the order of the hits; residents and the handbook's pages beside them."""
    tickets = [hit for hit in hits if hit.kind == "ticket"]
    views = desk.tickets.several([int(hit.id) for hit in tickets])
    return {
        "query": text,
        "tickets": [
            view.json() | {"title": hit.title, "why": hit.why}
            for view, hit in zip(views, tickets, strict=True)
        ],
        "residents": [
            {"id": hit.id, "name": hit.title, "detail": hit.detail, "why": hit.why}
            for hit in hits
            if hit.kind == "resident"
        ],
        "cases": [
            {"id": hit.id, "title": hit.title, "kind": hit.kind}
            for hit in hits
            if hit.kind in ("case", "topic")
        ],
    }
