"""Why something is changed that nobody who is signed in changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("reason", default="")


def current_reason() -> str:
    return _current.get()


@contextmanager
def because(reason: str) -> Iterator[None]:
    """`manage.py createsuperuser`: what changes meanwhile says so in its history."""
    token = _current.set(reason)
    try:
        yield
    finally:
        _current.reset(token)
