"""The commands that are run many times an hour, and their short road past Typer (DESIGN §12).

`attempt` reads only what is plainly right. Help, abbreviations and mistakes go on to Typer, whose commands call the
very same functions, so that there is one behaviour and two parsers of different speed.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence

from frontdesk.cli import out, render
from frontdesk.cli.session import moment, opened


def board(as_json: bool = False) -> int:
    """The board once: a table for eyes, one ticket a line for pipes and screen readers."""
    with opened() as desk:
        found = desk.board()
        if as_json:
            out.document(render.board_json(found))
        elif sys.stdout is not None and sys.stdout.isatty():
            from frontdesk.cli.table import show

            show(found, desk.settings.site)
        else:
            out.say(render.board_text(found, desk.settings.site))
    return 0


def call_log(phone: str, name: str = "", at: str = "", as_json: bool = False) -> int:
    """Log a ringing call; every open console rings."""
    with opened() as desk:
        card = desk.calls.ring(phone, name, moment(desk, at, "来电时间"))
        if as_json:
            out.document(card.json())
        else:
            out.say(render.card_text(card))
    return 0


def ticket_show(number: str, as_json: bool = False) -> int:
    """One ticket with its clocks and its record."""
    with opened() as desk:
        view = desk.tickets.view(number)
        if as_json:
            out.document(view.json())
        else:
            out.say(render.ticket_text(view))
    return 0


def summary(date: str = "", as_json: bool = False) -> int:
    """The day's unclosed with who follows each (R-000-05); the whole day of `date`, today up to now without one."""
    from frontdesk.sheets.summary import summary_json, summary_text

    with opened() as desk:
        day = moment(desk, date, "日期")
        found = desk.reports.summary(None if day is None else desk.reports.end_of_day(day))
    if as_json:
        out.document(summary_json(found))
    else:
        out.say(summary_text(found))
    return 0


def suggest(text: str, as_json: bool = False) -> int:
    """What the desk makes of a sentence."""
    from frontdesk.cli.suggestion import one

    return one(text, as_json=as_json)


_ROADS: Mapping[
    tuple[str, ...], tuple[Callable[..., int], tuple[str, ...], Mapping[str, str], frozenset[str]]
] = {
    ("board",): (board, (), {}, frozenset()),
    ("call", "log"): (
        call_log,
        (),
        {"--phone": "phone", "--name": "name", "--at": "at"},
        frozenset({"phone"}),
    ),
    ("summary",): (summary, (), {"--date": "date"}, frozenset()),
    ("ticket", "show"): (ticket_show, ("number",), {}, frozenset({"number"})),
    ("suggest",): (suggest, ("text",), {}, frozenset({"text"})),
}
"""Words → function, its arguments in order, its options with a value, and what must be given. All know `--json`."""


def attempt(args: Sequence[str]) -> int | None:
    """Run a hot command and answer its exit status; None where Typer has to look at the arguments."""
    for words, (command, places, options, needed) in _ROADS.items():
        if tuple(args[: len(words)]) == words:
            given = _given(args[len(words) :], places, options)
            if given is None or needed - given.keys():
                return None
            gc.disable()  # over in a moment: looking for garbage would be a twentieth of the whole command
            try:
                return command(**given)
            finally:
                gc.enable()
    return None


def _given(
    args: Sequence[str], places: tuple[str, ...], options: Mapping[str, str]
) -> dict[str, str | bool] | None:
    """Parameter → value; None for whatever is not known at once: a value that looks like an option, something twice."""
    given: dict[str, str | bool] = {}
    free, rest = list(places), iter(args)
    for word in rest:
        name, equals, value = word.partition("=")
        parameter: str
        answer: str | bool
        if word == "--json":
            parameter, answer = "as_json", True
        elif name in options:
            parameter, answer = options[name], value if equals else next(rest, "-")
        elif free and word and not word.startswith("-"):
            parameter, answer = free.pop(0), word
        else:
            return None
        if parameter in given or (isinstance(answer, str) and answer.startswith("-")):
            return None
        given[parameter] = answer
    return given
