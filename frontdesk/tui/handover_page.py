"""The change of shift in the console: the page lies in front, Enter takes a line, F9 all of them or signs (A-DAY 08:28)."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.events import Key
from textual.geometry import Region
from textual.strip import Strip

from frontdesk.domain.errors import DeskError
from frontdesk.domain.handover import (
    KINDS,
    Handover,
    Matter,
    paper,
    shift_words,
    signatures,
    state_words,
    told,
    when_words,
)
from frontdesk.domain.timing import MINUTE, Instant, clock
from frontdesk.tui.form import DIGITS
from frontdesk.tui.keys import Bar
from frontdesk.tui.list_pane import ListPane
from frontdesk.tui.panes.bars import ROOMY
from frontdesk.tui.panes.menu import Choice
from frontdesk.tui.paper import Line, line, rule, strip, trim
from frontdesk.tui.sheet import prose
from frontdesk.tui.text import clean, clip, fit, wrap

if TYPE_CHECKING:
    from frontdesk.desk.shift_desk import OnDuty
    from frontdesk.tui.work import Work

PANE: Final = "handover"
_LOOKS: Final = {"escalation": "word-escalated", "morning": "title", "promise": "strong", "notice": "error"}
_PAST = 9
FOOT: Final = 3
"""Rows below the list."""
LOOK_SECONDS: Final = 30
"""Not oftener than so is a page that a colleague has just given looked for."""


class HandoverPane(ListPane[Matter]):
    """The page's lines over the whole width; the digit of a line takes it like Enter."""

    heads = 1

    def __init__(self, take: Callable[[Matter], None], now: Callable[[], Instant]) -> None:
        super().__init__(id=PANE)
        self._take, self._now = take, now
        self._title, self._right = "", ""

    def write(self, title: str, right: str, lines: tuple[Matter, ...]) -> None:
        """Another page, or the same one after somebody has taken something."""
        self._title, self._right = title, right
        self._strips.clear()
        self.fill(lines)

    def rewind(self) -> None:
        """Another page begins at its top."""
        self._at = self._top = 0
        self._held = None

    def repaint(self) -> None:
        """What is due is nearer than it was."""
        self._strips.clear()
        self.refresh()

    def identify(self, item: Matter) -> Hashable:
        """Its key, the same on every page."""
        return item.item.key

    def face(self, item: Matter) -> Hashable:
        """Whose it is and where it stands, which is its digit."""
        return item, self.items.index(item)

    def heading(self) -> tuple[str, str]:
        """Which shift, and what to press."""
        return self._title, self._right

    def head(self, cells: int) -> Line:
        """What the columns are."""
        return ((fit(f"   {_columns('事项', '时间', '单号', '要做什么', '谁手上', cells)}", cells), "head"),)

    def paint(self, item: Matter, cells: int, cursor: bool) -> Line:
        """`1 承诺     09:00        1126-03 **02 林** 下午给您回话                老周`."""
        now, at = self._now(), self.items.index(item) + 1
        digit = f" {at} " if at <= 9 else "   "  # noqa: PLR2004 - there are nine digits
        matter = item.item
        kind, when, number, words, whose = _widths(cells)
        look = "text" if item.waits else "dim"
        late = item.waits and matter.kind not in ("call", "notice", "escalation") and matter.at <= now
        text = " ".join(part for part in (matter.whom, matter.words) if part)
        return (
            (digit, "key"),
            (fit(KINDS[matter.kind], kind), _LOOKS.get(matter.kind, "text") if item.waits else "dim"),
            (fit(when_words(matter, now), when), "error" if late else look),
            (fit(matter.ticket[2:] or "－", number), look),
            (fit(clip(clean(text), words - 1), words), look),
            (fit(clean(state_words(item, now)), whose), "good" if item.taken_at is not None else look),
        )

    # What is under the cursor stands whole below the list: a narrow row cuts it short.

    @property
    def room(self) -> int:
        """Rows for lines, above the foot."""
        return max(self.size.height - 1 - self.heads - FOOT, 1)

    def render_line(self, y: int) -> Strip:
        """A row of the list, or of the foot."""
        at = y - (self.size.height - FOOT)
        if at < 0:
            return super().render_line(y)
        cells = self.size.width
        lines = self._foot(cells)
        return strip(lines[at] if at < len(lines) else (), cells, self.ground)

    def _foot(self, cells: int) -> list[Line]:
        item = self.current
        if item is None:
            return [rule("没有要交接的事项", cells, focused=False)]
        matter, now = item.item, self._now()
        head = " ".join(filter(None, (KINDS[matter.kind], clock(matter.at, now), matter.ticket, matter.whom)))
        follows = f"负责人 {matter.owner_name}"
        words = [line((f" {part}", "text")) for part in wrap(matter.words, cells - 2)]
        return [rule(head, cells, focused=False, right=follows), *words[: FOOT - 1]]

    def _go(self, at: int) -> None:
        super()._go(at)
        self.refresh(Region(0, self.size.height - FOOT, self.size.width, FOOT))

    def choose(self) -> None:
        """Enter."""
        if (item := self.current) is not None:
            self._take(item)

    def on_key(self, event: Key) -> None:
        """A digit takes its line."""
        place = DIGITS.get(event.character or "")
        if place is not None:
            event.stop()
            if place <= len(self.items):
                self._take(self.items[place - 1])


