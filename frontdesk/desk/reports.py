"""What leaves the desk as paper: the monthly sheet and the day's unclosed (R-S11-02, R-000-05)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from frontdesk.desk.access import Access
from frontdesk.domain.timing import DAY, Instant, day_start

if TYPE_CHECKING:
    from frontdesk.desk.daily import Sending
    from frontdesk.desk.monthly import Kpi
    from frontdesk.sheets.files import Written
    from frontdesk.sheets.service_report import Service
    from frontdesk.sheets.summary import DaySummary


class Reports:
    """Sheets and summaries, recomputed from the events each time."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store, the rules, the masks and the clock."""
        self._a = access

    @staticmethod
    def end_of_day(day: Instant) -> Instant:
        """The last second of the Shanghai day that an instant falls on."""
        return day_start(day) + DAY - 1

    def summary(self, at: Instant | None = None, outside: bool = False) -> DaySummary:
        """The day's unclosed with who follows each, and what the day came to; as of `at`, now if None.

        What goes `outside` shows a unit as an ordinary agent sees it, whoever asks.
        """
        from frontdesk.desk.daily import Daily

        return Daily(self._a).summary(at, outside)

    def send_summary(self, at: Instant | None = None) -> Sending:
        """Put the day's summary into the outbox for the group; the same one is never put there twice."""
        from frontdesk.desk.daily import Daily

        return Daily(self._a).send(at)

    def save(self, path: Path, content: bytes) -> Written:
        """Write a report to a file, whole or not at all; the same content leaves the file as it is."""
        from frontdesk.sheets.files import put

        def build(handle: BinaryIO, _old: Path | None) -> str:
            handle.write(content)
            return ""

        return put(path.expanduser(), build, self._a.now())

    def kpi(self, month: str) -> Kpi:
        """3:3:4 of the month; for those who lead, and for the audit."""
        from frontdesk.desk.monthly import Monthly

        self._a.operator.needs("supervisor", "manager", "auditor", "admin")
        return Monthly(self._a).kpi(month)

    def write_kpi(self, found: Kpi, target: Path) -> Written:
        """Write the month's points with their working to a file, or into a folder under its own name."""
        from frontdesk.sheets.kpi_sheet import Meta, file_name, write_kpi

        meta = Meta(found.site, found.month, found.until, self._a.now())
        return write_kpi(found.people, found.departments, _placed(target, file_name(found.month)), meta)

    def service(self, month: str) -> Service:
        """《服务改进报告》 of the month; for those who lead, and for the audit."""
        from frontdesk.desk.monthly import Monthly

        self._a.operator.needs("supervisor", "manager", "auditor", "admin")
        return Monthly(self._a).service(month)

    def write_service(self, found: Service, form: str, target: Path | None = None) -> Written:
        """Write the report as docx or markdown to a file or into a folder, the exports' by default."""
        from frontdesk.sheets.service_report import file_name, service_markdown

        if form == "docx":
            from frontdesk.sheets.service_docx import service_docx

            content = service_docx(found)
        else:
            content = service_markdown(found).encode()
        name = file_name(found.month, "docx" if form == "docx" else "md")
        if target is None:
            self._a.settings.exports.mkdir(parents=True, exist_ok=True)
        return self.save(_placed(target or self._a.settings.exports, name), content)


def _placed(target: Path, name: str) -> Path:
    """The file that was asked for, or the one of that name in the folder that was."""
    place = target.expanduser()
    return place / name if place.is_dir() or not place.suffix else place
