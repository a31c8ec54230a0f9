"""The monthly sheet (R-S11-02): written, caught up, closed and reissued."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.desk.access import Access
from frontdesk.domain.editions import GRACE, Edition, Wish, next_edition
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.month import count_month, month_of, reach, shifted
from frontdesk.domain.tallies import Figures, tally_month
from frontdesk.domain.timing import Instant, month_bounds
from frontdesk.sheets.files import Written
from frontdesk.store.editions import Editions

if TYPE_CHECKING:
    from frontdesk.domain.month import Month

_FORMAT: Final = "3"
"""Grows with every change of what the sheet looks like: a sheet of an older look is written anew."""


class Asked(NamedTuple):
    """How an export is to be done; `template` is the company's own workbook."""

    close: bool = False
    reissue: bool = False
    reason: str = ""
    template: Path | None = None


PLAIN: Final = Asked()


class SheetDesk:
    """Writes 顾客投诉分类统计表, always masked as an ordinary agent would see it: the file leaves the house."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the masks and the clock."""
        self._a = access
        self._editions = Editions(access.db)

    @cached_property
    def _own_days(self) -> dict[int, bool]:
        from frontdesk.domain.holidays import own_days

        try:
            return own_days(self._a.document("policy.toml"))
        except BadInput:
            return {}  # `policy check` tells what is wrong with the file; a month must not wait for that

    def export(self, month: str, folder: Path | None = None, asked: Asked = PLAIN) -> Written:
        """Write one month (`YYYY-MM`); a second run over the same data changes nothing.

        A month is closed by the first export three days after its end, or by `close`; then only `reissue` with a
        reason, by a manager, writes another edition. `editions.Frozen` where its data has changed since.
        """
        from frontdesk.sheets.complaint_sheet import file_name
        from frontdesk.sheets.template import check_template

        if asked.close or asked.reissue:
            self._a.operator.needs("manager", "admin")
        now = self._a.now()
        month_bounds(month)
        place = (folder.expanduser() if folder else self._a.settings.exports) / file_name(month)
        # Read before the tickets: what is written meanwhile is found by the next export.
        seen = self._seen(month, now, asked.template)
        before = self._editions.last(month)
        wishes = asked.close or asked.reissue or (before is not None and _closing(before, now))
        if before is not None and not wishes and self._unchanged(month, place, _stamp(seen, before)):
            return Written(place, False)
        counted = self._count(month, now)
        # Whatever can be seen to fail is looked at before the edition is kept.
        _make(place.parent)
        if asked.template is not None:
            check_template(asked.template.expanduser())
        wish = Wish(self._a.operator.name, now, asked.close, asked.reissue, asked.reason)
        edition = self._editions.advance(month, lambda last: next_edition(last, counted, wish))
        written = self._write(counted, edition, place, asked.template)
        if written.path.name == place.name:
            self._editions.settle(edition, _stamp(seen, edition), _digest(written.path))
        return written

    def due(self, folder: Path | None = None, template: Path | None = None) -> Iterator[Written]:
        """What a daily run has to write: every month that is not closed yet, up to the running one.

        So what was missed is caught up, and a month that has ended is brought to its end first. `Refused` is only
        raised when all the others are written.
        """
        this = month_of(self._a.now())
        first, newest = self._editions.oldest_open(), self._editions.newest()
        if first is None:
            first = this if newest is None else min(shifted(newest, 1), this)
        yield from self._several(first, this, folder, template)

    def all(self, folder: Path | None = None, template: Path | None = None) -> Iterator[Written]:
        """Every month from the first ticket's to the running one."""
        now = self._a.now()
        oldest = self._editions.first_ticket()
        first = month_of(oldest) if oldest is not None else month_of(now)
        yield from self._several(first, month_of(now), folder, template)

    def _several(
        self, first: str, last: str, folder: Path | None, template: Path | None
    ) -> Iterator[Written]:
        refused: list[str] = []
        month = first
        while month <= last:
            try:
                yield self.export(month, folder, Asked(template=template))
            except Refused as problem:
                refused.append(str(problem))
            month = shifted(month, 1)
        if refused:
            raise Refused("\n".join(refused))

    def history(self) -> list[tuple[str, int, Instant, str, str, str, str]]:
        """Every edition: (month, number, at, by, reason, digest, state)."""
        return self._editions.history()

    def _count(self, month: str, now: Instant) -> Month:
        from frontdesk.desk.month_facts import month_facts

        start, end = month_bounds(month)
        found = month_facts(self._a, end, reach(month), start)
        previous, year_ago = (self._totals(shifted(month, back), now) for back in (-1, -12))
        return count_month(found, month, now, previous=previous, year_ago=year_ago)

    def _totals(self, month: str, now: Instant) -> Figures | None:
        """What that month came to: as it was frozen, else as it is now; None before the first ticket."""
        from frontdesk.desk.month_facts import month_facts

        last = self._editions.last(month)
        if last is not None and last.closed:
            return last.totals
        start, end = month_bounds(month)
        oldest = self._editions.first_ticket()
        if oldest is None or oldest >= end:
            return None
        return tally_month(month_facts(self._a, end, start, start), month, now).totals

    def _write(self, counted: Month, edition: Edition, place: Path, template: Path | None) -> Written:
        from frontdesk.sheets.complaint_sheet import EditionMark, Meta, write_month

        mark = EditionMark(edition.number, edition.at if edition.closed else None, edition.by, edition.reason)
        order = tuple(self._a.categories.all)
        meta = Meta(self._a.settings.site, self._a.now(), order, mark, edition.marks, self._own_days)
        if template is not None:
            from frontdesk.sheets.template import fill_template

            return fill_template(counted, template.expanduser(), place, meta)
        return write_month(counted, place, meta)

    def _seen(self, month: str, now: Instant, template: Path | None) -> str:
        """Everything that the file depends on but its edition, without reading more than one event a ticket."""
        end = month_bounds(month)[1]
        windows = [(reach(month), end)]
        frozen = []
        for back in (-1, -12):
            last = self._editions.last(shifted(month, back))
            if last is not None and last.closed:
                frozen.append((last.month, last.number, last.digest))
            else:
                windows.append(month_bounds(shifted(month, back)))
        told = (
            *(_FORMAT, month, self._editions.stamp(windows), frozen, now >= end),
            *(self._a.settings.site, list(self._a.categories.all), sorted(self._a.names().items())),
            *(_digest(template) if template else "", sorted(self._own_days.items())),
        )
        return repr(told)

    def _unchanged(self, month: str, place: Path, stamp: str) -> bool:
        """The last export made this very file of the same data, and nobody has written into it since."""
        before, file = self._editions.settled(month)
        return bool(file) and before == stamp and place.is_file() and _digest(place) == file


def _closing(last: Edition, now: Instant) -> bool:
    """The next export is the one that closes this month."""
    return not last.closed and now >= month_bounds(last.month)[1] + GRACE


def _stamp(seen: str, edition: Edition) -> str:
    told = (seen, edition.number, edition.state, edition.at if edition.closed else 0, edition.digest)
    return sha256(repr(told).encode()).hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        words = f"目录 {folder} 建不了（{problem.strerror}），报表没有写出，原有的表没有动。请检查路径和磁盘，或另选一处。"
        raise Refused(words) from problem


def _digest(path: Path) -> str:
    try:
        return sha256(path.expanduser().read_bytes()).hexdigest()
    except OSError as problem:
        raise Refused(f"{path} 读不了（{problem.strerror}）。请检查路径和权限。") from problem