def _widths(cells: int) -> tuple[int, int, int, int, int]:
    """Kind, when, number, words, whose."""
    whose = 17 if cells >= ROOMY else 15
    fixed = 9 + 13 + 9
    return 9, 13, 9, max(cells - 3 - fixed - whose, 10), whose


def _columns(kind: str, when: str, number: str, words: str, whose: str, cells: int) -> str:
    return "".join(
        fit(text, width)
        for text, width in zip((kind, when, number, words, whose), _widths(cells), strict=True)
    )


class HandoverPage:
    """At most one page: one that waits to be taken, or one that is about to be given."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.pane = HandoverPane(self._chosen, lambda: work.now)
        self._found: Handover | None = None
        self._giving = False
        self._told: int | None = None
        self._looked: Instant = 0
        self._painted: Instant = 0
        self.begun = False
        """Whether it has been looked what lies there at the start."""
        self._asked: set[str] = set()
        self._left = 0

    # --- at the start, and when a colleague gives ----------------------------------------------------------------

    def begin(self) -> None:
        """Once the board stands: what the night has left lies in front."""
        self._looked, clerk = self._work.now, self._work.console.clerk

        def look(_nothing: None) -> None:
            clerk.ask("handover", self._work.desk.handovers.at_start, self._offer)

        # Behind the drafts, and behind the form that they may open: a half-written ticket is not covered.
        clerk.ask("drafts", _pass, lambda _nothing: clerk.ask("read", _pass, look))

    def _offer(self, found: Handover | None) -> None:
        self.begun = True
        self._count(found)
        if found is None:
            return
        self._told = found.id
        scene = self._work.desktop.scene
        if scene.page or scene.task or self._work.attention.ringing.first is not None:
            # Somebody is in the middle of something: it is said, and waits.
            self._work.desktop.say(_waits(found), "warn")
            return
        self._show(found)

    def board_changed(self) -> None:
        """Somebody has written: the open page follows, and one that was given meanwhile is told of once."""
        found, now = self._found, self._work.now
        if self.shown and found is not None and found.id is not None and not self._giving:
            self._ask(partial(self._work.desk.handovers.seen, found.id), self._again)
        elif now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._work.console.clerk.newest(
                "handover", self._work.desk.handovers.waiting_for_me, self._mention, lane="handover"
            )

    @property
    def chip(self) -> Line:
        """How much waits to be taken, in the status line where there is room."""
        if not self._left or self._work.console.size.width < ROOMY:
            return ()
        return (" ", "text"), (f" 待接班{self._left} ", "chip-at_risk")

    def _count(self, found: Handover | None) -> None:
        self._left = len(found.waiting) if found is not None and found.id is not None else 0
        self._work.desktop.bars()

    def _mention(self, found: Handover | None) -> None:
        self._count(found)
        if found is not None and found.id is not None and found.id != self._told:
            self._told = found.id
            self._work.desktop.say(_waits(found), "warn")

    def tick(self, now: Instant) -> None:
        """A second has passed: once a minute the open page reads differently."""
        if self.shown and now // MINUTE != self._painted // MINUTE:
            self._painted = now
            self.pane.repaint()

    def _ask(self, call: Callable[[], Handover], then: Callable[[Handover], None]) -> None:
        self._work.console.clerk.newest("handover", call, then, lane="handover")

    # --- from the palette ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """交接班: take what waits, give one's own shift, look at earlier ones."""
        handovers = self._work.desk.handovers
        self._work.console.clerk.ask(
            "handover", lambda: (handovers.waiting(), handovers.list(_PAST)), self._menu
        )

    def _menu(self, answer: tuple[Handover | None, tuple[Handover, ...]]) -> None:
        waits, past = answer
        choices = [Choice("交班", "看一遍要交给下一班的，F9 签字", self.give)]
        if waits is not None:
            choices.insert(0, Choice("接班", _waits(waits), partial(self._show, waits)))
        if past:
            choices.append(
                Choice("往次", f"最近 {len(past)} 次交接，按签字时的样子", partial(self._past, past))
            )
        self._work.show_menu("交接班", choices)

    def _past(self, past: tuple[Handover, ...]) -> None:
        now = self._work.now
        choices = [
            Choice(
                f"第 {each.id} 号",
                "　".join(
                    f"{who}：{told}" for who, told in zip(("交", "接"), signatures(each, now), strict=True)
                ),
                partial(self._whole, each),
            )
            for each in past
        ]
        self._work.show_menu("往次交接", choices)

    def _whole(self, found: Handover) -> None:
        self._work.show_page(f"第 {found.id} 号交接", prose("\n".join(paper(found))))

    def give(self) -> None:
        """What would be given now, to be looked through before it is signed."""
        self._work.console.clerk.ask(
            "handover", self._work.desk.handovers.preview, partial(self._show, giving=True)
        )

    def duty(self) -> None:
        """值班: whom to ask for what now, and the hours without anybody at the desk."""
        shifts = self._work.desk.shifts
        self._work.console.clerk.ask(
            "read", shifts.on_duty, lambda found: self._work.show_page("现在值班", partial(_duties, found))
        )

    # --- the page ------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> bool:
        """Whether the page lies in front."""
        return self._work.desktop.scene.page == PANE

    @property
    def bar(self) -> Bar:
        """What the keys do on it."""
        from frontdesk.tui import keys

        return keys.GIVE_BAR if self._giving else keys.TAKE_BAR

    def _show(self, found: Handover, giving: bool = False) -> None:
        self._giving, self._asked = giving, set()
        self.pane.rewind()
        self._paint(found)
        self._work.show_over(self.pane, PANE)

    def _paint(self, found: Handover) -> None:
        self._found, self._painted = found, self._work.now
        if not self._giving:
            self._count(found)
        now, page = self._work.now, found.page
        if self._giving:
            name, right = "交班", f"共{len(found.lines)}件"
        else:
            given = (
                f"{page.given_name} {clock(found.given_at, now)} 交"
                if found.given_at and page.given_by
                else "上一班没有签字"
            )
            name, right = f"接班　{given}", f"剩{len(found.waiting)}/{len(found.lines)}件"
        self.pane.write(f"{name}　下一班 {shift_words(page, now)}", right, found.lines)

    def _chosen(self, matter: Matter) -> None:
        """Enter or a digit: this one is mine. On a page that is to be given, the ticket is opened instead."""
        if self._giving:
            if matter.item.ticket:
                number, desk = matter.item.ticket, self._work.desk
                self._work.leave_page()
                self._work.console.clerk.ask(
                    "read", lambda: desk.tickets.view(number), self._work.attention.visit
                )
            return
        if matter.waits:
            self._asked.add(matter.item.key)
            self._go_on()
            self._take([matter.item.key])
        else:
            self._work.desktop.say(f"这一件不用接了：{state_words(matter, self._work.now)}")

    def _go_on(self) -> None:
        """The cursor goes on at once to what nobody has: Enter, Enter, Enter takes three, however slow the disk is."""
        lines, current = self.pane.items, self.pane.current
        at = next((place for place, matter in enumerate(lines) if matter is current), 0)
        for matter in (*lines[at:], *lines[:at]):
            if matter.waits and matter.item.key not in self._asked:
                self.pane.select(matter.item.key)
                return

    def press_all(self) -> None:
        """F9: take everything, or sign one's own shift over."""
        if not self._giving:
            self._take([])
        else:
            self._work.desktop.say("请稍候")
            self._work.console.clerk.ask("write", self._work.desk.handovers.give, self._given)

    def _given(self, found: Handover) -> None:
        self._told = found.id
        self._work.leave_page()
        self._work.desktop.say(
            f"第 {found.id} 号交接已签字：{told(found.lines) or '没有要交接的事项'}。没有人接的还在您名下",
            "good",
        )

    def _take(self, keys: list[str]) -> None:
        found = self._found
        if found is None:
            return
        handovers, number = self._work.desk.handovers, found.id
        self._work.desktop.say("请稍候")
        self._work.console.clerk.ask(
            "write",
            lambda: handovers.take(number, keys) if number is not None else handovers.take_up(keys),
            self._taken,
            self._lost,
        )

    def _taken(self, found: Handover) -> None:
        self._count(found)
        self._again(found)
        left = len(found.waiting)
        if left:
            self._work.desktop.say(f"已接，还剩 {left} 件", "good")
            return
        if self.shown:
            self._work.leave_page()
        self._work.desktop.say("全部接下了，都在您名下", "good")

    def _lost(self, error: Exception) -> None:
        """Somebody was quicker: told who, and the page follows."""
        self._asked.clear()
        self._work.console.sorry(error)
        found = self._found
        if isinstance(error, DeskError) and found is not None and found.id is not None:
            self._ask(partial(self._work.desk.handovers.seen, found.id), self._again)

    def _again(self, found: Handover) -> None:
        """The same page as it is now."""
        if self.shown and not self._giving:
            self._paint(found)

    def left(self) -> None:
        """Esc: what was not taken keeps the giver's name, and it is said how to come back."""
        found = self._found
        if found is not None and not self._giving and found.waiting:
            names = "、".join(dict.fromkeys(matter.holder_name for matter in found.waiting))
            self._work.desktop.say(
                f"还有 {len(found.waiting)} 件在{names}名下；再接：Ctrl+P 打「交接班」", "warn"
            )


def _duties(found: OnDuty, cells: int) -> list[Line]:
    lines: list[Line] = []
    for post in found.posts:
        who, why = post.words(found.now)
        lines.append(line((fit(f" {post.label}", 14), "head"), (fit(who, 30), "strong"), (why, "text")))
    if found.gaps:
        lines += [(), line((" 未来七天前台没有人当班的时段", "warn"))]
        lines += [line((f"  {gap}", "text")) for gap in found.gap_words]
    return [trim(each, cells) for each in lines]


def _pass() -> None:
    """Takes its place in a lane."""


def _waits(found: Handover) -> str:
    who = found.page.given_name or "上一班"
    return f"{who}交班 {len(found.waiting)} 件待接（{told(found.waiting)}）：Ctrl+P 打「交接班」"
