"""Several workers on the same rows, a broker that forgets, a worker that dies in the middle: each trip is paid once."""

import fcntl
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.test import Client

from amazon.models import OutboundCall
from core.work import WorkRow
from orders.models import Trip
from orders.states import TripState
from payments.models import CardDetails, Charge, FeedbackReport
from payments.states import ChargeState
from payments.tasks import collect_due
from payments.tests.trips import assert_books_agree, cart_body, priced_trip, received_trip, stage
from sandbox.testing import SandboxProcess
from tests.races.deliveries import HEADERS, PATH
from tests.races.processes import Process, database_url, start_worker, wait_until
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

TRIPS = 40
SECONDS_UNTIL_PAID = 60.0
# Longer than any call to the sandbox takes here, however busy the machine is.
LEASE_SECONDS = 6.0
WORK: list[type[WorkRow]] = [Trip, Charge, CardDetails, FeedbackReport]

Hire = Callable[..., Process]


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """Redis, empty and ours alone until the test ends: other test processes that were given the same one wait."""
    url = settings.CELERY_BROKER_URL
    lock_path = Path(tempfile.gettempdir()) / f"jwo-races-{hashlib.sha256(url.encode()).hexdigest()[:16]}.lock"
    with lock_path.open("w") as lock, redis.Redis.from_url(url) as client:
        fcntl.flock(lock, fcntl.LOCK_EX)
        foreign = [key for key in client.scan_iter() if not key.startswith((b"_kombu.", b"celery", b"unacked"))]
        assert not foreign, f"{url} is to be emptied, but holds what is not Celery's: {foreign[:5]}"
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def hire(broker: redis.Redis, sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Hire]:
    """Start a worker process on the test's database; they all end with the test."""
    environment = {
        "DATABASE_URL": database_url(),
        "AMAZON_PAYMENTS_URL": sandbox.url,
        "AMAZON_FEEDBACK_URL": sandbox.url,
        "WORK_LEASE_SECONDS": str(LEASE_SECONDS),
        "WORK_CONCURRENCY": "4",
        "WORK_BATCH_SIZE": "8",
        "WORK_RETRY_FIRST_SECONDS": "0.5",
        "CAPTURE_LOOKUP_DELAY_SECONDS": "1",
    }
    with ExitStack() as all_of_them:

        def start(name: str, *, beat: bool = False) -> Process:
            folder = tmp_path / name
            folder.mkdir()
            worker = start_worker(name, folder, beat=beat, **environment)
            all_of_them.callback(worker.kill)
            return worker

        yield start


def amazon_sends(client: Client, sandbox: SandboxProcess, count: int = TRIPS) -> list[Trip]:
    """The gate stages trips, and posts their carts to the connector."""
    first = received_trip(("1.50", "1"))
    for _ in range(count - 1):
        body = cart_body(first.store, str(uuid4()), (("1.50", "1"),))
        assert client.post(PATH, body, content_type="application/json", headers=HEADERS).status_code == 201
    trips = list(Trip.objects.select_related("store"))
    stage(sandbox, *trips)
    return trips


def is_all_done() -> bool:
    return not any(model._default_manager.filter(next_attempt_at__isnull=False).exists() for model in WORK)


def paid() -> int:
    return Trip.objects.filter(state=TripState.PAID).count()


def assert_each_is_paid_once(sandbox: SandboxProcess, trips: list[Trip]) -> None:
    assert paid() == len(trips)
    assert captures(sandbox, trips) == {1: len(trips)}
    assert_books_agree(sandbox, *Trip.objects.select_related("store", "charge"))


def captures(sandbox: SandboxProcess, trips: list[Trip]) -> Counter[int]:
    """How often each trip was charged, by Amazon's books: `{1: 40}` is well."""
    ids = {trip.amazon_trip_id for trip in trips}
    return Counter(entry["captures"] for entry in sandbox.books() if entry["trip_id"] in ids)


def test_two_worker_processes_capture_every_trip_once(client: Client, sandbox: SandboxProcess, hire: Hire) -> None:
    """From the connector to the card data, with the workers of production; nothing is left to do."""
    workers = hire("first", beat=True), hire("second")
    trips = amazon_sends(client, sandbox)

    wait_until(is_all_done, *workers, seconds=SECONDS_UNTIL_PAID)

    assert_each_is_paid_once(sandbox, trips)
    assert OutboundCall.objects.filter(operation="capture").count() == TRIPS
    assert not CardDetails.objects.filter(last_four="").exists()


