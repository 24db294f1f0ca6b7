from collections.abc import Iterator

import pytest

from payments.tests.scripted_host import ScriptedHost, scripted_host


@pytest.fixture(scope="session")
def running_host() -> Iterator[ScriptedHost]:
    with scripted_host() as host:
        yield host


@pytest.fixture
def host(running_host: ScriptedHost) -> ScriptedHost:
    running_host.seen.clear()
    running_host.says(200)
    return running_host
