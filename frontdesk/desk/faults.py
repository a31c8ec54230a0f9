"""Unexpected faults go to the log, masked, under an id that the message on the screen shows."""

from __future__ import annotations

import os
from pathlib import Path

from frontdesk.domain.timing import Instant, iso

LIMIT = 1024 * 1024
"""The log is turned over at this size, one old one is kept."""


def record_fault(folder: Path, error: BaseException, now: Instant) -> str:
    """Append the fault's type and places to faults.log and answer its id.

    The message of the error is left out: it may hold what somebody typed. Frames name files, lines and functions only.
    """
    import secrets  # dear, and hopefully never needed
    import traceback

    fault_id = secrets.token_hex(3).upper()
    lines = [f"{iso(now)} {fault_id} {type(error).__name__}"]
    seen: BaseException | None = error
    while seen is not None:
        lines += [
            f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(seen.__traceback__)
        ]
        seen = seen.__cause__ or seen.__context__
        lines += [f"  from {type(seen).__name__}"] if seen is not None else []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "faults.log"
        if path.exists() and path.stat().st_size > LIMIT:
            path.replace(folder / "faults.log.1")
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(fd, "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        # A disk that takes no log must not hide the fault itself from the person at the desk.
        return f"{fault_id}（日志写不进去）"
    return fault_id
