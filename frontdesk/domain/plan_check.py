"""The emergency plans as texts: which line is wrong, and how a manager's copy stands in for a shipped file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from frontdesk.domain.categories import Categories
from frontdesk.domain.digest import sha256
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook_check import Problem, located, torn
from frontdesk.domain.plans import Plan, parse_plan
from frontdesk.domain.playbook import Handbook


@dataclass(frozen=True, slots=True)
class ReadPlans:
    """The plans by id in their order, and what is wrong with the files; what is wrong was left out, never half used."""

    plans: Mapping[str, Plan]
    problems: tuple[Problem, ...]


def read_plans(shipped: Mapping[str, str], own: Mapping[str, str]) -> ReadPlans:
    """The plans of the shipped texts (file name → text), each replaced by the manager's own of that name.

    An own file that is not in order is told and its shipped one used, so that nobody's slip takes a plan away; a
    department or category that nobody knows is for `check_plans` to tell and keeps no plan from being opened.
    `BadInput` only where the shipped files themselves are not in order.
    """
    ours, wrong = _parse(shipped, None, None, own=False)
    if wrong:
        raise BadInput(wrong[0].file, wrong[0].problem, wrong[0].remedy)
    theirs, wrong = _parse(own, None, None, own=True)
    found = sorted((ours | theirs).values(), key=lambda plan: (plan.order, plan.id))
    return ReadPlans({plan.id: plan for plan in found}, tuple(wrong))


def check_plans(
    shipped: Mapping[str, str], own: Mapping[str, str], categories: Categories, book: Handbook
) -> tuple[Problem, ...]:
    """Everything that is wrong, by file and line: entries, departments, cases, forbidden words in what is spoken."""
    problems: list[Problem] = []
    for texts, is_own in ((shipped, False), (own, True)):
        plans, wrong = _parse(texts, categories, book, own=is_own)
        problems += wrong
        for plan in plans.values():
            name = f"{plan.id}.toml"
            problems += _forbidden(plan, name, texts[name], book, own=is_own)
    return tuple(sorted(problems, key=lambda each: (each.own, each.file, each.line)))


def _parse(
    texts: Mapping[str, str], categories: Categories | None, book: Handbook | None, *, own: bool
) -> tuple[dict[str, Plan], list[Problem]]:
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for name in sorted(texts):
        try:
            document = tomllib.loads(texts[name])
        except tomllib.TOMLDecodeError as error:
            problems.append(torn(name, texts[name], error, own=own))
            continue
        plan, wrong = parse_plan(
            name,
            document,
            categories.departments if categories else None,
            categories.all if categories else None,
            book.cases if book else None,
        )
        problems += [located(each, texts[name], own=own, file=name) for each in wrong]
        if plan is not None:
            plans[plan.id] = plan._replace(version=version(texts[name]))
    return plans, problems


def version(text: str) -> str:
    """Of a plan's words: twelve hex digits, the same for the same words whatever the line ends."""
    return sha256("\n".join(text.splitlines()).encode()).hexdigest()[:12]


def _forbidden(plan: Plan, name: str, text: str, book: Handbook, *, own: bool) -> Iterator[Problem]:
    lines = text.splitlines()
    for entry, said in plan.spoken():
        for found in book.words.found(said):
            line = next((number for number, each in enumerate(lines, 1) if said in each), 0)
            yield Problem(
                name, line, entry, f"有不能说的话「{found.word}」（{found.label}）", found.remedy, own
            )
