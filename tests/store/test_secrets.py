"""Secrets of robots: sealed, private, and bound to their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontdesk.domain.errors import KeyTrouble, StoreTrouble
from frontdesk.store.cipher import Cipher
from frontdesk.store.secrets import Secrets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "notify"


def test_a_secret_is_kept_sealed_and_private(folder: Path) -> None:
    secrets = Secrets(folder, Cipher(b"k" * 32))
    assert (secrets.get("值班群"), secrets.has("值班群")) == ("", False)
    secrets.put("值班群", "made-up-token")
    secrets.put("值班群", "made-up-other")
    assert (Secrets(folder, Cipher(b"k" * 32)).get("值班群"), secrets.has("值班群")) == (
        "made-up-other",
        True,
    )
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    assert b"made-up" not in path.read_bytes() and "值班群" not in path.name


def test_a_secret_that_was_swapped_or_sealed_with_another_key_is_not_used(folder: Path) -> None:
    secrets = Secrets(folder, Cipher(b"k" * 32))
    secrets.put("a", "one")
    (first,) = folder.iterdir()
    secrets.put("b", "two")
    (second,) = set(folder.iterdir()) - {first}
    second.write_bytes(first.read_bytes())
    assert secrets.get("a") == "one"
    with pytest.raises(KeyTrouble):
        secrets.get("b")
    with pytest.raises(KeyTrouble):
        Secrets(folder, Cipher(b"x" * 32)).get("a")


def test_a_secret_that_cannot_be_read_is_named(folder: Path) -> None:
    secrets = Secrets(folder, Cipher(b"k" * 32))
    secrets.put("a", "one")
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreTrouble, match="「a」"):
        secrets.get("a")
