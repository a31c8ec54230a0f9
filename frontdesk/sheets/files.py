"""A sheet is written aside and moved into place whole; whatever goes wrong, the old file stays as it was."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from frontdesk.domain.errors import Refused, StoreTrouble
from frontdesk.domain.timing import Instant, local

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_BUSY: Final = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY})
_TRIES: Final = 3
_COPIES: Final = 100
_FORGOTTEN: Final = 3_600


class Written(NamedTuple):
    """Where the sheet is now.

    `changed` is False where that file already said all this. `warning` is the Chinese sentence for the person
    where a copy had to be made beside the file that was asked for, else empty.
    """

    path: Path
    changed: bool
    warning: str = ""


Build = Callable[[BinaryIO, Path | None], str]
"""Writes the new file, given the old one if there is one; answers why the old one must stay, or ""."""


def put(path: Path, build: Build, now: Instant) -> Written:
    """Write by `build` and move to `path`; equal bytes leave the old file untouched, mtime included.

    Where the old file is open in an office program, read-only or not ours, a dated copy is written beside it
    and `Written.warning` says so; `now` only names that copy. `Refused` where the folder is missing or closed
    to us, `StoreTrouble` where the disk is full or fails: then nothing has changed.
    """
    target = Path(os.path.realpath(path))
    with _explained(target.parent):
        _check_place(target)
        _sweep(target)
        for _ in range(_TRIES):
            if (done := _attempt(target, build, now)) is not None:
                return done
    raise Refused(f"{target.name} 正被反复保存，报表没有写出。请稍后再导出。")


def _check_place(target: Path) -> None:
    if not target.parent.is_dir():
        raise Refused(f"目录 {target.parent} 不存在，报表没有写出。请先建好目录，或另选一处。")
    if target.is_dir():
        raise Refused(f"{target} 是一个目录，报表没有写出。请先把它移开。")


def _sweep(target: Path) -> None:
    """Clear away what an export that was killed has left; one that is at work now is younger than an hour."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _FORGOTTEN:
                left.unlink()


def _attempt(target: Path, build: Build, now: Instant) -> Written | None:
    """None where somebody saved the old file meanwhile: what they wrote into it has to be read again."""
    before = _signature(target)
    with _aside(target) as (handle, temporary):
        keep = build(handle, target if before else None)
        handle.flush()
        os.fsync(handle.fileno())
        if before and temporary.read_bytes() == target.read_bytes():
            return Written(target, False)
        keep = keep or (_held(target) if before else "")
        if keep:
            return _copy(temporary, target, keep, now)
        return _move(temporary, target, now) if _signature(target) == before else None


def _signature(target: Path) -> tuple[int, int, int] | None:
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


@contextmanager
def _aside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new hidden file in the same folder, gone afterwards unless it was moved."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("x+b") as handle:
            yield handle, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _held(target: Path) -> str:
    """Why the file must not be replaced now: an office program's lock lies beside it, or it is read-only."""
    for lock in (f".~lock.{target.name}#", f"~${target.name}", f".~{target.name}"):
        if target.with_name(lock).exists():
            return f"{target.name} 正在别处打开（若其实没有，请删除同目录下的 {lock}）"
    return "" if target.stat().st_mode & 0o222 else f"{target.name} 是只读文件"


def _move(temporary: Path, target: Path, now: Instant) -> Written:
    try:
        with suppress(FileNotFoundError):
            _dress(temporary, target)
        os.replace(temporary, target)
    except OSError as problem:
        if problem.errno not in _BUSY:
            raise
        return _copy(temporary, target, f"{target.name} 正被占用", now)
    _settle(target.parent)
    return Written(target, True)


def _dress(temporary: Path, target: Path) -> None:
    """The owner and mode of the old file: a nightly export by root must not lock its readers out."""
    status = target.stat()
    temporary.chmod(status.st_mode & 0o777)
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(temporary, status.st_uid, status.st_gid)


def _copy(temporary: Path, target: Path, why: str, now: Instant) -> Written:
    """The new sheet under a dated name of its own; an earlier copy that says the same will do."""
    content, stem = temporary.read_bytes(), f"{target.stem}-副本-"
    for earlier in sorted(target.parent.iterdir()):
        ours = earlier.name.startswith(stem) and earlier.suffix == target.suffix
        if ours and earlier.stat().st_size == len(content) and earlier.read_bytes() == content:
            return Written(earlier, False, _warning(why, earlier))
    for number in range(1, _COPIES):
        again = "" if number == 1 else f"-{number}"
        copy = target.with_name(f"{stem}{local(now):%m%d-%H%M}{again}{target.suffix}")
        with suppress(FileExistsError):
            copy.touch(exist_ok=False)  # takes the name, so that nobody's earlier copy is overwritten
            os.replace(temporary, copy)
            _settle(target.parent)
            return Written(copy, True, _warning(why, copy))
    raise Refused(f"{why}，副本也太多了。请清理 {target.parent} 后重试。")


def _warning(why: str, copy: Path) -> str:
    return f"{why}，没有覆盖它；新表另存为 {copy.name}。"


def _settle(folder: Path) -> None:
    """The new name itself must survive a power cut; only POSIX can open a folder to say so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """What the disk says, in words for a person."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            words = f"{folder} 空间不足，报表没有写出，原有的表没有动。请腾出空间后重试。"
            raise StoreTrouble(words) from problem
        if problem.errno in _FORBIDDEN:
            words = f"没有权限写入 {folder}，报表没有写出，原有的表没有动。请另选目录，或请管理员放开权限。"
            raise Refused(words) from problem
        words = (
            f"写入 {folder} 时出错（{problem.strerror}），报表没有写出，原有的表没有动。请检查磁盘后重试。"
        )
        raise StoreTrouble(words) from problem
