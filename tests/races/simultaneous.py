"""Several people at the same moment, each with a database connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

PATIENCE = 60.0

Outcome = TypeVar("Outcome")


def at_once(*actions: Callable[[], Outcome]) -> list[Outcome]:
    """What came of each action; what one of them raises is raised here."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Outcome]) -> Outcome:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))
