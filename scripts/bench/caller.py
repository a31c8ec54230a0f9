"""Who is calling, among a million tickets: every owner, tag, open ticket and the calls of 30 days behind a number.

Ours counts the parsing of the number, its keyed index and the decryption of the owner's name and unit; the floor looks
one ready-made key up in the ticket table's index.
"""

from __future__ import annotations

import random
import sqlite3

from frontdesk.domain.phones import parse_phone
from frontdesk.store.calls import Calls
from scripts.bench.estate import FLATS, million, phone
from scripts.bench.measure import Plan, Row, cpu, interleaved

RAW = "SELECT id, number, title, open FROM ticket WHERE phone_index = ? ORDER BY opened_at DESC LIMIT 10"


def rows(plan: Plan) -> list[Row]:
    """A number that is known."""
    home = million(plan)
    desk, raw, chance = home.desk(), sqlite3.connect(home.database), random.Random(5)
    raw.execute("PRAGMA mmap_size=268435456")
    cipher, households = desk._access.cipher, plan.million // FLATS
    calls, now = Calls(desk._access.db, cipher), desk.now()
    keys = {number: cipher.index(number, "phone") for number in map(phone, range(households))}
    numbers = list(keys)

    def ours() -> None:
        calls.known(parse_phone(chance.choice(numbers)), now)

    def floor() -> None:
        raw.execute(RAW, (keys[chance.choice(numbers)],)).fetchall()

    found = calls.known(parse_phone(numbers[1]), now)
    assert len(found.owners) == 1 and len(found.recent) > 1
    pair = interleaved(cpu(ours, 50), cpu(floor, 50), plan.times(60))
    return [pair.row(f"caller by phone: {plan.million:,} tickets, {households:,} numbers", 5, "µs", "cpu")]
