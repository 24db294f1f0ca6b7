"""One id for all that a request writes down, so that what was done together is seen to belong together."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.db import models

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Empty outside of a request."""
    return _current.get()


@contextmanager
def new_request_id() -> Iterator[str]:
    request_id = str(uuid4())
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)


class RequestIdField(models.CharField):  # type: ignore[type-arg]
    """Of the request that wrote the row; empty where a worker did."""

    def __init__(self, **kwargs: object) -> None:
        own = {"max_length": 36, "blank": True, "default": current_request_id, "db_default": "", "editable": False}
        super().__init__(**(own | kwargs))  # type: ignore[arg-type]
