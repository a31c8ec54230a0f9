"""F1: the pane that has the keys in a few sentences, then every key."""

from __future__ import annotations

from frontdesk.tui import keys
from frontdesk.tui.paper import Line, line
from frontdesk.tui.text import fit, wrap

_FACES = (
    ("急", "emergency", "应急"), ("红", "breached", "超时"), ("近", "at_risk", "将超"), ("新", "new", "待应"),
    ("移", "escalated", "上移"), ("办", "working", "处理"), ("访", "follow_up", "回访"), ("停", "paused", "挂起"),
)  # fmt: skip


def page(pane: str, cells: int) -> list[Line]:
    """The help as lines of at most `cells` cells."""
    name, *sentences = keys.PANES[pane]
    lines = [line((name, "title-on"))]
    lines += [line((f"  {part}", "text")) for sentence in sentences for part in wrap(sentence, cells - 3)]
    lines += [(), line(("按键", "title"))]
    lines += [
        line((fit(f"  {key.name}", 10), "key"), (fit(key.label, 6), "strong"), (key.does, "text"))
        for key in keys.KEYS
    ]
    lines += [(), line(("状态", "title"))]
    legend: list[tuple[str, str]] = []
    for hanzi, look, word in _FACES:
        legend += [("  ", "text"), (hanzi, f"chip-{look}"), (f" {word}", f"word-{look}")]
    return [*lines, line(*legend)]
