"""Hand-edited files as they were parsed last, so that a command need not parse a hundred of them again.

One file of plain values in the home, a line of JSON for each document, mode 0600, moved into place whole. It is believed only where it is this user's
own, of this version, and made from the very files that lie there now; whatever else is found is passed over and written
anew. What is taken from it is checked like the files themselves.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from frontdesk import __version__
from frontdesk.domain.errors import BadInput, StoreTrouble

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


class _Kept(Mapping[str, Mapping[str, Any]]):
    """Documents by name, parsed one at a time: the trees of a whole handbook side by side would cost a console half a MiB."""

    def __init__(self, lines: Mapping[str, bytes]) -> None:
        self._lines = lines

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        document = _parsed(self._lines[name])
        if not isinstance(document, dict):
            raise BadInput(name, "存下的内容不完整", "会重新读这个文件")
        return document

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def recall(path: Path, files: Signature) -> Documents | None:
    """What was kept there for just these files, by file name; None where nothing is to be believed.

    A document that turns out to be torn is `BadInput` when it is taken, like one that does not pass the checks.
    """
    head, *lines = _load(path).split(b"\n")
    told = _parsed(head)
    if not isinstance(told, dict) or told.get("mark") != _mark(files):
        return None
    names = told.get("names")
    if not isinstance(names, list) or len(names) != len(lines) or not all(isinstance(n, str) for n in names):
        return None
    return _Kept(dict(zip(names, lines, strict=True)))


def keep(path: Path, files: Signature, documents: Documents) -> None:
    """Keep them for the next one who asks; where that cannot be done the files are read each time, as ever."""
    from frontdesk.store.files import replace_file  # only after an edit

    if not path.parent.parent.is_dir():
        return  # a look at the handbook sets no home up
    try:
        lines = [{"mark": _mark(files), "names": list(documents)}, *documents.values()]
        replace_file(path, "\n".join(map(_line, lines)).encode(), durable=False)
    except (TypeError, StoreTrouble):
        return  # a date in a file, which JSON does not know, or a home that cannot be written


def _mark(files: Signature) -> list[object]:
    return [__version__, [list(each) for each in files]]


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None  # torn by a full disk or by somebody's editor


def _load(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""  # not there yet, or no file that we made
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return b""
        try:
            return file.read()
        except OSError:
            return b""
