"""What the desktop's keys set going once the desk is open: moving between panes, menus and pages, copying, leaving."""

from __future__ import annotations

import subprocess
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.widget import Widget

from frontdesk.domain.timing import Instant
from frontdesk.tui import keys
from frontdesk.tui.attention import Attention
from frontdesk.tui.emergencies import Emergencies
from frontdesk.tui.errands import Errands
from frontdesk.tui.farewell import Farewell
from frontdesk.tui.form_pane import FormPane
from frontdesk.tui.handover_page import HandoverPage
from frontdesk.tui.host import Host
from frontdesk.tui.panes.menu import Choice, MenuPane
from frontdesk.tui.panes.note import NoteArea
from frontdesk.tui.panes.phrases import PhrasePane
from frontdesk.tui.seeking import Seeking
from frontdesk.tui.sheet import Painter, Sheet, prose
from frontdesk.tui.terminal import NOT_UTF8, tmux_without_utf8
from frontdesk.tui.watch import Watch
from frontdesk.tui.writing import Writing

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView
    from frontdesk.tui.app import Console
    from frontdesk.tui.dashboard import DashboardWork
    from frontdesk.tui.desktop import Desktop

ORDER = ("tickets", "detail", "note", "phrases", "calls")


class Work:
    """The desktop at work."""

    def __init__(self, console: Console, desktop: Desktop, desk: Desk) -> None:
        self.console, self.desktop, self.desk = console, desktop, desk
        self.note_area = NoteArea(id="note", placeholder="F5 处理记录（自动存草稿，F9 保存）")
        self.phrases_pane, self.menu = PhrasePane(id="phrases"), MenuPane(id="menu")
        self.farewell = Farewell(self)
        self.form, self.page = FormPane(lambda: self.now, self.form_closed, id="form"), Sheet(id="page")
        self.attention, self.writing, self.errands = Attention(self), Writing(self), Errands(self)
        self.form.turned = desktop.bars
        self.seeking, self.handover = Seeking(self), HandoverPage(self)
        self.emergencies = Emergencies(self)
        desktop.tickets.seek = self.seeking.type
        watch = Watch(desk, console.opening.changes, console.tell_written)
        self._threads: tuple[Watch | Host, ...] = (watch, Host(desk))
        self._back_to: Widget | None = None
        self._beneath: tuple[str, Widget] | None = None
        desktop.mount_all([self.note_area, self.phrases_pane, self.form, self.menu, self.page])
        desktop.mount(self.emergencies.pane)
        desktop.call_after_refresh(self._begin)

    def _begin(self) -> None:
        for thread in self._threads:
            thread.start()
        self.attention.board_changed()
        self.console.clerk.ask("drafts", self.desk.drafts.all, self.writing.restore)
        self.console.clerk.ask("slow", lambda: tmux_without_utf8(_output), self._tmux)
        if self.desk.welcome:
            self.show_page("首次使用，请读完再按 Esc", prose(self.desk.welcome))
        self.handover.begin()
        if not self.desk.welcome and self.console.first_page == "dashboard":
            self.dashboard()

    def end(self) -> None:
        """The console closes: nothing goes on behind it."""
        for thread in self._threads:
            thread.end()

    def _tmux(self, foreign: bool) -> None:
        if foreign:
            self.console.exit(1, message=NOT_UTF8, return_code=1)

    @property
    def now(self) -> Instant:
        """By the desk's clock; whole UTC seconds."""
        return self.desk.now()

    @property
    def view(self) -> TicketView | None:
        """The ticket that is worked on, as it was last seen."""
        return self.attention.view

    # --- where the keys go -------------------------------------------------------------------------------------

    def key_bar(self) -> keys.Bar:
        """What the keys do now."""
        if self.handover.shown:
            return self.handover.bar
        if self.desktop.scene.page:
            return keys.LEAF_BARS.get(self.desktop.scene.page, keys.PAGE_BAR)
        if self.desktop.scene.task == "menu":
            return keys.MENU_BAR
        if self.desktop.scene.task == "form":
            return self._form_bar()
        if self.desktop.scene.full:
            return keys.EMERGENCY_BAR
        return keys.bar()

    def _form_bar(self) -> keys.Bar:
        filling = self.form.filling
        if filling is None:
            return keys.bar()
        fields, at = filling.form.fields, filling.at
        return keys.form_bar(filling.form.confirm == "F8", at == len(fields) - 1, fields[at].kind == "text")

    def focus(self, pane: Widget) -> None:
        """Give a pane the keys."""
        # At once, and not with the next message: what is typed right after the key belongs here.
        self.desktop.set_focus(pane, scroll_visible=False)

    def tickets(self) -> None:
        """F3."""
        self._leave_page()
        self.emergencies.leave()
        self.desktop.set_scene(aside="tickets" if self.desktop.scene.task and not self.desktop.wide else "")
        self.focus(self.desktop.tickets)

    def phrases(self) -> None:
        """F4: to the phrases; where they hide the detail, F4 again brings it back."""
        self._leave_page()
        self.emergencies.leave()
        if self.phrases_pane.has_focus:
            self.desktop.set_scene(aside="")
            self._home()
            return
        if self.desktop.scene.task == "menu":
            self.close_menu()
        self.desktop.set_scene(aside="phrases")
        self.focus(self.phrases_pane)

    def note(self) -> None:
        """F5: to the record, or back to the form that is open."""
        self._leave_page()
        self.emergencies.leave()
        if self.desktop.scene.task == "menu":
            self.close_menu()
        self.desktop.set_scene(aside="")
        self._home()

    def _home(self) -> None:
        """The place where one writes now."""
        if self.form.filling is not None:
            self.form.take_keys()
        elif self.view is not None:
            self.focus(self.note_area)
        else:
            self.focus(self.desktop.tickets)

    def next_pane(self) -> None:
        """F6: the next pane that is in sight; behind the last one the dashboard has its turn, unless somebody is at work."""
        scene = self.desktop.scene
        if scene.page not in ("", "page"):
            self._leave_page()
            self.focus(self.desktop.tickets)
        elif not self._turn(1, ends=not (scene.page or scene.task or scene.ringing)):
            self.dashboard()

    def pane_beside(self) -> None:
        """Tab: the next pane that is in sight."""
        self._turn(1)

    def previous_pane(self) -> None:
        """Shift+Tab: the one before."""
        self._turn(-1)

    def _turn(self, by: int, ends: bool = False) -> bool:
        """False, and nothing done, where it would begin anew with the first pane and `ends` forbids that."""
        panes = {"tickets": self.desktop.tickets, "detail": self.desktop.detail, "note": self.note_area}
        panes |= {
            "phrases": self.phrases_pane,
            "calls": self.desktop.calls,
            "menu": self.menu,
            "page": self.page,
            "emergency": self.emergencies.pane,
        }
        names = ("page", self.desktop.scene.task, self.desktop.scene.full, *ORDER)
        order = [name for name in names if name and self.desktop.in_sight(name)]
        if not order:
            return True
        focused = _line_of(self.desktop.focused)
        at = next((place for place, name in enumerate(order) if panes.get(name, self.form) in focused), -1)
        if ends and at + by == len(order):
            return False
        name = order[(at + by) % len(order)]
        if name == "form":
            self.form.take_keys()
        else:
            self.focus(panes[name])
        return True

    def back(self) -> None:
        """Esc: one step back."""
        scene = self.desktop.scene
        if scene.page:
            self._turn_back()
        elif self.phrases_pane.has_focus and self.phrases_pane.clear():
            return
        elif scene.aside:
            self.desktop.set_scene(aside="")
            self._home() if scene.task or scene.aside == "phrases" else self.focus(self.desktop.tickets)
        elif scene.task == "menu":
            self.close_menu()
        elif self.phrases_pane.has_focus:
            self._home()
        elif scene.task == "form":
            self.errands.leave_form()
        elif scene.full:
            self.emergencies.leave()
        else:
            self.focus(self.desktop.tickets)

    # --- menus, forms and pages --------------------------------------------------------------------------------

    def show_menu(self, title_: str, choices: list[Choice]) -> None:
        """Something to choose from, in the detail's place."""
        if self.desktop.scene.task != "menu":
            self._back_to = self.desktop.focused
        self.menu.offer(title_, choices)
        self.desktop.set_scene(task="menu", aside="", page="")
        self.focus(self.menu)

    def close_menu(self) -> None:
        """Back to where the keys were."""
        if self.desktop.scene.task == "menu":
            self.desktop.set_scene(task="form" if self.form.filling else "")
            if self.form.filling is not None:
                self.form.take_keys()
            else:
                self.focus(self._back_to or self.desktop.tickets)

    def show_form(self) -> None:
        """The form has been opened: it takes the detail's place."""
        self.desktop.set_scene(task="form", aside="", page="")
        self.form.take_keys()
        self.writing.offer_phrases()

    def form_closed(self) -> None:
        """No form is open any more."""
        self.desktop.set_scene(task="", aside="")
        self.focus(self.emergencies.pane if self.desktop.scene.full else self.desktop.tickets)
        self.writing.offer_phrases()

    def show_page(self, title_: str, painter: Painter) -> None:
        """Text over the whole width; Esc brings the panes back."""
        scene, focused = self.desktop.scene, self.desktop.focused
        if scene.page not in ("", "page") and focused is not None:
            self._beneath = scene.page, focused
        self.page.write(title_, painter)
        self.show_over(self.page, "page")

    def show_over(self, pane: Widget, name: str) -> None:
        """A pane over the whole width, mounted when it is first needed; Esc brings the others back."""
        if not self.desktop.scene.page:
            self._back_to = self.desktop.focused
        if pane.parent is None:
            self.desktop.mount(pane)
        self.desktop.set_scene(page=name)
        self.focus(pane)
        self.desktop.bars()

    def _turn_back(self) -> None:
        """Esc on a page: to what lay beneath it."""
        beneath, self._beneath = self._beneath, None
        if self.desktop.scene.page == "found":
            self.figures.back()
        elif beneath is not None:
            name, pane = beneath
            self.show_over(pane, name)
        else:
            if self.handover.shown:
                self.handover.left()
            self._leave_page()

    def leave_page(self) -> None:
        """Back to the panes."""
        self._leave_page()

    def _leave_page(self) -> None:
        self._beneath = None
        if self.desktop.scene.page:
            self.desktop.set_scene(page="")
            self.focus(self._back_to or self.desktop.tickets)

    # --- the dashboard -----------------------------------------------------------------------------------------

    @cached_property
    def figures(self) -> DashboardWork:
        """The dashboard; made when somebody asks for it."""
        from frontdesk.tui.dashboard import DashboardWork

        return DashboardWork(self)

    def dashboard(self) -> None:
        """Today in figures, over the whole width."""
        self.figures.open()

    def reread(self) -> None:
        """The board has changed: so may have the figures, where they are in sight."""
        if "figures" in vars(self) and self.figures.in_sight:
            self.figures.reread()

    def tick(self, now: Instant) -> None:
        """A second has passed."""
        if "figures" in vars(self) and self.figures.in_sight:
            self.figures.tick(now)

    # --- the other keys ----------------------------------------------------------------------------------------

    def help(self) -> None:
        """F1: the pane that has the keys, then every key."""
        from frontdesk.tui.help import page

        names = {widget.id for widget in _line_of(self.desktop.focused)}
        pane = next((name for name in keys.PANES if name in names), "tickets")
        self.show_page("帮助", lambda cells: page(pane, cells))

    def coach(self) -> None:
        """What to do and what never to do in every step of a call."""
        from frontdesk.tui.book import coach_page

        desk, channel = self.desk, self.view.channel if self.view else ""
        self.console.clerk.ask(
            "handbook",
            lambda: desk.handbook,
            lambda book: self.show_page(
                "教练", partial(coach_page, book, self.attention.stopwatch.runs, channel)
            ),
        )

    def answer(self) -> None:
        """F2; on the emergency board it is one more caller about the same."""
        if self.desktop.scene.full and not self.desktop.scene.task and not self.desktop.scene.page:
            self.emergencies.attach()
            return
        call = self.attention.ringing.first
        if call is not None:
            self.errands.answer(call.id)
            return
        self._leave_page()
        self.emergencies.leave()
        self.desktop.set_scene(aside="" if self.desktop.wide else "calls")
        self.focus(self.desktop.calls)
        if not self.desktop.board.calls:
            self.desktop.say("没有待处理的来电。面谈开单：Ctrl+P 打「新单」")

    def follow_up(self) -> None:
        """F7."""
        self.errands.start("follow_up")

    def escalate(self) -> None:
        """F8: open the form, or confirm the one that is open."""
        filling = self.form.filling
        if filling is not None and filling.form.confirm == "F8":
            self.form.send()
        else:
            self.errands.start("escalate")

    def save(self) -> None:
        """F9: what is being filled in, else the record."""
        if self.handover.shown:
            self.handover.press_all()
        elif self.form.filling is not None:
            self.form.send()
        else:
            self.writing.save()

    def copy(self) -> None:
        """F12: the phrase or the ticket, into the clipboard where the terminal can, and as plain text to select."""
        text = self.writing.to_copy()
        self.console.copy_to_clipboard(text)
        self.show_page("", prose(text))
        self.desktop.say("已送往剪贴板；终端不支持时，用鼠标（或按住 Shift）选取上面的文字", "good")

    def leave(self) -> None:
        """F10: at once where everything is saved, after a question where not."""
        unsaved = [f"工单记录 {len(self.writing.notebook.texts)} 份"] if self.writing.notebook.texts else []
        if self.form.filling is not None and not self.errands.is_empty(self.form.filling):
            unsaved.append(f"正在填的「{self.form.filling.form.title}」")
        if not unsaved or self.console.clerk.busy("write"):
            self._end()
            return
        out = Choice("退出", "草稿已存，下次打开接着写", self._end)
        self.show_menu(f"还没保存：{'、'.join(unsaved)}", [out, Choice("返回", "接着写", self.close_menu)])

    def _end(self) -> None:
        """What is being saved is waited for, so that its draft is not offered again."""
        if self.console.clerk.busy("write"):
            self.desktop.say("正在保存，存完就退出")
            self.desktop.set_timer(0.1, self._end)
        else:
            self.console.exit(0)


def _line_of(widget: Widget | None) -> list[Widget]:
    return (
        [node for node in widget.ancestors_with_self if isinstance(node, Widget)]
        if widget is not None
        else []
    )


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=2, check=False).stdout
