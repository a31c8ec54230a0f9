"""The doctor: caches follow the events, a chain that was tampered with is named and left (DESIGN §2)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.domain.board import Counts
from frontdesk.domain.chain import link
from frontdesk.domain.errors import DeskError
from frontdesk.domain.timing import DAY, HOUR, instant
from tests.builders import POLICY_TEXT, TEN, Case, House
from tests.domain.test_sla import STEPS


@contextmanager
def raw(house: House) -> Iterator[sqlite3.Connection]:
    """The database as a tamperer sees it."""
    conn = sqlite3.connect(house.settings().database, isolation_level=None)
    yield conn
    conn.close()


@pytest.fixture
def cases(house: House) -> list[Case]:
    desk = house.desk()
    return [house.open(desk).dispatch().accept(), house.open(desk), house.open(desk).escalate()]


def test_a_house_in_order_gives_nothing_to_report(cases: list[Case]) -> None:
    assert cases[0].desk.examine() == []


def test_a_year_without_holidays_is_told_until_the_manager_has_written_them(house: House) -> None:
    house.time.now = instant(datetime(2027, 1, 4, 10))
    days = "".join(f"2027-{day} = '休'\n" for day in ("01-01", "05-01", "10-01"))
    (told,) = house.desk().reminders()
    assert "2027 年的法定节假日" in told and "[calendar.days]" in told
    assert house.desk().examine() == [], "nothing is out of order"
    (house.home / "policy.toml").write_text(f"{POLICY_TEXT}\n[calendar.days]\n{days}", encoding="utf-8")
    assert house.desk().reminders() == []
    (house.home / "policy.toml").write_text("x = [", encoding="utf-8")
    (told,) = house.desk().reminders()
    assert "没有采用" in told


@pytest.mark.parametrize(
    "change, seq",
    [
        ("UPDATE event SET data = replace(data, '电梯停了', '电梯好了') WHERE ticket_id = 1 AND seq = 1", 1),
        ("UPDATE event SET at = at - 3600 WHERE ticket_id = 1 AND seq = 2", 2),
        ("UPDATE event SET \"by\" = 'wang' WHERE ticket_id = 1 AND seq = 2", 2),
        ("UPDATE event SET kind = 'noted' WHERE ticket_id = 1 AND seq = 3", 3),
        ("UPDATE event SET sealed = NULL WHERE ticket_id = 1 AND seq = 1", 1),
        (
            "UPDATE event SET sealed = (SELECT sealed FROM event WHERE ticket_id = 2) WHERE ticket_id = 1 AND seq = 1",
            1,
        ),
        ("UPDATE event SET hash = 'ff' WHERE ticket_id = 1 AND seq = 2", 2),
        ("UPDATE event SET data = 'not json' WHERE ticket_id = 1 AND seq = 2", 2),
        ("UPDATE event SET seq = 9 WHERE ticket_id = 1 AND seq = 2", 3),
        ("DELETE FROM event WHERE ticket_id = 1 AND seq = 2", 3),
        ("DELETE FROM event WHERE ticket_id = 1 AND seq = 3", 3),
        ("DELETE FROM event WHERE ticket_id = 1", 1),
    ],
)
def test_tampering_is_named_with_its_place_and_changes_no_other_ticket(
    house: House, cases: list[Case], change: str, seq: int
) -> None:
    with raw(house) as conn:
        before = conn.execute("SELECT * FROM ticket").fetchall()
        conn.execute(change)
    found = house.desk().examine()
    assert found == [f"{cases[0].number} 的经过在第 {seq} 条断链：记录被改动或缺失。请保留现场并从备份核对。"]
    with raw(house) as conn:
        assert conn.execute("SELECT * FROM ticket").fetchall() == before, (
            "nothing is rebuilt from forged events"
        )
    assert house.desk().examine() == found


def test_events_moved_to_another_ticket_break_both_chains(house: House, cases: list[Case]) -> None:
    with raw(house) as conn:
        for before, after in ((1, 99), (3, 1), (99, 3)):
            conn.execute("UPDATE event SET ticket_id = ? WHERE ticket_id = ? AND seq = 2", (after, before))
    assert [line.split()[0] for line in house.desk().examine()] == [cases[0].number, cases[2].number]


def test_a_ticket_that_was_deleted_whole_is_missed(house: House, cases: list[Case]) -> None:
    with raw(house) as conn:
        conn.execute("DELETE FROM event WHERE ticket_id = 2")
        conn.execute("DELETE FROM ticket WHERE id = 2")
    assert house.desk().examine() == ["261122 少了 1 张工单：被删除过。请从备份核对。"]


def test_a_chain_forged_whole_cannot_forge_what_is_sealed(house: House, cases: list[Case]) -> None:
    with raw(house) as conn:
        at, kind, by, data = conn.execute(
            'SELECT at, kind, "by", data FROM event WHERE ticket_id = 2'
        ).fetchone()
        forged = link(cases[1].number, seq=1, at=at, kind=kind, by=by, data=data, sealed=b"\x00" * 40)
        conn.execute("UPDATE event SET sealed = ?, hash = ? WHERE ticket_id = 2", (b"\x00" * 40, forged))
    (line,) = house.desk().examine()
    assert line.startswith(f"{cases[1].number} 的经过读不出来")


@pytest.mark.parametrize(
    "column, value",
    [
        ("status", "closed"),
        ("open", 0),
        ("due_at", TEN + 99 * DAY),
        ("risk_at", 0),
        ("action_at", None),
        ("base", "working"),
        ("lane", 0),
        ("level", 3),
        ("category", "收费-物业费"),
        ("priority", "low"),
        ("case_owner", "wang"),
        ("closed_at", TEN),
        ("unit_index", b"\x00" * 16),
        ("phone_index", None),
        ("unit_sealed", b"\x00" * 40),
        ("unit_sealed", None),
        ("policy", "000000000000"),
    ],
)
def test_a_cache_that_differs_is_reported_and_mended(
    house: House, cases: list[Case], column: str, value: object
) -> None:
    with raw(house) as conn:
        kept = conn.execute("SELECT * FROM ticket WHERE id = 2").fetchone()
        conn.execute(f"UPDATE ticket SET {column} = ? WHERE id = 2", (value,))
    assert house.desk().examine() == [f"{cases[1].number} 缓存与经过不符（{column}），已按经过重建。"]
    with raw(house) as conn:
        mended = conn.execute("SELECT * FROM ticket WHERE id = 2").fetchone()
    assert mended[:-1] == kept[:-1], "the last column is sealed anew each time"
    assert house.desk().examine() == []


def test_two_swapped_units_are_noticed(house: House) -> None:
    desk = house.desk()
    one, two = house.open(desk), house.open(desk, unit="7栋3单元2605")
    with raw(house) as conn:
        (first,), (second,) = conn.execute("SELECT unit_sealed FROM ticket ORDER BY id").fetchall()
        conn.execute("UPDATE ticket SET unit_sealed = CASE id WHEN 1 THEN ? ELSE ? END", (second, first))
    assert [line.split()[0] for line in house.desk().examine()] == [one.number, two.number]
    board = house.desk().board()
    assert sorted(board.unit_of(row.unit) for row in board.rows) == ["7栋3单元2604", "7栋3单元2605"]


def test_a_desk_that_writes_while_the_doctor_looks_is_not_set_back(
    house: House, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = house.desk()
    with raw(house) as conn:
        conn.execute("UPDATE ticket SET level = 3 WHERE id = 2")
    store = desk._access.tickets
    mend = store.mend

    def late(*words: object) -> None:
        cases[1].note()
        mend(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "mend", late)
    desk.examine()
    assert cases[1].note().view.version == 3
    assert house.desk().examine() == []


def test_a_reference_into_nowhere_is_reported(house: House, cases: list[Case]) -> None:
    with raw(house) as conn:
        conn.execute("UPDATE notice SET ticket_id = 99")
    assert any("引用断裂：notice" in line for line in house.desk().examine())


@pytest.fixture(scope="module")
def shared(furnished: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    return furnished.copy(tmp_path_factory.mktemp("histories") / "home")


HISTORY = st.lists(
    st.tuples(st.sampled_from((*STEPS, "merge", "void")), st.integers(0, 9 * HOUR)), max_size=9
)
LIVES = st.lists(st.tuples(st.sampled_from(["电梯停了", "电梯里有人被困"]), HISTORY), min_size=1, max_size=3)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(LIVES, st.lists(st.integers(0, 12 * DAY), min_size=1, max_size=3))
def test_whatever_happens_the_caches_are_what_the_events_say(
    shared: House, lives: list[tuple[str, list[tuple[str, int]]]], waits: list[int]
) -> None:
    """Over random legal histories: doctor finds nothing, and the board shows at any moment what the views say."""
    desk = shared.desk()
    for text, history in lives:
        case = shared.open(desk, text=text)
        for step, wait in history:
            case.after(wait)
            try:
                case.go(step)
            except DeskError:
                continue
    assert desk.examine() == []
    board = desk.board()
    order = [(row.base != "emergency", row.due_at) for row in board.rows]
    assert order == sorted(order)
    start = shared.time.now
    for wait in waits:
        shared.time.now = start + wait
        views = {row.number: desk.tickets.by_id(row.id) for row in board.rows}
        looks = {row.number: row.look(shared.time.now) for row in board.rows}
        assert looks == {number: view.look for number, view in views.items()}
        shown = list(looks.values())
        today = board.counts(shared.time.now).today
        assert board.counts(shared.time.now) == Counts(
            shown.count("breached"), shown.count("at_risk"), shown.count("emergency"), len(views), today
        )
        for row in board.rows:
            if row.base != "emergency":
                assert (looks[row.number] in ("breached", "at_risk")) == (
                    views[row.number].sla in ("breached", "at_risk")
                )
    shared.time.now = start


def test_events_survive_being_written_as_json(cases: list[Case]) -> None:
    for event in cases[0].desk._access.tickets.load(cases[0].view.id).events:
        assert json.loads(json.dumps(event.data)) == event.data
