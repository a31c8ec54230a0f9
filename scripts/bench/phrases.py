"""What the desk thinks along with: a note that grows key by key, and the phrases that a typed word leaves of 2,000.

The shipped handbook stands several times over, every copy with words of its own, so that no cache answers twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from statistics import quantiles
from time import thread_time

from frontdesk.domain.classify import classify
from frontdesk.domain.phrases import pointed, rank, topics
from frontdesk.domain.pinyin import initials, spelled
from frontdesk.domain.playbook import Handbook, Phrase
from scripts.bench.estate import build
from scripts.bench.measure import Plan, Row, absolute
from scripts.bench.understand import categories, ear

LEAST = 2000
SUGGESTION, FRAME = 5.0, 16.7
"""Milliseconds: one suggestion, and one frame of sixty in a second."""
NOTES = (
    "楼上又漏水了，厨房天花板在滴水，已经第三次了，你们到底什么时候来修",
    "地下车库我的车位被别人占了，打电话也没人接，我现在停哪里",
    "三号电梯停在五楼不动，里面好像有人在拍门",
    "上个月的物业费怎么多了两百多，你们收费标准在哪里可以看到",
    "楼下烧烤店天天到半夜两点还在吵，孩子没法睡觉，反映多次没人管",
)
SOUGHT = ("漏水", "抱歉", "电梯", "预计时间", "车位", "停水")


def rows(plan: Plan) -> list[Row]:
    """The slowest of a hundred, by the thread's own clock: a machine that is busy elsewhere counts for nothing."""
    desk = build(plan.folder, 20, 5).desk()
    book, rules = enlarged(desk.handbook), categories()
    desk.close()
    grown = [note[:end] for note in NOTES for end in range(1, len(note) + 1)]
    typed = [
        form[:end]
        for word in SOUGHT
        for form in (word, "".join(spelled(word)), initials(word))
        for end in range(1, len(form) + 1)
    ]

    def suggest(note: str) -> None:
        found = classify(note, rules, ear())
        spoken = topics(book, note, found.category) if found.case is None else ()
        chosen = found.case or (spoken[0].id if spoken else None)
        listed = rank(book, category=found.category, case=chosen, step=None)
        pointed(listed, rules.reader.read(note)[0])

    def narrow(word: str) -> None:
        rank(book, category=None, case=None, step=None, typed=word)

    return [
        absolute(
            f"a suggestion, {len(book.phrases):,} phrases, p99",
            slowest(suggest, grown, plan),
            SUGGESTION,
            "ms",
            "cpu",
        ),
        absolute(
            "the phrases that a typed key leaves, p99", slowest(narrow, typed, plan), FRAME, "ms", "cpu"
        ),
    ]


def enlarged(book: Handbook) -> Handbook:
    """As many phrases as a busy company may have written in years."""
    numbers = count(1)

    def own(phrase: Phrase) -> Phrase:
        number = next(numbers)
        return phrase._replace(id=f"{phrase.id}~{number}", text=f"{phrase.text}（第 {number} 种说法）")

    whole = book
    while len(whole.phrases) < LEAST:
        guides = (
            guide._replace(phrases=(*guide.phrases, *map(own, once.phrases)))
            for guide, once in zip(whole.guides, book.guides, strict=True)
        )
        whole = replace(whole, guides=tuple(guides))
    return whole


def slowest(act: Callable[[str], None], values: list[str], plan: Plan) -> float:
    """Milliseconds that 99 of 100 calls stay below, each value once before it counts."""
    taken: list[float] = []
    for turn in range(1 + plan.times(9)):
        for value in values:
            start = thread_time()
            act(value)
            if turn:
                taken.append(1e3 * (thread_time() - start))
    return quantiles(taken, n=100)[98]
