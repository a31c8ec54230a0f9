"""scripts/run on a small checkout with one invented dependency: a real pip installs it without a network."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST = "首次安装"
PROGRAM = """\
import json, os, sys
import frontdesk, inventory
print(json.dumps([sys.argv[1:], os.getcwd(), frontdesk.__file__, inventory.VERSION, frontdesk.__cached__]))
"""


class Desk:
    """A checkout, a folder of wheels that stands for the package index, and a user who starts scripts/run."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my desk"
        self.wheels = folder / "wheels"
        self.home = folder / "home"

    def build(self) -> Desk:
        for made in (self.root / "scripts", self.root / "frontdesk", self.wheels, self.home):
            made.mkdir(parents=True)
        for script in ("run", "environment.sh"):
            shutil.copy(ROOT / "scripts" / script, self.root / "scripts")
        (self.root / "frontdesk" / "__init__.py").touch()
        (self.root / "frontdesk" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self.lock("1.0")
        return self

    def lock(self, version: str) -> None:
        """Publishes a version of the dependency and locks it."""
        info = f"inventory-{version}.dist-info"
        wheel = self.wheels / f"inventory-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("inventory.py", f"VERSION = '{version}'\n")
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: inventory\nVersion: {version}\n"
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(
                f"{info}/RECORD", f"inventory.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        line = f"inventory=={version} --hash=sha256:{digest}\n"
        (self.root / "scripts" / "requirements.txt").write_text(line, encoding="utf-8")

    def environment(self, **changes: str) -> dict[str, str]:
        known = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "FRONTDESK_PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return known | changes

    def command(self, *args: str) -> list[str]:
        return [str(self.root / "scripts" / "run"), *args]

    def start(self, *args: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*args),
            cwd=self.home,
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "new").build()


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("used") / "desk"
    return folder, Desk(folder).build().start("board", "--json", "两 字")


@pytest.fixture
def used(first_start: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Desk:
    """A desk that was started before, moved to a place of its own."""
    return Desk(shutil.copytree(first_start[0], tmp_path / "used", symlinks=True))


@pytest.fixture
def read_only(desk: Desk) -> Iterator[Desk]:
    folders = [desk.root, desk.root / "scripts", desk.root / "frontdesk"]
    for folder in folders:
        folder.chmod(0o555)
    yield desk
    for folder in folders:
        folder.chmod(0o755)


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fails a wait that would last forever."""

    def late(*_: object) -> None:
        raise TimeoutError(f"nothing happened within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_the_first_start_installs_and_says_so(
    first_start: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    desk, first = Desk(first_start[0]), first_start[1]
    assert first.returncode == 0, first.stderr
    assert FIRST in first.stderr and len(first.stderr.splitlines()) == 1
    assert '["board", "--json", "\\u4e24 \\u5b57"]' in first.stdout
    assert str(desk.home) in first.stdout, "the folder where the user stands must stay"
    assert str(desk.root / "frontdesk" / "__init__.py") in first.stdout


def test_the_second_start_is_silent_and_starts_neither_pip_nor_the_system_python(
    used: Desk, tmp_path: Path
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("cmp", "sh"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    again = used.start(PATH=str(tools), FRONTDESK_PYTHON=str(tools / "none"))
    assert (again.returncode, again.stderr) == (0, "")


def test_compiled_code_is_there_after_the_first_start(used: Desk) -> None:
    assert list((used.root / "frontdesk" / "__pycache__").glob("__init__.*.pyc"))
    assert list((used.root / ".venv").rglob("inventory.*.pyc"))


def test_nothing_in_the_users_folder_or_variables_comes_before_our_code(desk: Desk) -> None:
    for name in ("frontdesk.py", "inventory.py", "json.py", "pip.py"):
        (desk.home / name).write_text("raise SystemExit('planted')", encoding="utf-8")
    for _ in range(2):
        started = desk.start(PYTHONPATH=str(desk.home), PYTHONHOME=str(desk.home))
        assert started.returncode == 0, started.stderr


def test_two_first_starts_at_once_install_once(desk: Desk) -> None:
    both = [
        subprocess.Popen(
            desk.command(name),
            env=desk.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(err.count(FIRST) for _, err in said) == 1


def test_a_changed_lock_is_installed_once(used: Desk) -> None:
    used.lock("2.0")
    changed = used.start()
    assert "正在更新依赖" in changed.stderr and '"2.0"' in changed.stdout
    assert used.start().stderr == ""


def test_an_installation_that_was_cut_off_starts_over(used: Desk) -> None:
    broken = next((used.root / ".venv").rglob("inventory.py"))
    broken.write_text("half a fi", encoding="utf-8")
    (used.root / ".venv" / ".installing").touch()
    mended = used.start()
    assert mended.returncode == 0, mended.stderr
    assert '"1.0"' in mended.stdout


def test_an_interrupt_while_installing_leaves_the_mark_of_a_cut(desk: Desk) -> None:
    pip_waits = desk.home / "constraints"
    os.mkfifo(pip_waits)
    process = subprocess.Popen(
        desk.command(),
        env=desk.environment(PIP_CONSTRAINT=str(pip_waits)),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with at_most(60), pip_waits.open("w"):  # opens once pip reads it, in the middle of the installation
        # The pipe stays open, so that pip waits; it is told again as an impatient person would, should it not have heard.
        while process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
    _, err = process.communicate()
    assert process.returncode != 0
    assert "Traceback" not in err
    assert (desk.root / ".venv" / ".installing").exists()
    assert desk.start().returncode == 0


def test_a_failed_installation_names_the_remedy_and_the_next_start_mends_it(desk: Desk) -> None:
    failed = desk.start(PIP_FIND_LINKS="")
    assert failed.returncode == 1
    assert "请检查网络" in failed.stderr and "Check the network" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert desk.start().returncode == 0


def test_a_missing_python_is_named_with_what_to_install(desk: Desk, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("cmp", "sh", "mkdir"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    refused = desk.start(PATH=str(tools), FRONTDESK_PYTHON="python-not-there")
    assert refused.returncode == 1
    assert refused.stderr.count("apt install python3 python3-pip") == 2
    assert "没有找到 Python 3.11" in refused.stderr and "Python 3.11 or newer not found" in refused.stderr


def test_a_checkout_that_was_moved_starts_without_installing(used: Desk) -> None:
    used.root = used.root.rename(used.root.with_name("moved"))
    moved = used.start()
    assert (moved.returncode, moved.stderr) == (0, "")
    assert str(used.root / "frontdesk") in moved.stdout


def test_a_link_to_run_serves_as_the_command(used: Desk, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "frontdesk"
    link.symlink_to("../used/my desk/scripts/run")
    run = subprocess.run([link, "x"], env=used.environment(), capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("where", ["HOME", "XDG_CACHE_HOME"])
def test_a_read_only_checkout_keeps_its_environment_in_the_users_cache(
    read_only: Desk, where: str, tmp_path: Path
) -> None:
    desk = read_only
    cache = tmp_path / "缓存"
    changes = {"HOME": str(desk.home)} if where == "HOME" else {"XDG_CACHE_HOME": str(cache)}
    expected = desk.home / ".cache" if where == "HOME" else cache
    first, again = (
        subprocess.run(
            [*without_root_rights(), *desk.command()],
            env=desk.environment(**changes),
            capture_output=True,
            text=True,
            check=False,
        )
        for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert (again.returncode, again.stderr) == (0, "")
    assert not (desk.root / ".venv").exists() and not (desk.root / "frontdesk" / "__pycache__").exists()
    (environment,) = (expected / "frontdesk").iterdir()
    assert list((environment / "pycache").rglob("frontdesk/__init__.*.pyc"))


def without_root_rights() -> list[str]:
    """Root passes every permission; without this capability a read-only folder stops it like anybody."""
    return ["setpriv", "--bounding-set=-dac_override", "--"] if os.geteuid() == 0 else []
