"""The second ear: what a note sounds like although no rule names it."""

from __future__ import annotations

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.classify import classify
from frontdesk.domain.ear import (
    DEAF,
    MUTE,
    POINTS,
    SHORT,
    SILENT,
    Ear,
    Voice,
    Voices,
    grams,
    hear,
    loudness,
    named,
    parse_ear,
    score,
    sounds,
    unlike,
)
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import DANGERS as KNOWN
from frontdesk.domain.terms import KINDS, PRIORITIES
from tests.builders import categories, suggest
from tests.domain.calls import (
    DANGERS,
    HEARD,
    NEAR,
    UNHEARD,
    UNHEARD_DANGERS,
    UNHEARD_MESSAGES,
    UNHEARD_NEAR,
)

VOICE = Voice(-2.0, {"轰": 3.0, "一声": 4.0, "谢谢": -9.0})
EAR = Ear(VOICE)
TWO = Voices(("help", "enquiry"), (0.0, 0.0), {"绺": array("b", [40, 0]), "嘞": array("b", [0, 40])})


def test_a_text_is_its_characters_and_pairs_and_marks_part_them() -> None:
    assert list(grams("轰一声，ab门")) == [
        ("轰", 0),
        ("一", 1),
        ("轰一", 0),
        ("声", 2),
        ("一声", 1),
        ("门", 6),
    ]


def test_hears_the_weightiest_words_where_they_stand() -> None:
    found = hear("那边轰的一声", EAR)
    assert found is not None
    assert (found.words, found.position) == ("轰 + 一声", 4)
    assert hear("那边轰的一声，谢谢", EAR) is None
    assert hear("那边很好", EAR) is None
    assert named("一声轰", VOICE.weigh) == "一声 + 轰" and named("很好", VOICE.weigh) == ""


@given(st.text(), st.text())
def test_the_deaf_hear_nothing_and_a_repetition_is_not_louder(text: str, more: str) -> None:
    assert hear(text, DEAF) is None and sounds(text, SILENT) == {}
    once, twice = ({gram for gram, _ in grams(each)} for each in (text, f"{text} {text}"))
    assert score(twice, VOICE) == pytest.approx(score(once, VOICE))


@given(st.text(alphabet="绺嘞门一", min_size=1, max_size=60))
def test_a_text_sounds_more_like_one_thing_only_where_it_sounds_less_like_another(text: str) -> None:
    found = sounds(text, TWO)
    known = {gram for gram, _ in grams(text)} & {"绺", "嘞"}
    assert bool(found) == bool(known)
    if len(known) == 1:
        loud, quiet = ("help", "enquiry") if known == {"绺"} else ("enquiry", "help")
        assert found[loud] > 0 > found[quiet]


def test_a_long_note_is_heard_less_because_the_rules_have_more_to_find() -> None:
    assert loudness("") == loudness("门" * SHORT) == 1.0
    assert loudness("门" * SHORT * 4) == 0.25
    short, long = (sounds("绺" + "，" * marks, TWO)["help"] for marks in (0, SHORT * 2 - 1))
    assert 0 < short < POINTS * 4 and long == pytest.approx(short / 2)


AFRAID = parse_ear({"danger": {"start": -10, "90": "绺绺"}})


def test_what_is_heard_is_judged_like_any_danger() -> None:
    found = classify("绺绺", categories(), AFRAID)
    assert found.priority == "urgent" and any("听着像险情：绺绺" in reason for reason in found.reasons)
    for calm in ("没有绺绺", "去年绺绺过", "万一绺绺怎么办", "绺绺演练几点"):
        assert classify(calm, categories(), AFRAID).priority != "urgent"
    story = "想反映一下小区的管理问题，希望贵处重视，" * 8
    assert classify(f"{story}现在绺绺", categories(), AFRAID).priority != "urgent"


def test_whoever_is_quickest_is_sent_where_nothing_but_the_danger_is_clear() -> None:
    assert classify("绺绺", categories(), AFRAID).category == categories().in_danger


def test_which_danger_it_is_is_heard_where_no_rule_names_it_or_the_whole_says_more() -> None:
    voice, weak = {"start": 0, "90": "绺绺"}, {"start": 0, "90": "嘞嘞"}
    danger = {"start": -10, "90": "绺绺"}
    ear = parse_ear(
        {"danger": danger, "which": {name: voice if name == "stuck" else weak for name in ("hurt", "stuck")}}
    )
    assert classify("绺绺", categories(), ear).dangers == ("stuck",)
    assert classify("绺绺", categories(), AFRAID).dangers == ()
    assert classify("绺绺，我妈晕倒了", categories(), ear).dangers == ("stuck", "hurt")
    assert classify("我妈晕倒了", categories(), ear).dangers == ("hurt",)
    assert classify("去年绺绺过", categories(), ear).dangers == ()


def test_most_dangers_are_told_apart_that_it_was_never_given() -> None:
    heard = [(each, suggest(each.words).dangers) for each in UNHEARD_DANGERS]
    heard = [(each, found) for each, found in heard if found]
    assert len(heard) >= 0.9 * len(UNHEARD_DANGERS)
    assert sum(found[0] in each.kinds for each, found in heard) >= 0.75 * len(heard)


