"""Chinese found by what can be typed without switching the input method: initials, pinyin, or both mixed.

`initials("电梯困人") == "dtkr"`, `spelled("漏水") == "lou shui"`, `matches("lous", "漏水")`. One reading a
character, from a generated table; words and surnames that are read otherwise are listed below. Nothing is
decoded before it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

from frontdesk.domain.pinyin_table import DIGITS, RARE, SYLLABLES, TABLE

_WORDS: Final = {
    "重chong": "重复 重新 重装 重建 重修 重开 重报 重做 重铺 重发 重影 重庆 重阳 重叠 重名 重蹈",
    "行hang": "银行 行业 行情 同行 央行 商行 建行 工行 农行 中行 招行 分行 支行 车行 琴行 行长",
    "长zhang": "队长 班长 店长 部长 会长 校长 家长 院长 董事长 组长 成长 生长 增长 局长 市长 区长 县长 镇长 "
    "村长 站长 处长 科长 省长 所长 楼长 栋长 学长 长大 长辈 长出 长草 长虫 长霉 长满 长高 长势",
    "调diao": "调查 调动 调取 调岗 调阅 抽调 调头 调离 调研 调换 声调 强调 调出 调监控 调录像 调度",
    "乐yue": "音乐 乐器 奏乐 乐队 乐曲 声乐 乐谱",
    "还huan": "归还 还款 退还 还钱 返还 交还 还给 偿还 还清 还回 还我 奉还",
    "没mo": "淹没 没收 埋没 没顶",
    "给ji": "给排水 给水 供给 补给 自给",
    "着zhao": "着火 着急 睡着 着凉 不着 得着",
    "便pian": "便宜",
    "厦xia": "厦门",
    "都du": "首都 成都 都市 国都",
    "卡qia": "关卡 发卡处",
    "塞se": "堵塞 闭塞 阻塞",
    "露lou": "泄露 露馅 露面",
    "率shuai": "率先 草率 率领",
    "模mu": "模样 模具 模板",
    "参cen": "参差",
    "咽ye": "哽咽",
    "弄long": "弄堂 里弄",
    "泊po": "湖泊 血泊",
    "宿xiu": "星宿",
    "省xing": "反省",
    "盛cheng": "盛水",
    "拗ao": "拗口",
    "降xiang": "投降",
    "伺ci": "伺候",
}
"""A character and another of its readings: the words in which it is read so."""

_SURNAMES: Final = {
    "shan": "单", "xie": "解", "qiu": "仇", "zeng": "曾", "ou": "区", "zha": "查", "piao": "朴",
    "ge": "盖", "zhai": "翟祭", "yue": "乐", "shao": "召", "yun": "员", "miao": "缪", "qin": "覃",
    "bi": "秘", "chong": "种重", "po": "繁", "she": "折", "he": "黑", "nai": "能佴", "gou": "句",
    "wei": "隗", "kan": "阚", "nie": "乜", "du": "都", "zang": "藏", "bo": "薄", "zhang": "长",
    "xian": "洗", "di": "適",
}  # fmt: skip
"""Readings that only a surname has: the surnames read so."""

_COMPOUND: Final = {
    "单于": "chan yu",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "长孙": "zhang sun",
    "澹台": "tan tai",
}

_MAIN_FIRST, _MAIN_LAST = 0x4E00, 0x9FFF
_PRIVATE: Final = 0xE000
_WIDE: Final = range(0xFF01, 0xFF5F)  # full-width ASCII, which an input method leaves behind

_SYLLABLES: Final = ("", *SYLLABLES.split())
_RARE: Final = {entry[0]: entry[1:] for entry in RARE.split()}


_POLYPHONES: Final = frozenset(entry[0] for entry in _WORDS)
_FAMILY_FIRST: Final = frozenset("".join((*_SURNAMES.values(), *(name[0] for name in _COMPOUND))))


@cache
def _readings() -> tuple[dict[str, tuple[tuple[str, str], ...]], dict[str, str], dict[int, str]]:
    """Words by their character, and surnames, rewritten with stand-ins; and what each stand-in says.

    A stand-in is a private-use character, so that one `str.translate` still spells everything.
    """
    marks: dict[str, str] = {}

    def mark(syllable: str) -> str:
        return marks.setdefault(syllable, chr(_PRIVATE + len(marks)))

    words = {
        entry[0]: tuple((word, word.replace(entry[0], mark(entry[1:]))) for word in listed.split())
        for entry, listed in _WORDS.items()
    }
    surnames = {name: mark(syllable) for syllable, names in _SURNAMES.items() for name in names}
    surnames |= {name: "".join(map(mark, said.split())) for name, said in _COMPOUND.items()}
    return words, surnames, {ord(stand_in): syllable for syllable, stand_in in marks.items()}


def _syllable(code: int) -> str:
    """The toneless syllable of a character's code point; empty where it has none."""
    if _MAIN_FIRST <= code <= _MAIN_LAST:
        at = 2 * (code - _MAIN_FIRST)
        return _SYLLABLES[DIGITS.index(TABLE[at]) * len(DIGITS) + DIGITS.index(TABLE[at + 1])]
    return _readings()[2].get(code) or _RARE.get(chr(code), "")


