"""What several calls want at the same moment, one thread does for all, in one statement and one commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

from core.connections import on_live_connection

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gathering(Generic[Item, Result]):
    """On an event loop. Nobody waits for company: whoever comes while nothing is going on is acted for at once; what
    comes meanwhile goes together afterwards.

    `act` gets items, in a thread with a database connection, and returns for each, in their order, its result or the
    exception that it ends with. It must be idempotent. Where it raises for several, it is called again for each alone,
    so that a fault reaches only who has caused it; a database that is away is everybody's.
    """

    def __init__(self, act: Callable[[Sequence[Item]], Sequence[Result | Exception]]) -> None:
        self._act = act
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gathering")
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, outcome))
        if self._working is None:
            self._working = loop.create_task(self._work_off(loop))
        return await outcome

    def end(self) -> None:
        self._thread.submit(connections.close_all)
        self._thread.shutdown()

    async def _work_off(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            results = await loop.run_in_executor(self._thread, self._results_for, [item for item, _ in batch])
            for (_, outcome), result in zip(batch, results, strict=True):
                _settle(outcome, result)
        self._working = None

    def _results_for(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        connection.close_if_unusable_or_obsolete()
        try:
            return on_live_connection(partial(self._act, items))
        except (OperationalError, InterfaceError) as error:
            return [error] * len(items)
        except Exception as error:
            if len(items) == 1:
                return [error]
            return [result for item in items for result in self._results_for([item])]


def _settle(outcome: asyncio.Future[Result], result: Result | Exception) -> None:
    if outcome.cancelled():
        return
    if isinstance(result, Exception):
        outcome.set_exception(result)
    else:
        outcome.set_result(result)
