"""T8: a call is lifted within three rings, and the fourth begins after fifteen seconds."""

from __future__ import annotations

import pytest

from frontdesk.domain.rings import picked_up
from tests.builders import TEN


@pytest.mark.parametrize(
    "answered, now, told",
    [
        (None, 0, ""),
        (None, 14, ""),
        (None, 15, "late"),
        (0, 99, "met"),
        (14, 99, "met"),
        (15, 99, "late"),
        (86_400, 99_999, "late"),
    ],
)
def test_three_rings(answered: int | None, now: int, told: str) -> None:
    assert picked_up(TEN, None if answered is None else TEN + answered, TEN + now) == told
