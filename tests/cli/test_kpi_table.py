"""3:3:4 in the terminal: the bar is as long as the total, in colour or in signs, and nothing is wider than the screen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from frontdesk.cli.kpi_table import bar, show
from frontdesk.domain.kpi import Rate, Score, Work
from tests.sheets.test_kpi_sheet import PEOPLE, ROOMS


def made(volume: int, praise: int, solved: int) -> Score:
    """A score of so many handled of a hundred expected, and so many percent of the others."""
    work = Work("甲", (3_600,), (volume,))
    return Score(work, (1.0,), 100.0, volume, Rate(praise, 100, 0, 0), Rate(solved, 100, 0, 0))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(0, 200), st.integers(0, 100), st.integers(0, 100))
def test_a_bar_is_as_long_as_its_total(volume: int, praise: int, solved: int) -> None:
    score = made(volume, praise, solved)
    for colours in (True, False):
        drawn = bar(score, colours)
        assert abs(cell_len(drawn.plain) - score.total / 5) <= 0.51
        assert set(drawn.plain) <= ({" "} if colours else set("#+="))


@pytest.mark.parametrize("columns", [80, 120, 160])
def test_the_table_fits_the_screen_and_hides_nobody(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    for table in (PEOPLE, ROOMS):
        show(table, "云栖苑　2026-11")
        lines = capsys.readouterr().out.splitlines()
        assert max(map(cell_len, lines)) <= columns
        text = "\n".join(lines)
        for score in table.scores:
            assert score.work.name in text and f"{score.total:.1f}" in text
        assert ("办结" in lines[1]) is (columns >= 120)
