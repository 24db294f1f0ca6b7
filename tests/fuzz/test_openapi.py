"""The OpenAPI document as an attacker would use it: whatever fits it or nearly fits it, no answer is a server error."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from jwo_backoffice.wsgi import application
from stores.models import Store

pytestmark = pytest.mark.django_db

KEYS = {"x-api-key": "test-connector-key", "Authorization": "Bearer test-write-key"}

schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    Store.objects.create(external_id="S1", name="Shop", region="us-east-1", time_zone="UTC", currency="USD")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_call_is_answered_by_a_server_error(case: Any) -> None:
    answer = case.call(headers=KEYS)

    case.validate_response(answer, checks=[not_a_server_error])
