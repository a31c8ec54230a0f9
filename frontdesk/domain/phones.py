"""Telephone numbers as people write them and as exchanges send them, brought to one spelling to match on."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from frontdesk.domain.patterns import pattern

Kind = Literal["mobile", "landline", "service", "extension", "foreign", "hidden", "unknown"]

_LONGEST = 256  # a SIP header with display name and parameters; whatever is longer is no number
_DASHES = "‐‑‒–—―−﹣"
_HALF = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
    | dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("\u3000\xa0", " ")
)

AREA: Final = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
"""A Chinese area code with its trunk 0: 010, 02x, 03xx–09xx."""

_MOBILE = pattern(r"0?(1[3-9][0-9]{9})")
_LANDLINE = pattern(r"(0(?:10|2[0-9]))([2-8][0-9]{7})|(0[3-9][0-9]{2})([2-8][0-9]{6,7})")
_LOCAL = pattern(r"[2-8][0-9]{6,7}")
_SERVICE = pattern(r"[48]00[0-9]{7}|11[0-9]|12[0-9]|1[0-2][0-9]{3}|118[0-9]{3}|9[56][0-9]{3,6}")
_EXTENSION = pattern(r"[0-9]{2,6}")
_WITHHELD = pattern(
    r"anonymous|unknown|restricted|private|withheld|unavailable|blocked|hidden|no ?number|no ?caller ?id"
    r"|隐藏|匿名|未知|保密|私人|未显示|无号码|无主叫|号码限制"
)
_NOTHING = pattern(r"[\W0_]*(?:n/?a|none|null|nan|无|没有|不详)?[\W0_]*")
_MARKED_EXTENSION = pattern(
    r"(.*[0-9]\)?)\s*(?:转|分机号?|;?ext(?:ension|n)?\.?|x|#|,)\s*[=:]?\s*([0-9]{1,8})#?", re.DOTALL
)
_DASHED_EXTENSION = pattern(r"(.+[0-9]\)?)\s*-\s*([0-9]{1,6})", re.DOTALL)
_WRITTEN = pattern(r"[0-9\s()+./*-]*")


class Phone(NamedTuple):
    """A number in its one spelling.

    `digits`: national digits (`19900001234`, `075583214321`), a landline without area code as given, a
    foreign number with its `+`, "" where hidden. `extension`: what is dialled after the connection, or "".
    """

    digits: str
    extension: str
    kind: Kind

    @property
    def area(self) -> str:
        """The area code of a landline that carries one, with its 0; else ""."""
        match = _LANDLINE.fullmatch(self.digits) if self.kind == "landline" else None
        return (match[1] or match[3]) if match else ""

    @property
    def text(self) -> str:
        """The spelling to store: digits, and `转8001` for an extension; it parses back to the same value."""
        return f"{self.digits}转{self.extension}" if self.extension else self.digits


HIDDEN: Final = Phone("", "", "hidden")


def half_width(text: str) -> str:
    """Full-width letters, digits, marks, dashes and spaces as their ASCII twins, character for character."""
    return text.translate(_HALF)


def parse_phone(raw: str) -> Phone:
    """The number behind any spelling: +86, 0086, leading 0, spaces, dashes, brackets, full width, SIP.

    Never raises: no number is `unknown` with the digits found in it, a withheld or empty one `hidden`.
    """
    if len(raw) > _LONGEST:
        return Phone("", "", "unknown")
    if len(raw) == 11 and raw.isascii() and raw.isdecimal() and raw[0] == "1" and raw[1] in "3456789":  # noqa: PLR2004
        # What exchanges send most, and what is stored: a mobile number needs none of the expressions below.
        return Phone(raw, "", "mobile")
    text = _bare(raw)
    if _NOTHING.fullmatch(text) or (_WITHHELD.search(text) and not re.search(r"[0-9]{5}", text)):
        return HIDDEN
    if marked := _MARKED_EXTENSION.fullmatch(text):
        return Phone(*_spelled(marked[1], marked[2]))
    whole = _spelled(text, "")
    if whole[2] == "unknown" and (dashed := _DASHED_EXTENSION.fullmatch(text)):
        split = _spelled(dashed[1], dashed[2])
        if split[2] in ("mobile", "landline", "service"):
            return Phone(*split)
    return Phone(*whole)


def phone_key(raw: str) -> str | None:
    """The digits under which a number is indexed, without extension; None where it is hidden or none."""
    return parse_phone(raw).digits or None


def match_keys(phone: Phone, area_code: str = "") -> tuple[str, ...]:
    """The stored `phone_key`s that may be this caller, best first.

    A landline is also looked up without its area code and, where it came without one, with the site's
    `area_code`. A number from another area than the site's never matches a bare local one.
    """
    if not phone.digits:
        return ()
    if phone.kind != "landline":
        return (phone.digits,)
    if not phone.area:
        return (phone.digits, area_code + phone.digits) if area_code else (phone.digits,)
    if area_code and phone.area != area_code:
        return (phone.digits,)
    return (phone.digits, phone.digits.removeprefix(phone.area))


def _bare(raw: str) -> str:
    """Only what was dialled: without display name, URI scheme, host and parameters."""
    text = half_width(raw).strip().casefold().replace("%2b", "+").replace(";ext=", "转")
    if wrapped := re.search(r"<([^<>]*)>", text):
        text = wrapped[1]
    if uri := re.match(r"(?:sips?|tel):([^@;>]*)", text.strip()):
        text = uri[1]
    return text.strip()


def _spelled(text: str, extension: str) -> tuple[str, str, Kind]:
    digits = re.sub(r"[^0-9]", "", text)
    if not _WRITTEN.fullmatch(text):
        return digits, extension, "unknown"
    abroad = text.lstrip(" (").startswith("+") or digits.startswith("00")
    if abroad:
        digits = digits.removeprefix("00")
    elif digits.startswith("086"):
        digits = digits[1:] if len(digits) == 14 else digits  # noqa: PLR2004 - 0, 86 and a mobile number
    home = digits.startswith("86") and (abroad or len(digits) >= 12)  # noqa: PLR2004 - 86, an area code, 7 digits
    if abroad and not home:
        fits = 7 <= len(digits) <= 15  # noqa: PLR2004 - E.164
        return (f"+{digits}", extension, "foreign") if fits else (digits, extension, "unknown")
    return _national(digits, home, extension)


def _national(digits: str, home: bool, extension: str) -> tuple[str, str, Kind]:
    number = digits[2:] if home else digits
    if mobile := _MOBILE.fullmatch(number):
        return mobile[1], extension, "mobile"
    for spelling in (number, f"0{number}") if home else (number,):
        if _LANDLINE.fullmatch(spelling):
            return spelling, extension, "landline"
    if _SERVICE.fullmatch(number):
        return number, extension, "service"
    if _LOCAL.fullmatch(number) and not home:
        return number, extension, "landline"
    if _EXTENSION.fullmatch(number) and not home:
        return number, extension, "extension"
    return digits, extension, "unknown"
