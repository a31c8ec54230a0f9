"""Homes of any size, made fast and true: every copy carries a whole chain of events and the cache that they demand.

A ticket of each shape is opened and moved through the desk's own use cases; all others are copies of these, shifted in
time and given to other people. A sample is then held against the rules by which `doctor` judges.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from frontdesk.bootstrap import open_desk
from frontdesk.desk import Desk
from frontdesk.desk.ticket_desk import TITLE, NewTicket
from frontdesk.domain.chain import link
from frontdesk.domain.sla import FAR
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, local
from frontdesk.domain.units import unit_key
from frontdesk.settings import Settings
from frontdesk.store.cipher import Cipher
from frontdesk.store.open_tickets import UNIT
from frontdesk.store.tickets import SEALED
from scripts.bench.measure import ROOT, Plan

OPERATOR = "bench"
AGES = 0, 3 * HOUR
"""Open tickets are between so many seconds old: some late, some near, most in time."""
YEARS = 5 * 365 * DAY
"""Closed ones lie before that, evenly over five years."""
FLATS = 20
"""One household to so many tickets."""


class Home(NamedTuple):
    """A front desk's home in a folder of its own."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a console or a command needs to work here."""
        return {"FRONTDESK_HOME": str(self.folder), "FRONTDESK_OPERATOR": OPERATOR}

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "data" / "frontdesk.db"

    def desk(self, clock: Callable[[], Instant] = lambda: int(time.time())) -> Desk:
        """The desk of this home, set up on first use."""
        key = self.folder / "settings" / "master.key"
        return open_desk(Settings(self.folder, self.database, key, OPERATOR, use_keyring=False), clock)


def phone(household: int) -> str:
    """The number of the household so numbered."""
    return f"199000{household:05d}"


