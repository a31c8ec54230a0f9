"""One table of a hand-edited file, its fields handed out checked: its editor learns what is wrong where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.domain.errors import BadInput

Path = tuple[tuple[str, int], ...]
"""Where a table stands in its document: `(("scenario", 0), ("step", 2))` is the third step of the first scenario."""


class BadEntry(BadInput):
    """What is wrong with one table: `path` is the table, `key` the name in it that is meant, or empty."""

    def __init__(self, field: str, problem: str, remedy: str, path: Path = (), key: str = "") -> None:
        super().__init__(field, problem, remedy)
        self.path, self.key = path, key


class Entry:
    """A table and where it stands (`case-B2.toml phrase 51`). Every refusal is a `BadEntry` naming that
    place.
    """

    def __init__(self, table: object, where: str, path: Path = ()) -> None:
        if not isinstance(table, Mapping):
            raise BadEntry(where, "不是一段「名称 = 内容」", "请照同一文件里其他段落的写法改", path)
        self.table: Mapping[str, Any] = table
        self.where, self.path = where, path
        self._asked: set[str] = set()

    def bad(self, problem: str, remedy: str, key: str = "") -> BadEntry:
        """The refusal to raise about this entry, or about one name in it."""
        return BadEntry(self.where, problem, remedy, self.path, key)

    def text(self, name: str, *, needed: bool = True) -> str:
        """A text; empty only where it is not needed."""
        value = self._take(name, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.bad(f"没有写 {name}，或者不是文字", f'请补上 {name} = "文字"', name)
        return value

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        """A text that is one of the allowed."""
        value, known = self.text(name), tuple(allowed)
        if value not in known:
            raise self.bad(f"{name}「{value}」不认识", f"只能用 {'、'.join(known)}", name)
        return value

    def texts(self, name: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts, none empty."""
        value = self._take(name, [])
        good = isinstance(value, list) and all(isinstance(line, str) and line.strip() for line in value)
        if not good or (needed and not value):
            raise self.bad(f"{name} 不是一组文字", f'请写成 {name} = ["文字", "文字"]', name)
        return tuple(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise self.bad(f"{name} 只能是 true 或 false", "请改成其中一个，不加引号", name)
        return value

    def number(self, name: str) -> int | None:
        """A whole number, or None where it is not written."""
        value = self._take(name, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.bad(f"{name} 不是整数", "请写成数字，不加引号", name)
        return value

    def table_of(self, name: str) -> Mapping[str, Any]:
        """A sub-table, as it is."""
        value = self._take(name, None)
        if not isinstance(value, Mapping) or not value:
            raise self.bad(f"没有 {name} 这一段", "请补上，或从安装包里恢复这个文件", name)
        return value

    def entries(self, name: str, *, needed: bool = False, unique: bool = True) -> list[Entry]:
        """The sub-tables `[[name]]`, each with an `id` of its own where `unique`."""
        value = self._take(name, [])
        if not isinstance(value, list) or (needed and not value):
            raise self.bad(f"没有 [[{name}]]", f"请至少写一条 [[{name}]]", name)
        found: list[Entry] = []
        seen: set[str] = set()
        for number, table in enumerate(value, 1):
            path = (*self.path, (name, number - 1))
            entry = Entry(table, f"{self.where} {name} 第{number}条", path)
            if unique:
                mark = entry.text("id")
                entry.where = f"{self.where} {name} {mark}"
                if mark in seen:
                    raise entry.bad("这个 id 写了两次", "请换一个没有用过的 id", "id")
                seen.add(mark)
            found.append(entry)
        return found

    def done(self) -> None:
        """Refuses what nobody asked for: most often a misspelt name."""
        for name in self.table:
            if name not in self._asked:
                raise self.bad(f"不认识「{name}」", f"可以写的有：{'、'.join(sorted(self._asked))}", name)

    def _take(self, name: str, default: object) -> Any:
        self._asked.add(name)
        return self.table.get(name, default)
