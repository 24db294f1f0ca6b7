"""What several apps' tests share: a sandbox process that stands in for Amazon, and nobody who has tried too often."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from amazon.outbound import pauses
from sandbox.testing import Keys, SandboxProcess

TEST_KEYS: Keys = {"access_key": "test-access-key", "secret_key": "test-secret-key"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("services"):
            item.add_marker(pytest.mark.skip("needs PostgreSQL and Redis: make test-services"))


@pytest.fixture(autouse=True)
def nothing_was_tried_yet() -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with SandboxProcess(**TEST_KEYS) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, settings: Any) -> SandboxProcess:
    """Amazon's hosts, without faults, at the true time, where this project calls them.

    The process is shared: give each test's trips ids of their own.
    """
    pauses.forget()
    sandbox_process.clear_faults()
    sandbox_process.move_clock(0)
    settings.AMAZON_PAYMENTS_URL = settings.AMAZON_CHECKOUT_URL = sandbox_process.url
    settings.AMAZON_FEEDBACK_URL = settings.AMAZON_CATALOG_URL = sandbox_process.url
    return sandbox_process
