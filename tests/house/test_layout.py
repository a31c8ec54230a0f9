"""The house as DESIGN §2 draws it: what lies at the top, and which room may see which."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_top_level_is_exactly_as_agreed() -> None:
    seen = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert seen == {"frontdesk", "data", "scripts", "tests", "pyproject.toml", "README.md"}


def test_rooms_look_one_way() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " kept, 0 broken" in linted.stdout


def test_every_command_in_scripts_can_be_run() -> None:
    commands = [path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]
    assert {"run", "test", "check", "lock"} <= {path.name for path in commands}
    for path in [*commands, ROOT / ".ci" / "run"]:
        assert os.access(path, os.X_OK), path
        assert path.read_text(encoding="utf-8").startswith("#!"), path


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"].values()
    for requirement in itertools.chain(project["dependencies"], *extras):
        if not requirement.startswith("types-"):
            assert re.search(rf'"{re.escape(requirement)}",\s+# \S', text), f"{requirement} has no reason"
            assert ">=" in requirement, f"{requirement} has no floor"


def test_the_readme_lists_the_keys_that_the_console_has() -> None:
    from frontdesk.tui.keys import markdown

    assert markdown().strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_describes_the_columns_that_an_export_has() -> None:
    from frontdesk.domain.export import markdown

    assert markdown().strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_path_that_the_readme_shows_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = {
        name for name in re.findall(r"(?:scripts|data)/[a-z_./]+[a-z]", text) if not name.endswith("/run-")
    }
    assert shown
    assert [name for name in sorted(shown) if not (ROOT / name).exists()] == []
