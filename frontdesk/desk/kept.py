"""Hand-edited files as they were parsed last, so that a command need not parse a hundred of them again.

One JSON file of plain values in the home, mode 0600, moved into place whole. It is believed only where it is this user's
own, of this version, and made from the very files that lie there now; whatever else is found is passed over and written
anew. What is taken from it is checked like the files themselves.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from frontdesk import __version__
from frontdesk.domain.errors import StoreTrouble

Documents = Mapping[str, Mapping[str, Any]]
Signature = tuple[tuple[str, int, int], ...]
"""Path, size and change time (ns) of each file."""


def signature(paths: Iterable[str | Path]) -> Signature:
    """What tells files from what they were; one that cannot be looked at is left out."""
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(sorted(found))


def recall(path: Path, files: Signature) -> Documents | None:
    """What was kept there for just these files, by file name; None where nothing is to be believed."""
    found = _load(path)
    if not isinstance(found, dict) or found.get("mark") != _mark(files) or not _plain(found.get("documents")):
        return None
    kept: Documents = found["documents"]
    return kept


def keep(path: Path, files: Signature, documents: Documents) -> None:
    """Keep them for the next one who asks; where that cannot be done the files are read each time, as ever."""
    from frontdesk.store.files import replace_file  # only after an edit

    if not path.parent.parent.is_dir():
        return  # a look at the handbook sets no home up
    try:
        kept = {"mark": _mark(files), "documents": documents}
        replace_file(
            path, json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(), durable=False
        )
    except (TypeError, StoreTrouble):
        return  # a date in a file, which JSON does not know, or a home that cannot be written


def _mark(files: Signature) -> list[object]:
    return [__version__, [list(each) for each in files]]


def _plain(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(document, dict) for document in value.values())


def _load(path: Path) -> object:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None  # not there yet, or no file that we made
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return None
        try:
            return json.loads(file.read())
        except (OSError, ValueError, RecursionError):
            return None  # torn by a full disk or by somebody's editor
