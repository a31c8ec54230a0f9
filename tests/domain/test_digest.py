"""The interpreter's own SHA-256 is hashlib's."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from frontdesk.domain.digest import sha256


@pytest.mark.parametrize("data", [b"", b"abc", "电梯困人".encode() * 1000])
def test_it_is_the_digest_of_hashlib(data: bytes) -> None:
    assert sha256(data).digest() == hashlib.sha256(data).digest()
    assert sha256(data).hexdigest() == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("missing", [[], ["_sha2", "_sha256"]])
def test_it_loads_openssl_only_where_the_interpreter_has_none(missing: list[str]) -> None:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing}))\n"
        "from frontdesk.domain.digest import sha256\n"
        "print(sha256(b'abc').hexdigest()[:8], 'hashlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ba7816bf", str(bool(missing))]
