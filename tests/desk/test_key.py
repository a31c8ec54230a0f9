"""The master key: where it may lie, what is refused, and that it is never made a second time (DESIGN §7)."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk import settings as module
from frontdesk.bootstrap import open_desk
from frontdesk.domain.errors import KeyTrouble, StoreTrouble
from frontdesk.settings import Settings, master_key
from tests.builders import House
from tests.processes import as_somebody_else

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY) + b"\n"


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def where(tmp_path: Path) -> Settings:
    return House(tmp_path / "home").settings()


def put(path: Path, content: bytes = TEXT, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_first_run_makes_a_key_of_its_own_and_says_where(where: Settings) -> None:
    key, told = master_key(where, may_create=True)
    assert len(key) == 32 and base64.b64decode(where.key_file.read_bytes()) == key
    assert where.key_file.stat().st_mode & 0o777 == 0o600
    assert where.key_file.parent.stat().st_mode & 0o777 == 0o700
    assert str(where.key_file) in told and "另存一份" in told
    assert master_key(where, may_create=True) == (key, ""), (
        "the second time it is only read, and nothing said"
    )
    assert [path.name for path in where.key_file.parent.iterdir()] == ["master.key"]


def test_a_key_file_elsewhere_is_used(where: Settings, tmp_path: Path) -> None:
    elsewhere = where._replace(key_file=put(tmp_path / "usb" / "desk.key"))
    assert master_key(elsewhere, may_create=False) == (KEY, "")


def symlink(path: Path) -> None:
    put(path.with_name("real.key"))
    path.symlink_to(path.with_name("real.key"))


def dangling(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to(path.with_name("nowhere.key"))


def folder(path: Path) -> None:
    path.mkdir(parents=True)


def pipe(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda path: put(path, mode=0o640), "不安全"),
        (lambda path: put(path, mode=0o604), "不安全"),
        (lambda path: put(path, mode=0o660), "不安全"),
        (lambda path: put(path, mode=0o601), "不安全"),
        (symlink, "不能是链接"),
        (dangling, "不能是链接"),
        (folder, "不安全"),
        (pipe, "不安全"),
        (lambda path: put(path, b""), "不是主密钥"),
        (lambda path: put(path, base64.b64encode(KEY[:31])), "不是主密钥"),
        (lambda path: put(path, base64.b64encode(KEY + b"x")), "不是主密钥"),
        (lambda path: put(path, KEY), "不是主密钥"),
        (lambda path: put(path, "主密钥".encode()), "不是主密钥"),
        (lambda path: put(path, TEXT * 999), "不是主密钥"),
    ],
)
def test_what_is_no_safe_key_file_is_refused_and_never_replaced(
    where: Settings, make: Callable[[Path], object], words: str
) -> None:
    make(where.key_file)
    for may_create in (True, False):
        with pytest.raises(KeyTrouble, match=words) as refused:
            master_key(where, may_create)
        assert str(where.key_file) in str(refused.value)
        assert base64.b64encode(KEY[:31]).decode() not in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file somebody else's")
def test_a_key_file_of_somebody_else_is_refused(where: Settings) -> None:
    put(where.key_file)
    os.chown(where.key_file, 65_534, 65_534)
    with pytest.raises(KeyTrouble, match="不安全"):
        master_key(where, may_create=False)


def test_where_there_is_data_a_missing_key_is_an_error_and_no_new_one_is_made(house: House) -> None:
    case = house.open()
    key_file = house.settings().key_file
    away = key_file.rename(house.home / "away.key")
    with pytest.raises(KeyTrouble, match="不会另造新密钥"):
        house.desk()
    assert not key_file.exists() and list(key_file.parent.iterdir()) == []
    away.rename(key_file)
    assert house.desk().tickets.view(case.number).version == 1


def test_another_key_opens_nothing_and_changes_nothing(house: House) -> None:
    case = house.open()
    key_file = house.settings().key_file
    right = key_file.read_bytes()
    put(key_file)
    with pytest.raises(KeyTrouble, match=r"编号 [0-9a-f]{8}.*打不开.*编号 [0-9a-f]{8}"):
        house.desk()
    put(key_file, right)
    assert house.desk().tickets.view(case.number).version == 1


def test_a_key_that_cannot_be_written_says_so(tmp_path: Path, where: Settings) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreTrouble, match="写不了密钥文件"):
        master_key(where, may_create=True)


def test_a_folder_that_may_not_be_entered_is_no_reason_to_make_another_key(
    where: Settings, tmp_path: Path
) -> None:
    put(where.key_file)
    where.key_file.parent.chmod(0o000)

    def work() -> str:
        answers = []
        for may_create in (True, False):
            try:
                master_key(where, may_create)
            except (StoreTrouble, KeyTrouble) as trouble:
                answers.append(type(trouble).__name__)
        return " ".join(answers)

    assert as_somebody_else(work) == "StoreTrouble KeyTrouble"
    where.key_file.parent.chmod(0o700)


# --- a systemd credential ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o400, 0o440])
def test_a_systemd_credential_comes_first(
    where: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """systemd lets a service's user in by an access list, whose mask shows as the group's read bit."""
    put(where.key_file, base64.b64encode(b"\x09" * 32))
    put(tmp_path / "credentials" / "frontdesk-master-key", mode=mode)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert master_key(where, may_create=False) == (KEY, "")
    (tmp_path / "credentials" / "frontdesk-master-key").chmod(0o604)
    with pytest.raises(KeyTrouble, match="不安全"):
        master_key(where, may_create=False)


# --- a keyring -----------------------------------------------------------------------------------------------


class Ring:
    """A keyring that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, account: str, value: str) -> None:
        self.kept[service, account] = value

    def get_password(self, service: str, account: str) -> str | None:
        return self.kept.get((service, account))

    def delete_password(self, service: str, account: str) -> None:
        del self.kept[service, account]


