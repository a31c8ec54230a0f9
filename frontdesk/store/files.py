"""Files beside the database: encrypted drafts that survive anything, and evidence addressed by its content."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from frontdesk.domain.digest import sha256
from frontdesk.domain.errors import BadInput, KeyTrouble, StoreTrouble
from frontdesk.store.cipher import Cipher

DRAFT, EVIDENCE = "draft", "evidence"
EVIDENCE_LIMIT = 20 * 1024 * 1024
_TYPES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"BM", "image/bmp"),
)


def replace_file(path: Path, content: bytes, durable: bool = True) -> None:
    """Write aside and move into place, mode 0600: a reader sees the old content or the new, never half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            Path(name).replace(path)
            if durable:
                _sync(path.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise StoreTrouble(f"写不了文件（{error.strerror}）。请检查磁盘空间和文件夹权限。") from error


def _sync(folder: Path) -> None:
    """A new name is on disk only when its folder is."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Drafts:
    """What somebody is typing, saved apart from the database so that a locked or full one loses nothing (DESIGN §10)."""

    def __init__(self, folder: Path, cipher: Cipher, operator: str) -> None:
        """Drafts belong to one operator; file names are digests and tell nothing."""
        self._folder, self._cipher, self._operator = folder, cipher, operator
        self._mine = sha256(operator.encode()).hexdigest()[:12]

    def _path(self, slot: str) -> Path:
        return self._folder / f"{self._mine}-{sha256(slot.encode()).hexdigest()[:20]}.draft"

    def save(self, slot: str, text: str) -> None:
        """Keep the text of a slot; an empty one is forgotten."""
        if not text:
            self.delete(slot)
            return
        # Not fsynced: a draft must survive the console, and costs a key press its pause if it waits for the disk.
        # Half characters, as a terminal in another encoding sends them, are no UTF-8: kept as ?, the rest is not lost.
        whole = f"{slot}\n{text}".encode("utf-8", "replace")
        replace_file(self._path(slot), self._cipher.seal_bytes(whole, DRAFT), durable=False)

    def load(self, slot: str) -> str:
        """The text of a slot, "" where there is none."""
        return self._read(self._path(slot))[1]

    def _read(self, path: Path) -> tuple[str, str]:
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            return "", ""
        except OSError as error:
            raise StoreTrouble(f"读不了草稿（{error.strerror}）。请检查文件夹权限。") from error
        slot, _, text = self._cipher.open(sealed, DRAFT).partition("\n")
        return slot, text

    def all(self) -> dict[str, str]:
        """Every draft of this operator by slot; one that cannot be opened is left where it is and skipped."""
        found = {}
        for path in sorted(self._folder.glob(f"{self._mine}-*.draft")):
            try:
                slot, text = self._read(path)
            except KeyTrouble:
                continue
            if slot:
                found[slot] = text
        return found

    def delete(self, slot: str) -> None:
        """Forget a slot."""
        try:
            self._path(slot).unlink(missing_ok=True)
        except OSError as error:
            raise StoreTrouble(f"删不了草稿（{error.strerror}）。请检查文件夹权限。") from error


class EvidenceFiles:
    """Photos and papers of tickets, encrypted, named by the SHA-256 of their clear content."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        """`folder` holds one subfolder per first two digits."""
        self._folder, self._cipher = folder, cipher

    def put(self, source: Path) -> tuple[str, str, int]:
        """Store a file: (digest, media type, bytes). `BadInput` where it is no picture or PDF, empty, too large, unreadable."""
        try:
            source = source.expanduser()
            if not source.is_file():
                raise BadInput("凭证文件", "找不到这个文件，或它不是普通文件", "请核对路径")
            size = source.stat().st_size
            if not 0 < size <= EVIDENCE_LIMIT:
                raise BadInput("凭证文件", f"大小 {size} 字节，不在 1 字节到 20MB 之间", "请压缩照片后再添加")
            content = source.read_bytes()
        except RuntimeError as error:
            raise BadInput("凭证文件", "路径里的「~」认不出是谁的目录", "请写完整路径") from error
        except OSError as error:
            raise BadInput("凭证文件", f"读不了（{error.strerror}）", "请检查权限") from error
        media_type, digest = _media_type(content), _digest(content)
        path = self._path(digest)
        if not self._whole(digest):
            replace_file(path, self._cipher.seal_bytes(content, EVIDENCE))
        return digest, media_type, len(content)

    def _whole(self, digest: str) -> bool:
        """The content is there already, and not spoiled."""
        try:
            return bool(self.get(digest))
        except (KeyTrouble, StoreTrouble):
            return False

    def get(self, digest: str) -> bytes:
        """The clear content; `StoreTrouble` where the file is gone, `KeyTrouble` where it was changed."""
        try:
            content = self._cipher.open_bytes(self._path(digest).read_bytes(), EVIDENCE)
        except OSError as error:
            raise StoreTrouble("凭证文件不在了。请从备份恢复。") from error
        if _digest(content) != digest:
            raise StoreTrouble("凭证文件与登记的内容不符。请从备份恢复。")
        return content

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def _digest(content: bytes) -> str:
    import hashlib  # megabytes of pictures, unlike the names of drafts

    return hashlib.sha256(content).hexdigest()


def _media_type(content: bytes) -> str:
    for mark, media_type in _TYPES:
        if content.startswith(mark):
            return media_type
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "image/heic"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    raise BadInput("凭证文件", "不是照片或 PDF", "支持 JPG、PNG、GIF、BMP、WEBP、HEIC 和 PDF")
