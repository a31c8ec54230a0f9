"""Backup while everybody works, restore with what is in place kept aside (DESIGN §9)."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from frontdesk.bootstrap import restore
from frontdesk.domain.errors import BadInput, DeskError, Refused
from frontdesk.store.database import HEAD
from tests.builders import PNG, House


def test_what_was_backed_up_comes_back_with_its_evidence(house: House, tmp_path: Path) -> None:
    case = house.open().evidence()
    size = case.desk.backup(tmp_path / "out" / "backup.tar")
    assert size > len(PNG)
    case.note().void()
    for path in house.settings().evidence.rglob("*"):
        if path.is_file():
            path.unlink()
    assert restore(tmp_path / "out" / "backup.tar", house.settings()) == HEAD
    back = house.desk()
    view = back.tickets.view(case.number)
    assert (view.version, view.status) == (2, "new")
    assert back.tickets.evidence(view.evidence[0]["digest"]) == PNG
    assert back.examine() == []
    assert case.view.version == 2, "a desk that was open all the while sees the restored data"


def test_the_key_is_never_in_a_backup(house: House, tmp_path: Path) -> None:
    house.desk().backup(tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert tar.getnames() == ["frontdesk.db"]
    assert house.settings().key_file.read_bytes().strip() not in (tmp_path / "backup.tar").read_bytes()
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600


def test_a_backup_takes_rank(house: House, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        house.desk("wang", "agent").backup(tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


@pytest.mark.parametrize("how", ["empty", "text", "cut", "other tar", "foreign"])
def test_a_torn_or_foreign_backup_is_refused_before_anything_is_touched(
    house: House, tmp_path: Path, how: str
) -> None:
    case, path = house.open(), tmp_path / "backup.tar"
    case.desk.backup(path)
    if how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("not a tar" * 999, encoding="utf-8")
    elif how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "other tar":
        with tarfile.open(path, "w") as tar:
            tar.add(__file__, "readme.txt")
    else:
        (tmp_path / "frontdesk.db").write_bytes(b"SQLite format 3\x00" + bytes(4_000))
        with tarfile.open(path, "w") as tar:
            tar.add(tmp_path / "frontdesk.db", "frontdesk.db")
    before = {found: found.read_bytes() for found in house.settings().database.parent.iterdir()}
    with pytest.raises(DeskError):
        restore(path, house.settings())
    after = {found: found.read_bytes() for found in house.settings().database.parent.iterdir()}
    assert {found: after[found] for found in before if found.suffix == ".db"} == {
        found: content for found, content in before.items() if found.suffix == ".db"
    }
    assert case.note().view.version == 2


def test_no_backup_at_all_is_named(house: House, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="备份文件"):
        restore(tmp_path / "nothing.tar", house.settings())


@pytest.mark.parametrize("damage", ["random", "gone"])
def test_a_damaged_database_is_put_aside_for_the_backup(house: House, tmp_path: Path, damage: str) -> None:
    case = house.open()
    case.desk.backup(tmp_path / "backup.tar")
    case.desk.close()
    database = house.settings().database
    if damage == "random":
        database.write_bytes(b"\x00damaged" * 900)
    else:
        database.unlink()
    restore(tmp_path / "backup.tar", house.settings())
    assert house.desk().tickets.view(case.number).version == 1
    if damage == "random":
        assert database.with_name("frontdesk.db.before-restore").read_bytes().startswith(b"\x00damaged")
