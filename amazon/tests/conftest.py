from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from amazon.inbound.journal import journal
from amazon.tests.bodies import Json, encoded
from amazon.tests.calls import KEY, PURCHASES, Post, a_store


@pytest.fixture
def store(db: None) -> Model:
    return a_store()


@pytest.fixture
def post(client: Client) -> Post:
    """Call the connector as Amazon does; a dict is encoded, bytes go as they are."""

    def send(body: Json | bytes, path: str = PURCHASES, method: str = "POST", **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": KEY}} | options
        return client.generic(method, path, body if isinstance(body, bytes) else encoded(body), **options)

    return send


@pytest.fixture
def background(transactional_db: None, settings: Any) -> Iterator[Any]:
    """The journal is written by its thread, as in production, but sooner. The thread ends with the test."""
    settings.JOURNAL_DELAY_SECONDS = 0.02
    yield settings
    journal.end()
