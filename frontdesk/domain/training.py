"""How a role-play is scored (R-000-08): out of 100, on what was done, what must not be said or done, promises and time.

A drill comes from `drill`; what the trainee answers is read by `replies` and judged one question at a time, so that a
practice can say at once what would have been right. Nothing here knows a clock: seconds come with the answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from frontdesk.domain.coaching import Line
from frontdesk.domain.drill import HAND_UP, Drill, Option, Question, time_rule
from frontdesk.domain.errors import BadInput
from frontdesk.domain.likeness import likeness
from frontdesk.domain.phrases import blanks, fill
from frontdesk.domain.playbook import BLANK, Handbook, Limit, Phrase
from frontdesk.domain.replies import Answer, told, wanted
from frontdesk.domain.wording import holds

AREAS: Final = {
    "do": ("该做的", 40),
    "never": ("忌说忌做", 20),
    "promise": ("承诺", 20),
    "time": ("时限", 20),
}
"""What is scored: its label, and its share of the 100."""

PASS: Final = 85
"""A forbidden promise costs its whole share, so that nobody passes with one."""

FORBIDDEN, VAGUE, NEVER = 20, 10, 10
"""What a forbidden promise, a promise without a time, and a thing never said or done cost; an area loses at most itself."""

FITS, CLOSE = 0.06, 0.2
"""Likeness from which a typed sentence counts for something, and from which it counts whole; fitted on sentences of both
sorts in the tests."""

_WEIGHTS: Final = {"limit": 3, "say": 1, "ring": 1, "stand": 1}


class Loss(NamedTuple):
    """Points lost in an area: the rule (R-S5-01 T12), what was wrong, and the words that would have been right."""

    area: str
    points: float
    rule: str
    problem: str
    instead: str = ""


class Verdict(NamedTuple):
    """One answer judged: what it lost, and the coach's lines that it followed."""

    losses: tuple[Loss, ...]
    followed: tuple[Line, ...] = ()


class Score(NamedTuple):
    """A whole drill: points out of 100 and by area, what was lost, what was followed, how many questions were left."""

    points: int
    areas: dict[str, int]
    losses: tuple[Loss, ...]
    followed: tuple[str, ...]
    left: int
    seconds: int

    @property
    def passed(self) -> bool:
        """Played to the end, and good enough."""
        return not self.left and self.points >= PASS


# Judging one answer.


def judge(handbook: Handbook, drill: Drill, question: Question, given: Answer) -> Verdict:
    """What this answer loses, in points of the drill's 100, and what of the coach it follows."""
    losses: list[Loss] = []
    followed: tuple[Line, ...] = ()
    if question.limit is not None:
        losses += _limit(drill, question.limit, given)
    elif given.option is not None:
        losses += _chosen(drill, question, given.option)
    elif question.kind == "say":
        losses += _typed(handbook, drill, question, given.text)
    if question.kind == "say":
        followed = _followed(handbook, drill, question, given)
    losses += _late(handbook, drill, question, given.seconds)
    return Verdict(tuple(losses), followed)


def right(question: Question) -> str:
    """The sentence that would have been right here."""
    return next((option.text for option in question.options if not option.fault), "")


def _share(drill: Drill) -> float:
    """Points for doing right in one question."""
    return AREAS["do"][1] / max(1, sum(each.kind in ("say", "stand") for each in drill.questions))


def _tick(drill: Drill) -> float:
    """Points of time that one weight is worth."""
    weights = sum(_WEIGHTS[each.kind] for each in drill.questions) + (_WEIGHTS["limit"] if drill.upset else 0)
    return AREAS["time"][1] / max(1, weights)


def _limit(drill: Drill, limit: Limit, given: Answer) -> list[Loss]:
    if given.number == wanted(limit):
        return []
    problem = f"{limit.label}：您答 {given.text}"
    return [Loss("time", _WEIGHTS["limit"] * _tick(drill), limit.rule, problem, told(limit))]


