"""Redis hangs, or is killed with all it held (reliability.md, row 8): only speed lives in it.

That it is emptied again and again is in test_workers.py.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection

from amazon.tests.bodies import encoded
from core.work import WorkRow
from jwo_backoffice.celery import app
from loyalty.tests.questions import KEYS, identity_keys
from orders.models import Trip
from orders.states import TripState
from payments.models import CardDetails, Charge
from payments.tests.trips import TEN, cart_body, priced_trip, received_trip, stage
from sandbox.testing import SandboxProcess
from stores.models import Store
from tests.races.calls import call, call_at_once
from tests.races.deliveries import PATH
from tests.races.processes import Process, Web, database_url, running_web, start_worker, wait_until
from tests.races.redis_server import RedisServer, running_redis

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CARTS = 8
SECONDS_UNTIL_PAID = 60.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def web(redis: RedisServer, tmp_path: Path) -> Iterator[Web]:
    """It counts calls in Redis."""
    environment = {"CACHE_URL": redis.url, "CELERY_BROKER_URL": redis.url, "IDENTITY_CALLS_PER_MINUTE": "600"}
    with running_web(database_url(), tmp_path / "web.log", **environment) as web:
        yield web


@pytest.fixture
def hire(redis: RedisServer, sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Any]:
    environment = {
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": redis.url,
        "AMAZON_PAYMENTS_URL": sandbox.url,
        "AMAZON_FEEDBACK_URL": sandbox.url,
    }
    with ExitStack() as all_of_them:

        def start(*, beat: bool) -> Process:
            worker = start_worker("worker", tmp_path, beat=beat, **environment)
            all_of_them.callback(worker.kill)
            return worker

        yield start


def amazon_sends(web: Web, sandbox: SandboxProcess, store: Store) -> None:
    """Carts, which are all taken in, and asks who is at the gate, which is answered.

    The cards were held before: a worker that has its tick already collects at once.
    """
    trip_ids = [str(uuid4()) for _ in range(CARTS)]
    stage(sandbox, *(Trip(amazon_trip_id=trip_id, store=store) for trip_id in trip_ids))
    bodies = [cart_body(store, trip_id, (TEN,)) for trip_id in trip_ids]
    assert call_at_once(web.port, PATH, bodies) == {(201, ""): CARTS}
    assert call(web.port, KEYS, encoded(identity_keys(storeId=store.external_id))) == (401, "")


def is_all_paid() -> bool:
    work: list[type[WorkRow]] = [Trip, Charge, CardDetails]
    return not any(kind._default_manager.filter(next_attempt_at__isnull=False).exists() for kind in work)


def test_carts_are_taken_in_meanwhile_and_collected_when_it_is_back(
    web: Web, hire: Any, redis: RedisServer, sandbox: SandboxProcess
) -> None:
    store = received_trip(TEN).store
    stage(sandbox, Trip.objects.select_related("store").get())
    worker = hire(beat=True)
    wait_until(is_all_paid, worker, seconds=SECONDS_UNTIL_PAID)

    with redis.hanging():
        amazon_sends(web, sandbox, store)
    with redis.absent():
        amazon_sends(web, sandbox, store)

    wait_until(is_all_paid, worker, seconds=SECONDS_UNTIL_PAID)
    assert Trip.objects.filter(state=TripState.PAID).count() == 1 + 2 * CARTS
    assert {sandbox.trip(trip.amazon_trip_id)["captures"] for trip in Trip.objects.all()} == {1}


def send_message(redis: RedisServer, task: str) -> None:
    with Connection(redis.url) as connection:
        app.send_task(task, connection=connection)


def test_what_only_redis_knew_is_lost_with_it(hire: Any, redis: RedisServer, sandbox: SandboxProcess) -> None:
    """Negative control of the test above: messages alone, and no clock that has workers look at the rows."""
    lost, later = received_trip(TEN), priced_trip(TEN)
    stage(sandbox, lost, later)
    send_message(redis, "orders.tasks.price_due")
    with redis.absent():
        pass
    worker = hire(beat=False)

    def is_paid_after_another_message() -> bool:
        send_message(redis, "payments.tasks.collect_due")
        return Trip.objects.filter(state=TripState.PAID).exists()

    wait_until(is_paid_after_another_message, worker, seconds=SECONDS_UNTIL_PAID, pause=1)

    assert dict(Trip.objects.values_list("pk", "state")) == {lost.pk: TripState.RECEIVED, later.pk: TripState.PAID}
