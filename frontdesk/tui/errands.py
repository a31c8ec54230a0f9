"""Menus and forms: what can be done to a ticket or a call, asked for and handed to the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from frontdesk.desk.views import CallerCard, TicketView
from frontdesk.domain.board import CallLine
from frontdesk.domain.errors import BadInput, Conflict, DeskError, Refused
from frontdesk.tui.actions import ACTIONS, Action, Errand, moves
from frontdesk.tui.form import Field, Filling, Form, Values, freeze
from frontdesk.tui.intake import SLOT
from frontdesk.tui.panes.menu import Choice
from frontdesk.tui.sheet import headed
from frontdesk.tui.taking import Taking

if TYPE_CHECKING:
    from frontdesk.tui.work import Work

_STEPS = {"form:escalate": "escalate", "form:follow_up": "follow_up"}
"""Forms that narrow the phrases to a step."""


class Errands:
    """One menu or form at a time."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.taking = Taking(work, self)
        work.form.confirmed = self.taking.confirmed
        work.form.told = lambda words: work.desktop.say(words, "warn")
        self._drafts: dict[str, str] = {}

    # --- tickets -----------------------------------------------------------------------------------------------

    def ticket_menu(self) -> None:
        """Enter on a ticket: what its status allows, the likely first."""
        self._work.attention.catch_up(self._offer_moves)

    def _offer_moves(self) -> None:
        view = self._work.view
        if view is None:
            return
        choices = [Choice(a.label, a.does, partial(self._start, a, view)) for a in moves(view)]
        if (view.plan or view.incident) and not self._work.emergencies.shown:
            board = partial(self._work.emergencies.show, view.id if view.plan else None)
            choices.insert(0, Choice("突发看板", "现在念什么、谁到了、下次几点报", board))
        choices.insert(4, Choice("说明时限", "为什么是这个颜色", partial(self.explain, view.number)))
        self._work.show_menu(f"{view.number[2:]} 下一步", choices)

    def start(self, name: str, unasked: bool = False) -> None:
        """An action of the table on the ticket that is worked on; `unasked` where the console proposes it."""
        self._work.attention.catch_up(partial(self._begin, name, unasked))

    def _begin(self, name: str, unasked: bool = False) -> None:
        view = self._work.view
        if view is None:
            self._work.desktop.say("先选一张工单", "warn")
        elif name not in (action.name for action in moves(view)):
            self._work.console.sorry(
                Refused(f"{view.number} 现在不能{ACTIONS[name].label}。按回车看能做什么。")
            )
        else:
            self._start(ACTIONS[name], view, unasked)

    def _start(self, action: Action, view: TicketView, unasked: bool = False) -> None:
        """Prepare the form off the loop; an action that asks for nothing is done at once."""
        errand = Errand(self._work.desk, view)

        def prepare() -> Form:
            slot = f"form:{action.name}:{view.id}"
            title = f"{action.label}  {view.number[2:]}"
            fields, preface = tuple(action.ask(errand)), tuple(action.preface(errand))
            return Form(title, fields, slot, preface, action.confirm, unasked)

        def ready(form: Form) -> None:
            if not form.fields:
                self._do(action, errand, {})
                return
            self._work.form.open(form, form.start(self.draft(form.slot)), partial(self._do, action, errand))
            self._work.show_form()

        self._work.console.clerk.ask("read", prepare, ready)

    def _do(self, action: Action, errand: Errand, values: Values) -> None:
        def done(view: TicketView) -> None:
            self._work.desktop.say(f"{view.number} {action.label}：已保存", "good")
            if action.name == "escalate":
                self._work.attention.calm()
            self._work.attention.show_view(view)
            if action.name == "plan":
                self._work.emergencies.show(view.id)
            elif action.name == "resolve" and view.plan and view.status == "resolved" and view.missing:
                self.start("facts", unasked=True)  # while everybody who knows is still there (B2)
            elif action.name == "correct" and errand.view.priority != "urgent":
                self._work.emergencies.offer(view)

        self.send(lambda: action.do(errand, values), done, errand)

    def send(
        self, call: Callable[[], TicketView], done: Callable[[TicketView], None], errand: Errand | None = None
    ) -> None:
        """To the desk; on failure the form stays as it is, the fault beside its field, and F9 tries again."""
        filling, work = self._work.form.filling, self._work
        if filling is not None:
            filling.sending = True

        def saved(view: TicketView) -> None:
            if filling is not None:
                self._forget(filling.form.slot)
                work.form.close(filling)
            done(view)

        def failed(error: Exception) -> None:
            if filling is not None:
                filling.sending = False
            self._blame(filling, error)
            if errand is not None and isinstance(error, Conflict):
                work.console.clerk.ask(
                    "read", lambda: work.desk.tickets.by_id(errand.view.id), partial(_see, errand)
                )

        work.desktop.say("请稍候")
        work.console.clerk.ask("write", call, saved, failed)

    def _blame(self, filling: Filling | None, error: Exception) -> None:
        """Beside the field it is about, or at the form's top, and on the message line; nothing typed is lost."""
        if filling is not None and filling is self._work.form.filling and isinstance(error, DeskError):
            label, words = "", str(error)
            if isinstance(error, BadInput):
                label, words = error.field, f"{error.problem}。{error.remedy}"
            self._work.form.blame(label, words)
        self._work.console.sorry(error)
        self._work.attention.look(at_once=True)

    def explain(self, number: str) -> None:
        """Why the ticket has its colour (A-DAY 14:00)."""
        desk, page = self._work.desk, f"{number} 时限说明"
        self._work.console.clerk.ask(
            "read",
            lambda: desk.tickets.explain(number),
            lambda text: self._work.show_page(page, headed(text)),
        )

    # --- calls -------------------------------------------------------------------------------------------------

    def call_menu(self, call: CallLine) -> None:
        """Enter on a call."""
        desk, view = self._work.desk, self._work.view
        choices: list[Choice] = []
        if call.state == "ringing":
            choices.append(Choice("接听", "接起并开新单", partial(self.answer, call.id)))
        if call.ticket:
            choices.append(Choice("看工单", call.ticket, partial(self._go_to, call.ticket)))
        else:
            choices.append(Choice("开新单", "从这个来电开单", partial(self.taking.from_call, call.id)))
            if view is not None:
                move = Errand(desk, view)
                attach = partial(self._do, ACTIONS["call"], move, {"call": str(call.id)})
                choices.append(Choice("关联到工单", f"记到 {view.number} {view.title}", attach))
        if call.state == "ringing":
            choices.append(
                Choice("记为未接", "没接到，等回拨", partial(self._call_done, desk.calls.miss, call.id))
            )
        choices.append(Choice("处理完毕", "不用再跟", partial(self._call_done, desk.calls.done, call.id)))
        self._work.show_menu(f"来电 {call.phone}", choices)

    def _call_done(self, use_case: Callable[[int], CallerCard], call_id: int) -> None:
        self._work.console.clerk.ask(
            "write", lambda: use_case(call_id), lambda _card: self._work.console.reread()
        )

    def _go_to(self, number: str) -> None:
        desk = self._work.desk

        self._work.console.clerk.ask("read", lambda: desk.tickets.view(number), self._work.attention.visit)

    def find(self) -> None:
        """A ticket by its number, closed ones too."""
        number = Field("number", "单号", needed=True, hint="如 1122-03；已关闭的也找得到")
        desk = self._work.desk

        form = Form("找工单", (number,))

        def sent(values: Values) -> None:
            self.send(lambda: desk.tickets.view(values["number"]), self._work.attention.visit)

        self._work.form.open(form, form.start(), sent)
        self._work.show_form()

    def answer(self, call_id: int) -> None:
        """F2 on a ringing call: lift it, take the ticket."""
        desk = self._work.desk

        def lifted(card: CallerCard) -> None:
            self._work.console.reread()
            self.taking.start(card)

        self._work.console.clerk.ask("write", lambda: desk.calls.answer(call_id), lifted)

    # --- phrases and drafts ------------------------------------------------------------------------------------

    def edited(self, filling: Filling, name: str) -> None:
        """A field has another value: keep the draft, think about what was said."""
        if filling.form.slot:
            if self.is_empty(filling):
                self._forget(filling.form.slot)
            else:
                text = freeze(filling.values | self.taking.baggage(filling))
                self._drafts[filling.form.slot] = text
                self._work.console.drafts.keep(filling.form.slot, text)
        self.taking.edited(filling, name)

    def is_empty(self, filling: Filling) -> bool:
        """Nothing that a person wrote or chose is in that form: there is nothing to keep."""
        return filling.empty(self.taking.guessed(filling))

    def draft(self, slot: str) -> str:
        """What was filled into that form before, "" for nothing."""
        return self._drafts.get(slot, "")

    def topic(self, view: TicketView | None) -> tuple[str | None, str | None, str | None]:
        """Category, case and step that the phrases should suit now."""
        taken = self.taking.topic
        if taken is not None:
            return (*taken, None)
        filling = self._work.form.filling
        step = _STEPS.get(filling.form.slot.rpartition(":")[0]) if filling is not None else None
        return (view.category or None, view.case or None, step) if view else (None, None, step)

    def matter(self, view: TicketView | None) -> str:
        """What the owner has said: in the new ticket that is being taken, else in the ticket."""
        return self.taking.matter or (f"{view.title}\n{view.text}" if view is not None else "")

    def leave_form(self) -> None:
        """Esc: put the form away, its draft stays; an empty form is none."""
        filling = self._work.form.filling
        if filling is None:
            return
        empty = self.is_empty(filling)
        self.taking.left(filling)
        self._work.form.close()
        if empty:
            self._forget(filling.form.slot)
        elif filling.form.slot and filling.touched:
            self._work.desktop.say("填的已留作草稿，再打开还在", "good")

    def _forget(self, slot: str) -> None:
        if slot:
            self._drafts.pop(slot, None)
            self._work.console.drafts.keep(slot, "")

    def restore(self, drafts: dict[str, str]) -> int:
        """Forms that were being filled in; a new ticket opens at once, the others when they are called for."""
        self._drafts = {
            slot: text for slot, text in drafts.items() if slot.startswith("form:") and "promises" not in slot
        }
        opened = [slot for slot in self._drafts if slot.startswith(SLOT)]
        if opened:
            self.taking.again(opened[-1].removeprefix(SLOT))
        return len(self._drafts)


def _see(errand: Errand, view: TicketView) -> None:
    errand.view = view