def _plain(code: int) -> str | None:
    """A Latin letter or digit in its small, half-width form; None for everything else."""
    character = chr(code - 0xFEE0 if code in _WIDE else code).lower()
    return character if character.isascii() and character.isalnum() else None


class _Initials(dict[int, str | None]):
    """Filled as characters are met, so that importing costs nothing and `str.translate` stays one C loop.

    A character of several readings gives a capital, which sends the text on the slower way through its words.
    """

    def __missing__(self, code: int) -> str | None:
        syllable = _syllable(code)
        letter = syllable[0] if syllable else _plain(code)
        self[code] = letter = letter.upper() if letter and chr(code) in _POLYPHONES else letter
        return letter


class _Spelled(dict[int, str]):
    """Each syllable between blanks; Latin letters and digits keep together; the rest parts."""

    def __missing__(self, code: int) -> str:
        syllable = _syllable(code)
        self[code] = spelling = f" {syllable} " if syllable else (_plain(code) or " ")
        return spelling


class _Folded(dict[int, str | None]):
    """Small half-width letters; blanks and the input method's apostrophes dropped."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        self[code] = folded = None if character.isspace() or character in "'’" else _plain(code) or character
        return folded


_INITIALS, _SPELLED, _FOLDED = _Initials(), _Spelled(), _Folded()


def _read(text: str, name: bool) -> str:
    if name:
        for length in (2, 1):
            if said := _readings()[1].get(text[:length]):
                return said + text[length:]
    for character in sorted(_POLYPHONES.intersection(text)):
        for word, rewritten in _readings()[0][character]:
            text = text.replace(word, rewritten)
    return text


def initials(text: str, *, name: bool = False) -> str:
    """First letters: `电梯困人` → `dtkr`, `3栋A座` → `3daz`, punctuation dropped; `name` reads a surname first."""
    letters = text.translate(_INITIALS)
    if letters.islower() and not (name and text[:1] in _FAMILY_FIRST):
        return letters
    return _read(text, name).translate(_INITIALS).lower()


def spelled(text: str, *, name: bool = False) -> str:
    """Pinyin without tones, syllables apart: `漏水` → `lou shui`, lü is `lv`; `name` reads a surname first."""
    return " ".join(_read(text, name).translate(_SPELLED).split())


Key = tuple[str, str, str]
"""A text folded, its initials, its syllables: made once for what is searched at every key press."""


def search_key(*texts: str, name: bool = False) -> Key:
    """The key of one or more texts: themselves folded, initials, syllables; no match runs across two."""
    read = [_read(text, name) for text in texts]
    return (
        "\n".join(text.translate(_FOLDED) for text in texts),
        "\n".join(text.translate(_INITIALS).lower() for text in read),
        " " + " | ".join(" ".join(text.translate(_SPELLED).split()) for text in read),
    )


def loose(letters: str) -> str:
    """The letters with southern typing forgiven: zh/z, ch/c, sh/s and ang/an, eng/en, ing/in are one."""
    return letters.replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n")


# A longer pattern could be walked in too many ways; without these letters all can only be initials.
_LONGEST = 32
_SPELLING: Final = "[aeiouv]|[zcs]h"
_RUNS: Final = "[a-z0-9]+|[^a-z0-9]+"


@lru_cache(maxsize=512)
def finder(query: str) -> Callable[[Key], bool]:
    """A test for keys: the query's Chinese and Latin runs must all be found; an empty query finds everything.

    A Latin run is found as it stands, as initials, or as pinyin in which any syllable may break off (`lous`
    finds 漏水).
    """
    tests = [_test(run) for word in query.split() for run in re.findall(_RUNS, word.translate(_FOLDED))]
    if len(tests) == 1:
        return tests[0]
    return lambda key: all(test(key) for test in tests)


def _test(run: str) -> Callable[[Key], bool]:
    if not (run.isascii() and run.isalpha()) or len(run) > _LONGEST or not re.search(_SPELLING, run):
        return lambda key: run in key[0] or run in key[1]
    search = re.compile(" " + "".join(map(_step, " " + run, run))).search
    return lambda key: run in key[1] or run in key[0] or search(key[2]) is not None


def _step(before: str, letter: str) -> str:
    """One typed letter as a pattern: in this syllable or the next, lenient about zh, ch, sh and ng."""
    found = f"{'' if before == ' ' else '(?:[a-z]* )?'}{letter}{'h?' if letter in 'zcs' else ''}"
    optional = (letter == "h" and before in "zcs") or (letter == "g" and before == "n")
    return f"(?:{found})?" if optional else found


def matches(query: str, text_or_key: str | Key) -> bool:
    """Whether the query finds the text (or its `search_key`), as `finder` says."""
    return finder(query)(search_key(text_or_key) if isinstance(text_or_key, str) else text_or_key)
