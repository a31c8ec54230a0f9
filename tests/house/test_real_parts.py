"""A real part that is missing is seen: a counted skip on a developer's machine, an error where required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("required", "outcome"), [("0", "1 passed, 1 skipped"), ("1", "1 passed, 1 error")])
def test_a_missing_part_is_counted(tmp_path: Path, required: str, outcome: str) -> None:
    (tmp_path / "test_parts.py").write_text(
        "import pytest\n"
        "@pytest.mark.real('tmux')\n"
        "def test_needs_tmux() -> None: ...\n"
        "def test_needs_nothing() -> None: ...\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PATH": str(tmp_path), "FRONTDESK_REQUIRE_REAL": required}
    command = (sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c")
    ran = subprocess.run(
        [*command, ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path / "test_parts.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in ran.stdout, ran.stdout + ran.stderr
    assert "tmux is not installed (package tmux)" in ran.stdout
