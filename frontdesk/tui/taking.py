"""A new ticket being taken: from a call or a walk-in, advised while it is written, saved with what it sets going."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from frontdesk.desk.views import CallerCard, TicketView
from frontdesk.domain.errors import BadInput
from frontdesk.domain.promising import standing
from frontdesk.domain.timing import Instant
from frontdesk.tui.form import Filling, Form, Values, thaw
from frontdesk.tui.intake import NO_CASE, OWNER, Advice, Intake, Owner
from frontdesk.tui.notes import pack, unpack
from frontdesk.tui.panes.menu import Choice
from frontdesk.tui.saying import promised, promising

if TYPE_CHECKING:
    from frontdesk.tui.errands import Errands
    from frontdesk.tui.work import Work

ADVICE_REST = 0.3
"""Seconds of rest after which what was typed is classified."""
_TELLING = ("text", "unit", "category", "owner")
"""Fields that the advice depends on."""
_GUESSED = frozenset({"kind", "category", "priority", "case", "send"})
"""Fields that the desk fills in by itself until a person chooses."""
_PROMISES, _CHOSEN = "promises", "chosen"


class Taking:
    """New tickets being taken: the one in hand, and those that wait underneath it since somebody rang."""

    def __init__(self, work: Work, errands: Errands) -> None:
        self._work, self._errands = work, errands
        self._taken: list[tuple[Filling, Intake]] = []
        self._typed = 0

    @property
    def _open(self) -> tuple[Filling, Intake] | None:
        """The one in hand."""
        return self._taken[-1] if self._taken else None

    def start(self, card: CallerCard | None = None, owner: Owner | None = None) -> None:
        """Take a ticket, from that call or from somebody at the desk; what was filled in before is there again."""
        intake, desk = Intake(card, owner), self._work.desk
        if self._open is not None and self._open[1].slot == intake.slot:
            self._work.show_form()
            return

        def ready(form: Form) -> None:
            draft = self._errands.draft(form.slot)
            intake.promises = unpack(thaw(draft).get(_PROMISES, ""))
            intake.pledged = standing(thaw(draft).get("note", ""), intake.promises)
            filling = self._work.form.open(form, form.start(draft), partial(self._save, intake))
            filling.touched |= set(thaw(draft).get(_CHOSEN, "").split())
            filling.at = 0
            self._taken.append((filling, intake))
            self._work.show_form()
            self._advise()

        self._work.console.clerk.ask("read", lambda: intake.form(desk), ready)

    def again(self, name: str) -> None:
        """The new ticket whose draft has that name in its slot."""
        whose, _, number = name.rpartition("-")
        if whose == OWNER and number.isdigit():
            self.from_owner(int(number), "", "")
        elif name.isdigit():
            self.from_call(int(name))
        else:
            self.start()

    def from_owner(self, resident_id: int, name: str, unit: str) -> None:
        """Take a ticket from an owner who was found by search."""
        self.start(owner=(resident_id, name, unit))

    def from_call(self, call_id: int) -> None:
        """Take a ticket from a call that was lifted or missed."""
        desk = self._work.desk
        self._work.console.clerk.ask("read", lambda: desk.calls.card(call_id), self.start)

    def _save(self, intake: Intake, values: Values) -> None:
        desk = self._work.desk
        if self._open is not None:
            intake.chosen = "send" in self._open[0].touched
        self._errands.send(lambda: intake.save(desk, values), partial(self._saved, intake))

    def _saved(self, intake: Intake, view: TicketView) -> None:
        self._taken = [each for each in self._taken if each[1] is not intake]
        sent = "，预案已打开" if view.plan else f"，已派{view.department}" if view.department else ""
        calmed = self._work.attention.stopwatch.call_done(intake.slot)
        told = "。激动计时已停，还在激动就 Ctrl+P 打「激动」" if calmed else ""
        made = promised(intake.pledged, self._work.now)
        self._work.desktop.say(f"{view.number} 已开单{sent}{made}{told}", "warn" if calmed else "good")
        self._work.attention.visit(view)
        self._work.farewell.prepare(view)
        if view.plan:
            self._work.emergencies.show(view.id)
        else:
            self._work.emergencies.offer(view)

    def left(self, filling: Filling) -> None:
        """The form was put away."""
        self._taken = [each for each in self._taken if each[0] is not filling]

    def confirmed(self, filling: Filling) -> bool:
        """Enter on what was reported: where it is urgent, its plan is offered, and Enter again opens it (A-DAY 09:15)."""
        if self._open is None or filling is not self._open[0]:
            return False
        intake = self._open[1]
        if intake.plan is None or filling.form.fields[filling.at].name != "text":
            return False

        def opens() -> None:
            filling.values["send"] = "plan"
            self._work.form.send()

        title = intake.plan[1]
        self._work.show_menu(
            f"紧急：{title}",
            [
                Choice("打开预案", f"开单，按「{title}」派单、群里通报", opens),
                Choice("接着填单", "还不确定，先问清", partial(self._work.form.action_go, 1)),
            ],
        )
        return True

    # --- while it is written -----------------------------------------------------------------------------------

    def edited(self, filling: Filling, name: str) -> None:
        """Think about what was said, once the hand rests."""
        if self._open is not None and filling is self._open[0] and name == "case":
            self._work.writing.offer_phrases()
        if self._open is not None and filling is self._open[0] and name == "note":
            self._pledge(filling.values["note"], self._open[1])
        if self._open is not None and filling is self._open[0] and name in _TELLING:
            self._typed += 1
            mine = self._typed
            self._work.desktop.set_timer(ADVICE_REST, lambda: self._advise() if mine == self._typed else None)

    def _pledge(self, note: str, intake: Intake) -> None:
        """Say which promises saving will make, where those are others than before."""
        before, intake.pledged = intake.pledged, standing(note, intake.promises)
        if intake.pledged != before:
            self._work.desktop.say(*promising(before, intake.pledged, self._work.now))

    def _advise(self) -> None:
        if self._open is None:
            return
        (filling, intake), desk = self._open, self._work.desk
        # What the desk itself has offered is no choice of anybody's: other words may point elsewhere.
        values = {
            name: value
            for name, value in filling.values.items()
            if name in filling.touched or name not in _GUESSED
        }

        def told(advice: Advice) -> None:
            if self._open is None or self._open[0] is not filling:
                return
            if advice.repeats and all(each.name != "repeat" for each in filling.form.fields):
                self._work.form.swap(filling, intake.form(desk, advice.repeats))
                number, title, _ = advice.repeats[0]
                self._work.desktop.say(
                    f"七天内有同类旧单 {number} {title}：可在「同类旧单」里重开或记上去", "warn"
                )
            self._work.form.offer(filling, advice.values, advice.hints, advice.likely)
            if advice.plan is not None and advice.plan != intake.plan:
                self._work.desktop.say(f"紧急：{advice.plan[1]}。回车打开预案，不确定就按 Tab 接着填", "warn")
            elif advice.plan is None and intake.plan is not None:
                self._work.desktop.say("")
            intake.case, intake.plan = advice.case, advice.plan
            if advice.upset:
                self._work.attention.upset(advice.upset, intake.slot)
            self._work.writing.offer_phrases()

        self._work.console.clerk.newest("advice", lambda: intake.advise(desk, values), told)

    # --- phrases -----------------------------------------------------------------------------------------------

    @property
    def topic(self) -> tuple[str | None, str | None] | None:
        """Category and case that the phrases should suit; None where no ticket is being taken."""
        if self._open is None or self._work.form.filling is None:
            return None
        filling, intake = self._open
        chosen = filling.values.get("case") or intake.case
        return filling.values.get("category") or None, None if chosen == NO_CASE else chosen

    @property
    def matter(self) -> str:
        """What was written down so far of the ticket that is being taken; "" where none is."""
        return self._open[0].values.get("text", "") if self._open is not None else ""

    @property
    def told(self) -> Values | None:
        """What the new ticket's form says so far; None where none is being taken."""
        return self._open[0].values if self._open is not None else None

    def heard_before(self) -> str:
        """What the records of that owner's other tickets hold; runs in a thread. "" while the unit is being typed."""
        if self._open is None:
            return ""
        (filling, intake), desk = self._open, self._work.desk
        try:
            return intake.heard_before(desk, filling.values)
        except BadInput:
            return ""

    @property
    def slot(self) -> str:
        """What names the call or visit from which a ticket is being taken; "" where none is."""
        return self._open[1].slot if self._open is not None else ""

    @property
    def takes_notes(self) -> bool:
        """True while phrases go into the new ticket."""
        return self._open is not None and self._work.form.filling is self._open[0]

    def add_note(self, sentence: str, due_at: Instant | None, confirmed: str = "") -> bool:
        """Write a phrase into the new ticket, with the time it promises and who `confirmed` it; False where none is taken."""
        if not self.takes_notes or self._open is None:
            return False
        if due_at is not None:
            self._open[1].promises.append((sentence, due_at))
        return self._work.form.add("note", sentence + confirmed)

    def guessed(self, filling: Filling) -> frozenset[str]:
        """The fields of that form that the desk fills in by itself, but for those that a person chose."""
        taken = self._open is not None and filling is self._open[0]
        return _GUESSED - filling.touched if taken else frozenset()

    def baggage(self, filling: Filling) -> Values:
        """What a draft keeps beside the fields: promises that are made when the ticket is saved, and what a person chose."""
        if self._open is None or filling is not self._open[0]:
            return {}
        chosen = " ".join(sorted(filling.touched & _GUESSED))
        return {_PROMISES: pack(self._open[1].promises), _CHOSEN: chosen}
