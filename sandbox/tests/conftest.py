from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from sandbox.amazon_side import Setup
from sandbox.server import SandboxServer
from sandbox.tests.signed_calls import Caller, staged_trip

TRIP = "6f1c2a52-8f0f-4d5f-9a55-0f6b2c1d0001"


@contextmanager
def running(**options: Any) -> Iterator[Caller]:
    server = SandboxServer(Setup(port=0, **options))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Caller(server.url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def start() -> Callable[..., Any]:
    return running


@pytest.fixture
def caller() -> Iterator[Caller]:
    """A sandbox that adopts nothing."""
    with running() as found:
        yield found


@pytest.fixture
def trip(caller: Caller) -> str:
    caller.stage(staged_trip(TRIP))
    return TRIP


@pytest.fixture
def captured(caller: Caller, trip: str) -> str:
    """30.00 authorized, 25.99 captured."""
    assert caller.adjust(trip, 30.00).status == 200
    assert caller.capture(trip, 25.99).status == 200
    return trip
