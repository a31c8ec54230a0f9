"""Where things are, and every slip in config.toml named by its entry (DESIGN §8)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from frontdesk.bootstrap import glance, open_desk
from frontdesk.domain.errors import BadInput
from frontdesk.settings import CONFIG, load, shipped
from tests.builders import House


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine that runs the tests."""
    for name in [name for name in os.environ if name.startswith(("FRONTDESK_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))


def config(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")


def test_without_a_word_things_are_where_the_platform_keeps_them(tmp_path: Path) -> None:
    found = load()
    assert found.home == tmp_path / "user" / ".local" / "share" / "frontdesk"
    assert found.database == found.home / "data" / "frontdesk.db"
    assert found.key_file == tmp_path / "user" / ".config" / "frontdesk" / "settings" / "master.key"
    assert (found.site, found.use_keyring, found.ascii) == ("物业项目", True, None)


def test_a_named_home_holds_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path / "前台 1"))
    found = load()
    for path in (
        found.database,
        found.key_file,
        found.drafts,
        found.evidence,
        found.exports,
        found.logs,
        found.config,
    ):
        assert path.is_relative_to(tmp_path / "前台 1")
    assert found.key_file.parent != found.database.parent, (
        "whoever copies the data folder must not get the key"
    )


def test_a_relative_home_does_not_move_with_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRONTDESK_HOME", "desk")
    assert load().home == tmp_path / "desk"
    monkeypatch.setenv("FRONTDESK_HOME", "~/desk")
    assert load().home == tmp_path / "user" / "desk"


@pytest.mark.parametrize(
    "name, value",
    [("FRONTDESK_HOME", "~no-such-user-here/desk"), ("FRONTDESK_KEY_FILE", "~no-such-user-here/key")],
)
def test_a_home_of_nobody_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput, match="认不出是谁的目录"):
        load()


def test_every_entry_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config(
        tmp_path,
        '[site]\nname = "云栖苑"\narea_code = "0755"\n'
        f'[secret]\nkey_file = "{tmp_path}/usb/desk.key"\nuse_keyring = false\n[screen]\nascii = "yes"\n',
    )
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path))
    monkeypatch.setenv("FRONTDESK_OPERATOR", "wang")
    found = load()
    assert (found.site, found.area_code, found.use_keyring, found.ascii) == ("云栖苑", "0755", False, True)
    assert (found.key_file, found.operator) == (tmp_path / "usb" / "desk.key", "wang")
    monkeypatch.setenv("FRONTDESK_KEY_FILE", str(tmp_path / "other.key"))
    assert load().key_file == tmp_path / "other.key"


@pytest.mark.parametrize(
    "text, field",
    [
        ("[site\n", "config.toml"),
        ("site = 1", "config.toml 的 site"),
        ("[sight]\nname = 'x'", "config.toml"),
        ("[site]\nnmae = 'x'", "config.toml 的 site"),
        ("[site]\nname = 5", "config.toml 的 site.name"),
        ('[site]\nname = "云\\u001b[31m苑"', "config.toml 的 site.name"),
        ("[site]\narea_code = 755", "config.toml 的 site.area_code"),
        ("[secret]\nkey_file = ['a']", "config.toml 的 secret.key_file"),
        ("[secret]\nkey_fiel = 'a'", "config.toml 的 secret"),
        ("[secret]\nuse_keyring = 'no'", "config.toml 的 secret.use_keyring"),
        ("[secret]\nuse_keyring = 0", "config.toml 的 secret.use_keyring"),
        ("notify = 1", "config.toml 的 notify"),
        ("[screen]\nascii = true", "config.toml 的 screen.ascii"),
        ("[screen]\nascii = 'maybe'", "config.toml 的 screen.ascii"),
    ],
)
def test_each_slip_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, field: str
) -> None:
    config(tmp_path, text)
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path))
    with pytest.raises(BadInput) as bad:
        load()
    assert bad.value.field == field
    assert bad.value.problem and bad.value.remedy


def test_a_slip_about_notices_does_not_keep_the_desk_shut(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path))
    config(tmp_path, "[notify]\nendpoints.x = { kind = 'carrier pigeon' }")
    desk = open_desk()
    assert desk.board().rows == []
    with pytest.raises(BadInput, match=r"notify\.endpoints\.x\.kind"):
        desk.notices.endpoints()


def test_a_config_in_another_encoding_or_that_is_a_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_bytes('[site]\nname = "云栖苑"'.encode("gb18030"))
    with pytest.raises(BadInput, match="格式有误"):
        load()
    (tmp_path / "config.toml").unlink()
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(BadInput, match="读不了"):
        load()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk@db/front",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:////a.db?mode=ro",
        "/a.db",
    ],
)
def test_an_address_that_is_no_file_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FRONTDESK_DATABASE_URL", url)
    with pytest.raises(BadInput, match=r"FRONTDESK_DATABASE_URL.*sqlite:////"):
        load()


def test_a_database_elsewhere_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRONTDESK_DATABASE_URL", f"sqlite:///{tmp_path}/disk two/100%/desk.db")
    desk = open_desk()
    assert (tmp_path / "disk two" / "100%" / "desk.db").is_file()
    assert not (tmp_path / "home" / "data").exists()
    assert desk.board().rows == []


def test_the_config_that_a_first_run_writes_is_read_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(tmp_path))
    desk = open_desk(site='云栖"苑\\\n\x1b[31m')
    assert desk.settings.site == load().site == "云栖苑"
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == CONFIG.format(site="云栖苑")
    assert open_desk(site="别的").settings.site == "云栖苑", "a home keeps its name"


def test_a_file_in_the_home_overrides_the_shipped_one(house: House) -> None:
    settings = house.settings()
    assert settings.resource("policy.toml") == shipped("policy.toml")
    (house.home / "policy.toml").write_bytes(shipped("policy.toml").read_bytes())
    assert settings.resource("policy.toml") == house.home / "policy.toml"


def test_the_first_picture_needs_no_key_and_no_patience(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_HOME", str(house.home.parent / "nothing yet"))
    assert glance() is None
    desk = house.desk()
    house.open(desk, text="电梯里有人被困")
    house.open(desk)
    house.open(desk).void()
    monkeypatch.setenv("FRONTDESK_HOME", str(house.home))
    monkeypatch.setattr("frontdesk.bootstrap.system_clock", house.time)
    found = glance()
    assert found is not None and (found.open, found.breached, found.emergencies) == (2, 0, 1)
    house.time.forward(2 * 3_600)
    later = glance()
    assert later is not None and later.breached == 1
    house.settings().database.write_bytes(b"spoiled" * 999)
    assert glance() is None
