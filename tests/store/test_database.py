"""Transactions, waiting, and every way in which a database file can be in trouble (DESIGN §9, «Bad input»)."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frontdesk.bootstrap import open_desk
from frontdesk.domain.errors import DeskError, StoreTrouble
from frontdesk.store.database import Database
from tests.builders import House
from tests.processes import as_somebody_else, in_a_child, python


@pytest.fixture
def db(house: House) -> Database:
    return Database(house.settings().database, busy_seconds=0.3)


def count(db: Database) -> int:
    with db.read() as conn:
        return int(conn.execute("SELECT count(*) FROM counter").fetchone()[0])


def put(conn: sqlite3.Connection, day: str) -> None:
    conn.execute("INSERT INTO counter(day, last) VALUES (?, 1)", (day,))


# --- transactions --------------------------------------------------------------------------------------------


def test_a_write_is_all_or_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as conn:
        put(conn, "260101")
        raise ZeroDivisionError
    assert count(db) == 0
    with db.write() as conn:
        put(conn, "260101")
    assert count(db) == 1


def test_a_reader_inside_a_write_sees_what_was_written(db: Database) -> None:
    with db.write() as conn:
        put(conn, "260101")
        assert count(db) == 1, "a read inside joins the transaction"
        assert count(Database(db.path)) == 0, "others see it when it is done"
    assert count(Database(db.path)) == 1


def test_a_read_is_one_snapshot(db: Database) -> None:
    other = Database(db.path)
    with db.read():
        before = count(db)
        with other.write() as conn:
            put(conn, "260101")
        assert count(db) == before, "the reader is not blocked, and sees no half of it"
    assert count(db) == before + 1


def test_a_failed_statement_becomes_a_sentence_and_leaves_the_connection_fit(db: Database) -> None:
    with pytest.raises(StoreTrouble), db.write() as conn:
        conn.execute("INSERT INTO counter(day, last) VALUES ('260101', NULL)")
    with db.write() as conn:
        put(conn, "260101")
    assert count(db) == 1


def test_an_answered_save_is_on_disk(db: Database) -> None:
    conn = db.connection
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert conn.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    assert conn.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_session_of_sqlmodel_keeps_the_same_promises(db: Database) -> None:
    from sqlmodel import select

    from frontdesk.store.rows import CounterRow

    with db.session(write=True) as session:
        session.add(CounterRow(day="260101", last=1))
    with pytest.raises(ZeroDivisionError), db.session(write=True) as session:
        session.add(CounterRow(day="260102", last=1))
        session.flush()
        raise ZeroDivisionError
    with db.session() as session:
        assert [row.day for row in session.exec(select(CounterRow))] == ["260101"]
    with pytest.raises(StoreTrouble), db.session(write=True) as session:
        session.add(CounterRow(day="260101", last=2))


# --- waiting -------------------------------------------------------------------------------------------------


LOCK = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
input()
conn.execute("COMMIT")
"""


def test_whoever_finds_the_file_locked_too_long_is_told_so(house: House, db: Database) -> None:
    stranger = python(LOCK, house.home, str(db.path))
    assert stranger.stdout is not None and stranger.stdout.readline() == "locked\n"
    with pytest.raises(StoreTrouble, match="正被别的程序占用"), db.write() as conn:
        put(conn, "260101")
    assert count(db) == 0, "reads go on all the while"
    stranger.communicate("\n", timeout=60)
    with db.write() as conn:
        put(conn, "260101")


def test_whoever_waits_in_the_queue_too_long_is_told_so_and_gives_his_turn_back(db: Database) -> None:
    with Path(f"{db.path}.queue").open("w") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        with pytest.raises(StoreTrouble, match="正被别的程序占用"), db.write() as conn:
            put(conn, "260101")
    for day in ("260101", "260102"):  # the late turn must not be kept by anybody
        with db.write() as conn:
            put(conn, day)
    assert count(db) == 2


def test_a_lock_that_ends_in_time_costs_nobody_anything(house: House) -> None:
    db = Database(house.settings().database, busy_seconds=10)
    stranger = sqlite3.connect(db.path, isolation_level=None, check_same_thread=False)
    stranger.execute("BEGIN IMMEDIATE")
    letting_go = threading.Timer(0.2, lambda: stranger.execute("COMMIT"))
    letting_go.start()
    with db.write() as conn:
        put(conn, "260101")
    letting_go.join()
    stranger.close()
    assert count(db) == 1


def test_eight_threads_writing_at_once_lose_nothing(house: House) -> None:
    db = Database(house.settings().database)

    def write(who: int) -> None:
        for turn in range(10):
            with db.write() as conn:
                put(conn, f"{who}-{turn}")
        db.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(db) == 80


# --- seeing what others write --------------------------------------------------------------------------------


def test_a_watch_sees_anothers_commit_and_not_its_absence(db: Database) -> None:
    changes = db.changes()
    assert not changes.wait(0)
    with db.write() as conn:
        put(conn, "260101")
    assert changes.wait(1, step=0.01)
    assert not changes.wait(0)


def test_a_watch_sees_no_transaction_that_was_taken_back(db: Database) -> None:
    changes = db.changes()
    with pytest.raises(ZeroDivisionError), db.write() as conn:
        put(conn, "260101")
        raise ZeroDivisionError
    assert not changes.wait(0.05, step=0.01)


def test_closing_a_watch_ends_its_wait(db: Database) -> None:
    changes = db.changes()
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(changes.wait(60)))
    waiting.start()
    changes.close()
    waiting.join(5)
    assert answers == [False]


# --- files that are not in order -----------------------------------------------------------------------------


