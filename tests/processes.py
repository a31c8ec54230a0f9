"""Other processes and other users, for tests of what only they can do to a home."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOBODY = 65_534


def as_somebody_else(work: Callable[[], str], owns: Iterable[Path] = ()) -> str:
    """What `work` answers in a child process that is not root, for root may read and write everything.

    Where the tests run as an ordinary user, that is the user. The child owns the paths of `owns`. What it imports
    anew must lie where everybody may read.
    """
    root = os.geteuid() == 0
    for path in owns:
        if root:
            os.chown(path, NOBODY, NOBODY)

    def dropped() -> str:
        if root:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return in_a_child(dropped)


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """That folder, made by the first of several processes that need it; the others wait, and nobody changes it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            make(folder)
            done.touch()
    return folder


def end_of(work: Callable[[], object]) -> int:
    """How a child process ends that does the work: 0, 1 with a traceback, negative where a signal killed it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_a_child(work: Callable[[], str]) -> str:
    """What `work` answers in a child process, whose limits and rights end with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = work()
        except BaseException:
            answer = traceback.format_exc()
        os.write(writing, answer.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return told


def python(code: str, home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """A Python process of its own on a home; `code` finds its arguments in sys.argv[1:]."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    settings: dict[str, Any] = {"FRONTDESK_HOME": str(home), "FRONTDESK_OPERATOR": "lin", **environment}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=kept | settings | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def answers(*processes: subprocess.Popen[str]) -> list[str]:
    """What the processes print; each must end well."""
    told = []
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        told.append(out)
    return told
