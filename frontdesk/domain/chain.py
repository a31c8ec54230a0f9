"""The hash chain of a ticket's events: each link carries the hash of the one before, so tampering shows (DESIGN §2)."""

from __future__ import annotations

from frontdesk.domain.digest import MakesHash, sha256
from frontdesk.domain.timing import Instant


def link(
    before: str,
    *,
    seq: int,
    at: Instant,
    kind: str,
    by: str,
    data: str,
    sealed: bytes | None,
    made_by: MakesHash = sha256,
) -> str:
    """The hex SHA-256 of one event over its stored form. `before` is the previous hash, the ticket's number for the first."""
    parts = [part.encode() for part in (before, str(seq), str(at), kind, by, data)]
    framed = [piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)]
    return made_by(b"".join((*framed, sealed or b""))).hexdigest()
