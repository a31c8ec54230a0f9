"""The lock files: complete, exact, hashed, and free of any place to fetch from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-test.txt")
PINNED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+))?")


def lock_text(name: str) -> str:
    return (ROOT / "scripts" / name).read_text(encoding="utf-8")


def locked(name: str) -> dict[NormalizedName, Version]:
    """The pins of a lock file; a line that is not an exact pin with a hash fails the test."""
    text = re.sub(r"^ *#.*\n", "", lock_text(name), flags=re.MULTILINE).replace("\\\n", " ")
    pins = {}
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        found = PINNED.fullmatch(requirement.strip())
        assert found, f"not an exact pin: {requirement}"
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement
        pins[canonicalize_name(found["name"])] = Version(found["version"])
    return pins


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(name: str) -> None:
    for line in lock_text(name).splitlines():
        assert "://" not in line and "@" not in line, line
        assert not re.match(r"\s*--?(?!hash=)\w", line), f"an option of pip: {line}"
        assert not re.search(r"(^|\s)~?/\w", line), f"a path of somebody's machine: {line}"


@pytest.mark.parametrize(("name", "extras"), [(LOCKS[0], ()), (LOCKS[1], ("test", "check"))])
def test_a_lock_satisfies_every_direct_dependency(name: str, extras: tuple[str, ...]) -> None:
    pins = locked(name)
    for requirement in wanted(*extras):
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not locked: run scripts/lock"
        assert requirement.specifier.contains(version), f"{requirement} against {version}: run scripts/lock"


def test_the_tests_run_on_what_is_shipped() -> None:
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()
