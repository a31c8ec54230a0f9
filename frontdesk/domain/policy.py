"""Targets and the ladder as policy.toml states them (DESIGN §5, §6). A ticket keeps the version it was opened under."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.patterns import pattern
from frontdesk.domain.terms import CLOCKS, KINDS, PRIORITIES, RANKS
from frontdesk.domain.timing import DAY, HOUR, MINUTE

_SPAN = pattern(r"([1-9]\d{0,4})([mhd])")
_REQUIRED = (
    "first_response",
    "red_light",
    "resolution",
    "on_site",
    "repair",
    "progress",
    "follow_up",
    "silent_close",
)


class Target(NamedTuple):
    """A time limit: seconds, its rule's number, and which tickets it runs on (empty = all)."""

    clock: str
    seconds: int
    source: str
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    urgent_seconds: int = 0
    urgent_source: str = ""
    escalate_to: int = 0

    def applies(self, kind: str, priority: str) -> bool:
        """True where a ticket of that kind and priority has this target."""
        return (not self.kinds or kind in self.kinds) and (not self.priorities or priority in self.priorities)


class Rung(NamedTuple):
    """One level of the ladder; `acknowledge` is how many seconds its holder has to say «接», `offset` after how many
    seconds it is called where the rung below has been called and the breach goes on, 0 for never."""

    level: int
    name: str
    role: str
    acknowledge: int
    offset: int = 0


class Policy(NamedTuple):
    """One frozen version of the rules. `version` is a digest of their content, so equal rules are one version."""

    version: str
    name: str
    risk_share: float
    targets: Mapping[str, Target]
    ladder: tuple[Rung, ...]
    quiet: tuple[int, int] = (21 * 60, 8 * 60)
    """When nobody is disturbed for what can wait: minutes of the day."""

    def rung(self, level: int) -> Rung:
        """The rung at that level, the highest one where the ladder ends sooner."""
        return self.ladder[min(level, len(self.ladder) - 1)]


def digest(document: Mapping[str, Any]) -> str:
    """The version of a policy document: twelve hex digits over its canonical JSON."""
    import hashlib  # loads OpenSSL, and the board reads no policy

    return hashlib.sha256(canonical(document).encode()).hexdigest()[:12]


def canonical(document: Mapping[str, Any]) -> str:
    """The document as JSON, always the same for equal rules; a date that TOML knows and JSON does not becomes its text."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def parse_policy(document: Mapping[str, Any], version: str = "") -> Policy:
    """The rules of a parsed policy.toml, `version` where its digest is known; `BadInput` names the entry and the remedy."""
    head = _table("policy", document.get("policy", {}))
    share = head.get("risk_share", 0.2)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise BadInput("policy.risk_share", f"「{share}」不是 0 与 1 之间的数", "临期占时限两成时写 0.2")
    ladder = _ladder(document.get("ladder", []))
    clocks = _table("clocks", document.get("clocks", {}))
    if missing := [name for name in _REQUIRED if name not in clocks]:
        raise BadInput("clocks", f"缺少 {'、'.join(missing)}", "请照随附的 policy.toml 补上")
    if unknown := [name for name in clocks if name not in CLOCKS]:
        raise BadInput("clocks", f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(CLOCKS)}")
    targets = {name: _target(name, entry, len(ladder) - 1) for name, entry in clocks.items()}
    return Policy(version or digest(document), str(head.get("name", "")), float(share), targets, ladder)


def _table(field: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadInput(field, "不是一个小节", f"请写成 [{field}]")
    return value


def _seconds(field: str, text: object) -> int:
    match = _SPAN.fullmatch(str(text))
    if not match:
        raise BadInput(field, f"「{text}」不是时长", "请写成 15m、2h 或 7d")
    return int(match[1]) * {"m": MINUTE, "h": HOUR, "d": DAY}[match[2]]


def _target(name: str, value: object, top: int) -> Target:
    field = f"clocks.{name}"
    entry = _table(field, value)
    if unknown := [key for key in entry if key not in _ENTRIES]:
        raise BadInput(field, f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(_ENTRIES)}")
    when, urgent, level = (
        _table(f"{field}.when", entry.get("when", {})),
        entry.get("urgent_span"),
        entry.get("escalate_to", 0),
    )
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= top:
        raise BadInput(f"{field}.escalate_to", f"「{level}」不是层级", f"请写 0（不上移）到 {top}")
    return Target(
        name,
        _seconds(f"{field}.span", entry.get("span", "")),
        str(entry.get("source", name)),
        _names(f"{field}.when.kind", when.get("kind", []), KINDS),
        _names(f"{field}.when.priority", when.get("priority", []), PRIORITIES),
        _seconds(f"{field}.urgent_span", urgent) if urgent is not None else 0,
        str(entry.get("urgent_source", "")),
        level,
    )


_ENTRIES = ("span", "source", "when", "urgent_span", "urgent_source", "escalate_to")


def _names(field: str, values: object, labels: Mapping[str, str]) -> tuple[str, ...]:
    if not isinstance(values, list) or (bad := [str(value) for value in values if str(value) not in labels]):
        wrong = f"不认识 {'、'.join(bad)}" if isinstance(values, list) else "不是一列名字"
        raise BadInput(field, wrong, f'请写成 ["{next(iter(labels))}"]，可用的有 {"、".join(labels)}')
    return tuple(map(str, values))


def _ladder(entries: object) -> tuple[Rung, ...]:
    if not isinstance(entries, list) or len(entries) < 2:  # noqa: PLR2004 - a desk and somebody above it
        raise BadInput("ladder", "至少要有前台和一级上移", "请照随附的 policy.toml 补上")
    rungs = []
    for place, value in enumerate(entries):
        field = f"ladder[{place}]"
        entry = _table(field, value)
        if entry.get("level") != place:
            raise BadInput(f"{field}.level", f"「{entry.get('level')}」次序不对", "层级从 0 起逐级加一")
        role = str(entry.get("role"))
        if role not in RANKS:
            raise BadInput(f"{field}.role", f"「{role}」不能接手工单", f"可用的有 {'、'.join(RANKS)}")
        due = _seconds(f"{field}.acknowledge", entry.get("acknowledge", "")) if place else 0
        offset = entry.get("offset")
        after = _seconds(f"{field}.offset", offset) if offset is not None else 0
        rungs.append(Rung(place, str(entry.get("name", "")), role, due, after))
    return tuple(rungs)
