"""What a person may see of other people's data, and what free text may keep (DESIGN §7, R-000-16, T19)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.patterns import pattern
from frontdesk.domain.phones import AREA, half_width, parse_phone

HIDDEN_NUMBER: Final = "隐藏号码"
COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛夏侯皇甫尉迟公孙慕容令狐司徒司空宇文长孙东方南宫西门独孤端木申屠轩辕百里"
        "呼延东郭闻人濮阳淳于单于太叔公冶宗政钟离鲜于闾丘公羊澹台赫连第五拓跋万俟歐陽司馬諸葛尉遲長孫東方",
    )
)
_SEES_WHOLE_UNIT: Final = frozenset({"supervisor", "manager", "admin"})
_MASKED_PHONE = pattern(r"(?:1[3-9][0-9]|0[0-9]{2,3}|\+)?\*{4}[0-9]{4}|\*\*[0-9]{0,2}")


def mask_name(name: str) -> str:
    """The surname and two stars whatever the length (张**, 欧阳**), other names' first letter; "" stays "".

    A compound surname is shown whole only where a given name follows it, so that no full name is ever shown.
    """
    letters = "".join(ch for ch in one_line(name) if ch.isalpha())
    if not letters:
        return "**" if one_line(name) else ""
    compound = letters[:2] in COMPOUND_SURNAMES and len(letters) > len("欧阳")
    return f"{letters[: 2 if compound else 1]}**"


def mask_phone(number: str) -> str:
    """138****5678, 0755****4321, +****2671, **01 for what is short or odd; public service numbers stay whole.

    Withheld and empty numbers answer 「隐藏号码」. A masked number passes unchanged.
    """
    if "*" in number and _MASKED_PHONE.fullmatch(number):
        return number
    phone = parse_phone(number)
    tail = phone.digits[-4:]
    shown = {
        "hidden": HIDDEN_NUMBER,
        "service": phone.digits,
        "mobile": f"{phone.digits[:3]}****{tail}",
        "landline": f"{phone.area}****{tail}",
        "foreign": f"+****{tail}",
    }
    return shown.get(phone.kind, f"**{phone.digits[-2:]}")


def mask_unit(unit: str) -> str:
    """The last two digits behind two stars, `**02` (T19); "" stays ""."""
    digits = [ch for ch in half_width(unit) if ch in "0123456789"]
    return f"**{''.join(digits[-2:])}" if one_line(unit) else ""


class Masks(NamedTuple):
    """How one role sees a person. Names and numbers are masked for all; the way past is a reveal."""

    whole_unit: bool = False

    @classmethod
    def for_role(cls, role: str) -> Masks:
        """The masks of a role of `terms.ROLES`; whatever it does not know sees as little as an agent."""
        return cls(role in _SEES_WHOLE_UNIT)

    def name(self, name: str) -> str:
        """See `mask_name`."""
        return mask_name(name)

    def phone(self, number: str) -> str:
        """See `mask_phone`."""
        return mask_phone(number)

    def unit(self, unit: str) -> str:
        """The whole unit for a supervisor and above, its last two digits for the others (T19)."""
        return one_line(unit) if self.whole_unit else mask_unit(unit)


class Redacted(NamedTuple):
    """Text without numbers that point at a person; `found` holds (token, original) as they were found."""

    text: str
    found: tuple[tuple[str, str], ...]


def redact(text: str) -> Redacted:
    """Phones, ID cards, plates, e-mails and bank cards become tokens such as 【电话1】 (DESIGN §7).

    The same original gets the same token. Unit numbers, dates, times, amounts and ticket numbers stay.
    Redacting twice changes nothing; tokens already in the text stay, new ones count on from them.
    """
    if not _HINT.search(text):
        return Redacted(text, ())
    tokens: dict[tuple[str, str], str] = {}
    last = dict.fromkeys(_LABELS, 0)
    for label, number in _TOKEN.findall(text):
        last[label] = max(last[label], int(number))

    def token(label: str, original: str) -> str:
        if (label, original) not in tokens:
            last[label] += 1
            tokens[label, original] = f"【{label}{last[label]}】"
        return tokens[label, original]

    before = None
    # A number behind its neighbour's digits shows only once the neighbour is a token: until nothing changes.
    while before != text:
        before, plain = text, half_width(text)
        for rule in _rules():
            if (after := _replace(text, plain, rule, token)) != text:
                text, plain = after, half_width(after)
    return Redacted(text, tuple((token, original) for (_, original), token in tokens.items()))


def restore(text: str, found: tuple[tuple[str, str], ...]) -> str:
    """The original wording behind the tokens of `found`; other tokens stay."""
    originals = dict(found)
    return _TOKEN.sub(lambda match: originals.get(match[0], match[0]), text)


def _replace(text: str, plain: str, rule: _Rule, token: Callable[[str, str], str]) -> str:
    """`plain` is the text in half width, which keeps every position: a match in it is cut from the original spelling."""
    out, end = [], 0
    for match in rule.pattern.finditer(plain):
        if rule.proves(match):
            start, stop = match.span("it")
            out += [text[end:start], token(rule.label, text[start:stop])]
            end = stop
    return "".join([*out, text[end:]])


class _Rule(NamedTuple):
    label: str
    pattern: re.Pattern[str]
    proves: Callable[[re.Match[str]], bool]


_LABELS: Final = ("邮箱", "证件", "卡号", "电话", "车牌")
# Every rule needs two digits or an at sign; most sentences at the desk have neither.
_HINT = pattern("[0-9０-９][^0-9０-９]*[0-9０-９]|@|＠")
_TOKEN = pattern(rf"【({'|'.join(_LABELS)})([0-9]{{1,6}})】")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_PROVINCES = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91"
_ALONE = r"(?<![0-9A-Za-z])"


def _digits(match: re.Match[str]) -> str:
    return re.sub("[^0-9Xx]", "", match["it"]).upper()


def _is_date(text: str) -> bool:
    """Eight digits that are a day of the calendar."""
    try:
        return bool(date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        return False


def _is_id(match: re.Match[str]) -> bool:
    """A birthday inside and the check digit of GB 11643; the 15 digits of before 1999 carry none.

    After a word that says what it is, a wrong check digit is a slip of the pen and still somebody's number.
    """
    number = _digits(match)
    if len(number) == 15:  # noqa: PLR2004
        return _is_date(f"19{number[6:12]}")
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _is_date(number[6:14]) and (_ID_CHECKS[total % 11] == number[17] or bool(match["cue"]))


def _is_card(match: re.Match[str]) -> bool:
    """Luhn's check, unless a word before it says that it is a card."""
    digits = [int(digit) for digit in reversed(_digits(match))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return bool(match["cue"]) or (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_bare_phone(match: re.Match[str]) -> bool:
    """A local number behind a word for telephone, unless it is a day (`电话20261122打过`)."""
    digits = _digits(match)
    return not (digits.startswith("20") and _is_date(digits))


def _is_plate(match: re.Match[str]) -> bool:
    """At least two digits: a word that starts with a province and a letter is no plate."""
    return len(re.findall("[0-9]", match["it"])) > 1


def _always(match: re.Match[str]) -> bool:
    return bool(match["it"])


_PLACE = "室|号楼|栋|幢|单元|座|房|户|层|楼"
_EXT = r"(?:\s{0,2}(?:转|分机|ext\.?)\s{0,2}[0-9]{1,6}(?![0-9]))?"
_COUNTRY = r"(?:\(?(?:\+|00)?86\)?[ -]{0,2})?"
_MAIL = r"""
    (?<![A-Za-z0-9._%+-]) (?P<it>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5})"""
_ID = rf"""
    (?P<cue>(?:身份证|证件)[^0-9\n]{{0,8}})? {_ALONE}
    (?P<it>(?:{_PROVINCES})[0-9]{{4}}
    (?:[ -]?(?:19|20)[0-9]{{2}}[ -]?[0-9]{{4}}[ -]?[0-9]{{3}}[0-9X]|[0-9]{{9}})) (?![0-9A-Za-z])"""
_CARD = rf"""
    (?P<cue>(?:卡号?|账[号户]|帐[号户])[^0-9\n]{{0,6}})? {_ALONE}
    (?P<it>[3-69][0-9]{{3}}(?:[ -]?[0-9]{{4}}){{3}}(?:[ -][0-9]{{3}}(?!{_PLACE})|[0-9]{{1,3}})?) (?![0-9])"""
_MOBILE_TAIL = r"(?:[ .-]{0,3}[0-9]{4}[ .-]{0,3}[0-9]{4}|[0-9]{4}[ -]?[0-9]{4})(?![0-9])"
_HOTLINE_TAIL = r"(?:[ -]?[0-9]{3}[ -]?[0-9]{4}|[ -]?[0-9]{4}[ -]?[0-9]{3})(?![0-9.]|\s?[元块万亿度吨])"
_PHONE = rf"""
    (?:(?<![0-9A-Za-z+])|(?<![0-9])(?=[+(])|(?<=tel)|(?<=phone)|(?<=mobile)|(?<=wx)|(?<=vx))
    (?P<it>
        {_COUNTRY} 0?1[3-9][0-9]{_MOBILE_TAIL} {_EXT}
      | {_COUNTRY} \(?{AREA}\)?[ -]{{0,2}}[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}(?![0-9])
        (?:-[0-9]{{2,6}}(?![0-9-]|{_PLACE})|{_EXT})
      | [48]00{_HOTLINE_TAIL} {_EXT}
      | \+(?!86)[1-9][0-9]{{0,2}}(?:[ -]?[0-9]{{2,4}}){{3,4}}(?![0-9])
    )"""
_BARE_PHONE = rf"""
    (?:电话|座机|固话|号码|热线|致电|拨打|联系|tel)(?:号码|方式)?[:是为\s]{{0,3}}
    (?P<it>[2-8][0-9]{{2,3}}-?[0-9]{{4}}(?![0-9.]|\s?[元块万亿度吨]) {_EXT})"""
_PLATE = rf"""
    (?P<it>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][\ ·•.-]?
    (?:[A-Z0-9]{{6}}|[A-Z0-9]{{5}}|[A-Z0-9]{{4}}[挂学警港澳]))
    (?![A-Z0-9]|{_PLACE})"""


@cache
def _rules() -> tuple[_Rule, ...]:
    """In this order, for a mail address may hold a number and a card the digits of a phone.

    Compiled on first use: what only reads redacts nothing.
    """
    found = (
        ("邮箱", _MAIL, _always),
        ("证件", _ID, _is_id),
        ("卡号", _CARD, _is_card),
        ("电话", _PHONE, _always),
        ("电话", _BARE_PHONE, _is_bare_phone),
        ("车牌", _PLATE, _is_plate),
    )
    return tuple(
        _Rule(label, re.compile(pattern, re.VERBOSE | re.IGNORECASE), proves)
        for label, pattern, proves in found
    )


def clean(text: str, field: str, limit: int = 10_000) -> str:
    """What was typed, pasted or imported, as plain text: safe to print raw, lines end in `\\n`, emoji stay.

    Escape sequences, controls, direction overrides and invisible marks go; half characters become `?`.
    `limit` counts characters of the result; more is `BadInput`, never a silent cut.
    """
    plain = _plain(text)
    if len(plain) > limit:
        raise BadInput(field, f"有 {len(plain)} 字，超过上限 {limit} 字", "请删减，或分成几条记录")
    return plain


def one_line(text: str) -> str:
    """The plain text on one line, each run of blanks one space."""
    return " ".join(_plain(text).split())


_NEWLINE = pattern("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Bodies stop at a newline: an unfinished sequence must not swallow the words after it.
_ESCAPES = pattern(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]+[0-~]|\x1b[=>78cDEHMNOZ]"
)
_UNSEEN = pattern(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
# A joiner belongs between two emoji; anywhere else it hides a difference between two words that look alike.
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_STRAY_JOINER = pattern(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])")
_HALF_CHARACTER = pattern("[\ud800-\udfff]")


def _plain(text: str) -> str:
    if text.isprintable():
        # Nothing below is printable, and nearly every text is.
        return text.strip()
    text = _ESCAPES.sub("", _NEWLINE.sub("\n", text)).replace("\t", " ")
    text = _STRAY_JOINER.sub("", _UNSEEN.sub("", text))
    return _HALF_CHARACTER.sub("?", text).strip()