def refusal(house: House) -> str:
    with pytest.raises(DeskError) as refused:
        open_desk(house.settings(), house.time)
    assert isinstance(refused.value, StoreTrouble)
    return str(refused.value)


def random_bytes(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def a_text(path: Path) -> None:
    path.write_text("房号,姓名\n" * 200, encoding="utf-8")


def a_foreign_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE moz_places(url TEXT)")
    conn.close()


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_to_a_stub(path: Path) -> None:
    os.truncate(path, 100)


def from_the_future(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()


@pytest.mark.parametrize(
    "spoil, words",
    [
        (random_bytes, "不是前台数据库"),
        (a_text, "不是前台数据库"),
        (a_foreign_database, "别的程序的数据库"),
        (cut_in_half, "已损坏"),
        (cut_to_a_stub, "已损坏"),
        (from_the_future, "更新的版本（9999）"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused_untouched(
    house: House, spoil: Callable[[Path], None], words: str
) -> None:
    path = house.settings().database
    settle(path)
    spoil(path)
    before = path.read_bytes()
    said = refusal(house)
    assert words in said and "没有动它" in said
    assert path.read_bytes() == before
    assert {"master.key"} == {found.name for found in (house.home / "settings").iterdir()}


def settle(path: Path) -> None:
    """Fold the log file back, so that spoiling the main file spoils everything."""
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def test_a_folder_in_its_place_is_refused(house: House) -> None:
    path = house.settings().database
    path.unlink()
    path.mkdir()
    assert "打不开数据库" in refusal(house)


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_lost_database_is_not_replaced_by_an_empty_one(house: House, how: str) -> None:
    path = house.settings().database
    settle(path)
    path.unlink()
    if how == "empty":
        path.touch()
    said = refusal(house)
    assert "找不到数据库" in said and "frontdesk restore" in said and str(house.settings().key_file) in said
    assert not path.exists() or path.stat().st_size == 0
    house.settings().key_file.rename(house.home / "put away.key")
    assert house.desk().board().counts(house.time.now).open == 0, "unless the old key was put away on purpose"


def test_a_database_deleted_under_an_open_desk_takes_no_saves_into_the_void(house: House) -> None:
    case = house.open()
    path = house.settings().database
    path.rename(path.with_suffix(".away"))
    with pytest.raises(StoreTrouble, match="找不到数据库文件"):
        case.note()
    path.with_suffix(".away").rename(path)
    assert case.note().view.version == 2


def test_a_database_replaced_under_an_open_desk_is_the_one_that_is_written(house: House) -> None:
    case = house.open()
    path = house.settings().database
    settle(path)
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    copy.replace(path)
    case.note()
    assert House(house.home, house.time).desk().tickets.view(case.number).version == 2


def test_a_full_disk_saves_nothing_and_says_so(house: House) -> None:
    case = house.open()
    db = case.desk._access.db
    used = db.connection.execute("PRAGMA page_count").fetchone()[0]
    db.connection.execute(f"PRAGMA max_page_count={used}")
    with pytest.raises(StoreTrouble, match="磁盘已满，没有保存"):
        for _ in range(200):
            case.note("很长的一段经过" * 200)
    full = case.view
    assert [event.seq for event in full.events] == list(range(1, full.version + 1)), "nothing half-saved"
    db.connection.execute("PRAGMA max_page_count=1000000")
    assert case.note().view.version == full.version + 1, "trying again goes on where it stopped"
    assert case.desk.examine() == []


@pytest.fixture
def public(furnished: House) -> Iterator[House]:
    """A house where another user can look in: pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield furnished.copy(Path(folder) / "home")


def owned(house: House) -> list[Path]:
    """Everything but the database, which stays somebody else's."""
    data = house.settings().database.parent
    return [
        path for path in (house.home, *house.home.rglob("*")) if path != data and data not in path.parents
    ]


def test_a_read_only_database_can_be_read_and_says_so_when_saving(public: House) -> None:
    settings = public.settings()
    public.open()

    def work() -> str:
        desk = open_desk(settings, public.time)
        rows = len(desk.board().rows)
        try:
            desk.tickets.note("261122-01", "再看看")
        except StoreTrouble as trouble:
            return f"{rows} {trouble}"
        return "saved"

    for path in (settings.database.parent, *settings.database.parent.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    answer = as_somebody_else(work, owns=owned(public))
    assert answer == "1 数据库是只读的，没有保存。请检查文件和文件夹的写权限。"


def test_a_read_only_database_that_nobody_has_open_says_what_to_check(public: House) -> None:
    settings = public.settings()
    settle(settings.database)
    for path in (settings.database.parent, *settings.database.parent.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)

    def work() -> str:
        try:
            open_desk(settings, public.time).board()
        except StoreTrouble as trouble:
            return str(trouble)
        return "opened"

    assert "权限" in as_somebody_else(work, owns=owned(public))


def test_a_home_that_may_not_be_entered_says_so(public: House) -> None:
    settings = public.settings()
    settings.database.parent.chmod(0o000)

    def work() -> str:
        try:
            open_desk(settings, public.time)
        except StoreTrouble as trouble:
            return str(trouble)
        return "opened"

    assert "权限" in as_somebody_else(work, owns=owned(public))
    settings.database.parent.chmod(0o700)


def test_a_first_run_without_room_on_the_disk_says_so_and_can_be_repeated(tmp_path: Path) -> None:
    house = House(tmp_path / "home")

    def work() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
        try:
            house.desk()
        except StoreTrouble as trouble:
            return str(trouble)
        return "opened"

    assert "没有保存" in in_a_child(work)
    assert len(house.desk().board().rows) == 0
