"""Writes frontdesk/domain/pinyin_table.py from pypinyin, which only the developer who regenerates it needs.

Usage: python scripts/make_pinyin.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin

TARGET: Final = Path(__file__).parent.parent / "frontdesk" / "domain" / "pinyin_table.py"
FIRST, LAST = 0x4E00, 0x9FFF
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PAIRS_A_LINE = 48

# What a lone character most often says in this field; pypinyin gives the reading its dictionary lists first.
COMMON: Final = {
    "chang": "长", "tiao": "调", "en": "嗯", "bao": "曝薄", "xue": "血", "zha": "栅", "shai": "晒嗮",
    "yu": "瘀", "kan": "冚", "dang": "凼", "zhan": "粘", "zheng": "挣", "zai": "仔", "zhe": "着",
}  # fmt: skip

# Characters of the 通用规范汉字表 outside the main block that stand in real names.
RARE: Final = (
    "㑊㕮㙍㙘㙦㛃㛚㛹㟃㠓㤘㧐㫰㬊㬎㬚㭎㭕㮾㰀㳇㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䂮䃅䃎䅟䌹䎃䎖䏝"
    "䓖䓛䓨䓫䗖䗴䜣䝙䢺䣘䥽䦃䲟䲠䴓䴔䴕䴖䴗䴘䴙䶮"
)


def reading(character: str) -> str:
    """The toneless syllable of one character (`lv` for lü), empty where it has none."""
    usual = next((syllable for syllable, characters in COMMON.items() if character in characters), None)
    syllable = usual or lazy_pinyin(character, style=Style.NORMAL)[0]
    return syllable if syllable.isascii() and syllable.isalpha() else ""


def render() -> str:
    """The text of the table module."""
    readings = [reading(chr(code)) for code in range(FIRST, LAST + 1)]
    rare = {character: reading(character) for character in RARE}
    syllables = sorted({*readings, *rare.values()} - {""})
    number = {"": 0} | {syllable: place for place, syllable in enumerate(syllables, 1)}
    pairs = [DIGITS[number[syllable] // 62] + DIGITS[number[syllable] % 62] for syllable in readings]
    lines = ["".join(pairs[at : at + PAIRS_A_LINE]) for at in range(0, len(pairs), PAIRS_A_LINE)]
    return "\n".join(
        [
            '"""Toneless syllables of U+4E00-U+9FFF; written by scripts/make_pinyin.py, not by hand."""',
            "",
            "from __future__ import annotations",
            "",
            "from typing import Final",
            "",
            f'DIGITS: Final = "{DIGITS}"',
            'SYLLABLES: Final = """',
            *wrapped(syllables),
            '"""',
            'RARE: Final = """',
            *wrapped([character + syllable for character, syllable in rare.items() if syllable]),
            '"""',
            "# Two digits of base 62 a character: 0 for none, else the place in SYLLABLES counted from 1.",
            'TABLE: Final = """\\',
            *(f"{line}\\" for line in lines),
            '"""',
            "",
        ]
    )


def wrapped(words: list[str]) -> list[str]:
    """The words in lines of 16."""
    return [" ".join(words[at : at + 16]) for at in range(0, len(words), 16)]


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
