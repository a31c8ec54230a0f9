"""Two made-up years of an estate, written as events: everything that a month can hold, from one seed.

2024 and 2025, with a 29 February, the holidays and the 调休 days of both; tickets that cross months, are paused,
promised, reopened, voided, merged, joined, recategorised and taken back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from frontdesk.desk import Desk
from frontdesk.domain.moves import Draft
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, instant

FIRST, AFTER = instant(datetime(2024, 1, 1)), instant(datetime(2026, 1, 1))
MONTHS = tuple(f"{year}-{number:02d}" for year in (2024, 2025) for number in range(1, 13))
CATEGORIES = (
    *("工程维修-电梯", "工程维修-给排水漏水", "工程维修-门禁对讲", "秩序维护-停车车辆"),
    *("秩序维护-噪音扰民", "清洁绿化-清洁", "收费-物业费"),
)
DEPARTMENTS = "工程部", "安保部", "保洁部", "客服部"
FOLK = ("lin", "wang", "zhou")

Told = tuple[Instant, str, Draft]


class Story(NamedTuple):
    """One ticket: its events in order."""

    events: list[Told]

    @property
    def at(self) -> Instant:
        """When it was opened."""
        return self.events[0][0]


def stories(policy: str, each_month: int = 55) -> Iterator[Story]:
    """Every ticket in the order of opening; the last ones are still open."""
    chance = random.Random(20240229)
    count = each_month * len(MONTHS)
    # The edges of months and of the leap day get a ticket each, whatever the dice say.
    edges = [instant(datetime(2024, 2, 29, 23, 59, 59)), instant(datetime(2024, 3, 1)), FIRST, AFTER - 1]
    edges += [
        instant(datetime(2024, 2, 4, 9)),
        instant(datetime(2024, 10, 12, 10)),
    ]  # Sundays, Saturdays worked
    starts = sorted({*edges, *(chance.randrange(FIRST, AFTER) for _ in range(count))})
    for place, at in enumerate(starts):
        yield Story(_Life(chance, at, policy, place).events)


class _Life:
    """What becomes of one ticket."""

    def __init__(self, chance: random.Random, at: Instant, policy: str, place: int) -> None:
        self.chance, self.now, self.by = chance, at, chance.choice(FOLK)
        self.events: list[Told] = []
        self.task = 0
        self._open(policy, place)
        ending = chance.random()
        if ending < 0.03:
            self.later(HOUR).tell("voided", reason="误开")
        elif ending < 0.05:
            self.later(HOUR).tell("merged", into="240101-01", reason="同一件事")
        elif ending > 0.02 + 0.95:
            return  # nobody has touched it
        else:
            self._handle()

    def tell(self, kind: str, /, **data: Any) -> _Life:
        self.events.append((self.now, self.by, Draft(kind, data)))
        return self

    def later(self, most: int, least: int = MINUTE) -> _Life:
        self.now += self.chance.randrange(least, most)
        return self

    def _open(self, policy: str, place: int) -> None:
        chance = self.chance
        category = chance.choices(CATEGORIES, (30, 22, 12, 14, 9, 8, 5))[0]
        urgent = chance.random() < 0.06
        facts: dict[str, Any] = {
            "policy": policy,
            "kind": chance.choices(
                ("repair", "complaint", "enquiry", "suggestion", "help"), (50, 30, 12, 4, 4)
            )[0],
            "category": category,
            "priority": "urgent" if urgent else chance.choice(("high", "normal", "normal", "low")),
            "channel": chance.choices(("phone", "walk_in", "wechat", "app", "web"), (50, 12, 22, 12, 4))[0],
            "title": f"{category.split('-')[1]}的事（第 {place} 件）",
            "text": f"{category.split('-')[1]}的事（第 {place} 件）",
        }
        flat = f"{1 + chance.randrange(3)}-1-{1 + chance.randrange(6)}01"
        sealed = {"name": "林晚舟", "unit": flat, "phone": f"1990000{place % 10000:04d}"}
        self.events.append((self.now, self.by, Draft("opened", facts, sealed)))

    def _handle(self) -> None:
        chance = self.chance
        if chance.random() < 0.8:
            self._dispatch()
        if chance.random() < 0.15:
            self.later(HOUR).tell("linked", incident="240105-01", told="已统一告知")
        if chance.random() < 0.2:
            self._promise(completion=chance.random() < 0.4)
        if chance.random() < 0.12:
            self.later(2 * HOUR).tell("paused", cause="parts", until=self.now + 3 * DAY, reason="等配件")
            self.later(4 * DAY).tell("resumed")
        if chance.random() < 0.12:
            self.later(6 * HOUR).tell("corrected", category=chance.choice(CATEGORIES), fields=[])
        if chance.random() < 0.1:
            self._escalate("breach")
        if chance.random() < 0.12:
            return
        self.later(chance.choice((3 * HOUR, DAY, 2 * DAY, 25 * DAY)))
        self.tell("resolved", note="修好了", task=None)
        self._follow_up()

    def _dispatch(self) -> None:
        self.task += 1
        due = self.now + self.chance.choice((30 * MINUTE, 2 * HOUR, DAY))
        told = {"department": self.chance.choice(DEPARTMENTS), "content": "查修", "contact": "值班"}
        self.later(40 * MINUTE).tell("dispatched", task=self.task, due_at=due, **told)
        if self.chance.random() < 0.85:
            self.later(3 * HOUR).tell("accepted", task=self.task, note="")
            if self.chance.random() < 0.5:
                self.later(HOUR).tell("arrived", task=self.task, note="")
        if self.chance.random() < 0.5:
            self.later(5 * HOUR).tell("progressed", note="配件在路上", told=self.chance.random() < 0.7)

    def _promise(self, completion: bool) -> None:
        due = self.later(HOUR).now + self.chance.choice((2 * HOUR, 20 * HOUR, 3 * DAY))
        self.tell("promised", due_at=due, words="给您回话", completion=completion)
        if completion and self.chance.random() < 0.3:
            again = self.later(DAY).now + 2 * DAY
            self.tell("promised", due_at=again, words="改到后天", completion=True)

    def _escalate(self, cause: str) -> None:
        level = self.chance.choice((1, 1, 2))
        told = {"reason": "超时未办", "to": "陈主任", "consent": "", "summary": ""}
        self.later(HOUR).tell("escalated", level=level, cause=cause, **told)
        if self.chance.random() < 0.7:
            self.later(30 * MINUTE).tell("acknowledged", note="接")

    def _follow_up(self) -> None:
        chance = self.chance
        ending = chance.random()
        if ending < 0.1:
            return
        if ending < 0.2:
            self.later(HOUR).tell("declined", words="别再打来了")
            self.now += 7 * DAY
            self.later(HOUR).tell("closed", ground="silence", reason="")
        elif ending < 0.3:
            self.later(HOUR).tell("closed", ground="signed", reason="")
        elif ending < 0.35:
            self.later(HOUR).tell("closed", ground="waived", reason="敏感投诉")
        elif ending < 0.45:
            self._asked(chance.choice((1, 2)))
            self._escalate("dissatisfied")
            self.tell("reopened", reason="回访不满意")
            self.later(2 * DAY).tell("resolved", note="又修了一次", task=None)
            self._asked(5)
            self.later(HOUR).tell("closed", ground="satisfied", reason="")
        else:
            self._asked(chance.choice((3, 4, 5, 5)))
            self.later(HOUR).tell("closed", ground="satisfied", reason="")
            self._afterwards()

    def _asked(self, score: int) -> None:
        told = {"intake": "满意", "measures": "满意", "result": "满意", "form": "phone", "words": ""}
        self.later(2 * DAY).tell("followed_up", score=score, **told)

    def _afterwards(self) -> None:
        """Closed, and yet not the end of it."""
        if self.chance.random() < 0.12:
            self.later(20 * DAY).tell("reopened", reason="又坏了")
            if self.chance.random() < 0.8:
                self.later(2 * DAY).tell("resolved", note="换了新的", task=None)
                self.later(HOUR).tell("closed", ground="signed", reason="")
        elif self.chance.random() < 0.04:
            self.later(5 * MINUTE).tell("undone", seqs=[len(self.events)], what="closed")


def settle(desk: Desk, until: Instant = AFTER, each_month: int = 55) -> int:
    """Write the two years into a home, up to that instant; answers how many tickets there are."""
    access = desk._access
    policy = access.policy
    count = 0
    told = list(stories(policy.version, each_month))
    with access.db.write() as conn:
        for story in told:
            events = [event for event in story.events if event[0] < until]
            if events:
                access.tickets.create_in(conn, events, policy)
                count += 1
    return count
