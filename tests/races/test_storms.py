"""Amazon answers with everything but an answer (reliability.md, row 6): all trips end right, and a pause is kept.

STORM_SEED replays a run; a failed test shows its seed.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from amazon.models import OutboundCall
from amazon.outbound import pauses, transport
from amazon.outbound.errors import NotSent
from conftest import TEST_KEYS
from orders.models import Trip
from orders.states import TripState
from payments.models import Refund
from payments.states import RefundState
from payments.tasks import collect_due
from payments.tests.trips import TEN, assert_books_agree, fresh, priced_trip, queued_refund, stage, staged_trip
from sandbox.testing import SandboxProcess
from tests.races.compressed_time import tick, work_off
from tests.races.seeds import seed_of

pytestmark = pytest.mark.django_db

PATIENCE = 0.1
LATE = 2 * PATIENCE
TICKS = 12
SHARE_OF_EACH = 0.08
IN_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
STORM: list[dict[str, Any]] = [
    *({"kind": "status", "status": 429, "retry_after": text} for text in ("1", "soon", "-5", IN_AN_HOUR)),
    *({"kind": "status", "status": status} for status in (500, 502, 503, 504)),
    *({"kind": kind} for kind in ("lose_request", "lose_answer", "garbage")),
    *({"kind": kind, "seconds": LATE} for kind in ("delay", "delay_after")),
]
KINDS = {
    "": TripState.PAID,
    "declined-payment-trip-uuid-": TripState.UNPAID,
    "partly-authorized-trip-uuid-": TripState.PARTLY_PAID,
    "pending-processing-trip-uuid-": TripState.PAID,
}
TRIPS_OF_EACH = 4
# A control gives up after so many; it needs one or two.
MOST_STORMS = 8

TRIPS_IN_A_PAUSE = 8
LOOKS_DURING_THE_PAUSE = 12


@pytest.fixture
def seed() -> int:
    return seed_of("STORM_SEED")


@pytest.fixture
def amazon(seed: int, settings: Any) -> Iterator[SandboxProcess]:
    settings.AMAZON_READ_TIMEOUT = PATIENCE
    with SandboxProcess(seed=seed, **TEST_KEYS) as process:
        settings.AMAZON_PAYMENTS_URL = settings.AMAZON_FEEDBACK_URL = process.url
        yield process


def trips_in_the_storm(amazon: SandboxProcess, seed: int) -> dict[TripState, list[Trip]]:
    """By where they should end: collected and in part refunded while nearly every call fails somehow."""
    dice = Random(seed)
    trips: dict[TripState, list[Trip]] = {}
    for fault in STORM:
        amazon.fault(**fault, times=None, rate=SHARE_OF_EACH)
    for beginning, state in KINDS.items():
        for _ in range(TRIPS_OF_EACH):
            trip_id = f"{beginning}{UUID(int=dice.getrandbits(128), version=4)}"
            trips.setdefault(state, []).append(staged_trip(amazon, TEN, trip_id=trip_id))
    for _ in range(TICKS):
        tick()
        # What is late at Amazon ends before anybody looks it up, as CAPTURE_LOOKUP_DELAY_SECONDS sees to: time is
        # compressed here alone.
        time.sleep(2 * LATE)
        for trip in map(fresh, trips[TripState.PAID]):
            if trip.state == TripState.PAID and not trip.charge.committed:
                queued_refund(trip, "2.50")
    amazon.clear_faults()
    work_off()
    return {state: [fresh(trip) for trip in those] for state, those in trips.items()}


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every trip meets the storm itself; else the first 429 of an hour would keep them all from it."""
    monkeypatch.setattr(pauses, "_pause", lambda host, seconds: None)


def test_all_trips_end_right_when_it_is_over_although_hosts_are_left_alone(amazon: SandboxProcess, seed: int) -> None:
    trips = trips_in_the_storm(amazon, seed)

    for state, those in trips.items():
        assert {trip.state for trip in those} == {state}
        assert_books_agree(amazon, *those)


@pytest.mark.usefixtures("no_pauses")
def test_all_trips_end_right_when_it_is_over(amazon: SandboxProcess, seed: int) -> None:
    trips = trips_in_the_storm(amazon, seed)

    for state, those in trips.items():
        assert {trip.state for trip in those} == {state}
        assert_books_agree(amazon, *those)
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.DONE}
    errors = Counter(OutboundCall.objects.exclude(error="").values_list("error", flat=True))
    sys.stdout.write(f"{errors}\n")
    assert len(errors) >= 6


@pytest.mark.usefixtures("no_pauses")
def test_with_every_silence_taken_for_a_call_that_never_left_shoppers_are_charged_twice(
    amazon: SandboxProcess, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the test above: a call without an answer is simply made again."""
    monkeypatch.setattr(transport, "OutcomeUnknown", NotSent)

    charged_twice = storms = 0
    while not charged_twice and storms < MOST_STORMS:
        trips_in_the_storm(amazon, seed + storms)
        storms += 1
        charged_twice = sum(entry["captures"] > 1 for entry in amazon.books())

    sys.stdout.write(f"storm {storms}: {charged_twice} charged twice\n")
    assert charged_twice


retry_afters = pytest.mark.parametrize(
    "retry_after", ["30", IN_AN_HOUR, "99999999999"], ids=["seconds", "a date", "absurdly many seconds"]
)


def calls_during_a_pause(sandbox: SandboxProcess, settings: Any, retry_after: str) -> int:
    """Amazon asks for half a minute or more; meanwhile workers look for work again and again for a second or two."""
    settings.WORK_RETRY_FIRST_SECONDS = 0.01
    trips = [priced_trip(TEN) for _ in range(TRIPS_IN_A_PAUSE)]
    stage(sandbox, *trips)
    sandbox.fault("status", status=429, retry_after=retry_after, times=None)
    for _ in range(LOOKS_DURING_THE_PAUSE):
        collect_due()
    return OutboundCall.objects.filter(operation="adjust", status=429).count()


@retry_afters
def test_while_amazon_asks_for_a_pause_nobody_calls_it_again(
    sandbox: SandboxProcess, settings: Any, retry_after: str
) -> None:
    assert calls_during_a_pause(sandbox, settings, retry_after) == 1


@retry_afters
def test_by_a_process_that_does_not_remember_it_each_trip_asks_once(
    sandbox: SandboxProcess, settings: Any, retry_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the test above: each trip listens for itself alone."""
    monkeypatch.setattr(pauses, "asked_for", lambda host, seconds: None)

    assert calls_during_a_pause(sandbox, settings, retry_after) == TRIPS_IN_A_PAUSE


@retry_afters
def test_without_listening_to_it_they_ask_again_and_again(
    sandbox: SandboxProcess, settings: Any, retry_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of both: our own back-off alone."""
    monkeypatch.setattr(pauses, "asked_for", lambda host, seconds: None)
    monkeypatch.setattr(transport, "_retry_after", lambda response: None)

    assert calls_during_a_pause(sandbox, settings, retry_after) > 2 * TRIPS_IN_A_PAUSE
