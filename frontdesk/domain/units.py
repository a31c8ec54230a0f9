"""Unit numbers (房号): the spellings people use for one flat, brought to one key and one form to show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import half_width

_REMEDY = "请写成 3栋2单元1801、3-2-1801、A12 或 商铺12 这样"
_LONGEST = 40
_DIGITS = {ch: str(value) for value, ch in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_NUMERALS = frozenset("零〇一二两三四五六七八九十百")
_TOWER = r"号楼|栋|幢|座|\#楼?|号|楼"
_SIDE = "甲乙丙丁东西南北中"
_KINDS = "商铺|底商|门面|门市|店铺|铺面|铺|别墅|车位|车库|储藏室|公寓|写字楼|办公|仓库|商业"
_KIND_WORDS = tuple(_KINDS.split("|"))
_ESTATE = "小区|花园|[期区苑园院村里城府庭郡湾]"


class _Unit(NamedTuple):
    """The parts of a unit number as written, upper case and half width; "" for a part that was not given."""

    zone: str
    building: str
    tower: str
    section: str
    room: str

    @property
    def lettered(self) -> bool:
        return self.building.isascii() and self.building.isalpha()

    @property
    def key(self) -> str:
        if self.section:
            flat = f"{self.building}-{self.section}-{self.room}"
        else:
            # A座1201, A-1201 and A1201 name one flat; 3-1801 and 31801 do not.
            flat = f"{self.building}{'' if self.lettered else '-'}{self.room}"
        whole = f"{self.zone}-{flat.lstrip('-')}" if self.zone else flat.lstrip("-")
        return re.sub(
            "(?<![0-9])0+(?=[0-9])", "", f"单元{whole}" if self.section and not self.building else whole
        )

    @property
    def text(self) -> str:
        tower = ("座" if self.tower else "") if self.lettered else "栋"
        building = f"{_short(self.building)}{tower}" if self.building else ""
        section = f"{_short(self.section)}单元" if self.section else ""
        return f"{self.zone}{building}{section}{self.room}"


def unit_key(raw: str, field: str = "房号") -> str:
    """Equal for 3栋2单元0801, 3-2-801, ３号楼二单元801室 and the like; `BadInput` for what is no unit."""
    return _parse(raw, field).key


def unit_text(raw: str, field: str = "房号") -> str:
    """The form to show, `3栋2单元1801`; the room keeps its zeros. `BadInput` for what is no unit."""
    return _parse(raw, field).text


def building(raw: str) -> str:
    """The building of a unit, as it may be told to everybody: `3栋`, `A座`; "" where it says none."""
    try:
        unit = _parse(raw, "房号") if raw.strip() else None
    except BadInput:
        return ""
    if unit is None or not unit.building or (not unit.section and not unit.tower and unit.lettered):
        return ""
    return f"{unit.zone}{_short(unit.building)}{'座' if unit.lettered else '栋'}"


def unit_of_parts(parts: Sequence[str], field: str = "房号") -> str:
    """`unit_text` of a unit spread over columns (楼栋, 单元, 室), in that order; empty ones are skipped.

    A column that holds building and section as well is the whole unit.
    """
    given = [part for part in parts if part.strip()]
    whole = [part for part in given if len(re.findall(r"\d+", part)) > 2]  # noqa: PLR2004
    if len(given) > 1 and whole and (unit := _match(whole[-1])):
        return unit.text
    return unit_text("-".join(given), field)


def _parse(raw: str, field: str) -> _Unit:
    if not raw.strip():
        raise BadInput(field, "没有填写", _REMEDY)
    unit = _match(raw)
    if unit is None:
        raise BadInput(field, "不像一个房号", _REMEDY)
    return unit


def _match(raw: str) -> _Unit | None:
    if len(raw) > _LONGEST:
        return None
    match = _pattern().fullmatch(_plain(raw))
    if match is None:
        return None
    part = match.groupdict(default="")
    room = part["room"].replace("-", "")
    if floor := part["floor"]:
        # 18层01 and 18层1801 are one flat; a room of another floor is a slip that nobody can guess.
        room = room if len(room) > 2 else _short(floor) + room.zfill(2)  # noqa: PLR2004
        if not _short(room).startswith(_short(floor)):
            return None
    return _Unit(part["zone"], part["building"], part["tower"], part["section"], part["word"] + room)


def _plain(raw: str) -> str:
    text = half_width(raw).upper().strip()
    # Every save comes through here, mostly with a unit in the form to show, which needs none of the three.
    if not _NUMERALS.isdisjoint(text):
        text = re.sub(
            rf"[零〇一二两三四五六七八九十百]+(?=-|$|{_TOWER}|单元|门|梯|室|房|户|层|[期区])", _arabic, text
        )
    if text.endswith(_KIND_WORDS):
        text = re.sub(rf"^([A-Z]?[0-9]+)号?({_KINDS})$", r"\2\1", text)
    return text if text.isalnum() else re.sub(r"[\s/\\._、,~-]+", "-", text).strip("-")


def _arabic(match: re.Match[str]) -> str:
    """十二 → 12, 一百零二 → 102, 一八零一 → 1801."""
    words = match[0]
    if not re.search("[十百]", words):
        return "".join(_DIGITS[word] for word in words)
    total, digit = 0, 0
    for word in words:
        if word in _DIGITS:
            digit = int(_DIGITS[word])
        else:
            total, digit = total + (digit or 1) * (10 if word == "十" else 100), 0
    return str(total + digit)


def _short(number: str) -> str:
    """Without leading zeros."""
    return number.lstrip("0") or number[:1]


@cache
def _pattern() -> re.Pattern[str]:
    """Estate part, building, section, floor, room. Compiled on first use: the board shows units unparsed."""
    return re.compile(
        rf"""(?:(?P<zone>[一-鿿]{{1,8}}?(?:{_ESTATE})(?:[0-9A-Z]{{1,2}}[期区])?|[0-9A-Z]{{1,2}}[期区])-?)?
        (?:(?P<building>[A-Z]?[0-9]{{1,3}}[A-Z]?|[A-Z]{{1,2}}|[甲乙丙丁])(?:(?P<tower>{_TOWER})-?|-))?
        (?:(?P<section>[0-9]{{1,2}}|[A-Z]|[{_SIDE}])(?:(?:单元|门|梯)-?|-))?
        (?:(?P<floor>[0-9]{{1,2}})[层楼F]-?)?
        (?P<word>{_KINDS})?-?
        (?P<room>(?:[A-Z]{{1,2}}-?)?[0-9]{{1,5}}[A-Z]?)(?:号?[室房户]间?|号)?""",
        re.VERBOSE,
    )
