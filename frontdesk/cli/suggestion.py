"""What the desk makes of a sentence: `frontdesk suggest`, short enough for the short road (DESIGN §12)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from frontdesk.cli import out
from frontdesk.cli.session import opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import KINDS, PRIORITIES

if TYPE_CHECKING:
    from frontdesk.desk import Desk

LIMIT = 5
"""Cases and phrases, at most so many of each."""


def one(text: str, limit: int = LIMIT, as_json: bool = False) -> int:
    """One sentence, with reasons."""
    if not text.strip():
        raise BadInput("要判断的话", "没有填写", "写一句话，或用 --file 指明文件")
    with opened() as desk:
        found = document(desk, text, limit)
    if as_json:
        out.document(found)
        return 0
    out.say("  ".join((found["kind_label"], found["category"], found["priority_label"])))
    if not found["sure"]:
        others = "、".join(each["category"] for each in found["choices"][1:])
        out.say(f"  没有把握，也可能是：{others}" if others else "  没有把握，请核对")
    out.say("\n".join(f"  {reason}" for reason in found["reasons"]))
    out.say(
        "\n".join(f"{case['id']} {case['title']}（{'；'.join(case['reasons'])}）" for case in found["cases"])
    )
    out.say("\n".join(f"  {phrase['id']} {phrase['text']}" for phrase in found["phrases"]))
    return 0


def each(texts: Iterable[str], limit: int = LIMIT) -> int:
    """One document a line, so that thousands can be scored."""
    with opened() as desk:
        for text in texts:
            out.say(json.dumps(document(desk, text, limit), ensure_ascii=False))
    return 0


def document(desk: Desk, text: str, limit: int) -> dict[str, Any]:
    """The document of `suggest --json` (DESIGN §8)."""
    from frontdesk.domain.phrases import offered

    guess = desk.tickets.suggest(text)
    book = desk.handbook
    said = desk.categories.reader.read(text)[0]
    phrases = offered(
        book,
        said=said,
        category=guess.category,
        case=guess.case,
        urgent=guess.priority == "urgent",
        dangers=lambda: guess.dangers,
        limit=limit,
    )
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
