"""Killed at every write: what lies in the folder afterwards is the old sheet or the new one, whole, and nothing half."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from frontdesk.domain.facts import Span
from frontdesk.sheets import files
from tests.sheets.made_up import LIFT, at, estate, rows, ticket, write

MORE = [*estate(), ticket("261115-01", LIFT, Span(at(15)))]


class Counted:
    """A file and the calls that change the disk, each counted; the process dies just before the one so numbered."""

    def __init__(self, deadly: int) -> None:
        self.deadly, self.calls = deadly, 0

    def step(self) -> None:
        self.calls += 1
        if self.calls == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def handle(self, inner: BinaryIO) -> BinaryIO:
        step = self.step

        class Handle:
            def write(self, data: bytes) -> int:
                step()
                half = len(data) // 2  # the first half is on the disk already when the blow falls next time
                inner.write(data[:half])
                inner.flush()
                return half + inner.write(data[half:])

            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

        return cast(BinaryIO, Handle())


def export(folder: Path, counted: Counted) -> None:
    """The sheet of `MORE`, every write on the way counted."""
    put = files.put

    def watched(path: Path, build: files.Build, now: int) -> files.Written:
        def slowly(handle: BinaryIO, old: Path | None) -> str:
            return build(counted.handle(handle), old)

        return put(path, slowly, now)

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        for name in ("fsync", "replace"):
            known = getattr(os, name)

            def told(*arguments: Any, known: Any = known) -> Any:
                counted.step()
                return known(*arguments)

            patched.setattr(os, name, told)
        patched.setattr("frontdesk.sheets.complaint_sheet.put", watched)
        write(folder, MORE)


def killed(folder: Path, deadly: int) -> bool:
    """Export in a child that dies at that write; whether it died."""
    child = os.fork()
    if child == 0:
        export(folder, Counted(deadly))
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_killed_at_any_write_leaves_the_old_sheet_or_the_new_one(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    old = write(fresh).path
    before = old.read_bytes()
    counted = Counted(0)
    export(fresh, counted)
    after = old.read_bytes()
    assert counted.calls > 20
    assert before != after
    outcomes = set()
    for deadly in sorted(
        {*range(1, counted.calls, max(1, counted.calls // 25)), *range(counted.calls - 3, counted.calls + 1)}
    ):
        old.write_bytes(before)
        assert killed(fresh, deadly)
        outcomes.add(old.read_bytes())
        assert outcomes <= {before, after}
        left = {each.name for each in fresh.iterdir()} - {old.name}
        assert all(name.startswith(".") and name.endswith(".tmp") for name in left)
    assert outcomes == {before, after}, "the last of them came after the move"
    write(fresh, MORE)
    assert old.read_bytes() == after
    assert rows(old, "汇总")


def test_what_a_killed_export_left_is_cleared_away_later(tmp_path: Path) -> None:
    old = write(tmp_path).path
    assert killed(tmp_path, 5)
    litter = [each for each in tmp_path.iterdir() if each != old]
    assert len(litter) == 1
    os.utime(litter[0], (1_000_000_000, 1_000_000_000))
    write(tmp_path, MORE)
    assert list(tmp_path.iterdir()) == [old]
