"""What is known of people is never written in clear, whatever file of the home one opens (DESIGN §7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontdesk.desk import Desk
from frontdesk.domain.people import Resident
from frontdesk.domain.timing import HOUR, MINUTE
from frontdesk.store.people import People
from tests.builders import NAME, PHONE, TEN, UNIT, House

PLATE, MAIL, CARD, IDENTITY = (
    "粤B73K92",
    "linwanzhou@example.com",
    "6222021234567890128",
    "11010519491231002X",
)
CALLED, SECOND = "周砚秋", "19900006677"
SECRETS = {
    "name": NAME,
    "unit": UNIT,
    "unit, other spelling": "7-3-2604",
    "phone": PHONE,
    "plate": PLATE,
    "mail": MAIL,
    "card": CARD,
    "identity": IDENTITY,
    "called": CALLED,
    "second phone": SECOND,
    "note": "婆媳不和",
}
TEXT = f"我的车 {PLATE} 被挡，打 {PHONE} 或 {SECOND}，邮箱 {MAIL}，卡号 {CARD}，身份证 {IDENTITY}"


def live_a_day(house: House) -> Desk:
    """Everything that a desk writes down, with a secret in every place where a person may type one."""
    desk = house.desk()
    People(desk._access.db, desk._access.cipher).put(
        [Resident(NAME, (PHONE, SECOND), UNIT, (), None, "婆媳不和")], TEN
    )
    call = desk.calls.ring(PHONE, CALLED)
    desk.calls.answer(call.call_id)
    case = house.open(
        desk, text=TEXT, title=TEXT, outcome=TEXT, place=TEXT, happened=TEXT, call_id=call.call_id
    )
    n, tickets = case.number, desk.tickets
    tickets.note(n, TEXT)
    tickets.correct(n, {"name": CALLED, "phone": SECOND, "unit": "7-3-2604", "text": TEXT, "outcome": TEXT})
    tickets.dispatch(n, content=TEXT)
    tickets.accept(n, TEXT)
    tickets.arrive(n, TEXT)
    tickets.progress(n, TEXT)
    tickets.promise(n, TEXT, house.time.now + HOUR)
    tickets.pause(n, "owner", house.time.now + HOUR, TEXT)
    tickets.resume(n, TEXT)
    case.evidence()
    tickets.escalate(n, TEXT, TEXT, handed=TEXT)
    tickets.acknowledge(n, TEXT)
    tickets.transfer(n, "wang", TEXT)
    tickets.attach_call(n, desk.calls.ring(SECOND, NAME).call_id)
    tickets.resolve(n, TEXT)
    house.time.forward(MINUTE)
    tickets.follow_up(n, 1, TEXT, TEXT, TEXT, words=TEXT)
    tickets.void(n, TEXT)
    desk.drafts.save(f"note:{n}", TEXT + NAME + UNIT)
    try:
        raise ValueError(TEXT + NAME)
    except ValueError as error:
        desk.fault(error)
    return desk


def leaks(folder: Path) -> list[str]:
    """(secret, file) wherever one stands in the raw bytes, in either encoding a program might use."""
    out = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes() + str(path.relative_to(folder)).encode()
            for what, secret in SECRETS.items():
                escaped = secret.encode("unicode_escape")
                forms = {secret.encode(), secret.encode("gb18030"), secret.encode("utf-16-le"), escaped}
                out += [f"{what} in {path.relative_to(folder)}" for form in forms if form in raw]
    return out


def test_no_file_of_a_home_holds_anything_of_a_person_in_clear(house: House) -> None:
    desk = live_a_day(house)
    (house.home / "现场.png").unlink()
    seen = {path.relative_to(house.home).parts[0] for path in house.home.rglob("*") if path.is_file()}
    assert {"data", "drafts", "evidence", "logs"} <= seen, "the search has something to search"
    names = {path.name for path in (house.home / "data").iterdir()}
    assert {"frontdesk.db", "frontdesk.db-wal"} <= names
    assert leaks(house.home) == []
    desk._access.db.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert leaks(house.home) == [], "nor after the log is folded into the file"


def test_a_backup_holds_nothing_in_clear_either(house: House, tmp_path: Path) -> None:
    live_a_day(house).backup(tmp_path / "out" / "backup.tar")
    assert leaks(tmp_path / "out") == []


def test_the_search_itself_finds_what_is_there(house: House) -> None:
    (house.home / "careless.txt").write_text(NAME, encoding="utf-8")
    assert leaks(house.home) == ["name in careless.txt"]


def test_what_was_redacted_can_still_be_opened_with_the_key(house: House) -> None:
    desk = live_a_day(house)
    (event, *_) = desk._access.tickets.load(1).events
    assert PLATE not in event.data["text"] and PLATE in event.sealed["found"]


@pytest.mark.parametrize(
    "column", ["resident.name_sealed", "resident.unit_sealed", "call.phone_sealed", "event.sealed"]
)
def test_every_sealed_column_is_sealed(house: House, column: str) -> None:
    desk = live_a_day(house)
    table, name = column.split(".")
    with desk._access.db.read() as conn:
        values = [row[0] for row in conn.execute(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")]
    assert values and len(set(values)) == len(values)


def test_the_fault_log_names_places_and_not_what_was_typed(house: House) -> None:
    desk = house.desk()

    def inner() -> None:
        raise RuntimeError(f"could not parse {PHONE}")

    def outer() -> None:
        try:
            inner()
        except RuntimeError as error:
            raise KeyError(NAME) from error

    try:
        outer()
    except KeyError as error:
        number = desk.fault(error)
    text = (house.home / "logs" / "faults.log").read_text(encoding="utf-8")
    for part in (number, "KeyError", "RuntimeError", "outer", "inner", "2026-11-22T10:00:00+08:00"):
        assert part in text
    assert PHONE not in text and NAME not in text
    assert (house.home / "logs" / "faults.log").stat().st_mode & 0o777 == 0o600


def test_the_fault_log_turns_over_and_a_disk_without_room_hides_no_fault(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = house.desk()
    logs = house.home / "logs"
    monkeypatch.setattr("frontdesk.desk.faults.LIMIT", 200)
    for _ in range(9):
        desk.fault(ValueError("x"))
    assert {path.name for path in logs.iterdir()} == {"faults.log", "faults.log.1"}
    assert all(path.stat().st_size < 400 for path in logs.iterdir())
    for path in logs.iterdir():
        path.unlink()
    logs.rmdir()
    logs.write_text("in the way", encoding="utf-8")
    assert "日志写不进去" in desk.fault(ValueError("x"))
