"""Writing the record: one page a ticket, drafts at every pause, phrases put in with their blanks filled (DESIGN §10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from frontdesk.domain.errors import BadInput
from frontdesk.domain.phrases import offered, unsayable
from frontdesk.domain.playbook import CONFIRMED_BY, Phrase
from frontdesk.domain.timing import Instant
from frontdesk.domain.told import told
from frontdesk.tui import saying
from frontdesk.tui.form import Values
from frontdesk.tui.notes import Notebook, Saving

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView
    from frontdesk.domain.coaching import Advice
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.phrases import Warned
    from frontdesk.tui.work import Work

MOST = 1_000
"""Phrases on offer; the list paints only what is in sight, and a digit reaches the others."""


class Writing:
    """The record's pane and the phrases' pane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.notebook = Notebook()
        self._ticket: TicketView | None = None
        self._page: int | None = None
        self._saving: set[int] = set()

    # --- the record --------------------------------------------------------------------------------------------

    def restore(self, drafts: dict[str, str]) -> None:
        """What was being typed when the console last ended, however it ended."""
        tickets = self.notebook.restore(drafts)
        work = self._work
        work.console.drafts.use(work.desk.drafts)
        work.desktop.tickets.mark(self.notebook.texts)
        if self._page is not None:
            work.note_area.put(self.notebook.page(self._page).text)
        forms = work.errands.restore(drafts)
        if tickets or forms:
            work.desktop.say(f"已恢复没存的内容：记录 {len(tickets)} 份，表单 {forms} 份", "good")
        if tickets and not forms and work.desktop.tickets.select(tickets[-1]):
            work.focus(work.note_area)

    def turn_to(self, view: TicketView | None) -> None:
        """The ticket as it is seen now."""
        self._ticket = view
        self.turn_page(view.id if view else None)

    def turn_page(self, ticket_id: int | None) -> None:
        """Another ticket has another page, which lies open before its details have been read."""
        self._work.note_area.read_only = ticket_id is None
        if ticket_id != self._page:
            self._page = ticket_id
            self._work.note_area.put(self.notebook.page(ticket_id).text if ticket_id is not None else "")

    def written(self, text: str) -> None:
        """The page was written on."""
        if self._page is None:
            return
        page = self.notebook.page(self._page)
        before, page.text = page.standing, text
        if (after := page.standing) != before:
            self._work.desktop.say(*saying.promising(before, after, self._work.now))
        self._keep(self._page)

    def _keep(self, ticket_id: int) -> None:
        for slot, text in self.notebook.slots(ticket_id).items():
            self._work.console.drafts.keep(slot, text)
        self._work.desktop.tickets.mark(self.notebook.texts)

    def save(self) -> None:
        """F9: the page becomes a record, the promises that stand in it become clocks."""
        view, work = self._ticket, self._work
        if self._page is None or self._page in self._saving:
            return
        if view is None or view.id != self._page:
            work.attention.catch_up(self.save)
            return
        page = self.notebook.page(view.id)
        promises = [*page.owed, *page.standing]
        if not page.text.strip() and not promises:
            work.desktop.say("没有要保存的记录。先按 F5 写，或按回车看能做什么")
            return
        saving, written, seen = Saving(view, page.text, promises), page.text, len(page.promises)
        self._saving.add(view.id)
        work.desktop.say("正在保存")

        def put_back() -> None:
            """What could not be saved stays on the page, and what was written meanwhile."""
            self._saving.discard(view.id)
            if not saving.text:
                page.text = page.text.removeprefix(written).lstrip("\n")
                page.promises, page.owed = page.promises[seen:], saving.promises
            self._keep(view.id)
            if self._page == view.id:
                work.note_area.put(page.text)

        case = view.case or None

        def saved(answer: tuple[TicketView, Sequence[Warned]]) -> None:
            put_back()
            after, warned = answer
            done = f"{after.number} 已保存{saying.promised(promises, work.now)}"
            if warned:
                words, why = warned[0].words, warned[0].why
                work.desktop.say(f"{done}。留意：「{words}」不能对业主说（{why}）", "warn")
            else:
                work.desktop.say(done, "good")
            work.attention.show_view(after)
            work.emergencies.noted(after, written)

        def failed(error: Exception) -> None:
            put_back()
            work.console.sorry(error)
            work.attention.look(at_once=True)

        def run() -> tuple[TicketView, Sequence[Warned]]:
            return saving.run(work.desk), unsayable(work.desk.handbook, written, case=case)

        work.console.clerk.ask("write", run, saved, failed)

    # --- phrases -----------------------------------------------------------------------------------------------

    def offer_phrases(self) -> None:
        """The phrases for what is going on: the ticket, or the form that is open, and what was typed."""
        work = self._work
        category, case, step = work.errands.topic(self._ticket)
        typed = work.phrases_pane.sought
        desk = work.desk
        topic = "".join(
            part for part in (case or "", category.rpartition("-")[2] if category else "") if part
        )
        view, page = self._ticket, self.notebook.page(self._page).text if self._page is not None else ""
        record = (
            "\n".join([*(event.note for event in view.events if not event.undone), page]) if view else page
        )
        elsewhere: Callable[[], str] = str
        urgent = view is not None and view.priority == "urgent" and view.status != "resolved"
        channel, upset = view.channel if view is not None else "", work.attention.stopwatch.runs
        if (taken := work.errands.taking.told) is not None:
            # Another owner is on the line than the one whose ticket lies under the cursor.
            record, channel = taken.get("note", ""), taken.get("channel", "")
            urgent = taken.get("priority") == "urgent"
            elsewhere = work.errands.taking.heard_before
        elif view is not None:
            elsewhere = partial(desk.tickets.heard_elsewhere, view.id)
        told_by_owner = work.errands.matter(view)
        parting = work.farewell.phrase(self._page) if taken is None else None
        if taken is None and work.attention.ringing.first is not None and not work.phrases_pane.has_focus:
            # Before it is lifted the first words lie ready (A-DAY 08:42), whatever ticket lies under the cursor.
            category, case, step, topic = None, None, "opening", "来电"
            record, told_by_owner, channel, parting, elsewhere = "", "", "phone", None, str

        def offer() -> tuple[list[Phrase], frozenset[str], dict[str, Advice]]:
            said = desk.categories.reader.read(told_by_owner)[0] if told_by_owner else ""
            found = offered(
                desk.handbook,
                said=said,
                category=category,
                case=case,
                urgent=urgent,
                dangers=lambda: desk.tickets.dangers(told_by_owner.splitlines()),
                step=step,
                typed=typed,
                limit=MOST,
            )
            heard = told(found, f"{elsewhere()}\n{record}")
            # What the owner has heard stands last: nobody wants the same apology twice.
            order = sorted(found, key=lambda phrase: phrase.id in heard)
            if parting is not None and not typed:
                order = [parting, *(each for each in order if each.id != parting.id.partition(":")[0])]
            coach = {
                guide.step: desk.handbook.coach(guide.step, upset=upset, channel=channel)
                for guide in desk.handbook.guides
            }
            return order, heard, coach

        def shown(found: tuple[list[Phrase], frozenset[str], dict[str, Advice]]) -> None:
            first = parting is not None and work.farewell.lies_ready()
            work.phrases_pane.offer(found[0], topic, found[2], found[1], first=first)
            if first:
                work.farewell.take_keys()

        work.console.clerk.newest("phrases", offer, shown, lane="handbook")

    def look_at_handbook(self) -> None:
        """Read it again where a manager has changed its files; say what is wrong with them."""
        work, desk = self._work, self._work.desk

        def read() -> tuple[Problem, ...] | None:
            return desk.reread_handbook() if desk.handbook_changed() else None

        def told(problems: tuple[Problem, ...] | None) -> None:
            if problems is None:
                return
            if problems:
                work.desktop.say(
                    f"手册有 {len(problems)} 处不对，先用原来的；frontdesk handbook check 看详情", "warn"
                )
            else:
                work.desktop.say("手册已更新", "good")
            self.offer_phrases()

        work.console.clerk.ask("handbook", read, told)

    def insert(self, phrase: Phrase) -> None:
        """Put a phrase into the record, its blanks asked for first."""
        work, noted = self._work, self._work.errands.taking.takes_notes
        if work.farewell.say(phrase):
            return
        if self._page is None and not noted:
            work.desktop.say("先选一张工单，或接起来电开单，再插入话术", "warn")
            return
        if not noted and (self._ticket is None or self._ticket.id != self._page):
            work.attention.catch_up(partial(self.insert, phrase))
            return
        taken = work.errands.taking.told if noted else None
        known = saying.known(work.desk, self._ticket) if taken is None else saying.heard(work.desk, taken)
        form = saying.ask(phrase, known)
        if form is None:
            self._put(phrase.text, None)
            return

        def filled(values: Values) -> None:
            try:
                sentence, due_at = saying.said(phrase, values, work.now, work.desk.handbook.words)
            except BadInput as error:
                work.form.blame(error.field, f"{error.problem}。{error.remedy}")
                return
            work.form.close()
            by = values.get(CONFIRMED_BY, "")
            self._put(sentence, due_at, f"（{phrase.confirm}{by}确认）" if by else "")

        work.form.open(form, form.start(), filled)
        work.show_form()

    def _put(self, sentence: str, due_at: Instant | None, confirmed: str = "") -> None:
        """Into the record, with who `confirmed` its time behind it: that is ours to know and not said (X5)."""
        work = self._work
        if work.errands.taking.add_note(sentence, due_at, confirmed):
            work.show_form()
            return
        assert self._page is not None
        page = self.notebook.page(self._page)
        if due_at is not None:
            page.promises.append((sentence, due_at))
        work.desktop.set_scene(aside="")
        work.note_area.add(sentence + confirmed)
        self._keep(self._page)
        work.focus(work.note_area)

    def to_copy(self) -> str:
        """The phrase that is looked at, else the ticket."""
        phrase = self._work.phrases_pane.chosen
        if self._work.phrases_pane.has_focus and phrase is not None:
            return phrase.text
        view = self._ticket
        if view is None:
            return ""
        parts = [
            view.number,
            view.unit,
            view.title,
            view.next_step,
            *(f"{e.label} {e.note}" for e in view.events[-5:]),
        ]
        return "\n".join(part for part in parts if part)
