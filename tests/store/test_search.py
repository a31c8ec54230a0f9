"""Search: the index names candidates and never decides; what is found is what reading every ticket would find."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from frontdesk.desk import Desk
from frontdesk.domain.finding import Query, body
from frontdesk.domain.pinyin import initials, spelled
from frontdesk.domain.terms import STATUSES
from frontdesk.store import migrate
from frontdesk.store.database import HEAD, _prepare, create, inspect
from frontdesk.store.search import Search
from frontdesk.store.search_index import SearchIndex
from tests.builders import NAME, PHONE, UNIT, House

ALPHABET = "电梯困人漏水灯坏了行长 停的aBwifi3１，。、!\"*'(-%_\n"
"""Few enough characters that random texts and random queries meet; marks that mean something to FTS5 and LIKE."""


class Estate(NamedTuple):
    """Tickets open and ended, corrected, in the index and not."""

    desk: Desk
    search: Search
    built: SearchIndex
    told: list[tuple[int, str, str, str, str]]

    def __repr__(self) -> str:
        return "estate"

    def scan(self, query: Query) -> list[str]:
        """The numbers of what matches, by reading every ticket: open ones first, words before pinyin, newest first."""
        found = []
        for row, number, status, title, text in self.told:
            whole = body(title, text)
            ranks = [
                1 if word.named(number) or word.literal(whole) else 2 * word.said(title)
                for word in query.words
            ]
            if ranks and all(ranks):
                named = any(word.raw == number for word in query.words)
                found.append((not named, status in ("closed", "void"), max(ranks), -row, number))
        return [each[-1] for each in sorted(found)]

    def find(self, query: Query, limit: int = 1000) -> list[str]:
        """The numbers of what the search finds."""
        return [hit.row.number for hit in self.search.tickets(query, limit)]


def _texts() -> Iterator[str]:
    chance = Random(23)
    while True:
        text = "".join(chance.choices(ALPHABET, k=chance.randrange(1, 60))).strip()
        if any(ch.isalnum() for ch in text):
            yield text


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    house, texts = House(tmp_path_factory.mktemp("estate")), _texts()
    desk = house.desk()
    index = SearchIndex(desk._access.db, desk._access.cipher)
    cases = []
    for place in range(150):
        case = house.open(desk, text=next(texts), name="", unit="", phone="")
        cases.append(case)
        if place % 3:
            case.void()
        if place == 120:
            index.catch_up()
        if place % 10 == 7:
            # Corrected before it was in the index, or long after: either way the old words find it no more.
            which = cases[place - 5]
            if desk.tickets.view(which.number).status != "void":
                which.correct(title=next(texts), text=next(texts))
    told = [
        (view.id, view.number, view.status, view.title, view.text) for view in (case.view for case in cases)
    ]
    return Estate(desk, Search(desk._access.db, desk._access.cipher), index, told)


queries = st.text(ALPHABET, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(queries)
@example("电")
@example("，")
@example('"')
@example("电梯 漏水")
@example("wifi")
@example("电a")
@example("3")
def test_random_words_find_what_a_scan_finds(estate: Estate, words: str) -> None:
    query = Query(words)
    assert estate.find(query) == estate.scan(query)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_pieces_of_texts_and_their_pinyin_find_what_a_scan_finds(estate: Estate, data: st.DataObject) -> None:
    told = data.draw(st.sampled_from(estate.told))
    text = data.draw(st.sampled_from(told[3:]))
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    piece = text[start : start + data.draw(st.integers(1, 6))]
    form = data.draw(st.sampled_from(["as it is", "initials", "pinyin"]))
    typed = {"as it is": piece, "initials": initials(piece), "pinyin": spelled(piece).replace(" ", "")}[form]
    query = Query(typed)
    found = estate.find(query)
    assert found == estate.scan(query)
    if form == "as it is" and query.words:
        assert told[1] in found


@settings(derandomize=True, deadline=None, max_examples=100)
@given(queries, st.integers(1, 12))
def test_a_short_list_is_the_beginning_of_the_long_one(estate: Estate, words: str, limit: int) -> None:
    query = Query(words)
    assert estate.find(query, limit) == estate.scan(query)[:limit]


def test_every_status_is_either_open_or_ended() -> None:
    assert {"closed", "void"} < set(STATUSES)


@pytest.fixture
def desk(house: House) -> Desk:
    return house.desk()


def find(desk: Desk, words: str) -> list[str]:
    search = Search(desk._access.db, desk._access.cipher)
    return [hit.row.number for hit in search.tickets(Query(words), 50)]


def why(desk: Desk, words: str) -> list[str]:
    search = Search(desk._access.db, desk._access.cipher)
    return [hit.why for hit in search.tickets(Query(words), 50)]


def indexed(desk: Desk) -> SearchIndex:
    index = SearchIndex(desk._access.db, desk._access.cipher)
    assert index.catch_up() and index.waiting() == (0, 0)
    return index


@pytest.mark.parametrize("in_index", [False, True])
@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize(
    "words, by",
    [
        ("7-3-2604", "unit"),
        ("7栋3单元2604", "unit"),
        ("七栋", "unit"),
        ("7栋", "unit"),
        ("7-3", "unit"),
        ("2604", "unit"),
        ("2604室", "unit"),
        ("4821", "phone"),
        ("04821", "phone"),
        (PHONE, "phone"),
        ("199 0000 4821".replace(" ", "-"), "phone"),
        ("261122-01", "number"),
        ("1122-01", "number"),
        ("112201", "number"),
        ("01", "number"),
        ("1", "number"),
        ("7-3 积水", "words"),
        ("dtkr", "pinyin"),
        ("diantikunren", "pinyin"),
        ("diantkr", "pinyin"),
        ("kunr", "pinyin"),
        ("dt困人", "pinyin"),
        ("困", "words"),
        ("ＷＩＦＩ", "words"),
    ],
)
def test_a_ticket_is_found_by_what_somebody_remembers(
    house: House, words: str, by: str, ended: bool, in_index: bool
) -> None:
    case = house.open(text="电梯困人，快来。地下室还有积水，wifi也断了")
    other = house.open(text="楼道灯不亮", unit="3栋1单元101", phone="19900001111")
    if ended:
        case.void()
        other.void()
    if in_index:
        indexed(case.desk)
    assert find(case.desk, words) == [case.number]
    assert why(case.desk, words) == [by]


@pytest.mark.parametrize("words", ["8-3-2604", "821", "14821", "8栋", "604", "7-2", "999999-01", "积水 八楼"])
@pytest.mark.parametrize("in_index", [False, True])
def test_what_only_looks_alike_is_not_found(house: House, words: str, in_index: bool) -> None:
    case = house.open(text="电梯困人，快来。地下室还有积水").void()
    if in_index:
        indexed(case.desk)
    assert find(case.desk, words) == []


def test_a_save_writes_nothing_to_the_index(house: House) -> None:
    case = house.open(text="漏水")
    indexed(case.desk)
    before = _index_rows(case.desk)
    house.open(text="又漏水了").note().void()
    assert _index_rows(case.desk) == before
    assert len(find(case.desk, "漏水")) == 2


def _index_rows(desk: Desk) -> list[object]:
    with desk._access.db.read() as conn:
        return [
            *conn.execute("SELECT * FROM search_pairs_data").fetchall(),
            *conn.execute("SELECT * FROM search_part").fetchall(),
            *conn.execute("SELECT * FROM search_state").fetchall(),
        ]


@pytest.mark.parametrize("in_index", [False, True])
def test_the_index_follows_a_correction_and_its_undoing(house: House, in_index: bool) -> None:
    case = house.open(text="厨房漏水。楼下渗了")
    if in_index:
        indexed(case.desk)
    case.correct(title="厨房跳闸", text="厨房跳闸。插座发烫", unit="5栋101", phone="19900002222")
    for words in ("厨房跳闸", "插座", "cftz", "5栋", "2222"):
        assert find(case.desk, words) == [case.number], words
    for words in ("漏水", "楼下", "cfls", "7栋", "4821"):
        assert find(case.desk, words) == [], words
    assert indexed(case.desk).examine() == []
    case.undo()
    assert find(case.desk, "漏水") == find(case.desk, "楼下") == find(case.desk, "4821") == [case.number]
    assert find(case.desk, "插座") == []
    assert indexed(case.desk).examine() == []


def test_a_correction_that_is_taken_back_leaves_the_index_as_it_was(house: House) -> None:
    case = house.open(text="厨房漏水")
    indexed(case.desk)
    before, tickets = _index_rows(case.desk), case.desk._access.tickets

    def fail(_conn: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    from frontdesk.domain.moves import Draft
    from frontdesk.store.tickets import Step
    from tests.builders import POLICY, TEN

    log = tickets.load(tickets.find(case.number))
    draft = Draft("corrected", {"title": "跳闸", "text": "跳闸"})
    with pytest.raises(ZeroDivisionError):
        tickets.append(log, Step(TEN, "lin", (draft,), POLICY, also=fail))
    assert _index_rows(case.desk) == before


def test_a_correction_while_a_batch_is_made_is_not_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open(text="厨房漏水")
    index = SearchIndex(case.desk._access.db, case.desk._access.cipher)
    parts = index._ticket_parts
    waiting = [lambda: case.correct(title="跳闸", text="跳闸")]

    def meanwhile(*args: object) -> object:
        made = parts(*args)  # type: ignore[arg-type]
        while waiting:
            _other_thread(waiting.pop())
        return made

    monkeypatch.setattr(index, "_ticket_parts", meanwhile)
    assert index.catch_up()
    assert find(case.desk, "跳闸") == [case.number] and find(case.desk, "漏水") == []
    assert index.examine() == []


def _other_thread(act: object) -> None:
    from threading import Thread

    thread = Thread(target=act)  # type: ignore[arg-type]
    thread.start()
    thread.join()


def test_a_database_of_version_1_finds_its_old_tickets(house: House, tmp_path: Path) -> None:
    old = [house.open(text=text).void() for text in ("电梯困人", "厨房漏水")]
    house.open(text="厨房跳闸").correct(title="总闸跳了", text="总闸跳了")
    desk = old[0].desk
    desk._access.db.close()
    path = house.settings().database
    first = tmp_path / "first.db"
    _prepare(first)
    migrate.upgrade(first, "0001")
    with sqlite3.connect(first) as conn:
        conn.execute("ATTACH ? AS made", (str(path),))
        for (table,) in conn.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "AND name <> 'alembic_version'"
        ).fetchall():
            both = conn.execute(
                f"SELECT name FROM pragma_table_info('{table}', 'made') "
                f"INTERSECT SELECT name FROM pragma_table_info('{table}', 'main')"
            ).fetchall()
            if not both:
                continue  # a table that a later version has dropped
            names = ", ".join(f'"{name}"' for (name,) in both)
            conn.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM made.{table}")
    conn.close()
    for name in (path, *path.parent.glob(f"{path.name}-*")):
        name.unlink(missing_ok=True)
    first.rename(path)
    assert inspect(path) == "0001"
    create(path, migrate.upgrade)
    assert inspect(path) == HEAD
    again = house.desk()
    index = SearchIndex(again._access.db, again._access.cipher)
    assert index.waiting() == (3, 0)
    indexed(again)
    assert find(again, "困人") == [old[0].number]
    assert find(again, "总闸") and not find(again, "厨房跳")
    assert len(find(again, "4821")) == 3
    assert again.examine() == []


def test_the_doctor_finds_and_mends_an_index_that_is_wrong(house: House) -> None:
    case = house.open(text="厨房漏水").void()
    indexed(case.desk)
    with case.desk._access.db.write() as conn:
        conn.execute("INSERT INTO search_pairs(rowid, terms) VALUES (99, '电梯')")
        conn.execute("DELETE FROM search_part WHERE part IN (SELECT part FROM search_part LIMIT 2)")
    told = case.desk.examine()
    assert len(told) == 2 and "检索索引与工单不符（1 处）" in told[1] and "缺 2 条" in told[0]
    assert case.desk.examine() == []
    with case.desk._access.db.write() as conn:
        conn.execute("INSERT INTO search_pairs(search_pairs) VALUES ('delete-all')")
    assert find(case.desk, "漏水") == []
    assert "检索索引与工单不符" in case.desk.examine()[0]
    assert find(case.desk, "漏水") == [case.number]


def test_a_ticket_that_was_tampered_with_does_not_hide_the_others(house: House) -> None:
    forged, good = house.open(text="厨房漏水"), house.open(text="客厅漏水")
    with good.desk._access.db.write() as conn:
        conn.execute("UPDATE event SET data = 'no json', sealed = x'00' WHERE ticket_id = 1")
        conn.execute("UPDATE ticket SET unit_sealed = x'00' WHERE id = 1")
    assert find(good.desk, "客厅漏水") == [good.number]
    indexed(good.desk)
    assert find(good.desk, "漏水") == [good.number, forged.number]


def test_what_is_on_disk_shows_no_part_of_a_unit_a_phone_or_a_name(house: House) -> None:
    case = house.open(text="厨房漏水")
    residents = house.home / "住户.csv"
    residents.write_text(f"姓名,电话,房号\n{NAME},{PHONE},{UNIT}\n", encoding="utf-8")
    case.desk.imports.residents(residents)
    residents.unlink()
    indexed(case.desk)
    with case.desk._access.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM search_part").fetchone()[0] > 15
    case.desk._access.db.close()
    kept = b"".join(path.read_bytes() for path in house.settings().database.parent.iterdir())
    assert "漏水".encode() in kept
    for words in (
        "phone 4821",
        "4821",
        "2604",
        "7-3",
        NAME[:2],
        NAME[1:],
        "lwz",
        "linwanzhou",
        UNIT,
        PHONE,
        NAME,
    ):
        assert words.encode() not in kept, words


def people(desk: Desk, words: str) -> list[tuple[str, str]]:
    search = Search(desk._access.db, desk._access.cipher)
    return [(person.name, person.why) for person in search.people(Query(words), 10)]


def test_residents_are_found_by_name_unit_and_phone(house: House) -> None:
    desk, path = house.desk(), house.home / "住户.csv"
    path.write_text(
        f"姓名,电话,房号,标签\n{NAME},{PHONE}、19900003333,{UNIT},夜班族\n舟晚,19900005555,7栋3单元2603,\n",
        encoding="utf-8",
    )
    desk.imports.residents(path)
    indexed(desk)
    for words, by in [
        *((words, "name") for words in (NAME, "林晚", "晚舟", "lwz", "linwanzhou")),
        *((words, "unit") for words in ("7-3-2604", "2604")),
        *((words, "phone") for words in ("4821", "3333", PHONE)),
    ]:
        assert people(desk, words) == [(NAME, by)], words
    assert [name for name, _why in people(desk, "7栋")] == [NAME, "舟晚"]
    assert people(desk, "林") == people(desk, "舟林") == people(desk, "4822") == []
    assert people(desk, "晚舟 2604") == [(NAME, "name")] and people(desk, "晚舟 2603") == []
    path.write_text(f"姓名,电话,房号\n{NAME},19900007777,{UNIT}\n", encoding="utf-8")
    desk.imports.residents(path)
    indexed(desk)
    assert people(desk, "7777") == [(NAME, "phone")] and people(desk, "4821") == []
