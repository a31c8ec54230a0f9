"""`frontdesk search` (DESIGN §8)."""

from __future__ import annotations

import pytest

from frontdesk.cli import search_command
from tests.builders import NAME, PHONE, UNIT, House
from tests.cli.conftest import Command


def test_one_document_holds_whole_tickets_people_and_cases(house: House, frontdesk: Command) -> None:
    path = house.home / "住户.csv"
    path.write_text(f"姓名,电话,房号\n{NAME},{PHONE},{UNIT}\n", encoding="utf-8")
    assert frontdesk("residents", "import", path).code == 0
    house.open(text="电梯困人，快来").void()
    house.open(text="电梯困人，两大一小")
    found = frontdesk("search", "dtkr", "--json").json
    assert found["query"] == "dtkr"
    assert [ticket["number"] for ticket in found["tickets"]] == ["261122-02", "261122-01"]
    first = found["tickets"][0]
    assert (first["title"], first["why"], first["status"]) == ("电梯困人，两大一小", "拼音", "new")
    assert first["text"] == "电梯困人，两大一小" and first["caller"]["phone"] == "199****4821"
    assert "B2" in [case["id"] for case in found["cases"]]
    assert [each["name"] for each in frontdesk("search", "4821", "--json").json["residents"]] == ["林**"]


def test_words_are_one_query_and_all_must_match(house: House, frontdesk: Command) -> None:
    house.open(text="厨房漏水")
    house.open(text="厨房跳闸")
    for words in (("厨房", "漏水"), ("厨房 漏水",), ("7-3", "漏水")):
        found = frontdesk("search", *words, "--json").json["tickets"]
        assert [ticket["text"] for ticket in found] == ["厨房漏水"]
    assert len(frontdesk("search", "厨房", "--limit", 1, "--json").json["tickets"]) == 1


def test_a_table_for_eyes_and_a_word_where_nothing_was_found(house: House, frontdesk: Command) -> None:
    house.open(text="厨房漏水")
    said = frontdesk("search", "厨房")
    assert said.code == 0 and "261122-01" in said.out and "文字" in said.out
    nothing = frontdesk("search", "没有这种事")
    assert (nothing.code, nothing.out) == (0, "") and "没有找到「没有这种事」" in nothing.err
    assert frontdesk("search", "没有这种事", "--json").json == {
        "query": "没有这种事",
        "tickets": [],
        "residents": [],
        "cases": [],
    }


def test_no_word_is_wrong_usage(frontdesk: Command) -> None:
    assert frontdesk("search").code == 2


def test_a_great_import_is_taken_in_first(
    house: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(text="厨房漏水")

    monkeypatch.setattr(search_command, "LONG", 0)
    said = frontdesk("search", "厨房")
    assert "正在编入" in said.err and "261122-01" in said.out
    assert frontdesk("search", "厨房").err == ""
