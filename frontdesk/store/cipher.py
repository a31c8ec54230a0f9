"""Column encryption: AES-256-GCM with a data key that the master key wraps, and keyed blind indexes (DESIGN §7).

Wrapping keeps the master key replaceable without touching a single row or hash.
"""

from __future__ import annotations

import os
import sqlite3

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from frontdesk.domain.errors import KeyTrouble
from frontdesk.store.database import Database

KEY_BYTES = 32
_NONCE = 12
_VAULT = b"frontdesk vault 1"


class Cipher:
    """Seals and opens column values; the column's name is authenticated, so a value cannot be moved to another column."""

    def __init__(self, data_key: bytes) -> None:
        """`data_key` is 32 random bytes; encryption and index keys are derived from it and never equal."""
        self._aead = AESGCM(_digest(HMAC(data_key, SHA256()), b"column"))
        self._index = HMAC(_digest(HMAC(data_key, SHA256()), b"index"), SHA256())

    def seal(self, value: str, column: str) -> bytes:
        """Encrypt UTF-8 text for a column; two seals of one text differ."""
        return self.seal_bytes(value.encode(), column)

    def open(self, sealed: bytes, column: str) -> str:
        """Decrypt a column value; `KeyTrouble` where it was changed or another key made it."""
        return self.open_bytes(sealed, column).decode()

    def seal_bytes(self, value: bytes, column: str) -> bytes:
        """As `seal`, for a file's content."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, value, column.encode())

    def open_bytes(self, sealed: bytes, column: str) -> bytes:
        """As `open`, for a file's content."""
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], column.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyTrouble(
                "加密内容无法解开：密钥不对，或内容被改动过。请检查密钥文件，或从备份恢复。"
            ) from error

    def index(self, key: str, column: str) -> bytes:
        """The blind index (16 bytes) under which equal keys are found without showing them."""
        return _digest(self._index.copy(), f"{column}:{key}".encode())[:16]


def _digest(keyed: HMAC, text: bytes) -> bytes:
    """Copies of one keyed state are five times as fast as `hmac.digest`, and the standard library's costs a second OpenSSL."""
    keyed.update(text)
    return keyed.finalize()


def key_id(master: bytes) -> str:
    """Names a master key without telling it: eight hex digits."""
    import hashlib  # for messages and new homes only

    return hashlib.sha256(b"frontdesk key id" + master).hexdigest()[:8]


def has_vault(db: Database) -> bool:
    """True where encrypted data may exist, so that a missing key must never be replaced by a new one."""
    with db.read() as conn:
        return conn.execute("SELECT 1 FROM vault LIMIT 1").fetchone() is not None


def unlock(db: Database, master: bytes) -> Cipher:
    """The database's cipher. An empty vault gets a data key; a wrong master key is `KeyTrouble`."""
    with db.read() as conn:
        row = conn.execute("SELECT wrapped, key_id FROM vault ORDER BY id LIMIT 1").fetchone()
    if row is None:
        row = _fill(db, master)
    wrapped, made_with = row
    try:
        return Cipher(AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _VAULT))
    except InvalidTag as error:
        raise KeyTrouble(
            f"密钥（编号 {key_id(master)}）打不开这个数据库，它要的是编号 {made_with} 的密钥。"
            "请放回原来的密钥文件；没有它，加密的业主信息无法读出。"
        ) from error


def _fill(db: Database, master: bytes) -> tuple[bytes, str]:
    nonce = os.urandom(_NONCE)
    wrapped = nonce + AESGCM(master).encrypt(nonce, os.urandom(KEY_BYTES), _VAULT)
    with db.write() as conn:
        try:
            conn.execute("INSERT INTO vault(id, key_id, wrapped) VALUES (1, ?, ?)", (key_id(master), wrapped))
        except sqlite3.IntegrityError:
            # Another first run was quicker; its data key is the one that counts.
            row = conn.execute("SELECT wrapped, key_id FROM vault WHERE id = 1").fetchone()
            return bytes(row[0]), str(row[1])
    return wrapped, key_id(master)
