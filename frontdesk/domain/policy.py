"""Targets and the ladder as policy.toml states them (DESIGN §5, §6). A ticket keeps the version it was opened under."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import CLOCKS, KINDS, PRIORITIES, ROLES
from frontdesk.domain.timing import DAY, HOUR, MINUTE

_SPAN = re.compile(r"([1-9]\d{0,4})([mhd])")
_REQUIRED = ("first_response", "red_light", "resolution", "on_site", "repair", "progress", "follow_up", "silent_close")


@dataclass(frozen=True, slots=True)
class Target:
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


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the ladder; `acknowledge` is how many seconds its holder has to say «接»."""

    level: int
    name: str
    role: str
    acknowledge: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One frozen version of the rules. `version` is a digest of their content, so equal rules are one version."""

    version: str
    name: str
    risk_share: float
    targets: Mapping[str, Target]
    ladder: tuple[Rung, ...]

    def rung(self, level: int) -> Rung:
        """The rung at that level, the highest one where the ladder ends sooner."""
        return self.ladder[min(level, len(self.ladder) - 1)]


def digest(document: Mapping[str, Any]) -> str:
    """The version of a policy document: twelve hex digits over its canonical JSON."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """The rules of a parsed policy.toml; `BadInput` names the entry, its problem and the remedy."""
    head = document.get("policy", {})
    share = head.get("risk_share", 0.2)
    if not isinstance(share, int | float) or not 0 < share < 1:
        raise BadInput("policy.risk_share", f"「{share}」不是 0 与 1 之间的数", "临期占时限两成时写 0.2")
    clocks = document.get("clocks", {})
    if missing := [name for name in _REQUIRED if name not in clocks]:
        raise BadInput("clocks", f"缺少 {'、'.join(missing)}", "请照随附的 policy.toml 补上")
    if unknown := [name for name in clocks if name not in CLOCKS]:
        raise BadInput("clocks", f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(CLOCKS)}")
    targets = {name: _target(name, entry) for name, entry in clocks.items()}
    return Policy(digest(document), str(head.get("name", "")), float(share), targets, _ladder(document))


def _seconds(field: str, text: object) -> int:
    match = _SPAN.fullmatch(str(text))
    if not match:
        raise BadInput(field, f"「{text}」不是时长", "请写成 15m、2h 或 7d")
    return int(match[1]) * {"m": MINUTE, "h": HOUR, "d": DAY}[match[2]]


def _target(name: str, entry: Mapping[str, Any]) -> Target:
    field = f"clocks.{name}"
    when = entry.get("when", {})
    for key, labels in (("kind", KINDS), ("priority", PRIORITIES)):
        if bad := [value for value in when.get(key, []) if value not in labels]:
            raise BadInput(f"{field}.when.{key}", f"不认识 {'、'.join(map(str, bad))}", f"可用的有 {'、'.join(labels)}")
    urgent = entry.get("urgent_span")
    return Target(
        name,
        _seconds(f"{field}.span", entry.get("span", "")),
        str(entry.get("source", name)),
        tuple(when.get("kind", [])),
        tuple(when.get("priority", [])),
        _seconds(f"{field}.urgent_span", urgent) if urgent else 0,
        str(entry.get("urgent_source", "")),
        int(entry.get("escalate_to", 0)),
    )


def _ladder(document: Mapping[str, Any]) -> tuple[Rung, ...]:
    rungs = []
    for place, entry in enumerate(document.get("ladder", [])):
        field = f"ladder[{place}]"
        if entry.get("level") != place:
            raise BadInput(f"{field}.level", f"「{entry.get('level')}」次序不对", "层级从 0 起逐级加一")
        if entry.get("role") not in ROLES:
            raise BadInput(f"{field}.role", f"不认识「{entry.get('role')}」", f"可用的有 {'、'.join(ROLES)}")
        due = _seconds(f"{field}.acknowledge", entry["acknowledge"]) if place else 0
        rungs.append(Rung(place, str(entry.get("name", "")), entry["role"], due))
    if len(rungs) < 2:  # noqa: PLR2004
        raise BadInput("ladder", "至少要有前台和一级上移", "请照随附的 policy.toml 补上")
    return tuple(rungs)
