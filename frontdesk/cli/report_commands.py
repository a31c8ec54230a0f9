"""What goes out: summary, monthly sheet, outbox, suggestions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import moment, opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import KINDS, PRIORITIES

if TYPE_CHECKING:
    from frontdesk.desk import Desk


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.command("summary", help="当日未闭环工单，谁在跟进")(summary)
    app.command("suggest", help="按一句话推荐类型、分类、紧急程度、案例和话术")(suggest)
    app.add_typer(notice, name="notice", help="待发通知", no_args_is_help=True)


def summary(
    date: Annotated[str, typer.Option(help="哪一天，如 2026-11-22，不写就是今天")] = "", as_json: Json = False
) -> int:
    """The day's unclosed with who follows each (R-000-05)."""
    from frontdesk.sheets.summary import summary_json, summary_text

    with opened() as desk:
        day = moment(desk, date, "日期")
        found = desk.reports.summary(None if day is None else desk.reports.end_of_day(day))
        if as_json:
            out.document(summary_json(found))
        else:
            out.say(summary_text(found))
    return 0


def suggest(
    text: Annotated[str, typer.Argument(metavar="一句话", help="业主说的话，汉字、拼音或首字母")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="一行一句，或含 utterance 的 JSONL；每行输出一份 JSON")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="案例和话术各最多几条")] = 5,
    as_json: Json = False,
) -> int:
    """What the desk makes of a sentence, with reasons."""
    with opened() as desk:
        if file is not None:
            for line in _lines(file):
                out.say(json.dumps(_suggestion(desk, line, limit), ensure_ascii=False))
            return 0
        if not text.strip():
            raise BadInput("要判断的话", "没有填写", "写一句话，或用 --file 指明文件")
        found = _suggestion(desk, text, limit)
        if as_json:
            out.document(found)
            return 0
        head = (found["kind_label"], found["category"], found["priority_label"])
        out.say("  ".join(head))
        if not found["sure"]:
            out.say(
                f"  没有把握，也可能是：{'、'.join(each['category'] for each in found['choices'][1:]) or '请您选'}"
            )
        out.say("\n".join(f"  {reason}" for reason in found["reasons"]))
        out.say(
            "\n".join(
                f"{case['id']} {case['title']}（{'；'.join(case['reasons'])}）" for case in found["cases"]
            )
        )
        out.say("\n".join(f"  {phrase['id']} {phrase['text']}" for phrase in found["phrases"]))
    return 0


def _lines(file: Path) -> list[str]:
    try:
        # Only a newline ends a line: a text may hold other marks that Python takes for one.
        lines = file.expanduser().read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput("文件", f"第 {error.start} 字节起不是 UTF-8", "请另存为 UTF-8 再试") from error
    return [_utterance(line) for line in lines if line.strip()]


def _utterance(line: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        record = json.loads(line)
    except ValueError:
        return line
    return str(record.get("utterance") or record.get("text") or "")


def _suggestion(desk: Desk, text: str, limit: int) -> dict[str, Any]:
    """The document of `suggest --json` (DESIGN §8)."""
    from frontdesk.domain.phrases import rank

    guess = desk.tickets.suggest(text)
    book = desk.handbook
    phrases = rank(book, category=guess.category, case=guess.case, step=None, typed="", limit=limit)
    return {
        "kind": guess.kind,
        "kind_label": KINDS[guess.kind],
        "category": guess.category,
        "priority": guess.priority,
        "priority_label": PRIORITIES[guess.priority],
        "confidence": round(guess.confidence, 3),
        "sure": guess.sure,
        "choices": [
            {"category": each.category, "score": round(each.score, 3), "reasons": list(each.reasons)}
            for each in guess.choices
        ],
        "reasons": list(guess.reasons),
        "cases": [
            {
                "id": hit.id,
                "title": book.cases[hit.id].title if hit.id in book.cases else "",
                "score": round(hit.score, 3),
                "reasons": list(hit.reasons),
            }
            for hit in guess.cases[:limit]
        ],
        "phrases": [{"id": p.id, "step": p.step, "text": p.text} for p in phrases],
    }


notice = Commands()


@notice.command("list", help="待发和已发的通知")
def notice_list(as_json: Json = False) -> int:
    """The outbox."""
    with opened() as desk:
        found = desk.notices.list()
    if as_json:
        out.document({"notices": [line.json() for line in found]})
        return 0
    rows = [(str(n.id), n.ticket, n.to, n.state, str(n.tries), n.error, n.body) for n in found]
    out.say(
        out.columns([("编号", "单号", "收件", "状态", "次数", "错误", "内容"), *rows])
        if rows
        else "没有通知。"
    )
    return 0


@notice.command("retry", help="重发一条失败的通知")
def notice_retry(
    number: Annotated[int, typer.Argument(metavar="编号", help="通知编号，见 notice list")],
) -> int:
    """Queue a failed notice again."""
    with opened() as desk:
        desk.notices.retry(number)
    out.say(f"通知 {number} 已排队重发。")
    return 0