def test_a_word_of_danger_in_a_sentence_that_sounds_like_none_is_high_only() -> None:
    calm = parse_ear({"danger": {"start": 0, "-99": "绺绺 绺"}})
    assert unlike("绺绺着火了", calm) and not unlike("绺绺着火了", DEAF)
    found = classify("绺绺着火了", categories(), calm)
    assert found.priority == "high" and any("整句听着不像险情" in reason for reason in found.reasons)
    assert classify("着火了。绺绺着火了", categories(), calm).priority == "urgent"


def test_a_kind_and_a_category_that_no_rule_names_are_heard_and_said() -> None:
    voice, others = {"start": 0, "90": "绺绺"}, {"start": 0, "90": "嘞嘞"}
    ear = parse_ear(
        {
            "kind": {name: voice if name == "help" else others for name in KINDS},
            "category": {name: voice if name == "违建装修" else others for name in categories().all},
        }
    )
    found = classify("绺绺", categories(), ear)
    assert (found.kind, found.category) == ("help", "违建装修")
    assert found.reasons[:2] == ("违建装修，因为：听着像：绺绺", "求助，因为：听着像：绺绺")
    assert found.kinds[0][0] == "help" and len(found.kinds) == len(KINDS)
    assert classify("电梯坏了，绺绺", categories(), ear).category == "工程维修-电梯"


def test_what_a_house_has_struck_out_is_not_heard() -> None:
    ear = parse_ear({"category": {"没有的": {"start": 0, "90": "绺绺"}}})
    assert classify("绺绺", categories(), ear).category == categories().fallback


def test_a_house_may_do_without_any_part() -> None:
    assert parse_ear({}) == DEAF
    assert parse_ear({"kind": {"help": {"start": 0, "9": "急"}}}).danger == MUTE


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({"danger": {"5": "火"}}, "没有写 start"),
        ({"danger": {"start": 1, "高": "火"}}, "「高」不是分值"),
        ({"danger": {"start": 1, "5": ""}}, "没有写 5"),
        ({"danger": {"start": 1, "5": ["火"]}}, "没有写 5"),
        ({"kind": {"joke": {"start": 1, "5": "哈"}}}, "「joke」不认识"),
        ({"category": {"违建装修": {"5": "哈"}}}, "没有写 start"),
        ({"loud": {"start": 1}}, "不认识「loud」"),
    ],
)
def test_refuses_what_is_written_wrong(file: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        parse_ear(file)


def test_what_the_rules_say_plainly_is_not_heard_beside() -> None:
    loud = Ear(kind=Voices(("complaint", "repair"), (0.0, 0.0), {"城": array("b", [99, -99])}))
    for text, kind in (("城东的灯", "complaint"), ("城东的灯坏了，请派人来修", "repair")):
        found = classify(text, categories(), loud)
        assert found.kind == kind
        assert ("听着像" in found.reasons[1]) == (kind == "complaint")


def test_the_calls_that_measure_it_are_none_of_those_it_was_fitted_on() -> None:
    unheard = [*UNHEARD, *UNHEARD_MESSAGES]
    heard, apart = ({call["utterance"] for call in calls} for calls in (HEARD, unheard))
    assert len(heard) >= 5_600 and len(apart) >= 800 and heard.isdisjoint(apart)
    dangers, others = ({each.words for each in known} for known in (DANGERS, UNHEARD_DANGERS))
    assert {*dangers, *NEAR}.isdisjoint((*others, *UNHEARD_NEAR))
    assert {kind for each in (*DANGERS, *UNHEARD_DANGERS) for kind in each.kinds} <= set(KNOWN)
    known = categories()
    for call in (*HEARD, *unheard):
        assert call["category"] in known.all and call["kind"] in KINDS.values()
        assert call.get("case") is None or call["case"] in known.cases


@pytest.mark.parametrize(
    ("calls", "kind", "category", "priority"),
    [(UNHEARD, 0.84, 0.85, 0.8), (UNHEARD_MESSAGES, 0.88, 0.92, 0.82)],
    ids=["calls", "messages"],
)
def test_what_nobody_fitted_is_understood(
    calls: list[dict[str, Any]], kind: float, category: float, priority: float
) -> None:
    found = [suggest(call["utterance"]) for call in calls]

    def right(axis: str, answers: list[str]) -> float:
        accepted = ((call[axis], *call["accept"].get(axis, ())) for call in calls)
        return sum(answer in each for answer, each in zip(answers, accepted, strict=True)) / len(calls)

    assert right("kind", [KINDS[each.kind] for each in found]) >= kind
    assert right("category", [each.category for each in found]) >= category
    assert right("priority", [PRIORITIES[each.priority] for each in found]) >= priority


def test_a_start_beyond_all_measure_is_borne() -> None:
    loud = parse_ear({"kind": {"help": {"start": 10**6, "9": "急"}, "enquiry": {"start": 0, "9": "问"}}})
    assert classify("急", categories(), loud).kind == "help"
