"""The only wiring: settings → Desk. Sets a home up on its first use and never touches what is not its own.

What a desk needs is imported when one is opened: the first picture stands before (DESIGN §12).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from frontdesk.domain.errors import BadInput, Refused, StoreTrouble
from frontdesk.settings import CONFIG, Settings, load, master_key

if TYPE_CHECKING:
    from frontdesk.desk import Desk, Operator
    from frontdesk.domain.timing import Instant
    from frontdesk.store.database import Database


def system_clock() -> Instant:
    """Whole UTC seconds of this machine."""
    return int(time.time())


def open_desk(
    settings: Settings | None = None, clock: Callable[[], Instant] = system_clock, site: str = ""
) -> Desk:
    """The desk of this machine's home; sets the home up on its first use.

    `DeskError` (Chinese) where the key, the database or the operator is not in order. `site` names a new home's estate.
    """
    from frontdesk.desk import Desk
    from frontdesk.desk.access import Access
    from frontdesk.store import database
    from frontdesk.store.cipher import has_vault, unlock

    settings = settings or load()
    if not os.path.lexists(settings.config):
        settings = _prepare(settings, site)
    elif os.path.lexists(settings.key_file) and database.absent(settings.database):
        # In a first run the key comes last, so this home had a database: an empty one in its place would hide that.
        raise StoreTrouble(
            f"找不到数据库（{settings.database}），而这里的密钥早已在用。请检查磁盘是否挂载，或从备份恢复（frontdesk restore）；"
            f"确要从空库开始，请先把密钥文件 {settings.key_file} 移走存好。"
        )
    database.create(settings.database, _migrate)
    db = database.Database(settings.database)
    key, told = master_key(settings, may_create=not has_vault(db))
    cipher = unlock(db, key)
    operator = _operator(db, settings.operator)
    return Desk(Access(settings, db, cipher, operator, clock, _reader(settings)), told)


def restore(source: Path, settings: Settings | None = None) -> str:
    """Bring a backup back into this home; answers its schema version. The key must be the one the backup was made under."""
    from frontdesk.store.backup import restore as bring_back  # once in a home's life, one hopes

    settings = settings or load()
    return bring_back(source.expanduser(), settings.database, settings.evidence)


def _migrate(path: Path) -> None:
    from frontdesk.store.migrate import upgrade  # dear, and only when there is something to do

    upgrade(path)


def _prepare(settings: Settings, site: str) -> Settings:
    from frontdesk.domain.privacy import one_line
    from frontdesk.store.files import replace_file  # first run only

    name = one_line(site.replace("\\", "").replace('"', ""))[:40] or settings.site
    replace_file(settings.config, CONFIG.format(site=name).encode())
    return settings._replace(site=name)


def _operator(db: Database, login: str) -> Operator:
    from frontdesk.desk import Operator

    with db.read() as conn:
        row = conn.execute("SELECT name, role, active FROM operator WHERE login = ?", (login,)).fetchone()
        anybody = conn.execute("SELECT 1 FROM operator LIMIT 1").fetchone()
    if row is None and anybody is None:
        with db.write() as conn:
            conn.execute(
                "INSERT INTO operator(login, name, role, active) SELECT ?, ?, 'admin', 1 "
                "WHERE NOT EXISTS (SELECT 1 FROM operator)",
                (login, login),
            )
        return _operator(db, login)
    if row is None:
        raise Refused(f"「{login}」还没有登记为前台人员。请管理员运行：frontdesk operator add {login}")
    if not row[2]:
        raise Refused(f"「{login}」已停用。请找管理员。")
    return Operator(login, row[0], row[1])


def _reader(settings: Settings) -> Callable[[str], Mapping[str, Any]]:
    """Reads shipped documents, or the manager's copy in the home, which overrides file by file."""

    def read(name: str) -> Mapping[str, Any]:
        return _toml(settings.resource(name))

    return read


def _toml(path: Path) -> dict[str, Any]:
    import tomllib  # the hot commands read no document

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(path.name, f"格式有误（{error}）", "请按行号改正") from error
    except OSError as error:
        raise BadInput(path.name, f"读不了（{error.strerror}）", "请检查文件是否还在") from error


class Glance(NamedTuple):
    """The first picture's counts; no personal data, so it needs no key."""

    open: int
    breached: int
    emergencies: int


def glance() -> Glance | None:
    """Counts straight from the cache, before anything heavy is loaded; None where there is no database to ask yet."""
    path = load().database
    if not os.path.exists(path):
        return None
    try:
        conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0.2)
        try:
            row = conn.execute(
                "SELECT count(*), coalesce(sum(lane = 1 AND due_at <= ?), 0), coalesce(sum(lane = 0), 0) "
                "FROM ticket INDEXED BY ix_ticket_open WHERE open = 1",
                (system_clock(),),
            ).fetchone()
        finally:
            conn.close()
    except sqlite3.Error:
        # The desk itself says in a moment what is wrong with the database.
        return None
    return Glance(*row)
