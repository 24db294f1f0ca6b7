"""The OpenAPI document as an attacker would use it: whatever fits it or nearly fits it, no answer is a server error."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from jwo_backoffice.wsgi import application
from stores.models import Store

pytestmark = pytest.mark.django_db

KEYS = {"x-api-key": "test-connector-key", "Authorization": "Bearer test-write-key"}

schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, headers=KEYS)


@pytest.fixture(autouse=True)
def one_transaction(db: None) -> Iterator[None]:
    """A server closes connections between requests; here all of them share the test's, as with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def shop(one_transaction: None) -> None:
    Store.objects.create(external_id="S1", name="Shop", region="us-east-1", time_zone="UTC", currency="USD")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_call_is_answered_by_a_server_error(case: Any) -> None:
    answer = case.call(headers=KEYS)

    case.validate_response(answer, checks=[not_a_server_error])
