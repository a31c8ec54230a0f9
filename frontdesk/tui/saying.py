"""Phrases on their way into the record: blanks asked for in order, times turned into promises (DESIGN §10, X5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from frontdesk.domain.phrases import blanks, fill, moment
from frontdesk.domain.playbook import BLANK, BLANKS, TIMES, Phrase
from frontdesk.domain.promising import Pledge
from frontdesk.domain.timing import Instant, clock, parse
from frontdesk.tui.form import Field, Form, Values

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView
    from frontdesk.domain.wording import Words


def ask(phrase: Phrase, known: Mapping[str, str]) -> Form | None:
    """The form that asks for the phrase's blanks in the order they are spoken; None where it has none."""
    names = blanks(phrase)
    if not names:
        return None
    fields = tuple(
        Field(
            name,
            name,
            "time" if name in TIMES else "line",
            known.get(name, ""),
            needed=True,
            hint=BLANKS[name],
        )
        for name in names
    )
    return Form("填空", fields, preface=((phrase.text.replace("{", "【").replace("}", "】"), "strong"),))


def half_filled(phrase: Phrase, known: Mapping[str, str]) -> str:
    """The sentence with what is known in its place, and 【】 round what is not."""
    return BLANK.sub(lambda match: known.get(match[1]) or f"【{match[1]}】", phrase.text)


def known(desk: Desk, view: TicketView | None) -> dict[str, str]:
    """What the desk can fill in by itself."""
    found = {"小区": desk.settings.site, "工号": desk.operator.login}
    if view is not None:
        found |= {
            "单号": view.number,
            "地点": view.place,
            "诉求": view.outcome,
            "部门": view.department,
            "事项": view.title,
        }
        if view.name and "*" not in view.name:
            found["称呼"] = view.name
    return {name: value for name, value in found.items() if value}


def heard(desk: Desk, values: Values) -> dict[str, str]:
    """The same for a ticket that is being taken: what was typed of it, and nothing of any other ticket."""
    found = {"小区": desk.settings.site, "工号": desk.operator.login}
    found |= {
        "地点": values.get("place", ""),
        "诉求": values.get("outcome", ""),
        "称呼": values.get("name", ""),
    }
    return {name: value.strip() for name, value in found.items() if value.strip()}


def said(
    phrase: Phrase, values: Values, now: Instant, words: Words | None = None
) -> tuple[str, Instant | None]:
    """The finished sentence, and the time that it promises (the last of its time blanks), None where it promises none.

    `BadInput` names the blank that cannot be used, also where it would bring in one of the forbidden `words`.
    """
    spoken, due_at = dict(values), None
    for name in blanks(phrase):
        if name in TIMES and values.get(name, "").strip():
            due_at = parse(values[name], now, name)
            spoken[name] = moment(due_at, now)
    return fill(phrase, spoken, words), due_at


def promising(before: Sequence[Pledge], after: Sequence[Pledge], now: Instant) -> tuple[str, str]:
    """What saving will promise, as a message and its look, where it was something else before."""
    gone = times([each for each in before if each not in after], now)
    made = f"保存后承诺 {times(after, now)}，开始计时" if after else ""
    if not gone:
        return made, "good"
    return "；".join(part for part in (f"{gone} 已从记录删去，不作承诺", made) if part), "warn"


def promised(made: Sequence[Pledge], now: Instant) -> str:
    """The same once it is saved, behind `已保存`; "" where nothing was promised."""
    return f"，承诺 {times(made, now)}" if made else ""


def times(pledges: Sequence[Pledge], now: Instant) -> str:
    """`16:30、明日10:00`."""
    return "、".join(clock(due_at, now) for _, due_at in pledges)
