"""The one file that knows the database's dialect: connections, transactions, change detection, and its failures in Chinese.

SQLite in WAL mode with synchronous=FULL: an answered save is on disk. Writers queue on a lock file beside the database,
since SQLite's own busy handler lets one of several saturated writers starve for seconds (DESIGN §12).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontdesk.domain.errors import StoreTrouble

if TYPE_CHECKING:
    from sqlmodel import Session

HEAD = "0005"
"""The schema version that this program writes; a database that names an unknown one is never touched."""

APPLICATION_ID = 0x46_44_53_4B
"""Marks a SQLite file as the front desk's ("FDSK")."""

BUSY_SECONDS = 10.0

_MEANING = {
    "SQLITE_BUSY": "数据库正被别的程序占用，等了 10 秒仍未空出。请稍候再试；若一直如此，请检查备份或导入程序是否卡住。",
    "SQLITE_LOCKED": "数据库正被别的程序占用。请稍候再试。",
    "SQLITE_FULL": "磁盘已满，没有保存。请清理磁盘后再按一次保存，您写的内容还在。",
    "SQLITE_READONLY": "数据库是只读的，没有保存。请检查文件和文件夹的写权限。",
    "SQLITE_IOERR": "读写磁盘出错，没有保存。请检查磁盘和连接。",
    "SQLITE_CANTOPEN": "打不开数据库文件。请检查路径和权限。",
    "SQLITE_NOTADB": "这个文件不是前台数据库，没有动它。请核对路径，或从备份恢复。",
    "SQLITE_CORRUPT": "数据库文件已损坏，没有动它。请从备份恢复。",
    "SQLITE_PERM": "没有权限打开数据库。请检查文件权限。",
    "SQLITE_AUTH": "没有权限打开数据库。请检查文件权限。",
}


