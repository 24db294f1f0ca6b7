"""Amazon delivers one cart many times at once (reliability.md, row 3): one trip, and one answer for all."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orders.models import Cart, DivergentCart, Trip, TripEvent
from payments.tests.trips import a_store, cart_body
from stores.models import Store
from tests.races.constraints import without_constraint
from tests.races.deliveries import Answer, deliver_at_once
from tests.races.processes import Web, database_url, running_web

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

COPIES = 64
STORMS = 10
OTHER_BODIES = 7
# A control gives up after so many storms; it needs one to three.
MOST_STORMS = 100


@pytest.fixture
def store() -> Store:
    return a_store("TEST-RACES")


@pytest.fixture
def web_that_looks_first(tmp_path: Path) -> Iterator[Web]:
    log = tmp_path / "web.log"
    with running_web(database_url(), log, application="tests.races.look_then_insert:application") as web:
        yield web


def storm(web: Web, store: Store) -> tuple[str, list[Answer]]:
    """64 copies of a new trip's cart; its id and the answers."""
    trip_id = str(uuid4())
    body = cart_body(store, trip_id, (("1.50", "1"),))
    return trip_id, deliver_at_once(web.port, [body] * COPIES)


def storm_of_many_bodies(web: Web, store: Store) -> tuple[str, list[bytes], list[Answer]]:
    """64 deliveries for a new trip, of eight different carts; each one's copies come next to each other."""
    trip_id = str(uuid4())
    bodies = [cart_body(store, trip_id, (("1.50", str(number)),)) for number in range(1, OTHER_BODIES + 2)]
    copies = [body for body in bodies for _ in range(COPIES // len(bodies))]
    return trip_id, bodies, deliver_at_once(web.port, copies)


def test_64_deliveries_of_a_cart_at_once_are_one_trip_with_one_purchase_id(web: Web, store: Store) -> None:
    """Nobody is turned away, nothing is stored twice, and all hear of the same purchase."""
    for _ in range(STORMS):
        trip_id, answers = storm(web, store)

        trip = Trip.objects.get(amazon_trip_id=trip_id)
        assert Counter(answers) == {(201, trip.purchase_id): COPIES}
        assert Cart.objects.filter(trip__amazon_trip_id=trip_id).count() == 1
    assert Trip.objects.count() == Cart.objects.count() == STORMS
    assert not DivergentCart.objects.exists()


def test_without_the_unique_key_a_trip_is_stored_twice(web_that_looks_first: Web, store: Store) -> None:
    """Negative control of the test above, with the same storm against the same server.

    Dropping the key alone proves nothing: PostgreSQL refuses an ON CONFLICT that no key stands behind, and every call
    fails. So the server also does what one does without such a key: look first, then insert (look_then_insert.py).
    """
    with without_constraint(Trip, "one_trip_per_amazon_id"):
        storms, answers = 0, list[Answer]()
        while len(set(answers)) <= 1 and storms < MOST_STORMS:
            storms += 1
            trip_id, answers = storm(web_that_looks_first, store)

        rows = Trip.objects.filter(amazon_trip_id=trip_id).count()
        assert rows > 1
        assert len(set(answers)) > 1
        sys.stdout.write(f"storm {storms}: {rows} trips of one cart, answers {Counter(answers)}\n")


def test_of_many_bodies_at_once_one_wins_and_each_other_is_flagged_once(web: Web, store: Store) -> None:
    """Whichever comes first stands; staff see each of the others once; all callers hear of the same purchase."""
    for _ in range(STORMS):
        trip_id, bodies, answers = storm_of_many_bodies(web, store)

        trip = Trip.objects.get(amazon_trip_id=trip_id)
        assert Counter(answers) == {(201, trip.purchase_id): COPIES}
        flagged = [bytes(divergent.body) for divergent in trip.divergent_carts.all()]
        assert sorted([bytes(trip.cart.body), *flagged]) == sorted(bodies)
        assert trip.events.filter(kind=TripEvent.Kind.DIVERGED).count() == OTHER_BODIES
    assert Trip.objects.count() == Cart.objects.count() == STORMS


def test_without_its_unique_key_a_divergent_cart_is_flagged_twice(web: Web, store: Store) -> None:
    """Negative control of the test above: get_or_create alone, without the key behind it."""
    with without_constraint(DivergentCart, "one_row_per_divergent_body"):
        flagged = storms = 0
        while flagged <= OTHER_BODIES and storms < MOST_STORMS:
            storms += 1
            trip_id, _, _ = storm_of_many_bodies(web, store)
            flagged = DivergentCart.objects.filter(trip__amazon_trip_id=trip_id).count()

        assert flagged > OTHER_BODIES
        sys.stdout.write(f"storm {storms}: {flagged} flags for {OTHER_BODIES} bodies\n")
