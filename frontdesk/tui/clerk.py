"""Who goes to the desk: calls to it run in threads, in order within a lane, and come back as one message (DESIGN §2).

Reads, writes and drafts have lanes of their own, so a database that is locked by somebody else for half a minute delays what
is being saved and neither the board nor the draft of the next sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

Answer = TypeVar("Answer")


class Done(Message):
    """A call has come back; `deliver` hands its result to whoever asked, on the event loop."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        super().__init__()
        self.deliver = deliver


class Clerk:
    """Runs calls in daemon threads: one that hangs in a dead disk cannot keep the console from ending."""

    def __init__(self, home: MessagePump, sorry: Callable[[Exception], None]) -> None:
        """`home` receives `Done`; `sorry` takes what nobody else handles, on the event loop."""
        self._home, self._sorry = home, sorry
        self._lanes: dict[str, SimpleQueue[Callable[[], None] | None]] = {}
        self._newest: dict[str, object] = {}
        self._under_way: dict[str, int] = {}

    def ask(
        self,
        lane: str,
        call: Callable[[], Answer],
        then: Callable[[Answer], Any] = lambda _answer: None,
        sorry: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run the call in its lane; `then` gets the answer, `sorry` the error."""

        def work() -> None:
            try:
                answer = call()
            except Exception as error:
                deliver(partial(sorry or self._sorry, error))
            else:
                deliver(partial(then, answer))

        def deliver(result: Callable[[], Any]) -> None:
            self._home.post_message(Done(partial(self._back, lane, result)))

        self._under_way[lane] = self._under_way.get(lane, 0) + 1
        self._lane(lane).put(work)

    def busy(self, lane: str) -> bool:
        """True while a call of the lane has not been delivered."""
        return self._under_way.get(lane, 0) > 0

    def _back(self, lane: str, result: Callable[[], Any]) -> None:
        self._under_way[lane] -= 1
        result()

    def newest(
        self, topic: str, call: Callable[[], Answer], then: Callable[[Answer], Any], lane: str = "read"
    ) -> None:
        """As `ask`, but a call that has been overtaken by a newer one on the same topic is neither run nor delivered."""
        token = self._newest[topic] = object()

        def current() -> bool:
            return self._newest.get(topic) is token

        self.ask(
            lane,
            lambda: (call(),) if current() else None,
            lambda found: then(found[0]) if found and current() else None,
        )

    def forget(self, topic: str) -> None:
        """Whatever is on its way for the topic comes too late."""
        self._newest.pop(topic, None)

    def end(self) -> None:
        """The console closes: each lane ends behind what it still has to do."""
        for queue in self._lanes.values():
            queue.put(None)

    def _lane(self, name: str) -> SimpleQueue[Callable[[], None] | None]:
        if name not in self._lanes:
            queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
            self._lanes[name] = queue
            Thread(target=_serve, args=(queue,), name=f"desk-{name}", daemon=True).start()
        return self._lanes[name]


def _serve(queue: SimpleQueue[Callable[[], None] | None]) -> None:
    while (call := queue.get()) is not None:
        call()
