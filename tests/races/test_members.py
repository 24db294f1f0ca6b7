"""A member and a trip that become known at the same moment: whichever commits last finds the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connections, transaction

from loyalty.member_data import MemberData
from loyalty.models import PointsEntry
from loyalty.services.members import save_member
from orders.models import Trip
from orders.services.pricing import price_trip
from payments.tests.trips import received_trip

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

PATIENCE = 10


def both(first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """`first` stays uncommitted until `second` has committed."""
    done, may_end = Event(), Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                first()
                done.set()
                assert may_end.wait(PATIENCE)
        finally:
            connections.close_all()

    def quick() -> None:
        try:
            assert done.wait(PATIENCE)
            second()
        finally:
            may_end.set()
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        for work in [threads.submit(slow), threads.submit(quick)]:
            work.result(timeout=2 * PATIENCE)


def test_the_trip_commits_last() -> None:
    trip = received_trip(("1.50", "1"), shopper="ada-1")

    both(lambda: price_trip(trip.pk), lambda: save_member("ada-1", MemberData()))

    assert str(Trip.objects.get().member) == "ada-1"


def test_the_member_commits_last() -> None:
    trip = received_trip(("1.50", "1"), shopper="ada-1")

    both(lambda: save_member("ada-1", MemberData()), lambda: price_trip(trip.pk))

    assert str(Trip.objects.get().member) == "ada-1"


def test_two_systems_that_write_the_same_member_write_one() -> None:
    outcomes: list[str] = []

    def write() -> None:
        outcomes.append(save_member("ada-1", MemberData(name="Ada")).outcome)
        connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        for work in [threads.submit(write) for _ in range(4)]:
            work.result(timeout=PATIENCE)

    assert sorted(outcomes) == ["created", "unchanged", "unchanged", "unchanged"]
    assert not PointsEntry.objects.exists()
