"""Columns: what was changed or moved is never taken for true, and equal keys are found unseen (DESIGN §7)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import KeyTrouble
from frontdesk.store.cipher import Cipher, has_vault, key_id, unlock
from frontdesk.store.database import Database
from tests.builders import House

CIPHER = Cipher(b"\x07" * 32)
TRIALS = settings(derandomize=True, deadline=None, max_examples=60)


@TRIALS
@given(st.text())
def test_what_is_sealed_can_be_opened_and_is_not_to_be_seen(text: str) -> None:
    sealed = CIPHER.seal(text, "event.sealed")
    assert CIPHER.open(sealed, "event.sealed") == text
    assert len(text) < 4 or text.encode() not in sealed


def test_two_seals_of_one_text_differ() -> None:
    assert CIPHER.seal("林晚舟", "resident.name") != CIPHER.seal("林晚舟", "resident.name")


@TRIALS
@given(st.integers(0, 50), st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_noticed(place: int, bit: int) -> None:
    sealed = bytearray(CIPHER.seal("7栋3单元2604", "ticket.unit"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(KeyTrouble, match="改动过"):
        CIPHER.open(bytes(sealed), "ticket.unit")


@pytest.mark.parametrize("sealed", [b"", b"short", b"\x00" * 12, b"\x00" * 27])
def test_a_stump_is_noticed(sealed: bytes) -> None:
    with pytest.raises(KeyTrouble):
        CIPHER.open(sealed, "ticket.unit")


def test_a_value_cannot_be_moved_to_another_column_or_database() -> None:
    sealed = CIPHER.seal("19900004821", "call.phone")
    with pytest.raises(KeyTrouble):
        CIPHER.open(sealed, "call.name")
    with pytest.raises(KeyTrouble):
        Cipher(b"\x08" * 32).open(sealed, "call.phone")


def test_equal_keys_have_equal_indexes_in_one_column_of_one_database() -> None:
    index = CIPHER.index("19900004821", "phone")
    assert index == CIPHER.index("19900004821", "phone") == Cipher(b"\x07" * 32).index("19900004821", "phone")
    assert len(index) == 16
    assert index != CIPHER.index("19900004822", "phone")
    assert index != CIPHER.index("19900004821", "unit")
    assert index != Cipher(b"\x08" * 32).index("19900004821", "phone")


def test_the_vault_is_filled_once_and_opens_to_its_own_key_alone(house: House) -> None:
    db = Database(house.settings().database)
    with db.write() as conn:
        conn.execute("DELETE FROM vault")
    assert not has_vault(db)
    first = unlock(db, b"\x01" * 32)
    assert has_vault(db)
    sealed = first.seal("林晚舟", "resident.name")
    assert unlock(db, b"\x01" * 32).open(sealed, "resident.name") == "林晚舟"
    with pytest.raises(KeyTrouble) as wrong:
        unlock(db, b"\x02" * 32)
    assert key_id(b"\x01" * 32) in str(wrong.value) and key_id(b"\x02" * 32) in str(wrong.value)


def test_the_master_key_stands_nowhere_in_the_database(house: House) -> None:
    db = Database(house.settings().database)
    with db.write() as conn:
        conn.execute("DELETE FROM vault")
    unlock(db, bytes(range(100, 132)))
    for path in house.settings().database.parent.iterdir():
        assert bytes(range(100, 132)) not in path.read_bytes()
