"""Taking a new ticket: the form of R-001-06/07 with what is already known filled in, and everything it sets going on saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from frontdesk.domain import terms
from frontdesk.domain.patterns import pattern
from frontdesk.domain.promising import Pledge, standing
from frontdesk.tui.errand import choices
from frontdesk.tui.form import Field, Form, Values

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import CallerCard, TicketView
    from frontdesk.domain.classify import Suggestion

NEW, NO_CASE, OWNER, SLOT = "new", "no", "owner", "form:open:"
_SEND: Final = (("yes", "按分类派单"), ("no", "先不派"), ("plan", "打开突发预案"))
_PERSON: Final = (("no", "实名"), ("yes", "匿名"))
_DISPATCHED: Final = ("repair", "complaint", "help")
_HANZI, _LETTER = pattern("[\u4e00-\u9fff]"), pattern("[A-Za-z]")


Owner = tuple[int, str, str]
"""An owner who was found by search: row id, masked name, masked unit."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the desk makes of what was typed so far: values to offer, why, and earlier tickets about the same."""

    values: dict[str, str]
    hints: dict[str, str]
    """By field, of every field that is ever advised on: "" where there is nothing to say any more."""
    repeats: tuple[tuple[str, str, str], ...]
    likely: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By choice, the identifiers that may be meant, likeliest first: digits reach them."""
    case: str | None = None
    upset: str = ""
    """Why the owner seems upset; empty where calm."""
    plan: tuple[str, str] | None = None
    """The emergency plan that an urgent report leads to: id and title."""


@dataclass(slots=True)
class Intake:
    """One new ticket on its way: from which call, what the phrases promised, and how far saving has come."""

    card: CallerCard | None = None
    found: Owner | None = None
    promises: list[Pledge] = field(default_factory=list)
    pledged: list[Pledge] = field(default_factory=list)
    """Of those the ones that stand in what was told, which saving promises."""
    case: str | None = None
    plan: tuple[str, str] | None = None
    """The emergency plan that the words lead to: id and title."""
    chosen: bool = False
    """Whether anybody has chosen what is to be sent; else it is what suits the report, however fast F9 came."""
    owed: list[Pledge] = field(default_factory=list)
    """Told in a record that is saved, and not promised yet."""
    opened: TicketView | None = None
    done: list[str] = field(default_factory=list)

    @property
    def call_id(self) -> int | None:
        """The call it is opened from."""
        return self.card.call_id if self.card else None

    @property
    def slot(self) -> str:
        """Where its draft is kept."""
        return f"{SLOT}{self.call_id if self.card else f'{OWNER}-{self.found[0]}' if self.found else '-'}"

    def form(self, desk: Desk, repeats: Sequence[tuple[str, str, str]] = ()) -> Form:
        """The fields; with `repeats` it is also asked whether an earlier ticket goes on instead."""
        owner = self.card.owners[0] if self.card and len(self.card.owners) == 1 else None
        shown = self.card.shown if self.card else ""
        known = "来电登记 {}，不填即用"
        again: tuple[Field, ...] = ()
        if repeats:
            options = [
                (NEW, "开新单"),
                *((number, _again(number, status)) for number, _, status in repeats[:4]),
            ]
            hint = "七天内同房号同类：" + "；".join(f"{number} {title}" for number, title, _ in repeats[:4])
            again = (Field("repeat", "同类旧单", "choice", NEW, tuple(options), hint=hint),)
        owners = self.card.owners if self.card else ()
        which: tuple[Field, ...] = ()
        if len(owners) > 1:
            people = tuple((str(o.resident_id), f"{o.unit} {o.name}") for o in owners)
            which = (
                Field("owner", "哪位业主", "choice", "", people, hint="这个号码登记了几位业主，问一声是哪位"),
            )
        fields = (
            Field("text", "具体事项", "text", needed=True, hint="业主说的事；也可打简拼，如 dtkr、lousx"),
            *again,
            *which,
            Field("unit", "房号", hint=known.format(owner.unit) if owner else "如 6-2-0803、3栋2单元1801"),
            Field("name", "姓名", hint=known.format(owner.name) if owner else ""),
            Field("phone", "联系方式", hint=known.format(shown) if shown else ""),
            Field("kind", "类型", "choice", "", choices(terms.KINDS)),
            Field("category", "分类", "choice", "", tuple((name, name) for name in desk.categories.all)),
            Field("priority", "紧急程度", "choice", "", choices(terms.PRIORITIES)),
            Field(
                "case",
                "案例",
                "choice",
                "",
                _cases(desk),
                hint="采用后它的时限开始走；不合适就选「不用案例」",
            ),
            Field("place", "地点", hint="哪里出的事"),
            Field("happened", "时间", hint="什么时候的事，照业主说的写"),
            Field("outcome", "期望", hint="业主希望怎样解决"),
            Field("note", "已告知", "text", hint="对业主说过的话；F4 插入话术，约定的时间会成为承诺"),
            Field("send", "派单", "choice", "yes", _SEND),
            Field("channel", "渠道", "choice", "phone" if self.card else "walk_in", choices(terms.CHANNELS)),
            Field("anonymous", "实名", "choice", "no", _PERSON),
        )
        title = (
            f"新单  {self.card.shown}"
            if self.card
            else f"新单  {self.found[1]} {self.found[2]}"
            if self.found
            else "新单"
        )
        return Form(title, fields, self.slot)

    def advise(self, desk: Desk, values: Mapping[str, str]) -> Advice:
        """Classification with its reasons, and repeats within seven days; runs in a thread."""
        text = values.get("text", "").strip()
        hints = dict.fromkeys(("text", "category", "priority", "repeat"), "")
        if not text:
            return Advice({}, hints, ())
        from frontdesk.domain.classify import CHOICES  # not before somebody types

        guess = desk.tickets.suggest(text)
        category = values.get("category") or guess.category
        offered = {
            "kind": guess.kind,
            "category": guess.category,
            "priority": guess.priority,
            "case": guess.case or NO_CASE,
            "send": "yes" if guess.kind in _DISPATCHED else "no",
        }
        hints["text"] = _read(guess)
        plan = None
        if (values.get("priority") or guess.priority) == "urgent":
            plan = desk.emergencies.suggested(text, guess, category)
        if plan is not None:
            offered["send"] = "plan"
            hints["text"] = f"紧急：回车打开预案「{plan.title}」\n{hints['text']}"
        likely = {
            "category": tuple(each.category for each in guess.ranked[:CHOICES]),
            "case": tuple(each.id for each in guess.cases[:CHOICES]),
        }
        if not guess.sure and not values.get("category"):
            hints["category"] = _unsure([each.rpartition("-")[2] for each in likely["category"]])
        if guess.priority == "urgent":
            hints["priority"] = "涉及人身安全或重大故障：保存后马上派单，三十分钟内到场"
        unit = values.get("unit", "").strip()
        again = desk.tickets.repeats(unit, category, self.call_id, self._resident(values))
        if again:
            number, _, status = again[0]
            hints["repeat"] = (
                f"七天内同房号同类已有 {len(again)} 张：在这一项选「{_again(number, status)}」就不另开单"
            )
        said = "\n".join(part for part in (text, values.get("outcome", "")) if part)
        still_open = sum(status not in ("resolved", "closed") for _, _, status in again)
        mood = desk.tickets.mood(said, self.card.calls_7_days if self.card else 0, still_open)
        upset = "、".join(mood.reasons[:2]) if mood.level == "upset" else ""
        led = (plan.id, plan.title) if plan is not None else None
        return Advice(offered, hints, tuple(again), likely, guess.case, upset, led)

    def heard_before(self, desk: Desk, values: Mapping[str, str]) -> str:
        """What the owner has been told on other tickets lately."""
        return desk.tickets.heard_before(values.get("unit", ""), self.call_id, self._resident(values))

    # --- saving ------------------------------------------------------------------------------------------------

    def save(self, desk: Desk, values: Values) -> TicketView:
        """Open or go on with the ticket, then what was said, what was promised, the dispatch; a retry goes on where it stopped."""
        view = self.opened or self._open(desk, values)
        self.opened = view
        note = values.get("note", "")
        if note.strip() and "note" not in self.done:
            view = desk.tickets.note(view.number, note)
            self.owed = self.pledged = standing(note, self.promises)
            self.done.append("note")
        while self.owed:
            (words, due_at), *left = self.owed
            view = desk.tickets.promise(view.number, words, due_at)
            self.owed = left
        case = values.get("case", NO_CASE)
        if case not in ("", NO_CASE, view.case if view.case_taken else "") and "case" not in self.done:
            view = desk.tickets.case(view.number, case)
            self.done.append("case")
        send = values.get("send")
        if send == "yes" and not self.chosen and desk.emergencies.likely(view.number) is not None:
            send = "plan"
        if send == "plan" and not view.plan:
            view = desk.emergencies.open(view.number, self.plan[0] if self.plan else "")
        if send == "yes" and "dispatch" not in self.done and view.status == "new":
            view = desk.tickets.dispatch(view.number)
            self.done.append("dispatch")
        return view

    def _open(self, desk: Desk, values: Values) -> TicketView:
        again = values.get("repeat", NEW)
        if again and again != NEW:
            return self._go_on(desk, again, spelled_out(desk, values["text"].strip()))
        from frontdesk.desk.ticket_desk import NewTicket

        names = (
            "text",
            "name",
            "unit",
            "phone",
            "kind",
            "category",
            "priority",
            "channel",
            "place",
            "happened",
            "outcome",
        )
        told: dict[str, Any] = {name: values.get(name, "").strip() for name in names}
        told["text"] = spelled_out(desk, told["text"])
        anonymous = values.get("anonymous") == "yes"
        return desk.tickets.open(
            NewTicket(**told, anonymous=anonymous, call_id=self.call_id, resident_id=self._resident(values))
        )

    def _resident(self, values: Mapping[str, str]) -> int | None:
        if values.get("owner"):
            return int(values["owner"])
        return self.found[0] if self.found else None

    def _go_on(self, desk: Desk, number: str, text: str) -> TicketView:
        """The earlier ticket goes on: reopened where it had ended, the call and the words added."""
        view = desk.tickets.view(number)
        if view.status in ("closed", "resolved"):
            view = desk.tickets.reopen(number, f"业主再次来诉：{text}")
        else:
            view = desk.tickets.note(number, f"业主再次来诉：{text}")
        if self.call_id is not None:
            view = desk.tickets.attach_call(number, self.call_id)
        return view


def _unsure(names: Sequence[str]) -> str:
    """What is said of the categories that it may be."""
    if len(names) > 1:
        named = "  ".join(f"{digit} {name}" for digit, name in enumerate(names, 1))
        return f"拿不准：{named}。问清楚，到这一项按数字"
    return "拿不准：问清楚，不是这一类就到这一项改" if names else "没有线索：问清楚再选"


def spelled_out(desk: Desk, text: str) -> str:
    """What was typed in shorthand alone, as it was understood, `电梯困人（dtkr）`: a department and the next shift must read it.

    A text with hanzi in it, or one of which a letter is left unread, stays as it was typed.
    """
    if _HANZI.search(text):
        return text
    read, expanded = desk.categories.reader.read(text)
    return f"{read}（{text}）" if expanded and not _LETTER.search(read) else text


def _cases(desk: Desk) -> tuple[tuple[str, str], ...]:
    cases = ((case.id, f"{case.id} {case.title}") for case in desk.handbook.cases.values())
    return ((NO_CASE, "不用案例"), *cases)


def _again(number: str, status: str) -> str:
    ended = status in ("closed", "resolved")
    return f"重开 {number[2:]}" if ended else f"记到 {number[2:]}"


def _read(guess: Suggestion) -> str:
    """`报修 给排水漏水 普通，因为：漏水、漏`."""
    because = next((reason.partition("，")[2] for reason in guess.reasons if guess.category in reason), "")
    words = (
        f"{terms.KINDS[guess.kind]} {guess.category.rpartition('-')[2]} {terms.PRIORITIES[guess.priority]}"
    )
    return f"{words}，{because}" if because else words