def offered(monkeypatch: pytest.MonkeyPatch, *rings: Any, trusted: bool = True) -> None:
    """The machine has these keyrings and a desktop to unlock them."""
    import keyring

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    if trusted:
        monkeypatch.setattr(module, "TRUSTED_KEYRINGS", frozenset({__name__}))
    chain = type("Chain", (), {"backends": list(rings)})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)


def test_a_proven_keyring_keeps_the_key_and_no_file_is_made(
    where: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    offered(monkeypatch, ring)
    asked = where._replace(use_keyring=True)
    key, told = master_key(asked, may_create=True)
    assert "钥匙串" in told and not where.key_file.exists()
    assert ring.kept == {("frontdesk", "master-key"): base64.b64encode(key).decode()}, (
        "the probe is gone again"
    )
    assert master_key(asked, may_create=False) == (key, "")


@pytest.mark.parametrize("how", ["untrusted", "forgets", "lies", "raises", "switched off"])
def test_a_keyring_that_is_not_proven_keeps_nothing(
    where: Settings, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ring = Ring()

    def refuse(*_words: str) -> None:
        raise RuntimeError("locked")

    if how == "forgets":
        monkeypatch.setattr(ring, "get_password", lambda *_words: None)
    elif how == "lies":
        monkeypatch.setattr(ring, "get_password", lambda *_words: "something else")
    elif how == "raises":
        monkeypatch.setattr(ring, "set_password", refuse)
    offered(monkeypatch, ring, trusted=how != "untrusted")
    asked = where._replace(use_keyring=how != "switched off")
    master_key(asked, may_create=True)
    assert where.key_file.exists()
    assert not any(service == "frontdesk" for service, _ in ring.kept)


@pytest.mark.parametrize("backend", ["fail.Keyring", "null.Keyring", "chainer.ChainerBackend"])
def test_backends_that_keep_no_secret_are_refused_by_name(
    where: Settings, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    import importlib

    name, kind = backend.split(".")
    ring = getattr(importlib.import_module(f"keyring.backends.{name}"), kind)()
    offered(monkeypatch, ring, trusted=False)
    master_key(where._replace(use_keyring=True), may_create=True)
    assert where.key_file.exists()


def test_a_keyring_that_waits_for_a_prompt_is_given_up(
    where: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    never = threading.Event()
    with pytest.raises(KeyTrouble, match="没有回应"):
        module._ask(never.wait, seconds=0.05)
    never.set()


def test_the_desk_tells_its_first_operator_about_the_key_once(tmp_path: Path) -> None:
    house = House(tmp_path / "home")
    assert "主密钥已生成" in open_desk(house.settings(), house.time).welcome
    assert open_desk(house.settings(), house.time).welcome == ""
    assert house.desk().key_status()[1] == str(house.settings().key_file)
