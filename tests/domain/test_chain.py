"""The hash chain: every part of an event is held fast by the next one's hash (DESIGN §2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.chain import link

EVENT: dict[str, Any] = {
    "before": "261122-01",
    "seq": 2,
    "at": 1_795_312_800,
    "kind": "noted",
    "by": "lin",
    "data": '{"note":"已联系"}',
    "sealed": b"\x01\x02",
}


def made(**changes: Any) -> str:
    parts = EVENT | changes
    return link(parts.pop("before"), **parts)


@pytest.mark.parametrize(
    "part, other",
    [
        ("before", "261122-02"),
        ("seq", 3),
        ("at", 1_795_312_801),
        ("kind", "closed"),
        ("by", "wang"),
        ("data", '{"note":"未联系"}'),
        ("sealed", b"\x01\x03"),
        ("sealed", None),
    ],
)
def test_changing_any_part_changes_the_hash(part: str, other: object) -> None:
    assert made(**{part: other}) != made()


def test_the_hash_is_fixed_for_ever() -> None:
    """A released program must find old chains whole: the form that is hashed never changes."""
    assert made() == "70137597901e63f66659df7c034e2d11a548a1a7b3dbf26232b4b75d12bbee57"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_text_cannot_move_from_one_part_to_the_next(kind: str, by: str, more: str, data: str) -> None:
    if more:
        assert made(kind=kind + more, by=by, data=data) != made(kind=kind, by=more + by, data=data)
        assert made(kind=kind, by=by + more, data=data) != made(kind=kind, by=by, data=more + data)
