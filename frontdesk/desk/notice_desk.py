"""The outbox as people see it."""

from __future__ import annotations

from frontdesk.desk.access import Access
from frontdesk.desk.views import NoticeView
from frontdesk.store.notices import Notices


class NoticeDesk:
    """Listing and retrying notices."""

    def __init__(self, access: Access) -> None:
        """`access` brings the store."""
        self._notices = Notices(access.db)

    def list(self, limit: int = 200) -> tuple[NoticeView, ...]:
        """The newest notices, unsent ones first."""
        return tuple(
            NoticeView(n.id, n.ticket, n.kind, n.recipient, n.state, n.tries, n.error, n.body)
            for n in self._notices.list(limit)
        )

    def retry(self, notice_id: int) -> None:
        """Queue a failed notice again."""
        self._notices.retry(notice_id)
