"""Brings a database to the newest schema with Alembic. Loaded only when there is something to do."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from frontdesk.store.database import trouble


def upgrade(path: Path, revision: str = "head") -> None:
    """Run the missing migrations in one transaction: an interrupted upgrade leaves the old schema whole."""
    with _transaction(path) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextlib.contextmanager
def _transaction(path: Path) -> Iterator[Connection]:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=10)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.exec_driver_sql("COMMIT")
    except sqlite3.Error as error:
        raise trouble(error) from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise trouble(error.orig) from error
        raise
