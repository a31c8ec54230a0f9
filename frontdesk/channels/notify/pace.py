"""No robot is sent more than its service takes: one message too many in a minute, and DingTalk is deaf for ten."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

from frontdesk.channels.notify.endpoints import Endpoint

PER_MINUTE: Final = {"dingtalk": 20, "wecom": 20, "feishu": 100}
"""What the services' documentation allows one robot; others set no limit that they name."""
_MINUTE = 60.0


class Pace:
    """Counts what this process has sent in the last minute. What can wait leaves two fifths for what cannot."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: dict[Hashable, deque[float]] = {}
        self._mutex = threading.Lock()

    def free(self, home: str, endpoint: Endpoint, urgent: bool) -> bool:
        """Whether one more may leave now; if so, it is counted. One is kept back for whoever else uses the robot."""
        most = PER_MINUTE.get(endpoint.kind)
        if most is None:
            return True
        now = self._clock()
        with self._mutex:
            sent = self._sent.setdefault((home, endpoint.base, endpoint.token), deque())
            while sent and sent[0] <= now - _MINUTE:
                sent.popleft()
            if len(sent) >= (most - 1 if urgent else most * 3 // 5):
                return False
            sent.append(now)
            return True
