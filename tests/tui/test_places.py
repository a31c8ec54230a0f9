"""Where panes stand, for every size and scene."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from frontdesk.tui.places import Box, Scene, places

SIZES = [(80, 24), (81, 25), (99, 30), (100, 24), (100, 36), (120, 36), (140, 40), (200, 60), (80, 60)]
SCENES = [
    Scene(ringing, message, task, aside, page)
    for ringing, message, task, aside, page in product(
        (False, True), (False, True), ("", "form", "menu"), ("", "phrases", "calls", "tickets"), ("", "page")
    )
]


def cells(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}


@pytest.mark.parametrize("size", SIZES)
def test_panes_cover_the_screen_without_overlapping(size: tuple[int, int]) -> None:
    for scene in SCENES:
        found = places(*size, scene)
        areas = {name: cells(box) for name, box in found.items()}
        for one, other in combinations(areas, 2):
            assert not areas[one] & areas[other], (scene, one, other)
        assert set().union(*areas.values()) == cells(Box(0, 0, *size)), scene


@pytest.mark.parametrize("size", SIZES)
def test_every_pane_is_large_enough_to_be_of_use(size: tuple[int, int]) -> None:
    least = {"tickets": 4, "detail": 5, "note": 3, "phrases": 8, "form": 12, "menu": 12, "calls": 4}
    for scene in SCENES:
        for name, box in places(*size, scene).items():
            assert box.height >= least.get(name, 1), (scene, name)


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (20, 5), (1, 1)])
def test_below_80_by_24_only_the_request_for_room(size: tuple[int, int]) -> None:
    assert places(*size, Scene(ringing=True)) == {"small": Box(0, 0, *size)}


def test_wide_shows_call_ticket_and_words_side_by_side() -> None:
    found = places(120, 36, Scene())
    assert {"calls", "tickets", "detail", "note", "phrases"} <= set(found)
    assert found["tickets"].x < found["detail"].x
    assert found["detail"].y < found["note"].y < found["phrases"].y


def test_narrow_swaps_phrases_and_calls_in() -> None:
    assert "phrases" not in places(80, 24, Scene())
    assert "detail" not in places(80, 24, Scene(aside="phrases"))
    assert "tickets" not in places(80, 24, Scene(aside="calls"))


def test_the_ring_bar_is_as_wide_as_the_screen() -> None:
    for size in SIZES:
        assert places(*size, Scene(ringing=True))["ring"] == Box(0, 1, size[0], 1)


def test_a_narrow_message_stands_where_the_keys_were() -> None:
    assert "keys" not in places(80, 24, Scene(message=True))
    assert {"keys", "message"} <= set(places(120, 36, Scene(message=True)))
