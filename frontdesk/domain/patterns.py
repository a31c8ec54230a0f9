"""Regular expressions that are compiled when they are first used: compiling them all would be half of a hot command's start."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Asked once for each method: from then on the compiled pattern's own method stands in this object."""
        found = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, found)
        return found


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, at the first use of one of the pattern's methods."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