def build(folder: Path, count: int, still_open: int, ages: tuple[int, int] = AGES, grain: int = 1) -> Home:
    """A home with `count` tickets, `still_open` of them open and of these `ages` as of now; from one seed.

    Opening times are whole multiples of `grain` seconds.
    """
    home = Home(folder)
    today = int(time.time()) // grain * grain
    shapes = _shapes(home, today - 2 * HOUR)
    desk = home.desk()
    cipher = desk._access.cipher
    desk.close()
    chance = random.Random(7)
    whens = sorted(today - DAY - chance.randrange(YEARS) // grain * grain for _ in range(count - still_open))
    whens += sorted(today - chance.randrange(*ages) // grain * grain for _ in range(still_open))
    with closing(sqlite3.connect(home.database, isolation_level=None)) as conn:
        # Not worth a log: a build that is cut off is thrown away.
        for line in ("PRAGMA journal_mode=OFF", "PRAGMA cache_size=-400000", "BEGIN", *_EMPTY):
            conn.execute(line)
        persons = _settle(conn, cipher, max(20, count // FLATS), today)
        _copy(conn, shapes, persons, whens, still_open)
        conn.execute("COMMIT")
        conn.execute("PRAGMA journal_mode=WAL")
    if not sound(home):
        raise AssertionError("the copies' caches are not what their events demand")
    return home


def million(plan: Plan) -> Home:
    """`plan.million` tickets, 2,000 of them open; made once (two minutes, 1.2 GB) and kept in the user's cache."""
    sources = [Path(__file__), *sorted((ROOT / "frontdesk" / "store" / "migrations").rglob("*.py"))]
    mark = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frontdesk" / "bench"
    home = Home(cache / f"{plan.million}-{mark}")
    if not home.folder.exists() or not sound(home):
        for stale in cache.glob(f"{plan.million}-*"):
            shutil.rmtree(stale)
        aside = cache / f"unfinished-{os.getpid()}"
        build(aside, plan.million, 2000)
        aside.rename(home.folder)
    return home


_EMPTY = [f"DELETE FROM {table}" for table in ("notice", "event", "ticket", "counter")]
"""The shapes themselves go once they have been read."""

# --- shapes --------------------------------------------------------------------------------------------------------

_TIMES = ("due_at", "until")
"""Instants inside an event's data; below they are written as seconds after the opening."""

_LIVES: tuple[tuple[str, tuple[tuple[str, dict[str, Any]], ...]], ...] = (
    ("楼道灯不亮，上周报过一次还没修", ()),
    ("厨房水管漏水，楼下已经渗了", (("dispatch", {}),)),
    ("门禁刷不开，孩子进不了门", (("dispatch", {}), ("accept", {}))),
    (
        "电梯异响，运行到五楼会抖",
        (("dispatch", {}), ("accept", {}), ("arrive", {}), ("progress", {"text": "已到场检查"})),
    ),
    ("地下车库有车占了我的车位", (("promise", {"words": "下班前回电", "due_at": 6 * HOUR}),)),
    ("阳台窗户漏风", (("dispatch", {}), ("pause", {"cause": "parts", "until": DAY, "reason": "等窗框配件"}))),
    ("楼上半夜装修，吵得睡不着", (("dispatch", {}), ("accept", {}), ("resolve", {"result": "已劝停"}))),
    ("保洁三天没来了", (("escalate", {"reason": "多次投诉", "consent": "同意"}),)),
    ("有人被困在三号电梯里，快来", (("dispatch", {}),)),
    (
        "问一下物业费怎么交",
        (("resolve", {"result": "已告知"}), ("close", {"ground": "signed", "reason": "现场满意"})),
    ),
)
"""What an owner says and what the desk then does, four minutes apart."""
_URGENT, _CLOSED = len(_LIVES) - 2, len(_LIVES) - 1
"""One open ticket in a hundred is an emergency."""


class Shape(NamedTuple):
    """A ticket to copy: its cache row by column name, and its events as (seq, at, kind, by, data, sealed)."""

    ticket: dict[str, Any]
    events: list[tuple[int, Instant, str, str, dict[str, Any], bool]]


def _shapes(home: Home, start: Instant) -> list[Shape]:
    clock = [start]
    desk = home.desk(lambda: clock[0])
    ids = []
    for text, steps in _LIVES:
        clock[0] = start
        seen = desk.tickets.open(
            NewTicket(text, "张三", "3-2-501", phone(0), place="三号楼", happened="今天")
        )
        for move, told in steps:
            clock[0] += 4 * MINUTE
            arguments = {name: start + value if name in _TIMES else value for name, value in told.items()}
            seen = getattr(desk.tickets, move)(seen.number, **arguments)
        ids.append(seen.id)
    desk.close()
    with closing(sqlite3.connect(home.database)) as conn:
        return [_shape(conn, ticket) for ticket in ids]


def _shape(conn: sqlite3.Connection, ticket: int) -> Shape:
    row = conn.execute("SELECT * FROM ticket WHERE id = ?", (ticket,))
    columns = [column[0] for column in row.description]
    events = conn.execute(
        'SELECT seq, at, kind, "by", data, sealed IS NOT NULL FROM event WHERE ticket_id = ? ORDER BY seq',
        (ticket,),
    )
    told = [(seq, at, kind, by, json.loads(data), bool(sealed)) for seq, at, kind, by, data, sealed in events]
    return Shape(dict(zip(columns, row.fetchone(), strict=True)), told)


# --- people --------------------------------------------------------------------------------------------------------


class Person(NamedTuple):
    """A household's owner as tickets carry them."""

    sealed: bytes
    unit_index: bytes
    phone_index: bytes
    unit_sealed: bytes


def _settle(conn: sqlite3.Connection, cipher: Cipher, count: int, now: Instant) -> list[Person]:
    """So many owners with a number each, in the rows in which an import would leave them."""
    out = []
    for number in range(count):
        name = "张王李赵陈刘杨黄"[number % 8] + "伟芳娜敏静强磊洋"[number // 8 % 8]
        unit = f"{number // 400 + 1}-{number // 100 % 4 + 1}-{number // 4 % 25 + 1}{number % 4 + 1:02d}"
        index = cipher.index(unit_key(unit), "unit"), cipher.index(phone(number), "phone")
        row = (
            *(number + 1, cipher.index(f"{unit_key(unit)}|{name}", "resident"), index[0]),
            *(cipher.seal(name, "resident.name"), cipher.seal(unit, "resident.unit")),
            *(
                cipher.seal(json.dumps([phone(number)]), "resident.phones"),
                "夜班族" if number % 9 == 0 else "",
                "",
                now,
            ),
        )
        conn.execute(
            "INSERT INTO resident(id, identity, unit_index, name_sealed, unit_sealed, phones_sealed, tags, moved_in, "
            "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        conn.execute(
            "INSERT INTO resident_phone(resident_id, phone_index) VALUES (?, ?)", (number + 1, index[1])
        )
        caller = json.dumps({"name": name, "unit": unit, "phone": phone(number)}, ensure_ascii=False)
        out.append(Person(cipher.seal(caller, SEALED), *index, cipher.seal(unit, UNIT)))
    return out


# --- copies --------------------------------------------------------------------------------------------------------


def _copy(
    conn: sqlite3.Connection,
    shapes: list[Shape],
    persons: list[Person],
    whens: list[Instant],
    still_open: int,
) -> None:
    """A ticket for each opening time, the last `still_open` of them open; ids and numbers rise with time."""
    columns = list(shapes[0].ticket)
    insert = f"INSERT INTO ticket({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    log = 'INSERT INTO event(ticket_id, seq, at, kind, "by", data, sealed, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
    chance, days, first_open = random.Random(11), Counter[str](), len(whens) - still_open
    told = sentences(random.Random(17))
    tickets: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for place, when in enumerate(whens):
        day = f"{local(when):%y%m%d}"
        days[day] += 1
        shape = _CLOSED if place < first_open else _URGENT if place % 100 == 0 else place % _URGENT
        person = persons[chance.randrange(len(persons))]
        made = _shifted(_saying(shapes[shape], next(told)), place + 1, f"{day}-{days[day]:02d}", when, person)
        tickets.append(made[0])
        events += made[1]
        if len(tickets) == 5000 or place == len(whens) - 1:
            conn.executemany(insert, tickets)
            conn.executemany(log, events)
            tickets, events = [], []
    conn.executemany("INSERT INTO counter(day, last) VALUES (?, ?)", days.items())


_SAID = (
    "栋门厅 栋电梯口 栋地下室 栋天台 栋楼道 号车库 号岗亭 栋东侧绿化带 栋单元门 栋三楼走廊 栋垃圾房 栋水泵房",
    "声控灯 单元门禁 消防栓 电梯按键 监控探头 排水管 污水井盖 充电桩 信报箱 快递柜 道闸 路灯 防火门 外墙瓷砖 雨棚 水表",
    "坏了 漏水 异响 被人占用 一直闪 打不开 松动 有焦味 堵塞 不见了 生锈断裂 关不上 被撞歪 长霉 没有清理 溢水 缺盖 卡住",
    "昨晚开始 已经三天 上周报过 下雨就这样 今早发现 半个月了 物业来过一次 邻居也反映 老人差点摔倒 孩子不敢走",
)
"""Where, what, what is wrong with it, since when."""


def sentences(chance: random.Random) -> Iterator[str]:
    """What owners say, some 32 characters each; after the matter comes what hardly two of them say in the same words.

    Those words are made up, a few of them common and most of them rare, as words are: an index of made-up sentences
    that were all alike would be smaller, and quicker, than one of what people say.
    """
    wheres, things, faults, sinces = (part.split() for part in _SAID)
    characters = sorted(set("".join(_SAID)) - {" "})
    words = ["".join(chance.choices(characters, k=2)) for _ in range(3000)]
    common = list(accumulate(1 / (place + 10) for place in range(len(words))))
    while True:
        matter = (
            f"{1 + chance.randrange(40)}{chance.choice(wheres)}{chance.choice(things)}{chance.choice(faults)}"
        )
        yield f"{matter}，{chance.choice(sinces)}，{''.join(chance.choices(words, cum_weights=common, k=6))}"


def _saying(shape: Shape, text: str) -> Shape:
    """The shape with another wording; of its kind and category it keeps what was decided when it was opened."""
    title = text[:TITLE]
    seq, at, kind, by, data, sealed = shape.events[0]
    opened = (seq, at, kind, by, data | {"title": title, "text": text}, sealed)
    return Shape(shape.ticket | {"title": title}, [opened, *shape.events[1:]])


def _shifted(
    shape: Shape, ticket_id: int, number: str, opened_at: Instant, person: Person
) -> tuple[tuple[Any, ...], Iterator[tuple[Any, ...]]]:
    """The copy's cache row and its events."""
    by = opened_at - shape.ticket["opened_at"]
    row = shape.ticket | person._asdict() | {"id": ticket_id, "number": number}
    del row["sealed"]
    for name in ("due_at", "risk_at", "action_at", "opened_at", "closed_at"):
        if row[name] is not None and row[name] < FAR:
            row[name] += by
    return tuple(row.values()), _chain(shape, ticket_id, number, by, person)


def _chain(shape: Shape, ticket_id: int, number: str, by: int, person: Person) -> Iterator[tuple[Any, ...]]:
    before = number
    for seq, at, kind, author, told, private in shape.events:
        data = {name: value + by if name in _TIMES else value for name, value in told.items()}
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        sealed = person.sealed if private else None
        before = link(before, seq=seq, at=at + by, kind=kind, by=author, data=text, sealed=sealed)
        yield ticket_id, seq, at + by, kind, author, text, sealed, before


def sound(home: Home, sample: int = 200) -> bool:
    """Whether a sample of tickets, half of them the newest, has the cache that its events demand, and can be shown."""
    desk, chance = home.desk(), random.Random(13)
    store, policy_of = desk._access.tickets, desk._access.policies.of
    with closing(sqlite3.connect(home.database)) as conn:
        count = conn.execute("SELECT max(id) FROM ticket").fetchone()[0]
    chosen = {count - place for place in range(min(count, sample // 2))}
    chosen |= {1 + chance.randrange(count) for _ in range(sample // 2)}
    try:
        for ticket_id in sorted(chosen):
            if store.stale(ticket_id, policy_of) or desk.tickets.by_id(ticket_id).id != ticket_id:
                return False
    finally:
        desk.close()
    return True
