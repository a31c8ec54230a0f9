"""Keys of robots, mailboxes and short messages: sealed with the desk's key, one 0600 file each, beside the key file."""

from __future__ import annotations

from pathlib import Path

from frontdesk.domain.digest import sha256
from frontdesk.domain.errors import StoreTrouble
from frontdesk.store.cipher import Cipher
from frontdesk.store.files import replace_file


class Secrets:
    """What config.toml may only name. Whoever can open the desk can open them, and nobody else."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        """`folder` is made with the first secret."""
        self._folder, self._cipher = folder, cipher

    def put(self, name: str, value: str) -> None:
        """Keep a secret under its name; an older one is replaced."""
        replace_file(self._path(name), self._cipher.seal_bytes(value.encode(), _column(name)))

    def has(self, name: str) -> bool:
        """Whether one is kept under that name."""
        return self._path(name).exists()

    def get(self, name: str) -> str:
        """The secret, "" where none is kept; `KeyTrouble` where it was sealed with another key."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise StoreTrouble(f"读不了密钥「{name}」（{error.strerror}）。请检查文件权限。") from error
        return self._cipher.open_bytes(sealed, _column(name)).decode()

    def _path(self, name: str) -> Path:
        # A digest: a name may hold hanzi, which not every file system spells alike.
        return self._folder / f"{sha256(name.encode()).hexdigest()[:20]}.sealed"


def _column(name: str) -> str:
    return f"notice secret:{name}"
