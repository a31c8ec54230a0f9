"""The console: opens the desk, asks it things off the event loop, and keeps the terminal in order (DESIGN §2, §10)."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme

from frontdesk.domain.errors import DeskError
from frontdesk.tui.clerk import Clerk, Done
from frontdesk.tui.desktop import Desktop
from frontdesk.tui.drafts import DraftKeeper
from frontdesk.tui.glass import Glass
from frontdesk.tui.looks import INKS, theme_variables

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from frontdesk.desk import Desk
    from frontdesk.domain.board import Board
    from frontdesk.tui.opening import Opening
    from frontdesk.tui.terminal import Probed

THEME = Theme(
    name="frontdesk",
    primary=INKS["sky"].hex,
    accent=INKS["amber"].hex,
    foreground=INKS["text"].hex,
    background=INKS["ground"].hex,
    surface=INKS["raised"].hex,
    panel=INKS["bar"].hex,
    variables=theme_variables(),
)
FAULT = 70
"""Exit status after a fault of the console itself."""


class Opened(Message):
    """The desk is open, or could not be opened."""


class Wrote(Message):
    """Somebody has written into the database."""


def _commands() -> Any:
    from frontdesk.tui.palette import DeskCommands

    return DeskCommands


class Console(App[int], inherit_bindings=False):
    """The front desk's program: one desk, one screen. Textual's own Ctrl+Q would leave without asking."""

    CSS_PATH = "console.tcss"
    TITLE = "物业前台"
    COMMANDS: ClassVar[set[Any]] = {_commands}

    def __init__(self, opening: Opening, depth: int = 256, first_page: str = "", **settings: Any) -> None:
        """`depth` is the number of colours, 0 for none; `first_page` may be `dashboard`."""
        super().__init__(**settings)
        self.register_theme(THEME)
        # Before anything is mounted, so that the theme costs no repaint.
        self.set_reactive(App.theme, THEME.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none"
        self.glass = Glass(depth)
        self._wide_glyphs = False
        self.opening = opening
        self.first_page = first_page
        self.desk: Desk | None = None
        self.clerk = Clerk(self, self.sorry)
        self.drafts = DraftKeeper(self.clerk, self.set_timer)
        self.drafts.trouble = self.sorry
        self.desktop = Desktop(self)

    def action_command_palette(self) -> None:
        """Ctrl+P."""
        from textual.command import CommandPalette

        self.settle()
        if len(self.screen_stack) == 1:
            self.push_screen(CommandPalette(placeholder="打汉字、拼音或首字母", id="--command-palette"))

    # --- coming and going --------------------------------------------------------------------------------------

    @property
    def current_theme(self) -> Theme:
        """The only one; Textual looks it up anew for every widget it paints."""
        return THEME

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: colours are the glass's concern, and a filter keeps a second copy of every line."""
        return ()

    def get_default_screen(self) -> Screen[Any]:
        """The one screen."""
        return self.desktop

    def on_mount(self) -> None:
        """Show the board at once where the desk is open already."""
        if not self.is_headless:
            from frontdesk.tui.terminal import LastWords

            LastWords(self.drafts.save_now, self._continue).install()
        if self.opening.wait(0):
            self._opened()
        else:
            self.desktop.say("正在打开数据库，请稍候")
            self.opening.tell(self._tell_opened)

    def on_unmount(self) -> None:
        """Nothing of the console goes on without its screen."""
        self.clerk.end()
        if self.desktop.work is not None:
            self.desktop.work.end()

    def _continue(self) -> None:
        self.call_later(self.redraw)

    def _tell_opened(self) -> None:
        self.post_message(Opened())

    def tell_written(self) -> None:
        """From any thread: the database holds something new."""
        self.post_message(Wrote())

    def on_opened(self) -> None:
        """The opening thread is done."""
        self._opened()

    def _opened(self) -> None:
        if self._exit:
            return
        self.desk = self.opening.desk
        if self.desk is None or self.opening.board is None:
            self.exit(1)
            return
        self._choose_glyphs()
        self.desktop.open(self.desk, self.opening.board)
        self.call_after_refresh(self.settle)

    def settle(self) -> None:
        """After the first frame, or with the first key where that is quicker: what lies over the screen, such as the
        palette, would hold the call after its refresh back for as long as it is open.
        """
        if self.desk is None or self.desktop.work is not None:
            return
        if self._exit:  # a terminal that cannot be drawn on may be found out before its first frame is
            return
        if not self.is_headless:
            # What the first frame leaves behind, half a MiB, would be kept for good.
            gc.collect()
        self.desktop.settle()
        gc.freeze()
        gc.enable()

    def _handle_exception(self, error: Exception) -> None:
        """A fault in the console itself: keep what was typed, log it, leave the terminal in order; no traceback."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        number = self.fault(error)
        try:
            self.drafts.save_now()
        finally:
            if not self._exit:  # else why it leaves was decided before
                words = f"前台出错退出，编号 {number}，已记入日志。写的内容已存为草稿，重新打开即可接着用。"
                self.exit(FAULT, message=words, return_code=FAULT)

    # --- the desk ----------------------------------------------------------------------------------------------

    def reread(self) -> None:
        """Read the board again, off the loop; a reading that a newer one overtakes is dropped."""
        if (desk := self.desk) is not None:
            self.clerk.newest("board", lambda: (desk.board(), desk.notices.failed()), self._fresh)

    def _fresh(self, found: tuple[Board, int]) -> None:
        board, self.desktop.unsent = found
        self.desktop.board_changed(board)

    def on_wrote(self) -> None:
        """Another console, a command or our own save."""
        self.reread()

    def on_done(self, message: Done) -> None:
        """A call to the desk has come back."""
        try:
            message.deliver()
        except DeskError as error:
            self.sorry(error)

    def sorry(self, error: Exception) -> None:
        """Say what went wrong: an expected failure in its own words, anything else under the id of its log entry."""
        if isinstance(error, DeskError):
            self.desktop.say(str(error), "error")
        else:
            self.desktop.say(f"出错了，编号 {self.fault(error)}，已记入日志。写的内容都还在。", "error")

    def fault(self, error: BaseException) -> str:
        """Log an unexpected error; its id."""
        return self.desk.fault(error) if self.desk is not None else type(error).__name__

    # --- the terminal ------------------------------------------------------------------------------------------

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Only what differs from what the terminal shows goes out; the input method's window follows the text."""
        if renderable is None or self._batch_count or self.is_headless:
            super()._display(screen, renderable)
            return
        offset = getattr(self.focused, "cursor_screen_offset", None)
        if offset is not None:
            self.cursor_position = offset
        where = self.screen.outer_size.clamp_offset(self.cursor_position)
        thinned: Any = self.glass.thin(renderable, self.size, where, offset is not None)
        super()._display(screen, thinned)

    def send(self, sequence: str) -> None:
        """Write something to the terminal that is no picture: a title, a bell."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
            self._driver.flush()

    def on_probed(self, message: Probed) -> None:
        """What the terminal can draw."""
        if message.verdict == "foreign":
            from frontdesk.tui.terminal import NOT_UTF8

            self.exit(1, message=NOT_UTF8, return_code=1)
        self._wide_glyphs = message.verdict == "wide"
        self._choose_glyphs()

    def _choose_glyphs(self) -> None:
        """ASCII in place of ambiguous-width characters: as the settings say, else as the terminal answered."""
        asked = self.desk.settings.ascii if self.desk is not None else None
        wanted = self._wide_glyphs if asked is None else asked
        if wanted != self.glass.ascii_only:
            self.glass.reset(ascii_only=wanted)
            self.screen.refresh()

    def redraw(self) -> None:
        """Write every cell again: the terminal may show anything."""
        self.glass.reset()
        self.screen.refresh()
