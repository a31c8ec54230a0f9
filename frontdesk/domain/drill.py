"""A case of the handbook as a role-play (R-000-08): what the owner says, what is asked of the trainee, what she can choose.

Everything comes from the handbook. Right choices are its phrases for the step; wrong ones what it marks as not to be said or
done, a promise without a time, and phrases that belong elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from frontdesk.domain.coaching import Advice
from frontdesk.domain.errors import BadInput
from frontdesk.domain.owner import Scene, answered, limit_asked, owner_line, spoken
from frontdesk.domain.phrases import moment
from frontdesk.domain.playbook import BLANK, STEPS, TIMES, Case, Handbook, Limit, Phrase, Scenario
from frontdesk.domain.timing import HOUR, MINUTE, Instant

CHOICES: Final = 4
RING: Final = 5
"""Seconds from one ring to the next (1 s of tone, 4 s of silence)."""

PICK_UP: Final = 3 * RING
"""Seconds within which a call is answered (T8)."""

SILENCE: Final = 60
"""Seconds after which somebody who waits for an answer is told so, as the guide for holding has it."""

HAND_UP: Final = 300
"""Seconds after which an owner who is still upset is handed up at the latest (T11)."""

UPSET: Final = re.compile("生气|激动|愤|失职|道歉|说法|解释|赔偿|尊重|涨价")
"""Words of a title or an expectation that come with an upset owner (R-S1-06)."""

_HANDED_UP: Final = re.compile("上报|领导|主任")
_FORWARD: Final = 2 * HOUR
_ELSEWHERE: Final = ("progress", "follow_up", "closing")


class Option(NamedTuple):
    """A choice: right where `fault` is empty; `area` is one of `training.AREAS`, `phrase` the id of the phrase said."""

    text: str
    fault: str = ""
    area: str = "do"
    rule: str = ""
    phrase: str = ""


class Question(NamedTuple):
    """One thing that is asked.

    `kind`: `ring` (lift the call), `stand` (how to meet a visitor), `say` (what to say in `step`), `limit` (a number).
    `heard` is what the trainee hears or sees, `right` the phrases that fit, the shown one first; `seconds` the time for
    the answer, 0 for any.
    """

    kind: str
    step: str
    heard: str
    asked: str
    options: tuple[Option, ...] = ()
    right: tuple[Phrase, ...] = ()
    limit: Limit | None = None
    seconds: int = 0


class Drill(NamedTuple):
    """One scenario to be played; `channel` is phone or walk_in."""

    case: Case
    scenario: Scenario
    upset: bool
    channel: str
    questions: tuple[Question, ...]


def choose(handbook: Handbook, name: str) -> tuple[str, ...]:
    """The scenarios of a case (`A1`) or the one named (`a1-2`), by id; `BadInput` where there is none."""
    wanted = name.strip().upper()
    case = handbook.cases.get(wanted.partition("-")[0])
    found = [each.id for each in case.scenarios if wanted in (case.id, each.id)] if case else []
    if not found:
        remedy = f"案例有：{'、'.join(handbook.cases)}；情景写成 A1-2 这样，见 frontdesk train --list"
        raise BadInput("案例", f"没有「{name[:20]}」", remedy)
    return tuple(found)


def draw(handbook: Handbook, count: int, seed: int) -> tuple[str, ...]:
    """`count` different scenarios for an exam, the same for the same seed (R-000-08); `BadInput` for more than there are."""
    known = [scenario.id for case in handbook.cases.values() for scenario in case.scenarios]
    if not 0 < count <= len(known):
        raise BadInput("考几题", f"「{count}」不行", f"手册里有 {len(known)} 个情景，请填 1 到 {len(known)}")
    return tuple(random.Random(seed).sample(known, count))


def drill(handbook: Handbook, scenario: str, *, seed: int, now: Instant, site: str) -> Drill:
    """The role-play of a scenario; the same for the same handbook, seed and `now` (UTC seconds).

    `site` is the estate's name, as the phrases say it.
    """
    return _Writer(handbook, scenario, random.Random(f"{seed} {scenario}"), now, site).drill()


class _Writer:
    """Writes one role-play."""

    def __init__(
        self, handbook: Handbook, scenario: str, chance: random.Random, now: Instant, site: str
    ) -> None:
        self.book, self.chance = handbook, chance
        self.case, self.scene = next(
            (case, each) for case in handbook.cases.values() for each in case.scenarios if each.id == scenario
        )
        self.urgent = bool(self._own("emergency"))
        self.upset = bool(UPSET.search("".join((self.scene.title, *self.scene.expects)))) and not self.urgent
        self.channel = "phone" if self.urgent else chance.choice(("phone", "walk_in"))
        time = moment((now + _FORWARD) // (30 * MINUTE) * (30 * MINUTE), now)
        self.blanks = {
            "称呼": "王女士",
            "小区": site,
            "工号": "8",
            "事项": answered(self.scene.title),
            "诉求": answered(self.scene.expects[0]),
            "上级": "客服主任",
            **dict.fromkeys(TIMES, time),
        }
        self.time = time
        self.shown: set[str] = set()

    def drill(self) -> Drill:
        questions = [self._meeting(), *map(self._say, self._steps()), *self._limits()]
        return Drill(self.case, self.scene, self.upset, self.channel, tuple(filter(None, questions)))

    def _steps(self) -> list[tuple[str, int]]:
        """The steps of this call, each with the place of its turn in it; people's safety comes before manners (R-001-10)."""
        if self.urgent:
            first = [("emergency", turn) for turn in range(min(2, len(self._own("emergency"))))]
            return [*first, *((step, 0) for step in ("empathy", "solve", "promise", "closing"))]
        steps = ["opening", "empathy", "restate", "solve", "promise"]
        if self.upset or any(
            each.who == "前台" and _HANDED_UP.search(each.do) and not each.internal
            for each in self.scene.steps
        ):
            steps.append("escalate")
        return [(step, 0) for step in (*steps, "closing")]

    # What is asked.

    def _meeting(self) -> Question | None:
        if self.channel == "phone":
            return Question("ring", "opening", "（电话铃响了。）", "三声以内接起：按回车。", seconds=PICK_UP)
        advice = self._advice("opening")
        other = self.book.coach("opening", upset=not self.upset, channel=self.channel)
        right = [each.line for each in advice.rules if each.mood and each.time]
        wrong = [each.line for each in other.rules if each.mood and each.time]
        rule = time_rule(advice)
        if not right or not wrong:
            return None
        mood = "脸色铁青，嗓门很大" if self.upset else "神色平静"
        options = [Option(right[0].text)]
        options += [Option(line.text, "这是接待另一种心情的业主的站法", "do", rule) for line in wrong[:1]]
        options += self._nevers(advice, CHOICES - len(options))
        return Question(
            "stand",
            "opening",
            f"（业主走到柜台前，{mood}。）",
            "您怎么接待？",
            self._shuffled(options),
            seconds=SILENCE,
        )

    def _say(self, turn: tuple[str, int]) -> Question:
        step, place = turn
        right = self._right(step, place)
        heard = owner_line(self._scene(step, place))
        if right[0].confirm:
            heard += f"\n（{right[0].confirm}刚回话：{self.time}能办好。）"
        return Question(
            "say",
            step,
            heard,
            f"【{STEPS[step]}】您怎么说？",
            self._shuffled([Option(self._filled(right[0]), phrase=right[0].id), *self._wrong(step, right)]),
            right,
            seconds=SILENCE,
        )

    def _scene(self, step: str, turn: int) -> Scene:
        wants = tuple(map(spoken, self.scene.expects))
        matter = spoken(self.scene.title)
        return Scene(step, turn, self.case.title, matter, wants, self.upset, self.urgent, self.channel)

    def _limits(self) -> Iterator[Question]:
        for limit in self.case.limits:
            if limit.scenario in (None, self.scene.id):
                yield Question("limit", "", "", limit_asked(limit), limit=limit)

    # What can be chosen.

    def _own(self, step: str) -> list[Phrase]:
        """The case's phrases for this step of this scenario, the scenario's own first."""
        found = [p for p in self.case.phrases if p.step == step and p.scenario in (None, self.scene.id)]
        return sorted(found, key=lambda phrase: phrase.scenario is None)

    def _right(self, step: str, place: int) -> tuple[Phrase, ...]:
        """What fits: the case's own words, else those that the coach gives for the step; the one to show first."""
        known = {phrase.id: phrase for phrase in self.book.phrases}
        advice = self._advice(step)
        ruled = [rule.line for rule in sorted(advice.rules, key=lambda rule: rule.channel != self.channel)]
        always = [
            rule.line
            for standard in self.book.standards
            for rule in standard.rules
            if step in rule.steps and rule.channel == self.channel
        ]
        said = (known.get(name) for line in (*ruled, *advice.do, *always) for name in line.say)
        general = [each for each in said if each is not None and each.step == step]
        own = self._own(step)
        shown = [each for each in (own or general) if not each.when]
        if step == "emergency":
            shown = shown[place:]
        first = shown[:1] or own[:1] or [self._guide(step)[0]]
        return tuple(dict.fromkeys([*first, *own, *general, *self._guide(step)]))

    def _guide(self, step: str) -> tuple[Phrase, ...]:
        return next(guide.phrases for guide in self.book.guides if guide.step == step)

    def _wrong(self, step: str, right: tuple[Phrase, ...]) -> list[Option]:
        """Three wrong choices, what is most tempting first."""
        advice = self._advice(step)
        found = [*self._unsayable(step), *self._vague(step, right[0], advice), *self._forbidden(step)]
        nevers = self._nevers(advice, CHOICES)
        found = [*found[: CHOICES - 2], *nevers[:1], *self._elsewhere(step, advice), *nevers[1:]]
        texts = {self._filled(phrase) for phrase in right}
        wrong = [option for option in found if option.text not in texts][: CHOICES - 1]
        self.shown.update(option.phrase for option in wrong)
        return wrong

    def _unsayable(self, step: str) -> Iterator[Option]:
        """What the case marks, in the step in which the right words for it are said."""
        played = {name for name, _ in self._steps()}
        known = {phrase.id: phrase.step for phrase in self.book.phrases}
        for each in self.case.unsayable:
            at = known.get(each.instead, "")
            if each.scenario in (None, self.scene.id) and step == (at if at in played else "solve"):
                yield Option(each.text, each.why, "promise", f"{each.id} 切勿说", each.instead)

    def _vague(self, step: str, phrase: Phrase, advice: Advice) -> Iterator[Option]:
        """The right promise with a word in the place of its time (X5)."""
        vague = [
            word
            for group in self.book.words.groups
            for word in group.words
            if "时间" in group.label and len(word) <= 3  # noqa: PLR2004 - longer ones are whole clauses
        ]
        if step == "promise" and vague and phrase.needs:
            word = self.chance.choice(vague)
            text = re.sub(rf"(?:预计)?\{{(?:{'|'.join(phrase.needs)})\}}前?", word, phrase.text)
            yield Option(
                self._fill(text), f"「{word}」不是时间，要说到钟点", "promise", time_rule(advice), phrase.id
            )

    def _forbidden(self, step: str) -> Iterator[Option]:
        """Deeds that the scenario forbids, told and not spoken."""
        if step == "promise":
            for line in self.scene.never_promise[:1]:
                yield Option(
                    f"（当场答应他：{line}）", f"切勿承诺：{line}", "promise", f"{self.scene.id} 切勿承诺"
                )
        if step == "solve":
            for line in self.scene.never_mention[:1]:
                head = re.split("[：:]", line)[0]
                yield Option(
                    f"（主动说起：{head}）", f"切勿提起：{line}", "promise", f"{self.scene.id} 切勿提起"
                )

    def _nevers(self, advice: Advice, count: int) -> list[Option]:
        lines = list(advice.never)
        picked = self.chance.sample(lines, min(count, len(lines)))
        return [
            Option(f"（{line.text.rstrip('。')}）", "这是忌做的", "never", line.source) for line in picked
        ]

    def _elsewhere(self, step: str, advice: Advice) -> Iterator[Option]:
        """Phrases of the case's other scenarios, of cases of another sort, and of steps that have not come yet."""
        rule = next((each.line.source for each in advice.rules), advice.do[0].source)
        here = (None, self.scene.id)
        strange = [
            (p, f"这是另一种情形（{p.scenario}）的话")
            for p in self.case.phrases
            if p.step == step and p.scenario not in here
        ]
        other = [
            (p, f"这句是「{STEPS[p.step]}」时说的，还没到那一步")
            for p in self.case.phrases
            if p.step in _ELSEWHERE and p.step != step and p.scenario in here
        ]
        # Vehicles (A) and the building (B): within one sort, a phrase of another case may well fit.
        other += [
            (p, f"这是「{case.title}」的话，答非所问")
            for case in self.book.cases.values()
            if case.id[:1] != self.case.id[:1]
            for p in case.phrases
            if p.step == step
        ]
        for found in (strange, other):
            fresh = [(phrase, fault) for phrase, fault in found if phrase.id not in self.shown]
            for phrase, fault in self.chance.sample(fresh, len(fresh)):
                yield Option(self._filled(phrase), fault, "do", rule, phrase.id)

    def _advice(self, step: str) -> Advice:
        return self.book.coach(step, upset=self.upset, channel=self.channel)

    def _filled(self, phrase: Phrase) -> str:
        return self._fill(phrase.text)

    def _fill(self, text: str) -> str:
        """The sentence with what is known; the rest stays to be seen as a blank."""
        return BLANK.sub(lambda match: self.blanks.get(match[1], f"〔{match[1]}〕"), text)

    def _shuffled(self, options: Iterable[Option]) -> tuple[Option, ...]:
        found = list(options)
        self.chance.shuffle(found)
        return tuple(found)


def time_rule(advice: Advice) -> str:
    """The rule that wants a real time in this step, with its number: `R-S5-01 T12`."""
    return next((f"{rule.line.source} {rule.time}" for rule in advice.rules if rule.time), "T12")