def _chosen(drill: Drill, question: Question, option: Option) -> list[Loss]:
    if not option.fault:
        return []
    instead, share = right(question), _share(drill)
    problem = f"「{option.text}」{option.fault}"
    if option.area == "do":
        return [Loss("do", share, option.rule, problem, instead)]
    # A word in a time's place is no promise of something forbidden.
    forbidden = option.rule.partition(" ")[2].startswith("切勿")
    cost = NEVER if option.area == "never" else FORBIDDEN if forbidden else VAGUE
    return [
        Loss(option.area, cost, option.rule, problem, instead),
        Loss("do", share, option.rule, "这一步该说的没有说", instead),
    ]


def _typed(handbook: Handbook, drill: Drill, question: Question, text: str) -> list[Loss]:
    advice = handbook.coach(question.step, upset=drill.upset, channel=drill.channel)
    instead = right(question)
    rule = next((each.line.source for each in advice.rules if not each.never), advice.do[0].source)
    losses: list[Loss] = []
    done = _done(handbook, drill, question, text)
    if done < 1:
        problem = "没有说到这一步该说的" if not done else "只说到一部分"
        losses.append(Loss("do", _share(drill) * (1 - done), rule, f"「{_cut(text)}」：{problem}", instead))
    losses += _forbidden(handbook, drill, question, text)
    promise = next((phrase for phrase in question.right if phrase.needs), None)
    if question.step == "promise" and promise is not None and not _says_when(promise, text):
        losses.append(Loss("promise", VAGUE, time_rule(advice), "没有说到几点，不算约定", instead))
    return losses


def _forbidden(handbook: Handbook, drill: Drill, question: Question, text: str) -> list[Loss]:
    """What of the never-promise marks, the forbidden words and the coach's quoted nevers stands in the sentence."""
    known = {phrase.id: phrase for phrase in handbook.phrases}
    losses: list[Loss] = []
    for each in drill.case.unsayable:
        own = each.scenario in (None, drill.scenario.id)
        if own and (any(holds(word, text) for word in each.words) or each.text.rstrip("。") in text):
            said = known.get(each.instead)
            instead = BLANK.sub(r"〔\1〕", said.text) if said else right(question)
            problem = f"「{_cut(text)}」{each.why}"
            losses.append(Loss("promise", FORBIDDEN, f"{each.id} 切勿说", problem, instead))
    for found in handbook.words.found(text):
        promise = "承诺" in found.label or "时间" in found.label
        area, cost = ("promise", VAGUE) if promise else ("never", NEVER)
        losses.append(Loss(area, cost, f"禁语 {found.label}", f"说了「{found.word}」", right(question)))
    advice = handbook.coach(question.step, upset=drill.upset, channel=drill.channel)
    for line in advice.never:
        for quoted in re.findall("「([^」]+)」", line.text):
            if quoted in text and not any(quoted in loss.problem for loss in losses):
                losses.append(Loss("never", NEVER, f"{line.source} 忌", f"说了「{quoted}」", right(question)))
    return losses


def _says_when(promise: Phrase, text: str) -> bool:
    """Whether some clause of the sentence would pass as the time of a promise (X5)."""
    for clause in re.split("[，。；！？,;!?]", text):
        try:
            fill(promise, dict.fromkeys(blanks(promise), clause))
        except BadInput:
            continue
        return True
    return False


def _late(handbook: Handbook, drill: Drill, question: Question, seconds: int) -> list[Loss]:
    if not question.seconds or seconds <= question.seconds:
        return []
    cost = _WEIGHTS[question.kind] * _tick(drill)
    if question.kind == "ring":
        rules = handbook.coach("opening", upset=drill.upset, channel=drill.channel).rules
        rule = next((f"{each.line.source} T8" for each in rules if each.time == "T8"), "T8")
        return [Loss("time", cost, rule, f"铃响 {seconds} 秒才接", "三声以内接起")]
    if question.step == "emergency":
        return [Loss("time", cost, "R-001-10", f"人命关天，{seconds} 秒才开口", right(question))]
    hold = next((guide for guide in handbook.guides if guide.step == "hold"), None)
    ask = hold.phrases[0].text if hold else ""
    return [Loss("time", cost, "请稍等 一分钟", f"让业主干等了 {seconds} 秒", ask)]


# Whether a typed sentence does what the step asks for.


