"""`pip install .` gives a working `frontdesk` with its data inside (DESIGN §2)."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import frontdesk

ROOT = Path(__file__).parents[2]


def ran(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    ran(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `bin` of a fresh environment that holds the wheel alone."""
    folder = tmp_path_factory.mktemp("user's own") / "env"
    ran(sys.executable, "-m", "venv", "--without-pip", folder)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    ran(*pip, "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel)
    return folder / "bin"


def elsewhere(home: Path) -> dict[str, str]:
    """The environment of a user who has the dependencies, but not this checkout."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "LANG": "C.UTF-8",
    }


def shipped(folder: str) -> set[str]:
    """Every file of a folder of the checkout, compiled ones left out."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name for name in names if ".dist-info/" not in name}
    data = shipped("data")
    assert "data/policy.toml" in data
    assert inside == shipped("frontdesk") | {f"frontdesk/{name}" for name in data}


def test_the_installed_package_finds_its_data(installed: Path, tmp_path: Path) -> None:
    code = (
        "import frontdesk, importlib.resources as r\n"
        "data = r.files(frontdesk) / 'data'\n"
        "print(frontdesk.__file__, (data / 'policy.toml').is_file(), (data / 'handbook').is_dir())"
    )
    said = ran(installed / "python", "-c", code, cwd=tmp_path, env=elsewhere(tmp_path))
    assert said.split()[-2:] == ["True", "True"]
    assert str(installed.parent) in said


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    said = ran(installed / "frontdesk", "--version", cwd=tmp_path, env=elsewhere(tmp_path))
    assert frontdesk.__version__ in said
