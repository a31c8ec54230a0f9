"""The real parts that tests run against: `@pytest.mark.real("tmux", "sshd")` names what a test needs.

A missing part skips the test and says so; with FRONTDESK_REQUIRE_REAL=1, as scripts/test sets it for root and
where CI=true, it fails the test, so that a green run has really run everything.
"""

from __future__ import annotations

import functools
import gc
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.processes import made_once

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from tests.builders import House

# Part → the program that stands for it and its Debian package. Programs for root lie outside a user's PATH.
PROGRAMS = {
    "tmux": ("tmux", "tmux"),
    "ssh": ("ssh", "openssh-client"),
    "sshd": ("sshd", "openssh-server"),
    "libreoffice": ("soffice", "libreoffice-calc-nogui"),
    "pdftoppm": ("pdftoppm", "poppler-utils"),
    "ip": ("ip", "iproute2"),
    "ps": ("ps", "procps"),
}
# LibreOffice's parts bring no program of their own, only a library.
LIBRARIES = {"writer": ("/usr/lib/libreoffice/program/libswlo.so", "libreoffice-writer-nogui")}
LOCALES = {"zh_CN.GB18030": "zh_CN.gb18030", "zh_CN.UTF-8": "zh_CN.utf8"}
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


@functools.cache
def locales() -> frozenset[str]:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, errors="replace", check=False)
    return frozenset(listed.stdout.split())


@functools.cache
def missing(part: str) -> str | None:
    """Why a real part cannot be used, or None; an unknown part is a mistake in the test."""
    if part in LOCALES:
        return None if LOCALES[part] in locales() else f"locale {part} is not generated (package locales)"
    if part in LIBRARIES:
        library, package = LIBRARIES[part]
        return None if os.path.exists(library) else f"{library} is missing (package {package})"
    program, package = PROGRAMS[part]
    return None if shutil.which(program, path=SEARCHED) else f"{program} is not installed (package {package})"


def pytest_runtest_setup(item: pytest.Item) -> None:
    parts = [part for marker in item.iter_markers("real") for part in marker.args]
    reasons = [reason for part in parts if (reason := missing(part))]
    if not reasons:
        return
    if os.environ.get("FRONTDESK_REQUIRE_REAL") == "1":
        pytest.fail("; ".join(reasons), pytrace=False)
    pytest.skip("; ".join(reasons))


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: each search for garbage would go through them all again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def hears_ctrl_c() -> Iterator[None]:
    """Every test, and what it starts, hears Ctrl+C, whatever an earlier one or the shell behind pytest left."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all workers of this run find what one of them has made."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def furnished(shared_folder: Path) -> House:
    """A home in use, to be copied: making key and schema and parsing the handbook anew would take every test a second."""
    from frontdesk.bootstrap import open_desk
    from tests.builders import House

    def furnish(home: Path) -> None:
        house = House(home)
        desk = open_desk(house.settings(), house.time)
        assert desk.handbook_problems == ()  # read once, and kept with the categories in the home's cache
        desk.close()

    return House(made_once(shared_folder / "furnished", furnish))


@pytest.fixture
def house(furnished: House, tmp_path: Path) -> House:
    """A home of this test's own; `house.time` is its clock."""
    return furnished.copy(tmp_path / "home")


@pytest.fixture
def desk(house: House) -> Desk:
    """The desk of `lin`, who is the admin."""
    return house.desk()