def test_a_broker_that_forgets_everything_again_and_again_loses_nothing(
    client: Client, sandbox: SandboxProcess, hire: Hire, broker: redis.Redis
) -> None:
    """Redis is emptied three times a second while the workers work: the rows are the queue."""
    sandbox.fault("delay", seconds=0.2, times=None)
    workers = hire("first", beat=True), hire("second")
    trips = amazon_sends(client, sandbox)
    wait_until(lambda: paid() > 0, *workers, seconds=SECONDS_UNTIL_PAID)
    paid_before = paid()
    times_emptied = 0

    def is_done_although_emptied() -> bool:
        nonlocal times_emptied
        broker.flushdb()
        times_emptied += 1
        return is_all_done()

    wait_until(is_done_although_emptied, *workers, seconds=SECONDS_UNTIL_PAID, pause=0.3)

    sys.stdout.write(f"emptied {times_emptied} times, with {paid_before} of {TRIPS} trips paid before\n")
    assert times_emptied >= 2
    assert paid_before < TRIPS
    assert_each_is_paid_once(sandbox, trips)


def test_what_a_killed_worker_held_is_taken_up_when_its_lease_ends(
    client: Client, sandbox: SandboxProcess, hire: Hire
) -> None:
    """SIGKILL while Amazon takes its time over captures: other workers finish, and charge nobody twice."""
    sandbox.fault("delay", operation="capture", seconds=2.0, times=2)
    trips = amazon_sends(client, sandbox)
    killed = hire("killed", beat=True)
    under_way = Charge.objects.filter(state=ChargeState.CAPTURING)
    wait_until(lambda: under_way.count() >= 2, killed, seconds=SECONDS_UNTIL_PAID, pause=0.01)
    killed.kill()
    held, paid_before = list(under_way), paid()

    wait_until(is_all_done, hire("first", beat=True), hire("second"), seconds=SECONDS_UNTIL_PAID)

    sys.stdout.write(f"killed with {len(held)} captures under way, {paid_before} of {TRIPS} trips paid\n")
    assert held
    assert paid_before < TRIPS
    assert_each_is_paid_once(sandbox, trips)
    for charge in held:
        assert Charge.objects.get(pk=charge.pk).lease_count > charge.lease_count


def test_workers_at_once_share_the_trips(sandbox: SandboxProcess, settings: Any) -> None:
    """Four of them in this process, all starting at the same moment: each trip is captured once."""
    settings.WORK_BATCH_SIZE = 2
    trips = [priced_trip(("1.50", "1")) for _ in range(12)]
    stage(sandbox, *trips)
    sandbox.fault("delay", operation="capture", seconds=0.1, times=None)

    assert sum(at_once(*[collect_due] * 4)) == len(trips)

    assert_each_is_paid_once(sandbox, trips)


def two_workers_collect(sandbox: SandboxProcess) -> tuple[Trip, list[int]]:
    """The second comes while the first waits for Amazon's answer to the capture; how many charges each worked on."""
    trip = priced_trip(("1.50", "1"))
    stage(sandbox, trip)
    sandbox.fault("delay", operation="capture", seconds=2.0, times=None)
    under_way = Charge.objects.filter(trip=trip, state=ChargeState.CAPTURING)

    def come_second() -> int:
        wait_until(under_way.exists, seconds=SECONDS_UNTIL_PAID, pause=0.01)
        return collect_due()

    return trip, at_once(collect_due, come_second)


def test_a_worker_that_comes_during_a_capture_leaves_it_alone(sandbox: SandboxProcess) -> None:
    """The first worker's lease holds as long as it waits for Amazon."""
    trip, worked_on = two_workers_collect(sandbox)

    assert worked_on == [1, 0]
    assert_each_is_paid_once(sandbox, [trip])


def test_without_leases_a_worker_that_comes_during_a_capture_charges_twice(
    sandbox: SandboxProcess, settings: Any
) -> None:
    """Negative control of all the tests above: a lease that ends at once is none.

    The second worker finds a capture under way, asks Amazon about it too early, and sends another one. Amazon's own
    books tell: the first worker's outcome is refused here, since its lease is over.
    """
    settings.WORK_LEASE_SECONDS = 0

    trip, _ = two_workers_collect(sandbox)

    assert sandbox.trip(trip.amazon_trip_id)["captures"] > 1
