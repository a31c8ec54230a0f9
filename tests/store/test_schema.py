"""Migrations make what rows.py says, from nothing and from every released version (DESIGN §9)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from frontdesk.domain.enclosure import HTML, Enclosure
from frontdesk.domain.errors import StoreTrouble
from frontdesk.store import migrate, rows
from frontdesk.store.database import APPLICATION_ID, HEAD, Database, _prepare, create, inspect
from frontdesk.store.notices import NoticeDraft, Notices, post

PAGE = Enclosure("2026-11-22.html", HTML, b"<p>x</p>")
MIGRATIONS = Path(migrate.__file__).parent / "migrations"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "frontdesk.db"


def test_an_empty_place_becomes_the_newest_schema(path: Path) -> None:
    create(path, migrate.upgrade)
    assert inspect(path) == HEAD
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    with sqlite3.connect(path) as conn:
        assert conn.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    conn.close()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection:sqlalchemy.exc.SAWarning")
def test_the_migrations_make_exactly_what_the_rows_say(path: Path) -> None:
    """All but ix_event_promised, which is on an expression: tests/desk/test_dashboard_desk.py sees that it is used."""
    assert rows.TicketRow.__tablename__ == "ticket"
    create(path, migrate.upgrade)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True, "include_name": _of_rows}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def _of_rows(name: str | None, kind: str, _parents: object) -> bool:
    """Leaves SQLite's own word index aside: no row class can say what FTS5 keeps in its tables."""
    return kind != "table" or not str(name).startswith(("search_pairs", "search_letters"))


def test_the_newest_migration_is_the_one_this_program_names() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert scripts.get_heads() == [HEAD]


def test_bringing_an_up_to_date_database_up_to_date_changes_nothing(path: Path) -> None:
    create(path, migrate.upgrade)
    before = path.read_bytes()

    def never(path: Path) -> None:
        raise AssertionError("there is nothing to do")

    create(path, never)
    migrate.upgrade(path)
    assert path.read_bytes() == before


def test_an_interrupted_migration_leaves_nothing_of_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "upgrade", _half_an_upgrade)
    with pytest.raises(ZeroDivisionError):
        create(path, migrate.upgrade)
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT name FROM sqlite_master").fetchall() == []
    conn.close()
    monkeypatch.undo()
    create(path, migrate.upgrade)
    assert inspect(path) == HEAD


def _half_an_upgrade(config: object, _revision: str) -> None:
    connection = config.attributes["connection"]  # type: ignore[attr-defined]
    connection.exec_driver_sql("CREATE TABLE vault(id INTEGER)")
    raise ZeroDivisionError


def test_a_migration_that_cannot_have_the_file_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(path, migrate.upgrade)

    def busy(config: object, _revision: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        connection.exec_driver_sql("CREATE TABLE much AS SELECT hex(randomblob(100000)) AS x")

    monkeypatch.setattr(command, "upgrade", busy)
    with pytest.raises(StoreTrouble, match="磁盘已满"):
        migrate.upgrade(path)


def test_an_outbox_of_version_3_goes_on_where_it_was(path: Path) -> None:
    path.parent.mkdir()
    _prepare(path)
    migrate.upgrade(path, "0003")
    ticket = {
        **{"id": 1, "number": "261122-01", "version": 2, "policy": "p", "kind": "repair", "category": "c"},
        **{"priority": "normal", "channel": "phone", "status": "new", "open": 1, "lane": 1, "base": "new"},
        **{"due_kind": "", "due_at": 9, "risk_at": 8, "level": 0, "title": "t", "department": ""},
        **{"case_owner": "lin", "incident": "", "opened_at": 1},
    }
    with sqlite3.connect(path) as conn:
        conn.execute(
            f"INSERT INTO ticket({', '.join(ticket)}) VALUES ({', '.join('?' * len(ticket))})",
            (*ticket.values(),),
        )
        conn.execute("INSERT INTO action(key, ticket_id, at) VALUES ('261122-01:resolution:1:1', 1, 5)")
        conn.executemany(
            "INSERT INTO notice(ticket_id, event_seq, kind, recipient, body, state, tries, error, created_at, sent_at) "
            "VALUES (1, 2, 'dispatched', '工程部', ?, ?, 0, '', 5, ?)",
            [("待发的", "queued", None), ("发了的", "sent", 6), ("没发成的", "failed", None)],
        )
    conn.close()
    create(path, migrate.upgrade)
    with sqlite3.connect(path) as conn:
        found = conn.execute(
            "SELECT body, state, audience, urgent, next_at, sent_at FROM notice ORDER BY id"
        ).fetchall()
    conn.close()
    assert found == [
        ("待发的", "queued", "staff", 0, 5, None),
        ("发了的", "sent", "staff", 0, None, 6),
        ("没发成的", "failed", "staff", 0, None, None),
    ]


def test_a_summary_that_waited_in_version_4_waits_on_and_a_newer_one_has_its_forms(path: Path) -> None:
    path.parent.mkdir()
    _prepare(path)
    migrate.upgrade(path, "0004")
    assert inspect(path) == "0004"
    with closing(sqlite3.connect(path)) as conn, conn:
        post(conn, 5, NoticeDraft("summary", "group", "旧版放进去的", "group", key="summary:2026-11-22:1"))
    create(path, migrate.upgrade)
    assert inspect(path) == HEAD
    outbox = Notices(Database(path))
    (waiting,) = outbox.claim(5, 9)
    assert (waiting.body, outbox.enclosures(waiting.id)) == ("旧版放进去的", ())
    with closing(sqlite3.connect(path)) as conn, conn:
        post(conn, 6, NoticeDraft("summary", "group", "新版的", "group", enclosures=(PAGE,)))
    (newer,) = outbox.claim(6, 9)
    assert (newer.body, outbox.enclosures(newer.id)) == ("新版的", (PAGE,))
