"""SHA-256 as the interpreter has it built in: hashlib's loads OpenSSL, 4 MiB for names and links of a few hundred bytes.

Whoever digests a file or a whole database takes hashlib's, which is several times as fast in bulk; the results are equal.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol


class Hash(Protocol):
    """A finished digest."""

    def digest(self) -> bytes:
        """As 32 bytes."""

    def hexdigest(self) -> str:
        """As 64 hex digits."""


class MakesHash(Protocol):
    """`sha256` here, or hashlib's."""

    def __call__(self, data: bytes, /) -> Hash:
        """The digest of `data`."""


def _built_in() -> Any:
    # As `random` does; some distributions leave these out.
    for name in ("_sha2", "_sha256"):
        with suppress(ImportError):
            return import_module(name).sha256
    from hashlib import sha256

    return sha256


sha256: MakesHash = _built_in()
