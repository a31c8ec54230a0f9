"""One search for the console and the command line: masked for the reader, in the order in which a desk needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontdesk.desk import search_desk
from frontdesk.desk.search_desk import Hit
from frontdesk.domain.errors import StoreTrouble
from tests.builders import NAME, PHONE, UNIT, House


@pytest.fixture
def resident(house: House) -> str:
    """An owner with a unit and a number; the tag is shown as it is."""
    path = house.home / "住户.csv"
    path.write_text(f"姓名,电话,房号,标签\n{NAME},{PHONE},{UNIT},夜班族\n", encoding="utf-8")
    house.desk().imports.residents(path)
    path.unlink()
    return NAME


def kinds(hits: list[Hit]) -> list[str]:
    return [hit.kind for hit in hits]


@pytest.mark.parametrize("role, unit", [("agent", "**04"), ("auditor", "**04"), ("supervisor", UNIT)])
def test_everybody_sees_what_the_role_may_see(house: House, resident: str, role: str, unit: str) -> None:
    house.open(text="水管渗漏")
    hits = house.desk("wang", role).search("4821")
    assert kinds(hits) == ["ticket", "resident"]
    ticket, person = hits
    assert (ticket.number, ticket.title, ticket.why, ticket.open) == ("261122-01", "水管渗漏", "电话", True)
    assert (person.title, person.why) == ("林**", "电话")
    assert ticket.detail.startswith(unit) and person.detail == f"{unit}  夜班族"
    shown = "".join(str(hit) for hit in hits)
    assert NAME not in shown and PHONE not in shown and (UNIT in shown) == (unit == UNIT)


def test_open_tickets_then_people_and_the_handbook_then_what_has_ended(house: House, resident: str) -> None:
    ended, still = house.open(text="电梯坏过").void(), house.open(text="电梯又坏了")
    hits = still.desk.search("电梯")
    assert kinds(hits)[0] == "ticket" and hits[0].number == still.number
    assert hits[-1].number == ended.number and not hits[-1].open
    assert set(kinds(hits)[1:-1]) <= {"case", "topic"} and "case" in kinds(hits)
    assert kinds(still.desk.search("7-3-2604")) == ["ticket", "resident", "ticket"]


def test_a_ticket_named_by_its_number_stands_first(house: House) -> None:
    first = house.open(text="一号").void()
    house.open(text=f"见工单 {first.number}")
    hits = first.desk.search(first.number)
    assert [hit.number for hit in hits] == [first.number, "261122-02"]
    assert [hit.why for hit in hits] == ["单号", "文字"]


def test_cases_are_found_by_initials_and_words(house: House) -> None:
    desk = house.desk()
    for words in ("dtkr", "电梯困人"):
        assert ("case", "B2") in [(hit.kind, hit.id) for hit in desk.search(words)], words


@pytest.mark.parametrize("words", ["", "   ", "\t\n", "'", "没有这种事", "*", '"', "(", "AND", "a" * 500])
def test_nothing_or_nonsense_finds_nothing(house: House, words: str) -> None:
    desk = house.open(text="电梯停了").desk
    assert desk.search(words) == []


def test_no_more_is_found_than_asked_for(house: House, resident: str) -> None:
    for _ in range(8):
        house.open(text="电梯停了")
    desk = house.desk()
    for limit in (0, 1, 2, 3, 5):
        assert len(desk.search("电梯", limit)) == limit
    assert "resident" in kinds(desk.search("2604", 4)), "many tickets do not hide the person"


def test_what_was_just_saved_elsewhere_is_found(house: House) -> None:
    desk = house.open(text="电梯停了").desk
    assert desk.search("漏水管") == []
    other = house.open(house.desk(), text="漏水管要换")
    assert [hit.number for hit in desk.search("漏水管")] == [other.number]
    other.void()
    assert [hit.open for hit in desk.search("漏水管")] == [False]


def test_the_index_is_kept_up_by_those_who_search(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_desk, "LATELY", 2)
    desk = house.desk()
    for _ in range(2):
        house.open(desk, text="电梯停了")
    desk.search("电梯")
    assert desk.searching.waiting() == 2
    house.open(desk, text="电梯停了")
    assert len([hit for hit in desk.search("电梯") if hit.kind == "ticket"]) == 3
    assert desk.searching.waiting() == 0


def test_who_cannot_write_finds_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_desk, "LATELY", 0)
    desk = house.open(text="漏水管要换").desk

    def full(*_args: object) -> bool:
        raise StoreTrouble("磁盘已满")

    monkeypatch.setattr(desk.searching._index, "catch_up", full)
    assert [hit.title for hit in desk.search("漏水管")] == ["漏水管要换"]
    assert [hit.why for hit in desk.search("7-3-2604")] == ["房号"]


def test_redacted_numbers_are_not_in_what_is_searched(house: House, tmp_path: Path) -> None:
    desk = house.open(text="请打13911112222找我，漏水", phone="", unit="", name="").desk
    desk.searching.complete()
    assert desk.search("13911112222") == [] and desk.search("2222") == []
    assert len(desk.search("漏水")) >= 1
