"""Targets and the ladder as policy.toml states them (DESIGN §5, §6). A ticket keeps the version it was opened under."""

# Annotations are evaluated here: NamedTuple would compile each one left as text (see tickets.py).

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from frontdesk.domain import policy_entries as read
from frontdesk.domain.calendar import Calendar
from frontdesk.domain.digest import sha256
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import CHANNELS, CLOCKS, KINDS, PRIORITIES, RANKS
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, HOUR, MINUTE, Instant, day_start

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
DATED: Mapping[str, str] = {
    "task": "R-001-12",
    "promise": "R-S5-01",
    "case": "T24–T39",
    "acknowledge": "R-S8-01",
}
"""Clocks that bring their own due time, with their rules; policy.toml says only how far they escalate."""

ROUND = frozenset({"first_response", "red_light", "on_site", "repair", "silent_close", *DATED})
"""Clocks that run day and night whatever calendars there are (DESIGN §5)."""


class Target(NamedTuple):
    """A time limit: seconds, its rule's number, and which tickets it runs on (empty = all).

    `calendar` None counts every second. `rules` are the exceptions, the first that fits a ticket stands for the target.
    """

    clock: str
    seconds: int
    source: str
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    urgent_seconds: int = 0
    urgent_source: str = ""
    escalate_to: int = 0
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    calendar: Calendar | None = None
    rules: "tuple[Target, ...]" = ()

    def applies(self, kind: str, priority: str) -> bool:
        """True where a ticket of that kind and priority has this target."""
        return (not self.kinds or kind in self.kinds) and (not self.priorities or priority in self.priorities)

    def fits(self, ticket: Ticket) -> bool:
        """True where the ticket's kind, priority, category and channel are all meant."""
        return (
            (not self.kinds or ticket.kind in self.kinds)
            and (not self.priorities or ticket.priority in self.priorities)
            and (not self.channels or ticket.channel in self.channels)
            and (not self.categories or _within(ticket.category, self.categories))
        )


def _within(category: str, patterns: tuple[str, ...]) -> bool:
    return any(
        category.startswith(each[:-1]) if each.endswith("*") else category == each for each in patterns
    )


class Rung(NamedTuple):
    """One level of the ladder; `acknowledge` is how many seconds its holder has to say «接», `offset` after how many
    seconds it is called where the rung below has been called and the breach goes on, 0 for never."""

    level: int
    name: str
    role: str
    acknowledge: int
    offset: int = 0


class Quiet(NamedTuple):
    """Hours of the day, as seconds from midnight, in which no resident is written to unless it is an emergency."""

    start: int = 21 * HOUR
    end: int = 8 * HOUR

    def over(self, at: Instant) -> Instant:
        """The first moment at or after `at` at which a resident may be told something."""
        second = at - day_start(at)
        inside = (
            self.start <= second < self.end if self.start < self.end else not self.end <= second < self.start
        )
        return at + (self.end - second) % DAY if inside else at


class Watch(NamedTuple):
    """The watcher's numbers: seconds between reminders, how many of them make one digest, seconds that a lease holds."""

    remind_every: int = 4 * HOUR
    digest_over: int = 5
    lease: int = 60


DIGESTS: tuple[int, ...] = (8 * HOUR + 30 * MINUTE, 17 * HOUR + 30 * MINUTE)


class Policy(NamedTuple):
    """One frozen version of the rules. `version` is a digest of their content, so equal rules are one version."""

    version: str
    name: str
    risk_share: float
    targets: Mapping[str, Target]
    ladder: tuple[Rung, ...]
    calendars: Mapping[str, Calendar] = {}
    quiet: Quiet = Quiet()
    digests: tuple[int, ...] = DIGESTS
    watch: Watch = Watch()

    def rung(self, level: int) -> Rung:
        """The rung at that level, the highest one where the ladder ends sooner."""
        return self.ladder[min(level, len(self.ladder) - 1)]

    def target(self, clock: str, ticket: Ticket) -> Target | None:
        """What holds for the ticket: the first rule that fits, else the clock's own line; None where neither does.

        An emergency runs day and night until it is over.
        """
        base = self.targets[clock]
        if not (
            base.rules or base.priorities or base.kinds or base.categories or base.channels or base.calendar
        ):
            return base  # most are for everybody, and every save asks for all of them
        found = next((rule for rule in base.rules if rule.fits(ticket)), base)
        if found is base and not base.fits(ticket):
            return None
        if found.calendar and ticket.priority == "urgent" and clock != "follow_up":
            return found._replace(calendar=None)
        return found

    def next_digest(self, after: Instant) -> Instant:
        """The next moment later than `after` at which staff get their digest."""
        today = day_start(after)
        return min(at for hour in self.digests for day in (today, today + DAY) if (at := day + hour) > after)


