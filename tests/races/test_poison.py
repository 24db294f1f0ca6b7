"""A cart that can never be worked on (reliability.md, row 13): the others are not kept waiting."""

from contextlib import suppress
from typing import Any

import pytest
from django.db.models.functions import Now
from msgspec import DecodeError

from core import work
from core.work import WorkRow
from orders.models import Cart, Trip
from orders.states import TripState
from orders.tasks import price_due
from payments.tests.trips import TEN, received_trip
from tests.races.compressed_time import the_time_comes

pytestmark = pytest.mark.django_db

CARTS = 100
TICKS = 10


@pytest.fixture
def poisoned() -> Trip:
    """One cart of a hundred, and the oldest of them: on the disk its body was torn, which no reader gets over."""
    first, *_ = [received_trip(TEN) for _ in range(CARTS)]
    Cart.objects.filter(trip=first).update(body=b'{"cartItems": [')
    return first


def priced() -> int:
    return Trip.objects.filter(state=TripState.PRICED).count()


def test_one_poisoned_cart_holds_up_no_other(poisoned: Trip, settings: Any) -> None:
    """The first tick prices all others; the poisoned one waits longer each time, and says why."""
    settings.WORK_RETRY_FIRST_SECONDS = 60
    price_due()

    assert priced() == CARTS - 1

    for _ in range(TICKS - 1):
        the_time_comes()
        assert price_due() == 1
    poisoned.refresh_from_db()
    assert (poisoned.state, poisoned.failed_attempts) == (TripState.RECEIVED, TICKS)
    assert "DecodeError" in poisoned.last_error


def test_once_it_is_mended_it_goes_on(poisoned: Trip) -> None:
    whole = Cart.objects.exclude(trip=poisoned)[0].body
    price_due()
    Cart.objects.filter(trip=poisoned).update(body=whole)

    the_time_comes()
    price_due()

    assert priced() == CARTS


def test_without_leases_and_putting_off_it_blocks_the_head_of_the_queue(
    poisoned: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the first test, and what everybody writes first: take the oldest, and stop at an error."""

    def oldest_first(cls: type[WorkRow], limit: int) -> list[WorkRow]:
        return list(cls._default_manager.filter(next_attempt_at__lte=Now()).order_by("pk")[:limit])

    monkeypatch.setattr(WorkRow, "lease_due", classmethod(oldest_first))
    monkeypatch.setattr(work, "_guarded", lambda handle, row: handle(row))

    for _ in range(TICKS):
        with suppress(DecodeError):
            price_due()

    assert priced() == 0
