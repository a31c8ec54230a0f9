"""Before the owner hangs up: number and time, in a sentence that only has to be read out (A-DAY 08:42)."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.domain.phrases import blanks, say
from frontdesk.domain.playbook import TIMES, Handbook, Phrase
from frontdesk.domain.timing import Instant
from frontdesk.tui.notes import Saving

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView
    from frontdesk.tui.work import Work

STARTLED = 0.6
"""Seconds in which an Enter was meant for something else: nobody is told anything by a key that came too soon."""
_PRESENT: Final = ("phone", "walk_in")
"""Channels in which the owner hears what is said."""
_WHEN: Final = "业主挂电话之前念这一句；回车记为已告知"


class Parting(NamedTuple):
    """The sentence for one ticket, its blanks filled. `until` is the time it tells, `new` whether that becomes a promise."""

    ticket_id: int
    phrase: Phrase
    until: Instant | None
    new: bool


def parting(book: Handbook, view: TicketView, now: Instant) -> Parting | None:
    """The handbook's closing sentence with the number and the time that was promised, else that of the next progress notice.

    The time comes from a clock that runs (X5); told to an owner the latter is a promise too. None where no closing phrase
    names the number.
    """
    owed = min((each.due_at for each in view.promises if each.state == "owed"), default=None)
    progress = min((run.due_at for run in view.clocks if run.kind == "progress" and run.counts), default=None)
    until = owed if owed is not None else progress
    if until is not None and until <= now:
        until = None
    closing = (phrase for guide in book.guides if guide.step == "closing" for phrase in guide.phrases)
    fitting = [phrase for phrase in closing if {"单号"} <= set(blanks(phrase)) <= {"单号"} | TIMES]
    timed = [phrase for phrase in fitting if phrase.needs]
    bare = [phrase for phrase in fitting if not phrase.needs]
    chosen = next(iter(timed if until is not None and timed else bare), None)
    if chosen is None:
        return None
    times = {name: until for name in chosen.needs if until is not None}
    said = say(chosen, {"单号": view.number}, times, now, book.words)
    ready = chosen._replace(id=f"{chosen.id}:{view.number}", text=said.text, needs=(), when=_WHEN)
    return Parting(view.id, ready, until if times else None, bool(times) and owed is None)


class Farewell:
    """At most one sentence lies ready; it is gone once it was said."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ready: Parting | None = None
        self._fresh = False
        self._since = 0.0

    def prepare(self, view: TicketView) -> None:
        """A ticket has just been taken from somebody who is still there."""
        if view.channel not in _PRESENT:
            return
        desk, now = self._work.desk, self._work.now

        def ready(found: Parting | None) -> None:
            self._ready, self._fresh = found, found is not None
            self._work.writing.offer_phrases()

        self._work.console.clerk.ask("handbook", lambda: parting(desk.handbook, view, now), ready)

    def phrase(self, ticket_id: int | None) -> Phrase | None:
        """What lies ready for that ticket."""
        ready = self._ready
        if ready is None or ready.ticket_id != ticket_id:
            return None
        return ready.phrase if ready.until is None or self._work.now < ready.until else None

    def lies_ready(self) -> bool:
        """True once, when it is about to be shown for the first time: it stands first whatever was looked at."""
        fresh, self._fresh = self._fresh, False
        return fresh

    def take_keys(self) -> None:
        """Enter is to say it, where nobody has gone on to something else."""
        desktop, scene = self._work.desktop, self._work.desktop.scene
        if desktop.tickets.has_focus and not (scene.task or scene.page or scene.full or scene.aside):
            self._since = monotonic()
            desktop.set_scene(aside="phrases")
            self._work.focus(self._work.phrases_pane)

    def say(self, phrase: Phrase) -> bool:
        """It was read out: into the record at once, its time a promise; False where it is another phrase."""
        ready, work, view = self._ready, self._work, self._work.view
        if ready is None or phrase.id != ready.phrase.id:
            return False
        if monotonic() - self._since < STARTLED:
            return True
        if view is None or view.id != ready.ticket_id:
            work.attention.catch_up(lambda: work.writing.insert(phrase))
            return True
        promises = [(phrase.text, ready.until)] if ready.new and ready.until is not None else []
        saving = Saving(view, phrase.text, promises)
        self._ready = None

        def failed(error: Exception) -> None:
            self._ready = ready
            work.console.sorry(error)
            work.attention.look(at_once=True)

        def saved(after: TicketView) -> None:
            work.desktop.say(f"{after.number} 已记下：单号和时间业主知道了", "good")
            work.attention.show_view(after)

        if work.desktop.scene.aside == "phrases":
            work.desktop.set_scene(aside="")
        work.focus(work.desktop.tickets)
        work.console.clerk.ask("write", lambda: saving.run(work.desk), saved, failed)
        return True