def digest(document: Mapping[str, Any]) -> str:
    """The version of a policy document: twelve hex digits over its canonical JSON."""
    return sha256(canonical(document).encode()).hexdigest()[:12]


def canonical(document: Mapping[str, Any]) -> str:
    """The document as JSON, always the same for equal rules; a date that TOML knows and JSON does not becomes its text."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def parse_policy(document: Mapping[str, Any], version: str = "") -> Policy:
    """The rules of a parsed policy.toml, `version` where its digest is known; `BadInput` names the entry and the remedy."""
    policy, slips = read_policy(document, version)
    if slips:
        raise slips[0]
    return policy


def read_policy(document: Mapping[str, Any], version: str = "") -> tuple[Policy, list[BadInput]]:
    """The rules and everything that is wrong with the document; only without a slip are they to be used.

    A `version` says that the document was in order when it was stored: names that it has too many are passed over.
    """
    slips = read.Slips(stored=bool(version))
    take = slips.take
    head = take(read.NOTHING, read.table, "policy", document.get("policy", {}))
    share = take(0.2, _share, head.get("risk_share", 0.2))
    calendars = read.calendars("calendar", document.get("calendar", {}), slips)
    ladder = _ladder(document.get("ladder", []), slips)
    targets = _Targets(slips, calendars, len(ladder) - 1).all(document.get("clocks", {}))
    quiet = _quiet(document.get("quiet", {}), slips)
    digests = _digests(document.get("digest", {}), slips)
    watch = _watch(document.get("watch", {}), slips)
    known = version or digest(document)
    name = str(head.get("name", ""))
    return Policy(known, name, share, targets, ladder, calendars, quiet, digests, watch), slips.found


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise BadInput("policy.risk_share", f"「{value}」不是 0 与 1 之间的数", "临期占时限两成时写 0.2")
    return float(value)


def _ladder(value: object, slips: read.Slips) -> tuple[Rung, ...]:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - a desk and somebody above it
        slips.found.append(BadInput("ladder", "至少要有前台和一级上移", "请照随附的 policy.toml 补上"))
        return ()
    return tuple(slips.take(Rung(place, "", "", 0), _rung, place, each) for place, each in enumerate(value))


def _rung(place: int, value: object) -> Rung:
    field = f"ladder[{place}]"
    entry = read.table(field, value)
    if entry.get("level") != place:
        raise BadInput(f"{field}.level", f"「{entry.get('level')}」次序不对", "层级从 0 起逐级加一")
    role = str(entry.get("role"))
    if role not in RANKS:
        raise BadInput(f"{field}.role", f"「{role}」不能接手工单", f"可用的有 {'、'.join(RANKS)}")
    due = read.seconds(f"{field}.acknowledge", entry.get("acknowledge", "")) if place else 0
    offset = read.seconds(f"{field}.offset", entry["offset"]) if "offset" in entry else 0
    return Rung(place, str(entry.get("name", "")), role, due, offset)


class _Targets:
    """Reads [clocks]: each target and its exceptions."""

    def __init__(self, slips: read.Slips, calendars: Mapping[str, Calendar], top: int) -> None:
        self._slips, self._take = slips, slips.take
        self._calendars, self._top = calendars, top

    def all(self, value: object) -> dict[str, Target]:
        """Every clock's target; those that bring their own due time are there also where the file does not name them."""
        found = {name: Target(name, 0, source) for name, source in DATED.items()}
        entry = self._take(read.NOTHING, read.table, "clocks", value)
        missing = [name for name in _REQUIRED if name not in entry]
        if missing and isinstance(value, Mapping):
            self._slips.found.append(
                BadInput("clocks", f"缺少 {'、'.join(missing)}", "请照随附的 policy.toml 补上")
            )
        self._slips.known("clocks", entry, CLOCKS)
        for name, each in entry.items():
            if name in CLOCKS:
                found[name] = self._target(name, each)
        return {name: found[name] for name in CLOCKS if name in found}

    def _target(self, name: str, value: object) -> Target:
        field = f"clocks.{name}"
        entry = self._take(None, read.table, field, value)
        base = Target(name, 0, DATED.get(name, name))
        if entry is None:
            return base
        self._slips.known(field, entry, (*_ENTRIES, "rules"))
        base = self._line(field, entry, base)
        rules = entry.get("rules", [])
        if not isinstance(rules, list):
            problem, remedy = "不是一列规则", f"每条写成 [[{field}.rules]]"
            self._slips.found.append(BadInput(f"{field}.rules", problem, remedy))
            return base
        found = (self._rule(f"{field}.rules[{place}]", each, base) for place, each in enumerate(rules))
        return base._replace(rules=tuple(found))

    def _rule(self, field: str, value: object, base: Target) -> Target:
        entry = self._take(read.NOTHING, read.table, field, value)
        self._slips.known(field, entry, _ENTRIES)
        return self._line(field, entry, base._replace(kinds=(), priorities=(), categories=(), channels=()))

    def _line(self, field: str, entry: read.Table, base: Target) -> Target:
        """A target by one table; what it does not say is as in `base`."""
        take, seconds, urgent = self._take, base.seconds, base.urgent_seconds
        if base.clock not in DATED and ("span" in entry or not seconds):
            seconds = take(seconds, read.seconds, f"{field}.span", entry.get("span", ""))
        if entry.get("urgent_span") is not None:
            urgent = take(urgent, read.seconds, f"{field}.urgent_span", entry["urgent_span"])
        if "when" in entry:
            base = self._when(f"{field}.when", entry["when"], base)
        return base._replace(
            seconds=seconds,
            source=str(entry.get("source", base.source)),
            urgent_seconds=urgent,
            urgent_source=str(entry.get("urgent_source", base.urgent_source)),
            escalate_to=take(
                0, self._level, f"{field}.escalate_to", entry.get("escalate_to", base.escalate_to)
            ),
            calendar=take(None, self._calendar, field, base, entry.get("calendar")),
        )

    def _level(self, field: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0 or -1 < self._top < value:
            raise BadInput(field, f"「{value}」不是层级", f"请写 0（不上移）到 {self._top}")
        return value

    def _when(self, field: str, value: object, base: Target) -> Target:
        """For which tickets."""
        take = self._take
        when = take(read.NOTHING, read.table, field, value)
        self._slips.known(field, when, _WHEN)
        return base._replace(
            kinds=take((), read.names, f"{field}.kind", when.get("kind", []), KINDS),
            priorities=take((), read.names, f"{field}.priority", when.get("priority", []), PRIORITIES),
            channels=take((), read.names, f"{field}.channel", when.get("channel", []), CHANNELS),
            categories=take((), read.categories, f"{field}.category", when.get("category", [])),
        )

    def _calendar(self, field: str, base: Target, name: object) -> Calendar | None:
        if name is None:
            return base.calendar
        if name == read.ALWAYS:
            return None
        if base.clock in ROUND:
            raise BadInput(
                f"{field}.calendar", f"「{CLOCKS[base.clock]}」昼夜都计时，不能用日历", "请删去这一行"
            )
        if str(name) not in self._calendars:
            known = "、".join((read.ALWAYS, *self._calendars))
            raise BadInput(
                f"{field}.calendar", f"没有日历「{name}」", f"可用的有 {known}，或补上 [calendar.{name}]"
            )
        return self._calendars[str(name)]


def _quiet(value: object, slips: read.Slips) -> Quiet:
    entry, usual = slips.take(read.NOTHING, read.table, "quiet", value), Quiet()
    slips.known("quiet", entry, ("from", "to"))
    start = slips.take(usual.start, read.hour, "quiet.from", entry.get("from", "21:00")) % DAY
    end = slips.take(usual.end, read.hour, "quiet.to", entry.get("to", "08:00")) % DAY
    if start == end:
        slips.found.append(BadInput("quiet.to", "与 from 是同一时刻", "请写免打扰结束的钟点，如 08:00"))
    return Quiet(start, end)


def _digests(value: object, slips: read.Slips) -> tuple[int, ...]:
    entry = slips.take(read.NOTHING, read.table, "digest", value)
    slips.known("digest", entry, ("at",))
    hours = entry.get("at", ["08:30", "17:30"])
    if not isinstance(hours, list) or not hours:
        slips.found.append(BadInput("digest.at", "不是一列钟点", '请写成 ["08:30", "17:30"]'))
        return DIGESTS
    return tuple(sorted({slips.take(0, read.hour, "digest.at", each) % DAY for each in hours}))


def _watch(value: object, slips: read.Slips) -> Watch:
    entry, usual = slips.take(read.NOTHING, read.table, "watch", value), Watch()
    slips.known("watch", entry, usual._fields)

    def span(name: str, default: int) -> int:
        field = f"watch.{name}"
        return slips.take(default, read.seconds, field, entry[name]) if name in entry else default

    over = entry.get("digest_over", usual.digest_over)
    hint = "超过几条就合成一份汇总，如 5"
    count = slips.take(usual.digest_over, read.whole, "watch.digest_over", over, 1, 1000, hint)
    return Watch(span("remind_every", usual.remind_every), count, span("lease", usual.lease))


_WHEN = ("kind", "category", "priority", "channel")
_ENTRIES = ("span", "source", "when", "calendar", "urgent_span", "urgent_source", "escalate_to")
