"""Where the handbook's and the emergency plans' files lie: the shipped ones, and the manager's copies in the home."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from frontdesk.desk.kept import Signature, keep, recall
from frontdesk.domain.errors import BadInput
from frontdesk.settings import Settings, shipped

if TYPE_CHECKING:
    from frontdesk.domain.categories import Categories
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.plan_check import ReadPlans
    from frontdesk.domain.playbook import Handbook

FOLDER, PLANS = "handbook", "plans"


class Shelved(NamedTuple):
    """A handbook, and what is wrong with the manager's copies."""

    book: Handbook
    problems: tuple[Problem, ...]


class Shelf:
    """The handbook's two folders. Reads files, never writes them; what they say is kept parsed beside them."""

    def __init__(self, settings: Settings) -> None:
        self.shipped, self.own = shipped(FOLDER), settings.home / FOLDER
        self._kept = settings.cache / "handbook.json"

    def signature(self) -> Signature:
        """Name, size and change time (ns) of every file in both folders: another one, another handbook. No file is
        opened.
        """
        return (*_stats(self.shipped), *_stats(self.own))

    def read(self, categories: Collection[str]) -> Shelved:
        """The handbook, and what is wrong with the manager's copies; `BadInput` where the shipped files are not in
        order.
        """
        files = self.signature()
        if kept := recall(self._kept, files):
            from frontdesk.domain.handbook import parse_handbook

            with suppress(
                BadInput
            ):  # the files themselves have the last word, and say what is wrong with them
                return Shelved(parse_handbook(kept, categories), ())
        return self._read(categories, files)

    def _read(self, categories: Collection[str], files: Signature) -> Shelved:
        import tomllib  # only after an edit

        from frontdesk.domain.handbook_check import Problem, read_handbook

        own, unread = _texts(self.own)
        theirs = [Problem(name, 0, "", problem, remedy, True) for name, problem, remedy in unread]
        ours, unread = _texts(self.shipped)
        if unread:
            raise BadInput(*unread[0])
        found = read_handbook(ours, own, categories)
        if not theirs and not found.problems:
            keep(self._kept, files, {name: tomllib.loads(text) for name, text in {**ours, **own}.items()})
        return Shelved(found.book, (*theirs, *found.problems))

    def check(self, categories: Collection[str]) -> tuple[Problem, ...]:
        """Everything that is wrong with any file of either folder."""
        from frontdesk.domain.handbook_check import Problem, check

        own, unread = _texts(self.own)
        ours, more = _texts(self.shipped)
        lost = [Problem(*each[:1], 0, "", *each[1:], True) for each in unread]
        lost += [Problem(*each[:1], 0, "", *each[1:]) for each in more]
        return (*lost, *check(ours, own, categories))

    def path(self, problem: Problem) -> Path:
        """The file that a problem is about."""
        return (self.own if problem.own else self.shipped) / problem.file


class PlanShelf:
    """The two folders of the emergency plans. Reads files, never writes them."""

    def __init__(self, settings: Settings) -> None:
        self.shipped, self.own = shipped(PLANS), settings.home / PLANS

    def signature(self) -> Signature:
        """As the handbook's."""
        return (*_stats(self.shipped), *_stats(self.own))

    def read(self) -> ReadPlans:
        """The plans, and what is wrong with the manager's copies; `BadInput` where the shipped files are not in order."""
        from frontdesk.domain.plan_check import ReadPlans, read_plans

        (ours, unread), (own, lost) = _texts(self.shipped), _texts(self.own)
        if unread:
            raise BadInput(*unread[0])
        found = read_plans(ours, own)
        return ReadPlans(found.plans, (*_lost(lost), *found.problems))

    def check(self, categories: Categories, book: Handbook) -> tuple[Problem, ...]:
        """Everything that is wrong with any file of either folder."""
        from frontdesk.domain.plan_check import check_plans

        (ours, unread), (own, lost) = _texts(self.shipped), _texts(self.own)
        return (*_lost(unread, own=False), *_lost(lost), *check_plans(ours, own, categories, book))

    def path(self, problem: Problem) -> Path:
        """The file that a problem is about."""
        return (self.own if problem.own else self.shipped) / problem.file


def _lost(unread: list[_Unread], own: bool = True) -> list[Problem]:
    from frontdesk.domain.handbook_check import Problem

    return [Problem(each.name, 0, "", each.problem, each.remedy, own) for each in unread]


class _Unread(NamedTuple):
    name: str
    problem: str
    remedy: str


def _stats(folder: Path) -> Signature:
    try:
        with os.scandir(folder) as found:
            stats = [(each.path, each.stat()) for each in found if each.name.endswith(".toml")]
    except OSError:
        return ()
    return tuple(sorted((path, stat.st_size, stat.st_mtime_ns) for path, stat in stats))


def _texts(folder: Path) -> tuple[dict[str, str], list[_Unread]]:
    """The texts by file name; what cannot be read is told."""
    texts: dict[str, str] = {}
    unread: list[_Unread] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            texts[path.name] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            unread.append(_Unread(path.name, "不是 UTF-8 文字", "请在编辑器里另存为 UTF-8"))
        except OSError as error:
            unread.append(_Unread(path.name, f"读不了（{error.strerror}）", "请检查文件和权限"))
    return texts, unread
