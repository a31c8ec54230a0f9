"""The board: sorted by what is due next, recoloured for any moment without asking anybody (DESIGN §2, §12)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from frontdesk.domain.board import EMPTY, FACES, NEVER, Board, BoardRow, Counts
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import TEN

TRIALS = settings(derandomize=True, deadline=None, max_examples=120)
BASES = ("emergency", "escalated", "new", "paused", "follow_up", "working")


def row(
    base: str = "working", due_in: int = HOUR, risk_in: int | None = None, number: int = 1, kind: str = ""
) -> BoardRow:
    due = TEN + due_in if due_in < NEVER else NEVER
    risk = due - 600 if risk_in is None else TEN + risk_in
    named = f"261122-{number:02d}"
    return BoardRow(
        number, named, "repair", "", "normal", "new", base, kind, due, risk, 0, "电梯停了", None, "lin", TEN
    )


def board(*rows: BoardRow) -> Board:
    ordered = sorted(rows, key=lambda r: (r.base != "emergency", r.due_at))
    return Board(TEN, ordered, (), len(rows), lambda sealed: "")


ROWS = st.lists(
    st.builds(
        lambda base, due, early, number: row(base, due, min(due, due - early), number),
        st.sampled_from(BASES),
        st.integers(-DAY, DAY),
        st.integers(0, 5 * HOUR),
        st.integers(1, 99),
    ),
    max_size=30,
)


@pytest.mark.parametrize("base", BASES)
def test_a_row_changes_its_look_when_its_clocks_say_so(base: str) -> None:
    looked = [row(base).look(TEN + at) for at in (0, HOUR - 601, HOUR - 600, HOUR - 1, HOUR)]
    expected = ["emergency"] * 5 if base == "emergency" else [base, base, "at_risk", "at_risk", "breached"]
    assert looked == expected


def test_every_look_has_one_hanzi_and_a_word_of_two() -> None:
    for look, (hanzi, word) in FACES.items():
        assert (cell_len(hanzi), cell_len(word)) == (2, 4), look
    assert len({hanzi for hanzi, _ in FACES.values()}) == len(FACES), "the hanzi alone must tell them apart"


@pytest.mark.parametrize(
    "kind, at, word",
    [
        ("on_site", 0, "到场"),
        ("repair", 0, "修复"),
        ("progress", 0, "通报"),
        ("first_response", 0, "待应"),
        ("task", 0, "应急"),
        ("on_site", HOUR, "超时"),
    ],
)
def test_an_emergency_says_what_is_due(kind: str, at: int, word: str) -> None:
    assert row("emergency", kind=kind).word(TEN + at) == word


@pytest.mark.parametrize(
    "at, words",
    [
        (0, "剩01:00"),
        (HOUR - 10 * MINUTE, "剩00:10"),
        (HOUR - 10 * MINUTE + 1, "剩 9:59"),
        (HOUR - 59, "剩 0:59"),
        (HOUR - 1, "剩 0:01"),
        (HOUR, "超00:00"),
        (HOUR + 102 * MINUTE, "超01:42"),
        (HOUR + 100 * HOUR, "超4天"),
    ],
)
def test_what_remains_in_hours_and_in_seconds_at_the_end(at: int, words: str) -> None:
    assert row().remaining(TEN + at) == words


def test_what_owes_nothing_counts_nothing_down() -> None:
    assert row("follow_up", NEVER).remaining(TEN) == "待回访"
    assert row("working", NEVER).remaining(TEN) == "－"


@TRIALS
@given(ROWS, st.integers(-2 * DAY, 2 * DAY))
def test_counts_are_what_one_would_count_by_hand(rows: list[BoardRow], at: int) -> None:
    shown, now = board(*rows), TEN + at
    looks = [each.look(now) for each in rows]
    by_hand = Counts(
        looks.count("breached"), looks.count("at_risk"), looks.count("emergency"), len(rows), len(rows)
    )
    assert shown.counts(now) == by_hand


@TRIALS
@given(ROWS, st.integers(-2 * DAY, 2 * DAY), st.integers(0, DAY))
def test_a_tick_without_changes_has_nothing_to_repaint(rows: list[BoardRow], at: int, wait: int) -> None:
    shown, before, now = board(*rows), TEN + at, TEN + at + wait
    changed = any((r.look(before), r.word(before)) != (r.look(now), r.word(now)) for r in rows)
    if not shown.changes(before, now):
        assert not changed


def test_a_cursor_finds_its_ticket_by_id() -> None:
    shown = board(row(number=1), row("emergency", number=2), row(due_in=MINUTE, number=3))
    assert [shown.index(number) for number in (2, 3, 1, 9)] == [0, 1, 2, None]


def test_an_empty_board_counts_nothing() -> None:
    assert EMPTY.counts(TEN) == Counts(0, 0, 0, 0, 0)
    assert EMPTY.changes(0, TEN) == 0
