"""What was typed, read as Chinese: pinyin in full, by initials or mixed, with or without blanks, and homophones.

`dtkr`, `diantikunren`, `dianti li kun le ren`, `电梯kr` and `电梯捆人` are all read as what the desk means by them.
The words known are those of categories.toml, so what a house adds there can be typed at once. Every reading is
the cheapest way through the letters; what costs how much is written below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import chain, product
from typing import Final, NamedTuple

from frontdesk.domain.pinyin import loose, spelled

_RUN: Final = re.compile(r"(?<![A-Za-z])[a-z]+(?:[ '’]+[a-z]+)*(?![A-Za-z])")
_GAPS: Final = re.compile(r"[ '’]+")
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]+")
_BEFORE: Final = re.compile(r"[\u4e00-\u9fff]{1,3}$")
_PART: Final = 3
_LONGEST: Final = 240
"""Letters read as one run: a message of 60 hanzi in full pinyin."""
_LONGEST_WORD: Final = 24
"""Letters of one word within a run; a longer one is known only when it stands alone."""
_MIXED_UP_TO: Final = 5
_MIXED_UP_TO_UNLISTED: Final = 3
_SHORT: Final = 2
_HEARD: Final = range(3, 7)

# The cost of reading letters as …; a lower sum wins.
_WORD: Final = 1.2
_MIXED: Final = 2.2
_INITIALS: Final = 3.2
_INITIALS_OF_TWO: Final = 6.0
_PER_SYLLABLE: Final = 0.1
_LISTED: Final = -0.7
_HEEDED: Final = -0.04
_HEEDED_UP_TO: Final = 10
_LOOSELY: Final = 0.5
_SYLLABLE: Final = 2.2
_LETTER: Final = 6.0
_SPARE_ONE_IN: Final = 5

_FOREIGN: Final = frozenset(
    [
        "http",
        "https",
        "www",
        "com",
        "cn",
        "html",
        "app",
        "wifi",
        "vip",
        "ktv",
        "led",
        "usb",
        "pdf",
        "jpg",
        "cm",
        "mm",
        "km",
        "kg",
        "qq",
        "vx",
        "wx",
        "ok",
        "hi",
        "am",
        "pm",
        "tv",
        "pc",
        "ip",
        "id",
        "no",
        "up",
        "it",
    ]
)
_FUNCTION: Final = (
    "的了我你他她在是有不没里人个一二三四五六七八九十上下来去家大小很都也就还被把到给要能会吗呢啊吧这那谁什么怎"
    "天月年日点半分钟次层楼栋号单元室房间业主物管快慢多少高低老新好坏开关门口外边前后左右中间面"
    "请问想说过着得又再只才从往和跟让叫打电话修换装拆停收费钱元水火气车位"
)
"""Characters that a syllable means where no word is found: these first, then those of the rules."""


_EVERYDAY: Final = frozenset(
    [
        "非法",
        "非常",
        "竟然",
        "物业",
        "物管",
        "现在",
        "已经",
        "未开",
        "未通",
        "未装",
        "未接",
        "未供",
        "还是",
        "同时",
        "即使",
        "时间",
        "其他",
        "以及",
        "应该",
    ]
)


class _Key(NamedTuple):
    word: str
    cost: float


@lru_cache(maxsize=16_384)
def _squeezed(letters: str) -> str:
    """As `loose`, and n for l, u for v: what a southern ear and hand confuse."""
    return loose(letters).replace("l", "n").replace("v", "u")


class Reader:
    """Reads with the words it was given; of two that are typed alike the cheaper or first wins.

    Its tables are made at the first letter or hanzi that needs them: who types hanzi never pays for the pinyin.
    """

    def __init__(
        self, typed: Mapping[str, str], listed: Iterable[str], known: Callable[[], Mapping[str, float]]
    ) -> None:
        """`typed` are habits (`dthl`), `listed` the phrases of the desk, `known` the words of the rules with what
        they weigh: of two readings the one that the rules heed more is meant.
        """
        self._typed = typed
        self._phrases = tuple(listed)
        self._listed = frozenset(self._phrases)
        self._weigh = known

    @cached_property
    def _known(self) -> Mapping[str, float]:
        return self._weigh()

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(word for word in dict.fromkeys((*self._phrases, *self._known)) if _is_word(word))

    def read(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """The text as it is meant, and every (typed, meant) that differs."""
        met: list[tuple[str, str]] = []
        alone = text.strip()

        def replace(match: re.Match[str]) -> str:
            run = match[0]
            left, right = _BEFORE.search(text, 0, match.start()), _HANZI.match(text, match.end())
            meant = self._rest(run, left[0] if left else "", right[0] if right else "")
            meant = meant or self._run(run, run == alone, bool(left or right))
            if meant is None:
                return run
            met.append((run, meant))
            return meant

        said = _RUN.sub(replace, text)
        return self._mended(said, met), met

    def _rest(self, run: str, left: str, right: str) -> str | None:
        """The part of a word whose other characters stand beside it: 充dian, jiangshi车, 停che费."""
        for before in range(min(len(left), _PART), -1, -1):
            for after in range(min(len(right), _PART), -1, -1):
                start, end = left[len(left) - before :], right[:after]
                if not start and not end:
                    continue
                found = self._keys.get(_letters(start) + run + _letters(end))
                if found and found.word.startswith(start) and found.word.endswith(end):
                    return found.word[before : len(found.word) - after] or None
        return None

    def _run(self, run: str, alone: bool, beside: bool) -> str | None:
        """Two letters count only alone or as the rest of a hanzi word (电梯kr): `td` is also a name."""
        letters = _GAPS.sub("", run)[:_LONGEST]
        if len(letters) == 1 or letters in _FOREIGN or (len(letters) <= _SHORT and not (alone or beside)):
            return None
        known = self._keys.get(letters)
        if known and (len(known.word) > 1 or beside):
            return known.word
        return self._cheapest(letters)

    @cached_property
    def _keys(self) -> dict[str, _Key]:
        seen = Counter(chain.from_iterable(self._words))
        common: dict[str, str] = {}
        for character in (*_FUNCTION, *(each for each, _ in seen.most_common())):
            common.setdefault(spelled(character), character)
        keys: dict[str, _Key] = {}

        def add(key: str, word: str, cost: float) -> None:
            if (old := keys.get(key)) is None or cost < old.cost:
                keys[key] = _Key(word, cost)

        for syllable, character in common.items():
            add(syllable, character, _SYLLABLE)
            add(_squeezed(syllable), character, _SYLLABLE + _LOOSELY)
        for word in self._words:
            listed = word in self._listed
            bonus = _LISTED if listed else _HEEDED * min(self._known[word], _HEEDED_UP_TO)
            for key, cost in _spellings(word, _MIXED_UP_TO if listed else _MIXED_UP_TO_UNLISTED):
                add(key, word, cost + bonus)
        for key, word in self._typed.items():
            add(key, word, _WORD + _LISTED)
        return keys

    def _cheapest(self, letters: str) -> str | None:
        """The way through the letters that costs least; None where it meets no word or leaves too much over."""
        keys = self._keys
        ways: list[tuple[float, int, int, tuple[str, ...]]] = [(0.0, 0, 0, ())]
        for end in range(1, len(letters) + 1):
            cost, words, spare, said = ways[end - 1]
            best = (cost + _LETTER, words, spare + 1, (*said, letters[end - 1]))
            for start in range(max(0, end - _LONGEST_WORD), end):
                piece = letters[start:end]
                found = keys.get(piece) or keys.get(_squeezed(piece))
                if found is not None and (way := ways[start])[0] + found.cost < best[0]:
                    best = (
                        way[0] + found.cost,
                        way[1] + (len(found.word) > 1),
                        way[2],
                        (*way[3], found.word),
                    )
            ways.append(best)
        _, words, spare, said = ways[-1]
        return "".join(said) if words and spare * _SPARE_ONE_IN <= len(letters) else None

    def _alike(self, text: str) -> dict[tuple[str, ...], str]:
        """Listed phrases by sound of which at least half stands in the text, first ones preferred: no other can be meant,
        and most texts need no sound at all.
        """
        stands = set(text).__contains__
        return {
            _sounds(word): word
            for word in reversed(self._phrases)
            if len(word) in _HEARD
            and sum(map(stands, word)) * 2 >= len(word)
            and word not in text
            and _is_word(word)
        }

    def _mended(self, text: str, met: list[tuple[str, str]]) -> str:
        """A listed phrase heard or typed with other characters of the same sound, at least half of them right."""
        heard = self._alike(text)
        for run in _HANZI.findall(text) if heard else ():
            sounds = _sounds(run)
            for length in _HEARD:
                for start in range(len(sounds) - length + 1):
                    meant = heard.get(sounds[start : start + length])
                    said = run[start : start + length]
                    if not meant or meant == said or len(sounds) != len(run) or not _mostly(meant, said):
                        continue
                    if not self._parts_words(run, start, meant):
                        text = text.replace(said, meant)
                        met.append((said, meant))
        return text

    def _parts_words(self, run: str, start: int, meant: str) -> bool:
        """Whether a character that would be mended belongs to a word of two that begins or ends outside: 物业非法 is
        no 物业费.
        """
        end = start + len(meant)
        over = [run[start - 1 : start + 1]] if start and run[start] != meant[0] else []
        over += [run[end - 1 : end + 1]] if run[end - 1] != meant[-1] else []
        return any(len(word) == _SHORT and (word in self._known or word in _EVERYDAY) for word in over)


def _is_word(word: str) -> bool:
    return len(word) >= _SHORT and bool(_HANZI.fullmatch(word))


@lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    return spelled(text).replace(" ", "")


def _sounds(text: str) -> tuple[str, ...]:
    return tuple(map(_squeezed, spelled(text).split()))


def _mostly(meant: str, said: str) -> bool:
    return sum(a == b for a, b in zip(meant, said, strict=True)) * 2 >= len(meant)


def _spellings(word: str, mixed_up_to: int) -> Iterable[tuple[str, float]]:
    """Every way of typing a word: each syllable in full or by its first letter, long words not mixed; all that
    also as a southern hand does. Initials stay as they are: the s and h of 水患 are no sh.
    """
    exact = spelled(word).split()
    count = len(exact)
    letters = [syllable[0] for syllable in exact]
    yield "".join(letters), _INITIALS if count > _SHORT else _INITIALS_OF_TWO
    for syllables, dearer in ((exact, 0.0), (list(map(_squeezed, exact)), _LOOSELY)):
        yield "".join(syllables), _WORD + _PER_SYLLABLE * count + dearer
        if count <= mixed_up_to:
            for parts in product(*zip(syllables, letters, strict=True)):
                if len(key := "".join(parts)) > count:
                    yield key, _MIXED + dearer
