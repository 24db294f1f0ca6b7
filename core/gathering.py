"""What several threads want at the same moment, one of them does for all, in one statement and one commit."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gathering(Generic[Item, Result]):
    """Nobody waits for company: whoever comes while nothing is going on acts at once, for itself; what comes meanwhile
    goes together afterwards, done by one of those who wait.

    `act` gets items and returns a result for each, in their order. Where it raises for several, each thread
    acts again for its own alone, so that a fault reaches only who has caused it.
    """

    def __init__(self, act: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._act = act
        self._lock = Lock()
        self._is_led = False
        self._waiting: list[_Waiting[Item, Result]] = []

    def do(self, item: Item) -> Result:
        mine: _Waiting[Item, Result] = _Waiting(item)
        with self._lock:
            leads = not self._is_led
            if leads:
                self._is_led = True
            else:
                self._waiting.append(mine)
        if leads or mine.wait_to_lead():
            self._lead(mine)
        if not mine.results:
            mine.results = self._act([item])
        (result,) = mine.results
        return result

    def _lead(self, mine: "_Waiting[Item, Result]") -> None:
        with self._lock:
            others, self._waiting = self._waiting, []
        try:
            results = self._act([mine.item, *(other.item for other in others)])
            for one, result in zip((mine, *others), results, strict=True):
                one.results = [result]
        except Exception:
            if not others:
                raise
        finally:
            self._hand_over()
            for other in others:
                other.wake()

    def _hand_over(self) -> None:
        with self._lock:
            following = self._waiting.pop(0) if self._waiting else None
            self._is_led = following is not None
        if following:
            following.wake(leads=True)


class _Waiting(Generic[Item, Result]):
    """One thread's item. Its gate is shut until another thread has acted for it, or hands the lead over."""

    __slots__ = ("_gate", "_leads", "item", "results")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.results: Sequence[Result] = ()
        self._leads = False
        self._gate = Lock()
        self._gate.acquire()

    def wait_to_lead(self) -> bool:
        """False when another thread has acted for this one, with or without success."""
        self._gate.acquire()
        return self._leads

    def wake(self, *, leads: bool = False) -> None:
        self._leads = leads
        self._gate.release()
