"""Online backup and restore: the database and the evidence in one tar file, never the key (DESIGN §9)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from frontdesk.domain.errors import BadInput, StoreTrouble
from frontdesk.store.database import Database, inspect, trouble
from frontdesk.store.files import replace_file

DATABASE, EVIDENCE = "frontdesk.db", "evidence/"


def backup(db: Database, evidence: Path, target: Path) -> int:
    """Write a backup while everybody works on: a consistent snapshot, moved into place when whole. Answers its bytes."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            copy, packed = Path(folder) / DATABASE, Path(folder) / "packed.tar"
            with (
                contextlib.closing(db.connect()) as source,
                contextlib.closing(sqlite3.connect(copy)) as sink,
            ):
                source.backup(sink)
            with tarfile.open(packed, "w") as tar:
                tar.add(copy, DATABASE)
                for path in sorted(evidence.glob("??/*")):
                    tar.add(path, f"{EVIDENCE}{path.parent.name}/{path.name}")
            packed.chmod(0o600)
            with packed.open("rb") as file:
                os.fsync(file.fileno())
            packed.replace(target)
    except sqlite3.Error as error:
        raise trouble(error) from error
    except OSError as error:
        raise StoreTrouble(f"备份没有写成（{error.strerror}）。请检查磁盘空间和文件夹权限。") from error
    return target.stat().st_size


def restore(source: Path, database: Path, evidence: Path) -> str:
    """Bring a backup back; answers its schema version. What is in place is kept aside as `*.before-restore`.

    A torn, foreign or newer file is refused before anything is touched. Other consoles see the restored data at once.
    """
    with _unpacked(source) as (copy, files):
        version = _checked(copy)
        try:
            database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if database.exists():
                _set_aside(database)
            _copy(copy, database)
            for path in files:
                replace_file(evidence / path.parent.name / path.name, path.read_bytes())
        except OSError as error:
            raise StoreTrouble(f"没有恢复成（{error.strerror}）。请检查磁盘空间和文件夹权限。") from error
    return version


def _set_aside(database: Path) -> None:
    """Keep what is in place; a damaged file, the very reason for a restore, is moved as it is."""
    aside = database.with_name(f"{database.name}.before-restore")
    try:
        _copy(database, aside)
    except StoreTrouble:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                database.with_name(database.name + suffix).replace(aside.with_name(aside.name + suffix))


@contextlib.contextmanager
def _unpacked(source: Path) -> Iterator[tuple[Path, list[Path]]]:
    if not source.is_file():
        raise BadInput("备份文件", "找不到，或不是普通文件", "请核对路径")
    with tempfile.TemporaryDirectory(prefix="frontdesk-restore-") as folder:
        try:
            with tarfile.open(source) as tar:
                tar.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError) as error:
            raise BadInput("备份文件", "不是前台的备份，或已损坏", "请换一份备份") from error
        except OSError as error:
            raise StoreTrouble(f"备份解不开（{error.strerror}）。请检查磁盘空间。") from error
        copy = Path(folder) / DATABASE
        if not copy.is_file():
            raise BadInput("备份文件", "里面没有数据库", "请换一份备份")
        yield copy, sorted((Path(folder) / EVIDENCE).glob("??/*"))


def _checked(copy: Path) -> str:
    version = inspect(copy)
    if not version:
        raise StoreTrouble("备份里的数据库是空的，没有恢复。请换一份备份。")
    with contextlib.closing(sqlite3.connect(copy)) as conn:
        try:
            answer = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            raise trouble(error) from error
    if answer != "ok":
        raise StoreTrouble("备份里的数据库已损坏，没有恢复。请换一份备份。")
    return version


def _copy(source: Path, target: Path) -> None:
    """Page by page through SQLite, so that open connections to the target stay right."""
    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            writing.execute("PRAGMA busy_timeout=10000")
            reading.backup(writing)
        target.chmod(0o600)
    except sqlite3.Error as error:
        raise trouble(error) from error
