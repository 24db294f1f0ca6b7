"""What another connection does meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction


@contextmanager
def held_open(change: Callable[[], Any]) -> Iterator[None]:
    """The change is made by another connection and committed at the end of the block."""
    is_made, may_end = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                change()
                is_made.set()
                may_end.wait(30)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    assert is_made.wait(30)
    try:
        yield
    finally:
        may_end.set()
        thread.join()
