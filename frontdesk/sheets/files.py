"""A sheet is written aside, compared, and moved into place whole; whatever goes wrong, the old file stays as it was."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from frontdesk.domain.errors import DeskError, Refused, StoreTrouble
from frontdesk.domain.timing import Instant, local

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_BUSY: Final = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY})
_TRIES: Final = 3


class Written(NamedTuple):
    """Where the sheet is. `changed` is False where the file already said all that; `warning` is the Chinese sentence
    for the person where a copy had to be made beside it, empty otherwise.
    """

    path: Path
    changed: bool
    warning: str = ""


Build = Callable[[BinaryIO, Path | None], str]
"""Writes the new file, given the old one (None where there is none); answers why the old one must stay, or ""."""


def put(path: Path, build: Build, now: Instant) -> Written:
    """Write the file by `build` and move it to `path`; equal bytes leave the old file untouched, mtime included.

    Where the old file is open in an office program, read-only or not ours, a dated copy is written beside it and
    `Written.warning` says so; `now` only names that copy. `Refused` where the folder is missing or closed to us,
    `StoreTrouble` where the disk is full or fails; in both cases nothing has changed.
    """
    target = Path(os.path.realpath(path))
    with _explained(target):
        _check_place(target)
        for attempt in range(_TRIES):
            before = _signature(target)
            with _aside(target) as (handle, temporary):
                keep = build(handle, target if before else None)
                _settle(handle)
                if before and temporary.read_bytes() == target.read_bytes():
                    return Written(target, False)
                keep = keep or (_held(target) if before else "")
                if keep:
                    return _copy(temporary, target, keep, now)
                # Somebody saved the old file while the new one was being made: read their notes again.
                if _signature(target) == before or attempt == _TRIES - 1:
                    return _move(temporary, target, now)
    raise AssertionError("unreachable: the last attempt returns")


def _check_place(target: Path) -> None:
    folder = target.parent
    if not folder.is_dir():
        raise Refused(f"目录 {folder} 不存在，报表没有写出。请先建好目录，或另选一处。")
    if target.is_dir():
        raise Refused(f"{target} 是一个目录，报表没有写出。请先把它移开。")


def _signature(target: Path) -> tuple[int, int, int] | None:
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def _aside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new hidden file in the same folder, gone afterwards unless it was moved; readable as the old one was."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "w+b") as handle:
            if target.exists():
                os.chmod(temporary, target.stat().st_mode & 0o777)
            yield handle, temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _settle(handle: BinaryIO) -> None:
    handle.flush()
    os.fsync(handle.fileno())


def _held(target: Path) -> str:
    """Why the file must not be replaced now: an office program's own lock file lies beside it, or it is read-only."""
    for lock in (f".~lock.{target.name}#", f"~${target.name}", f".~{target.name}"):
        if target.with_name(lock).exists():
            return f"{target.name} 正在别处打开（若其实没有，请删除同目录下的 {lock}）"
    return "" if target.stat().st_mode & 0o222 else f"{target.name} 是只读文件"


def _move(temporary: Path, target: Path, now: Instant) -> Written:
    try:
        os.replace(temporary, target)
    except OSError as problem:
        if problem.errno not in _BUSY:
            raise
        return _copy(temporary, target, f"{target.name} 正被占用", now)
    _settle_folder(target.parent)
    return Written(target, True)


def _copy(temporary: Path, target: Path, why: str, now: Instant) -> Written:
    """The new sheet under a dated name that no other file bears; a copy that already says the same will do."""
    content = temporary.read_bytes()
    stem = f"{target.stem}-副本-"
    for earlier in sorted(target.parent.iterdir()):
        if earlier.name.startswith(stem) and earlier.suffix == target.suffix and earlier.read_bytes() == content:
            return Written(earlier, False, _warning(why, earlier))
    for number in range(1, 1000):
        again = "" if number == 1 else f"-{number}"
        copy = target.with_name(f"{stem}{local(now):%m%d-%H%M}{again}{target.suffix}")
        with suppress(FileExistsError):
            # A link is refused where the name is taken, which a move is not: nobody's copy is overwritten.
            os.link(temporary, copy)
            _settle_folder(target.parent)
            return Written(copy, True, _warning(why, copy))
    raise Refused(f"{why}，副本也太多了。请清理 {target.parent} 后重试。")


def _warning(why: str, copy: Path) -> str:
    return f"{why}，没有覆盖它；新表另存为 {copy.name}。"


def _settle_folder(folder: Path) -> None:
    """The new name itself must survive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Whatever the disk says, in words for a person."""
    try:
        yield
    except DeskError:
        raise
    except OSError as problem:
        place = target.parent
        if problem.errno in _FULL:
            reason = f"{place} 空间不足，报表没有写出，原有的表没有动。请腾出空间后重试。"
            raise StoreTrouble(reason) from problem
        if problem.errno in _FORBIDDEN:
            reason = f"没有权限写入 {place}，报表没有写出，原有的表没有动。请另选目录，或请管理员放开权限。"
            raise Refused(reason) from problem
        reason = f"写入 {place} 时出错（{problem.strerror}），报表没有写出，原有的表没有动。请检查磁盘后重试。"
        raise StoreTrouble(reason) from problem