def trouble(error: sqlite3.Error) -> StoreTrouble:
    """The sentence for a database failure; extended codes fall back to their family."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for known, words in _MEANING.items():
        if name == known or name.startswith(known + "_"):
            return StoreTrouble(words)
    return StoreTrouble(f"数据库出错（{name or type(error).__name__}），没有保存。请运行 frontdesk doctor。")


class Database:
    """One database file; each thread gets a connection of its own."""

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        """`busy_seconds` bounds every wait for another writer."""
        self.path = path
        self.busy_seconds = busy_seconds
        self._local = threading.local()
        self._engine: Any = None
        self._mutex = threading.Lock()

    def connect(self) -> sqlite3.Connection:
        """A new connection in autocommit mode with the house's pragmas; `StoreTrouble` where the file cannot be used."""
        try:
            uri = f"file:{_quoted(self.path)}?mode=rw"
            conn = sqlite3.connect(
                uri,
                uri=True,
                timeout=self.busy_seconds,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        except sqlite3.Error as error:
            _identity(self.path)  # a file that is not there has a sentence of its own
            raise trouble(error) from error
        try:
            conn.execute("PRAGMA synchronous=FULL")
            conn.execute("PRAGMA foreign_keys=ON")
            conn.execute("PRAGMA temp_store=MEMORY")
            conn.execute("PRAGMA cache_size=-256")
        except sqlite3.Error as error:
            conn.close()
            raise trouble(error) from error
        return conn

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, to the file that has the name now.

        SQLite goes on writing into a file that was deleted or replaced under it, and nobody would ever read that again.
        """
        conn: sqlite3.Connection | None = getattr(self._local, "conn", None)
        if conn is not None and conn.in_transaction:
            return conn
        identity = _identity(self.path)
        if conn is not None and self._local.identity != identity:
            self.close()
            conn = None
        if conn is None:
            conn = self._local.conn = self.connect()
            self._local.identity = identity
        return conn

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Read: one snapshot for all statements inside, never blocked by writers; inside a write, what it sees."""
        conn = self.connection
        inside = conn.in_transaction
        if inside:
            yield conn
            return
        try:
            conn.execute("BEGIN")
            yield conn
        except sqlite3.Error as error:
            raise trouble(error) from error
        finally:
            self._end(conn)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Write: one short immediate transaction, all or nothing; waits in a fair queue for at most `busy_seconds`."""
        conn = self.connection
        with self._turn():
            try:
                conn.execute("BEGIN IMMEDIATE")
                yield conn
                conn.execute("COMMIT")
            except sqlite3.Error as error:
                raise trouble(error) from error
            finally:
                self._end(conn)

    def _end(self, conn: sqlite3.Connection) -> None:
        """Take back what was not committed; a connection that cannot is given up, so that nothing runs inside its ruins."""
        try:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    @contextlib.contextmanager
    def session(self, write: bool = False) -> Iterator[Session]:
        """A SQLModel session for administration and bulk work, under the same queue and pragmas."""
        from sqlalchemy.exc import DBAPIError  # sqlmodel is too dear for the hot paths
        from sqlmodel import Session

        with self._turn() if write else contextlib.nullcontext():
            try:
                with self.engine.connect() as conn:
                    conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
                    with Session(conn) as session:
                        yield session
                        if write:
                            session.flush()
                    conn.exec_driver_sql("COMMIT" if write else "ROLLBACK")
            except DBAPIError as error:
                if isinstance(error.orig, sqlite3.Error):
                    raise trouble(error.orig) from error
                raise

    @property
    def engine(self) -> Any:
        """The SQLAlchemy engine over `connect`; made on first use."""
        from sqlalchemy.pool import NullPool
        from sqlmodel import create_engine

        with self._mutex:
            if self._engine is None:
                self._engine = create_engine(
                    "sqlite://", creator=self.connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
                )
        return self._engine

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """This thread's turn to write. The kernel wakes waiters in order, so nobody starves."""
        place: _Place | None = getattr(self._local, "place", None)
        if place is None:
            place = self._local.place = _Place(f"{self.path}.queue")
        try:
            _take(place.fd, self.busy_seconds)
        except BaseException:
            # Somebody still waits on it, and takes the turn when nobody here wants it any more.
            self._local.place = None
            raise
        try:
            yield
        finally:
            fcntl.flock(place.fd, fcntl.LOCK_UN)

    def changes(self) -> Changes:
        """A watch for other connections' commits."""
        return Changes(self.connect())

    def close(self) -> None:
        """Close this thread's connection and give up its place in the queue."""
        self._local.place = None
        conn: sqlite3.Connection | None = getattr(self._local, "conn", None)
        if conn is not None:
            conn.close()
            self._local.conn = None


class _Place:
    """An open file to lock: kept by a thread from one write to the next, closed when the thread has ended."""

    __slots__ = ("fd",)

    def __init__(self, name: str) -> None:
        try:
            self.fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise StoreTrouble(_MEANING["SQLITE_FULL" if full else "SQLITE_READONLY"]) from error

    def __del__(self) -> None:
        if hasattr(self, "fd"):
            os.close(self.fd)


def _identity(path: Path) -> tuple[int, int]:
    """Which file has the name now; `StoreTrouble` where none has, or none that this user may see."""
    try:
        state = os.stat(path)
    except FileNotFoundError as error:
        raise StoreTrouble(
            f"找不到数据库文件（{path}）。请检查磁盘是否挂载、路径是否正确，或从备份恢复。"
        ) from error
    except OSError as error:
        raise StoreTrouble(_MEANING["SQLITE_PERM"]) from error
    return state.st_dev, state.st_ino


def _quoted(path: Path) -> str:
    from urllib.parse import quote  # only once a connection, and urllib is dear at start-up

    return quote(str(path))


def _take(fd: int, seconds: float) -> None:
    """Lock the queue file, waiting in the kernel's order; a helper thread waits so that the wait can end."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    except BlockingIOError:
        pass
    waiting = os.dup(fd)
    taken = threading.Event()

    def wait() -> None:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        taken.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    if taken.wait(seconds):
        os.close(waiting)
        return
    threading.Thread(target=_drop, args=(thread, waiting), daemon=True).start()
    raise StoreTrouble(_MEANING["SQLITE_BUSY"])


def _drop(thread: threading.Thread, fd: int) -> None:
    """Give back a turn that came too late."""
    thread.join()
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


class Changes:
    """Sees another connection's commit by `PRAGMA data_version`, without a query (DESIGN §2)."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        """Takes the connection over: nothing else may use it."""
        self._conn = conn
        self._closed = False
        self._seen = self._version()

    def _version(self) -> int:
        try:
            return int(self._conn.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise trouble(error) from error

    def wait(self, seconds: float, step: float = 0.18) -> bool:
        """True as soon as somebody has written; False when the time is over or the watch was closed."""
        end = time.monotonic() + seconds
        while not self._closed:
            # Plain sleep: waiting for an event with a limit costs twice as much, seven times a second in every console.
            time.sleep(min(step, max(0.0, end - time.monotonic())))
            version = self._version()
            if version != self._seen:
                self._seen = version
                return True
            if time.monotonic() >= end:
                return False
        return False

    def close(self) -> None:
        """End every wait within its step."""
        self._closed = True


def create(path: Path, migrate: Callable[[Path], None]) -> None:
    """Make or bring up to date the database at `path`; refuses foreign, newer and damaged files untouched."""
    try:
        if not absent(path) and inspect(path) == HEAD:
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Database(path)._turn():
            # Looked at again in turn: of two first runs at once, the second finds the work done.
            if absent(path):
                _prepare(path)
            elif inspect(path) == HEAD:
                return
            migrate(path)
    except OSError as error:
        raise StoreTrouble(f"打不开数据库 {path}（{error.strerror}）。请检查路径和权限。") from error


def absent(path: Path) -> bool:
    """No file yet, or one without a byte."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # it may be there for others; opening it says what is wrong
    return stat.S_ISREG(state.st_mode) and state.st_size == 0


def _prepare(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    conn = sqlite3.connect(path, isolation_level=None)
    try:
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise trouble(error) from error
    finally:
        conn.close()


def inspect(path: Path) -> str:
    """The schema version of an existing file ("" for one still empty); `StoreTrouble` where it is not ours or is newer."""
    conn = Database(path).connect()
    try:
        mark = conn.execute("PRAGMA application_id").fetchone()[0]
        if mark != APPLICATION_ID:
            raise StoreTrouble(f"{path.name} 是别的程序的数据库，没有动它。请核对路径。")
        tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if "alembic_version" not in tables:
            return ""
        row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise trouble(error) from error
    finally:
        conn.close()
    version = str(row[0]) if row else ""
    if version > HEAD:
        raise StoreTrouble(
            f"数据库是更新的版本（{version}）写的，本程序只认到 {HEAD}，没有动它。请升级前台程序。"
        )
    return version