def _done(handbook: Handbook, drill: Drill, question: Question, text: str) -> float:
    """How far a typed sentence does what this step asks for, 0 to 1."""
    advice = handbook.coach(question.step, upset=drill.upset, channel=drill.channel)
    words = [*(phrase.text for phrase in question.right), right(question)]
    if question.step == "restate":
        words += [drill.scenario.title, *drill.scenario.expects]
    alike = [likeness(handbook, text, each) for each in words]
    # The coach's lines name a deed (把理解说出口), so that a single word of theirs is a sign of it.
    alike += [likeness(handbook, text, line.text, least=1) for line in advice.do]
    best = max(alike, default=0.0)
    return min(1.0, max(0.0, (best - FITS) / (CLOSE - FITS)))


def _followed(handbook: Handbook, drill: Drill, question: Question, given: Answer) -> tuple[Line, ...]:
    """The coach's lines that the answer follows: by the phrase chosen, or by likeness."""
    if given.option is not None and given.option.fault:
        return ()
    advice = handbook.coach(question.step, upset=drill.upset, channel=drill.channel)
    known = {phrase.id: phrase.text for phrase in handbook.phrases}

    def follows(line: Line) -> bool:
        if given.option is not None and given.option.phrase in line.say:
            return True
        texts = [line.text, *(known[name] for name in line.say if name in known)]
        return any(likeness(handbook, given.text, text) >= CLOSE for text in texts)

    return tuple(line for line in advice.do if follows(line))


# The whole.


def score(handbook: Handbook, drill: Drill, given: Sequence[Answer]) -> Score:
    """The score of the answers, one for each question from the first; unanswered ones earn nothing.

    An upset owner must have been offered somebody higher within five minutes (R-S1-07, T11).
    """
    losses: list[Loss] = []
    followed: list[str] = []
    elapsed = 0
    for question, each in zip(drill.questions, given, strict=False):
        verdict = judge(handbook, drill, question, each)
        losses += verdict.losses
        followed += [line.source for line in verdict.followed]
        elapsed += each.seconds
        if drill.upset and question.step == "escalate" and elapsed > HAND_UP:
            cost = _WEIGHTS["limit"] * _tick(drill)
            problem = f"业主一直激动，{elapsed // 60} 分钟后才提出请上级来"
            losses.append(Loss("time", cost, "R-S1-07 T11", problem, right(question)))
    rest = drill.questions[len(given) :]
    losses += _unanswered(drill, rest)
    left = {
        area: max(0.0, full - sum(loss.points for loss in losses if loss.area == area))
        for area, (_label, full) in AREAS.items()
    }
    return Score(
        int(sum(left.values()) + 0.5),
        {area: int(points + 0.5) for area, points in left.items()},
        tuple(losses),
        tuple(dict.fromkeys(followed)),
        len(rest),
        elapsed,
    )


def _unanswered(drill: Drill, rest: Sequence[Question]) -> list[Loss]:
    """What was not played earns nothing in any area."""
    part = len(rest) / len(drill.questions)
    words = f"还有 {len(rest)} 题没有答"
    return [Loss(area, full * part, "R-000-08", words) for area, (_label, full) in AREAS.items() if rest]


def result(drill: Drill, given: Sequence[Answer], found: Score) -> dict[str, Any]:
    """A drill as it is kept: identifiers, points, each loss with its rule, each answer with its seconds."""
    return {
        "scenario": drill.scenario.id,
        "title": f"{drill.case.title}：{drill.scenario.title}",
        "channel": drill.channel,
        "upset": drill.upset,
        "score": found.points,
        "areas": found.areas,
        "losses": [
            {
                "area": loss.area,
                "points": round(loss.points, 1),
                "rule": loss.rule,
                "problem": loss.problem,
                "instead": loss.instead,
            }
            for loss in found.losses
        ],
        "followed": list(found.followed),
        "seconds": found.seconds,
        "left": found.left,
        "answers": [
            {"kind": question.kind, "step": question.step, "said": each.text, "seconds": each.seconds}
            for question, each in zip(drill.questions, given, strict=False)
        ],
    }


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004
