"""One action on one ticket, and what an action is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from frontdesk.domain.moves import VERBS
from frontdesk.domain.timing import Instant, parse
from frontdesk.tui.form import Field, Values
from frontdesk.tui.paper import Span

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView


@dataclass(slots=True)
class Errand:
    """One action on one ticket: the desk, the ticket as it was seen, and what a retry must remember.

    After a conflict `view` is the ticket as the others have left it, so that the next try is about what is seen then.
    """

    desk: Desk
    view: TicketView
    scratch: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        """By the desk's clock."""
        return self.desk.now()

    def at(self, text: str, label: str) -> Instant:
        """A time that a form brought."""
        return parse(text, self.now, label)


Ask = Callable[[Errand], Iterable[Field]]
Do = Callable[[Errand, Values], "TicketView"]


def _nothing(_errand: Errand) -> Iterable[Any]:
    return ()


class Action(NamedTuple):
    """`name` is the move of domain/moves.py; `ask` gives the fields, none of which means that it is done at once."""

    name: str
    does: str
    do: Do
    ask: Ask = _nothing
    preface: Callable[[Errand], Iterable[Span]] = _nothing
    confirm: str = "F9"

    @property
    def label(self) -> str:
        """Its Chinese verb."""
        return VERBS[self.name]


def choices(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Options out of a table of terms."""
    return tuple(labels.items())
