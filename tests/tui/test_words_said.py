"""What may reach an owner: agreed wordings are marked, forbidden words are refused in blanks and warned of in records."""

from __future__ import annotations

import pytest

from frontdesk.domain.errors import BadInput
from frontdesk.domain.phrases import blanks
from frontdesk.tui import saying
from tests.builders import TEN, House
from tests.tui.stage import stage


async def test_a_record_with_a_promise_that_must_not_be_made_is_saved_with_a_warning(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.press("f5")
        await on.type("跟业主保证今晚一定修好")
        await on.press("f9")
        await on.hears("留意：「")
        assert "不能对业主说" in on.said


async def test_a_policy_question_shows_its_one_agreed_wording(house: House) -> None:
    house.open(text="业委会什么时候成立，怎么办手续")
    async with stage(house) as on:
        await on.until(lambda: on.work.phrases_pane.items)
        phrases = list(on.work.phrases_pane.items)
        agreed = next(place for place, phrase in enumerate(phrases) if phrase.agreed)
        await on.press("f4", *["down"] * agreed)
        await on.sees("统一口径，依据")


def test_a_forbidden_word_in_a_blank_is_refused(house: House) -> None:
    book = house.desk().handbook
    phrase = next(p for p in book.phrases if "{进展}" in p.text and not p.needs and not p.confirm)
    values = {name: "今天师傅来过" for name in blanks(phrase)}
    assert "今天师傅来过" in saying.said(phrase, values, TEN, book.words)[0]
    word = book.words.groups[0].words[0].split("+")[0]
    with pytest.raises(BadInput, match="不能说的话"):
        saying.said(phrase, values | {"进展": word}, TEN, book.words)
