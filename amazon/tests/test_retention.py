from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amazon.models import InboundCall, OutboundCall
from amazon.services import retention
from amazon.tasks import forget_old_calls
from amazon.tests.calls import a_call

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def an_outbound_call(at: datetime) -> OutboundCall:
    return OutboundCall.objects.create(
        at=at,
        operation="adjust",
        url="https://x",
        store_external_id="S",
        amazon_trip_id="T",
        request="{}",
        duration_ms=1,
    )


def test_calls_in_either_direction_are_forgotten_when_their_time_has_come(settings: Any) -> None:
    settings.JOURNAL_RETENTION_DAYS = 30
    kept = {a_call(at=days_ago(29.9)), an_outbound_call(days_ago(29.9))}
    a_call(at=days_ago(30.1)), an_outbound_call(days_ago(30.1))

    assert forget_old_calls() == 2

    assert {*InboundCall.objects.all(), *OutboundCall.objects.all()} == kept


def test_however_many_there_are_they_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        a_call(at=days_ago(1000))
    a_call(at=days_ago(1))

    assert forget_old_calls() == 5
    assert InboundCall.objects.count() == 1


def test_with_nothing_old_nothing_happens() -> None:
    a_call(at=days_ago(1))

    assert forget_old_calls() == 0
    assert InboundCall.objects.count() == 1
