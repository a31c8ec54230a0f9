"""The command line in a home of its own: called in this process with the test's clock, or started as a process."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from frontdesk import bootstrap
from frontdesk.cli import main
from tests.builders import House

PROGRAM = (sys.executable, "-I", str(Path(__file__).parents[2] / "frontdesk" / "__main__.py"))


class Answer(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; anything beside it fails the test."""
        assert self.code == 0, self.err
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def frontdesk(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`frontdesk ARGS…` in this process, as `lin` in the test's house, by the house's clock."""
    monkeypatch.setenv("FRONTDESK_HOME", str(house.home))
    monkeypatch.setenv("FRONTDESK_OPERATOR", "lin")
    monkeypatch.setattr(bootstrap, "open_desk", functools.partial(bootstrap.open_desk, clock=house.time))

    def run(*args: object) -> Answer:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(code, said.out, said.err)

    return run


class Shell:
    """`frontdesk ARGS…` as a process, in an environment of which the test knows every word."""

    def __init__(self, home: Path | None) -> None:
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "FRONTDESK_OPERATOR": "lin"}
        if home is not None:
            self.environment["FRONTDESK_HOME"] = str(home)

    def run(self, *args: str | bytes, text: bool = True, **changes: str) -> subprocess.CompletedProcess[Any]:
        """Start it, wait, and see that no traceback came."""
        done = subprocess.run(
            [*PROGRAM, *args],
            env=self.environment | changes,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8" if text else None,
            check=False,
        )
        assert "Traceback" not in str(done.stderr), done.stderr
        return done


@pytest.fixture
def shell(house: House) -> Shell:
    """A shell in the test's house."""
    return Shell(house.home)
