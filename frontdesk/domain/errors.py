"""The refusals that a person reads. Their text is Chinese, complete, and safe to show: it never holds personal data."""

from __future__ import annotations


class DeskError(Exception):
    """Base of every expected failure; `str()` is the Chinese sentence for the person at the desk."""


class Refused(DeskError):
    """The desk will not do this: an illegal move, a missing right, nothing found. `str()` gives the reason."""


class Conflict(Refused):
    """Somebody else saved the ticket first (DESIGN §4); the caller keeps the typed text and shows what changed."""


class BadInput(DeskError):
    """A value that cannot be used: names the field, what is wrong with the value, and what to do about it."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"「{field}」{problem}。{remedy}")
        self.field, self.problem, self.remedy = field, problem, remedy


class StoreTrouble(DeskError):
    """The database cannot be used now (locked, full, read-only, foreign, damaged); says what to do, nothing was half-saved."""


class KeyTrouble(DeskError):
    """The master key is missing, unreadable or belongs to another database (DESIGN §7)."""
