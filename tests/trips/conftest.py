"""The made-up estate on an ordinary morning, alive: every trip gets a copy of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.processes import made_once
from tests.trips.driver import Estate


@pytest.fixture(scope="session")
def morning(shared_folder: Path) -> Estate:
    """The estate as `init --sample` leaves it, its handbook read once; made once, for it replays a whole day."""
    from frontdesk.bootstrap import open_desk
    from frontdesk.settings import Settings

    def settle(home: Path) -> None:
        settings = Settings(
            home=home,
            database=home / "data" / "frontdesk.db",
            key_file=home / "settings" / "master.key",
            operator="admin",
            use_keyring=False,
        )
        desk = open_desk(settings, site="幸福花园")
        desk.imports.load_sample()
        assert desk.handbook_problems == ()
        desk.close()

    return Estate(made_once(shared_folder / "estate", settle))


@pytest.fixture
def estate(morning: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Estate:
    """A copy of the estate: 小林 and 老周 at the front desk, 陈主任 above them."""
    for name in [name for name in os.environ if name.startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    shutil.copytree(morning.home, home)
    return Estate(home)
